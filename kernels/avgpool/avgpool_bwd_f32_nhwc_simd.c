/* The gradient of average pooling, channels-last: each input pixel gathers, in vectors of channels,
 * its share from the windows over it. */
#include "poolbench.h"
#include "simd/simd.h"
#include "window/window.h"
#include <string.h>

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_BWD && p->dtype == PB_F32 && p->layout == PB_NHWC &&
           window_overlaps_little(p);
}

/* Adds what output row (od, oh), whose pixels start at dy, gives to input pixel iw; `counted` is
 * the part of the divisor that the row gives. */
static void row_gather(const struct pb_problem *p, int64_t iw, float counted, const float *dy,
                       float *dx) {
    const struct window_range w = window_covering(&p->w, iw);
    for (int64_t ow = w.first; ow < w.end; ow++) {
        if (!window_taps_at(&p->w, ow, iw)) continue;
        const vf share = v_set1(1 / (counted * (float)window_counted(p, &p->w, ow)));
        const float *y = dy + ow * p->ic;
        for (int64_t c = 0; c < p->ic; c += VL) {
            const int64_t n = p->ic - c;
            v_store_n(dx + c, v_fma(v_load_n(y + c, n, 0), share, v_load_n(dx + c, n, 0)), n);
        }
    }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
#pragma omp parallel for collapse(3) schedule(static)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t id = 0; id < p->d.i; id++)
            for (int64_t ih = 0; ih < p->h.i; ih++) {
                const struct window_range d = window_covering(&p->d, id);
                const struct window_range h = window_covering(&p->h, ih);
                float *dx = (float *)args->src.data +
                            ((n * p->d.i + id) * p->h.i + ih) * p->w.i * p->ic;
                memset(dx, 0, (size_t)(p->w.i * p->ic) * sizeof *dx);
                for (int64_t od = d.first; od < d.end; od++) {
                    if (!window_taps_at(&p->d, od, id)) continue;
                    for (int64_t oh = h.first; oh < h.end; oh++) {
                        if (!window_taps_at(&p->h, oh, ih)) continue;
                        const float *dy = (const float *)args->dst.data +
                                          ((n * p->d.o + od) * p->h.o + oh) * p->w.o * p->ic;
                        const float counted = (float)(window_counted(p, &p->d, od) *
                                                      window_counted(p, &p->h, oh));
                        for (int64_t iw = 0; iw < p->w.i; iw++)
                            row_gather(p, iw, counted, dy, dx + iw * p->ic);
                    }
                }
            }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(avgpool_bwd_f32_nhwc) = {
        .name = SIMD_NAME(avgpool_bwd_f32_nhwc),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
