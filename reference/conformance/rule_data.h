/* rule_data.h: the values that rules draw where none of pb_fill's data patterns decides them. */
#ifndef PB_RULE_DATA_H
#define PB_RULE_DATA_H

#include "reference.h"

double rule_draw_few_nan(struct pb_rng *rng);       /* every ninth */
double rule_draw_many_nan(struct pb_rng *rng);      /* every second */
double rule_draw_three_numbers(struct pb_rng *rng); /* -1, 0, 1 */
double rule_draw_minus_infinity(struct pb_rng *rng);
double rule_draw_lowest(struct pb_rng *rng); /* -FLT_MAX, or -Inf */
double rule_draw_not_finite(struct pb_rng *rng);
double rule_draw_subnormal(struct pb_rng *rng);
/* Sums of them pass 2^11 and 2^16 soon: what a 16-bit sum cannot hold. */
double rule_draw_large(struct pb_rng *rng);
double rule_draw_alike(struct pb_rng *rng); /* 1.1: the roundings of a running sum go one way */
/* Multiples of 2^100 */
double rule_draw_large_of_both_signs(struct pb_rng *rng);

#endif
