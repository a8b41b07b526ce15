/* The command line of `poolbench verify`. */
#include "cli/verify_options.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    OPT_MB = 256,
    OPT_ONNX,
    OPT_SEED,
    OPT_FUZZ,
    OPT_DATA,
    OPT_PLACEMENT,
    OPT_LIMIT,
    OPT_JOBS,
    OPT_MATRIX,
    OPT_RULE,
    OPT_REFRESH,
    OPT_QUICK,
    OPT_LARGE,
};

/* "1000" is a number of problems, "90s", "15m" and "1h" are a time. */
static void parse_fuzz(struct argp_state *state, const char *value, struct verify_options *o) {
    static const char units[] = "smh";
    static const int seconds[] = {1, 60, 3600};
    char number[32];
    size_t length = strlen(value);
    const char *unit = length ? strchr(units, value[length - 1]) : NULL;
    if (length >= sizeof number) argp_error(state, "--fuzz '%s' is not a number", value);
    snprintf(number, sizeof number, "%.*s", (int)(length - (unit != NULL)), value);
    o->fuzz = pb_parse_count(state, "fuzz", number, 1, INT32_MAX);
    if (!unit) return;
    o->seconds = (double)o->fuzz * seconds[unit - units];
    o->fuzz = INT64_MAX;
}

/* A number, or "today": the date in UTC, so that each day has a seed of its own. */
static uint64_t parse_seed(struct argp_state *state, const char *value) {
    if (strcmp(value, "today")) return (uint64_t)pb_parse_count(state, "seed", value, 0, INT64_MAX);
    time_t now = time(NULL);
    struct tm day;
    gmtime_r(&now, &day);
    return (uint64_t)((day.tm_year + 1900) * 10000 + (day.tm_mon + 1) * 100 + day.tm_mday);
}

static int parse_family(struct argp_state *state, const char *value) {
    for (int i = 0; i < PB_DATA_PATTERNS; i++)
        if (!strcmp(value, pb_data_pattern_name((enum pb_data_pattern)i))) return i;
    argp_error(state, "--data '%s' is unknown", value);
    return -1;
}

static int parse_placement(struct argp_state *state, const char *value) {
    for (int i = 0; i < PB_PLACEMENTS; i++)
        if (!strcmp(value, pb_placement_name((enum pb_placement)i))) return i;
    argp_error(state, "--placement '%s' is unknown", value);
    return -1;
}

static error_t parse(int key, char *value, struct argp_state *state) {
    struct verify_options *o = state->input;
    switch (key) {
    case 'b':
        o->batch = value;
        return 0;
    case 'o':
        if (pb_op_check_prefix(value)) argp_error(state, "%s", pb_error());
        o->op = value;
        return 0;
    case 'k':
        o->glob[o->choice.globs++] = value;
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
        parse_fuzz(state, value, o);
        return 0;
    case OPT_SEED:
        o->seed = parse_seed(state, value);
        return 0;
    case OPT_DATA:
        o->family = parse_family(state, value);
        return 0;
    case OPT_PLACEMENT:
        o->placement = parse_placement(state, value);
        return 0;
    case OPT_LIMIT:
        o->limit = (double)pb_parse_count(state, "limit", value, 1, INT32_MAX);
        return 0;
    case OPT_JOBS:
        o->jobs = (int)pb_parse_count(state, "jobs", value, 1, 1024);
        return 0;
    case OPT_MATRIX:
        o->matrix = true;
        return 0;
    case OPT_RULE:
        if (pb_row_choice_add(&o->choice, value)) argp_error(state, "--rule: %s", pb_error());
        return 0;
    case OPT_REFRESH:
        o->refresh = true;
        return 0;
    case OPT_QUICK:
    case OPT_LARGE:
        if (o->suite != PB_SUITE_DEFAULT) argp_error(state, "give --quick or --large, one of them");
        o->suite = key == OPT_QUICK ? PB_SUITE_QUICK : PB_SUITE_LARGE;
        return 0;
    case ARGP_KEY_ARG:
        o->text[o->texts++] = value;
        return 0;
    case ARGP_KEY_END:
        if ((o->texts || o->batch) + (o->fuzz > 0) + (o->onnx != NULL) > 1)
            argp_error(state, "give problems, --fuzz or --onnx, one of them");
        if ((o->matrix || o->choice.row) && (o->texts || o->batch || o->op || o->fuzz || o->onnx))
            argp_error(state, "%s has problems of its own", o->matrix ? "--matrix" : "--rule");
        if (o->suite != PB_SUITE_DEFAULT &&
            (o->texts || o->batch || o->fuzz || o->onnx || o->matrix || o->choice.row))
            argp_error(state, "--quick and --large choose lists of the suite: give no problems");
        if (o->matrix && o->choice.row) argp_error(state, "give --matrix or --rule, one of them");
        if (o->refresh && (!o->matrix || o->choice.globs))
            argp_error(state, "--refresh goes with --matrix of every kernel");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"batch", 'b', "FILE", 0, "Problems from a file, one a line (benchdnn's files too)", 0},
        {"op", 'o', "OP", 0,
         "Makes problems bare descriptors of this operation; alone: only it. Fields may follow, as "
         "in max:nhwc",
         0},
        {"quick", OPT_QUICK, NULL, 0,
         "Of the suite only its first list, for emulators, sanitizers and the impatient", 0},
        {"large", OPT_LARGE, NULL, 0,
         "Of the suite only what is left out by default, as it takes an hour and 16 GB: extents "
         "of 2^24 and, in u8, of 2^31",
         0},
        {"mb", OPT_MB, "N", 0, "Minibatch of every problem of this call", 0},
        {"onnx", OPT_ONNX, "DIR", 0,
         "An ONNX test case (model.onnx, test_data_set_*), or a tree of folders of them", 0},
        {"kernel", 'k', "GLOB", 0, "Only kernels whose name matches, or matches another --kernel",
         0},
        {"fuzz", OPT_FUZZ, "COUNT|TIME", 0,
         "Random problems drawn from the seed: as many, or for as long (90s, 15m, 1h); at every "
         "number of threads up to one over the cores",
         0},
        {"seed", OPT_SEED, "N|today", 0,
         "Seed of the data and of random problems (default 1; today: the date)", 0},
        {"data", OPT_DATA, "PATTERN", 0, "Only data of this pattern, such as mixed or special", 0},
        {"placement", OPT_PLACEMENT, "NAME", 0,
         "Where tensors stand in memory: aligned, first, last or odd (default: in turn)", 0},
        {"limit", OPT_LIMIT, "SECONDS", 0,
         "A call of a kernel that takes more processor time on each thread hangs (default 60, and "
         "more for large problems), or one that waits 20 times as long",
         0},
        {"jobs", OPT_JOBS, "N", 0,
         "Processes side by side (default: one per core; one for given problems)", 0},
        {"matrix", OPT_MATRIX, NULL, 0,
         "Which rule of the contract, metamorphic relation and known defect every implementation "
         "passes; of every kernel, fails where that is not what "
         "reference/conformance/conformance.csv says",
         0},
        {"rule", OPT_RULE, "ID[,ID…]", 0,
         "Only these rules of the contract, metamorphic relations or known defects, such as "
         "max_tie; prints what came out of each",
         0},
        {"refresh", OPT_REFRESH, NULL, 0,
         "With --matrix: write reference/conformance/conformance.csv anew", 0},
        {"json", 'j', NULL, 0, "Print the outcome as JSON", 0},
        {0},
};
static const struct argp_child children[] = {{&pb_machine_argp, 0, NULL, 0}, {0}};
const struct argp verify_argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[PROBLEM…]",
        .doc = "Holds every matching kernel to the contract: right results at every element, the "
               "same bits on one thread and on all, nothing read or written elsewhere, inputs "
               "unchanged. A kernel that crashes or hangs has failed; the rest goes on. Without a "
               "problem: the suite, and the golden tensors: a list by hand, every pair of "
               "parameter "
               "values (suites/shapes/covering.txt), extents beyond every power of two from 2^8 to "
               "2^16 (sizes*.txt). Failures are shown by cause, each with the smallest case.\v"
               "Example: poolbench verify 'max:f32:nhwc:bwd:mb2ic17ih9kh3sh2ph1' --kernel '*avx2'",
        .children = children,
};
