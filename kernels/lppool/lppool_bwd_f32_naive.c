/* The gradient of lp pooling, any layout and rank: each window sends dy sign(x) (|x| / y)^(p-1) to
 * the positions it covers, with its y found anew. */
#include "lppool/lp_norm.h"
#include "window/plane_sum.h"

/* What x, which is not 0, gets of a window's gradient; of NaN it is NaN. */
static double share(double x, const struct lp_norm *norm, double power) {
    if (isnan(x)) return x;
    return copysign(pow(fabs(x) / norm->largest / norm->root, power - 1), x);
}

static void spread(const struct pb_problem *p, const struct pb_args *args, int64_t n, int64_t c,
                   int64_t od, int64_t oh, int64_t ow, double *sum) {
    const struct lp_norm norm = lp_norm(p, &args->input, n, c, od, oh, ow);
    const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
    const struct window_taps w = window_taps(&p->w, ow);
    const double dy = ((const float *)args->dst.data)[pb_offset(&args->dst, n, c, od, oh, ow)];
    const float *input = args->input.data;
    for (int64_t kd = 0; kd < d.count; kd++)
        for (int64_t kh = 0; kh < h.count; kh++)
            for (int64_t kw = 0; kw < w.count; kw++) {
                const int64_t id = d.first + kd * d.step, ih = h.first + kh * h.step;
                const int64_t iw = w.first + kw * w.step;
                const double x = input[pb_offset(&args->input, n, c, id, ih, iw)];
                if (x != 0) sum[(id * p->h.i + ih) * p->w.i + iw] += dy * share(x, &norm, p->power);
            }
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_LP && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    return plane_sum_run(p, plan, args, spread);
}

const struct pb_kernel lppool_bwd_f32_naive = {
        .name = "lppool_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = plane_sum_setup,
        .run = run,
        .done = pb_scratch_done,
};
