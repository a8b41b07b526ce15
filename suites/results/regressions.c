/* Compares two recorded runs, over all repetitions. */
#include "results/regressions.h"
#include "results/queries.h"
#include "results/statistics.h"
#include <stdlib.h>
#include <string.h>

static const double SIGNIFICANT = 0.05;

const char *pb_verdict_name(enum pb_verdict verdict) {
    static const char *const names[] = {"slower",          "faster",         "same",
                                        "missing in head", "failed in head", "new in head"};
    return names[verdict];
}

static enum pb_status compare_pair(const struct pb_result *base, const struct pb_result *head,
                                   double min_effect, struct pb_change *change) {
    struct pb_ratio ratio = {0};
    change->base = pb_result_median(base);
    change->head = pb_result_median(head);
    change->p = pb_mann_whitney(base->seconds, base->count, head->seconds, head->count);
    enum pb_status status = pb_result_ratio(base, head, &ratio);
    change->ratio = ratio.ratio;
    change->low = ratio.low;
    change->high = ratio.high;
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
    return pb_mann_whitney_least(base->count, head->count) >= SIGNIFICANT;
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
