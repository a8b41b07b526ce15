/* The gradient of average pooling, any layout and rank: each window spreads its share over the
 * input positions it covers. */
#include "window/plane_sum.h"
#include "window/window.h"

static void spread(const struct pb_problem *p, const struct pb_args *args, int64_t n, int64_t c,
                   int64_t od, int64_t oh, int64_t ow, double *sum) {
    const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
    const struct window_taps w = window_taps(&p->w, ow);
    const double dy = ((const float *)args->dst.data)[pb_offset(&args->dst, n, c, od, oh, ow)];
    const double share = dy / (double)window_positions(p, od, oh, ow);
    for (int64_t kd = 0; kd < d.count; kd++)
        for (int64_t kh = 0; kh < h.count; kh++) {
            const int64_t row = (d.first + kd * d.step) * p->h.i + h.first + kh * h.step;
            for (int64_t kw = 0; kw < w.count; kw++)
                sum[row * p->w.i + w.first + kw * w.step] += share;
        }
}

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    return plane_sum_run(p, plan, args, spread);
}

const struct pb_kernel avgpool_bwd_f32_naive = {
        .name = "avgpool_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = plane_sum_setup,
        .run = run,
        .done = pb_scratch_done,
};
