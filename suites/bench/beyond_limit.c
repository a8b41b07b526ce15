/* A time that no machine can have is no time. */
#include "bench/beyond_limit.h"
#include "results/results.h"
#include <stdio.h>
#include <string.h>

/* As oneDNN and XNNPACK call what does fewer multiplications. */
static bool does_fewer(const struct pb_result *result) {
    return strstr(result->implementation, "wino") || strstr(result->implementation, "fft");
}

static void refuse(json_t *results, const struct pb_result *result, double share) {
    char sentence[256];
    size_t i;
    json_t *entry;
    snprintf(sentence, sizeof sentence,
             "%.0f %% of the machine's measured limit: it does not do its work, or the machine was "
             "busy when its limit was measured",
             100 * share);
    json_array_foreach(json_object_get(results, "benchmarks"), i, entry) {
        const char *name = json_string_value(json_object_get(entry, "name"));
        if (!name || strcmp(name, result->name) != 0) continue;
        json_object_set_new(entry, "error_occurred", json_true());
        json_object_set_new(entry, "error_message", json_string(sentence));
    }
}

void pb_refuse_beyond_limit(json_t *root) {
    struct pb_results results;
    if (!root || pb_results_read(json_incref(root), "this run", &results)) return;
    for (size_t i = 0; i < results.count; i++) {
        const struct pb_result *result = &results.item[i];
        double share = result->count ? result->limit_seconds / pb_result_median(result) : 0;
        if (share > BEYOND_LIMIT && !does_fewer(result)) refuse(root, result, share);
    }
    pb_results_free(&results);
}
