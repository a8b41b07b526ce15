/* Looks through a run. Results are sorted by problem, then by time. */
#include "results/queries.h"
#include "results/statistics.h"
#include <string.h>

bool pb_results_begins_shape(const struct pb_results *results, size_t i) {
    return i == 0 || strcmp(results->item[i].problem, results->item[i - 1].problem) != 0;
}

size_t pb_results_shapes(const struct pb_results *results) {
    size_t shapes = 0;
    for (size_t i = 0; i < results->count; i++) shapes += pb_results_begins_shape(results, i);
    return shapes;
}

const struct pb_result *pb_result_best_peer(const struct pb_results *results, const char *problem) {
    for (size_t i = 0; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (result->count && result->peer && !result->reference &&
            strcmp(result->problem, problem) == 0)
            return result;
    }
    return NULL;
}

const struct pb_result *pb_result_best(const struct pb_results *results, const char *problem,
                                       const char *method) {
    for (size_t i = 0; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (result->count && pb_result_is(result, method) && strcmp(result->problem, problem) == 0)
            return result;
    }
    return NULL;
}

struct pb_speedup pb_results_speedup(const struct pb_results *results, const char *fast,
                                     const char *slow) {
    struct pb_geometric_mean mean = {0};
    for (size_t i = 0; i < results->count; i++) {
        const char *problem = results->item[i].problem;
        if (!pb_results_begins_shape(results, i)) continue;
        const struct pb_result *better = pb_result_best(results, problem, fast);
        const struct pb_result *worse = pb_result_best(results, problem, slow);
        if (better && worse)
            pb_geometric_mean_add(&mean, pb_result_median(worse) / pb_result_median(better), 1);
    }
    return (struct pb_speedup){pb_geometric_mean(&mean), mean.low, mean.high, (int)mean.weight};
}

enum pb_status pb_result_ratio(const struct pb_result *base, const struct pb_result *head,
                               struct pb_ratio *ratio) {
    ratio->ratio = pb_result_median(head) / pb_result_median(base);
    return pb_ratio_interval(base->seconds, base->count, head->seconds, head->count, &ratio->low,
                             &ratio->high);
}

/* Where a method is in a plot, slowest first. */
static int method_rank(const char *method) {
    return strcmp(method, "naive") == 0    ? 0
           : strcmp(method, "im2col") == 0 ? 1
           : strcmp(method, "simd") == 0   ? 3 /* of older files */
                                           : 2;
}

size_t pb_results_methods(const struct pb_results *results, const char *method[PB_METHODS_MOST]) {
    size_t count = 0;
    for (size_t i = 0; i < results->count && count < PB_METHODS_MOST; i++) {
        const char *own = results->item[i].method;
        size_t at = 0, found = 0;
        while (found < count && strcmp(method[found], own) != 0) found++;
        if (found < count || !results->item[i].count || !*own) continue;
        while (at < count && method_rank(method[at]) <= method_rank(own)) at++;
        memmove(method + at + 1, method + at, (count - at) * sizeof *method);
        method[at] = own;
        count++;
    }
    return count;
}
