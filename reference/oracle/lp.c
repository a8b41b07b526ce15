/* The oracle's lp pooling, in logarithms, where no power overflows:
 *
 *     ln y = L + ln(sum exp(p (ln |x| - L))) / p, where L is the largest ln |x| of the window,
 *     (|x| / y)^(p - 1) = exp((p - 1) (ln |x| - ln y)).
 *
 * The bound of y, in units of u = 2^-24, is that of f32 arithmetic with powers within two ulps (4u)
 * and p and 1/p rounded to f32, to first order. Let r = |x| / m, m the largest of n terms other
 * than 0 (adding 0 is exact).
 *   r^p       p from rounding r, 4 from the power, and |ln r| times the error of p
 *   S         the sum of positive terms: the same, averaged by their size, and n - 1 (of more than
 *             1024 what is left of n, as in any long sum)
 *   S^(1/p)   that over p, ln S times the error of 1/p, and 4 from the power
 *   y         1 from multiplying by m
 * A kernel that does not scale by m has less to round, and more to lose: where x^p leaves f32 while
 * y does not, it is wrong. So is one that loses an r below FLT_MIN where its power counts (p <
 * 0.2). Rounding of y itself to a subnormal number adds 2^-149.
 *
 * The bound of a term of the gradient, dy (|x| / y)^(p - 1): with |x| / y within that of y and 1
 * more, the power multiplies it by |p - 1|, and adds 4 and |ln(|x| / y)| times the error of p - 1;
 * the product with dy adds 1. What leaves f32 on the way is lost:
 *   |x| / y     below FLT_MIN two roundings to multiples of 2^-149 come on top; where that may be
 * 0, so may a power of p > 1, and one of p < 1 may be Inf the power   may be rounded to a multiple
 * of 2^-149 before it meets dy; beyond FLT_MAX it may be Inf though its product with dy is not, and
 * below FLT_MIN 0 though dy is Inf Where a term may be Inf or NaN that way, what is not finite
 * passes. Terms are summed as any. */
#include "oracle/oracle.h"
#include <stdlib.h>

/* What rounding p to f32 does to p, 1/p and p - 1: absolute, in units of u. 0 for 2, 3 and 1.5 but
 * for the 1/3. */
struct exponent {
    double p, of_p, of_inverse, of_less;
};

static struct exponent exponent_of(double p) {
    const float rounded = (float)p;
    return (struct exponent){
            .p = p,
            .of_p = ldexp(fabs(rounded - p), 24),
            .of_inverse = ldexp(fabs(1 / rounded - 1 / p), 24),
            .of_less = ldexp(fabs((rounded - 1) - (p - 1)), 24),
    };
}

/* ln y of a window (-Inf: y is 0), and the relative error that y may have in units of u. */
struct norm {
    double ln, error;
};

/* `ln` holds ln |x| of the whole input, dense in logical order. */
static double ln_at(const struct pb_problem *p, const double *ln, const int64_t in[5]) {
    return ln[(in[0] * p->ic + in[1]) * p->d.i * p->h.i * p->w.i + oracle_flat_position(p, in)];
}

static struct norm norm_of(const struct pb_problem *p, const struct exponent *e, const double *ln,
                           const int64_t at[5]) {
    double largest = -INFINITY, sum = 0, distance = 0, terms = 0;
    int64_t in[5];
    for (int64_t tap = 0; tap < oracle_tap_count(p); tap++) {
        if (!oracle_tap_input(p, at, tap, in)) continue;
        double x = ln_at(p, ln, in);
        if (isnan(x)) return (struct norm){NAN, 0};
        largest = fmax(largest, x);
    }
    if (isinf(largest)) return (struct norm){largest, 0};
    for (int64_t tap = 0; tap < oracle_tap_count(p); tap++) {
        if (!oracle_tap_input(p, at, tap, in)) continue;
        double below = ln_at(p, ln, in) - largest, power = exp(e->p * below);
        if (isinf(below)) continue;
        sum += power;
        distance -= power * below;
        terms++;
    }
    double of_sum = e->p + 4 + oracle_roundings(terms) - 1 + distance / sum * e->of_p;
    return (struct norm){largest + log(sum) / e->p,
                         of_sum / e->p + log(sum) * e->of_inverse + 4 + 1};
}

static enum pb_status logarithms(const struct pb_tensor *t, double **ln) {
    int64_t count = pb_tensor_count(t);
    *ln = malloc((size_t)(count > 0 ? count : 1) * sizeof **ln);
    if (!*ln) return pb_fail(PB_NOMEM, "no memory for %lld logarithms", (long long)count);
#pragma omp parallel for
    for (int64_t i = 0; i < count; i++) {
        int64_t at[5];
        oracle_unravel(i, t->dims, at);
        (*ln)[i] = log(fabs(oracle_element(t, at)));
    }
    return PB_OK;
}

/* ---- Forward --------------------------------------------------------------------------------- */

static void fwd(const struct pb_problem *p, const struct pb_args *args, const double *ln,
                struct pb_expected_tensor *dst) {
    const struct exponent e = exponent_of(p->power);
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        int64_t at[5];
        oracle_unravel(i, args->dst.dims, at);
        struct norm norm = norm_of(p, &e, ln, at);
        double y = exp(norm.ln);
        double bound = isfinite(norm.ln) ? y * oracle_gamma(norm.error) + ldexp(1, -149) : 0;
        oracle_store(y, bound, isfinite(norm.ln) ? y + bound : 0, true, dst, i);
    }
}

/* ---- Gradient -------------------------------------------------------------------------------- */

/* What an element gets: the sum, the errors of its terms, and what f32 powers may come to. */
struct gradient {
    struct oracle_sum sum;
    double bound;
    bool positive, negative; /* terms of which sign there are: a sum in double may absorb some */
    bool may_overflow, may_vanish;
};

/* Adds the term of one window that holds x, which is not 0. */
static void add_term(const struct exponent *e, double x, double ln, const struct norm *norm,
                     double dy, struct gradient *to) {
    const double least = ldexp(1, -149), sign = isnan(x) ? NAN : copysign(1, x);
    if (!isfinite(norm->ln)) { /* exactly what IEEE 754 says */
        oracle_add(&to->sum, dy * sign * pow(fabs(x) / exp(norm->ln), e->p - 1));
        return;
    }
    const double ln_ratio = ln - norm->ln, ratio = exp(ln_ratio);
    const double power = exp((e->p - 1) * ln_ratio), term = dy == 0 ? 0 : dy * sign * power;
    const double of_ratio =
            norm->error + 1 + (ratio < FLT_MIN ? ldexp(fmin(least / ratio, 1), 24) : 0);
    double error = fabs(e->p - 1) * of_ratio + fabs(ln_ratio) * e->of_less + 4 + 1;
    bool lost = ratio < 2 * least && e->p != 1, most = power * (1 + oracle_gamma(error)) >= FLT_MAX;
    oracle_add(&to->sum, term);
    to->positive |= term > 0;
    to->negative |= term < 0;
    if (isfinite(dy)) to->bound += oracle_gamma(error) * fabs(term) + least * fabs(dy);
    if (lost && isfinite(dy)) to->bound += fabs(term);
    if ((lost && e->p < 1) || (most && fabs(term) <= FLT_MAX)) to->may_overflow = true;
    if ((lost || power < FLT_MIN) && isinf(dy)) to->may_vanish = true;
}

static void store(const struct gradient *g, struct pb_expected_tensor *src, int64_t element) {
    const struct oracle_sum *sum = &g->sum;
    double m = (double)sum->terms;
    double bound =
            g->bound + oracle_gamma(oracle_roundings(m)) * sum->magnitude + m * ldexp(1, -149);
    if (sum->terms == 0)
        oracle_store(0, 0, 0, false, src, element);
    else if (g->may_vanish)
        oracle_store(NAN, 1, FLT_MAX, false, src, element);
    else if (g->may_overflow)
        oracle_store(sum->value, bound, INFINITY, false, src, element);
    else
        oracle_store(sum->value, bound, sum->magnitude + bound, !(g->positive && g->negative), src,
                     element);
}

/* src[x] = the sum over the windows that hold x; nothing where x is 0. */
static void bwd(const struct pb_problem *p, const struct pb_args *args, const double *ln,
                const struct norm *norms, struct pb_expected_tensor *src) {
    const struct exponent e = exponent_of(p->power);
    const struct pb_axis *d = &p->d, *h = &p->h, *w = &p->w;
#pragma omp parallel for
    for (int64_t i = 0; i < src->count; i++) {
        struct gradient g = {0};
        int64_t in[5];
        oracle_unravel(i, args->src.dims, in);
        const double x = oracle_element(&args->input, in);
        int64_t at[5] = {in[0], in[1]}, channel = (in[0] * p->ic + in[1]) * d->o;
        for (at[2] = oracle_first_output(d, in[2]); at[2] <= oracle_last_output(d, in[2]); at[2]++)
            for (at[3] = oracle_first_output(h, in[3]); at[3] <= oracle_last_output(h, in[3]);
                 at[3]++)
                for (at[4] = oracle_first_output(w, in[4]); at[4] <= oracle_last_output(w, in[4]);
                     at[4]++) {
                    bool held = oracle_tap(d, at[2], in[2]) >= 0 &&
                                oracle_tap(h, at[3], in[3]) >= 0 &&
                                oracle_tap(w, at[4], in[4]) >= 0;
                    if (!held || x == 0) continue;
                    const struct norm *norm =
                            &norms[((channel + at[2]) * h->o + at[3]) * w->o + at[4]];
                    add_term(&e, x, ln[i], norm, oracle_element(&args->dst, at), &g);
                }
        store(&g, src, i);
    }
}

static enum pb_status norms_of(const struct pb_problem *p, const struct pb_tensor *dst,
                               const double *ln, struct norm **norms) {
    const struct exponent e = exponent_of(p->power);
    int64_t count = pb_tensor_count(dst);
    *norms = malloc((size_t)(count > 0 ? count : 1) * sizeof **norms);
    if (!*norms) return pb_fail(PB_NOMEM, "no memory for %lld norms", (long long)count);
#pragma omp parallel for
    for (int64_t i = 0; i < count; i++) {
        int64_t at[5];
        oracle_unravel(i, dst->dims, at);
        (*norms)[i] = norm_of(p, &e, ln, at);
    }
    return PB_OK;
}

enum pb_status oracle_lp(const struct pb_problem *problem, const struct pb_args *args,
                         struct pb_expected *expected) {
    double *ln = NULL;
    struct norm *norms = NULL;
    const bool forward = problem->dir == PB_FWD;
    enum pb_status status = logarithms(forward ? &args->src : &args->input, &ln);
    if (!status && forward) {
        fwd(problem, args, ln, &expected->tensor[PB_DST]);
    } else if (!status) {
        status = norms_of(problem, &args->dst, ln, &norms);
        if (!status) bwd(problem, args, ln, norms, &expected->tensor[PB_SRC]);
    }
    free(norms);
    free(ln);
    return status;
}
