/* The oracle's adaptive pooling. Along an axis of i positions and O outputs, position x holds the
 * part [x / i, (x + 1) / i) of a unit and output o the part [o / O, (o + 1) / O); the window of o
 * is every x that overlaps it. That is floor(o i / O) … ceil((o + 1) i / O) - 1, and the outputs
 * whose windows hold x follow in the same way. */
#include "oracle/oracle.h"

/* One of `parts` equal parts, and the first of `others` parts that overlaps it. */
static int64_t first_overlap(int64_t part, int64_t parts, int64_t others) {
    return part * others / parts;
}

/* Whether `other`, not before the first, still overlaps it. */
static bool overlaps(int64_t part, int64_t parts, int64_t other, int64_t others) {
    return other * parts < (part + 1) * others;
}

/* Steps through the product of three axes: of `from` (sizes parts), one element `at`, and of `to`
 * (sizes others) every `other` that overlaps it. Start with first(…). */
struct overlap {
    int64_t parts[3], others[3];
};

static struct overlap window_of(const struct pb_problem *p) {
    return (struct overlap){{p->d.o, p->h.o, p->w.o}, {p->d.i, p->h.i, p->w.i}};
}

static struct overlap outputs_over(const struct pb_problem *p) {
    return (struct overlap){{p->d.i, p->h.i, p->w.i}, {p->d.o, p->h.o, p->w.o}};
}

static void first(const struct overlap *o, const int64_t at[5], int64_t other[5]) {
    other[0] = at[0];
    other[1] = at[1];
    for (int a = 0; a < 3; a++) other[2 + a] = first_overlap(at[2 + a], o->parts[a], o->others[a]);
}

/* The next in row-major order; false past the last. */
static bool next(const struct overlap *o, const int64_t at[5], int64_t other[5]) {
    for (int a = 2; a >= 0; a--) {
        other[2 + a]++;
        if (overlaps(at[2 + a], o->parts[a], other[2 + a], o->others[a])) return true;
        other[2 + a] = first_overlap(at[2 + a], o->parts[a], o->others[a]);
    }
    return false;
}

static enum pb_status count_positions(const struct pb_problem *p, struct oracle_counts *counts) {
    enum pb_status status = oracle_counts_make(p, counts);
    for (int axis = 0; axis < 3 && !status; axis++) {
        const struct pb_axis *a = &p->axis[axis];
        for (int64_t o = 0; o < a->o; o++)
            for (int64_t i = first_overlap(o, a->o, a->i); overlaps(o, a->o, i, a->i); i++)
                counts->of[axis][o]++;
    }
    return status;
}

/* ---- Forward --------------------------------------------------------------------------------- */

/* The largest, then where it first stands; of NaN, the last. */
static void max_fwd(const struct pb_problem *p, const struct pb_args *args,
                    struct pb_expected *expected) {
    struct pb_expected_tensor *dst = &expected->tensor[PB_DST];
    struct pb_expected_tensor *indices = &expected->tensor[PB_INDICES];
    const struct overlap windows = window_of(p);
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        int64_t at[5], in[5], index = -1;
        double best = -INFINITY;
        oracle_unravel(i, args->dst.dims, at);
        first(&windows, at, in);
        do {
            double v = oracle_element(&args->src, in);
            if (isnan(v))
                index = oracle_flat_position(p, in);
            else
                best = fmax(best, v);
        } while (next(&windows, at, in));
        dst->value[i] = index < 0 ? best : NAN;
        if (index < 0) {
            first(&windows, at, in);
            while (oracle_element(&args->src, in) != best) next(&windows, at, in);
            index = oracle_flat_position(p, in);
        }
        if (indices->count) indices->value[i] = (double)index;
    }
}

static void avg_fwd(const struct pb_problem *p, const struct pb_args *args,
                    struct pb_expected *expected) {
    struct pb_expected_tensor *dst = &expected->tensor[PB_DST];
    const struct overlap windows = window_of(p);
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        struct oracle_sum sum = {0};
        int64_t at[5], in[5];
        oracle_unravel(i, args->dst.dims, at);
        first(&windows, at, in);
        do oracle_add(&sum, oracle_element(&args->src, in));
        while (next(&windows, at, in));
        oracle_settle(&sum, (double)sum.terms, dst, i);
    }
}

/* ---- Gradients ------------------------------------------------------------------------------- */

/* Each window's gradient goes to the position that it chose (max), or in equal shares to all. */
static enum pb_status bwd(const struct pb_problem *p, const struct pb_args *args,
                          struct pb_expected *expected) {
    struct pb_expected_tensor *src = &expected->tensor[PB_SRC];
    const struct overlap outputs = outputs_over(p);
    struct oracle_counts sizes;
    enum pb_status status = count_positions(p, &sizes);
    if (status) return status;
    const int64_t *indices = args->indices.data;
    const bool max = p->op == PB_ADAPTIVE_MAX;
#pragma omp parallel for
    for (int64_t i = 0; i < src->count; i++) {
        struct oracle_sum sum = {0};
        int64_t in[5], at[5];
        oracle_unravel(i, args->src.dims, in);
        first(&outputs, in, at);
        do {
            double dy = oracle_element(&args->dst, at);
            if (!max)
                oracle_add_rounded(&sum, dy / oracle_counted(&sizes, at));
            else if (indices[oracle_offset(&args->indices, at)] == oracle_flat_position(p, in))
                oracle_add(&sum, dy);
        } while (next(&outputs, in, at));
        oracle_settle(&sum, 1, src, i);
        if (max && sum.terms == 1) src->bound[i] = 0;
    }
    oracle_counts_free(&sizes);
    return PB_OK;
}

enum pb_status oracle_adaptive_indices(const struct pb_problem *p, const struct pb_args *args) {
    const int64_t *indices = args->indices.data;
    const struct overlap windows = window_of(p);
    int64_t count = pb_tensor_count(&args->indices);
    for (int64_t i = 0; i < count; i++) {
        int64_t at[5], in[5];
        oracle_unravel(i, args->indices.dims, at);
        int64_t index = indices[oracle_offset(&args->indices, at)];
        first(&windows, at, in);
        while (oracle_flat_position(p, in) != index)
            if (!next(&windows, at, in)) return oracle_bad_index(index, at);
    }
    return PB_OK;
}

enum pb_status oracle_adaptive(const struct pb_problem *problem, const struct pb_args *args,
                               struct pb_expected *expected) {
    const bool max = problem->op == PB_ADAPTIVE_MAX;
    enum pb_status status = PB_OK;
    if (problem->dir == PB_BWD) {
        if (max) status = oracle_adaptive_indices(problem, args);
        if (!status) status = bwd(problem, args, expected);
    } else if (max) {
        max_fwd(problem, args, expected);
    } else {
        avg_fwd(problem, args, expected);
    }
    return status;
}
