/* Convolution, any layout, rank, dilation and group count, straight from the definition: the input
 * that padding adds is left out of the sum. */
#include "window/window.h"

static float window_sum(const struct pb_problem *p, const struct pb_args *args, int64_t n,
                        int64_t oc, int64_t od, int64_t oh, int64_t ow) {
    const float *x = args->src.data, *weights = args->weights.data, *bias = args->bias.data;
    int64_t channels = p->ic / p->g, first = oc / (p->oc / p->g) * channels;
    double sum = bias ? bias[oc] : 0;
    for (int64_t kd = 0; kd < p->d.k; kd++) {
        int64_t id = window_input(&p->d, od, kd);
        if (id < 0) continue;
        for (int64_t kh = 0; kh < p->h.k; kh++) {
            int64_t ih = window_input(&p->h, oh, kh);
            if (ih < 0) continue;
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t iw = window_input(&p->w, ow, kw);
                if (iw < 0) continue;
                for (int64_t c = 0; c < channels; c++)
                    sum += (double)x[pb_offset(&args->src, n, first + c, id, ih, iw)] *
                           weights[pb_offset(&args->weights, oc, c, kd, kh, kw)];
            }
        }
    }
    return (float)sum;
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_FWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *y = args->dst.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t oc = 0; oc < p->oc; oc++)
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++)
                        y[pb_offset(&args->dst, n, oc, od, oh, ow)] =
                                window_sum(p, args, n, oc, od, oh, ow);
    return PB_OK;
}

const struct pb_kernel conv_f32_naive = {
        .name = "conv_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
