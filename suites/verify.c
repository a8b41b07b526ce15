/* poolbench verify: every matching kernel against the oracle. */
#include "matrix.h"
#include "suites.h"
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    const char **text; /* problems as given */
    size_t texts;
    const char *batch, *op, *onnx, *kernel;
    int64_t mb, fuzz;
    uint64_t seed;
    bool json, matrix, refresh;
};

/* What a run of the suite found. */
struct tally {
    int64_t problems, checks, failed, skipped;
    bool terminal;
    json_t *failures, *skips;
};

enum { OPT_MB = 256, OPT_ONNX, OPT_SEED, OPT_FUZZ, OPT_MATRIX, OPT_REFRESH };

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
    case 'j':
        o->json = true;
        return 0;
    case OPT_ONNX:
        o->onnx = value;
        return 0;
    case OPT_MB:
        o->mb = pb_parse_count(state, "mb", value, 0, INT32_MAX);
        return 0;
    case OPT_FUZZ:
        o->fuzz = pb_parse_count(state, "fuzz", value, 1, INT32_MAX);
        return 0;
    case OPT_SEED:
        o->seed = (uint64_t)pb_parse_count(state, "seed", value, 0, INT64_MAX);
        return 0;
    case OPT_MATRIX:
        o->matrix = true;
        return 0;
    case OPT_REFRESH:
        o->refresh = true;
        return 0;
    case ARGP_KEY_ARG:
        o->text[o->texts++] = value;
        return 0;
    case ARGP_KEY_END:
        if ((o->texts || o->batch) + (o->fuzz > 0) + (o->onnx != NULL) > 1)
            argp_error(state, "give problems, --fuzz or --onnx, one of them");
        if (o->matrix && (o->texts || o->batch || o->op || o->fuzz || o->onnx || o->kernel))
            argp_error(state, "--matrix is of every kernel and every row");
        if (o->refresh && !o->matrix) argp_error(state, "--refresh goes with --matrix");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"batch", 'b', "FILE", 0, "Problems from a file, one a line (benchdnn's files too)", 0},
        {"op", 'o', "OP", 0, "Makes problems bare descriptors of this operation; alone: only it",
         0},
        {"mb", OPT_MB, "N", 0, "Minibatch of every problem of this call", 0},
        {"onnx", OPT_ONNX, "DIR", 0,
         "An ONNX test case (model.onnx, test_data_set_0), or a folder of them", 0},
        {"kernel", 'k', "GLOB", 0, "Only kernels whose name matches", 0},
        {"fuzz", OPT_FUZZ, "COUNT", 0, "That many random problems, drawn from the seed", 0},
        {"seed", OPT_SEED, "N", 0, "Seed of the data and of random problems (default 1)", 0},
        {"matrix", OPT_MATRIX, NULL, 0,
         "Which rule of the contract, law and known defect every implementation keeps or breaks; "
         "fails where that is not what reference/conformance.csv says",
         0},
        {"refresh", OPT_REFRESH, NULL, 0, "With --matrix: write reference/conformance.csv anew", 0},
        {"json", 'j', NULL, 0, "Print the outcome as JSON", 0},
        {0},
};
static const struct argp_child children[] = {{&pb_machine_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[PROBLEM…]",
        .doc = "Holds every matching kernel to the contract: right results at every element, "
               "nothing written elsewhere, inputs unchanged. Without a problem: the whole suite, "
               "in every direction and layout, and the golden tensors.\v"
               "Example: poolbench verify 'max:f32:nhwc:bwd:mb2ic17ih9kh3sh2ph1' --kernel '*avx2'",
        .children = children,
};

static void progress(const struct tally *t, const char *what) {
    if (t->terminal)
        fprintf(stderr, "\r\033[K%lld checks, %lld failed  %.60s", (long long)t->checks,
                (long long)t->failed, what);
}

static void clear_progress(const struct tally *t) {
    if (t->terminal) fprintf(stderr, "\r\033[K");
}

/* Counts one check; a failure is shown with the line that repeats it. */
static void count(struct tally *t, enum pb_status status, const char *repeat) {
    t->checks++;
    if (!status) return;
    t->failed++;
    clear_progress(t);
    fprintf(stderr, "FAILED %s\n       repeat: %s\n", pb_error(), repeat);
    json_array_append_new(t->failures,
                          json_pack("{s:s, s:s}", "error", pb_error(), "repeat", repeat));
}

/* Every kernel that runs the trial's problem; conv with its weights given at setup and at run. */
static int64_t check_kernels(struct tally *t, struct pb_trial *trial, const char *glob,
                             const char *repeat) {
    int64_t ran = 0;
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        const struct pb_kernel *kernel = pb_kernel_at(k);
        if (!pb_kernel_runs(kernel, &trial->problem, glob)) continue;
        char line[PB_TEXT_SIZE + PATH_MAX + 256];
        snprintf(line, sizeof line, "%s --kernel '%s' --isa %s --threads %d", repeat, kernel->name,
                 pb_isa_name(pb_isa()), pb_threads());
        count(t, pb_trial_check(trial, kernel, false), line);
        if (pb_role_read(&trial->problem, PB_WEIGHTS))
            count(t, pb_trial_check(trial, kernel, true), line);
        ran++;
    }
    return ran;
}

/* Every kernel that accepts the problem, on data of one family. */
static enum pb_status verify_family(struct tally *t, const struct options *o,
                                    const struct pb_problem *problem, enum pb_family family) {
    char text[PB_TEXT_SIZE], repeat[PB_TEXT_SIZE + 64];
    struct pb_trial trial = {0};
    pb_problem_print(problem, text);
    progress(t, text);
    enum pb_status status = pb_trial_begin(&trial, problem, family, o->seed);
    if (status) return status;
    snprintf(repeat, sizeof repeat, "poolbench verify '%s' --seed %llu", text,
             (unsigned long long)o->seed);
    check_kernels(t, &trial, o->kernel, repeat);
    pb_trial_end(&trial);
    return PB_OK;
}

static enum pb_status verify_problem(struct tally *t, const struct options *o,
                                     const struct pb_problem *problem) {
    enum pb_status status = PB_OK;
    if (!pb_select(problem, o->kernel)) return PB_OK;
    t->problems++;
    for (int family = 0; !status && family < PB_FAMILIES; family++)
        status = verify_family(t, o, problem, (enum pb_family)family);
    return status;
}

static enum pb_status verify_random(struct tally *t, const struct options *o) {
    struct pb_rng rng = {o->seed};
    enum pb_status status = PB_OK;
    /* Draws that no kernel accepts are not counted; a glob that matches nothing must end, too. */
    for (int64_t draw = 0; !status && t->problems < o->fuzz && draw < 100 * o->fuzz; draw++) {
        struct pb_problem problem;
        enum pb_op op = (enum pb_op)pb_rng_below(&rng, PB_OPS);
        enum pb_dir dir = (enum pb_dir)pb_rng_below(&rng, PB_DIRS);
        enum pb_family family = (enum pb_family)pb_rng_below(&rng, PB_FAMILIES);
        if (o->op && strcmp(o->op, pb_op_name(op))) continue;
        pb_problem_random(&rng, op, dir, &problem);
        if (o->mb >= 0) problem.mb = o->mb;
        if (pb_problem_check(&problem) || !pb_select(&problem, o->kernel)) continue;
        t->problems++;
        status = verify_family(t, o, &problem, family);
    }
    return status;
}

/* One ONNX test case in both layouts; a status where it cannot be read. */
static enum pb_status verify_case(struct tally *t, const struct options *o, const char *directory) {
    char repeat[PATH_MAX + 64];
    bool ran = false;
    snprintf(repeat, sizeof repeat, "poolbench verify --onnx '%s'", directory);
    progress(t, directory);
    for (int layout = PB_NCHW; layout <= PB_NHWC; layout++) {
        struct pb_trial trial = {0};
        enum pb_status status = pb_onnx_trial(directory, (enum pb_layout)layout, &trial);
        if (status == PB_UNSUPPORTED) {
            t->skipped += layout == PB_NCHW;
            if (layout == PB_NCHW)
                json_array_append_new(
                        t->skips, json_pack("{s:s, s:s}", "case", directory, "reason", pb_error()));
        } else if (!status) {
            ran |= check_kernels(t, &trial, o->kernel, repeat) > 0;
        }
        pb_trial_end(&trial);
        if (status && status != PB_UNSUPPORTED) return status;
    }
    t->problems += ran;
    return PB_OK;
}

static bool is_case(const char *directory) {
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/model.onnx", directory) < (int)sizeof path &&
           access(path, R_OK) == 0;
}

/* A test case, or every test case in a folder, by name. */
static enum pb_status verify_onnx(struct tally *t, const struct options *o, const char *directory) {
    enum pb_status status = PB_OK;
    if (is_case(directory)) return verify_case(t, o, directory);
    struct dirent **entry;
    int count_entries = scandir(directory, &entry, NULL, alphasort);
    if (count_entries < 0) return pb_fail(PB_IO, "%s: %s", directory, strerror(errno));
    for (int i = 0; i < count_entries; i++) {
        char path[PATH_MAX];
        if (entry[i]->d_name[0] != '.' &&
            snprintf(path, sizeof path, "%s/%s", directory, entry[i]->d_name) < (int)sizeof path &&
            is_case(path) && !status)
            status = verify_case(t, o, path);
        free(entry[i]);
    }
    free(entry);
    return status;
}

static enum pb_status collect(const struct options *o, struct pb_problems *problems) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; !status && i < o->texts; i++)
        status = pb_problems_add(problems, o->text[i], o->op, o->mb);
    if (!status && o->batch) status = pb_problems_read(problems, o->batch, o->op, o->mb);
    return status;
}

/* The shape list, and the golden tensors unless one operation is asked for. */
static enum pb_status whole_suite(struct tally *t, const struct options *o,
                                  struct pb_problems *problems) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/suites/shapes/basic.txt", pb_source_dir);
    enum pb_status status = pb_problems_suite(problems, path);
    for (size_t i = 0; o->mb >= 0 && i < problems->count; i++) problems->item[i].mb = o->mb;
    if (status || o->op) return status;
    snprintf(path, sizeof path, "%s/reference/golden", pb_source_dir);
    return verify_onnx(t, o, path);
}

static void print_outcome(const struct options *o, const struct tally *t) {
    clear_progress(t);
    if (o->json) {
        json_t *outcome =
                json_pack("{s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:O, s:O}", "problems",
                          (json_int_t)t->problems, "checks", (json_int_t)t->checks, "failed",
                          (json_int_t)t->failed, "skipped", (json_int_t)t->skipped, "isa",
                          pb_isa_name(pb_isa()), "cpu", pb_cpu_name(), "blas_core", pb_blas_core(),
                          "failures", t->failures, "skips", t->skips);
        json_dumpf(outcome, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(outcome);
        return;
    }
    size_t i;
    json_t *skip;
    json_array_foreach(t->skips, i, skip)
            printf("skipped %s\n", json_string_value(json_object_get(skip, "reason")));
    printf("verify: %lld problems, %lld checks, %lld held, %lld failed, %lld skipped "
           "(ISA %s, %d threads, %s)\n",
           (long long)t->problems, (long long)t->checks, (long long)(t->checks - t->failed),
           (long long)t->failed, (long long)t->skipped, pb_isa_name(pb_isa()), pb_threads(),
           pb_cpu_name());
}

int pb_verify_main(int argc, char **argv) {
    struct options o = {.mb = -1, .seed = 1, .text = calloc((size_t)argc, sizeof *o.text)};
    struct tally tally = {
            .terminal = isatty(STDERR_FILENO), .failures = json_array(), .skips = json_array()};
    struct pb_problems problems = {0};
    enum pb_status status = PB_OK;
    if (!o.text) return pb_complain(pb_fail(PB_NOMEM, "no memory for the arguments"));
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.matrix) {
        free(o.text);
        json_decref(tally.failures);
        json_decref(tally.skips);
        return pb_matrix_main(o.json, o.refresh);
    }
    if (o.onnx) {
        status = verify_onnx(&tally, &o, o.onnx);
    } else if (o.fuzz) {
        status = verify_random(&tally, &o);
    } else if (o.texts || o.batch) {
        status = collect(&o, &problems);
    } else {
        status = whole_suite(&tally, &o, &problems);
    }
    for (size_t i = 0; !status && i < problems.count; i++) {
        bool wanted = o.texts || o.batch || !o.op || !strcmp(o.op, pb_op_name(problems.item[i].op));
        if (wanted) status = verify_problem(&tally, &o, &problems.item[i]);
    }
    if (status) {
        clear_progress(&tally);
    } else {
        print_outcome(&o, &tally);
    }
    pb_problems_free(&problems);
    json_decref(tally.failures);
    json_decref(tally.skips);
    free(o.text);
    if (status) return pb_complain(status);
    if (tally.failed) return EXIT_FAILED;
    if (tally.checks) return EXIT_HOLDS;
    fprintf(stderr, "poolbench: nothing matched, nothing was verified\n");
    return EXIT_NOTHING;
}
