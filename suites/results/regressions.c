/* Compares two recorded runs, over all repetitions. */
#include "results/regressions.h"
#include "core/text.h"
#include "results/queries.h"
#include "results/statistics.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double SIGNIFICANT = 0.05;
static const double LARGE = 1.5; /* a slowdown that few samples do not excuse */

const char *pb_verdict_name(enum pb_verdict verdict) {
    static const char *const names[] = {"slower",          "faster",         "same",
                                        "missing in head", "failed in head", "new in head",
                                        "not judged"};
    return names[verdict];
}

const char *pb_change_verdict(const struct pb_change *change, char text[192]) {
    snprintf(text, 192, *change->why ? "%s (%s)" : "%s", pb_verdict_name(change->verdict),
             change->why);
    return text;
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
    return result && result->count && (!result->error || result->untimed);
}

/* Whether even two samples of these sizes that do not overlap at all stay insignificant. */
static bool too_few(const struct pb_result *base, const struct pb_result *head) {
    return pb_mann_whitney_least(base->count, head->count) >= SIGNIFICANT;
}

/* Two samples that are too small for the test. */
static void judge_few(const struct pb_result *base, const struct pb_result *head,
                      struct pb_change *change) {
    const double apart = pb_result_least(head) / pb_result_least(base);
    change->verdict = PB_NOT_JUDGED;
    change->suspect = apart > LARGE;
    int used = snprintf(change->why, sizeof change->why, "too few repetitions: %zu and %zu",
                        base->count, head->count);
    if (change->suspect)
        snprintf(change->why + used, sizeof change->why - (size_t)used,
                 "; its least time is %.3g times as long", apart);
}

/* A row that has no times where they are looked for. */
static void judge_untimed(const struct pb_result *without, const char *where,
                          struct pb_change *change) {
    change->verdict = PB_NOT_JUDGED;
    snprintf(change->why, sizeof change->why, "%s in %s: %s",
             without->untimed ? "untimed" : "failed", where,
             without->error ? without->error : "no time");
    text_make_line(change->why); /* it may be cut within a character */
}

/* What became of a row of base; `to` is NULL where head has not got it. */
static enum pb_status judge(const struct pb_result *from, const struct pb_result *to,
                            double min_effect, struct pb_changes *changes,
                            struct pb_change *change) {
    enum pb_status status = PB_OK;
    *change = (struct pb_change){.name = from->name, .p = 1};
    if (from->count) change->base = pb_result_median(from);
    if (to && to->count) change->head = pb_result_median(to);
    changes->both += to != NULL;
    if (!to && is_timed(from)) {
        change->verdict = PB_MISSING;
    } else if (!to) {
        judge_untimed(from, "base", change);
    } else if (is_timed(from) && is_timed(to)) {
        change->verdict = PB_SAME;
        status = compare_pair(from, to, min_effect, change);
        changes->common++;
        if (too_few(from, to)) {
            judge_few(from, to, change);
            changes->few++;
            changes->suspects += change->suspect;
        }
    } else if (is_timed(to) && !from->untimed) {
        change->verdict = PB_NEW; /* it failed in base */
    } else if (is_timed(from) && !to->untimed) {
        change->verdict = PB_BROKEN;
    } else {
        const bool in_head = is_timed(from), in_both = !in_head && !is_timed(to);
        judge_untimed(in_head ? to : from, in_both ? "both" : in_head ? "head" : "base", change);
    }
    return status;
}

enum pb_status pb_changes_find(const struct pb_results *base, const struct pb_results *head,
                               double min_effect, struct pb_changes *changes) {
    enum pb_status status = PB_OK;
    *changes = (struct pb_changes){0};
    changes->item = calloc(base->count + head->count + 1, sizeof *changes->item);
    if (!changes->item) return pb_fail(PB_NOMEM, "no memory to compare %s", base->path);
    for (size_t i = 0; !status && i < base->count; i++) {
        const struct pb_result *from = &base->item[i];
        status = judge(from, named(head, from->name), min_effect, changes,
                       &changes->item[changes->count++]);
    }
    for (size_t i = 0; i < head->count; i++) {
        const struct pb_result *to = &head->item[i];
        if (named(base, to->name)) continue;
        struct pb_change *change = &changes->item[changes->count++];
        *change = (struct pb_change){.name = to->name, .verdict = PB_NEW, .p = 1};
        if (is_timed(to))
            change->head = pb_result_median(to);
        else
            judge_untimed(to, "head", change);
    }
    for (size_t i = 0; i < changes->count; i++) changes->verdicts[changes->item[i].verdict]++;
    if (status) pb_changes_free(changes);
    return status;
}

void pb_changes_free(struct pb_changes *changes) {
    free(changes->item);
    *changes = (struct pb_changes){0};
}

/* A value of the context in words; numbers as JSON writes them. */
static void context_text(const struct pb_results *results, const char *key, char text[256]) {
    const json_t *value = json_object_get(results->context, key);
    char *number = json_is_number(value) ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    snprintf(text, 256, "%s", number ? number : pb_results_context(results, key, "not recorded"));
    text_make_line(text); /* it may be cut within a character */
    free(number);
}

void pb_context_differences(const struct pb_results *base, const struct pb_results *head,
                            void (*warn)(void *arg, const char *key, const char *base_value,
                                         const char *head_value),
                            void *arg) {
    static const char *const keys[] = {"cpu",      "host_name",   "num_cpus",
                                       "isa",      "data_caches", "threads",
                                       "compiler", "flags",       "blas_core"};
    char from[256], to[256];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        context_text(base, keys[i], from);
        context_text(head, keys[i], to);
        if (strcmp(from, to) != 0) warn(arg, keys[i], from, to);
    }
    if (strcmp(pb_build_kind(base), pb_build_kind(head)) != 0)
        warn(arg, "build", pb_build_kind(base), pb_build_kind(head));
}

const char *pb_build_kind(const struct pb_results *results) {
    const char *flags = pb_results_context(results, "flags", NULL);
    if (!flags) return "not recorded";
    if (strstr(flags, "-fsanitize")) return "with sanitizers";
    const char *level = NULL; /* the last one counts */
    for (const char *at = flags; (at = strstr(at, "-O")); at += 2) level = at + 2;
    return level && *level != '0' && *level != 'g' ? "optimised" : "not optimised";
}
