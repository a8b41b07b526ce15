/* Statistics of samples, against values worked out by hand. */
#include "results/statistics.h"
#include <criterion/criterion.h>
#include <math.h>

static const double four[] = {1, 2, 4, 8};

Test(statistics, quantiles_lie_between_the_values_next_to_them) {
    cr_expect_float_eq(pb_median(four, 4), 3, 1e-15);
    cr_expect_float_eq(pb_quantile(four, 4, 0.25), 1.75, 1e-15);
    cr_expect_float_eq(pb_quantile(four, 4, 0.75), 5, 1e-15);
    cr_expect_float_eq(pb_spread(four, 4), (5 - 1.75) / 2 / 3, 1e-15);
    cr_expect_eq(pb_spread(four, 1), 0, "one value does not spread");
}

Test(statistics, a_geometric_mean_and_its_extremes) {
    struct pb_geometric_mean mean = {0};
    cr_expect_eq(pb_geometric_mean(&mean), 1, "of nothing");
    for (int i = 0; i < 4; i++) pb_geometric_mean_add(&mean, four[i], 1);
    cr_expect_float_eq(pb_geometric_mean(&mean), pow(64, 0.25), 1e-14);
    cr_expect(mean.low == 1 && mean.high == 8 && mean.weight == 4);
    pb_geometric_mean_add(&mean, 0.25, 12);
    cr_expect_float_eq(pb_geometric_mean(&mean), pow(64 * pow(0.25, 12), 1.0 / 16), 1e-14);
    cr_expect(mean.low == 0.25 && mean.high == 8);
}

Test(statistics, the_interval_of_a_ratio) {
    static const double base[] = {10, 10, 10, 10, 10}, head[] = {20, 20, 20, 20, 30};
    double low, high, again[2];
    cr_assert_eq(pb_ratio_interval(base, 5, base, 5, &low, &high), PB_OK);
    cr_expect(low == 1 && high == 1);
    cr_assert_eq(pb_ratio_interval(base, 5, head, 5, &low, &high), PB_OK);
    cr_expect(low == 2 && high >= 2 && high <= 3, "%g to %g", low, high);
    cr_assert_eq(pb_ratio_interval(base, 5, head, 5, &again[0], &again[1]), PB_OK);
    cr_expect(again[0] == low && again[1] == high, "the same random numbers each time");
}

/* Of 3 against 3 even the farthest apart are as likely as 0.08. */
Test(statistics, the_least_p_of_sizes) {
    static const double high[] = {10, 20, 30, 40};
    cr_expect_float_eq(pb_mann_whitney_least(4, 4), pb_mann_whitney(four, 4, high, 4), 1e-15);
    cr_expect_gt(pb_mann_whitney_least(3, 3), 0.05);
    cr_expect_lt(pb_mann_whitney_least(4, 4), 0.05);
}
