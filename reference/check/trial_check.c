/* Whether what the runs of a plan left is right. Whoever makes them, here is where the oracle's
 * values are. */
#include "check/plan_runs.h"
#include "oracle/oracle.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fresh memory of a check and of its repetitions: as f32 huge, above and below 0; as a position
 * none; as a byte in the middle and at the top. */
enum { FRESH = 0x7f, FRESH_AGAIN = 0xfe, ZEROS = 0 };

struct check {
    struct pb_trial *trial;
    const struct pb_kernel *kernel;
    struct pb_plan_task task;
    struct pb_plan_left left;
};

/* ---- Who runs -------------------------------------------------------------------------------- */

static const struct pb_plan_runner *runner; /* NULL: this process */

void pb_plans_run_by(const struct pb_plan_runner *by) {
    runner = by;
}

bool plans_run_elsewhere(void) {
    return runner;
}

/* Room for what each run leaves. */
static enum pb_status make_room(struct pb_trial *trial, unsigned char *to[PB_ROLES]) {
    for (int role = 0; role < PB_ROLES; role++) {
        const size_t bytes = trial->buffer[role].bytes;
        if (!pb_role_written(&trial->problem, (enum pb_role)role) || !trial->buffer[role].data)
            continue;
        if (!trial->left[role].data) {
            enum pb_status status = pb_buffer_alloc(&trial->left[role], PB_PLAN_RUNS * bytes);
            if (status) return status;
        }
        to[role] = trial->left[role].data;
    }
    return PB_OK;
}

static void run_here(struct check *c) {
    unsigned char *to[PB_ROLES] = {NULL};
    enum pb_status status = make_room(c->trial, to);
    c->left = (struct pb_plan_left){.status = status};
    if (status)
        snprintf(c->left.sentence, sizeof c->left.sentence, "%s", pb_error());
    else
        pb_plan_run(c->trial, c->kernel, &c->task, to, &c->left);
}

static void run(struct check *c) {
    if (runner)
        runner->run(runner->arg, c->trial, c->kernel, &c->task, &c->left);
    else
        run_here(c);
}

/* ---- Outputs --------------------------------------------------------------------------------- */

/* What run i left, as tensors. */
static struct pb_args args_of(const struct check *c, int i) {
    struct pb_args args = c->trial->args;
    for (int role = 0; role < PB_ROLES; role++)
        if (args.tensor[role].data && pb_role_written(&c->trial->problem, (enum pb_role)role))
            args.tensor[role].data = (void *)(uintptr_t)c->left.output[i][role];
    return args;
}

static enum pb_status compare(const struct check *c, int i, const struct pb_expected *expected) {
    const struct pb_args args = args_of(c, i);
    return pb_compare(&c->trial->problem, &args, expected);
}

/* Puts what run i left into the trial's own memory, where a failure is looked at. */
static void show(const struct check *c, int i) {
    for (int role = 0; i < c->left.runs && role < PB_ROLES; role++)
        if (c->left.output[i][role])
            memcpy(c->trial->buffer[role].data, c->left.output[i][role],
                   c->trial->buffer[role].bytes);
}

static enum pb_status keep_first(const struct check *c) {
    struct pb_trial *trial = c->trial;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &trial->buffer[role];
        if (!c->left.output[0][role]) continue;
        if (!trial->kept[role]) trial->kept[role] = malloc(buffer->bytes + 1);
        if (!trial->kept[role])
            return pb_fail(PB_NOMEM, "no memory for a copy of %s",
                           pb_role_name((enum pb_role)role));
        memcpy(trial->kept[role], c->left.output[0][role], buffer->bytes);
    }
    return PB_OK;
}

/* Whether an element of a tensor's memory only fills up a block of channels. */
static bool fills_block(const struct pb_tensor *t, size_t element) {
    int64_t within = (int64_t)element % (t->strides[0] ? t->strides[0] : 1);
    return t->layout == PB_NCHW16C && within / t->strides[1] * 16 + within % 16 >= t->dims[1];
}

/* The first element of what run i left whose bits are not those that were kept. */
static enum pb_status compare_kept(const struct check *c, int i, const char *when) {
    const struct pb_trial *trial = c->trial;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &trial->args.tensor[role];
        const unsigned char *now = c->left.output[i][role], *kept = trial->kept[role];
        size_t bytes = trial->buffer[role].bytes, size = pb_dtype_size(t->dtype);
        if (!kept || !now || !memcmp(now, kept, bytes)) continue;
        for (size_t at = 0; at < bytes; at += size)
            if (memcmp(now + at, kept + at, size) && !fills_block(t, at / size))
                return pb_fail(PB_PROVIDER, "other bits%s in %s, from element %zu of %zu in memory",
                               when, pb_role_name((enum pb_role)role), at / size, bytes / size);
    }
    return PB_OK;
}

/* Wrong values say more than other bits. */
static enum pb_status same_bits(const struct check *c, int i, const char *when) {
    if (!compare_kept(c, i, when)) return PB_OK;
    enum pb_status status = compare(c, i, &c->trial->expected);
    return status ? status : compare_kept(c, i, when);
}

/* ---- Blame ----------------------------------------------------------------------------------- */

/* Says which run it was. */
static enum pb_status blame_state(const struct check *c, enum pb_status status, int i,
                                  const char *what) {
    char sentence[768];
    if (status != PB_PROVIDER) return status;
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "state: run %d of a plan, %s: %s", c->task.unseen + i + 1, what,
                   sentence);
}

/* Whether run i is there; else its own failure, or PB_OK where an earlier plan of the same checks
 * has none. */
static enum pb_status status_of(const struct check *c, int i) {
    if (i < c->left.runs) return PB_OK;
    return pb_fail(c->left.status, "%s", c->left.sentence);
}

/* Whether the first run of another plan, made as run i was, is wrong, too. The sentence stays. */
static bool another_fails(const struct check *c, int fresh, int i,
                          const struct pb_expected *expected) {
    struct check another = {.trial = c->trial, .kernel = c->kernel};
    char sentence[1024];
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    another.task = (struct pb_plan_task){.constants = c->task.constants, .fresh = fresh, .runs = 1};
    another.task.run[0] = c->task.run[i];
    run(&another);
    enum pb_status status = status_of(&another, 0);
    if (!status) status = compare(&another, 0, expected);
    pb_fail(PB_PROVIDER, "%s", sentence);
    return status != PB_OK;
}

/* ---- The runs of a check, as pb_trial_check has them ----------------------------------------- */

/* A run that is wrong by itself; unless it is right where fresh memory is zero. */
static enum pb_status check_first(struct check *c) {
    const struct pb_trial *trial = c->trial;
    char sentence[768];
    enum pb_status status = status_of(c, 0);
    if (!status) status = compare(c, 0, &trial->expected);
    if (!status) return keep_first(c);
    show(c, 0);
    if (status != PB_PROVIDER || another_fails(c, ZEROS, 0, &trial->expected)) return status;
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "state: reads memory that was never written: %s", sentence);
}

static enum pb_status check_again(struct check *c, int i) {
    enum pb_status status = status_of(c, i);
    if (!status) status = same_bits(c, i, "");
    if (status) show(c, i);
    return blame_state(c, status, i, "with the data of the first in the same memory");
}

static enum pb_status mix(struct check *c) {
    struct pb_trial *trial = c->trial;
    struct pb_args args;
    if (trial->is_mixed) return PB_OK;
    plan_load(trial, true, trial->other, trial->other);
    for (int role = 0; role < PB_ROLES; role++)
        args.tensor[role] = plan_home(trial, true, trial->other, role)->args.tensor[role];
    enum pb_status status = pb_oracle(&trial->problem, &args, &trial->mixed);
    trial->is_mixed = !status;
    return status;
}

static enum pb_status check_other_data(struct check *c, int i) {
    struct pb_trial *trial = c->trial;
    const struct pb_expected *expected =
            c->task.constants ? &trial->mixed : &trial->other->expected;
    enum pb_status status = c->task.constants ? mix(c) : PB_OK;
    if (!status) status = status_of(c, i);
    if (!status) status = compare(c, i, expected);
    if (!status) return PB_OK;
    show(c, i);
    /* What only this data shows, whatever ran before, is no matter of state. */
    if (status != PB_PROVIDER || another_fails(c, FRESH, i, expected)) return status;
    return blame_state(c, status, i, "with other data in the same memory");
}

static enum pb_status check_elsewhere(struct check *c, int i) {
    if (!c->trial->other) return check_again(c, i);
    enum pb_status status = status_of(c, i);
    if (!status) status = same_bits(c, i, "");
    if (!status) return PB_OK;
    show(c, i);
    if (status != PB_PROVIDER || another_fails(c, FRESH, i, &c->trial->expected)) return status;
    return blame_state(c, status, i, "with the data of the first in other memory");
}

/* The check's own sentence, with the kernel and the problem in it. */
static enum pb_status named(const struct check *c, enum pb_status status) {
    char sentence[1024], text[PB_TEXT_SIZE];
    if (!status) return PB_OK;
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "%s: %s: %s", c->kernel->name, sentence,
                   pb_problem_print(&c->trial->problem, text));
}

static bool has_other_data(const struct pb_trial *trial, bool constants) {
    return trial->other && (!constants || trial->with_constants);
}

struct pb_plan_task pb_trial_check_task(const struct pb_trial *trial, bool constants) {
    struct pb_plan_task task = {.constants = constants, .fresh = FRESH, .runs = 2};
    if (has_other_data(trial, constants)) task.run[task.runs++].other = true;
    task.run[task.runs++].elsewhere = true;
    return task;
}

struct pb_plan_task pb_trial_repeat_task(bool constants) {
    return (struct pb_plan_task){.constants = constants,
                                 .fresh = FRESH_AGAIN,
                                 .runs = 3,
                                 .run = {[2] = {.elsewhere = true}}};
}

enum pb_status pb_trial_check(struct pb_trial *trial, const struct pb_kernel *kernel,
                              bool constants) {
    struct check c = {
            .trial = trial, .kernel = kernel, .task = pb_trial_check_task(trial, constants)};
    run(&c);
    enum pb_status status = check_first(&c);
    if (!status) status = check_again(&c, 1);
    if (!status && has_other_data(trial, constants)) status = check_other_data(&c, 2);
    if (!status) status = check_elsewhere(&c, c.task.runs - 1);
    return named(&c, status);
}

static enum pb_status check_with_threads(struct check *c) {
    char when[64];
    snprintf(when, sizeof when, " with %d threads than before", pb_threads());
    enum pb_status status = status_of(c, 0);
    if (!status) status = same_bits(c, 0, when);
    if (status) show(c, 0);
    return status;
}

enum pb_status pb_trial_repeat(struct pb_trial *trial, const struct pb_kernel *kernel,
                               bool constants) {
    struct check c = {.trial = trial, .kernel = kernel, .task = pb_trial_repeat_task(constants)};
    run(&c);
    enum pb_status status = check_with_threads(&c);
    if (!status) status = check_again(&c, 1);
    if (!status) status = check_elsewhere(&c, 2);
    return named(&c, status);
}

enum pb_status pb_trial_many(struct pb_trial *trial, const struct pb_kernel *kernel,
                             bool constants) {
    struct check c = {.trial = trial, .kernel = kernel};
    c.task = (struct pb_plan_task){
            .constants = constants, .fresh = FRESH, .unseen = PB_MANY_RUNS - 1, .runs = 1};
    run(&c);
    enum pb_status status = check_again(&c, 0);
    if (!status && c.left.status) status = pb_fail(c.left.status, "%s", c.left.sentence);
    return named(&c, status);
}
