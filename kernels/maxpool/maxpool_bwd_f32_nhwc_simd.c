/* The gradient of max pooling, channels-last: each input pixel gathers, in vectors of channels,
 * from the windows over it whose index names it. */
#include "poolbench.h"
#include "simd/simd.h"
#include "window/window.h"

static bool can_do(const struct pb_problem *p) {
    const int64_t most = INT32_MAX; /* positions are kept in 32-bit lanes */
    return pb_is_max(p) && p->dir == PB_BWD && p->dtype == PB_F32 && p->layout == PB_NHWC &&
           p->d.i * p->h.i * p->w.i <= most && window_overlaps_little(p);
}

/* One input pixel; dy and indices are those of its image. */
static void pixel_gather(const struct pb_problem *p, int64_t position, struct window_range d,
                         struct window_range h, struct window_range w, const float *dy,
                         const int64_t *indices, float *dx) {
    const vi here = vi_set1((int32_t)position);
    for (int64_t c = 0; c < p->ic; c += VL) {
        const int64_t n = p->ic - c;
        vf sum = v_set1(0);
        for (int64_t od = d.first; od < d.end; od++)
            for (int64_t oh = h.first; oh < h.end; oh++)
                for (int64_t ow = w.first; ow < w.end; ow++) {
                    const int64_t at = ((od * p->h.o + oh) * p->w.o + ow) * p->ic + c;
                    const vm chosen = vi_eq64_n(indices + at, here, n);
                    sum = v_add(sum, v_select(chosen, v_load_n(dy + at, n, 0), v_set1(0)));
                }
        v_store_n(dx + c, sum, n);
    }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t windows = p->d.o * p->h.o * p->w.o * p->ic;
#pragma omp parallel for collapse(3) schedule(static)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t id = 0; id < p->d.i; id++)
            for (int64_t ih = 0; ih < p->h.i; ih++) {
                const struct window_range d = window_covering(&p->d, id);
                const struct window_range h = window_covering(&p->h, ih);
                const float *dy = (const float *)args->dst.data + n * windows;
                const int64_t *indices = (const int64_t *)args->indices.data + n * windows;
                const int64_t row = (id * p->h.i + ih) * p->w.i;
                float *dx = (float *)args->src.data + (n * p->d.i * p->h.i * p->w.i + row) * p->ic;
                for (int64_t iw = 0; iw < p->w.i; iw++)
                    pixel_gather(p, row + iw, d, h, window_covering(&p->w, iw), dy, indices,
                                 dx + iw * p->ic);
            }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(maxpool_bwd_f32_nhwc) = {
        .name = SIMD_NAME(maxpool_bwd_f32_nhwc),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
