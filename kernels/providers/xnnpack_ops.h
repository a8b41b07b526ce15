/* xnnpack_ops.h: XNNPACK's operators for problems. What differs between its releases is behind this
 * header: xnnpack_2022.c is for those whose operators get shape and buffers in one setup,
 * xnnpack_2024.c for those that separate reshape from setup. One of the two is built. */
#ifndef XNNPACK_OPS_H
#define XNNPACK_OPS_H

#include "poolbench.h"
#include <xnnpack.h>

struct xnnpack_operator {
    xnn_operator_t op;
    void *workspace; /* memory that its runs need; of malloc */
};

/* Whether its max pooling takes the problem's strides: later ones take none beyond the window. */
bool xnnpack_max_strides(const struct pb_problem *problem);
/* Whether a sum that is NaN is clamped to the smallest output, -Inf. */
bool xnnpack_loses_nan(const struct pb_problem *problem);
/* The operator for the problem's shape, for the caller to delete also after a failure; `weights`
 * holds those of a convolution, which become part of it. */
enum xnn_status xnnpack_create(const struct pb_problem *problem, const struct pb_args *weights,
                               pthreadpool_t pool, struct xnnpack_operator *made);
/* Makes its runs read `src` and write `dst`. */
enum xnn_status xnnpack_point(const struct pb_problem *problem, const struct xnnpack_operator *made,
                              const float *src, float *dst, pthreadpool_t pool);

/* Padding behind the input, at least 0: what is left unread it leaves unread by itself. */
static inline uint32_t xnnpack_behind(const struct pb_axis *a) {
    int64_t span = (a->k - 1) * (a->d + 1) + 1, pr = (a->o - 1) * a->s + span - a->i - a->p;
    return pr > 0 ? (uint32_t)pr : 0;
}

/* Counted from 1; a window of one tap has none. */
static inline uint32_t xnnpack_dilation(const struct pb_axis *a) {
    return a->k == 1 ? 1 : (uint32_t)a->d + 1;
}

#endif
