/* The gradient of adaptive max pooling, any layout and rank: each window sends its
 * gradient to the position that its index names. */
#include "poolbench.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_ADAPTIVE_MAX && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *dx = args->src.data;
    const float *dy = args->dst.data;
    const int64_t *indices = args->indices.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++) {
            for (int64_t id = 0; id < p->d.i; id++)
                for (int64_t ih = 0; ih < p->h.i; ih++)
                    for (int64_t iw = 0; iw < p->w.i; iw++)
                        dx[pb_offset(&args->src, n, c, id, ih, iw)] = 0;
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++) {
                        int64_t at = indices[pb_offset(&args->indices, n, c, od, oh, ow)];
                        int64_t ih = at / p->w.i % p->h.i, id = at / p->w.i / p->h.i;
                        dx[pb_offset(&args->src, n, c, id, ih, at % p->w.i)] +=
                                dy[pb_offset(&args->dst, n, c, od, oh, ow)];
                    }
        }
    return PB_OK;
}

const struct pb_kernel adaptive_max_bwd_f32_naive = {
        .name = "adaptive_max_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
