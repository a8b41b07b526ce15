/* The gradient of global average pooling, any layout and rank: every position of a channel has the
 * same share. */
#include "poolbench.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const float *dy = args->dst.data;
    float *dx = args->src.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t id = 0; id < p->d.i; id++)
                for (int64_t ih = 0; ih < p->h.i; ih++)
                    for (int64_t iw = 0; iw < p->w.i; iw++)
                        dx[pb_offset(&args->src, n, c, id, ih, iw)] =
                                dy[pb_offset(&args->dst, n, c, 0, 0, 0)] /
                                (float)(p->d.i * p->h.i * p->w.i);
    return PB_OK;
}

const struct pb_kernel gap_bwd_f32_naive = {
        .name = "gap_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
