/* Adaptive average pooling, any layout and rank, straight from the contract. */
#include "window/window.h"

static float window_average(const struct pb_problem *p, const struct pb_tensor *src, int64_t n,
                            int64_t c, int64_t od, int64_t oh, int64_t ow) {
    const struct window_range d = window_adaptive(&p->d, od), h = window_adaptive(&p->h, oh);
    const struct window_range w = window_adaptive(&p->w, ow);
    const float *x = src->data;
    double sum = 0;
    for (int64_t id = d.first; id < d.end; id++)
        for (int64_t ih = h.first; ih < h.end; ih++)
            for (int64_t iw = w.first; iw < w.end; iw++) sum += x[pb_offset(src, n, c, id, ih, iw)];
    return (float)(sum / (double)((d.end - d.first) * (h.end - h.first) * (w.end - w.first)));
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_ADAPTIVE_AVG && p->dir == PB_FWD && p->dtype == PB_F32;
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
                                window_average(p, &args->src, n, c, od, oh, ow);
    return PB_OK;
}

const struct pb_kernel adaptive_avg_f32_naive = {
        .name = "adaptive_avg_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
