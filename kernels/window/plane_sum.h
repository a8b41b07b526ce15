/* plane_sum.h: gradients that windows send to the positions of a channel, for the naive kernels. They
 * are summed in double, so that it does not tell how many windows a position lies in. A channel
 * belongs to one thread, so the order of the sums never changes. */
#ifndef PB_PLANE_SUM_H
#define PB_PLANE_SUM_H

#include "core/scratch.h"
#include <string.h>

/* A kernel's setup, with pb_scratch_done: each thread has the positions of one channel. */
static inline enum pb_status plane_sum_setup(const struct pb_problem *p,
                                             const struct pb_args *constants, void **plan) {
    (void)constants;
    const int64_t floats = sizeof(double) / sizeof(float);
    return pb_scratch_setup(p->d.i * p->h.i * p->w.i * floats, plan);
}

/* Adds what window (od, oh, ow) sends to the positions (id, ih, iw) of `sum`, dense. */
typedef void plane_sum_window(const struct pb_problem *p, const struct pb_args *args, int64_t n,
                              int64_t c, int64_t od, int64_t oh, int64_t ow, double *sum);

static inline void plane_sum_channel(const struct pb_problem *p, const struct pb_args *args,
                                     int64_t n, int64_t c, plane_sum_window *window, double *sum) {
    const int64_t plane = p->d.i * p->h.i * p->w.i;
    float *dx = args->src.data;
    memset(sum, 0, (size_t)plane * sizeof *sum);
    for (int64_t od = 0; od < p->d.o; od++)
        for (int64_t oh = 0; oh < p->h.o; oh++)
            for (int64_t ow = 0; ow < p->w.o; ow++) window(p, args, n, c, od, oh, ow, sum);
    for (int64_t id = 0; id < p->d.i; id++)
        for (int64_t ih = 0; ih < p->h.i; ih++)
            for (int64_t iw = 0; iw < p->w.i; iw++)
                dx[pb_offset(&args->src, n, c, id, ih, iw)] =
                        (float)sum[(id * p->h.i + ih) * p->w.i + iw];
}

/* A kernel's run: the sums of all channels. */
static inline enum pb_status plane_sum_run(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args, plane_sum_window *window) {
    const struct pb_scratch *scratch = plan;
#pragma omp parallel num_threads(pb_scratch_threads(scratch))
    {
        double *sum = (void *)pb_scratch_mine(scratch);
#pragma omp for collapse(2)
        for (int64_t n = 0; n < p->mb; n++)
            for (int64_t c = 0; c < p->ic; c++) plane_sum_channel(p, args, n, c, window, sum);
    }
    return PB_OK;
}

#endif
