/* window.h: where the windows of a pooling problem lie on its input, one axis at a time. */
#ifndef PB_WINDOW_H
#define PB_WINDOW_H

#include "poolbench.h"

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

/* Windows, or positions, from `first` up to, without, `end`. */
struct window_range {
    int64_t first, end;
};

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

/* The windows whose tap k falls on the input: tap k of window o lies at o s - before. */
static inline struct window_range window_of_tap(const struct pb_axis *a, int64_t k) {
    const int64_t before = a->p - k * (a->d + 1);
    const int64_t first = before > 0 ? (before - 1) / a->s + 1 : 0;
    const int64_t end = a->i + before > 0 ? (a->i + before - 1) / a->s + 1 : 0;
    return (struct window_range){first, end < a->o ? end : a->o};
}

/* Whether a window that reaches over i has a tap on it; dilation leaves holes. */
static inline bool window_taps_at(const struct pb_axis *a, int64_t o, int64_t i) {
    return a->d == 0 || (i + a->p - o * a->s) % (a->d + 1) == 0;
}

#endif
