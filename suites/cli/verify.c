/* poolbench verify: every matching kernel against the oracle. */
#include "cli/failures.h"
#include "cli/verify_options.h"
#include "verify/matrix.h"
#include "common/json_text.h"
#include "common/plugins.h"
#include "common/progress.h"
#include "verify/verification.h"
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One call of the program. */
struct session {
    struct verify_options o;
    struct pb_tally tally;
    struct {
        int64_t passed, failed, out_of_scope, unmatched, refused, others;
    } onnx;                          /* test cases, one a data set */
    const struct pb_kernel **kernel; /* that may run at all: ISA and name */
    size_t kernels;
    int threads[2];             /* 1 and as many as asked for, or 1 alone */
    struct pb_onnx_cases cases; /* whose folders failures name */
    struct failures failures;
    json_t *skips, *refusals;
};

/* ---- What is shown while it runs ------------------------------------------------------------- */

static void show_progress(void *arg, const struct pb_tally *tally, const char *problem) {
    (void)arg;
    if (progress_due())
        progress_show("%lld problems, %lld checks, %lld failed  %s", (long long)tally->problems,
                      (long long)tally->checks, (long long)tally->failed, problem);
}

static void show_shrinking(const char *kernel) {
    progress_show("looking for the smallest case of %s", kernel);
}

static void note_failure(void *arg, const struct pb_failure *failure) {
    struct session *s = arg;
    enum pb_status status = failures_add(&s->failures, failure);
    if (status) pb_complain(status);
}

static void note_skip(void *arg, const char *what, const char *reason) {
    struct session *s = arg;
    json_array_append_new(s->skips, json_pack("{s:o, s:o}", "case", pb_json_text(what), "reason",
                                              pb_json_text(reason)));
}

static void show_refused(void *arg, const struct pb_case *now, const char *sentence) {
    struct session *s = arg;
    progress_clear();
    fprintf(stderr, "REFUSED %s\n       repeat: poolbench verify", sentence);
    failures_print_case(stderr, now);
    fputc('\n', stderr);
    json_array_append_new(s->refusals, json_pack("{s:o, s:o}", "case", pb_json_text(now->onnx),
                                                 "reason", pb_json_text(sentence)));
}

/* ---- What is checked ------------------------------------------------------------------------- */

static enum pb_status collect_kernels(struct session *s) {
    s->kernel = malloc(pb_kernel_count() * sizeof *s->kernel);
    if (!s->kernel) return pb_fail(PB_NOMEM, "no memory for a list of kernels");
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        if (pb_kernel_chosen(&s->o.choice, kernel)) s->kernel[s->kernels++] = kernel;
    }
    return PB_OK;
}

static int cores(void) {
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 && count <= 1024 ? (int)count : 1;
}

static enum pb_status run(struct session *s, struct pb_cases cases, const int *threads, int counts,
                          int workers) {
    const struct pb_verify verify = {
            .kernel = s->kernel,
            .kernels = s->kernels,
            .cases = cases,
            .threads = threads,
            .thread_counts = counts,
            .workers = s->o.jobs ? s->o.jobs : workers,
            .limit = s->o.limit,
            .seconds = s->o.seconds,
            .often = s->o.texts > 0,
            .failed = note_failure,
            .skipped = note_skip,
            .refused = show_refused,
            .progress = show_progress,
            .arg = s,
    };
    return s->kernels ? pb_verify_run(&verify, &s->tally) : PB_OK;
}

static enum pb_status run_few(struct session *s, struct pb_cases cases, int workers) {
    return run(s, cases, s->threads, s->threads[1] > 1 ? 2 : 1, workers);
}

static enum pb_status verify_random(struct session *s) {
    const struct pb_case_draw draw = {s->o.seed, s->o.op, s->o.mb, s->o.family, s->o.placement};
    const struct pb_cases cases = pb_cases_drawn(&draw, s->o.fuzz);
    bool all = s->threads[1] == cores(); /* no fewer were asked for */
    int *threads = malloc((size_t)(cores() + 1) * sizeof *threads);
    if (!threads) return pb_fail(PB_NOMEM, "no memory for a list of threads");
    for (int i = 0; i <= cores(); i++) threads[i] = i + 1;
    enum pb_status status =
            all ? run(s, cases, threads, cores() + 1, cores()) : run_few(s, cases, cores());
    free(threads);
    return status;
}

static enum pb_status verify_onnx(struct session *s, const char *path) {
    const struct pb_tally before = s->tally;
    enum pb_status status = pb_onnx_cases_read(path, &s->cases);
    if (!status) status = run_few(s, pb_cases_of_onnx(&s->cases), cores());
    int64_t ran = s->tally.problems - before.problems;
    s->onnx.failed = s->tally.problems_failed - before.problems_failed;
    s->onnx.passed = ran - s->onnx.failed;
    s->onnx.out_of_scope = s->tally.skipped - before.skipped;
    s->onnx.refused = s->tally.refused - before.refused;
    s->onnx.unmatched = (int64_t)s->cases.count - ran - s->onnx.out_of_scope - s->onnx.refused;
    s->onnx.others = s->cases.others;
    return status;
}

/* On all patterns of data, or those of the list of the suite that they are from. */
static enum pb_status verify_problems(struct session *s, const struct pb_problems *problems,
                                      const struct pb_suite_list *of, int workers) {
    const struct pb_case_list list = {.problem = problems->item,
                                      .count = (int64_t)problems->count,
                                      .family = s->o.family,
                                      .placement = s->o.placement,
                                      .seed = s->o.seed,
                                      .patterns = of ? of->patterns : 0,
                                      .in_turn = of && of->in_turn};
    return run_few(s, pb_cases_of_list(&list), workers);
}

/* Given problems may be large: one after the other, on all threads. */
static enum pb_status verify_given(struct session *s) {
    const struct verify_options *o = &s->o;
    struct pb_problems problems = {0};
    enum pb_status status = PB_OK;
    for (size_t i = 0; !status && i < o->texts; i++)
        status = pb_problems_add(&problems, o->text[i], o->op, o->mb);
    if (!status && o->batch) status = pb_problems_read(&problems, o->batch, o->op, o->mb);
    if (!status) status = verify_problems(s, &problems, NULL, 1);
    pb_problems_free(&problems);
    return status;
}

/* The problems of a list of the suite that --op asks for. */
static enum pb_status verify_list(struct session *s, const struct pb_suite_list *list) {
    const struct verify_options *o = &s->o;
    struct pb_problems problems = {0};
    size_t wanted = 0;
    enum pb_status status = pb_suite_list_read(list, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        struct pb_problem *problem = &problems.item[i];
        if (o->mb >= 0) problem->mb = o->mb;
        if (!o->op || pb_prefix_matches(o->op, problem)) problems.item[wanted++] = *problem;
    }
    problems.count = wanted;
    if (!status) status = verify_problems(s, &problems, list, list->alone ? 1 : cores());
    pb_problems_free(&problems);
    return status;
}

/* The lists, and the golden tensors unless one operation is asked for. */
static enum pb_status verify_suite(struct session *s) {
    char path[PATH_MAX];
    enum pb_status status = PB_OK;
    for (const struct pb_suite_list *list = pb_suite_lists; list->file && !status; list++)
        if (list->suites >> s->o.suite & 1) status = verify_list(s, list);
    if (status || s->o.op || s->o.suite == PB_SUITE_LARGE) return status;
    snprintf(path, sizeof path, "%s/reference/golden", pb_source_dir);
    return verify_onnx(s, path);
}

/* ---- The outcome ----------------------------------------------------------------------------- */

static json_t *onnx_json(const struct session *s) {
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "passed", (json_int_t)s->onnx.passed,
                     "failed", (json_int_t)s->onnx.failed, "out_of_scope",
                     (json_int_t)s->onnx.out_of_scope, "no_kernel", (json_int_t)s->onnx.unmatched,
                     "refused", (json_int_t)s->onnx.refused, "other_operators",
                     (json_int_t)s->onnx.others);
}

/* Nothing where no test case was looked at. */
static void print_onnx(const struct session *s) {
    if (!(s->onnx.passed | s->onnx.failed | s->onnx.out_of_scope | s->onnx.unmatched |
          s->onnx.refused | s->onnx.others))
        return;
    printf("onnx: %lld cases passed, %lld failed, %lld out of scope, %lld that no kernel takes; "
           "%lld cases of other operators\n",
           (long long)s->onnx.passed, (long long)s->onnx.failed, (long long)s->onnx.out_of_scope,
           (long long)s->onnx.unmatched, (long long)s->onnx.others);
    if (s->onnx.refused) printf("onnx: %lld cases could not be read\n", (long long)s->onnx.refused);
}

static void print_json(const struct session *s) {
    const struct pb_tally *t = &s->tally;
    json_t *outcome = json_pack(
            "{s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:o, s:o, s:O, s:O}", "problems",
            (json_int_t)t->problems, "checks", (json_int_t)t->checks, "failed",
            (json_int_t)t->failed, "skipped", (json_int_t)t->skipped, "seed", (json_int_t)s->o.seed,
            "isa", pb_isa_name(pb_isa()), "cpu", pb_cpu_name(), "blas_core", pb_blas_core(), "onnx",
            onnx_json(s), "failures", failures_json(&s->failures, s->o.limit), "skips", s->skips,
            "refused", s->refusals);
    json_dumpf(outcome, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(outcome);
}

static void print_outcome(const struct session *s) {
    const struct pb_tally *t = &s->tally;
    size_t i;
    json_t *skip;
    progress_clear();
    failures_print(&s->failures, s->o.limit, stderr);
    if (s->o.json) {
        print_json(s);
        return;
    }
    json_array_foreach(s->skips, i, skip)
            printf("skipped %s\n", json_string_value(json_object_get(skip, "reason")));
    print_onnx(s);
    printf("verify: %lld problems, %lld checks, %lld passed, %lld failed, %lld skipped "
           "(ISA %s, %d threads, %s, seed %llu)\n",
           (long long)t->problems, (long long)t->checks, (long long)(t->checks - t->failed),
           (long long)t->failed, (long long)t->skipped, pb_isa_name(pb_isa()), pb_threads(),
           pb_cpu_name(), (unsigned long long)s->o.seed);
}

static enum pb_status verify(struct session *s) {
    enum pb_status status = collect_kernels(s);
    if (status) return status;
    if (s->o.onnx) return verify_onnx(s, s->o.onnx);
    if (s->o.texts || s->o.batch) return verify_given(s); /* as they are */
    status = s->o.fuzz ? verify_random(s) : verify_suite(s);
    failures_shrink(&s->failures, s->o.limit, show_shrinking);
    return status;
}

int pb_verify_main(int argc, char **argv) {
    struct session s = {
            .o = {.mb = -1, .seed = 1, .family = -1, .placement = -1, .limit = 60},
            .skips = json_array(),
            .refusals = json_array(),
    };
    s.o.text = calloc((size_t)argc, sizeof *s.o.text);
    s.o.choice.glob = s.o.glob = calloc((size_t)argc, sizeof *s.o.glob);
    if (!s.o.text || !s.o.glob) {
        free(s.o.text);
        free(s.o.glob);
        return pb_complain(pb_fail(PB_NOMEM, "no memory for the arguments"));
    }
    argp_parse(&verify_argp, argc, argv, 0, NULL, &s.o);
    s.threads[0] = 1;
    s.threads[1] = pb_threads();
    bool rows = s.o.matrix || s.o.choice.row;
    int code = rows ? pb_matrix_main(&s.o.choice, s.o.json, s.o.refresh) : EXIT_PASSED;
    enum pb_status status = rows ? PB_OK : verify(&s);
    if (status) {
        progress_clear();
        failures_print(&s.failures, s.o.limit, stderr);
    } else if (!rows)
        print_outcome(&s);
    failures_free(&s.failures);
    pb_onnx_cases_free(&s.cases);
    json_decref(s.skips);
    json_decref(s.refusals);
    free(s.o.text);
    free(s.o.glob);
    free(s.kernel);
    pb_row_choice_free(&s.o.choice);
    if (rows) return code;
    if (status) return pb_complain(status);
    if (s.tally.failed) return EXIT_FAILED;
    if (s.tally.refused) return EXIT_USAGE;
    if (s.tally.checks) return EXIT_PASSED;
    fprintf(stderr, "poolbench: nothing matched, nothing was verified\n");
    return EXIT_NOTHING;
}
