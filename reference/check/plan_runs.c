/* One plan is made to run. What is right is not known here. */
#include "check/plan_runs.h"
#include <stdio.h>
#include <string.h>

/* All that a kernel is given. It may look around: nothing of the trial stands beside it. */
struct call {
    struct pb_problem problem;
    struct pb_args args, constants;
};

struct plan {
    struct pb_trial *trial;
    const struct pb_kernel *kernel;
    const struct pb_plan_task *task;
    void *plan;
    int runs; /* so far */
    uint64_t seed;
};

enum { NO_MORE = -1 }; /* fresh memory as the system gives it */

/* ---- Inputs ---------------------------------------------------------------------------------- */

struct pb_trial *plan_home(struct pb_trial *trial, bool constants, struct pb_trial *of, int role) {
    bool constant = role == PB_WEIGHTS || role == PB_BIAS || role == PB_INDICES;
    return constants && constant ? trial : of;
}

void plan_load(struct pb_trial *trial, bool constants, struct pb_trial *in, struct pb_trial *data) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *to = &plan_home(trial, constants, in, role)->buffer[role];
        const struct pb_buffer *from = &plan_home(trial, constants, data, role)->copy[role];
        if (to->data && from->data) memcpy(to->data, from->data, from->bytes);
    }
}

static struct pb_trial *home(const struct plan *p, struct pb_trial *of, int role) {
    return plan_home(p->trial, p->task->constants, of, role);
}

static void load(const struct plan *p, struct pb_trial *in, struct pb_trial *data) {
    plan_load(p->trial, p->task->constants, in, data);
}

/* Guards and inputs as they were; where not, they are mended for the next kernel. */
static enum pb_status check_memory(const struct plan *p, struct pb_trial *in,
                                   struct pb_trial *data) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &home(p, in, role)->buffer[role];
        const struct pb_buffer *copy = &home(p, data, role)->copy[role];
        const char *name = pb_role_name((enum pb_role)role);
        if (buffer->base && !pb_buffer_intact(buffer)) {
            status = pb_fail(PB_PROVIDER, "wrote outside %s", name);
            pb_buffer_mend(buffer);
        }
        if (buffer->base && copy->data && memcmp(copy->data, buffer->data, copy->bytes) != 0) {
            if (!status) status = pb_fail(PB_PROVIDER, "changed its input %s", name);
            memcpy(buffer->data, copy->data, copy->bytes);
        }
    }
    return status;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

static struct call *call_of(const struct plan *p) {
    return p->trial->call.data;
}

static enum pb_status set_up(struct plan *p) {
    struct pb_trial *trial = p->trial;
    enum pb_status status = PB_OK;
    if (!trial->call.data) status = pb_buffer_alloc(&trial->call, sizeof(struct call));
    if (status) return status;
    *call_of(p) = (struct call){trial->problem, trial->args, trial->args};
    pb_fresh_memory(p->task->fresh);
    return p->kernel->setup(&call_of(p)->problem,
                            p->task->constants ? &call_of(p)->constants : NULL, &p->plan);
}

/* Over what the one before left. Memory is looked at from when the kernel has what it keeps. */
static enum pb_status run_unseen(struct plan *p, struct plan_memory at[3]) {
    const int all = p->task->unseen, first = all / 5;
    enum pb_status status = PB_OK;
    for (int i = 1; !status && i <= all; i++) {
        p->runs++;
        status = p->kernel->run(&call_of(p)->problem, p->plan, &call_of(p)->args);
        if (i == first) at[0] = plan_memory_held();
        if (i == (first + all) / 2) at[1] = plan_memory_held();
    }
    return status;
}

/* One run in the memory of `in` on the data of `data`. */
static enum pb_status run_in(struct plan *p, struct pb_trial *in, struct pb_trial *data) {
    struct call *call = call_of(p);
    load(p, in, data);
    for (int role = 0; role < PB_ROLES; role++)
        call->args.tensor[role] = home(p, in, role)->args.tensor[role];
    pb_poison_anew(&p->trial->problem, &in->args, p->seed, p->runs++);
    enum pb_status status = p->kernel->run(&call->problem, p->plan, &call->args);
    return status ? status : check_memory(p, in, data);
}

static void keep(const struct pb_trial *in, unsigned char *const to[PB_ROLES],
                 struct pb_plan_left *left) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &in->buffer[role];
        if (!pb_role_written(&in->problem, (enum pb_role)role) || !buffer->data) continue;
        unsigned char *place = to[role] + (size_t)left->runs * buffer->bytes;
        memcpy(place, buffer->data, buffer->bytes);
        left->output[left->runs][role] = place;
    }
    left->runs++;
}

static enum pb_status run_all(struct plan *p, unsigned char *const to[PB_ROLES],
                              struct pb_plan_left *left) {
    const struct pb_plan_task *task = p->task;
    struct pb_trial *trial = p->trial, *other = trial->other;
    struct plan_memory at[3] = {0};
    enum pb_status status = run_unseen(p, at);
    for (int i = 0; !status && i < task->runs; i++) {
        struct pb_trial *in = other && task->run[i].elsewhere ? other : trial;
        if (in == other) load(p, trial, other);
        status = run_in(p, in, other && task->run[i].other ? other : trial);
        if (!status) keep(in, to, left);
    }
    if (status || !task->unseen) return status;
    at[2] = plan_memory_held();
    return plan_memory_check(at, task->unseen - task->unseen / 5 + 1);
}

void pb_plan_run(struct pb_trial *trial, const struct pb_kernel *kernel,
                 const struct pb_plan_task *task, unsigned char *const to[PB_ROLES],
                 struct pb_plan_left *left) {
    struct plan p = {.trial = trial, .kernel = kernel, .task = task, .seed = pb_random_seed()};
    *left = (struct pb_plan_left){0};
    left->status = set_up(&p);
    const bool is_set_up = !left->status;
    if (is_set_up) left->status = run_all(&p, to, left);
    if (left->status) snprintf(left->sentence, sizeof left->sentence, "%s", pb_error());
    if (is_set_up) kernel->done(p.plan);
    pb_fresh_memory(NO_MORE);
    load(&p, trial, trial);
}
