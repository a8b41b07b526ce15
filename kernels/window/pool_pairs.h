/* pool_pairs.h: channels-first windows that are pairs of columns side by side, all on the input:
 * two vectors of input columns become one of outputs in registers, without scratch. */
#ifndef PB_SIMD_POOL_PAIRS_H
#define PB_SIMD_POOL_PAIRS_H

#include "window/pool.h"

enum { POOL_PAIRS_BLOCK = 2048 }; /* input columns of the rows that a thread takes at a time */

static inline bool pool_has_pairs(const struct pb_axis *w) {
    return w->k == 2 && w->s == 2 && w->d == 0 && w->p == 0 && 2 * w->o <= w->i;
}

/* Output row (od, oh) of the plane x. */
static inline void pool_pairs_row(const struct pb_problem *p, const float *x, int64_t od,
                                  int64_t oh, float *y, bool max) {
    const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
    const int64_t stride_h = h.step * p->w.i, stride_d = d.step * p->h.i * p->w.i;
    float divisor = 1;
    if (!max) divisor = window_divisor(p, od, oh, 0);
    x += (d.first * p->h.i + h.first) * p->w.i;
    for (int64_t w = 0; w < p->w.o; w += VL) {
        const int64_t n = p->w.o - w;
        vf low = v_set1(pool_identity(max)), high = low;
        for (int64_t kd = 0; kd < d.count; kd++)
            for (int64_t kh = 0; kh < h.count; kh++) {
                const float *row = x + kd * stride_d + kh * stride_h + 2 * w;
                low = pool_combine(low, v_load_n(row, 2 * n, 0), max);
                if (2 * n > VL) high = pool_combine(high, v_load_n(row + VL, 2 * n - VL, 0), max);
            }
        vf sum = pool_combine(v_even(low, high), v_odd(low, high), max);
        if (!max) sum = v_mul(sum, v_set1(1 / divisor));
        v_store_n(y + w, sum, n);
    }
}

/* Output rows `first` up to `end` of the plane x, counted over od and oh. */
static inline void pool_pairs_rows(const struct pb_problem *p, const float *x, int64_t first,
                                   int64_t end, float *y, bool max) {
    int64_t od = first / p->h.o, oh = first % p->h.o;
    for (int64_t r = first; r < end; r++) {
        pool_pairs_row(p, x, od, oh, y + r * p->w.o, max);
        if (++oh == p->h.o) oh = 0, od++;
    }
}

/* The whole forward pass. */
static inline void pool_pairs(const struct pb_problem *p, const float *src, float *dst, bool max) {
    const int64_t plane = p->d.i * p->h.i * p->w.i, rows = p->d.o * p->h.o;
    const int64_t fit = POOL_PAIRS_BLOCK / p->w.i, block = fit < 1 ? 1 : fit;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t nc = 0; nc < p->mb * p->ic; nc++)
        for (int64_t first = 0; first < rows; first += block) {
            const int64_t end = first + block < rows ? first + block : rows;
            pool_pairs_rows(p, src + nc * plane, first, end, dst + nc * rows * p->w.o, max);
        }
}

#endif
