/* Adaptive max pooling, with and without indices, any layout and rank, straight from the contract.
 */
#include "window/window.h"
#include <math.h>

/* The best element of one window, which is never empty, and its flat position. */
static float window_max(const struct pb_problem *p, const struct pb_tensor *src, int64_t n,
                        int64_t c, int64_t od, int64_t oh, int64_t ow, int64_t *index) {
    const struct window_range d = window_adaptive(&p->d, od), h = window_adaptive(&p->h, oh);
    const struct window_range w = window_adaptive(&p->w, ow);
    const float *x = src->data;
    float best = -INFINITY;
    *index = -1;
    for (int64_t id = d.first; id < d.end; id++)
        for (int64_t ih = h.first; ih < h.end; ih++)
            for (int64_t iw = w.first; iw < w.end; iw++) {
                float v = x[pb_offset(src, n, c, id, ih, iw)];
                if (*index < 0 || v > best || isnan(v)) {
                    best = v;
                    *index = (id * p->h.i + ih) * p->w.i + iw;
                }
            }
    return best;
}

static bool can_do(const struct pb_problem *p) {
    const bool forward = p->dir == PB_FWD || p->dir == PB_FWD_IDX;
    return p->op == PB_ADAPTIVE_MAX && forward && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *y = args->dst.data;
    int64_t *indices = p->dir == PB_FWD_IDX ? args->indices.data : NULL;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++) {
                        int64_t at = pb_offset(&args->dst, n, c, od, oh, ow), index;
                        y[at] = window_max(p, &args->src, n, c, od, oh, ow, &index);
                        if (indices) indices[pb_offset(&args->indices, n, c, od, oh, ow)] = index;
                    }
    return PB_OK;
}

const struct pb_kernel adaptive_max_f32_naive = {
        .name = "adaptive_max_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
