/* The values that rules draw. */
#include "conformance/rule_data.h"
#include <float.h>
#include <math.h>

double rule_draw_few_nan(struct pb_rng *rng) {
    return pb_rng_below(rng, 9) ? 2 * pb_rng_unit(rng) - 1 : NAN;
}

double rule_draw_many_nan(struct pb_rng *rng) {
    return pb_rng_below(rng, 2) ? 2 * pb_rng_unit(rng) - 1 : NAN;
}

double rule_draw_three_numbers(struct pb_rng *rng) {
    return (double)(pb_rng_below(rng, 3) - 1);
}

double rule_draw_minus_infinity(struct pb_rng *rng) {
    (void)rng;
    return -INFINITY;
}

double rule_draw_lowest(struct pb_rng *rng) {
    return pb_rng_below(rng, 3) ? -FLT_MAX : -INFINITY;
}

double rule_draw_not_finite(struct pb_rng *rng) {
    switch (pb_rng_below(rng, 20)) {
    case 0:
        return INFINITY;
    case 1:
        return -INFINITY;
    case 2:
        return NAN;
    default:
        return 2 * pb_rng_unit(rng) - 1;
    }
}

double rule_draw_subnormal(struct pb_rng *rng) {
    return ldexp((double)(1 + pb_rng_below(rng, 1000)), -149);
}

double rule_draw_large(struct pb_rng *rng) {
    return (double)(500 + pb_rng_below(rng, 500));
}

double rule_draw_alike(struct pb_rng *rng) {
    (void)rng;
    return 1.1;
}

double rule_draw_large_of_both_signs(struct pb_rng *rng) {
    double magnitude = (double)(1 + pb_rng_below(rng, 4)) * ldexp(1, 100);
    return pb_rng_below(rng, 2) ? magnitude : -magnitude;
}
