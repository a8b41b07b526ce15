/* Verifies what is to be timed, in processes side by side: each problem as it is, and a small
 * sibling of it on data of every pattern. */
#include "bench/checked.h"
#include "bench/session.h"
#include "bench/sibling.h"
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

/* ---- Cases ----------------------------------------------------------------------------------- */

/* The first half are the problems as they are timed, the second their siblings. */
struct source {
    const struct pb_problem *problem, *sibling;
    int64_t count;
};

static bool case_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    const struct source *s = source;
    const bool sibling = problem >= s->count;
    if (!sibling && number != PB_MIXED) return false;
    *to = (struct pb_case){
            .problem = sibling ? s->sibling[problem - s->count] : s->problem[problem],
            .family = (enum pb_data_pattern)number,
            .placement = sibling ? (enum pb_placement)(number % PB_PLACEMENTS) : PB_ALIGNED,
            .seed = 1};
    return true;
}

/* ---- Verdicts -------------------------------------------------------------------------------- */

/* What is found while kernels are checked. */
struct findings {
    struct verdicts of_problems, of_siblings;
    int64_t count; /* of problems */
};

static struct verdict *find(const struct verdicts *v, size_t problem,
                            const struct pb_kernel *kernel) {
    for (size_t i = v->count; i-- > 0;)
        if (v->item[i].problem == problem && v->item[i].kernel == kernel) return &v->item[i];
    return NULL;
}

/* The first failure stands. */
static void add(struct verdicts *v, size_t problem, const struct pb_kernel *kernel,
                const char *failure, bool crashed, uint64_t digest) {
    struct verdict *verdict = find(v, problem, kernel);
    if (!verdict) {
        struct verdict *grown = realloc(v->item, (v->count + 1) * sizeof *grown);
        if (grown) v->item = grown;
        if (!grown) {
            v->status = pb_fail(PB_NOMEM, "no memory for one more verdict");
            return;
        }
        verdict = &v->item[v->count++];
        *verdict = (struct verdict){.problem = problem, .kernel = kernel, .digest = digest};
    }
    if (!failure || verdict->failure) return;
    verdict->crashed = crashed;
    verdict->failure = strdup(failure);
    if (!verdict->failure) v->status = pb_fail(PB_NOMEM, "no memory for one more verdict");
}

static void note(struct findings *f, int64_t problem, const struct pb_kernel *kernel,
                 const char *failure, bool crashed, uint64_t digest) {
    const bool sibling = problem >= f->count;
    add(sibling ? &f->of_siblings : &f->of_problems,
        (size_t)(sibling ? problem - f->count : problem), kernel, failure, crashed, digest);
}

static void passed(void *arg, int64_t problem, const struct pb_kernel *kernel, uint64_t digest) {
    note(arg, problem, kernel, NULL, false, digest);
}

/* A difference that the library declares and that small data shows is told beside; the kernel is
 * timed as the peer that it is. */
static void failed(void *arg, const struct pb_failure *failure) {
    struct findings *f = arg;
    char sentence[sizeof failure->sentence + 256];
    const struct pb_problem *problem = &failure->now.problem;
    const bool special = pb_data_pattern_special(failure->now.family, problem);
    const struct pb_difference *declared =
            failure->crashed ? NULL
                             : plugin_difference(failure->kernel, problem,
                                                 special ? PB_WITH_SPECIAL : PB_ALWAYS);
    snprintf(sentence, sizeof sentence, "%s%s%s", failure->sentence, declared ? "; declared: " : "",
             declared ? declared->sentence : "");
    if (!declared || failure->problem < f->count)
        note(f, failure->problem, failure->kernel, sentence, failure->crashed, 0);
}

/* A kernel that fails a problem's sibling fails the problem, where it takes that at all; one that
 * crashed there may not have been asked any more. */
static void take_siblings(struct findings *f, struct verdicts *verdicts) {
    for (size_t i = 0; i < f->of_siblings.count; i++) {
        const struct verdict *sibling = &f->of_siblings.item[i];
        if (sibling->failure &&
            (sibling->crashed || find(&f->of_problems, sibling->problem, sibling->kernel)))
            add(&f->of_problems, sibling->problem, sibling->kernel, sibling->failure,
                sibling->crashed, 0);
    }
    if (!f->of_problems.status) f->of_problems.status = f->of_siblings.status;
    *verdicts = f->of_problems;
    verdicts_free(&f->of_siblings);
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

static struct pb_problem *siblings_of(const struct pb_problem *problems, size_t count) {
    struct pb_problem *sibling = malloc((count + 1) * sizeof *sibling);
    for (size_t i = 0; sibling && i < count; i++) sibling[i] = pb_sibling(&problems[i]);
    return sibling;
}

enum pb_status verdicts_find(const struct pb_problem *problems, size_t count,
                             const struct session_options *options, struct verdicts *verdicts) {
    struct pb_problem *siblings = siblings_of(problems, count);
    const struct source source = {problems, siblings, (int64_t)count};
    const struct pb_kernel **kernel = malloc(pb_kernel_count() * sizeof *kernel);
    const int threads = pb_threads();
    const long side_by_side = sysconf(_SC_NPROCESSORS_ONLN) / threads;
    struct findings findings = {.count = (int64_t)count};
    struct pb_tally tally = {0};
    *verdicts = (struct verdicts){0};
    const struct pb_verify verify = {
            .kernel = kernel,
            .kernels = kernel ? choose(kernel, options) : 0,
            .cases = {case_at, &source, 2 * (int64_t)count, PB_DATA_PATTERNS, false},
            .threads = &threads,
            .thread_counts = 1,
            .workers = side_by_side > 1 ? (int)side_by_side : 1,
            .limit = CALL_SECONDS,
            .as_timed = true,
            .failed = failed,
            .passed = passed,
            .skipped = skipped,
            .progress = show,
            .arg = &findings};
    enum pb_status status =
            kernel && siblings ? PB_OK : pb_fail(PB_NOMEM, "no memory for a list of kernels");
    if (!status && verify.kernels) status = pb_verify_run(&verify, &tally);
    progress_clear();
    take_siblings(&findings, verdicts);
    if (!status) status = verdicts->status;
    if (verdicts->count) qsort(verdicts->item, verdicts->count, sizeof *verdicts->item, order);
    free(kernel);
    free(siblings);
    return status;
}

void verdicts_free(struct verdicts *verdicts) {
    for (size_t i = 0; i < verdicts->count; i++) free(verdicts->item[i].failure);
    free(verdicts->item);
    *verdicts = (struct verdicts){0};
}
