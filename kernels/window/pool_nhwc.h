/* pool_nhwc.h: channels-last windows, vectors of channels. Each output pixel keeps several vectors
 * of channels in registers over all taps of its window; a sum of more than SUM_BLOCK taps in
 * halves. */
#ifndef PB_SIMD_POOL_NHWC_H
#define PB_SIMD_POOL_NHWC_H

#include "window/pool.h"

/* The taps of one window that fall on the input; strides count elements. */
struct pool_taps {
    const float *x; /* the first tap's first channel */
    int64_t d, h, w, stride_d, stride_h, stride_w;
};

enum { POOL_VECTORS = 8 }; /* at most, at a time */

/* Reduces `vectors` (a constant) vectors of channels from c on over the taps; n channels of the
 * last. */
static inline void pool_channels(const struct pool_taps *t, int64_t c, int64_t n, float *y,
                                 int vectors, bool max, float scale) {
    vf sum[POOL_VECTORS];
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
            v_store_n(y, out, n);
        else
            v_store(y + v * VL, out);
    }
}

static inline int64_t pool_tap_count(const struct pool_taps *t) {
    return t->d * t->h * t->w;
}

/* Cuts the taps in two along the longest axis; *t keeps the first half. */
static inline struct pool_taps pool_second_half(struct pool_taps *t) {
    struct pool_taps second = *t;
    if (t->w >= t->h && t->w >= t->d) {
        t->w /= 2;
        second.x += t->w * t->stride_w;
        second.w -= t->w;
    } else if (t->h >= t->d) {
        t->h /= 2;
        second.x += t->h * t->stride_h;
        second.h -= t->h;
    } else {
        t->d /= 2;
        second.x += t->d * t->stride_d;
        second.d -= t->d;
    }
    return second;
}

/* Sums in halves, and these in halves, so that the error grows with the logarithm of the taps. */
static inline void pool_sum_halves(const struct pool_taps *t, int64_t c, int64_t n, int vectors,
                                   float *sum) {
    if (pool_tap_count(t) <= SUM_BLOCK) {
        if (vectors == 8)
            pool_channels(t, c, n, sum, 8, false, 1);
        else if (vectors == 4)
            pool_channels(t, c, n, sum, 4, false, 1);
        else
            pool_channels(t, c, n, sum, 1, false, 1);
        return;
    }
    float more[POOL_VECTORS * VL];
    struct pool_taps first = *t, second = pool_second_half(&first);
    pool_sum_halves(&first, c, n, vectors, sum);
    pool_sum_halves(&second, c, n, vectors, more);
    const int64_t channels = vectors == 1 && n < VL ? n : vectors * VL;
    for (int64_t i = 0; i < channels; i += VL)
        v_store_n(sum + i,
                  v_add(v_load_n(sum + i, channels - i, 0), v_load_n(more + i, channels - i, 0)),
                  channels - i);
}

/* One window: `vectors` (1, 4 or 8) vectors of channels, as pool_channels. */
static inline void pool_window(const struct pool_taps *t, int64_t c, int64_t n, float *y,
                               int vectors, bool max, float scale) {
    if (max || pool_tap_count(t) <= SUM_BLOCK) {
        pool_channels(t, c, n, y, vectors, max, scale);
        return;
    }
    const int64_t channels = vectors == 1 && n < VL ? n : vectors * VL;
    pool_sum_halves(t, c, n, vectors, y);
    for (int64_t i = 0; i < channels; i++) y[i] *= scale;
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
                        pool_window(&t, c, VL, y + c, 4, max, scale);
                    for (; c < channels; c += VL)
                        pool_window(&t, c, channels - c, y + c, 1, max, scale);
                }
            }
}

#endif
