/* The gradient of space to depth, any layout and rank: depth to space, each channel back to the
 * position of its block. */
#include "s2d/s2d_order.h"

/* The block of channel ic that the output position's gradients go to. */
static void scatter_block(const struct pb_problem *p, const struct pb_args *args, int64_t n,
                          int64_t ic, int64_t od, int64_t oh, int64_t ow) {
    float *dx = args->src.data;
    const float *dy = args->dst.data;
    for (int64_t kd = 0; kd < p->d.k; kd++)
        for (int64_t kh = 0; kh < p->h.k; kh++)
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t oc = s2d_channel(p, ic, kd, kh, kw);
                dx[pb_offset(&args->src, n, ic, od * p->d.k + kd, oh * p->h.k + kh,
                             ow * p->w.k + kw)] = dy[pb_offset(&args->dst, n, oc, od, oh, ow)];
            }
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_S2D && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t ic = 0; ic < p->ic; ic++)
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++)
                        scatter_block(p, args, n, ic, od, oh, ow);
    return PB_OK;
}

const struct pb_kernel s2d_bwd_f32_naive = {
        .name = "s2d_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
