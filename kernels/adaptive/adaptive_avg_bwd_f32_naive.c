/* The gradient of adaptive average pooling, any layout and rank: each window spreads its share over
 * the input positions it covers. */
#include "window/plane_sum.h"
#include "window/window.h"

static void spread(const struct pb_problem *p, const struct pb_args *args, int64_t n, int64_t c,
                   int64_t od, int64_t oh, int64_t ow, double *sum) {
    const struct window_range d = window_adaptive(&p->d, od), h = window_adaptive(&p->h, oh);
    const struct window_range w = window_adaptive(&p->w, ow);
    const double dy = ((const float *)args->dst.data)[pb_offset(&args->dst, n, c, od, oh, ow)];
    const double share = dy / (double)((d.end - d.first) * (h.end - h.first) * (w.end - w.first));
    for (int64_t id = d.first; id < d.end; id++)
        for (int64_t ih = h.first; ih < h.end; ih++)
            for (int64_t iw = w.first; iw < w.end; iw++)
                sum[(id * p->h.i + ih) * p->w.i + iw] += share;
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_ADAPTIVE_AVG && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    return plane_sum_run(p, plan, args, spread);
}

const struct pb_kernel adaptive_avg_bwd_f32_naive = {
        .name = "adaptive_avg_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = plane_sum_setup,
        .run = run,
        .done = pb_scratch_done,
};
