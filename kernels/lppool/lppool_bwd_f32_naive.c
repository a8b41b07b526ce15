/* The gradient of lp pooling, any layout and rank: each window sends dy sign(x) (|x| / y)^(p-1) to
 * the positions it covers, with its y found anew. */
#include "lppool/lp_norm.h"

/* What x, which is not 0, gets of a window's gradient; of NaN it is NaN. */
static double share(double x, const struct lp_norm *norm, double power) {
    if (isnan(x)) return x;
    return copysign(pow(fabs(x) / norm->largest / norm->root, power - 1), x);
}

static void spread(const struct pb_problem *p, const struct pb_args *args, int64_t n, int64_t c,
                   int64_t od, int64_t oh, int64_t ow) {
    const struct lp_norm norm = lp_norm(p, &args->input, n, c, od, oh, ow);
    const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
    const struct window_taps w = window_taps(&p->w, ow);
    const double dy = ((const float *)args->dst.data)[pb_offset(&args->dst, n, c, od, oh, ow)];
    const float *x = args->input.data;
    float *dx = args->src.data;
    for (int64_t kd = 0; kd < d.count; kd++)
        for (int64_t kh = 0; kh < h.count; kh++)
            for (int64_t kw = 0; kw < w.count; kw++) {
                const int64_t at = pb_offset(&args->src, n, c, d.first + kd * d.step,
                                             h.first + kh * h.step, w.first + kw * w.step);
                if (x[at] != 0) dx[at] += (float)(dy * share(x[at], &norm, p->power));
            }
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_LP && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *dx = args->src.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++) {
            for (int64_t id = 0; id < p->d.i; id++)
                for (int64_t ih = 0; ih < p->h.i; ih++)
                    for (int64_t iw = 0; iw < p->w.i; iw++)
                        dx[pb_offset(&args->src, n, c, id, ih, iw)] = 0;
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++) spread(p, args, n, c, od, oh, ow);
        }
    return PB_OK;
}

const struct pb_kernel lppool_bwd_f32_naive = {
        .name = "lppool_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
