/* pool_nchw.h: channels-first windows, separably. First the rows of a window are reduced, column by
 * column, into a line of scratch whose margins hold the identity, so that padding needs no branch;
 * then the line is reduced along the window's width with strided loads. A few lines are made
 * before they are read, so that no load waits for a store. A sum adds SUM_BLOCK rows, or columns,
 * one after the other, and then the sums of such blocks. */
#ifndef PB_SIMD_POOL_NCHW_H
#define PB_SIMD_POOL_NCHW_H

#include "core/scratch.h"
#include "window/pool.h"

/* Whether the blocks are so few that they, too, may be added one after the other. */
static inline bool pool_nchw_can_sum(const struct pb_problem *p) {
    const int64_t blocks = (p->h.k - 1) / SUM_BLOCK + 1;
    return p->d.k <= SUM_BLOCK && blocks <= SUM_BLOCK && p->d.k * blocks <= SUM_BLOCK &&
           p->w.k <= SUM_BLOCK * SUM_BLOCK;
}

/* Lines made before they are read: as many as take a quarter of a small L1 cache. */
static inline int64_t pool_lines(const struct pb_problem *p) {
    const int64_t lines = 2048 / window_line(&p->w), rows = p->d.o * p->h.o;
    return lines < 1 ? 1 : lines < rows ? lines : rows;
}

/* Scratch holds the lines and then, for an average, what the width gives to each divisor. */
static inline enum pb_status pool_nchw_setup(const struct pb_problem *p, void **plan) {
    return pb_scratch_setup(window_line(&p->w) * pool_lines(p) + p->w.o, plan);
}

/* Reduces `count` rows that lie `stride` apart into `line`, on top of what it holds if `more`.
 * Inlined with constant counts for the common windows. */
static inline void pool_rows(const float *x, int64_t stride, int64_t count, int64_t width,
                             float *line, bool max, bool more) {
    for (int64_t w = 0; w < width; w += VL) {
        const int64_t n = width - w;
        vf sum = v_load_n(x + w, n, 0);
        for (int64_t k = 1; k < count; k++)
            sum = pool_combine(sum, v_load_n(x + k * stride + w, n, 0), max);
        if (more) sum = pool_combine(v_load_n(line + w, n, 0), sum, max);
        v_store_n(line + w, sum, n);
    }
}

/* Makes the line of output row (od, oh) from the plane x. */
static inline void pool_make_line(const struct pb_problem *p, const float *x, int64_t od,
                                  int64_t oh, float *line, bool max) {
    const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
    const int64_t width = p->w.i, stride = h.step * width;
    x += (d.first * p->h.i + h.first) * width;
    if (d.count == 0 || h.count == 0)
        for (int64_t w = 0; w < width; w++) line[w] = pool_identity(max);
    else
        for (int64_t kd = 0; kd < d.count; kd++, x += d.step * p->h.i * width) {
            if (h.count == 2)
                pool_rows(x, stride, 2, width, line, max, kd > 0);
            else if (h.count == 3)
                pool_rows(x, stride, 3, width, line, max, kd > 0);
            else
                for (int64_t k = 0; k < h.count; k += SUM_BLOCK) {
                    const int64_t left = h.count - k;
                    pool_rows(x + k * stride, stride, left < SUM_BLOCK ? left : SUM_BLOCK, width,
                              line, max, kd + k > 0);
                }
        }
}

/* Reduces k columns that lie `step` apart, for n windows that lie s apart. */
static inline vf pool_columns(const float *line, int64_t step, int64_t k, int64_t s, int64_t n,
                              bool max) {
    vf sum = v_load_stride(line, s, n, 0);
    for (int64_t kw = 1; kw < k; kw++)
        sum = pool_combine(sum, v_load_stride(line + kw * step, s, n, 0), max);
    return sum;
}

/* Reduces a line into the output row y. `counted` is the part of the divisors that the width gives,
 * `rows` the part of the other axes. Inlined with constant k and s for the common windows. */
static inline void pool_width(const struct pb_problem *p, const float *line, const float *counted,
                              float rows, float *y, bool max, int64_t k, int64_t s) {
    const int64_t step = p->w.d + 1;
    for (int64_t w = 0; w < p->w.o; w += VL) {
        const int64_t n = p->w.o - w;
        vf sum = pool_columns(line + w * s, step, k < SUM_BLOCK ? k : SUM_BLOCK, s, n, max);
        for (int64_t kw = SUM_BLOCK; kw < k; kw += SUM_BLOCK) {
            const int64_t left = k - kw;
            sum = pool_combine(sum,
                               pool_columns(line + w * s + kw * step, step,
                                            left < SUM_BLOCK ? left : SUM_BLOCK, s, n, max),
                               max);
        }
        if (!max) sum = v_div(sum, v_mul(v_set1(rows), v_load_n(counted + w, n, 1)));
        v_store_n(y + w, sum, n);
    }
}

static inline void pool_read_line(const struct pb_problem *p, const float *line,
                                  const float *counted, float rows, float *y, bool max) {
    const int64_t k = p->w.k, s = p->w.s;
    if (k == 2 && s == 2)
        pool_width(p, line, counted, rows, y, max, 2, 2);
    else if (k == 3 && s == 2)
        pool_width(p, line, counted, rows, y, max, 3, 2);
    else if (s == 2)
        pool_width(p, line, counted, rows, y, max, k, 2);
    else if (k == 3 && s == 1)
        pool_width(p, line, counted, rows, y, max, 3, 1);
    else if (s == 1)
        pool_width(p, line, counted, rows, y, max, k, 1);
    else
        pool_width(p, line, counted, rows, y, max, k, s);
}

/* Output rows `first` up to `end` of one plane, counted over od and oh. */
static inline void pool_block(const struct pb_problem *p, const float *x, int64_t first,
                              int64_t end, float *line, const float *counted, float *y, bool max) {
    const int64_t width = window_line(&p->w);
    int64_t od = first / p->h.o, oh = first % p->h.o;
    float *to = line + p->w.p;
    for (int64_t r = first; r < end; r++, to += width) {
        pool_make_line(p, x, od, oh, to, max);
        if (++oh == p->h.o) oh = 0, od++;
    }
    od = first / p->h.o, oh = first % p->h.o;
    for (int64_t r = first; r < end; r++, line += width) {
        float rows = 1;
        if (!max) rows = (float)(window_counted(p, &p->d, od) * window_counted(p, &p->h, oh));
        pool_read_line(p, line, counted, rows, y + r * p->w.o, max);
        if (++oh == p->h.o) oh = 0, od++;
    }
}

/* The whole forward pass. */
static inline void pool_nchw(const struct pb_problem *p, const struct pb_scratch *scratch,
                             const float *src, float *dst, bool max) {
    const int64_t lines = pool_lines(p), floats = lines * window_line(&p->w),
                  rows = p->d.o * p->h.o;
    const int64_t plane = p->d.i * p->h.i * p->w.i, blocks = (rows + lines - 1) / lines;
#pragma omp parallel num_threads(pb_scratch_threads(scratch))
    {
        float *line = pb_scratch_mine(scratch), *counted = line + floats;
        for (int64_t i = 0; i < floats; i++) line[i] = pool_identity(max);
        if (!max)
            for (int64_t w = 0; w < p->w.o; w++) counted[w] = (float)window_counted(p, &p->w, w);
#pragma omp for collapse(2) schedule(static)
        for (int64_t nc = 0; nc < p->mb * p->ic; nc++)
            for (int64_t block = 0; block < blocks; block++) {
                const int64_t first = block * lines, end = first + lines;
                pool_block(p, src + nc * plane, first, end < rows ? end : rows, line, counted,
                           dst + nc * rows * p->w.o, max);
            }
    }
}

#endif
