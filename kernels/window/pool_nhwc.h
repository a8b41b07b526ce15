/* pool_nhwc.h: channels-last windows, vectors of channels. Each output pixel keeps several vectors
 * of channels in registers over all taps of its window. */
#ifndef PB_SIMD_POOL_NHWC_H
#define PB_SIMD_POOL_NHWC_H

#include "window/pool.h"

/* The taps of one window that fall on the input; strides count elements. */
struct pool_taps {
    const float *x; /* the first tap's first channel */
    int64_t d, h, w, stride_d, stride_h, stride_w;
};

/* Reduces `vectors` (a constant, at most 8) vectors of channels over the taps; n channels of the
 * last. */
static inline void pool_channels(const struct pool_taps *t, int64_t c, int64_t n, float *y,
                                 int vectors, bool max, float scale) {
    vf sum[8];
    for (int v = 0; v < vectors; v++) sum[v] = v_set1(pool_identity(max));
    for (int64_t kd = 0; kd < t->d; kd++)
        for (int64_t kh = 0; kh < t->h; kh++) {
            const float *x = t->x + kd * t->stride_d + kh * t->stride_h + c;
            for (int64_t kw = 0; kw < t->w; kw++, x += t->stride_w)
                for (int v = 0; v < vectors; v++) {
                    vf here = vectors == 1 ? v_load_n(x, n, 0) : v_load(x + v * VL);
                    sum[v] = pool_combine(sum[v], here, max);
                }
        }
    for (int v = 0; v < vectors; v++) {
        vf out = max ? sum[v] : v_mul(sum[v], v_set1(scale));
        if (vectors == 1)
            v_store_n(y + c, out, n);
        else
            v_store(y + c + v * VL, out);
    }
}

/* The whole forward pass. */
static inline void pool_nhwc(const struct pb_problem *p, const float *src, float *dst, bool max) {
    const int64_t channels = p->ic;
#pragma omp parallel for collapse(3) schedule(static)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t od = 0; od < p->d.o; od++)
            for (int64_t oh = 0; oh < p->h.o; oh++) {
                const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
                struct pool_taps t = {.d = d.count, .h = h.count};
                t.stride_h = h.step * p->w.i * channels;
                t.stride_d = d.step * p->h.i * p->w.i * channels;
                const int64_t row = (n * p->d.i + d.first) * p->h.i + h.first;
                const int64_t counted = window_counted(p, &p->d, od) * window_counted(p, &p->h, oh);
                float *y = dst + ((n * p->d.o + od) * p->h.o + oh) * p->w.o * channels;
                for (int64_t ow = 0; ow < p->w.o; ow++, y += channels) {
                    const struct window_taps w = window_taps(&p->w, ow);
                    float scale = 1;
                    int64_t c = 0;
                    t.x = src + (row * p->w.i + w.first) * channels;
                    t.w = w.count;
                    t.stride_w = w.step * channels;
                    if (!max) scale = 1 / (float)(counted * window_counted(p, &p->w, ow));
                    for (; c + 4 * VL <= channels; c += 4 * VL)
                        pool_channels(&t, c, VL, y, 4, max, scale);
                    for (; c < channels; c += VL)
                        pool_channels(&t, c, channels - c, y, 1, max, scale);
                }
            }
}

#endif
