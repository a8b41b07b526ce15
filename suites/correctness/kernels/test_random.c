/* Every kernel over seeded random problems of each operation and direction. */
#include "tools/shape_list.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum pb_op op;
    enum pb_dir dir;
    enum pb_dtype dtype;
} kinds[] = {
        {PB_MAX, PB_FWD, PB_F32},
        {PB_MAX, PB_FWD_IDX, PB_F32},
        {PB_MAX, PB_BWD, PB_F32},
        {PB_AVG_P, PB_FWD, PB_F32},
        {PB_AVG_P, PB_BWD, PB_F32},
        {PB_AVG_NP, PB_FWD, PB_F32},
        {PB_AVG_NP, PB_BWD, PB_F32},
        {PB_GAP, PB_FWD, PB_F32},
        {PB_GAP, PB_BWD, PB_F32},
        {PB_GMP, PB_FWD, PB_F32},
        {PB_GMP, PB_FWD_IDX, PB_F32},
        {PB_GMP, PB_BWD, PB_F32},
        {PB_CONV, PB_FWD, PB_F32},
        {PB_CONV, PB_BWD, PB_F32},
        {PB_CONV, PB_BWD_W, PB_F32},
        {PB_LP, PB_FWD, PB_F32},
        {PB_LP, PB_BWD, PB_F32},
        {PB_ADAPTIVE_MAX, PB_FWD, PB_F32},
        {PB_ADAPTIVE_MAX, PB_FWD_IDX, PB_F32},
        {PB_ADAPTIVE_MAX, PB_BWD, PB_F32},
        {PB_ADAPTIVE_AVG, PB_FWD, PB_F32},
        {PB_ADAPTIVE_AVG, PB_BWD, PB_F32},
        {PB_S2D, PB_FWD, PB_F32},
        {PB_S2D, PB_BWD, PB_F32},
        {PB_BLUR, PB_FWD, PB_F32},
        {PB_BLUR, PB_BWD, PB_F32},
        {PB_MAX, PB_FWD, PB_S8},
        {PB_MAX, PB_FWD_IDX, PB_S8},
        {PB_AVG_P, PB_FWD, PB_S8},
        {PB_AVG_NP, PB_FWD, PB_S8},
        {PB_GAP, PB_FWD, PB_S8},
        {PB_GMP, PB_FWD_IDX, PB_S8},
        {PB_MAX, PB_FWD, PB_U8},
        {PB_MAX, PB_FWD_IDX, PB_U8},
        {PB_AVG_P, PB_FWD, PB_U8},
        {PB_AVG_NP, PB_FWD, PB_U8},
        {PB_GAP, PB_FWD, PB_U8},
        {PB_GMP, PB_FWD_IDX, PB_U8},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], PROBLEMS = 320 };

ParameterizedTestParameters(random_problems, are_right) {
    return shares();
}

ParameterizedTest(int *share, random_problems, are_right, .timeout = 120) {
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = *share; i < PROBLEMS; i += SHARES) {
            struct pb_problem problem;
            uint64_t seed = (uint64_t)(kind * PROBLEMS + i);
            struct pb_rng rng = {.state = seed};
            pb_problem_random(&rng, kinds[kind].op, kinds[kind].dir, &problem);
            problem.dtype = kinds[kind].dtype;
            enum pb_data_pattern family =
                    (enum pb_data_pattern)pb_rng_below(&rng, PB_DATA_PATTERNS);
            char text[PB_TEXT_SIZE];
            cr_assert_eq(pb_problem_check(&problem), PB_OK, "%s", pb_error());
            cr_expect_gt(check_kernels(&problem, family, seed), 0, "no kernel accepts %s",
                         pb_problem_print(&problem, text));
        }
}

/* ---- Nasty problems are really drawn --------------------------------------------------------- */

static const struct pb_axis *last(const struct pb_problem *p) {
    return &p->w;
}

static int64_t span(const struct pb_axis *a) {
    return (a->k - 1) * (a->d + 1) + 1;
}

static bool windows(const struct pb_problem *p) {
    return p->op == PB_MAX || p->op == PB_AVG_P || p->op == PB_AVG_NP || p->op == PB_CONV;
}

/* Some window reads nothing but padding. */
static bool empty(const struct pb_axis *a) {
    for (int64_t o = 0; o < a->o; o++) {
        bool inside = false;
        for (int64_t k = 0; k < a->k && !inside; k++) {
            int64_t at = o * a->s - a->p + k * (a->d + 1);
            inside = at >= 0 && at < a->i;
        }
        if (!inside) return true;
    }
    return false;
}

static bool prime(int64_t n) {
    for (int64_t i = 2; i * i <= n; i++)
        if (n % i == 0) return false;
    return n > 1;
}

static bool near(int64_t n, int64_t width) {
    return llabs(n - width) <= 1;
}

/* One row a class: its name and whether a problem is of it. */
#define CLASS(name, condition)                                                                     \
    static bool name(const struct pb_problem *p) {                                                 \
        const struct pb_axis *a = last(p);                                                         \
        (void)a;                                                                                   \
        return condition;                                                                          \
    }
CLASS(extent_1, a->i == 1)
CLASS(prime_extent, prime(a->i) && a->i > 8)
CLASS(width_3, a->i == 3)
CLASS(width_5, a->i == 5)
CLASS(width_7, a->i == 7)
CLASS(width_9, a->i == 9)
CLASS(width_15, a->i == 15)
CLASS(width_17, a->i == 17)
CLASS(width_31, a->i == 31)
CLASS(width_33, a->i == 33)
CLASS(width_63_to_65, near(a->i, 64))
CLASS(output_15_to_17, near(a->o, 16) && a->i != a->o)
CLASS(window_over_stride, windows(p) && a->k > a->s && a->s > 1)
CLASS(stride_over_window, windows(p) && a->s > span(a) && a->o > 1)
CLASS(stride_is_window, windows(p) && a->s == a->k && a->k > 1)
CLASS(dilated, windows(p) && a->d > 0 && a->k > 1)
CLASS(dilated_over_stride, windows(p) && a->d > 1 && a->k > 2 && a->s > 1)
CLASS(leading_only, windows(p) && a->p > 0 && a->pr == 0)
CLASS(trailing_only, windows(p) && a->p == 0 && a->pr > 0)
CLASS(negative_trailing, windows(p) && a->pr < -1)
CLASS(leading_and_negative, windows(p) && a->p > 0 && a->pr < 0)
CLASS(uneven, windows(p) && a->p > 0 && a->pr > 0 && a->p != a->pr)
CLASS(window_over_input, windows(p) && span(a) > a->i)
CLASS(window_over_padded_input, windows(p) && span(a) > a->i + a->p)
CLASS(empty_window, windows(p) && empty(a))
CLASS(channels_7_to_9, near(p->ic, 8))
CLASS(channels_15_to_17, near(p->ic, 16))
CLASS(channels_31_to_33, near(p->ic, 32))
CLASS(channels_15, p->ic == 15 && p->layout == PB_NHWC)
CLASS(channels_17, p->ic == 17 && p->layout == PB_NHWC)
CLASS(batch_0, p->mb == 0)
CLASS(batch_1, p->mb == 1)
CLASS(rank_1, p->rank == 1)
CLASS(rank_2, p->rank == 2)
CLASS(rank_3, p->rank == 3)
CLASS(ceil_mode, p->ceil)
CLASS(ceil_overhang, p->ceil && (a->o - 1) * a->s - a->p + span(a) > a->i + a->pr)
CLASS(divisor, p->div > 0)
CLASS(depthwise, p->op == PB_CONV && p->g > 1 && p->g == p->ic && p->g == p->oc)
CLASS(depthwise_multiplied, p->op == PB_CONV && p->g > 1 && p->g == p->ic && p->oc > p->g)
CLASS(groups, p->op == PB_CONV && p->g > 1 && p->g < p->ic)
CLASS(groups_of_16, p->op == PB_CONV && p->g > 1 && near(p->ic / p->g, 16))
CLASS(blocked, p->layout == PB_NCHW16C && p->ic % 16 != 0)

#define ROW(name)                                                                                  \
    { #name, name }
static const struct {
    const char *name;
    bool (*holds)(const struct pb_problem *);
} classes[] = {
        ROW(extent_1),
        ROW(prime_extent),
        ROW(width_3),
        ROW(width_5),
        ROW(width_7),
        ROW(width_9),
        ROW(width_15),
        ROW(width_17),
        ROW(width_31),
        ROW(width_33),
        ROW(width_63_to_65),
        ROW(output_15_to_17),
        ROW(window_over_stride),
        ROW(stride_over_window),
        ROW(stride_is_window),
        ROW(dilated),
        ROW(dilated_over_stride),
        ROW(leading_only),
        ROW(trailing_only),
        ROW(negative_trailing),
        ROW(leading_and_negative),
        ROW(uneven),
        ROW(window_over_input),
        ROW(window_over_padded_input),
        ROW(empty_window),
        ROW(channels_7_to_9),
        ROW(channels_15_to_17),
        ROW(channels_31_to_33),
        ROW(channels_15),
        ROW(channels_17),
        ROW(batch_0),
        ROW(batch_1),
        ROW(rank_1),
        ROW(rank_2),
        ROW(rank_3),
        ROW(ceil_mode),
        ROW(ceil_overhang),
        ROW(divisor),
        ROW(depthwise),
        ROW(depthwise_multiplied),
        ROW(groups),
        ROW(groups_of_16),
        ROW(blocked),
};
enum { CLASSES = sizeof classes / sizeof classes[0], DRAWS = 20000, LEAST = DRAWS / 1000 };

/* At least one problem in a thousand is of each class; most are of many. */
Test(random_problems, are_nasty) {
    int drawn[CLASSES] = {0};
    struct pb_rng rng = {.state = 1};
    for (int i = 0; i < DRAWS; i++) {
        struct pb_problem problem;
        pb_problem_random(&rng, kinds[i % KINDS].op, kinds[i % KINDS].dir, &problem);
        cr_assert_eq(pb_problem_check(&problem), PB_OK, "%s", pb_error());
        for (int c = 0; c < CLASSES; c++) drawn[c] += classes[c].holds(&problem);
    }
    for (int c = 0; c < CLASSES; c++)
        cr_expect_geq(drawn[c], LEAST, "%s: %d of %d", classes[c].name, drawn[c], DRAWS);
}

/* ---- Nasty data ------------------------------------------------------------------------------ */

/* How many elements of src are of a kind. */
struct counts {
    int nan, infinite, negative, subnormal, zero, large, all;
};

static struct counts filled(const char *text, enum pb_data_pattern family, uint64_t seed) {
    struct pb_problem problem;
    struct pb_trial trial;
    struct counts n = {0};
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_trial_begin(&trial, &problem, family, seed), PB_OK, "%s", pb_error());
    const float *x = trial.args.src.data;
    n.all = (int)pb_tensor_count(&trial.args.src);
    for (int i = 0; i < n.all; i++) {
        n.nan += isnan(x[i]);
        n.infinite += isinf(x[i]) != 0;
        n.negative += x[i] < 0;
        n.subnormal += fpclassify(x[i]) == FP_SUBNORMAL;
        n.zero += x[i] == 0;
        n.large += isfinite(x[i]) && fabsf(x[i]) > 1e29f;
    }
    pb_trial_end(&trial);
    return n;
}

Test(families, are_what_they_say) {
    static const char *const text = "avg_np:mb2ic17ih9kh3";
    for (uint64_t seed = 1; seed < 20; seed++)
        for (int family = 0; family < PB_DATA_PATTERNS; family++) {
            struct counts n = filled(text, (enum pb_data_pattern)family, seed);
            const char *name = pb_data_pattern_name((enum pb_data_pattern)family);
            bool lone = family == PB_LANE, infinite = family == PB_INFINITE;
            bool special = family == PB_SPECIAL, huge = family == PB_HUGE || family == PB_CANCEL;
            cr_expect(special ? n.nan > 1 : n.nan == lone, "%s: %d NaN", name, n.nan);
            cr_expect(special || infinite ? n.infinite > 1 : n.infinite == 0, "%s: %d Inf", name,
                      n.infinite);
            cr_expect(family == PB_NEGATIVE ? n.negative == n.all : n.negative < n.all, "%s", name);
            cr_expect(n.negative > 0, "%s", name);
            cr_expect(family == PB_SUBNORMAL ? n.subnormal == n.all : n.subnormal < n.all / 4, "%s",
                      name);
            cr_expect(family == PB_SPARSE ? n.zero > n.all / 3 : n.zero < n.all / 3, "%s: %d zeros",
                      name, n.zero);
            cr_expect(huge ? n.large > n.all / 8 : n.large == 0, "%s: %d large", name, n.large);
        }
}

/* About four of the terms of each sum are not 0, whatever it sums over, and both ends of each
 * channel. */
Test(families, know_how_many_terms_a_sum_has) {
    static const struct {
        const char *text;
        enum pb_role role;
        double terms;
    } cases[] = {
            {"max:mb2ic16ih40kh3", PB_SRC, 9},
            {"max:mb2ic16id12ih12iw12kd2kh2kw3", PB_SRC, 12},
            {"adaptive_avg:mb2ic16ih40oh10", PB_SRC, 16},
            {"adaptive_max:mb2ic16ih41iw40oh10ow10", PB_SRC, 20},
            {"conv:mb2g2ic16ih40oc4kh3", PB_SRC, 72},
            {"conv:bwd:mb2g2ic4ih40oc16kh3ph1", PB_DST, 72},
            {"conv:bwd_w:mb5ic16ih32oc16oh16kh2sh2", PB_SRC, 1280},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pb_problem problem;
        struct pb_trial trial;
        cr_assert_eq(pb_problem_parse(cases[i].text, &problem), PB_OK, "%s", pb_error());
        cr_assert_eq(pb_trial_allocate(&trial, &problem), PB_OK, "%s", pb_error());
        double given = 0;
        const int fills = 20;
        for (uint64_t seed = 0; seed < fills; seed++) {
            cr_assert_eq(pb_fill(&problem, &trial.args, PB_SPARSE, seed), PB_OK);
            const struct pb_tensor *t = &trial.args.tensor[cases[i].role];
            for (int64_t at = 0; at < pb_tensor_count(t); at++)
                given += ((const float *)t->data)[at] != 0;
        }
        const int64_t *dims = trial.args.tensor[cases[i].role].dims;
        double channels = fills * (double)(dims[0] * dims[1]), inner = -2;
        inner += (double)(dims[2] * dims[3] * dims[4]);
        given = (given / channels - 2) / inner * cases[i].terms;
        cr_expect_float_eq(given, 4, 0.3, "%s: %g", cases[i].text, given);
        pb_trial_end(&trial);
    }
}

/* A sum that overflows in one order and not in another is held to no order; one whose partial sums
 * all fit is held to its value. */
Test(families, bounds_follow_from_magnitudes) {
    struct pb_problem problem;
    int finite = 0, either = 0;
    cr_assert_eq(pb_problem_parse("avg_np:mb2ic17ih9kh3", &problem), PB_OK);
    for (int family = PB_CANCEL; family <= PB_HUGE; family++) {
        struct pb_trial trial;
        cr_assert_eq(pb_trial_begin(&trial, &problem, (enum pb_data_pattern)family, 1), PB_OK);
        const struct pb_expected_tensor *dst = &trial.expected.tensor[PB_DST];
        for (int64_t i = 0; i < dst->count; i++) {
            cr_expect(isfinite(dst->value[i]));
            /* the mean of nine terms of at most 1e30 or FLT_MAX, and twelve roundings */
            double largest = family == PB_CANCEL ? 1e30 : (double)FLT_MAX;
            cr_expect_leq(fabs(dst->bound[i]), 1.001 * 12 * ldexp(1, -24) * largest);
            if (family == PB_CANCEL) cr_expect_gt(dst->bound[i], 0);
            finite += dst->bound[i] > 0;
            either += dst->bound[i] < 0;
        }
        pb_trial_end(&trial);
    }
    cr_expect_gt(finite, 100);
    cr_expect_gt(either, 100);
}
