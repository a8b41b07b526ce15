/* The gradient of adaptive max pooling, any layout and rank: each window sends its
 * gradient to the position that its index names. */
#include "window/plane_sum.h"

static void send(const struct pb_problem *p, const struct pb_args *args, int64_t n, int64_t c,
                 int64_t od, int64_t oh, int64_t ow, double *sum) {
    (void)p;
    const int64_t *indices = args->indices.data;
    const float *dy = args->dst.data;
    sum[indices[pb_offset(&args->indices, n, c, od, oh, ow)]] +=
            dy[pb_offset(&args->dst, n, c, od, oh, ow)];
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_ADAPTIVE_MAX && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    return plane_sum_run(p, plan, args, send);
}

const struct pb_kernel adaptive_max_bwd_f32_naive = {
        .name = "adaptive_max_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = plane_sum_setup,
        .run = run,
        .done = pb_scratch_done,
};
