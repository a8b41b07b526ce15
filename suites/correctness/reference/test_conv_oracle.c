/* The oracle's convolution, which copies tensors and sums runs of channels, against the plain one:
 * values, and the bounds that follow from what was summed. */
#include "tools/plain_conv.h"
#include "reference.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* gamma_m sum|a b| + m 2^-149 with m = terms + 3 (reference.h); nothing is rounded of a bias alone,
 * nor of small whole numbers. */
static double bound_of(const struct plain_sum *sum, bool biased, bool whole) {
    double m = (double)sum->terms + 3, mu = ldexp(m, -24);
    if (whole || sum->terms == biased) return 0;
    return mu / (1 - mu) * (double)sum->magnitude + ldexp(m, -149);
}

/* Both sums are of the same terms, each exact in double, in another order. */
static bool equal(double oracle, const struct plain_sum *sum) {
    if (isnan(sum->value)) return isnan(oracle);
    if (!isfinite(sum->value)) return oracle == (double)sum->value;
    double rounding = ldexp((double)sum->terms * (double)sum->magnitude, -53);
    return fabsl(oracle - sum->value) <= rounding;
}

static void expect_equal(const struct pb_trial *trial, enum pb_role role, bool whole) {
    const struct pb_problem *p = &trial->problem;
    const struct pb_expected_tensor *expected = &trial->expected.tensor[role];
    struct plain_sum *sum = calloc((size_t)expected->count + 1, sizeof *sum);
    char text[PB_TEXT_SIZE];
    bool biased = role == PB_DST && trial->args.bias.data;
    cr_assert_not_null(sum);
    plain_conv(p, &trial->args, role, sum);
    for (int64_t i = 0; i < expected->count; i++) {
        double bound = bound_of(&sum[i], biased, whole);
        cr_assert(equal(expected->value[i], &sum[i]) &&
                          (!whole || expected->value[i] == (double)sum[i].value),
                  "%s: %s[%lld] is %.17g, the oracle says %.17g", pb_problem_print(p, text),
                  pb_role_name(role), (long long)i, (double)sum[i].value, expected->value[i]);
        if (isfinite(sum[i].value))
            cr_assert(fabs(expected->bound[i] - bound) <= 1e-12 * bound,
                      "%s: the bound of %s[%lld] is %.17g, the oracle says %.17g",
                      pb_problem_print(p, text), pb_role_name(role), (long long)i, bound,
                      expected->bound[i]);
    }
    free(sum);
}

/* Of any rank, with groups, dilation and padding of either side, in every layout; the ties are small
 * whole numbers. */
static void compare(enum pb_dir dir) {
    static const enum pb_data_pattern patterns[] = {PB_MIXED, PB_TIES, PB_SPARSE, PB_SPECIAL};
    enum { PROBLEMS = 120, PATTERNS = sizeof patterns / sizeof *patterns };
    struct pb_rng rng = {(uint64_t)dir};
    int ranks[4] = {0}, grouped = 0, dilated = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        struct pb_problem p;
        struct pb_trial trial = {0};
        enum pb_data_pattern pattern = patterns[i % PATTERNS];
        pb_problem_random(&rng, PB_CONV, dir, &p);
        cr_assert_eq(pb_trial_begin(&trial, &p, pattern, (uint64_t)i), PB_OK, "%s", pb_error());
        for (int role = 0; role < PB_ROLES; role++)
            if (pb_role_written(&p, (enum pb_role)role))
                expect_equal(&trial, (enum pb_role)role, pattern == PB_TIES);
        pb_trial_end(&trial);
        ranks[p.rank]++;
        grouped += p.g > 1;
        dilated += p.d.d + p.h.d + p.w.d > 0;
    }
    cr_expect(ranks[1] && ranks[2] && ranks[3] && grouped && dilated, "%d %d %d, %d, %d", ranks[1],
              ranks[2], ranks[3], grouped, dilated);
}

Test(conv_oracle, forward_is_the_plain_sum, .timeout = 120) {
    compare(PB_FWD);
}

Test(conv_oracle, gradient_of_data_is_the_plain_sum, .timeout = 120) {
    compare(PB_BWD);
}

Test(conv_oracle, gradient_of_weights_is_the_plain_sum, .timeout = 120) {
    compare(PB_BWD_W);
}
