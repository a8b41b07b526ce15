/* Makes batch, channels and extents small, each where the problem stays one. */
#include "bench/sibling.h"
#include "core/op_traits.h"

enum {
    BATCH = 2,
    ROWS = 5,
    VECTOR = 16,        /* tails of vectors stay as long as they are */
    LANES = 2 * VECTOR, /* behind so many */
};

/* The same place within a vector, few vectors. */
static int64_t shorten(int64_t extent) {
    return extent < LANES + VECTOR ? extent : LANES + extent % VECTOR;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void take(struct pb_problem *small, const struct pb_problem *smaller) {
    if (!pb_problem_check(smaller)) *small = *smaller;
}

static void reduce_channels(struct pb_problem *small) {
    struct pb_problem p = *small;
    const bool groups = pb_traits_of(&p)->groups;
    const int64_t in = p.ic / p.g, out = p.oc / p.g;
    if (groups) {
        p.g = in == 1 ? shorten(p.g) : least(p.g, 2);
        p.ic = p.g * shorten(in);
        p.oc = p.g * shorten(out);
    } else {
        p.ic = shorten(p.ic);
        p.oc = out == in ? p.ic : p.ic * (out / in);
    }
    take(small, &p);
}

/* Fewer outputs, and as much less input as they do not look at. */
static void reduce_axis(struct pb_problem *small, int number) {
    struct pb_problem p = *small;
    struct pb_axis *a = &p.axis[number];
    const enum pb_windows windows = pb_traits_of(&p)->windows;
    const int64_t most = number == 2 ? shorten(a->o) : least(a->o, ROWS);
    if (windows == PB_WHOLE) {
        a->i = a->k = number == 2 ? shorten(a->i) : least(a->i, ROWS + a->i % 2);
    } else if (windows == PB_ADAPTIVE) {
        const int64_t share = a->i / a->o, rest = a->i % a->o != 0;
        a->o = least(a->o, ROWS);
        a->i = share > 1 && share < LANES ? a->o * share + rest : shorten(a->i);
    } else {
        a->i -= (a->o - most) * a->s;
        a->o = most;
    }
    take(small, &p);
}

struct pb_problem pb_sibling(const struct pb_problem *problem) {
    struct pb_problem small = *problem, p;
    small.name[0] = 0;
    p = small;
    p.mb = least(p.mb, BATCH);
    take(&small, &p);
    reduce_channels(&small);
    for (int axis = 3 - small.rank; axis < 3; axis++) reduce_axis(&small, axis);
    return small;
}
