/* Max pooling with indices, channels-last: vectors of channels. */
#include "simd/simd.h"
#include "window/window.h"
#include <math.h>

static bool can_do(const struct pb_problem *p) {
    const int64_t most = INT32_MAX; /* positions are kept in 32-bit lanes */
    return pb_is_max(p) && p->dir == PB_FWD_IDX && p->dtype == ELEM_DTYPE && p->layout == PB_NHWC &&
           p->d.i * p->h.i * p->w.i <= most;
}

/* One output pixel: the best of every channel and its position. */
static void window_best(const struct pb_problem *p, const float *x, struct window_taps d,
                        struct window_taps h, struct window_taps w, float *y, int64_t *indices) {
    const bool any = d.count > 0 && h.count > 0 && w.count > 0;
    const int64_t start = any ? (d.first * p->h.i + h.first) * p->w.i + w.first : -1;
    for (int64_t c = 0; c < p->ic; c += VL) {
        const int64_t n = p->ic - c;
        vf best = v_set1(-INFINITY);
        vi position = vi_set1((int32_t)start);
        for (int64_t kd = 0; kd < d.count; kd++)
            for (int64_t kh = 0; kh < h.count; kh++) {
                const int64_t row = (d.first + kd * d.step) * p->h.i + h.first + kh * h.step;
                for (int64_t kw = 0; kw < w.count; kw++) {
                    const int64_t at = row * p->w.i + w.first + kw * w.step;
                    const vf here = v_load_n(x + at * p->ic + c, n, 0);
                    const vm better = vm_or(v_gt(here, best), v_nan(here));
                    best = v_max(best, here);
                    position = vi_select(better, vi_set1((int32_t)at), position);
                }
            }
        v_store_n(y + c, best, n);
        vi_store64_n(indices + c, position, n);
    }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t image = p->d.i * p->h.i * p->w.i * p->ic;
#pragma omp parallel for collapse(3) schedule(static)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t od = 0; od < p->d.o; od++)
            for (int64_t oh = 0; oh < p->h.o; oh++) {
                const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
                int64_t to = ((n * p->d.o + od) * p->h.o + oh) * p->w.o * p->ic;
                for (int64_t ow = 0; ow < p->w.o; ow++, to += p->ic)
                    window_best(p, (const float *)args->src.data + n * image, d, h,
                                window_taps(&p->w, ow), (float *)args->dst.data + to,
                                (int64_t *)args->indices.data + to);
            }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(ELEM_KERNEL(maxpool_idx, nhwc)) = {
        .name = SIMD_NAME(ELEM_KERNEL(maxpool_idx, nhwc)),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
