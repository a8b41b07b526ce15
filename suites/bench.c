/* poolbench bench: verifies kernels, then times the same entries on the same buffers. */
#include "gbench.h"
#include "roof.h"
#include "machine.h"
#include "outfile.h"
#include "suites.h"
#include "table.h"
#include "work.h"
#include <limits.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    const char **text;
    size_t texts;
    char **benchmark; /* --benchmark_* */
    int benchmarks;
    const char *batch, *op, *kernel, *out;
};

/* One kernel on one problem's buffers, ready to be timed. */
struct entry {
    const struct pb_kernel *kernel;
    const struct pb_trial *trial;
    void *plan;
};

struct session {
    struct pb_roof roof;
    struct pb_trial *trial; /* one per problem */
    struct entry *entry;    /* room for every kernel on every problem: benchmarks point into it */
    size_t trials, entries, wrong;
};

static error_t parse(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case 'b':
        o->batch = value;
        return 0;
    case 'o':
        if (pb_op_check_prefix(value)) argp_error(state, "%s", pb_error());
        o->op = value;
        return 0;
    case 'k':
        o->kernel = value;
        return 0;
    case 'O':
        o->out = value;
        return 0;
    case ARGP_KEY_ARG:
        o->text[o->texts++] = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"batch", 'b', "FILE", 0, "Problems from a file, one a line (benchdnn's files too)", 0},
        {"op", 'o', "OP", 0, "Makes problems bare descriptors of this operation; alone: only it",
         0},
        {"kernel", 'k', "GLOB", 0, "Only kernels whose name matches", 0},
        {"out", 'O', "FILE", 0,
         "Write every repetition, with the machine, as JSON, if every kernel held and was timed",
         0},
        {0},
};
static const struct argp_child children[] = {{&pb_machine_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[PROBLEM…] [--benchmark_OPTION…]",
        .doc = "Verifies every matching kernel, then times it on the same buffers, beside the "
               "others and against the limit of the machine. Without a problem: the short list, "
               "suites/shapes/short.txt.\v"
               "Options --benchmark_… go to Google Benchmark; by default five repetitions of at "
               "least 0.05 s each, interleaved at random over all benchmarks.\n"
               "Example: poolbench bench 'max:f32:nhwc:mb16ic64ih32kh2sh2' --threads 1 --out "
               "now.json",
        .children = children,
};

/* Moves --benchmark_* out of argv, which argp would refuse. */
static int take_benchmark_options(struct options *o, int argc, char **argv) {
    int kept = 0;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "--benchmark_out=", 16) == 0)
            o->out = argv[i] + 16;
        else if (strncmp(argv[i], "--benchmark_", 12) == 0)
            o->benchmark[o->benchmarks++] = argv[i];
        else
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    return kept;
}

static enum pb_status collect(const struct options *o, struct pb_problems *problems) {
    enum pb_status status = PB_OK;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/suites/shapes/short.txt", pb_source_dir);
    for (size_t i = 0; !status && i < o->texts; i++)
        status = pb_problems_add(problems, o->text[i], o->op, -1);
    if (!status && o->batch) status = pb_problems_read(problems, o->batch, o->op, -1);
    if (!status && !o->texts && !o->batch) status = pb_problems_read(problems, path, NULL, -1);
    return status;
}

static const char *run_entry(void *arg) {
    const struct entry *entry = arg;
    return entry->kernel->run(&entry->trial->problem, entry->plan, &entry->trial->args) ? pb_error()
                                                                                        : NULL;
}

/* Registers a kernel that is right for timing; one that is wrong is shown and counted. */
static enum pb_status add_kernel(struct session *s, struct pb_trial *trial,
                                 const struct pb_kernel *kernel, double limit_seconds) {
    const struct pb_problem *problem = &trial->problem;
    bool constants = pb_role_used(problem, PB_WEIGHTS) && !pb_role_written(problem, PB_WEIGHTS);
    struct entry *entry = &s->entry[s->entries];
    *entry = (struct entry){.kernel = kernel, .trial = trial};
    enum pb_status status = pb_trial_check(trial, kernel, constants);
    double start = omp_get_wtime();
    if (!status) status = kernel->setup(problem, constants ? &trial->args : NULL, &entry->plan);
    double setup = omp_get_wtime() - start;
    if (status == PB_NOMEM) return status;
    if (status) {
        fprintf(stderr, "poolbench: skipped: %s\n", pb_error());
        s->wrong++;
        return PB_OK;
    }
    s->entries++;
    char text[PB_TEXT_SIZE], name[PB_TEXT_SIZE + 128];
    snprintf(name, sizeof name, "%s/%s", kernel->name, pb_problem_print(problem, text));
    const struct gbench_counter counters[] = {
            {"bytes_per_second", pb_problem_bytes(problem), true},
            {"flop_per_second", pb_problem_flops(problem), true},
            {"limit", limit_seconds, true},
            {"setup_us", setup * 1e6, false},
    };
    gbench_register(name, pb_kernel_method(kernel), run_entry, entry, counters,
                    sizeof counters / sizeof *counters);
    return PB_OK;
}

static enum pb_status add_problem(struct session *s, const struct pb_problem *problem,
                                  const char *glob) {
    double limit_seconds = 0;
    struct pb_trial *trial = &s->trial[s->trials];
    enum pb_status status = pb_trial_begin(trial, problem, PB_MIXED, 1);
    if (status) return status;
    s->trials++;
    status = pb_roof_seconds(&s->roof, pb_least_bytes(problem), pb_least_flops(problem),
                             &limit_seconds);
    for (size_t k = 0; !status && k < pb_kernel_count(); k++)
        if (pb_kernel_runs(pb_kernel_at(k), problem, glob))
            status = add_kernel(s, trial, pb_kernel_at(k), limit_seconds);
    pb_expected_free(&trial->expected); /* several times the size of the tensors */
    return status;
}

static enum pb_status prepare(struct session *s, const struct options *o,
                              const struct pb_problems *problems, bool progress) {
    /* Whatever --isa says: OpenBLAS does not obey it, and the machine's limit is the machine's. */
    enum pb_status status = pb_roof_begin(&s->roof, pb_threads(), pb_isa_detected());
    s->trial = calloc(problems->count, sizeof *s->trial);
    s->entry = calloc(problems->count * pb_kernel_count(), sizeof *s->entry);
    if (!s->trial || !s->entry) status = pb_fail(PB_NOMEM, "no memory for the list of benchmarks");
    for (size_t i = 0; !status && i < problems->count; i++) {
        char text[PB_TEXT_SIZE];
        const struct pb_problem *problem = &problems->item[i];
        bool wanted = o->texts || o->batch || !o->op || !strcmp(o->op, pb_op_name(problem->op));
        if (!wanted || !pb_select(problem, o->kernel)) continue;
        if (progress)
            fprintf(stderr, "\r\033[Kverifying %zu of %zu  %.60s", i + 1, problems->count,
                    pb_problem_print(problem, text));
        status = add_problem(s, problem, o->kernel);
    }
    if (progress) fprintf(stderr, "\r\033[K");
    return status;
}

static void finish(struct session *s) {
    for (size_t i = 0; i < s->entries; i++) s->entry[i].kernel->done(s->entry[i].plan);
    for (size_t i = 0; i < s->trials; i++) pb_trial_end(&s->trial[i]);
    free(s->entry);
    free(s->trial);
    pb_roof_end(&s->roof);
}

/* Times what is registered and prints the table; *timed counts benchmarks. Writes the JSON where
 * all held: a file never holds a run with gaps. */
static enum pb_status time_all(const struct session *s, struct outfile *out, bool progress,
                               size_t *timed, size_t *failed) {
    struct pb_results results = {0};
    pb_machine_describe(gbench_context);
    char *json = gbench_run(progress);
    enum pb_status status = json ? PB_OK : pb_fail(PB_NOMEM, "no memory for the results");
    if (!status && *json) status = pb_results_parse(json, "the run's own JSON", &results);
    for (size_t i = 0; i < results.count; i++) *(results.item[i].error ? failed : timed) += 1;
    if (!status && *timed + *failed) {
        pb_results_print(&results, stdout);
        if (out->stream && !s->wrong && !*failed) {
            fputs(json, out->stream);
            status = outfile_keep(out);
        }
    }
    pb_results_free(&results);
    free(json);
    return status;
}

int pb_bench_main(int argc, char **argv) {
    struct options o = {.text = calloc((size_t)argc, sizeof *o.text),
                        .benchmark = calloc((size_t)argc, sizeof *o.benchmark)};
    struct session session = {0};
    struct pb_problems problems = {0};
    struct outfile out = {0};
    bool progress = isatty(STDERR_FILENO);
    size_t timed = 0, failed = 0;
    int code = EXIT_HOLDS;
    enum pb_status status = PB_OK;
    if (!o.text || !o.benchmark) {
        status = pb_fail(PB_NOMEM, "no memory for the arguments");
        goto cleanup;
    }
    argp_parse(&argp, take_benchmark_options(&o, argc, argv), argv, 0, NULL, &o);
    if (!gbench_options(o.benchmarks, o.benchmark)) {
        code = EXIT_USAGE;
        goto cleanup;
    }
    if (o.out && (status = outfile_open(&out, o.out))) goto cleanup;
    if ((status = collect(&o, &problems))) goto cleanup;
    if ((status = prepare(&session, &o, &problems, progress))) goto cleanup;
    if (session.entries && (status = time_all(&session, &out, progress, &timed, &failed)))
        goto cleanup;
    if (session.wrong + failed) {
        fprintf(stderr, "poolbench: %zu kernels were wrong or failed\n", session.wrong + failed);
        if (o.out) fprintf(stderr, "poolbench: %s is left as it was\n", o.out);
        code = EXIT_FAILED;
    } else if (!timed) {
        fprintf(stderr, "poolbench: nothing matched, nothing was timed\n");
        code = EXIT_NOTHING;
    }
cleanup:
    if (status) code = pb_complain(status);
    outfile_drop(&out);
    finish(&session);
    pb_problems_free(&problems);
    free(o.text);
    free(o.benchmark);
    return code;
}
