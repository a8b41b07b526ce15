/* poolbench run: one kernel on NumPy files. */
#include "common/plugins.h"
#include "common/sandbox.h"
#include "common/suites.h"
#include "common/tuning_cache.h"
#include "verify/verification.h"
#include <fnmatch.h>
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

/* ---- In a sandbox ---------------------------------------------------------------------------- */

static const double SECONDS = 10; /* that a call may take, see pb_call_seconds() */

/* What both processes see: one selects and runs, the other writes what came out. */
struct job {
    const struct pb_problem *problem;
    const char *glob;
    const struct pb_args *args;
    enum pb_status status;
    char sentence[1024];
    size_t kernel; /* its position in the table: asked last, then run */
    unsigned char out[];
};

static void enter(const struct job *job, const char *call) {
    sandbox_step(call, pb_call_seconds(SECONDS, job->problem), pb_threads());
}

/* Asks those of plug-ins that are named, one at a time, so that it is known who brings it down. */
static enum pb_status ask_plugins(struct job *job) {
    enum pb_status status = PB_OK;
    for (job->kernel = 0; !status && job->kernel < pb_kernel_count(); job->kernel++) {
        const struct pb_kernel *kernel = pb_kernel_at(job->kernel);
        if (!job->glob || !pb_kernel_provider(kernel) || fnmatch(job->glob, kernel->name, 0))
            continue;
        status = plugin_load(kernel);
        enter(job, "in can_do");
        if (!status) kernel->can_do(job->problem);
        sandbox_settle();
    }
    return status;
}

static enum pb_status select_kernel(struct job *job, const struct pb_kernel **kernel) {
    enum pb_status status = ask_plugins(job);
    if (status) return status;
    enter(job, "in can_do");
    *kernel = pb_select(job->problem, job->glob);
    sandbox_rest();
    if (!*kernel) return PB_UNSUPPORTED;
    job->kernel = 0;
    while (pb_kernel_at(job->kernel) != *kernel) job->kernel++;
    return PB_OK;
}

static enum pb_status execute(const struct job *job, const struct pb_kernel *kernel) {
    void *plan = NULL;
    enter(job, "in setup");
    enum pb_status status = kernel->setup(job->problem, NULL, &plan);
    enter(job, "in run");
    if (!status) status = kernel->run(job->problem, plan, job->args);
    enter(job, "in done");
    kernel->done(plan);
    sandbox_settle();
    return status;
}

/* Outputs, one behind the other, to or from `out`. */
static size_t copy_outputs(const struct pb_problem *p, const struct pb_args *args,
                           unsigned char *out, bool back) {
    size_t at = 0;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &args->tensor[role];
        if (!t->data || !pb_role_written(p, (enum pb_role)role)) continue;
        size_t bytes = pb_tensor_bytes(t);
        if (out && back) memcpy(t->data, out + at, bytes);
        if (out && !back) memcpy(out + at, t->data, bytes);
        at += bytes;
    }
    return at;
}

static void work(void *arg) {
    struct job *job = arg;
    const struct pb_kernel *kernel;
    job->status = select_kernel(job, &kernel);
    if (!job->status) job->status = execute(job, kernel);
    snprintf(job->sentence, sizeof job->sentence, "%s", pb_error());
    if (!job->status) copy_outputs(job->problem, job->args, job->out, false);
}

static enum pb_status take_outcome(const struct job *job, const struct sandbox_outcome *outcome) {
    char words[256];
    if (outcome->end == SANDBOX_FINISHED)
        return job->status ? pb_fail(job->status, "%s", job->sentence) : PB_OK;
    const char *name = job->kernel < pb_kernel_count() ? pb_kernel_at(job->kernel)->name : "run";
    return pb_fail(outcome->ours ? PB_IO : PB_PROVIDER, "%s: %s", name,
                   sandbox_say(outcome, words, sizeof words));
}

/* Runs the kernel that the glob selects; *kernel: which. */
static enum pb_status run_apart(const struct pb_problem *p, const char *glob,
                                const struct pb_args *args, const struct pb_kernel **kernel) {
    size_t bytes = sizeof(struct job) + copy_outputs(p, args, NULL, false);
    struct sandbox_outcome outcome;
    struct job *job = sandbox_memory(bytes);
    if (!job) return PB_NOMEM;
    job->problem = p;
    job->glob = glob;
    job->args = args;
    enum pb_status status = sandbox_run(work, job, &outcome);
    if (!status) status = take_outcome(job, &outcome);
    if (!status) copy_outputs(p, args, job->out, true);
    if (!status) *kernel = pb_kernel_at(job->kernel);
    sandbox_memory_free(job, bytes);
    return status;
}

/* ---- The command ----------------------------------------------------------------------------- */

/* The tensors of the files that were given; those that are read have their data. */
static enum pb_status read_tensors(const struct options *o, struct pb_buffer *buffer,
                                   struct pb_args *args) {
    const struct pb_problem *p = &o->problem;
    enum pb_status status = PB_OK;
    for (int role = 0; !status && role < PB_ROLES; role++) {
        enum pb_role r = (enum pb_role)role;
        args->tensor[role] = pb_tensor_of(p, r, NULL);
        if (!pb_role_used(p, r) && o->file[role])
            return pb_fail(PB_INVALID, "--%s: %s %s has none", pb_role_name(r), pb_op_name(p->op),
                           pb_dir_name(p->dir));
        if (!pb_role_used(p, r) || (r == PB_BIAS && !o->file[role])) continue;
        if (!o->file[role])
            return pb_fail(PB_INVALID, "--%s is missing: %s %s takes it", pb_role_name(r),
                           pb_op_name(p->op), pb_dir_name(p->dir));
        status = pb_buffer_alloc(&buffer[role], pb_tensor_bytes(&args->tensor[role]));
        args->tensor[role].data = buffer[role].data;
        if (!status && !pb_role_written(p, r))
            status = pb_npy_read(o->file[role], &args->tensor[role], p->rank);
    }
    return status ? status : pb_check_indices(p, args); /* kernels write where they say */
}

int pb_run_main(int argc, char **argv) {
    struct options o = {0};
    struct pb_args args = {0};
    struct pb_buffer buffer[PB_ROLES] = {0};
    const struct pb_kernel *kernel = NULL;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    const struct pb_problem *p = &o.problem;
    tuning_cache_load();
    enum pb_status status = read_tensors(&o, buffer, &args);
    if (!status) status = run_apart(p, o.kernel, &args, &kernel);
    for (int role = 0; !status && role < PB_ROLES; role++)
        if (buffer[role].data && pb_role_written(p, (enum pb_role)role))
            status = pb_npy_write(o.file[role], &args.tensor[role], p->rank);
    for (int role = 0; role < PB_ROLES; role++) pb_buffer_free(&buffer[role]);
    if (status) return pb_complain(status);
    printf("%s\n", kernel->name);
    return EXIT_PASSED;
}
