/* Statistics of samples, on GSL. */
#include "results/statistics.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

enum { RESAMPLES = 2000, SEED = 1 };

double pb_median(const double *sample, size_t count) {
    return gsl_stats_median_from_sorted_data(sample, 1, count);
}

double pb_quantile(const double *sample, size_t count, double share) {
    return gsl_stats_quantile_from_sorted_data(sample, 1, count, share);
}

double pb_spread(const double *sample, size_t count) {
    double distance = pb_quantile(sample, count, 0.75) - pb_quantile(sample, count, 0.25);
    return distance / 2 / pb_median(sample, count);
}

void pb_geometric_mean_add(struct pb_geometric_mean *mean, double value, double weight) {
    mean->low = mean->weight > 0 ? fmin(mean->low, value) : value;
    mean->high = mean->weight > 0 ? fmax(mean->high, value) : value;
    mean->logarithms += weight * log(value);
    mean->weight += weight;
}

double pb_geometric_mean(const struct pb_geometric_mean *mean) {
    return mean->weight > 0 ? exp(mean->logarithms / mean->weight) : 1;
}

/* ---- Two samples ----------------------------------------------------------------------------- */

static double resampled_median(const gsl_rng *rng, const double *from, size_t count,
                               double *scratch) {
    /* GSL only reads `from`, and declares it without const. */
    gsl_ran_sample(rng, scratch, count, (void *)from, count, sizeof *scratch);
    return gsl_stats_median(scratch, 1, count);
}

enum pb_status pb_ratio_interval(const double *base, size_t base_count, const double *head,
                                 size_t head_count, double *low, double *high) {
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    size_t longest = base_count > head_count ? base_count : head_count;
    double *ratios = malloc((RESAMPLES + longest) * sizeof *ratios);
    enum pb_status status = PB_OK;
    if (!rng || !ratios) {
        status = pb_fail(PB_NOMEM, "no memory for the interval of a ratio");
        goto cleanup;
    }
    gsl_rng_set(rng, SEED);
    for (int i = 0; i < RESAMPLES; i++) {
        double divisor = resampled_median(rng, base, base_count, ratios + RESAMPLES);
        ratios[i] = resampled_median(rng, head, head_count, ratios + RESAMPLES) / divisor;
    }
    gsl_sort(ratios, 1, RESAMPLES);
    *low = pb_quantile(ratios, RESAMPLES, 0.025);
    *high = pb_quantile(ratios, RESAMPLES, 0.975);
cleanup:
    free(ratios);
    if (rng) gsl_rng_free(rng);
    return status;
}

/* The sum of t^3 - t over the groups of t equal values. */
static double tie_sum(const double *a, size_t a_count, const double *b, size_t b_count) {
    double sum = 0;
    size_t i = 0, j = 0;
    while (i < a_count || j < b_count) {
        double value = j == b_count || (i < a_count && a[i] <= b[j]) ? a[i] : b[j], t = 0;
        for (; i < a_count && a[i] == value; i++) t++;
        for (; j < b_count && b[j] == value; j++) t++;
        sum += t * t * t - t;
    }
    return sum;
}

static double p_of(double u, double a_count, double b_count, double ties) {
    double n = a_count + b_count;
    double variance = a_count * b_count / 12 * (n + 1 - ties / (n * (n - 1)));
    double distance = fabs(u - a_count * b_count / 2) - 0.5;
    if (variance <= 0 || distance <= 0) return 1;
    return 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance));
}

double pb_mann_whitney(const double *a, size_t a_count, const double *b, size_t b_count) {
    double u = 0;
    for (size_t i = 0; i < a_count; i++)
        for (size_t j = 0; j < b_count; j++) u += a[i] < b[j] ? 1 : a[i] == b[j] ? 0.5 : 0;
    return p_of(u, (double)a_count, (double)b_count, tie_sum(a, a_count, b, b_count));
}

double pb_mann_whitney_least(size_t a_count, size_t b_count) {
    return p_of(0, (double)a_count, (double)b_count, 0);
}
