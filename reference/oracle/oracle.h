/* oracle.h: what the files of the oracle share; nobody else includes it. */
#ifndef PB_ORACLE_H
#define PB_ORACLE_H

#include "reference.h"
#include <float.h>
#include <math.h>

/* What pb_poison leaves in f32 outputs: a signalling NaN, by which pb_compare knows an element that
 * was never written. */
#define ORACLE_POISON 0x7fa00001u

/* A sum of terms in double: a float, an exact product of two, or a float over a divisor. */
struct oracle_sum {
    double value;     /* Inf and NaN as IEEE 754 adds them up */
    double magnitude; /* sum of the finite terms' absolute values */
    int64_t terms;
    int64_t whole; /* terms that a kernel has as they are, and that are whole numbers */
};

static inline double oracle_finite_magnitude(double term) {
    double magnitude = fabs(term);
    return magnitude <= DBL_MAX ? magnitude : 0;
}

/* A term that a kernel has to round: a product, or a share. */
static inline void oracle_add_rounded(struct oracle_sum *sum, double term) {
    sum->value += term;
    sum->magnitude += oracle_finite_magnitude(term);
    sum->terms++;
}

/* An element as it is. From 2^51 on, where the test is not exact, none is taken for whole. */
static inline void oracle_add(struct oracle_sum *sum, double term) {
    const double shift = 0x1.8p52;
    oracle_add_rounded(sum, term);
    sum->whole += (term + shift) - shift == term;
}

/* The roundings that a term may go through on its way into a sum: one for each other term, or, of a
 * long sum, what one that is made of blocks or pairs stays below. */
static inline double oracle_roundings(double terms) {
    return fmin(terms, 1024 + sqrt(terms));
}

/* gamma_m = m u / (1 - m u), u = 2^-24; where m u nears 1 the denominator stays at 1/2. */
static inline double oracle_gamma(double m) {
    double mu = ldexp(m, -24);
    return mu / fmax(1 - mu, 0.5);
}

/* Stores sum / divisor and the bound that an f32 kernel must keep. The rules are at the
 * definition. */
void oracle_settle(const struct oracle_sum *sum, double divisor, struct pb_expected_tensor *to,
                   int64_t element);
/* Stores a value and its bound by the same rules, given the bound of its finite terms, the largest
 * magnitude that f32 arithmetic may reach on the way, and whether the terms have one sign. */
void oracle_store(double value, double bound, double largest, bool one_sign,
                  struct pb_expected_tensor *to, int64_t element);

/* Input position that tap k of output o reads; outside 0 … i - 1 it is padding. */
static inline int64_t oracle_position(const struct pb_axis *a, int64_t o, int64_t k) {
    return o * a->s - a->p + k * (a->d + 1);
}

/* First and last output whose window may reach input position i, and which tap of output o reads
 * i (-1: none, it lies between the taps). */
static inline int64_t oracle_first_output(const struct pb_axis *a, int64_t i) {
    int64_t start = i + a->p - (a->k - 1) * (a->d + 1);
    return start <= 0 ? 0 : (start + a->s - 1) / a->s;
}

static inline int64_t oracle_last_output(const struct pb_axis *a, int64_t i) {
    int64_t last = (i + a->p) / a->s;
    return last < a->o ? last : a->o - 1;
}

static inline int64_t oracle_tap(const struct pb_axis *a, int64_t o, int64_t i) {
    int64_t distance = i - oracle_position(a, o, 0);
    return distance % (a->d + 1) ? -1 : distance / (a->d + 1);
}

/* By axis and output, how many positions of its window count; the divisor of an average is their
 * product. */
struct oracle_counts {
    int64_t *of[3];
};

/* All 0; NOMEM. */
enum pb_status oracle_counts_make(const struct pb_problem *problem, struct oracle_counts *counts);
void oracle_counts_free(struct oracle_counts *counts);

static inline double oracle_counted(const struct oracle_counts *counts, const int64_t at[5]) {
    return (double)(counts->of[0][at[2]] * counts->of[1][at[3]] * counts->of[2][at[4]]);
}

/* The axes n, c, d, h, w (or o, i, d, h, w) of element `flat` of a dense tensor. */
static inline void oracle_unravel(int64_t flat, const int64_t dims[5], int64_t at[5]) {
    for (int axis = 4; axis >= 0; axis--) {
        at[axis] = flat % dims[axis];
        flat /= dims[axis];
    }
}

/* Steps `at` to the next element in that order; behind the last to the first. */
static inline void oracle_step(const int64_t dims[5], int64_t at[5]) {
    for (int axis = 4; axis >= 0 && ++at[axis] == dims[axis]; axis--) at[axis] = 0;
}

static inline int64_t oracle_offset(const struct pb_tensor *t, const int64_t at[5]) {
    return pb_offset(t, at[0], at[1], at[2], at[3], at[4]);
}

/* The element at `offset` of a tensor of f32, s8, u8 or s64. */
static inline double oracle_load(const struct pb_tensor *t, int64_t offset) {
    switch (t->dtype) {
    case PB_S8:
        return ((const int8_t *)t->data)[offset];
    case PB_U8:
        return ((const uint8_t *)t->data)[offset];
    case PB_S64:
        return (double)((const int64_t *)t->data)[offset];
    default:
        return ((const float *)t->data)[offset];
    }
}

static inline double oracle_element(const struct pb_tensor *t, const int64_t at[5]) {
    return oracle_load(t, oracle_offset(t, at));
}

/* What the integers of a tensor's elements may be; -Inf and Inf of floats. */
static inline double oracle_lowest(enum pb_dtype dtype) {
    return dtype == PB_S8 ? INT8_MIN : dtype == PB_U8 ? 0 : -INFINITY;
}

static inline double oracle_highest(enum pb_dtype dtype) {
    return dtype == PB_S8 ? INT8_MAX : dtype == PB_U8 ? UINT8_MAX : INFINITY;
}

/* Sets in[] to the input position that tap number `tap` of output `at` reads; false for padding. */
static inline bool oracle_tap_input(const struct pb_problem *p, const int64_t at[5], int64_t tap,
                                    int64_t in[5]) {
    int64_t k[3] = {tap / p->w.k / p->h.k, tap / p->w.k % p->h.k, tap % p->w.k};
    in[0] = at[0];
    in[1] = at[1];
    for (int axis = 0; axis < 3; axis++) {
        in[2 + axis] = oracle_position(&p->axis[axis], at[2 + axis], k[axis]);
        if (in[2 + axis] < 0 || in[2 + axis] >= p->axis[axis].i) return false;
    }
    return true;
}

static inline int64_t oracle_tap_count(const struct pb_problem *p) {
    return p->d.k * p->h.k * p->w.k;
}

/* The position within its channel that an index names. */
static inline int64_t oracle_flat_position(const struct pb_problem *p, const int64_t in[5]) {
    return (in[2] * p->h.i + in[3]) * p->w.i + in[4];
}

/* INVALID, for an index that its window does not hold. */
enum pb_status oracle_bad_index(int64_t index, const int64_t at[5]);

/* Each writes the values and bounds of what its operation writes. */
enum pb_status oracle_lp(const struct pb_problem *problem, const struct pb_args *args,
                         struct pb_expected *expected);
/* pb_check_indices, of adaptive windows. */
enum pb_status oracle_adaptive_indices(const struct pb_problem *problem,
                                       const struct pb_args *args);
enum pb_status oracle_adaptive(const struct pb_problem *problem, const struct pb_args *args,
                               struct pb_expected *expected);
enum pb_status oracle_conv(const struct pb_problem *problem, const struct pb_args *args,
                           struct pb_expected *expected);
enum pb_status oracle_s2d(const struct pb_problem *problem, const struct pb_args *args,
                          struct pb_expected *expected);
enum pb_status oracle_blur(const struct pb_problem *problem, const struct pb_args *args,
                           struct pb_expected *expected);

#endif
