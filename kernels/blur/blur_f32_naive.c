/* Blur pooling, any layout and rank, straight from the contract. */
#include "blur/blur_filter.h"

static float window_blur(const struct pb_problem *p, const struct pb_tensor *src, int64_t n,
                         int64_t c, int64_t od, int64_t oh, int64_t ow) {
    const float *x = src->data;
    double sum = 0;
    for (int64_t kd = 0; kd < p->d.k; kd++) {
        int64_t id = blur_position(&p->d, od, kd);
        for (int64_t kh = 0; kh < p->h.k; kh++) {
            int64_t ih = blur_position(&p->h, oh, kh);
            float weight = blur_weight(p->d.k, kd) * blur_weight(p->h.k, kh);
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t iw = blur_position(&p->w, ow, kw);
                sum += (double)(weight * blur_weight(p->w.k, kw)) *
                       x[pb_offset(src, n, c, id, ih, iw)];
            }
        }
    }
    return (float)sum;
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_BLUR && p->dir == PB_FWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *y = args->dst.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++)
                        y[pb_offset(&args->dst, n, c, od, oh, ow)] =
                                window_blur(p, &args->src, n, c, od, oh, ow);
    return PB_OK;
}

const struct pb_kernel blur_f32_naive = {
        .name = "blur_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
