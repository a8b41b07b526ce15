/* poolbench list: the registry, best first. */
#include "common/plugins.h"
#include "common/sandbox.h"
#include "common/tuning_cache.h"
#include "common/suites.h"
#include "core/op_traits.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

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

static bool runs_here(const struct pb_kernel *kernel) {
    return !(kernel->isa & ~pb_isa_detected());
}

/* The kernel, or of those from the same source the one that this machine can ask: can_do is compiled
 * for its kernel's ISA. What one accepts the others do (test_acceptance.c), but for how few channels
 * make a vector; their names differ in the last word. NULL where the machine has none. */
static const struct pb_kernel *to_ask(const struct pb_kernel *kernel) {
    size_t stem = (size_t)(strrchr(kernel->name, '_') - kernel->name) + 1;
    for (size_t i = 0; !runs_here(kernel) && i < pb_kernel_count(); i++) {
        const struct pb_kernel *other = pb_kernel_at(i);
        if (other->isa && runs_here(other) && !strncmp(other->name, kernel->name, stem) &&
            !strchr(other->name + stem, '_'))
            return other;
    }
    return runs_here(kernel) ? kernel : NULL;
}

static struct accepts ask(const struct pb_kernel *listed, const struct options *o) {
    const struct pb_kernel *kernel = to_ask(listed);
    if (!kernel) return (struct accepts){.problem = !o->has_problem};
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

/* ---- Plug-ins' kernels are asked in a process of its own ------------------------------------- */

/* What both processes see. One asks from `position` on; after a crash the next goes on behind it. */
struct answers {
    const struct options *options;
    size_t position;
    struct {
        bool asked;
        struct accepts found;
        char refusal[512]; /* why it could not be asked */
    } of[];                /* by position in the table */
};

static bool is_listed(const struct pb_kernel *kernel, const struct options *o) {
    return o->all || !(kernel->isa & ~pb_isa());
}

static void ask_plugins(void *arg) {
    const double limit = 2; /* seconds for all answers; usually they take microseconds */
    struct answers *answers = arg;
    for (; answers->position < pb_kernel_count(); answers->position++) {
        const struct pb_kernel *kernel = pb_kernel_at(answers->position);
        if (!pb_kernel_provider(kernel) || !is_listed(kernel, answers->options)) continue;
        if (plugin_load(kernel)) {
            snprintf(answers->of[answers->position].refusal,
                     sizeof answers->of[answers->position].refusal, "%s", pb_error());
            continue;
        }
        sandbox_step("in can_do", limit, 1);
        answers->of[answers->position].found = ask(kernel, answers->options);
        sandbox_settle();
        answers->of[answers->position].asked = true;
    }
}

static size_t answers_bytes(void) {
    const struct answers *none = NULL;
    return sizeof *none + pb_kernel_count() * sizeof none->of[0];
}

/* Those that crash or hang have no answer but a sentence. */
static enum pb_status fill(struct answers *answers) {
    enum pb_status status = PB_OK;
    struct sandbox_outcome outcome;
    while (!status && answers->position < pb_kernel_count()) {
        status = sandbox_run(ask_plugins, answers, &outcome);
        if (status || outcome.end == SANDBOX_FINISHED) break;
        size_t here = answers->position++;
        if (here >= pb_kernel_count())
            return pb_fail(PB_PROVIDER, "a process that asks plug-ins was brought down");
        answers->of[here].asked = false;
        sandbox_say(&outcome, answers->of[here].refusal, sizeof answers->of[here].refusal);
    }
    return status;
}

static struct answers *answers_find(const struct options *o) {
    struct answers *answers = sandbox_memory(answers_bytes());
    if (!answers) return NULL;
    answers->options = o;
    if (!pb_provider_count() || !fill(answers)) return answers;
    sandbox_memory_free(answers, answers_bytes());
    return NULL;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

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
                     provider ? provider_version(provider) : pb_build_version);
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

/* The kernel's row, if it is to be listed; false, with a sentence, where it could not be asked. */
static bool add_row(json_t *rows, size_t position, const struct answers *answers) {
    const struct options *o = answers->options;
    const struct pb_kernel *kernel = pb_kernel_at(position);
    struct accepts found;
    if (!is_listed(kernel, o)) return true;
    if (!pb_kernel_provider(kernel)) {
        found = ask(kernel, o);
    } else if (answers->of[position].asked) {
        found = answers->of[position].found;
    } else {
        fprintf(stderr, "poolbench: left out: %s: %s\n", kernel->name,
                answers->of[position].refusal);
        return false;
    }
    if (found.problem && (!o->has_op || found.op[o->op]))
        json_array_append_new(rows, describe(kernel, &found));
    return true;
}

static size_t position_of(const struct pb_kernel *kernel) {
    size_t position = 0;
    while (position < pb_kernel_count() && pb_kernel_at(position) != kernel) position++;
    return position;
}

static void print_rows(const json_t *rows, const struct options *o) {
    if (o->json) {
        json_dumpf(rows, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (json_array_size(rows)) {
        print_table(rows);
    }
}

int pb_list_main(int argc, char **argv) {
    struct options o = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct answers *answers = answers_find(&o);
    if (!answers) return pb_complain(PB_PROVIDER);
    json_t *rows = json_array();
    size_t count = pb_kernel_count();
    bool whole = true;
    tuning_cache_load();
    const struct pb_kernel *selected = o.has_problem ? pb_select(&o.problem, NULL) : NULL;
    size_t first = selected ? position_of(selected) : count;
    if (first < count) whole &= add_row(rows, first, answers);
    for (size_t i = 0; i < count; i++)
        if (i != first) whole &= add_row(rows, i, answers);
    bool none = json_array_size(rows) == 0;
    print_rows(rows, &o);
    json_decref(rows);
    sandbox_memory_free(answers, answers_bytes());
    if (!whole) return EXIT_FAILED;
    if (none) fprintf(stderr, "poolbench: no kernel matches\n");
    return none ? EXIT_NOTHING : EXIT_PASSED;
}
