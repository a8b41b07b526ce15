/* The process that runs kernels: it may crash at any call of one, and holds nothing that is right. */
#include "verify/kernel_process.h"
#include "common/float_state.h"
#include "common/plugins.h"
#include "common/process_state.h"
#include "common/sandbox.h"
#include <stdio.h>
#include <string.h>

static const struct pb_verify *verify;
static struct mailbox *mail;

/* ---- Kernels that are watched ----------------------------------------------------------------
 *
 * A kernel whose calls are steps of the sandbox and leave the process as they found it. One process
 * runs one kernel at a time. */

enum { PROVIDERS = 64 };

static const struct pb_kernel *watched;
static double allowed; /* seconds of each call on each of */
static int threads;    /* so many */
static char left[256]; /* what a call of it left changed; "" */

static void enter(const char *call) {
    sandbox_step(call, allowed, threads);
}

static void note_arithmetic(void) {
    char found[sizeof left];
    if (float_state_check(found, sizeof found) && !*left) memcpy(left, found, sizeof left);
}

static void leave(void) {
    sandbox_rest();
    note_arithmetic();
}

static bool watched_can_do(const struct pb_problem *problem) {
    enter("in can_do");
    bool accepts = watched->can_do(problem);
    leave();
    return accepts;
}

/* What a library opens the first time that it is set up is no failure. */
static bool is_first_setup(const struct pb_provider *provider) {
    static const struct pb_provider *seen[PROVIDERS];
    int i = 0;
    if (!provider) return false;
    while (i < PROVIDERS && seen[i] && seen[i] != provider) i++;
    if (i == PROVIDERS || seen[i]) return false;
    seen[i] = provider;
    return true;
}

static enum pb_status watched_setup(const struct pb_problem *problem,
                                    const struct pb_args *constants, void **plan) {
    bool first = is_first_setup(pb_kernel_provider(watched));
    enter("in setup");
    enum pb_status status = watched->setup(problem, constants, plan);
    leave();
    if (first) process_state_accept_opened();
    return status;
}

static enum pb_status watched_run(const struct pb_problem *problem, void *plan,
                                  const struct pb_args *args) {
    enter("in run");
    enum pb_status status = watched->run(problem, plan, args);
    leave();
    return status;
}

static void watched_done(void *plan) {
    enter("in done");
    watched->done(plan);
    note_arithmetic();
    sandbox_settle();
}

static struct pb_kernel watch(size_t number) {
    watched = verify->kernel[number];
    mail->called = number;
    return (struct pb_kernel){.name = watched->name,
                              .isa = watched->isa,
                              .can_do = watched_can_do,
                              .setup = watched_setup,
                              .run = watched_run,
                              .done = watched_done};
}

int kernel_process_threads(const struct pb_verify *v) {
    int most = 1;
    for (int i = 0; i < v->thread_counts; i++)
        if (v->threads[i] > most) most = v->threads[i];
    return most;
}

/* Whether the calls since the last time left the process as it was; what they did not is mended
 * and forgotten. */
static enum pb_status check_process(const struct pb_problem *problem) {
    char found[sizeof left], text[PB_TEXT_SIZE];
    if (float_state_check_team(kernel_process_threads(verify), found, sizeof found) && !*left)
        memcpy(left, found, sizeof left);
    if (process_state_check(found, sizeof found) && !*left) memcpy(left, found, sizeof left);
    if (!*left) return PB_OK;
    enum pb_status status = pb_fail(PB_PROVIDER, "%s: process_state: %s: %s", watched->name, left,
                                    pb_problem_print(problem, text));
    *left = 0;
    return status;
}

/* ---- Requests -------------------------------------------------------------------------------- */

/* Loads the kernel's plug-in, which may not load in this process. What it opens as it is started is
 * no failure. */
static enum pb_status load_code(void) {
    const struct pb_provider *provider = pb_kernel_provider(watched);
    bool fresh = provider && !provider_is_loaded(provider);
    enum pb_status status = plugin_load(watched);
    if (fresh) process_state_accept_opened();
    return status;
}

/* Whether the kernel accepts the problem. What it leaves changed when it is asked the first time is
 * its failure whatever it answers. */
static enum pb_status ask(const struct pb_kernel *kernel, size_t number,
                          const struct pb_problem *problem, bool *accepts) {
    static size_t asked; /* kernels, from the first on */
    bool first = number >= asked;
    *accepts = kernel->can_do(problem);
    if (first) asked = number + 1;
    return first || *left ? check_process(problem) : PB_OK;
}

static bool unchecked; /* plans have run since the process was looked at */

/* The first kernel from `from` on that accepts the problem, or that is not fit to be asked. */
static size_t find(size_t from, const struct pb_problem *problem) {
    if (unchecked) check_process(problem); /* of one that has failed already */
    unchecked = false;
    for (size_t i = from; i < verify->kernels; i++) {
        bool accepts = false;
        if (mail->skip[i]) continue;
        const struct pb_kernel kernel = watch(i);
        sandbox_forget_output();
        enum pb_status status = load_code();
        if (!status) status = ask(&kernel, i, problem, &accepts);
        mail->accepts = accepts;
        mail->status = status;
        if (accepts || status) return i;
    }
    mail->accepts = false;
    return verify->kernels;
}

static struct pb_trial trial, other;

static enum pb_status begin_given(struct pb_trial *to, int number) {
    struct pb_args given = {0};
    pb_trial_end(to);
    for (int role = 0; role < PB_ROLES; role++)
        if (mail->place[number][role])
            given.tensor[role].data = mail->data + mail->place[number][role];
    return pb_trial_begin_given(to, &mail->problem, mail->placement[number], &given);
}

/* The trial that the request is about. */
static enum pb_status begin_trials(void) {
    static int64_t begun = -1;
    enum pb_status status = PB_OK;
    if (begun == mail->trial) return PB_OK;
    sandbox_step_of_ours("as tensors are made");
    status = begin_given(&trial, 0);
    if (!status && mail->with_other) status = begin_given(&other, 1);
    trial.other = !status && mail->with_other ? &other : NULL;
    if (!status) begun = mail->trial;
    sandbox_rest();
    return status;
}

static void run_plans(size_t number, int plans) {
    const struct pb_kernel kernel = watch(number);
    unsigned char *to[PB_ROLES];
    mail->status = begin_trials();
    mail->no_memory = mail->status != PB_OK;
    if (mail->no_memory) return;
    sandbox_trial(&trial);
    for (int role = 0; role < PB_ROLES; role++) to[role] = mail->data + mail->place[0][role];
    for (int i = 0; i < plans; i++) {
        const struct pb_plan_task task = mail->task[i];
        struct pb_plan_left made = {0};
        mail->by = threads = mail->threads[i];
        pb_set_threads(threads);
        pb_plan_run(&trial, &kernel, &task, to, &made);
        mail->left[i] = made;
        mail->done = i + 1;
        if (made.status) break;
        for (int role = 0; role < PB_ROLES; role++)
            to[role] += PB_PLAN_RUNS * trial.buffer[role].bytes;
    }
    sandbox_trial(NULL);
    unchecked = true;
    if (!mail->last) return;
    mail->status = check_process(&trial.problem);
    unchecked = false;
}

static void answer_request(void) {
    const struct pb_problem problem = mail->problem;
    const int plans = mail->plans;
    size_t number = mail->kernel;
    mail->status = PB_OK;
    mail->no_memory = false;
    mail->done = 0;
    mail->by = threads = mail->threads[0];
    allowed = mail->allowed;
    if (mail->next) number = find(number, &problem);
    mail->found = number;
    if (plans && number < verify->kernels && !mail->status) run_plans(number, plans);
    snprintf(mail->sentence, sizeof mail->sentence, "%s", pb_error());
}

void kernel_process_work(const struct pb_verify *v, struct mailbox *shared) {
    verify = v;
    mail = shared;
    sandbox_start_threads(kernel_process_threads(verify));
    float_state_note();
    process_state_note();
    for (;;) {
        const uint32_t number = mailbox_take(mail);
        answer_request();
        mailbox_answer(mail, number);
    }
}
