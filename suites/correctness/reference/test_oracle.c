/* The oracle, the comparison and the test data, by numbers worked out by hand. */
#include "tools/given.h"
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <string.h>

#define VALUES(...) ((const float[]){__VA_ARGS__})
#define ARE(...)                                                                                   \
    ((const double[]){__VA_ARGS__}), sizeof((const double[]){__VA_ARGS__}) / sizeof(double)

/* The trial of a problem that reads src only; checks dst, and runs every kernel. */
static void forward(const char *text, const float *src, const double *dst, size_t count) {
    struct pb_trial trial = given_trial(text, &(struct given){.src = src});
    given_expects(&trial, PB_DST, dst, (int64_t)count);
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (pb_kernel_runs(pb_kernel_at(i), &trial.problem, NULL))
            cr_expect_eq(pb_trial_check(&trial, pb_kernel_at(i), false), PB_OK, "%s", pb_error());
    pb_trial_end(&trial);
}

static void indices(const char *text, const float *src, const double *dst, size_t count,
                    const double *index, size_t index_count) {
    struct pb_trial trial = given_trial(text, &(struct given){.src = src});
    given_expects(&trial, PB_DST, dst, (int64_t)count);
    given_expects(&trial, PB_INDICES, index, (int64_t)index_count);
    given_passes(&trial);
    pb_trial_end(&trial);
}

/* ---- What it does not know ------------------------------------------------------------------- */

/* Of a problem that pb_problem_check would refuse. */
static void expect_unknown(const char *text, enum pb_dir dir, const char *sentence) {
    struct pb_expected expected;
    struct pb_trial trial;
    struct pb_problem p;
    cr_assert_eq(pb_problem_parse(text, &p), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_trial_begin(&trial, &p, PB_MIXED, 1), PB_OK, "%s", pb_error());
    p.dir = dir;
    cr_expect_eq(pb_oracle(&p, &trial.args, &expected), PB_UNSUPPORTED, "%s", text);
    cr_expect_str_eq(pb_error(), sentence);
    for (int role = 0; role < PB_ROLES; role++)
        cr_expect_null(expected.tensor[role].value, "%s", pb_role_name((enum pb_role)role));
    pb_trial_end(&trial);
}

Test(oracle, refuses_what_an_operation_does_not_have) {
    expect_unknown("max:mb1ic1ih4kh2", PB_BWD_W, "the oracle has no max in direction bwd_w");
    expect_unknown("avg_p:mb1ic1ih4kh2", PB_FWD_IDX,
                   "the oracle has no avg_p in direction fwd_idx");
    expect_unknown("conv:mb1ic1oc1ih4kh2", PB_FWD_IDX,
                   "the oracle has no conv in direction fwd_idx");
}

Test(oracle, other_numbers_of_elements_are_no_result) {
    struct pb_trial trial =
            given_trial("max:mb1ic1iw4kw2sw2", &(struct given){.src = VALUES(1, 2, 3, 4)});
    struct pb_trial more =
            given_trial("max:mb1ic1iw4kw2", &(struct given){.src = VALUES(1, 2, 3, 4)});
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &more.expected), PB_PROVIDER);
    cr_expect_str_eq(pb_error(), "dst has 2 elements, 3 are expected");
    pb_trial_end(&trial);
    pb_trial_end(&more);
}

/* ---- Max ------------------------------------------------------------------------------------- */

Test(oracle, max_gives_nan_and_the_last_index_of_several) {
    indices("max:fwd_idx:mb1ic1iw6kw3sw3", VALUES(NAN, 9, NAN, 1, NAN, 2), ARE(NAN, NAN),
            ARE(2, 4));
}

Test(oracle, max_takes_the_first_of_equals) {
    indices("max:fwd_idx:mb1ic1ih2kh2", VALUES(3, 7, 7, 7), ARE(7), ARE(1));
    indices("max:fwd_idx:mb1ic1iw2kw2", VALUES(-0.0f, 0), ARE(0), ARE(0));
}

Test(oracle, max_of_all_minus_infinity_has_an_index) {
    indices("max:fwd_idx:mb1ic1iw3kw3", VALUES(-INFINITY, -INFINITY, -INFINITY), ARE(-INFINITY),
            ARE(0));
    indices("max:fwd_idx:mb1ic1iw2kw2pw1", VALUES(-INFINITY, -3), ARE(-INFINITY, -3, -3),
            ARE(0, 1, 1));
}

Test(oracle, padding_never_wins_a_max) {
    forward("max:mb1ic1ih2kh3ph1", VALUES(-4, -3, -2, -1), ARE(-1, -1, -1, -1));
}

Test(oracle, an_empty_window) {
    indices("max:fwd_idx:mb1ic1iw2kw1pw1", VALUES(5, 6), ARE(-INFINITY, 5, 6, -INFINITY),
            ARE(-1, 0, 1, -1));
    forward("avg_p:mb1ic1iw2kw1pw1", VALUES(5, 6), ARE(0, 5, 6, 0));
    forward("avg_np:mb1ic1iw2kw1pw1", VALUES(5, 6), ARE(0, 5, 6, 0));
}

Test(oracle, indices_count_within_a_channel) {
    indices("max:nhwc:fwd_idx:mb2ic2iw2kw2", VALUES(1, 2, 4, 3, 6, 5, 7, 8), ARE(2, 4, 6, 8),
            ARE(1, 0, 0, 1));
}

Test(oracle, dilation_skips_positions) {
    indices("max:fwd_idx:mb1ic1iw5kw2dw1", VALUES(1, 9, 3, 4, 5), ARE(3, 9, 5), ARE(2, 1, 4));
}

Test(oracle, max_gradients_meet_where_windows_overlap) {
    static const int64_t index[] = {1, 1, 3, -1};
    struct pb_trial trial = given_trial(
            "max:bwd:mb1ic1iw4ow4kw2sw2pw1", /* windows at -1, 1, 3 and, past the input, 5 */
            &(struct given){.dst = VALUES(10, 20, 30, 40),
                            .indices = (const int64_t[]){0, 1, 3, -1}});
    given_expects(&trial, PB_SRC, ARE(10, 20, 0, 30));
    pb_trial_end(&trial);
    trial = given_trial("max:bwd:mb1ic1iw3kw2",
                        &(struct given){.dst = VALUES(10, 20), .indices = index});
    given_expects(&trial, PB_SRC, ARE(0, 30, 0));
    given_passes(&trial);
    pb_trial_end(&trial);
}

Test(oracle, an_index_outside_its_window_is_refused) {
    static const int64_t wrong[][2] = {{2, 1}, {0, 3}, {-1, 1}, {0, INT64_MAX}, {INT64_MIN, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct pb_problem problem;
        struct pb_trial trial;
        cr_assert_eq(pb_problem_parse("max:bwd:mb1ic1iw3kw2", &problem), PB_OK);
        cr_assert_eq(pb_trial_allocate(&trial, &problem), PB_OK);
        given_fill(&trial.args.dst, VALUES(1, 2));
        memcpy(trial.args.indices.data, wrong[i], sizeof wrong[i]);
        cr_expect_eq(pb_trial_expect(&trial), PB_INVALID);
        cr_expect(strstr(pb_error(), "outside its window"), "%s", pb_error());
        pb_trial_end(&trial);
    }
}

/* ---- Average --------------------------------------------------------------------------------- */

static const float one_to_16[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

Test(oracle, avg_p_counts_declared_padding) {
    forward("avg_p:mb1ic1iw3kw3pw1", VALUES(3, 6, 12), ARE(3, 7, 6));
    forward("avg_np:mb1ic1iw3kw3pw1", VALUES(3, 6, 12), ARE(4.5, 7, 9));
}

/* The last window holds 16, three positions of declared padding and five of overhang. */
Test(oracle, the_overhang_of_ceil_does_not_count) {
    struct pb_trial trial =
            given_trial("avg_p:mb1ic1ih4kh3sh2ph1ceil", &(struct given){.src = one_to_16});
    cr_assert_eq(trial.expected.tensor[PB_DST].count, 9);
    cr_expect_eq(trial.expected.tensor[PB_DST].value[8], 4);
    given_passes(&trial);
    pb_trial_end(&trial);
    trial = given_trial("avg_np:mb1ic1ih4kh3sh2ph1ceil", &(struct given){.src = one_to_16});
    cr_expect_eq(trial.expected.tensor[PB_DST].value[8], 16);
    given_passes(&trial);
    pb_trial_end(&trial);
    forward("avg_p:mb1ic1iw4kw3sw2ceil", VALUES(3, 6, 12, 4), ARE(7, 8));
}

Test(oracle, div_replaces_the_divisor) {
    forward("avg_p:mb1ic1iw3kw3pw1div2", VALUES(3, 6, 12), ARE(4.5, 10.5, 9));
    forward("avg_np:mb1ic1iw3kw3pw1div2", VALUES(3, 6, 12), ARE(4.5, 10.5, 9));
}

Test(oracle, an_average_of_infinities) {
    forward("avg_np:mb1ic1iw6kw2sw2", VALUES(INFINITY, 1, INFINITY, -INFINITY, NAN, 2),
            ARE(INFINITY, NAN, NAN));
}

/* Windows at -1, 1 and 3 of three positions each: divisors 2, 3 and (with ceil) 2 of the input. */
Test(oracle, average_gradients_use_each_windows_divisor) {
    struct pb_trial trial =
            given_trial("avg_np:bwd:mb1ic1iw5kw3sw2pw1", &(struct given){.dst = VALUES(4, 6, 8)});
    given_expects(&trial, PB_SRC, ARE(2, 4, 2, 6, 4));
    given_passes(&trial);
    pb_trial_end(&trial);
    trial = given_trial("avg_p:bwd:mb1ic1iw5kw3sw2pw1", &(struct given){.dst = VALUES(3, 6, 9)});
    given_expects(&trial, PB_SRC, ARE(1, 3, 2, 5, 3));
    given_passes(&trial);
    pb_trial_end(&trial);
}

Test(oracle, global_pools_take_the_whole_input) {
    forward("gap:mb1ic2ih2", VALUES(1, 2, 3, 6, -1, -2, -3, -6), ARE(3, -3));
    forward("gmp:mb1ic2ih2", VALUES(1, 2, 3, 6, -1, -2, -3, -6), ARE(6, -1));
    struct pb_trial trial = given_trial("gap:bwd:mb1ic1ih2", &(struct given){.dst = VALUES(8)});
    given_expects(&trial, PB_SRC, ARE(2, 2, 2, 2));
    pb_trial_end(&trial);
}

/* ---- Convolution ----------------------------------------------------------------------------- */

Test(oracle, conv_by_hand) {
    struct given given = {.src = VALUES(1, 2, 3, 4), .weights = VALUES(1, 10), .bias = VALUES(100)};
    struct pb_trial trial = given_trial("conv:mb1ic1oc1iw4kw2sw2pw1", &given);
    given_expects(&trial, PB_DST, ARE(110, 132, 104));
    given_passes(&trial);
    pb_trial_end(&trial);
    given.bias = NULL;
    trial = given_trial("conv:mb1ic1oc1iw4kw2dw1", &given);
    given_expects(&trial, PB_DST, ARE(31, 42));
    given_passes(&trial);
    pb_trial_end(&trial);
}

Test(oracle, conv_groups_keep_apart) {
    struct given given = {
            .src = VALUES(1, 2, 3, 4), .weights = VALUES(1, 10, 100, 1000), .bias = VALUES(0, 0)};
    struct pb_trial trial = given_trial("conv:nhwc:g2mb1ic4oc2iw1kw1", &given);
    given_expects(&trial, PB_DST, ARE(21, 4300));
    given_passes(&trial);
    pb_trial_end(&trial);
}

Test(oracle, conv_gradients_by_hand) {
    struct given given = {
            .src = VALUES(1, 2, 3, 4), .weights = VALUES(1, 10), .dst = VALUES(1, 2, 3)};
    /* Windows at (-1, 0), (1, 2) and (3, 4). */
    struct pb_trial trial = given_trial("conv:bwd:mb1ic1oc1iw4kw2sw2pw1", &given);
    given_expects(&trial, PB_SRC, ARE(10, 2, 20, 3));
    given_passes(&trial);
    pb_trial_end(&trial);
    trial = given_trial("conv:bwd_w:mb1ic1oc1iw4kw2sw2pw1", &given);
    given_expects(&trial, PB_WEIGHTS, ARE(2 * 2 + 3 * 4, 1 * 1 + 2 * 3));
    given_expects(&trial, PB_BIAS, ARE(6));
    given_passes(&trial);
    pb_trial_end(&trial);
}

/* ---- Bounds and the comparison --------------------------------------------------------------- */

/* Whether `got` passes as the only element of dst. */
static bool passes(const char *text, const float *src, const float *weights, float got) {
    struct pb_trial trial = given_trial(text, &(struct given){.src = src, .weights = weights});
    cr_assert_eq(pb_tensor_count(&trial.args.dst), 1);
    *(float *)trial.args.dst.data = got;
    enum pb_status status = pb_compare(&trial.problem, &trial.args, &trial.expected);
    cr_expect(status == PB_OK || status == PB_PROVIDER);
    pb_trial_end(&trial);
    return status == PB_OK;
}

Test(compare, max_is_exact) {
    const float *x = VALUES(1, 2);
    cr_expect(passes("max:mb1ic1iw2kw2", x, NULL, 2));
    cr_expect_not(passes("max:mb1ic1iw2kw2", x, NULL, nextafterf(2, 3)));
    cr_expect_not(passes("max:mb1ic1iw2kw2", x, NULL, NAN));
    cr_expect_not(passes("max:mb1ic1iw2kw2", x, NULL, INFINITY));
    cr_expect(passes("max:mb1ic1iw2kw2", VALUES(-0.0f, 0), NULL, -0.0f));
    cr_expect(passes("max:mb1ic1iw2kw2", VALUES(NAN, 0), NULL, NAN));
    cr_expect_not(passes("max:mb1ic1iw2kw2", VALUES(NAN, 0), NULL, 0));
    cr_expect_not(passes("max:mb1ic1iw1kw1", VALUES(-INFINITY), NULL, -FLT_MAX));
    cr_expect_not(passes("max:mb1ic1iw1kw1", VALUES(-INFINITY), NULL, INFINITY));
    cr_expect(passes("max:mb1ic1iw1kw1", VALUES(-INFINITY), NULL, -INFINITY));
}

Test(compare, a_sum_is_held_to_its_magnitude) {
    const char *text = "avg_np:mb1ic1iw3kw3";
    const float *x = VALUES(1, 2, 4);
    cr_expect(passes(text, x, NULL, 7.0f / 3));
    cr_expect(passes(text, x, NULL, nextafterf(7.0f / 3, 3)));
    cr_expect_not(passes(text, x, NULL, 7.0f / 3 * (1 + 8 * FLT_EPSILON)));
    cr_expect_not(passes(text, x, NULL, 0));
    cr_expect_not(passes(text, x, NULL, NAN));
    cr_expect_not(passes(text, x, NULL, -INFINITY));
}

Test(compare, subnormals_are_not_flushed) {
    const float tiny = 0x1p-140f;
    cr_expect(passes("avg_np:mb1ic1iw2kw2", VALUES(tiny, tiny), NULL, tiny));
    cr_expect_not(passes("avg_np:mb1ic1iw2kw2", VALUES(tiny, tiny), NULL, 0));
    cr_expect_not(passes("max:mb1ic1iw2kw2", VALUES(tiny, -tiny), NULL, 0));
    cr_expect(passes("conv:mb1ic1oc1iw1kw1", VALUES(0x1p-100f), VALUES(0x1p-40f), 0x1p-140f));
    cr_expect_not(passes("conv:mb1ic1oc1iw1kw1", VALUES(0x1p-100f), VALUES(0x1p-40f), 0));
}

Test(compare, overflow) {
    const char *average = "avg_np:mb1ic1iw2kw2", *conv = "conv:mb1ic1oc1iw2kw2";
    /* The sum overflows, the average does not: both are f32 arithmetic; 0 is not. */
    cr_expect(passes(average, VALUES(FLT_MAX, FLT_MAX), NULL, FLT_MAX));
    cr_expect(passes(average, VALUES(FLT_MAX, FLT_MAX), NULL, INFINITY));
    cr_expect_not(passes(average, VALUES(FLT_MAX, FLT_MAX), NULL, 0));
    cr_expect_not(passes(average, VALUES(FLT_MAX, FLT_MAX), NULL, FLT_MAX / 2));
    /* Beyond FLT_MAX for certain. */
    cr_expect(passes(conv, VALUES(FLT_MAX, 1), VALUES(2, 2), INFINITY));
    cr_expect_not(passes(conv, VALUES(FLT_MAX, 1), VALUES(2, 2), FLT_MAX));
    cr_expect_not(passes(conv, VALUES(FLT_MAX, 1), VALUES(2, 2), -INFINITY));
    cr_expect_not(passes(conv, VALUES(FLT_MAX, 1), VALUES(2, 2), NAN));
    /* Two terms that cancel, each beyond FLT_MAX: Inf - Inf is right, as is 0 where it is fused. */
    cr_expect(passes(conv, VALUES(FLT_MAX, FLT_MAX), VALUES(2, -2), NAN));
    cr_expect(passes(conv, VALUES(FLT_MAX, FLT_MAX), VALUES(2, -2), 0));
    /* The same where double absorbs the smaller, and where both have one sign. */
    cr_expect(passes(conv, VALUES(FLT_MAX, FLT_MAX), VALUES(FLT_MAX, -2), NAN));
    cr_expect_not(passes(conv, VALUES(FLT_MAX, FLT_MAX), VALUES(FLT_MAX, -2), 1));
    cr_expect_not(passes(conv, VALUES(FLT_MAX, FLT_MAX), VALUES(3, 2), NAN));
}

Test(compare, infinities_and_nan_in_a_sum) {
    const char *conv = "conv:mb1ic1oc1iw2kw2";
    cr_expect(passes(conv, VALUES(INFINITY, 1), VALUES(1, 1), INFINITY));
    cr_expect_not(passes(conv, VALUES(INFINITY, 1), VALUES(1, 1), -INFINITY));
    cr_expect_not(passes(conv, VALUES(INFINITY, 1), VALUES(1, 1), NAN));
    cr_expect(passes(conv, VALUES(INFINITY, 1), VALUES(0, 1), NAN));
    cr_expect_not(passes(conv, VALUES(INFINITY, 1), VALUES(0, 1), 1));
    cr_expect(passes(conv, VALUES(INFINITY, INFINITY), VALUES(1, -1), NAN));
    cr_expect_not(passes(conv, VALUES(INFINITY, INFINITY), VALUES(1, -1), INFINITY));
}

Test(compare, names_what_is_wrong) {
    struct pb_trial trial = given_trial("max:mb1ic2iw4kw2sw2",
                                        &(struct given){.src = VALUES(1, 2, 3, 4, 5, 6, 7, 8)});
    given_fill(&trial.args.dst, VALUES(2, 4, 6.5f, 8));
    cr_assert_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    cr_expect(strstr(pb_error(), "dst[0,1,0,0,0]"), "%s", pb_error());
    cr_expect(strstr(pb_error(), "6.5"), "%s", pb_error());
    cr_expect(strstr(pb_error(), "1 of 4 wrong"), "%s", pb_error());
    pb_trial_end(&trial);
}

Test(compare, poison_and_zeros_never_pass) {
    static const char *const texts[] = {
            "max:mb2ic3ih7kh3sh2ph1",           "max:fwd_idx:mb2ic3ih7kh3sh2ph1",
            "max:bwd:mb2ic3ih7kh3sh2ph1",       "avg_p:nhwc:mb2ic3ih7kh3sh2ph1",
            "avg_np:bwd:mb2ic3ih7kh3sh2ph1",    "gap:mb2ic3ih7",
            "conv:mb2ic3oc4ih7kh3sh2ph1",       "conv:bwd:mb2ic3oc4ih7kh3sh2ph1",
            "conv:bwd_w:mb2ic3oc4ih7kh3sh2ph1", "s2d:mb2ic3ih6kh2",
            "s2d:bwd:mb2ic3ih6kh2_crd",         "blur:mb2ic3ih7kh3sh2ph1",
            "blur:nhwc:bwd:mb2ic3ih7kh3sh2ph1", "max:s8:mb2ic3ih7kh3sh2ph1",
            "avg_np:u8:mb2ic3ih7kh3sh2ph1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (int family = 0; family < PB_DATA_PATTERNS; family++) {
            struct pb_problem problem;
            struct pb_trial trial;
            cr_assert_eq(pb_problem_parse(texts[i], &problem), PB_OK, "%s", pb_error());
            cr_assert_eq(pb_trial_begin(&trial, &problem, (enum pb_data_pattern)family, 1), PB_OK,
                         "%s", pb_error());
            pb_poison(&problem, &trial.args);
            cr_expect_eq(pb_compare(&problem, &trial.args, &trial.expected), PB_PROVIDER, "%s",
                         texts[i]);
            for (int role = 0; role < PB_ROLES; role++)
                if (pb_role_written(&problem, (enum pb_role)role))
                    memset(trial.buffer[role].data, 0, trial.buffer[role].bytes);
            cr_expect_eq(pb_compare(&problem, &trial.args, &trial.expected), PB_PROVIDER, "%s",
                         texts[i]);
            pb_trial_end(&trial);
        }
}

/* ---- Test data ------------------------------------------------------------------------------- */

/* The first numbers of SplitMix64 from state 0, as its authors' code gives them. */
Test(fill, splitmix64) {
    struct pb_rng rng = {0};
    cr_expect_eq(pb_rng_next(&rng), 0xe220a8397b1dcdafu);
    cr_expect_eq(pb_rng_next(&rng), 0x6e789e6aa1b965f4u);
    cr_expect_eq(pb_rng_next(&rng), 0x06c45d188009454fu);
    for (int i = 0; i < 1000; i++) {
        int64_t below = pb_rng_below(&rng, 7);
        double unit = pb_rng_unit(&rng);
        cr_expect(below >= 0 && below < 7);
        cr_expect(unit >= 0 && unit < 1);
    }
}

Test(fill, layouts_hold_the_same_values) {
    static const char *const texts[] = {"max:nchw:mb2ic19ih4iw3kh2kw2",
                                        "max:nhwc:mb2ic19ih4iw3kh2kw2",
                                        "max:nChw16c:mb2ic19ih4iw3kh2kw2"};
    struct pb_trial trial[3];
    for (int i = 0; i < 3; i++) {
        struct pb_problem problem;
        cr_assert_eq(pb_problem_parse(texts[i], &problem), PB_OK, "%s", pb_error());
        cr_assert_eq(pb_trial_begin(&trial[i], &problem, PB_MIXED, 7), PB_OK, "%s", pb_error());
        const struct pb_expected_tensor *a = &trial[0].expected.tensor[PB_DST];
        const struct pb_expected_tensor *b = &trial[i].expected.tensor[PB_DST];
        cr_assert_eq(a->count, b->count);
        cr_expect_arr_eq(a->value, b->value, (size_t)a->count * sizeof *a->value);
    }
    for (int i = 0; i < 3; i++) pb_trial_end(&trial[i]);
}

Test(fill, families) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse("max:mb4ic16ih16kh2sh2", &problem), PB_OK);
    for (int family = 0; family < PB_DATA_PATTERNS; family++) {
        struct pb_trial trial;
        int64_t nan = 0, infinite = 0, negative = 0, integer = 0;
        cr_assert_eq(pb_trial_begin(&trial, &problem, (enum pb_data_pattern)family, 3), PB_OK);
        int64_t count = pb_tensor_count(&trial.args.src);
        for (int64_t i = 0; i < count; i++) {
            float x = ((const float *)trial.args.src.data)[i];
            nan += isnan(x) != 0;
            infinite += isinf(x) != 0;
            negative += x < 0;
            integer += x == floorf(x);
        }
        if (family == PB_MIXED) cr_expect(negative > 0 && negative < count && !nan && !infinite);
        if (family == PB_NEGATIVE) cr_expect(negative == count && !nan && !infinite);
        if (family == PB_TIES) cr_expect(integer == count && !nan);
        if (family == PB_SPECIAL) cr_expect(nan > 0 && infinite > 0 && nan + infinite < count / 4);
        pb_trial_end(&trial);
    }
}

/* How many of 4 * 16 * 16 * 16 bytes have each value; those of s8 count from the lowest. */
static void count_bytes(const char *text, enum pb_data_pattern family, int count[256]) {
    struct pb_problem problem;
    struct pb_trial trial;
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_trial_begin(&trial, &problem, family, 3), PB_OK, "%s", pb_error());
    memset(count, 0, 256 * sizeof *count);
    for (int64_t i = 0; i < pb_tensor_count(&trial.args.src); i++)
        count[problem.dtype == PB_S8 ? ((const int8_t *)trial.args.src.data)[i] + 128
                                     : ((const uint8_t *)trial.args.src.data)[i]]++;
    pb_trial_end(&trial);
}

static int total(const int count[256], int from, int to) {
    int sum = 0;
    for (int i = from; i <= to; i++) sum += count[i];
    return sum;
}

Test(fill, families_of_integers) {
    static const char *const texts[] = {"max:s8:mb4ic16ih16kh2sh2", "avg_p:u8:mb4ic16ih16kh2sh2"};
    enum { ALL = 4 * 16 * 16 * 16 };
    for (int u = 0; u < 2; u++) {
        int count[256], zero = u ? 0 : 128;
        count_bytes(texts[u], PB_MIXED, count);
        for (int i = 0; i < 256; i++) cr_expect_gt(count[i], 0, "%s: no %d", texts[u], i - zero);
        cr_expect(count[0] > ALL / 32 && count[255] > ALL / 32);
        count_bytes(texts[u], PB_NEGATIVE, count); /* u8: negative if it is taken for s8 */
        cr_expect_eq(u ? total(count, 128, 255) : total(count, 0, 127), ALL);
        cr_expect(u ? count[255] && count[128] : count[0] && count[127]);
        count_bytes(texts[u], PB_TIES, count);
        cr_expect_eq(count[0] + total(count, zero ? zero - 1 : 1, zero ? zero + 2 : 4), ALL);
        cr_expect_gt(count[0], ALL / 10);
        count_bytes(texts[u], PB_SPARSE, count);
        cr_expect_eq(total(count, 1, 254), u ? 0 : count[zero]);
        cr_expect_gt(count[255], 0);
        count_bytes(texts[u], PB_SPECIAL, count);
        cr_expect(count[0] + count[255] == ALL && count[255] > 0 && count[255] < ALL / 2);
    }
}
