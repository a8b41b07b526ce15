/* pool_nchw.h: channels-first windows, separably. First the rows of a window are reduced, column by
 * column, into a line of scratch whose margins hold the identity, so that padding needs no branch;
 * then the line is reduced along the window's width with strided loads. A few lines are made
 * before they are read, so that no load waits for a store. */
#ifndef PB_SIMD_POOL_NCHW_H
#define PB_SIMD_POOL_NCHW_H

#include "scratch.h"
#include "simd.h"
#include "window.h"
#include <math.h>

/* Floats of a line: every position that a window touches, from the first padded one. */
static inline int64_t pool_line(const struct pb_problem *p) {
    const struct pb_axis *w = &p->w;
    const int64_t reach = (w->o - 1) * w->s + (w->k - 1) * (w->d + 1) + 1, input = w->p + w->i;
    return reach > input ? reach : input;
}

/* Lines made before they are read: as many as take a quarter of a small L1 cache. */
static inline int64_t pool_lines(const struct pb_problem *p) {
    const int64_t lines = 2048 / pool_line(p), rows = p->d.o * p->h.o;
    return lines < 1 ? 1 : lines < rows ? lines : rows;
}

/* Scratch holds the lines and then, for an average, what the width gives to each divisor. */
static inline enum pb_status pool_nchw_setup(const struct pb_problem *p, void **plan) {
    int64_t count;
    if (__builtin_mul_overflow(pool_line(p), pool_lines(p), &count) ||
        __builtin_add_overflow(count, p->w.o, &count))
        return pb_fail(PB_NOMEM, "the padded rows do not fit in memory");
    return pb_scratch_setup(count, plan);
}

static inline vf pool_combine(vf a, vf b, bool max) {
    return max ? v_max(a, b) : v_add(a, b);
}

/* Reduces the rows under output row (od, oh) of the plane x into `line`. */
static inline void pool_rows(const struct pb_problem *p, const float *x, int64_t od, int64_t oh,
                             float *line, bool max) {
    const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
    const int64_t stride_h = h.step * p->w.i, stride_d = d.step * p->h.i * p->w.i;
    x += (d.first * p->h.i + h.first) * p->w.i;
    for (int64_t w = 0; w < p->w.i; w += VL) {
        vf sum = v_set1(max ? -INFINITY : 0);
        for (int64_t kd = 0; kd < d.count; kd++)
            for (int64_t kh = 0; kh < h.count; kh++)
                sum = pool_combine(
                        sum, v_load_n(x + kd * stride_d + kh * stride_h + w, p->w.i - w, 0), max);
        v_store_n(line + w, sum, p->w.i - w);
    }
}

/* Reduces a line into an output row; k and s are constants where the caller knows them. */
static inline void pool_width(const struct pb_problem *p, const float *line, const float *counted,
                              float rows, float *y, bool max, int64_t k, int64_t s) {
    const int64_t step = p->w.d + 1;
    for (int64_t w = 0; w < p->w.o; w += VL) {
        const int64_t n = p->w.o - w;
        vf sum = v_set1(max ? -INFINITY : 0);
        for (int64_t kw = 0; kw < k; kw++)
            sum = pool_combine(sum, v_load_stride(line + w * s + kw * step, s, n, 0), max);
        if (!max) sum = v_div(sum, v_mul(v_set1(rows), v_load_n(counted + w, n, 1)));
        v_store_n(y + w, sum, n);
    }
}

/* The whole forward pass; `max` is a constant: maximum, or average. */
static inline void pool_nchw(const struct pb_problem *p, const struct pb_scratch *scratch,
                             const float *src, float *dst, bool max) {
    const int64_t lines = pool_lines(p), width = pool_line(p), rows = p->d.o * p->h.o;
    const int64_t plane = p->d.i * p->h.i * p->w.i, blocks = (rows + lines - 1) / lines;
#pragma omp parallel num_threads(scratch->threads)
    {
        float *line = pb_scratch_mine(scratch), *counted = line + lines * width;
        for (int64_t i = 0; i < lines * width; i++) line[i] = max ? -INFINITY : 0;
        if (!max)
            for (int64_t w = 0; w < p->w.o; w++) counted[w] = (float)window_counted(p, &p->w, w);
#pragma omp for collapse(2) schedule(static)
        for (int64_t nc = 0; nc < p->mb * p->ic; nc++)
            for (int64_t block = 0; block < blocks; block++) {
                const int64_t first = block * lines;
                const int64_t end = first + lines < rows ? first + lines : rows;
                for (int64_t r = first; r < end; r++)
                    pool_rows(p, src + nc * plane, r / p->h.o, r % p->h.o,
                              line + (r - first) * width + p->w.p, max);
                for (int64_t r = first; r < end; r++) {
                    const float *from = line + (r - first) * width;
                    float *y = dst + (nc * rows + r) * p->w.o;
                    const float counted_rows = max ? 1
                                                   : (float)(window_counted(p, &p->d, r / p->h.o) *
                                                             window_counted(p, &p->h, r % p->h.o));
                    if (p->w.s == 1)
                        pool_width(p, from, counted, counted_rows, y, max, p->w.k, 1);
                    else if (p->w.s == 2)
                        pool_width(p, from, counted, counted_rows, y, max, p->w.k, 2);
                    else
                        pool_width(p, from, counted, counted_rows, y, max, p->w.k, p->w.s);
                }
            }
    }
}

#endif
