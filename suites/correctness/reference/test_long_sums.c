/* Long sums: the oracle's bound has power at every length, and every kernel keeps it. */
#include "reference.h"
#include "tools/check_row.h"
#include "wrong/wrong_kernels.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* In a sanitized build 10^8 elements take minutes. */
#ifdef POOLBENCH_SANITIZED
enum { LONGEST = 1 << 20 };
#else
enum { LONGEST = 100000000 };
#endif

static struct pb_problem parsed(const char *text) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s: %s", text, pb_error());
    return problem;
}

/* A trial whose f32 inputs are all filled by `value`, in storage order; indices are 0. */
static struct pb_trial filled(const struct pb_problem *problem, float (*value)(int64_t)) {
    struct pb_trial trial;
    cr_assert_eq(pb_trial_allocate(&trial, problem), PB_OK, "%s", pb_error());
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &trial.args.tensor[role];
        if (!pb_role_read(problem, (enum pb_role)role)) continue;
        memset(t->data, 0, pb_tensor_bytes(t));
        for (int64_t i = 0; t->dtype == PB_F32 && i < pb_tensor_count(t); i++)
            ((float *)t->data)[i] = value(i);
    }
    return trial;
}

static void expect(struct pb_trial *trial) {
    cr_assert_eq(pb_trial_expect(trial), PB_OK, "%s", pb_error());
}

static float one(int64_t i) {
    (void)i;
    return 1;
}

static float tenth(int64_t i) {
    (void)i;
    return 0.1f;
}

/* In [1, 2), as a multiplicative hash scatters them. */
static float one_to_two(int64_t i) {
    const uint32_t hash = (uint32_t)((uint64_t)i * UINT64_C(0x9e3779b97f4a7c15) >> 41);
    return 1 + (float)hash * 0x1p-23f;
}

/* Every kernel that runs holds; fails where there are fewer than `least`, which counts SIMD. */
static void hold(struct pb_trial *trial, int least) {
    char text[PB_TEXT_SIZE];
    int count = 0;
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        if (!pb_kernel_runs(pb_kernel_at(i), &trial->problem, NULL)) continue;
        cr_expect_eq(pb_trial_check(trial, pb_kernel_at(i), false), PB_OK, "%s", pb_error());
        count++;
    }
    if (!pb_isa()) least = 1; /* naive alone */
    cr_expect_geq(count, least, "%s: %d kernels", pb_problem_print(&trial->problem, text), count);
}

/* ---- Power ----------------------------------------------------------------------------------- */

/* Averages of n elements along one axis. */
static const char *const averages[] = {
        "gap:%s:mb1ic1iw%" PRId64,
        "avg_np:%s:mb1ic1iw%" PRId64 "kw%" PRId64,
        "adaptive_avg:%s:mb1ic1iw%" PRId64 "ow1",
};
enum { AVERAGES = sizeof averages / sizeof *averages };

static bool passes(struct pb_trial *trial, double value) {
    *(float *)trial->args.dst.data = (float)value;
    return pb_compare(&trial->problem, &trial->args, &trial->expected) == PB_OK;
}

/* Of one channel the layouts are one, but for the kernels, which run up to there and at LONGEST. */
enum { KERNELS = 1 << 20 };

/* On data in [1, 2) an average of n elements that is 1e-3 off is found, and the right one passes. */
static void expect_power(const char *average, const char *layout, int64_t n) {
    char text[PB_TEXT_SIZE];
    snprintf(text, sizeof text, average, layout, n, n);
    const struct pb_problem problem = parsed(text);
    struct pb_trial trial = filled(&problem, one_to_two);
    expect(&trial);
    const double right = trial.expected.tensor[PB_DST].value[0];
    cr_assert(right >= 1 && right < 2, "%s: %g", text, right);
    cr_expect(passes(&trial, right), "%s: %s", text, pb_error());
    cr_expect_not(passes(&trial, right * 1.001), "%s: 1e-3 too large passes", text);
    cr_expect_not(passes(&trial, right * 0.999), "%s: 1e-3 too small passes", text);
    if (n <= KERNELS || n == LONGEST) hold(&trial, 1);
    pb_trial_end(&trial);
}

ParameterizedTestParameters(long_sums, an_error_of_1e_3_is_found) {
    return numbers(2 * AVERAGES);
}

ParameterizedTest(int *number, long_sums, an_error_of_1e_3_is_found, .timeout = 600) {
    const char *average = averages[*number / 2], *layout = *number % 2 ? "nhwc" : "nchw";
    for (int64_t n = 2; n <= LONGEST; n *= 2)
        for (int64_t near = n - 1; near <= n + 1 && near <= LONGEST; near++)
            if (*number % 2 == 0 || n <= KERNELS) expect_power(average, layout, near);
    expect_power(average, layout, LONGEST);
}

/* Four times as many terms: twice the error, for what sqrt n would give. It stays below 1 %. */
Test(long_sums, the_bound_grows_with_the_root_of_the_length) {
    double before = INFINITY;
    for (int64_t n = 1 << 10; n <= 1 << 24 && n <= LONGEST; n *= 4) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "gap:mb1ic1iw%" PRId64, n);
        const struct pb_problem problem = parsed(text);
        struct pb_trial trial = filled(&problem, tenth);
        expect(&trial);
        const double bound = trial.expected.tensor[PB_DST].bound[0];
        cr_expect_leq(bound, 2 * before, "%s: %g after %g", text, bound, before);
        cr_expect_leq(bound, 0.01 * 0.1, "%s: %g", text, bound);
        before = bound;
        pb_trial_end(&trial);
    }
}

/* ---- Whole numbers --------------------------------------------------------------------------- */

static float one_two_four(int64_t i) {
    return (float)(1 << i % 3);
}

/* The rounded quotient and its neighbours, and nothing else. */
Test(long_sums, an_average_of_whole_numbers_is_the_quotient_or_its_neighbour) {
    static const char *const texts[] = {"avg_np:mb1ic1iw3kw3", "gap:mb1ic1iw300003",
                                        "adaptive_avg:mb1ic1iw900003ow1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct pb_problem problem = parsed(texts[i]);
        struct pb_trial trial = filled(&problem, one_two_four);
        expect(&trial);
        const float right = 7.0f / 3, above = nextafterf(right, 3), below = nextafterf(right, 2);
        cr_expect(passes(&trial, right) && passes(&trial, above) && passes(&trial, below), "%s",
                  texts[i]);
        cr_expect_not(passes(&trial, nextafterf(above, 3)), "%s", texts[i]);
        cr_expect_not(passes(&trial, nextafterf(below, 2)), "%s", texts[i]);
        hold(&trial, 1);
        pb_trial_end(&trial);
    }
}

/* Over a power of two the quotient is exact; beyond 2^24 the sum need not be. */
Test(long_sums, an_average_over_a_power_of_two_is_exact) {
    struct pb_problem problem = parsed("avg_p:mb1ic1iw4kw4");
    struct pb_trial trial = filled(&problem, one_two_four);
    expect(&trial);
    cr_expect(passes(&trial, 2));
    cr_expect_not(passes(&trial, nextafterf(2, 3)));
    pb_trial_end(&trial);
    trial = filled(&problem, one);
    ((float *)trial.args.src.data)[0] = 0x1p24f;
    expect(&trial);
    cr_expect(passes(&trial, 0x1p22 + 0.75) && passes(&trial, 0x1p22));
    pb_trial_end(&trial);
}

/* A gradient that is divided is no whole number, though it may come out as one. */
Test(long_sums, shares_of_a_gradient_are_rounded) {
    const struct pb_problem problem = parsed("avg_np:bwd:mb1ic1iw4kw3");
    struct pb_trial trial = filled(&problem, one);
    for (int i = 0; i < 2; i++) ((float *)trial.args.dst.data)[i] = 3;
    expect(&trial);
    cr_expect_eq(trial.expected.tensor[PB_SRC].value[1], 2);
    cr_expect_gt(trial.expected.tensor[PB_SRC].bound[1], 0);
    hold(&trial, 1);
    pb_trial_end(&trial);
}

/* ---- Kernels --------------------------------------------------------------------------------- */

#ifndef POOLBENCH_SANITIZED
/* microsoft/onnxruntime#12043: a running sum of 25 million ones stops at 2^24: 0.67. */
Test(long_sums, the_mean_of_25_million_ones_is_1, .timeout = 300) {
    static const char *const texts[] = {
            "gap:mb1ic1ih4096iw6144",
            "gap:nhwc:mb1ic1ih4096iw6144",
            "gap:nhwc:mb1ic9iw3000000",
            "avg_p:mb1ic1ih4096kh4096_iw6144kw6144",
            "avg_np:nhwc:mb1ic1ih4096kh4096_iw6144kw6144",
            "avg_np:nhwc:mb1ic1id300kd300_ih300kh300_iw300kw300",
            "adaptive_avg:mb1ic1ih4096oh1_iw6144ow1",
            "adaptive_avg:nhwc:mb1ic1ih4096oh1_iw6144ow1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct pb_problem problem = parsed(texts[i]);
        struct pb_trial trial = filled(&problem, one);
        expect(&trial);
        hold(&trial, 1);
        for (int64_t c = 0; c < problem.ic; c++)
            cr_expect_float_eq(((const float *)trial.args.dst.data)[c], 1, 1e-7f, "%s", texts[i]);
        pb_trial_end(&trial);
    }
}
#endif

/* A running sum makes 0.10096 of 0.1 (forward); gradients that many windows send to one position,
 * and those of weights and bias, are sums as long. */
Test(long_sums, a_million_equal_terms, .timeout = 300) {
    static const struct {
        const char *text;
        int least;
    } rows[] = {
            {"gap:mb1ic3ih1000", 2},
            {"gap:nhwc:mb1ic19ih500", 2},
            {"avg_np:mb1ic1ih1000kh1000", 1},
            {"avg_np:nhwc:mb1ic3ih1000kh1000", 1},
            {"avg_p:mb1ic2ih400kh400", 2},
            {"avg_p:mb1ic2iw200003kw200000", 2},
            {"avg_p:mb1ic2ih200003kh200000_iw2kw2sw2", 2},
            {"avg_np:nhwc:mb1ic70iw50000kw50000", 1},
            {"avg_p:mb1ic1id70kd70_ih70kh70_iw70kw70", 2},
            {"adaptive_avg:mb1ic1ih1000oh1", 1},
            {"adaptive_avg:nhwc:mb1ic3ih1000oh1", 1},
            {"lp:mb1ic1ih600kh600", 1},
            {"adaptive_avg:bwd:mb1ic1iw1ow1000000", 1},
            {"adaptive_avg:nhwc:bwd:mb1ic3ih2oh500", 1},
            {"adaptive_max:bwd:mb1ic1iw1ow1000000", 1},
            {"avg_np:bwd:mb1ic1ih2oh300kh600ph299", 1},
            {"avg_np:nhwc:bwd:mb1ic3ih2oh300kh600ph299", 1},
            {"max:bwd:mb1ic1iw2ow20000kw40000pw19999", 1},
            {"max:nhwc:bwd:mb1ic1iw2ow20000kw40000pw19999", 1},
            {"lp:bwd:mb1ic1iw2ow8000kw16000pw7999", 1},
            {"conv:bwd_w:mb1ic1oc1ih1000kh1", 1},
            {"conv:bwd_w:mb1ic3oc5iw300001kw2", 1},
            {"conv:nhwc:bwd_w:mb3ic2oc9ih600kh1", 1},
            {"conv:bwd_w:g2mb1ic2oc2iw300001kw3", 1},
            {"conv:mb1ic262144oc3iw2kw1", 1},
            {"conv:nhwc:mb1ic30000oc9ih3kh3", 1},
            {"conv:bwd:mb1ic3oc262144iw2kw1", 1},
            {"conv:g3mb1ic3oc3ih300kh300", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct pb_problem problem = parsed(rows[i].text);
        struct pb_trial trial = filled(&problem, tenth);
        expect(&trial);
        hold(&trial, rows[i].least);
        pb_trial_end(&trial);
    }
}

/* ---- What is wrong on purpose ---------------------------------------------------------------- */

static enum pb_status judge(const struct pb_kernel *kernel, const char *text,
                            float (*value)(int64_t)) {
    const struct pb_problem problem = parsed(text);
    struct pb_trial trial = filled(&problem, value);
    expect(&trial);
    enum pb_status status = pb_trial_check(&trial, kernel, false);
    pb_trial_end(&trial);
    return status;
}

Test(long_sums, wrong_sums_are_found_where_they_go_wrong, .timeout = 120) {
    static const struct {
        const char *kernel, *text;
        float (*value)(int64_t);
    } rows[] = {
            {"wrong_mean_5_percent_off", "gap:mb1ic1ih1024", one_to_two},
            {"wrong_mean_5_percent_off", "avg_p:nhwc:mb1ic1ih1024kh1024", one},
            {"wrong_mean_5_percent_off", "adaptive_avg:mb1ic1ih1024oh1", tenth},
            {"wrong_running_sum", "gap:mb1ic1ih1000", tenth},
            {"wrong_running_sum", "avg_np:nhwc:mb1ic1ih1000kh1000", tenth},
            {"wrong_running_sum", "adaptive_avg:mb1ic1ih1000oh1", tenth},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int k = 0; k < wrong_sum_count; k++) {
            if (strcmp(wrong_sums[k].kernel.name, rows[i].kernel) != 0) continue;
            cr_expect_eq(judge(&wrong_sums[k].kernel, rows[i].text, rows[i].value), PB_PROVIDER,
                         "%s passes: %s", rows[i].kernel, rows[i].text);
            cr_expect_eq(judge(&right_sum, rows[i].text, rows[i].value), PB_OK, "%s", pb_error());
        }
}
