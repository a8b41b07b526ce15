/* poolbench tune: measures which of our own kernels is fastest here, and remembers it. */
#include "cli/problem_options.h"
#include "common/tuning_cache.h"
#include "bench/gbench.h"
#include "bench/tuning.h"
#include "bench/session.h"
#include <string.h>

static error_t parse(int key, char *value, struct argp_state *state) {
    (void)value;
    if (key != ARGP_KEY_INIT) return ARGP_ERR_UNKNOWN;
    state->child_inputs[1] = state->input;
    return 0;
}

static const struct argp_child children[] = {
        {&pb_machine_argp, 0, NULL, 0}, {&problem_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .parser = parse,
        .args_doc = "[PROBLEM…]",
        .doc = "Times every kernel of our own that accepts a problem and remembers the fastest, "
               "for this machine, thread count and ISA, in $POOLBENCH_TUNING_CACHE or "
               "~/.cache/poolbench/tuning.txt, which list, run, bench and train read. Without a "
               "problem: the layers of well-known networks, suites/shapes/models.txt, forward, in "
               "nchw and nhwc. Delete the file to forget.\v"
               "Example: poolbench tune --op max --mb 1,16 --layout nhwc",
        .children = children,
};

int pb_tune_main(int argc, char **argv) {
    struct problem_options wanted;
    struct pb_problems problems = {0};
    struct session session = {0};
    struct pb_results results = {0};
    const struct session_options options = {.own = true, .memory = session_memory()};
    char path[PATH_MAX];
    double lost = 1;
    size_t shapes = 0;
    enum pb_status status = problem_options_begin(&wanted, argc);
    if (!status) argp_parse(&argp, argc, argv, 0, NULL, &wanted);
    if (!wanted.variants.layouts && !wanted.texts && !wanted.batch)
        wanted.variants.layouts = 1u << PB_NCHW | 1u << PB_NHWC;
    gbench_options(0, NULL);
    if (!status) status = problem_options_problems(&wanted, "models.txt", &problems);
    if (!status) status = session_begin(&session, &options, problems.item, problems.count);
    if (!status) status = session_run(&session);
    if (!status && session.results)
        status = pb_results_read(json_incref(session.results), "this run", &results);
    if (!status && results.count) status = pb_tuning_cache_update(&results, &lost, &shapes);
    if (!status && results.count)
        printf("%zu problems are remembered in %s; without it the choice would take %.1f %% longer "
               "(geometric mean)\n",
               shapes, tuning_cache_path(path), 100 * (lost - 1));
    int code = status ? pb_complain(status) : EXIT_PASSED;
    if (!status && session.wrong + session.crashed) code = EXIT_FAILED;
    if (!status && !results.count) {
        fprintf(stderr, "poolbench: nothing matched, nothing was timed\n");
        code = EXIT_NOTHING;
    }
    pb_results_free(&results);
    session_end(&session);
    pb_problems_free(&problems);
    problem_options_end(&wanted);
    return code;
}
