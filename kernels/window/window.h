/* window.h: where the windows of a problem, of pooling or of a convolution, lie on its input, one
 * axis at a time. Tap k of output o meets input position o s - p + k (d + 1); what follows solves
 * that for each of the three. */
#ifndef PB_WINDOW_H
#define PB_WINDOW_H

#include "poolbench.h"

/* As many terms may be added in f32 one after the other; more are added block by block, and then the
 * blocks' sums, so that the error stays far below one that grows with their number. */
enum { SUM_BLOCK = 512 };

/* Where tap k of output o lies; outside the input on padding. */
static inline int64_t window_at(const struct pb_axis *a, int64_t o, int64_t k) {
    return o * a->s - a->p + k * (a->d + 1);
}

/* The input position under tap k of output o; -1 on padding. */
static inline int64_t window_input(const struct pb_axis *a, int64_t o, int64_t k) {
    const int64_t at = window_at(a, o, k);
    return (uint64_t)at < (uint64_t)a->i ? at : -1;
}

/* The output whose tap k lies on input i; -1 if there is none. */
static inline int64_t window_output(const struct pb_axis *a, int64_t i, int64_t k) {
    const int64_t at = i + a->p - k * (a->d + 1);
    return at < 0 || at % a->s || at / a->s >= a->o ? -1 : at / a->s;
}

/* Windows, or positions, from `first` up to, without, `end`. */
struct window_range {
    int64_t first, end;
};

/* The outputs whose tap k lies in [low, high); first <= end. */
static inline struct window_range window_outputs(const struct pb_axis *a, int64_t k, int64_t low,
                                                 int64_t high) {
    const int64_t at = window_at(a, 0, k);
    const int64_t first = low > at ? (low - at - 1) / a->s + 1 : 0;
    const int64_t end = high > at ? (high - at - 1) / a->s + 1 : 0, most = end < a->o ? end : a->o;
    return (struct window_range){first < most ? first : most, most};
}

/* The outputs whose tap k lies on the input. */
static inline struct window_range window_of_tap(const struct pb_axis *a, int64_t k) {
    return window_outputs(a, k, 0, a->i);
}

/* The taps of a window that fall on the input: positions first, first + step, …, count of them.
 * `step` is 1 where there is no second, so that its products with strides stay in the tensor. */
struct window_taps {
    int64_t first, step, count;
};

/* Whether windows reach beyond the input by no more than a kernel may well copy it with its
 * padding: 2^20 positions along each axis. */
static inline bool window_close(const struct pb_problem *p) {
    for (int i = 0; i < 3; i++) {
        const struct pb_axis *a = &p->axis[i];
        int64_t reach = (a->o - 1) * a->s + (a->k - 1) * (a->d + 1) + 1 - a->i;
        if (a->p > 1 << 20 || reach > 1 << 20) return false;
    }
    return true;
}

/* Positions from the first padded one to the last of the input or under a window. */
static inline int64_t window_line(const struct pb_axis *a) {
    const int64_t reach = (a->o - 1) * a->s + (a->k - 1) * (a->d + 1) + 1, input = a->p + a->i;
    return reach > input ? reach : input;
}

/* How many taps of a window that begins at `start` lie before `end`. */
static inline int64_t window_before(const struct pb_axis *a, int64_t start, int64_t end) {
    int64_t step = a->d + 1;
    if (start + (a->k - 1) * step < end) return a->k;
    return start < end ? (end - start - 1) / step + 1 : 0;
}

static inline struct window_taps window_taps(const struct pb_axis *a, int64_t o) {
    int64_t step = a->d + 1, start = o * a->s - a->p;
    int64_t end = window_before(a, start, a->i), skip = 0;
    if (start < 0) skip = window_before(a, start, 0);
    if (skip >= end) return (struct window_taps){0, 1, 0};
    return (struct window_taps){start + skip * step, end - skip > 1 ? step : 1, end - skip};
}

/* What an axis contributes to the divisor of the average over window `o`: the positions that
 * count. At least 1, so that the average of an empty window is 0 / 1. */
static inline int64_t window_counted(const struct pb_problem *p, const struct pb_axis *a,
                                     int64_t o) {
    if (p->div) return a == &p->d ? p->div : 1;
    int64_t count = p->op == PB_AVG_NP ? window_taps(a, o).count
                                       : window_before(a, o * a->s - a->p, a->i + a->pr);
    return count > 0 ? count : 1;
}

static inline int64_t window_positions(const struct pb_problem *p, int64_t od, int64_t oh,
                                       int64_t ow) {
    return window_counted(p, &p->d, od) * window_counted(p, &p->h, oh) *
           window_counted(p, &p->w, ow);
}

static inline float window_divisor(const struct pb_problem *p, int64_t od, int64_t oh, int64_t ow) {
    return (float)window_positions(p, od, oh, ow);
}

/* The most windows of an axis that reach over one position. */
static inline int64_t window_overlap(const struct pb_axis *a) {
    const int64_t most = (a->k - 1) * (a->d + 1) / a->s + 1;
    return most < a->o ? most : a->o;
}

/* Whether so few windows reach over one position that their gradients may be added one after the
 * other. */
static inline bool window_overlaps_little(const struct pb_problem *p) {
    const int64_t d = window_overlap(&p->d), h = window_overlap(&p->h), w = window_overlap(&p->w);
    return d <= SUM_BLOCK && h <= SUM_BLOCK && w <= SUM_BLOCK && d * h * w <= SUM_BLOCK;
}

/* The positions of adaptive window o. */
static inline struct window_range window_adaptive(const struct pb_axis *a, int64_t o) {
    return (struct window_range){o * a->i / a->o, ((o + 1) * a->i - 1) / a->o + 1};
}

/* The windows that reach over input position i. */
static inline struct window_range window_covering(const struct pb_axis *a, int64_t i) {
    int64_t reach = (a->k - 1) * (a->d + 1), at = i + a->p;
    int64_t first = at > reach ? (at - reach - 1) / a->s + 1 : 0, end = at / a->s + 1;
    return (struct window_range){first, end < a->o ? end : a->o};
}

/* Whether a window that reaches over i has a tap on it; dilation leaves holes. */
static inline bool window_taps_at(const struct pb_axis *a, int64_t o, int64_t i) {
    return a->d == 0 || (i + a->p - o * a->s) % (a->d + 1) == 0;
}

#endif
