/* poolbench list: the registry, best first. */
#include "common/sandbox.h"
#include "common/tuning_cache.h"
#include "common/suites.h"
#include "core/op_traits.h"
#include "registry/provider.h"
#include <jansson.h>
#include <stdio.h>

struct options {
    struct pb_problem problem;
    bool has_problem, has_op, all, json;
    enum pb_op op;
};

static error_t parse(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    switch (key) {
    case 'o':
        if (pb_op_parse(value, &o->op)) argp_error(state, "%s", pb_error());
        o->has_op = true;
        return 0;
    case 'a':
        o->all = true;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->has_problem) argp_error(state, "one problem at a time, not also '%s'", value);
        if (pb_problem_parse(value, &o->problem)) argp_error(state, "%s", pb_error());
        o->has_problem = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"op", 'o', "OP", 0, "Only kernels of this operation", 0},
        {"all", 'a', NULL, 0, "Also kernels whose ISA this machine does not have or --isa lowers",
         0},
        {"json", 'j', NULL, 0, "Print JSON", 0},
        {0},
};
static const struct argp_child children[] = {{&pb_machine_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[PROBLEM]",
        .doc = "Lists kernels that this machine can run, best first; with a problem, those that "
               "accept it.\vExample: poolbench list 'max:f32:nhwc:mb2ic64ih32kh2sh2'",
        .children = children,
};

/* A small problem of that kind, to ask can_do with; false where there is none. */
static bool sample(enum pb_op op, enum pb_dtype dtype, enum pb_dir dir, enum pb_layout layout,
                   struct pb_problem *problem) {
    static const char *const windows[] = {
            [PB_STRIDED] = "kh2sh2",
            [PB_WHOLE] = "",
            [PB_ADAPTIVE] = "oh3",
            [PB_BLOCKS] = "kh2",
    };
    const struct pb_op_traits *traits = pb_op_traits(op);
    char text[PB_TEXT_SIZE];
    snprintf(text, sizeof text, "%s:%s:%s:%s:mb1ic16%sih4%s", pb_op_name(op), pb_dtype_name(dtype),
             pb_layout_name(layout), pb_dir_name(dir), traits->groups ? "oc16" : "",
             windows[traits->windows]);
    return pb_problem_parse(text, problem) == PB_OK;
}

/* What the kernel accepts, as "max: fwd fwd_idx; nchw nhwc", from its own can_do; and whether the
 * problem that was asked for, if there is one. */
struct accepts {
    bool op[PB_OPS], dtype[PB_DTYPES], dir[PB_DIRS], layout[PB_LAYOUTS], problem;
};

static struct accepts ask(const struct pb_kernel *kernel, const struct options *o) {
    struct accepts found = {.problem = !o->has_problem || kernel->can_do(&o->problem)};
    for (int i = 0; i < PB_OPS * PB_DTYPES * PB_DIRS * PB_LAYOUTS; i++) {
        int layout = i % PB_LAYOUTS, dir = i / PB_LAYOUTS % PB_DIRS;
        int dtype = i / PB_LAYOUTS / PB_DIRS % PB_DTYPES, op = i / PB_LAYOUTS / PB_DIRS / PB_DTYPES;
        struct pb_problem p;
        if (!sample((enum pb_op)op, (enum pb_dtype)dtype, (enum pb_dir)dir, (enum pb_layout)layout,
                    &p) ||
            !kernel->can_do(&p))
            continue;
        found.op[op] = found.dtype[dtype] = found.dir[dir] = found.layout[layout] = true;
    }
    return found;
}

/* A plug-in's kernel that is asked in a process of its own, and its answers. */
struct question {
    const struct pb_kernel *kernel;
    const struct options *options;
    struct accepts *found; /* in memory that both processes see */
};

static void ask_here(void *arg) {
    const double limit = 2; /* seconds for all answers; usually they take microseconds */
    const struct question *question = arg;
    sandbox_step("in can_do", limit, 1);
    *question->found = ask(question->kernel, question->options);
}

/* False, with a word, where can_do crashes or hangs. */
static bool ask_apart(const struct pb_kernel *kernel, const struct options *o,
                      struct accepts *found) {
    struct question question = {kernel, o, sandbox_memory(sizeof *found)};
    struct sandbox_outcome outcome;
    char words[256];
    bool ran = question.found && !sandbox_run(ask_here, &question, &outcome);
    bool answered = ran && outcome.end == SANDBOX_FINISHED;
    if (answered) *found = *question.found;
    if (!answered)
        fprintf(stderr, "poolbench: left out: %s: %s\n", kernel->name,
                ran ? sandbox_say(&outcome, words, sizeof words) : pb_error());
    sandbox_memory_free(question.found, sizeof *found);
    return answered;
}

static const char *op_name(int i) {
    return pb_op_name((enum pb_op)i);
}
static const char *dtype_name(int i) {
    return pb_dtype_name((enum pb_dtype)i);
}
static const char *dir_name(int i) {
    return pb_dir_name((enum pb_dir)i);
}
static const char *layout_name(int i) {
    return pb_layout_name((enum pb_layout)i);
}

static json_t *names(const bool *set, int count, const char *(*name)(int)) {
    json_t *array = json_array();
    for (int i = 0; i < count; i++)
        if (set[i]) json_array_append_new(array, json_string(name(i)));
    return array;
}

static json_t *describe(const struct pb_kernel *kernel, const struct accepts *found) {
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:s, s:s}", "name", kernel->name,
                     "method", pb_kernel_method(kernel), "isa", pb_kernel_isa_name(kernel),
                     "available", (kernel->isa & ~pb_isa()) == 0, "ops",
                     names(found->op, PB_OPS, op_name), "dtypes",
                     names(found->dtype, PB_DTYPES, dtype_name), "dirs",
                     names(found->dir, PB_DIRS, dir_name), "layouts",
                     names(found->layout, PB_LAYOUTS, layout_name), "provider",
                     provider ? provider->name : "poolbench", "version",
                     provider ? provider->version() : pb_build_version);
}

static void print_names(const json_t *row, const char *key, int width) {
    size_t i;
    json_t *name;
    int used = 0;
    json_array_foreach(json_object_get(row, key), i, name) used +=
            printf("%s%s", i ? "," : "", json_string_value(name));
    printf("%*s ", used < width ? width - used : 0, "");
}

static void print_table(const json_t *rows) {
    size_t i;
    json_t *row;
    printf("%-32s %-9s %-7s %-13s %-5s %-12s %-18s %s\n", "kernel", "method", "isa", "operations",
           "types", "directions", "layouts", "provider");
    json_array_foreach(rows, i, row) {
        printf("%-32s %-9s %-7s ", json_string_value(json_object_get(row, "name")),
               json_string_value(json_object_get(row, "method")),
               json_string_value(json_object_get(row, "isa")));
        print_names(row, "ops", 13);
        print_names(row, "dtypes", 5);
        print_names(row, "dirs", 12);
        print_names(row, "layouts", 18);
        printf("%s%s\n", json_string_value(json_object_get(row, "provider")),
               json_is_true(json_object_get(row, "available")) ? "" : "  (not on this machine)");
    }
}

/* The kernel's row, if it is to be listed. */
static void add_row(json_t *rows, const struct pb_kernel *kernel, const struct options *o) {
    struct accepts found;
    if (!o->all && (kernel->isa & ~pb_isa())) return;
    if (!pb_kernel_provider(kernel))
        found = ask(kernel, o);
    else if (!ask_apart(kernel, o, &found))
        return;
    if (found.problem && (!o->has_op || found.op[o->op]))
        json_array_append_new(rows, describe(kernel, &found));
}

int pb_list_main(int argc, char **argv) {
    struct options o = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    json_t *rows = json_array();
    tuning_cache_load();
    const struct pb_kernel *selected = o.has_problem ? pb_select(&o.problem, NULL) : NULL;
    if (selected) add_row(rows, selected, &o);
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (pb_kernel_at(i) != selected) add_row(rows, pb_kernel_at(i), &o);
    bool none = json_array_size(rows) == 0;
    if (o.json) {
        json_dumpf(rows, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (!none) {
        print_table(rows);
    }
    json_decref(rows);
    if (none) fprintf(stderr, "poolbench: no kernel matches\n");
    return none ? EXIT_NOTHING : EXIT_PASSED;
}
