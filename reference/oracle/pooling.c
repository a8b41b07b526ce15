/* The oracle: pooling from its definition, one output element at a time (gather form, explicit
 * positions), and the bound that every sum is held to. */
#include "oracle/oracle.h"
#include "core/op_traits.h"
#include <stdlib.h>

/* ---- The bound of a sum ----------------------------------------------------------------------
 *
 * Finite terms: m u / (1 - m u) * magnitude, u = 2^-24, m = roundings + 3 (a division, or a
 * reciprocal and its product, and the final rounding). A sum of n <= 1024 terms may be made in any
 * order, with n roundings. A longer one must be made of blocks or pairs (long_sums): 1024 + sqrt(n)
 * roundings are enough for blocks of up to 1024 terms, whose sums are added in the same way; a
 * running sum, whose error grows with n, stays below that only where its roundings have no
 * tendency. The factor of the magnitude is never above 1 %.
 * Underflow: each product may be rounded to a multiple of 2^-149, so (terms + 3) * 2^-149 comes on
 * top; flushing subnormals to zero is far outside it. One term that is not multiplied or divided is
 * exact, and so is no term at all: bound 0.
 *
 * Whole numbers whose magnitudes sum to 2^24 at most: any order gives the exact sum. So what is
 * divided is right to the rounded quotient or its neighbour (a reciprocal is rounded, and its
 * product), and by a power of two to the bit.
 *
 * Terms that are Inf or NaN: the sum is what IEEE 754 gives in any order (Inf - Inf is NaN), and
 * must be matched in kind and sign: bound 0.
 *
 * Overflow: if the magnitude (before or after the division) stays below FLT_MAX, no partial sum of
 * any order overflows. Where it does not, but all terms have one sign and the result is beyond
 * FLT_MAX for certain, it must be Inf of that sign: bound 0. Else some order of summation overflows
 * and another does not, and f32 arithmetic may rightly end at Inf or, over two partial sums, NaN:
 * the bound is negative, which pb_compare reads as "within -bound, or not finite". */
void oracle_store(double value, double bound, double largest, bool one_sign,
                  struct pb_expected_tensor *to, int64_t element) {
    if (!isfinite(value)) {
        bound = largest < FLT_MAX ? 0 : -bound;
    } else if (largest >= FLT_MAX) {
        if (one_sign && fabs(value) - bound > FLT_MAX) {
            value = copysign(INFINITY, value);
            bound = 0;
        } else {
            bound = -bound;
        }
    }
    to->value[element] = value;
    to->bound[element] = bound;
}

static bool sums_exactly(const struct oracle_sum *sum) {
    return sum->whole == sum->terms && sum->magnitude <= 0x1p24;
}

/* How far the neighbours of a quotient lie from it. */
static double quotient_bound(double quotient, double divisor) {
    int exponent;
    const float rounded = (float)quotient;
    if (frexp(divisor, &exponent) == 0.5) return 0;
    return fmax(nextafterf(rounded, INFINITY) - quotient,
                quotient - nextafterf(rounded, -INFINITY));
}

void oracle_settle(const struct oracle_sum *sum, double divisor, struct pb_expected_tensor *to,
                   int64_t element) {
    const double most = 0.01, terms = (double)sum->terms;
    double gamma = fmin(oracle_gamma(oracle_roundings(terms) + 3), most);
    double bound = gamma * sum->magnitude / divisor + (terms + 3) * ldexp(1, -149);
    double largest = sum->magnitude * (1 + gamma) / fmin(divisor, 1);
    /* Up to here a term that double absorbed, of whatever sign, is finite in f32. */
    bool one_sign = fabs(sum->value) == sum->magnitude && sum->magnitude <= ldexp(FLT_MAX, 52);
    if (sum->terms == 0)
        oracle_store(0, 0, 0, false, to, element);
    else if (sums_exactly(sum))
        oracle_store(sum->value / divisor, quotient_bound(sum->value / divisor, divisor), largest,
                     false, to, element);
    else
        oracle_store(sum->value / divisor, bound, largest, one_sign, to, element);
}

/* ---- Pooling --------------------------------------------------------------------------------- */

/* The largest, then where it first stands; of NaN, the last. */
static void max_fwd(const struct pb_problem *p, const struct pb_args *args,
                    struct pb_expected *expected) {
    struct pb_expected_tensor *dst = &expected->tensor[PB_DST];
    struct pb_expected_tensor *indices = &expected->tensor[PB_INDICES];
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        int64_t at[5], in[5], index = -1;
        double best = oracle_lowest(p->dtype);
        oracle_unravel(i, args->dst.dims, at);
        for (int64_t tap = 0; tap < oracle_tap_count(p); tap++) {
            if (!oracle_tap_input(p, at, tap, in)) continue;
            double v = oracle_element(&args->src, in);
            if (isnan(v))
                index = oracle_flat_position(p, in);
            else
                best = fmax(best, v);
        }
        dst->value[i] = index < 0 ? best : NAN;
        for (int64_t tap = 0; index < 0 && tap < oracle_tap_count(p); tap++)
            if (oracle_tap_input(p, at, tap, in) && oracle_element(&args->src, in) == best)
                index = oracle_flat_position(p, in);
        if (indices->count) indices->value[i] = (double)index;
    }
}

enum pb_status oracle_counts_make(const struct pb_problem *problem, struct oracle_counts *counts) {
    *counts = (struct oracle_counts){0};
    for (int axis = 0; axis < 3; axis++) {
        counts->of[axis] = calloc((size_t)problem->axis[axis].o, sizeof *counts->of[axis]);
        if (counts->of[axis]) continue;
        oracle_counts_free(counts);
        return pb_fail(PB_NOMEM, "no memory for the divisors of an average");
    }
    return PB_OK;
}

void oracle_counts_free(struct oracle_counts *counts) {
    for (int axis = 0; axis < 3; axis++) free(counts->of[axis]);
}

static enum pb_status count_positions(const struct pb_problem *p, struct oracle_counts *counts) {
    enum pb_status status = oracle_counts_make(p, counts);
    for (int axis = 0; axis < 3 && !status; axis++) {
        const struct pb_axis *a = &p->axis[axis];
        int64_t before = p->op == PB_AVG_P ? a->p : 0;
        int64_t after = p->op == PB_AVG_P && a->pr > 0 ? a->pr : 0;
        for (int64_t o = 0; o < a->o; o++)
            for (int64_t k = 0; k < a->k; k++) {
                int64_t position = oracle_position(a, o, k);
                counts->of[axis][o] += position >= -before && position < a->i + after;
            }
    }
    return status;
}

/* How many positions of a window an average divides by. */
static double divisor(const struct pb_problem *p, const struct oracle_counts *counts,
                      const int64_t at[5]) {
    return p->div ? (double)p->div : oracle_counted(counts, at);
}

/* To the nearest whole number, of two the even one, and no further than the type goes. */
static double nearest(enum pb_dtype dtype, double value) {
    double below = floor(value), above = value - below;
    if (above > 0.5 || (above == 0.5 && fmod(below, 2) != 0)) below++;
    return fmin(fmax(below, oracle_lowest(dtype)), oracle_highest(dtype));
}

/* The elements of output `at`, row by row of its window. */
static struct oracle_sum window_sum(const struct pb_problem *p, const struct pb_tensor *src,
                                    const int64_t at[5]) {
    struct oracle_sum sum = {0};
    for (int64_t kd = 0; kd < p->d.k; kd++) {
        const int64_t id = oracle_position(&p->d, at[2], kd);
        if (id < 0 || id >= p->d.i) continue;
        for (int64_t kh = 0; kh < p->h.k; kh++) {
            const int64_t ih = oracle_position(&p->h, at[3], kh);
            if (ih < 0 || ih >= p->h.i) continue;
            const int64_t row = pb_offset(src, at[0], at[1], id, ih, 0);
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                const int64_t iw = oracle_position(&p->w, at[4], kw);
                if (iw >= 0 && iw < p->w.i)
                    oracle_add(&sum, oracle_load(src, row + iw * src->strides[4]));
            }
        }
    }
    return sum;
}

static enum pb_status avg_fwd(const struct pb_problem *p, const struct pb_args *args,
                              struct pb_expected *expected) {
    struct pb_expected_tensor *dst = &expected->tensor[PB_DST];
    struct oracle_counts counts;
    enum pb_status status = count_positions(p, &counts);
    if (status) return status;
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        int64_t at[5];
        oracle_unravel(i, args->dst.dims, at);
        const struct oracle_sum sum = window_sum(p, &args->src, at);
        if (!pb_dtype_is_integer(p->dtype))
            oracle_settle(&sum, divisor(p, &counts, at), dst, i);
        else if (sum.terms)
            dst->value[i] = nearest(p->dtype, sum.value / divisor(p, &counts, at));
    }
    oracle_counts_free(&counts);
    return PB_OK;
}

/* The sum over the windows that hold input position `in`: of max those that chose it, of an average
 * all, each with its gradient over its divisor. */
static void gradient(const struct pb_problem *p, const struct pb_args *args,
                     const struct oracle_counts *counts, const int64_t in[5],
                     struct oracle_sum *sum) {
    const struct pb_axis *d = &p->d, *h = &p->h, *w = &p->w;
    int64_t flat = oracle_flat_position(p, in), at[5] = {in[0], in[1]};
    for (at[2] = oracle_first_output(d, in[2]); at[2] <= oracle_last_output(d, in[2]); at[2]++) {
        if (oracle_tap(d, at[2], in[2]) < 0) continue;
        for (at[3] = oracle_first_output(h, in[3]); at[3] <= oracle_last_output(h, in[3]);
             at[3]++) {
            if (oracle_tap(h, at[3], in[3]) < 0) continue;
            for (at[4] = oracle_first_output(w, in[4]); at[4] <= oracle_last_output(w, in[4]);
                 at[4]++) {
                if (oracle_tap(w, at[4], in[4]) < 0) continue;
                if (!pb_is_max(p))
                    oracle_add_rounded(sum,
                                       oracle_element(&args->dst, at) / divisor(p, counts, at));
                else if (((const int64_t *)args->indices.data)[oracle_offset(&args->indices, at)] ==
                         flat)
                    oracle_add(sum, oracle_element(&args->dst, at));
            }
        }
    }
}

static enum pb_status pool_bwd(const struct pb_problem *p, const struct pb_args *args,
                               struct pb_expected *expected) {
    struct pb_expected_tensor *src = &expected->tensor[PB_SRC];
    struct oracle_counts counts;
    enum pb_status status = count_positions(p, &counts);
    if (status) return status;
#pragma omp parallel for
    for (int64_t i = 0; i < src->count; i++) {
        struct oracle_sum sum = {0};
        int64_t in[5];
        oracle_unravel(i, args->src.dims, in);
        gradient(p, args, &counts, in, &sum);
        oracle_settle(&sum, 1, src, i);
        if (pb_is_max(p) && sum.terms == 1) src->bound[i] = 0;
    }
    oracle_counts_free(&counts);
    return PB_OK;
}

enum pb_status oracle_bad_index(int64_t index, const int64_t at[5]) {
    return pb_fail(PB_INVALID,
                   "index %lld at n %lld, c %lld, d %lld, h %lld, w %lld lies outside its window",
                   (long long)index, (long long)at[0], (long long)at[1], (long long)at[2],
                   (long long)at[3], (long long)at[4]);
}

/* Refuses -1, too, where the window holds something. */
static enum pb_status check_indices(const struct pb_problem *p, const struct pb_args *args) {
    const int64_t *indices = args->indices.data;
    int64_t count = pb_tensor_count(&args->indices);
    for (int64_t i = 0; i < count; i++) {
        int64_t at[5], in[5], tap;
        oracle_unravel(i, args->indices.dims, at);
        int64_t index = indices[oracle_offset(&args->indices, at)];
        bool empty = true;
        for (tap = 0; tap < oracle_tap_count(p); tap++) {
            if (!oracle_tap_input(p, at, tap, in)) continue;
            empty = false;
            if (oracle_flat_position(p, in) == index) break;
        }
        if (tap == oracle_tap_count(p) && !(empty && index == -1))
            return oracle_bad_index(index, at);
    }
    return PB_OK;
}

enum pb_status pb_check_indices(const struct pb_problem *problem, const struct pb_args *args) {
    if (!pb_role_read(problem, PB_INDICES)) return PB_OK;
    return pb_is_adaptive(problem) ? oracle_adaptive_indices(problem, args)
                                   : check_indices(problem, args);
}

/* ---- Dispatch -------------------------------------------------------------------------------- */

static enum pb_status allocate(struct pb_expected_tensor *tensor, int64_t count) {
    size_t n = count > 0 ? (size_t)count : 1;
    tensor->value = calloc(n, sizeof *tensor->value);
    tensor->bound = calloc(n, sizeof *tensor->bound);
    if (!tensor->value || !tensor->bound)
        return pb_fail(PB_NOMEM, "no memory for %lld expected values", (long long)count);
    tensor->count = count;
    return PB_OK;
}

static enum pb_status compute(const struct pb_problem *p, const struct pb_args *args,
                              struct pb_expected *expected) {
    bool forward = p->dir == PB_FWD, backward = p->dir == PB_BWD;
    bool average = pb_is_average(p);
    enum pb_status status = PB_OK;
    if (p->op == PB_CONV) return oracle_conv(p, args, expected);
    if (p->op == PB_S2D) return oracle_s2d(p, args, expected);
    if (p->op == PB_BLUR) return oracle_blur(p, args, expected);
    if (p->op == PB_LP) return oracle_lp(p, args, expected);
    if (pb_is_adaptive(p)) return oracle_adaptive(p, args, expected);
    if (pb_is_max(p) && pb_is_forward(p)) {
        max_fwd(p, args, expected);
    } else if (average && forward) {
        status = avg_fwd(p, args, expected);
    } else if ((pb_is_max(p) || average) && backward) {
        if (pb_is_max(p)) status = pb_check_indices(p, args);
        if (!status) status = pool_bwd(p, args, expected);
    } else {
        status = pb_fail(PB_UNSUPPORTED, "the oracle has no %s in direction %s", pb_op_name(p->op),
                         pb_dir_name(p->dir));
    }
    return status;
}

/* The largest magnitude in a tensor if all its elements are whole numbers, else -1. */
static double whole_magnitude(const struct pb_tensor *t) {
    int64_t count = pb_tensor_count(t), at[5];
    double largest = 0;
    if (!t->data) return 0;
    for (int64_t i = 0; i < count; i++) {
        oracle_unravel(i, t->dims, at);
        double x = fabs(oracle_element(t, at));
        if (!(x <= FLT_MAX) || x != floor(x)) return -1;
        if (x > largest) largest = x;
    }
    return largest;
}

/* A convolution of whole numbers whose sums stay within 2^24 is exact in f32 in any order, so that
 * not even the smallest error passes. */
static bool conv_is_exact(const struct pb_problem *p, const struct pb_args *args) {
    double terms = p->dir == PB_BWD_W ? (double)(p->mb * p->d.o * p->h.o * p->w.o)
                                      : (double)(p->d.k * p->h.k * p->w.k) *
                                                (double)(p->dir == PB_BWD ? p->oc : p->ic);
    double largest = 1, bias = 0;
    for (int role = 0; role < PB_ROLES; role++) {
        if (!pb_role_read(p, (enum pb_role)role)) continue;
        double magnitude = whole_magnitude(&args->tensor[role]);
        if (magnitude < 0) return false;
        if (role == PB_BIAS)
            bias = magnitude;
        else
            largest *= fmax(magnitude, 1);
    }
    return largest * terms + bias <= ldexp(1, 24);
}

/* What is there in s8 and u8, too. */
static bool has_integers(const struct pb_problem *p) {
    return (p->dtype == PB_S8 || p->dtype == PB_U8) && pb_traits_of(p)->integers &&
           pb_is_forward(p);
}

enum pb_status pb_oracle(const struct pb_problem *problem, const struct pb_args *args,
                         struct pb_expected *expected) {
    enum pb_status status = PB_OK;
    *expected = (struct pb_expected){0};
    if (problem->dtype != PB_F32 && !has_integers(problem))
        return pb_fail(PB_UNSUPPORTED, "the oracle has no %s in %s", pb_op_name(problem->op),
                       pb_dtype_name(problem->dtype));
    for (int role = 0; role < PB_ROLES && !status; role++)
        if (pb_role_written(problem, role) && args->tensor[role].data)
            status = allocate(&expected->tensor[role], pb_tensor_count(&args->tensor[role]));
    if (!status) status = compute(problem, args, expected);
    if (!status && problem->op == PB_CONV && conv_is_exact(problem, args))
        for (int role = 0; role < PB_ROLES; role++)
            for (int64_t i = 0; i < expected->tensor[role].count; i++)
                expected->tensor[role].bound[i] = 0;
    if (status) pb_expected_free(expected);
    return status;
}

void pb_expected_free(struct pb_expected *expected) {
    for (int role = 0; role < PB_ROLES; role++) {
        free(expected->tensor[role].value);
        free(expected->tensor[role].bound);
    }
    *expected = (struct pb_expected){0};
}
