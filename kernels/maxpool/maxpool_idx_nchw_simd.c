/* Max pooling with indices, channels-first: vectors of output columns over all taps of their
 * windows. */
#include "core/scratch.h"
#include "simd/simd.h"
#include "window/window.h"
#include <math.h>

static bool can_do(const struct pb_problem *p) {
    const int64_t most = INT32_MAX; /* positions are kept in 32-bit lanes */
    return pb_is_max(p) && p->dir == PB_FWD_IDX && p->dtype == ELEM_DTYPE && p->layout == PB_NCHW &&
           window_close(p) && p->d.i * p->h.i * p->w.i <= most;
}

/* A plane whose windows reach over its edges is first copied between margins of -Inf,
 * which never wins, so that every window of a row has the same taps. */
static bool needs_margins(const struct pb_problem *p) {
    return window_line(&p->w) > p->w.i;
}

/* Scratch holds the copy and then the first input column under each window. An input of 2^31
 * positions with margins of 2^20, which is the most that is accepted, is far from overflow. */
static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    const int64_t copy = needs_margins(p) ? window_line(&p->w) * p->d.i * p->h.i : 0;
    (void)constants;
    return pb_scratch_setup(copy + p->w.o + VL, plan);
}

enum { NONE = INT32_MIN }; /* the first column of a window with none */

/* One output row: the best and its position. x is a plane of rows `line` apart whose first column
 * is -padding. Inlined with constant k and s for the common windows. */
static inline void best_row(const struct pb_problem *p, const float *x, int64_t line,
                            struct window_taps d, struct window_taps h, const int32_t *first,
                            float *y, int64_t *indices, int64_t k, int64_t s) {
    const int64_t step = p->w.d + 1;
    const vi lanes = vi_mul(vi_iota(), vi_set1((int32_t)s));
    for (int64_t w = 0; w < p->w.o; w += VL) {
        const int64_t n = p->w.o - w;
        vf best = v_set1(-INFINITY);
        vi position = vi_add(vi_load(first + w),
                             vi_set1((int32_t)((d.first * p->h.i + h.first) * p->w.i)));
        for (int64_t kd = 0; kd < d.count; kd++)
            for (int64_t kh = 0; kh < h.count; kh++) {
                const int64_t row = (d.first + kd * d.step) * p->h.i + h.first + kh * h.step;
                const float *from = x + row * line + w * s;
                const int64_t at = row * p->w.i + w * s - p->w.p;
                for (int64_t kw = 0; kw < k; kw++) {
                    const vf here = v_load_stride(from + kw * step, s, n, 0);
                    const vm better = vm_or(v_gt(here, best), v_nan(here));
                    best = v_max(best, here);
                    position = vi_select(better, vi_add(lanes, vi_set1((int32_t)(at + kw * step))),
                                         position);
                }
            }
        v_store_n(y + w, best, n);
        vi_store64_n(indices + w, position, n);
    }
}

/* best_row, inlined for the common windows. */
static void best_of_row(const struct pb_problem *p, const float *x, int64_t line,
                        struct window_taps d, struct window_taps h, const int32_t *first, float *y,
                        int64_t *indices) {
    const int64_t k = p->w.k, s = p->w.s;
    if (k == 2 && s == 2)
        best_row(p, x, line, d, h, first, y, indices, 2, 2);
    else if (k == 3 && s == 2)
        best_row(p, x, line, d, h, first, y, indices, 3, 2);
    else if (s == 1)
        best_row(p, x, line, d, h, first, y, indices, k, 1);
    else
        best_row(p, x, line, d, h, first, y, indices, k, s);
}

/* The plane x between the margins of `copy`. */
static void copy_plane(const struct pb_problem *p, const float *x, float *copy) {
    const int64_t line = window_line(&p->w);
    for (int64_t r = 0; r < p->d.i * p->h.i; r++, x += p->w.i, copy += line)
        for (int64_t w = 0; w < p->w.i; w += VL)
            v_store_n(copy + p->w.p + w, v_load_n(x + w, p->w.i - w, 0), p->w.i - w);
}

/* One plane; `line` is how far its rows lie apart, `empty` whether any window has no column. */
static void best_of_plane(const struct pb_problem *p, const float *x, int64_t line,
                          const int32_t *first, bool empty, float *y, int64_t *indices) {
    for (int64_t od = 0; od < p->d.o; od++)
        for (int64_t oh = 0; oh < p->h.o; oh++, y += p->w.o, indices += p->w.o) {
            const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
            const bool no_row = d.count == 0 || h.count == 0;
            best_of_row(p, x, line, d, h, first, y, indices);
            if (no_row || empty)
                for (int64_t w = 0; w < p->w.o; w++)
                    if (no_row || first[w] == NONE) indices[w] = -1;
        }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_scratch *scratch = plan;
    const int64_t plane = p->d.i * p->h.i * p->w.i, windows = p->d.o * p->h.o * p->w.o;
    const int64_t line = window_line(&p->w), floats = needs_margins(p) ? line * p->d.i * p->h.i : 0;
#pragma omp parallel num_threads(pb_scratch_threads(scratch))
    {
        float *copy = pb_scratch_mine(scratch);
        int32_t *first = (int32_t *)(copy + floats);
        bool empty = false;
        for (int64_t i = 0; i < floats; i++) copy[i] = -INFINITY;
        for (int64_t w = 0; w < p->w.o; w++) {
            const struct window_taps taps = window_taps(&p->w, w);
            first[w] = taps.count ? (int32_t)taps.first : NONE;
            empty |= taps.count == 0;
        }
#pragma omp for schedule(static)
        for (int64_t nc = 0; nc < p->mb * p->ic; nc++) {
            const float *x = (const float *)args->src.data + nc * plane;
            if (floats) copy_plane(p, x, copy);
            best_of_plane(p, floats ? copy : x, line, first, empty,
                          (float *)args->dst.data + nc * windows,
                          (int64_t *)args->indices.data + nc * windows);
        }
    }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(ELEM_KERNEL(maxpool_idx, nchw)) = {
        .name = SIMD_NAME(ELEM_KERNEL(maxpool_idx, nchw)),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
