/* poolbench bench: verifies kernels, then times the same entries on the same buffers. */
#include "cli/problem_options.h"
#include "bench/beyond_limit.h"
#include "bench/gbench.h"
#include "common/output_file.h"
#include "bench/session.h"
#include "report/table.h"
#include <stdlib.h>
#include <string.h>

struct options {
    struct problem_options wanted;
    char **benchmark; /* --benchmark_* */
    int benchmarks;
    const char *out;
    char methods[256]; /* of every --method, one list */
    struct session_options session;
};

enum { OPT_CACHE = 256, OPT_MEMORY, OPT_PAGES };

/* Appends to what an earlier --method asked for. */
static void add_methods(struct options *o, struct argp_state *state, const char *list) {
    size_t length = strlen(o->methods);
    int written = snprintf(o->methods + length, sizeof o->methods - length, "%s%s",
                           length ? "," : "", list);
    if (written >= (int)(sizeof o->methods - length))
        argp_error(state, "--method: more than %zu characters", sizeof o->methods - 1);
    o->session.methods = o->methods;
}

static error_t parse(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[1] = &o->wanted;
        return 0;
    case 'k':
        o->session.glob = value;
        return 0;
    case 'm':
        add_methods(o, state, value);
        return 0;
    case OPT_CACHE:
        if (strcmp(value, "warm") && strcmp(value, "cold"))
            argp_error(state, "--cache '%s' is neither warm nor cold", value);
        o->session.cold = *value == 'c';
        return 0;
    case OPT_MEMORY:
        o->session.memory = pb_parse_count(state, "memory", value, 1, 1 << 20) << 20;
        return 0;
    case OPT_PAGES:
        if (strcmp(value, "small") && strcmp(value, "huge"))
            argp_error(state, "--pages '%s' is neither small nor huge", value);
        o->session.huge = *value == 'h';
        return 0;
    case 'O':
        o->out = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"kernel", 'k', "GLOB", 0, "Only kernels whose name matches", 0},
        {"method", 'm', "LIST", 0,
         "Only kernels of these methods, as im2col,simd, or all but some, as '!naive' (give it "
         "again for more); a peer's method is its name",
         0},
        {"cache", OPT_CACHE, "warm|cold", 0,
         "Stay on a copy of the buffers for a repetition and take another for the next (default), "
         "or go round in every call over as many as fill the last-level cache three times",
         0},
        {"memory", OPT_MEMORY, "MIB", 0,
         "Time as many problems together as fit here (default: a quarter of the memory); larger "
         "ones are left out",
         0},
        {"pages", OPT_PAGES, "small|huge", 0,
         "Put tensors, and the streams that measure the limit, on pages of the usual size "
         "(default), or ask for transparent huge pages; how many came is recorded",
         0},
        {"out", 'O', "FILE", 0,
         "Write every repetition, with the machine, as JSON, if every kernel passed and was timed",
         0},
        {0},
};
static const struct argp_child children[] = {
        {&pb_machine_argp, 0, NULL, 0}, {&problem_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[PROBLEM…] [--benchmark_OPTION…]",
        .doc = "Verifies every matching kernel, then times it on the same buffers, beside the "
               "others and against the limit of the machine. Without a problem: the short list, "
               "suites/shapes/short.txt. A peer that is wrong is recorded with what was wrong.\v"
               "Options --benchmark_… go to Google Benchmark; by default five repetitions of at "
               "least 0.05 s each, interleaved at random over all benchmarks. Every thread is "
               "pinned to a processor.\n"
               "Example: poolbench bench 'max:f32:nhwc:mb16ic64ih32kh2sh2' --threads 1 --out "
               "now.json\n"
               "Example: poolbench bench --peers --method '!naive' conv:nhwc:mb1ic64oc64ih56kh3ph1",
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

static void add_to_context(json_t *context, const char *key, double value) {
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    if (value > 0) json_object_set_new(context, key, json_string(text));
}

/* The measured limits of the machine, as far as the problems needed them. */
static void add_limits(const struct session *s) {
    json_t *context = json_object_get(s->results, "context");
    add_to_context(context, "roof_peak", s->limits.peak);
    for (int level = 0; level < PB_LEVELS; level++) {
        char key[32];
        snprintf(key, sizeof key, "roof_%s", pb_level_name((enum pb_level)level));
        add_to_context(context, key, pb_limits_bandwidth(&s->limits, (enum pb_level)level));
    }
}

/* One repetition a line, so that a recorded run can be read and compared; what can be worked out
 * from the repetitions, and what every line would repeat, is left out. */
static void write_results(const json_t *results, FILE *to) {
    static const char *const repeated[] = {"family_index", "per_family_instance_index", "run_name",
                                           "repetitions", "threads"};
    const json_t *all = json_object_get(results, "benchmarks");
    const char *before = "";
    size_t i;
    json_t *entry;
    fputs("{\n\"context\": ", to);
    json_dumpf(json_object_get(results, "context"), to, JSON_INDENT(2));
    fputs(",\n\"benchmarks\": [", to);
    json_array_foreach(all, i, entry) {
        const char *kind = json_string_value(json_object_get(entry, "run_type"));
        if (kind && strcmp(kind, "aggregate") == 0) continue;
        for (size_t k = 0; k < sizeof repeated / sizeof *repeated; k++)
            json_object_del(entry, repeated[k]);
        fprintf(to, "%s\n", before);
        json_dumpf(entry, to, JSON_REAL_PRECISION(7));
        before = ",";
    }
    fputs("\n]}\n", to);
}

/* Whether the kernel of a benchmark, KERNEL/PROBLEM, is the one that pb_select takes. */
static bool is_selected(const char *name) {
    struct pb_problem problem;
    size_t length = strcspn(name, "/");
    if (!name[length] || pb_problem_parse(name + length + 1, &problem)) return false;
    const struct pb_kernel *kernel = pb_select(&problem, NULL);
    return kernel && strlen(kernel->name) == length && strncmp(kernel->name, name, length) == 0;
}

/* So that a report made on another machine knows what was selected on this one. */
static void mark_selected(json_t *results) {
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(results, "benchmarks"), i, entry) {
        const char *kind = json_string_value(json_object_get(entry, "run_type"));
        const char *name = json_string_value(json_object_get(entry, "name"));
        if (kind && name && strcmp(kind, "iteration") == 0 && is_selected(name))
            json_object_set_new(entry, "selected", json_true());
    }
}

struct rows {
    size_t timed, failed, wrong_peers; /* what a library declares is none of these */
};

static void count(const struct pb_results *results, struct rows *rows) {
    for (size_t i = 0; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        rows->timed += !result->error;
        rows->failed += result->error && !result->peer;
        rows->wrong_peers +=
                result->error && result->peer && !strstr(result->error, "; declared: ");
    }
}

/* Prints the table. Writes the JSON where all of our own passed: a file never has a run with
 * gaps. */
static enum pb_status report(struct session *s, struct output_file *out, struct rows *rows) {
    struct pb_results results = {0};
    enum pb_status status = PB_OK;
    pb_refuse_beyond_limit(s->results);
    mark_selected(s->results);
    if (s->results) status = pb_results_read(json_incref(s->results), "this run", &results);
    if (!status) count(&results, rows);
    if (!status && results.count) {
        status = pb_results_print(&results, stdout);
        if (!status) status = pb_groups_print(&results, stdout);
        if (!status && out->stream && !s->wrong && !rows->failed) {
            add_limits(s);
            write_results(s->results, out->stream);
            status = output_file_keep(out);
        }
    }
    pb_results_free(&results);
    return status;
}

int pb_bench_main(int argc, char **argv) {
    struct options o = {.benchmark = calloc((size_t)argc, sizeof *o.benchmark),
                        .session = {.memory = session_memory()}};
    struct session session = {0};
    struct pb_problems problems = {0};
    struct output_file out = {0};
    struct rows rows = {0};
    size_t own, wrong; /* kernels: of ours that were wrong, and all that were */
    int code = EXIT_PASSED;
    enum pb_status status = problem_options_begin(&o.wanted, argc);
    if (!status && !o.benchmark) status = pb_fail(PB_NOMEM, "no memory for the arguments");
    if (status) goto cleanup;
    argp_parse(&argp, take_benchmark_options(&o, argc, argv), argv, 0, NULL, &o);
    if ((status = pb_methods_check(o.session.methods))) goto cleanup;
    if (!gbench_options(o.benchmarks, o.benchmark)) {
        code = EXIT_USAGE;
        goto cleanup;
    }
    if (o.out && (status = output_file_open(&out, o.out))) goto cleanup;
    if ((status = problem_options_problems(&o.wanted, "short.txt", &problems))) goto cleanup;
    if ((status = session_begin(&session, &o.session, problems.item, problems.count))) goto cleanup;
    if ((status = session_run(&session))) goto cleanup;
    if ((status = report(&session, &out, &rows))) goto cleanup;
    own = session.wrong + rows.failed;
    wrong = own + (rows.wrong_peers > session.crashed ? rows.wrong_peers : session.crashed);
    if (wrong) {
        fprintf(stderr, "poolbench: %zu kernels were wrong or failed\n", wrong);
        if (o.out && own) fprintf(stderr, "poolbench: %s is left as it was\n", o.out);
        code = EXIT_FAILED;
    } else if (!rows.timed) {
        fprintf(stderr, "poolbench: nothing matched, nothing was timed\n");
        code = EXIT_NOTHING;
    }
cleanup:
    if (status) code = pb_complain(status);
    output_file_drop(&out);
    session_end(&session);
    pb_problems_free(&problems);
    problem_options_end(&o.wanted);
    free(o.benchmark);
    return code;
}
