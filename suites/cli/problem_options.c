/* The options that say which problems. */
#include "cli/problem_options.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_MB = 0x2000, OPT_LAYOUT, OPT_DIR }; /* beside a subcommand's own */

/* Ends the program where a list of variants cannot be read. */
static void need(struct argp_state *state, enum pb_status status) {
    if (status) argp_error(state, "%s", pb_error());
}

static error_t parse(int key, char *value, struct argp_state *state) {
    struct problem_options *a = state->input;
    switch (key) {
    case 'b':
        a->batch = value;
        return 0;
    case 'o':
        need(state, pb_op_check_prefix(value));
        a->op = value;
        return 0;
    case OPT_MB:
        need(state, pb_variants_batches(&a->variants, value));
        return 0;
    case OPT_LAYOUT:
        need(state, pb_variants_layouts(&a->variants, value));
        return 0;
    case OPT_DIR:
        need(state, pb_variants_dirs(&a->variants, value));
        return 0;
    case ARGP_KEY_ARG:
        a->text[a->texts++] = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"batch", 'b', "FILE", 0, "Problems from a file, one a line (benchdnn's files too)", 0},
        {"op", 'o', "OP", 0, "Makes problems bare descriptors of this operation; alone: only it",
         0},
        {"mb", OPT_MB, "N,…", 0, "Every problem with each of these minibatches", 0},
        {"layout", OPT_LAYOUT, "LAYOUT,…", 0, "Every problem in each of these layouts", 0},
        {"dir", OPT_DIR, "DIR,…", 0, "Every problem in each of these directions that it has", 0},
        {0},
};
const struct argp problem_options_argp = {.options = options, .parser = parse};

enum pb_status problem_options_begin(struct problem_options *wanted, int argc) {
    *wanted = (struct problem_options){.text = calloc((size_t)argc, sizeof *wanted->text)};
    return wanted->text ? PB_OK : pb_fail(PB_NOMEM, "no memory for the arguments");
}

/* Leaves of a default list what is of the operation. */
static void keep_operation(struct pb_problems *problems, const char *op) {
    size_t kept = 0;
    for (size_t i = 0; i < problems->count; i++)
        if (!strcmp(op, pb_op_name(problems->item[i].op)))
            problems->item[kept++] = problems->item[i];
    problems->count = kept;
}

enum pb_status problem_options_problems(const struct problem_options *wanted, const char *list,
                                        struct pb_problems *problems) {
    enum pb_status status = PB_OK;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/suites/shapes/%s", pb_source_dir, list);
    for (size_t i = 0; !status && i < wanted->texts; i++)
        status = pb_problems_add(problems, wanted->text[i], wanted->op, -1);
    if (!status && wanted->batch)
        status = pb_problems_read(problems, wanted->batch, wanted->op, -1);
    if (!status && !wanted->texts && !wanted->batch) {
        status = pb_problems_read(problems, path, NULL, -1);
        if (!status && wanted->op) keep_operation(problems, wanted->op);
    }
    return status ? status : pb_problems_vary(problems, &wanted->variants);
}

void problem_options_end(struct problem_options *wanted) {
    free(wanted->text);
    *wanted = (struct problem_options){0};
}
