/* Gradient of a convolution's weights and bias, straight from the definition. */
#include "window/window.h"

static float weight_gradient(const struct pb_problem *p, const struct pb_args *args, int64_t oc,
                             int64_t ic, int64_t kd, int64_t kh, int64_t kw) {
    const float *x = args->src.data, *dy = args->dst.data;
    struct window_range d = window_of_tap(&p->d, kd), h = window_of_tap(&p->h, kh),
                        w = window_of_tap(&p->w, kw);
    double sum = 0;
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t od = d.first; od < d.end; od++)
            for (int64_t oh = h.first; oh < h.end; oh++)
                for (int64_t ow = w.first; ow < w.end; ow++)
                    sum += (double)dy[pb_offset(&args->dst, n, oc, od, oh, ow)] *
                           x[pb_offset(&args->src, n, ic, window_at(&p->d, od, kd),
                                       window_at(&p->h, oh, kh), window_at(&p->w, ow, kw))];
    return (float)sum;
}

static float bias_gradient(const struct pb_problem *p, const struct pb_args *args, int64_t oc) {
    const float *dy = args->dst.data;
    double sum = 0;
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t od = 0; od < p->d.o; od++)
            for (int64_t oh = 0; oh < p->h.o; oh++)
                for (int64_t ow = 0; ow < p->w.o; ow++)
                    sum += dy[pb_offset(&args->dst, n, oc, od, oh, ow)];
    return (float)sum;
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD_W && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *dw = args->weights.data, *db = args->bias.data;
    int64_t channels = p->ic / p->g, outputs = p->oc / p->g;
#pragma omp parallel for
    for (int64_t oc = 0; oc < p->oc; oc++) {
        if (db) db[oc] = bias_gradient(p, args, oc);
        for (int64_t c = 0; c < channels; c++)
            for (int64_t kd = 0; kd < p->d.k; kd++)
                for (int64_t kh = 0; kh < p->h.k; kh++)
                    for (int64_t kw = 0; kw < p->w.k; kw++)
                        dw[pb_offset(&args->weights, oc, c, kd, kh, kw)] = weight_gradient(
                                p, args, oc, oc / outputs * channels + c, kd, kh, kw);
    }
    return PB_OK;
}

const struct pb_kernel conv_bwd_w_f32_naive = {
        .name = "conv_bwd_w_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
