/* poolbench run: one kernel on NumPy files. */
#include "common/tuning_cache.h"
#include "common/suites.h"
#include <stdio.h>
#include <string.h>

struct options {
    struct pb_problem problem;
    bool has_problem;
    const char *kernel, *file[PB_ROLES];
};

/* An option per role, in the order of enum pb_role. */
enum { OPT_ROLE = 256 };

static error_t parse(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    if (key >= OPT_ROLE && key < OPT_ROLE + PB_ROLES) {
        o->file[key - OPT_ROLE] = value;
        return 0;
    }
    switch (key) {
    case 'k':
        o->kernel = value;
        return 0;
    case ARGP_KEY_ARG:
        if (o->has_problem) argp_error(state, "one problem at a time, not also '%s'", value);
        if (pb_problem_parse(value, &o->problem)) argp_error(state, "%s", pb_error());
        o->has_problem = true;
        return 0;
    case ARGP_KEY_END:
        if (!o->has_problem) argp_error(state, "a problem is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"kernel", 'k', "NAME", 0, "The kernel, or a glob (default: the best that accepts)", 0},
        {"src", OPT_ROLE + PB_SRC, "X.npy", 0, "Input; with bwd the gradient to write", 0},
        {"dst", OPT_ROLE + PB_DST, "Y.npy", 0, "Output to write; with bwd, bwd_w its gradient", 0},
        {"weights", OPT_ROLE + PB_WEIGHTS, "W.npy", 0, "Weights of conv; with bwd_w written", 0},
        {"bias", OPT_ROLE + PB_BIAS, "B.npy", 0, "Bias of conv, may be left out", 0},
        {"input", OPT_ROLE + PB_INPUT, "X.npy", 0,
         "What forward had as src, for the gradient of lp", 0},
        {"indices", OPT_ROLE + PB_INDICES, "I.npy", 0, "Indices of max; with bwd read", 0},
        {0},
};
static const struct argp_child children[] = {{&pb_machine_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "PROBLEM",
        .doc = "Runs one kernel on NumPy files, in and out; arrays have the layout's axis order.\v"
               "Example: poolbench run 'max:f32:nchw:mb1ic3ih8kh2sh2' --src x.npy --dst y.npy",
        .children = children,
};

static enum pb_status execute(const struct pb_problem *p, const struct pb_kernel *kernel,
                              const struct pb_args *args) {
    void *plan = NULL;
    enum pb_status status = kernel->setup(p, NULL, &plan);
    if (!status) status = kernel->run(p, plan, args);
    kernel->done(plan);
    return status;
}

int pb_run_main(int argc, char **argv) {
    struct options o = {0};
    struct pb_args args = {0};
    struct pb_buffer buffer[PB_ROLES] = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    const struct pb_problem *p = &o.problem;
    tuning_cache_load();
    const struct pb_kernel *kernel = pb_select(p, o.kernel);
    enum pb_status status = kernel ? PB_OK : PB_UNSUPPORTED;
    for (int role = 0; !status && role < PB_ROLES; role++) {
        enum pb_role r = (enum pb_role)role;
        args.tensor[role] = pb_tensor_of(p, r, NULL);
        if (!pb_role_used(p, r) && o.file[role]) {
            status = pb_fail(PB_INVALID, "--%s: %s %s has none", pb_role_name(r), pb_op_name(p->op),
                             pb_dir_name(p->dir));
            break;
        }
        if (!pb_role_used(p, r) || (r == PB_BIAS && !o.file[role])) continue;
        if (!o.file[role]) {
            status = pb_fail(PB_INVALID, "--%s is missing: %s %s takes it", pb_role_name(r),
                             pb_op_name(p->op), pb_dir_name(p->dir));
            break;
        }
        status = pb_buffer_alloc(&buffer[role], pb_tensor_bytes(&args.tensor[role]));
        args.tensor[role].data = buffer[role].data;
        if (!status && !pb_role_written(p, r))
            status = pb_npy_read(o.file[role], &args.tensor[role], p->rank);
    }
    if (!status) status = pb_check_indices(p, &args); /* kernels write where they say */
    if (!status) status = execute(p, kernel, &args);
    for (int role = 0; !status && role < PB_ROLES; role++)
        if (buffer[role].data && pb_role_written(p, (enum pb_role)role))
            status = pb_npy_write(o.file[role], &args.tensor[role], p->rank);
    for (int role = 0; role < PB_ROLES; role++) pb_buffer_free(&buffer[role]);
    if (status) return pb_complain(status);
    printf("%s\n", kernel->name);
    return EXIT_PASSED;
}
