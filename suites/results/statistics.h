/* statistics.h: what a sample of times says, and whether two samples differ. Samples are ascending
 * and have at least one value. */
#ifndef PB_STATISTICS_H
#define PB_STATISTICS_H

#include "poolbench.h"

double pb_median(const double *sample, size_t count);
/* Linear between the two values next to it; `share` 0.25 is the lower quartile. */
double pb_quantile(const double *sample, size_t count, double share);
/* Half of the distance between the quartiles, as a share of the median. */
double pb_spread(const double *sample, size_t count);

/* A geometric mean, and the extremes, of values that come one after the other. Begins zeroed. */
struct pb_geometric_mean {
    double logarithms, weight, low, high;
};
void pb_geometric_mean_add(struct pb_geometric_mean *mean, double value, double weight);
double pb_geometric_mean(const struct pb_geometric_mean *mean); /* 1 where nothing was added */

/* The 95 % interval of the ratio of two medians, head / base: the percentile bootstrap over all
 * values, always with the same random numbers. */
enum pb_status pb_ratio_interval(const double *base, size_t base_count, const double *head,
                                 size_t head_count, double *low, double *high);

/* Two-sided p of the Mann-Whitney U test, by the normal approximation with corrections for ties
 * and continuity; 1 where all values are equal. */
double pb_mann_whitney(const double *a, size_t a_count, const double *b, size_t b_count);
/* The smallest p that samples of these sizes can have: that of two that do not overlap. */
double pb_mann_whitney_least(size_t a_count, size_t b_count);

#endif
