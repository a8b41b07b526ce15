/* Lp pooling: numbers worked out by hand, Inf, NaN and 0, extremes of f32, and the bound. */
#include "tools/given.h"
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>

#define VALUES(...) ((const float[]){__VA_ARGS__})
#define ARE(...)                                                                                   \
    ((const double[]){__VA_ARGS__}), sizeof((const double[]){__VA_ARGS__}) / sizeof(double)

/* The oracle works in logarithms: it is off by rounding in double, magnified by 1 / p. */
static void near(const struct pb_trial *trial, enum pb_role role, const double *values,
                 size_t count) {
    const struct pb_expected_tensor *expected = &trial->expected.tensor[role];
    char text[PB_TEXT_SIZE];
    pb_problem_print(&trial->problem, text);
    cr_assert_eq(expected->count, (int64_t)count, "%s", text);
    for (size_t i = 0; i < count; i++) {
        double got = expected->value[i], want = values[i];
        bool same =
                isnan(want) ? isnan(got) : got == want || fabs(got - want) <= 1e-12 * fabs(want);
        cr_expect(same, "%s: %s[%zu] should be %.17g, the oracle says %.17g", text,
                  pb_role_name(role), i, want, got);
    }
}

static void forward(const char *text, const float *src, const double *dst, size_t count) {
    struct pb_trial trial = given_trial(text, &(struct given){.src = src});
    near(&trial, PB_DST, dst, count);
    given_passes(&trial);
    pb_trial_end(&trial);
}

static void gradient(const char *text, const float *input, const float *dst, const double *src,
                     size_t count) {
    struct pb_trial trial = given_trial(text, &(struct given){.input = input, .dst = dst});
    near(&trial, PB_SRC, src, count);
    given_passes(&trial);
    pb_trial_end(&trial);
}

/* ---- By hand --------------------------------------------------------------------------------- */

Test(lp, powers_1_2_3_and_fractions) {
    const float *x = VALUES(3, -4, -6, -8, 1, 2, 2, 0);
    forward("lp:mb1ic1iw8kw2sw2pow1", x, ARE(7, 14, 3, 2));
    forward("lp:mb1ic1iw8kw2sw2", x, ARE(5, 10, sqrt(5), 2));
    forward("lp:nhwc:mb1ic1iw8kw2sw2pow3", x, ARE(cbrt(91), cbrt(728), cbrt(9), 2));
    forward("lp:mb1ic1iw4kw2sw2pow0.5", VALUES(4, -9, 1, 0), ARE(25, 1)); /* (2 + 3)^2 */
    forward("lp:mb1ic1iw2kw2pow1.5", VALUES(4, -4), ARE(4 * cbrt(4)));    /* 16^(2/3) */
}

Test(lp, padding_and_empty_windows_add_nothing) {
    forward("lp:mb1ic1iw2kw2pw1", VALUES(3, 4), ARE(3, 5, 4));
    forward("lp:mb1ic1iw2kw1pw1pow3", VALUES(-3, 4), ARE(0, 3, 4, 0));
    forward("lp:mb1ic1iw3kw2dw1pw1", VALUES(3, 0, 4), ARE(0, 5, 0));
}

Test(lp, two_and_three_axes) {
    forward("lp:mb1ic1ih2iw3kh2kw2", VALUES(1, 2, 3, 4, 2, 4), ARE(5, sqrt(33)));
    forward("lp:mb1ic1id2kd2", VALUES(1, -1, 1, -1, 1, -1, 1, -3), ARE(4));
}

/* dy sign(x) (|x| / y)^(p - 1), windows summed. */
Test(lp, gradients) {
    gradient("lp:bwd:mb1ic1iw4kw2sw2", VALUES(3, -4, 0, -2), VALUES(10, 5), ARE(6, -8, 0, -5));
    gradient("lp:bwd:mb1ic1iw3kw2", VALUES(3, -4, 3), VALUES(10, 100), ARE(6, -88, 60));
    gradient("lp:bwd:mb1ic1iw3kw2pow1", VALUES(3, -4, 0), VALUES(10, 100), ARE(10, -110, 0));
    /* y = cbrt(91), so that dx is dy x^2 / y^2 */
    gradient("lp:nhwc:bwd:mb1ic1iw2kw2pow3", VALUES(3, -4), VALUES(1),
             ARE(9 / pow(91, 2.0 / 3), -16 / pow(91, 2.0 / 3)));
    /* y = 25, so that dx is dy (y / |x|)^(1/2) */
    gradient("lp:bwd:mb1ic1iw2kw2pow0.5", VALUES(4, -9), VALUES(6), ARE(15, -10));
}

/* ---- Known defects of real libraries; the address is repo#n ---------------------------------- */

/* pytorch/pytorch#6765: NaN, from 0 / 0; PyTorch chose 0 */
Test(lp, known_defect_the_gradient_of_an_all_zero_window_is_0) {
    gradient("lp:bwd:mb1ic1iw4kw2sw2", VALUES(0, -0.0f, 0, 5), VALUES(1, 2), ARE(0, 0, 0, 2));
    gradient("lp:bwd:mb1ic1iw2kw2pow0.5", VALUES(0, 0), VALUES(1), ARE(0, 0));
    gradient("lp:bwd:mb1ic1iw2kw2pow1", VALUES(0, 0), VALUES(1), ARE(0, 0));
    gradient("lp:bwd:mb1ic1iw2kw2pow3", VALUES(0, 0), VALUES(INFINITY), ARE(0, 0));
}

/* pytorch/pytorch#184037: NaN */
Test(lp, known_defect_a_fraction_of_negatives_takes_the_magnitude) {
    forward("lp:mb1ic1iw2kw2pow1.5", VALUES(-4, -4), ARE(4 * cbrt(4)));
    forward("lp:mb1ic1iw2kw2pow3", VALUES(-3, -4), ARE(cbrt(91)));
}

/* onnx, its own reference implementation: 7.07, the sum of an average over what is there */
Test(lp, known_defect_the_overhang_of_ceil_adds_nothing) {
    forward("lp:mb1ic1iw5kw2sw2ceil", VALUES(3, 4, 3, 4, 5), ARE(5, 5, 5));
}

/* ---- Inf, NaN -------------------------------------------------------------------------------- */

Test(lp, nan_then_inf_decide_a_window) {
    forward("lp:mb1ic1iw8kw2sw2", VALUES(NAN, INFINITY, INFINITY, NAN, -INFINITY, 1, 2, INFINITY),
            ARE(NAN, NAN, INFINITY, INFINITY));
    forward("lp:mb1ic1iw4kw2sw2pow0.5", VALUES(-INFINITY, INFINITY, 0, NAN), ARE(INFINITY, NAN));
}

/* y is Inf: |x| / y is 0, and of Inf itself NaN. */
Test(lp, gradients_of_a_window_with_inf) {
    const float *x = VALUES(-2, INFINITY, 0), *dy = VALUES(3);
    gradient("lp:bwd:mb1ic1iw3kw3", x, dy, ARE(0, NAN, 0));
    gradient("lp:bwd:mb1ic1iw3kw3pow1", x, dy, ARE(-3, 3, 0));
    gradient("lp:bwd:mb1ic1iw3kw3pow0.5", x, dy, ARE(-INFINITY, NAN, 0));
    gradient("lp:bwd:mb1ic1iw3kw3pow0.5", x, VALUES(0), ARE(NAN, NAN, 0));
    gradient("lp:bwd:mb1ic1iw3kw3pow2", x, VALUES(INFINITY), ARE(NAN, NAN, 0));
}

Test(lp, gradients_of_a_window_with_nan) {
    const float *x = VALUES(-2, NAN, 0), *dy = VALUES(3);
    gradient("lp:bwd:mb1ic1iw3kw3", x, dy, ARE(NAN, NAN, 0));
    gradient("lp:bwd:mb1ic1iw3kw3pow1", x, dy, ARE(-3, NAN, 0));
    gradient("lp:bwd:mb1ic1iw3kw3pow0.5", x, dy, ARE(NAN, NAN, 0));
}

Test(lp, a_gradient_that_is_inf_or_nan_reaches_its_window) {
    gradient("lp:bwd:mb1ic1iw4kw2", VALUES(3, -4, 3, 0), VALUES(INFINITY, 1, NAN),
             ARE(INFINITY, -INFINITY, NAN, 0));
    gradient("lp:bwd:mb1ic1iw3kw2", VALUES(3, 4, 3), VALUES(INFINITY, -INFINITY),
             ARE(INFINITY, NAN, -INFINITY));
}

/* ---- The ends of f32 ------------------------------------------------------------------------- */

/* What x^p does there decides nothing; a result beyond FLT_MAX is Inf. */
Test(lp, no_power_overflows_or_underflows) {
    const double p100 = pow(2, 0.01);
    forward("lp:mb1ic1iw2kw2", VALUES(3e30f, -4e30f), ARE(hypot(3e30f, 4e30f)));
    forward("lp:mb1ic1iw2kw2", VALUES(3e-30f, 4e-30f), ARE(hypot(3e-30f, 4e-30f)));
    forward("lp:mb1ic1iw2kw2", VALUES(0x3p-149f, 0x4p-149f), ARE(0x5p-149));
    forward("lp:mb1ic1iw4kw2sw2pow100", VALUES(0.25f, 0.25f, 0x1p100f, 0x1p100f),
            ARE(p100 / 4, 0x1p100 * p100));
    forward("lp:mb1ic1iw4kw2sw2pow0.01", VALUES(0x1p-100f, 0, 0x1p-120f, -0x1p-120f),
            ARE(0x1p-100, 0x1p-20));
    forward("lp:mb1ic1iw4kw2sw2", VALUES(FLT_MAX, FLT_MAX, FLT_MAX, 1), ARE(INFINITY, FLT_MAX));
    forward("lp:mb1ic1iw2kw2pow0.01", VALUES(1e30f, 1e30f), ARE(INFINITY));
}

Test(lp, gradients_at_the_ends_of_f32) {
    gradient("lp:bwd:mb1ic1iw2kw2", VALUES(3e30f, -3e30f), VALUES(4), ARE(sqrt(8), -sqrt(8)));
    gradient("lp:bwd:mb1ic1iw2kw2", VALUES(0x3p-149f, 0x4p-149f), VALUES(10), ARE(6, 8));
    gradient("lp:bwd:mb1ic1iw2kw2", VALUES(FLT_MAX, FLT_MAX), VALUES(2), ARE(sqrt(2), sqrt(2)));
    /* 2 y / x is 2^101 or so; times a dy of 2^30 it is beyond FLT_MAX, so the sum of both signs is
     * whatever f32 makes of it */
    gradient("lp:bwd:mb1ic1iw2kw2pow0.01", VALUES(0x1p20f, 0x1p20f), VALUES(0x1p30f),
             ARE(INFINITY, INFINITY));
}

/* ---- The bound ------------------------------------------------------------------------------- */

/* Whether `got` passes as the only element that the problem writes. */
static bool passes(const char *text, const struct given *given, float got) {
    struct pb_trial trial = given_trial(text, given);
    enum pb_role role = trial.problem.dir == PB_BWD ? PB_SRC : PB_DST;
    cr_assert_eq(pb_tensor_count(&trial.args.tensor[role]), 1);
    *(float *)trial.args.tensor[role].data = got;
    enum pb_status status = pb_compare(&trial.problem, &trial.args, &trial.expected);
    cr_expect(status == PB_OK || status == PB_PROVIDER);
    pb_trial_end(&trial);
    return status == PB_OK;
}

Test(lp, a_norm_is_held_to_a_few_roundings) {
    const struct given x = {.src = VALUES(3, -4)};
    cr_expect(passes("lp:mb1ic1iw2kw2", &x, 5));
    cr_expect(passes("lp:mb1ic1iw2kw2", &x, nextafterf(5, 6)));
    cr_expect_not(passes("lp:mb1ic1iw2kw2", &x, 5 * (1 + 8 * FLT_EPSILON)));
    cr_expect_not(passes("lp:mb1ic1iw2kw2pow100", &x, 4 * (1 + 8 * FLT_EPSILON)));
    cr_expect_not(passes("lp:mb1ic1iw2kw2", &x, 0));
    cr_expect_not(passes("lp:mb1ic1iw2kw2", &x, NAN));
    cr_expect_not(passes("lp:mb1ic1iw2kw2", &x, INFINITY));
    cr_expect_not(passes("lp:mb1ic1iw2kw2", &(struct given){.src = VALUES(0, 0)}, 0x1p-149f));
}

Test(lp, a_gradient_is_held_to_a_few_roundings) {
    const struct given x = {.input = VALUES(-3), .dst = VALUES(2)};
    cr_expect(passes("lp:bwd:mb1ic1iw1kw1pow3", &x, -2));
    cr_expect_not(passes("lp:bwd:mb1ic1iw1kw1pow3", &x, -2 * (1 + 16 * FLT_EPSILON)));
    cr_expect_not(passes("lp:bwd:mb1ic1iw1kw1pow3", &x, 2));
    cr_expect_not(passes("lp:bwd:mb1ic1iw1kw1pow3", &x, 0));
    cr_expect_not(passes("lp:bwd:mb1ic1iw1kw1pow3", &x, NAN));
    cr_expect_not(passes("lp:bwd:mb1ic1iw1kw1pow3",
                         &(struct given){.input = VALUES(0), .dst = VALUES(2)}, 0x1p-149f));
}

/* The ratio 2^-130 has 20 bits in f32, and its power of 0.01 is as near as that allows. */
Test(lp, a_subnormal_ratio_is_not_a_free_hand) {
    struct pb_trial trial =
            given_trial("lp:bwd:mb1ic1iw2kw2pow1.01",
                        &(struct given){.input = VALUES(1, 0x1p-130f), .dst = VALUES(1)});
    const float power = (float)exp2(-1.3);
    given_fill(&trial.args.src, VALUES(1, power));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_OK);
    given_fill(&trial.args.src, VALUES(1, power * 1.001f));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    given_passes(&trial);
    pb_trial_end(&trial);
}

/* The power is 2^-198 and may be 0 in f32, or 2^148 and may be Inf: only then both pass. */
Test(lp, a_power_beyond_f32_may_be_lost) {
    struct pb_trial trial =
            given_trial("lp:bwd:mb1ic1iw2kw2pow3",
                        &(struct given){.input = VALUES(0x1p-99f, 1), .dst = VALUES(INFINITY)});
    given_fill(&trial.args.src, VALUES(NAN, INFINITY));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_OK);
    given_fill(&trial.args.src, VALUES(INFINITY, INFINITY));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_OK);
    given_fill(&trial.args.src, VALUES(0, INFINITY));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    given_fill(&trial.args.src, VALUES(INFINITY, NAN));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    given_passes(&trial);
    pb_trial_end(&trial);
    trial = given_trial("lp:bwd:mb1ic1iw2kw2pow0.01",
                        &(struct given){.input = VALUES(0x1p-130f, 0x1p20f), .dst = VALUES(0)});
    given_fill(&trial.args.src, VALUES(NAN, 0));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_OK);
    given_fill(&trial.args.src, VALUES(1, 0));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    given_fill(&trial.args.src, VALUES(0, NAN));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    given_passes(&trial);
    pb_trial_end(&trial);
}

/* ---- f32 arithmetic keeps the bound ---------------------------------------------------------- */

struct taps {
    int64_t at[5], tap, in[5];
};

static bool next(const struct pb_problem *p, struct taps *t) {
    for (int64_t count = p->d.k * p->h.k * p->w.k; t->tap < count;) {
        int64_t k[3] = {t->tap / p->w.k / p->h.k, t->tap / p->w.k % p->h.k, t->tap % p->w.k};
        bool inside = true;
        t->tap++;
        t->in[0] = t->at[0], t->in[1] = t->at[1];
        for (int a = 0; a < 3; a++) {
            const struct pb_axis *x = &p->axis[a];
            t->in[2 + a] = t->at[2 + a] * x->s - x->p + k[a] * (x->d + 1);
            inside = inside && t->in[2 + a] >= 0 && t->in[2 + a] < x->i;
        }
        if (inside) return true;
    }
    return false;
}

static float *element(const struct pb_tensor *t, const int64_t at[5]) {
    return (float *)t->data + pb_offset(t, at[0], at[1], at[2], at[3], at[4]);
}

/* All in f32: the largest magnitude of the window, then (sum (|x| / largest)^p)^(1/p). */
static float root_f32(const struct pb_problem *p, const struct pb_tensor *x, struct taps t,
                      float *largest) {
    const float power = (float)p->power;
    float sum = 0;
    *largest = 0;
    for (struct taps first = t; next(p, &first);) {
        float magnitude = fabsf(*element(x, first.in));
        if (magnitude > *largest || isnan(magnitude)) *largest = magnitude;
    }
    if (!(*largest > 0 && *largest < INFINITY)) return 1;
    while (next(p, &t)) sum += powf(fabsf(*element(x, t.in)) / *largest, power);
    return powf(sum, 1 / power);
}

static void window_f32(const struct pb_problem *p, const struct pb_args *args, struct taps t) {
    float largest, *y = element(&args->dst, t.at);
    float root = root_f32(p, p->dir == PB_BWD ? &args->input : &args->src, t, &largest);
    if (p->dir == PB_FWD) {
        *y = largest * root;
        return;
    }
    while (next(p, &t)) {
        float x = *element(&args->input, t.in);
        float ratio = fabsf(x) / largest / root, power = powf(ratio, (float)p->power - 1);
        if (x != 0) *element(&args->src, t.in) += *y * (isnan(x) ? x : copysignf(power, x));
    }
}

static enum pb_status run_f32(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t *dims = args->dst.dims;
    for (size_t i = 0; p->dir == PB_BWD && i < pb_tensor_bytes(&args->src) / sizeof(float); i++)
        ((float *)args->src.data)[i] = 0;
    struct taps t = {0};
    for (t.at[0] = 0; t.at[0] < dims[0]; t.at[0]++)
        for (t.at[1] = 0; t.at[1] < dims[1]; t.at[1]++)
            for (t.at[2] = 0; t.at[2] < dims[2]; t.at[2]++)
                for (t.at[3] = 0; t.at[3] < dims[3]; t.at[3]++)
                    for (t.at[4] = 0; t.at[4] < dims[4]; t.at[4]++) window_f32(p, args, t);
    return PB_OK;
}

static bool any(const struct pb_problem *p) {
    (void)p;
    return true;
}

static const struct pb_kernel f32 = {.name = "lppool_in_f32",
                                     .can_do = any,
                                     .setup = pb_setup_nothing,
                                     .run = run_f32,
                                     .done = pb_done_nothing};

Test(lp, f32_arithmetic_keeps_the_bound, .timeout = 60) {
    static const double powers[] = {0.3, 0.75, 1, 1.1, 1.5, 2, 3, 3.7, 10, 33.3};
    struct pb_rng rng = {.state = 6};
    for (int i = 0; i < 600; i++) {
        struct pb_problem problem;
        struct pb_trial trial;
        pb_problem_random(&rng, PB_LP, i % 2 ? PB_BWD : PB_FWD, &problem);
        problem.power = powers[i / 2 % 10];
        enum pb_data_pattern family = (enum pb_data_pattern)pb_rng_below(&rng, PB_DATA_PATTERNS);
        cr_assert_eq(pb_trial_begin(&trial, &problem, family, (uint64_t)i), PB_OK, "%s",
                     pb_error());
        cr_expect_eq(pb_trial_check(&trial, &f32, false), PB_OK, "%s data: %s",
                     pb_data_pattern_name(family), pb_error());
        pb_trial_end(&trial);
    }
}
