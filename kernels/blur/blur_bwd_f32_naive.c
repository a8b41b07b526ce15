/* The gradient of blur pooling, any layout and rank: each window spreads its gradient over the
 * positions that it read, those seen in the mirror too. */
#include "blur/blur_filter.h"
#include "window/plane_sum.h"

static void spread(const struct pb_problem *p, const struct pb_args *args, int64_t n, int64_t c,
                   int64_t od, int64_t oh, int64_t ow, double *sum) {
    const double dy = ((const float *)args->dst.data)[pb_offset(&args->dst, n, c, od, oh, ow)];
    for (int64_t kd = 0; kd < p->d.k; kd++) {
        int64_t id = blur_position(&p->d, od, kd);
        for (int64_t kh = 0; kh < p->h.k; kh++) {
            int64_t ih = blur_position(&p->h, oh, kh);
            float weight = blur_weight(p->d.k, kd) * blur_weight(p->h.k, kh);
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t iw = blur_position(&p->w, ow, kw);
                sum[(id * p->h.i + ih) * p->w.i + iw] +=
                        (double)(weight * blur_weight(p->w.k, kw)) * dy;
            }
        }
    }
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_BLUR && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    return plane_sum_run(p, plan, args, spread);
}

const struct pb_kernel blur_bwd_f32_naive = {
        .name = "blur_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = plane_sum_setup,
        .run = run,
        .done = pb_scratch_done,
};
