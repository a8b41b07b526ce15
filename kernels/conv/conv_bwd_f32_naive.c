/* Gradient of a convolution's input: each input element asks which outputs read it, and through
 * which tap. */
#include "window/window.h"

static float gradient(const struct pb_problem *p, const struct pb_args *args, int64_t n, int64_t ic,
                      int64_t id, int64_t ih, int64_t iw) {
    const float *dy = args->dst.data, *weights = args->weights.data;
    int64_t channels = p->ic / p->g, outputs = p->oc / p->g, first = ic / channels * outputs;
    double sum = 0;
    for (int64_t kd = 0; kd < p->d.k; kd++) {
        int64_t od = window_output(&p->d, id, kd);
        if (od < 0) continue;
        for (int64_t kh = 0; kh < p->h.k; kh++) {
            int64_t oh = window_output(&p->h, ih, kh);
            if (oh < 0) continue;
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t ow = window_output(&p->w, iw, kw);
                if (ow < 0) continue;
                for (int64_t oc = first; oc < first + outputs; oc++)
                    sum += (double)dy[pb_offset(&args->dst, n, oc, od, oh, ow)] *
                           weights[pb_offset(&args->weights, oc, ic % channels, kd, kh, kw)];
            }
        }
    }
    return (float)sum;
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *dx = args->src.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t ic = 0; ic < p->ic; ic++)
            for (int64_t id = 0; id < p->d.i; id++)
                for (int64_t ih = 0; ih < p->h.i; ih++)
                    for (int64_t iw = 0; iw < p->w.i; iw++)
                        dx[pb_offset(&args->src, n, ic, id, ih, iw)] =
                                gradient(p, args, n, ic, id, ih, iw);
    return PB_OK;
}

const struct pb_kernel conv_bwd_f32_naive = {
        .name = "conv_bwd_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
