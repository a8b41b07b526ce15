/* Compares two recorded runs, over all repetitions. */
#include "results/regressions.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SIGNIFICANT = 0.05;
enum { RESAMPLES = 2000, SEED = 1 };

const char *pb_verdict_name(enum pb_verdict verdict) {
    static const char *const names[] = {"slower",          "faster",         "same",
                                        "missing in head", "failed in head", "new in head"};
    return names[verdict];
}

/* The sum of t^3 - t over the groups of t equal values in ascending a and b. */
static double ties(const double *a, size_t a_count, const double *b, size_t b_count) {
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

static double p_of(double u, double a_count, double b_count, double tie_sum) {
    double n = a_count + b_count;
    double variance = a_count * b_count / 12 * (n + 1 - tie_sum / (n * (n - 1)));
    double distance = fabs(u - a_count * b_count / 2) - 0.5;
    if (variance <= 0 || distance <= 0) return 1;
    return 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance));
}

double pb_mann_whitney(const double *a, size_t a_count, const double *b, size_t b_count) {
    double u = 0;
    for (size_t i = 0; i < a_count; i++)
        for (size_t j = 0; j < b_count; j++) u += a[i] < b[j] ? 1 : a[i] == b[j] ? 0.5 : 0;
    return p_of(u, (double)a_count, (double)b_count, ties(a, a_count, b, b_count));
}

static double resampled_median(const gsl_rng *rng, const struct pb_result *from, double *scratch) {
    gsl_ran_sample(rng, scratch, from->count, from->seconds, from->count, sizeof *scratch);
    return gsl_stats_median(scratch, 1, from->count);
}

enum pb_status pb_ratio_interval(const struct pb_result *base, const struct pb_result *head,
                                 double *low, double *high) {
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    size_t longest = base->count > head->count ? base->count : head->count;
    double *ratios = malloc((RESAMPLES + longest) * sizeof *ratios);
    enum pb_status status = PB_OK;
    if (!rng || !ratios) {
        status = pb_fail(PB_NOMEM, "no memory to compare %s", base->name);
        goto cleanup;
    }
    gsl_rng_set(rng, SEED);
    for (int i = 0; i < RESAMPLES; i++) {
        double divisor = resampled_median(rng, base, ratios + RESAMPLES);
        ratios[i] = resampled_median(rng, head, ratios + RESAMPLES) / divisor;
    }
    gsl_sort(ratios, 1, RESAMPLES);
    *low = gsl_stats_quantile_from_sorted_data(ratios, 1, RESAMPLES, 0.025);
    *high = gsl_stats_quantile_from_sorted_data(ratios, 1, RESAMPLES, 0.975);
cleanup:
    free(ratios);
    if (rng) gsl_rng_free(rng);
    return status;
}

static enum pb_status compare_pair(const struct pb_result *base, const struct pb_result *head,
                                   double min_effect, struct pb_change *change) {
    change->base = pb_result_median(base);
    change->head = pb_result_median(head);
    change->ratio = change->head / change->base;
    change->p = pb_mann_whitney(base->seconds, base->count, head->seconds, head->count);
    enum pb_status status = pb_ratio_interval(base, head, &change->low, &change->high);
    if (status || change->p >= SIGNIFICANT) return status;
    if (change->low > 1 + min_effect) change->verdict = PB_SLOWER;
    if (change->high < 1 / (1 + min_effect)) change->verdict = PB_FASTER;
    return PB_OK;
}

static const struct pb_result *named(const struct pb_results *results, const char *name) {
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->item[i].name, name) == 0) return &results->item[i];
    return NULL;
}

/* Timed in every repetition; one that failed says that the kernel is broken. */
static bool is_timed(const struct pb_result *result) {
    return result && result->count && !result->error;
}

/* Whether even two samples of these sizes that do not overlap at all stay insignificant. */
static bool too_few(const struct pb_result *base, const struct pb_result *head) {
    return p_of(0, (double)base->count, (double)head->count, 0) >= SIGNIFICANT;
}

enum pb_status pb_changes_find(const struct pb_results *base, const struct pb_results *head,
                               double min_effect, struct pb_changes *changes) {
    enum pb_status status = PB_OK;
    *changes = (struct pb_changes){0};
    changes->item = calloc(base->count + head->count + 1, sizeof *changes->item);
    if (!changes->item) return pb_fail(PB_NOMEM, "no memory to compare %s", base->path);
    for (size_t i = 0; !status && i < base->count; i++) {
        const struct pb_result *from = &base->item[i], *to = named(head, from->name);
        struct pb_change *change = &changes->item[changes->count];
        if (!is_timed(from)) continue;
        *change = (struct pb_change){.name = from->name, .base = pb_result_median(from), .p = 1};
        change->verdict = !to ? PB_MISSING : is_timed(to) ? PB_SAME : PB_BROKEN;
        if (change->verdict == PB_SAME) {
            status = compare_pair(from, to, min_effect, change);
            changes->common++;
            changes->few += too_few(from, to);
        }
        changes->count++;
    }
    for (size_t i = 0; i < head->count; i++) {
        const struct pb_result *to = &head->item[i];
        if (is_timed(to) && !is_timed(named(base, to->name)))
            changes->item[changes->count++] = (struct pb_change){
                    .name = to->name, .verdict = PB_NEW, .head = pb_result_median(to), .p = 1};
    }
    for (size_t i = 0; i < changes->count; i++) changes->verdicts[changes->item[i].verdict]++;
    if (status) pb_changes_free(changes);
    return status;
}

void pb_changes_free(struct pb_changes *changes) {
    free(changes->item);
    *changes = (struct pb_changes){0};
}

void pb_context_differences(const struct pb_results *base, const struct pb_results *head,
                            void (*warn)(void *arg, const char *key, const char *base_value,
                                         const char *head_value),
                            void *arg) {
    static const char *const keys[] = {"cpu",      "isa",   "data_caches", "threads",
                                       "compiler", "flags", "blas_core"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *from = pb_results_context(base, keys[i], "not recorded");
        const char *to = pb_results_context(head, keys[i], "not recorded");
        if (strcmp(from, to) != 0) warn(arg, keys[i], from, to);
    }
}
