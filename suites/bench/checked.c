/* Verifies what is to be timed, in processes side by side. */
#include "bench/checked.h"
#include "bench/session.h"
#include "common/suites.h"
#include "common/plugins.h"
#include "common/progress.h"
#include "verify/verification.h"
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double CALL_SECONDS = 10; /* that a call may take; see struct pb_verify */

static void add(struct verdicts *v, size_t problem, const struct pb_kernel *kernel,
                const char *failure, bool crashed) {
    struct verdict *grown = realloc(v->item, (v->count + 1) * sizeof *grown);
    char *copy = failure ? strdup(failure) : NULL;
    if (grown) v->item = grown;
    if (!grown || (failure && !copy)) {
        free(copy);
        v->status = pb_fail(PB_NOMEM, "no memory for one more verdict");
        return;
    }
    v->item[v->count++] = (struct verdict){problem, kernel, copy, crashed};
}

static void passed(void *arg, int64_t problem, const struct pb_kernel *kernel, uint64_t digest) {
    (void)digest;
    add(arg, (size_t)problem, kernel, NULL, false);
}

static void failed(void *arg, const struct pb_failure *failure) {
    char sentence[sizeof failure->sentence + 256];
    const struct pb_difference *declared =
            failure->crashed ? NULL
                             : plugin_difference(failure->kernel, &failure->now.problem, PB_ALWAYS);
    snprintf(sentence, sizeof sentence, "%s%s%s", failure->sentence, declared ? "; declared: " : "",
             declared ? declared->sentence : "");
    add(arg, (size_t)failure->problem, failure->kernel, sentence, failure->crashed);
}

static void skipped(void *arg, const char *what, const char *reason) {
    (void)arg;
    progress_clear();
    fprintf(stderr, "poolbench: left out: %s: %s\n", what, reason);
}

static void show(void *arg, const struct pb_tally *tally, const char *problem) {
    (void)arg;
    if (progress_due())
        progress_show("verifying: %lld problems, %lld checks, %lld failed  %s",
                      (long long)tally->problems, (long long)tally->checks,
                      (long long)tally->failed, problem);
}

static size_t position_of(const struct pb_kernel *kernel) {
    size_t position = 0;
    while (pb_kernel_at(position) != kernel) position++;
    return position;
}

static int order(const void *left, const void *right) {
    const struct verdict *a = left, *b = right;
    if (a->problem != b->problem) return a->problem < b->problem ? -1 : 1;
    size_t first = position_of(a->kernel), second = position_of(b->kernel);
    return (first > second) - (first < second);
}

/* Those that are asked for, with room for all. */
static size_t choose(const struct pb_kernel **kernel, const struct session_options *o) {
    size_t count = 0;
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *k = pb_kernel_at(i);
        bool named = !o->glob || fnmatch(o->glob, k->name, 0) == 0;
        if (named && pb_method_chosen(o->methods, k) && !(k->isa & ~pb_isa()) &&
            !(o->own && pb_kernel_provider(k)))
            kernel[count++] = k;
    }
    return count;
}

enum pb_status verdicts_find(const struct pb_problem *problems, size_t count,
                             const struct session_options *options, struct verdicts *verdicts) {
    const struct pb_case_list list = {.problem = problems,
                                      .count = (int64_t)count,
                                      .family = PB_MIXED,
                                      .placement = PB_ALIGNED,
                                      .seed = 1};
    const struct pb_kernel **kernel = malloc(pb_kernel_count() * sizeof *kernel);
    const int threads = pb_threads();
    const long side_by_side = sysconf(_SC_NPROCESSORS_ONLN) / threads;
    struct pb_tally tally = {0};
    *verdicts = (struct verdicts){0};
    if (!kernel) return pb_fail(PB_NOMEM, "no memory for a list of kernels");
    const struct pb_verify verify = {.kernel = kernel,
                                     .kernels = choose(kernel, options),
                                     .cases = pb_cases_of_list(&list),
                                     .threads = &threads,
                                     .thread_counts = 1,
                                     .workers = side_by_side > 1 ? (int)side_by_side : 1,
                                     .limit = CALL_SECONDS,
                                     .as_timed = true,
                                     .failed = failed,
                                     .passed = passed,
                                     .skipped = skipped,
                                     .progress = show,
                                     .arg = verdicts};
    enum pb_status status = verify.kernels ? pb_verify_run(&verify, &tally) : PB_OK;
    progress_clear();
    if (!status) status = verdicts->status;
    if (verdicts->count) qsort(verdicts->item, verdicts->count, sizeof *verdicts->item, order);
    free(kernel);
    return status;
}

void verdicts_free(struct verdicts *verdicts) {
    for (size_t i = 0; i < verdicts->count; i++) free(verdicts->item[i].failure);
    free(verdicts->item);
    *verdicts = (struct verdicts){0};
}
