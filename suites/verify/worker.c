/* The process that checks. It runs no kernel: another does that for it (kernel_process.c), which may
 * crash at any call of one, and never has what is right in its memory. */
#include "verify/worker.h"
#include "common/clock.h"
#include "core/op_traits.h"
#include "registry/provider.h"
#include "verify/kernel_process.h"
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct slot *slot;
static struct mailbox *mail;

/* Multiply-adds, or elements that are looked at. */
static double work_of(const struct pb_problem *p) {
    double work = (double)p->mb * (double)p->oc * (double)pb_channels_summed(p);
    for (int a = 0; a < 3; a++)
        work *= (double)p->axis[a].k *
                (double)(p->axis[a].o > p->axis[a].i ? p->axis[a].o : p->axis[a].i);
    return work;
}

/* Whether the problem is run so often that what each run leaves behind adds up: some of the small
 * ones, before timing all of them, and all but the large where that is asked for. */
static bool runs_often(const struct pb_verify *v, const struct pb_problem *problem) {
    static const double SMALL = 1e4, NOT_LARGE = 1e7;
    const bool drawn = v->often || v->as_timed || slot->problem % 8 == 0;
    return drawn && slot->number == slot->first &&
           work_of(problem) <= (v->often ? NOT_LARGE : SMALL);
}

/* ---- Having kernels run ----------------------------------------------------------------------
 *
 * What the other process leaves in the mailbox may be anything. */

static struct {
    size_t place[PB_ROLES]; /* of what the runs leave */
    size_t used;            /* bytes of the mailbox */
    bool sent;              /* the trial's data is there */
    int64_t trials;         /* whose data was sent */
    struct pb_plan_task task[MAIL_PLANS];
    int threads[MAIL_PLANS];
    int plans, done, taken; /* that were asked for at once, that were made, whose answer was read */
    bool lost;              /* the process died of the last request */
    bool no_memory;         /* it had none for the trial */
    char changed[1024];     /* how the kernel left the process; "" */
} host;

/* Puts what a trial reads there, from `end` on, with room for what is left of each run. Returns the
 * new end. */
static size_t place(const struct pb_trial *trial, int number, size_t end) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &trial->buffer[role];
        const bool written = pb_role_written(&trial->problem, (enum pb_role)role);
        const size_t times = !written ? 1 : number == 0 ? MAIL_PLANS * PB_PLAN_RUNS : 0;
        mail->place[number][role] = trial->args.tensor[role].data ? end : 0;
        if (!trial->args.tensor[role].data) continue;
        if (times * buffer->bytes > mail->room - end) return mail->room;
        if (!written) memcpy(mail->data + end, buffer->data, buffer->bytes);
        end += (times * buffer->bytes + 63) / 64 * 64;
        if (end > mail->room) return mail->room;
    }
    return end;
}

static enum pb_status send(const struct pb_trial *trial) {
    static const size_t much = 64 << 20;
    if (host.used > much) mailbox_forget(mail, host.used);
    host.used = place(trial, 0, 64);
    memcpy(host.place, mail->place[0], sizeof host.place);
    mail->with_other = trial->other;
    if (trial->other) host.used = place(trial->other, 1, host.used);
    if (host.used == mail->room)
        return pb_fail(PB_NOMEM, "the tensors take more than %zu bytes", mail->room);
    mail->placement[0] = slot->now.onnx ? PB_ALIGNED : slot->now.placement;
    mail->placement[1] = PB_ODD;
    mail->trial = ++host.trials;
    host.sent = true;
    return PB_OK;
}

/* Asks for slot->kernel, or the next, and the plans that were put into `host`. */
static bool ask(bool next, bool last) {
    mail->next = next;
    mail->last = last;
    mail->kernel = slot->kernel;
    mail->allowed = slot->allowed;
    mail->plans = host.plans;
    memcpy(mail->task, host.task, sizeof mail->task);
    memcpy(mail->threads, host.threads, sizeof mail->threads);
    if (!host.plans) mail->threads[0] = slot->threads;
    host.lost = !mailbox_ask(mail);
    host.taken = 0;
    host.done = mail->done < 0 || mail->done > host.plans ? 0 : mail->done;
    host.no_memory = mail->no_memory;
    return !host.lost;
}

/* The other process's status with its sentence. */
static enum pb_status status_there(void) {
    const enum pb_status status = mail->status;
    if (status == PB_OK) return PB_OK;
    mail->sentence[sizeof mail->sentence - 1] = 0;
    return pb_fail(status == PB_NOMEM ? PB_NOMEM : PB_PROVIDER, "%s", mail->sentence);
}

static void plan_ahead(int threads, struct pb_plan_task task) {
    host.threads[host.plans] = threads;
    host.task[host.plans++] = task;
}

/* The plans of a check that holds, as far as they can be made at once; true if that is all. */
static bool plan_check(const struct pb_verify *v, const struct pb_trial *trial) {
    host.plans = 0;
    plan_ahead(v->threads[0], pb_trial_check_task(trial, slot->constants));
    for (int i = 1; i < v->thread_counts && i < MAIL_PLANS; i++)
        plan_ahead(v->threads[i], pb_trial_repeat_task(slot->constants));
    return v->thread_counts <= MAIL_PLANS && !runs_often(v, &trial->problem);
}

static bool is_same(const struct pb_plan_task *a, const struct pb_plan_task *b) {
    return a->constants == b->constants && a->fresh == b->fresh && a->unseen == b->unseen &&
           a->runs == b->runs;
}

/* Whether plan i of those in `host` is this. */
static bool is_planned(int i, const struct pb_plan_task *task) {
    return host.threads[i] == slot->threads && is_same(&host.task[i], task);
}

static void read_left(const struct pb_trial *trial, int plan, struct pb_plan_left *left) {
    const struct pb_plan_left *there = &mail->left[plan];
    const int runs = host.task[plan].runs;
    left->runs = there->runs;
    left->status = there->status;
    memcpy(left->sentence, there->sentence, sizeof left->sentence);
    left->sentence[sizeof left->sentence - 1] = 0;
    if (left->runs < 0 || left->runs > runs || (left->runs < runs && !left->status)) {
        left->runs = 0;
        left->status = PB_PROVIDER;
        strcpy(left->sentence, "wrote to memory that is not its own");
    }
    for (int run = 0; run < left->runs; run++)
        for (int role = 0; role < PB_ROLES; role++)
            if (host.place[role] && pb_role_written(&trial->problem, (enum pb_role)role))
                left->output[run][role] =
                        mail->data + host.place[role] +
                        (size_t)(plan * PB_PLAN_RUNS + run) * trial->buffer[role].bytes;
}

/* With those that will follow, where it is the first of a check. */
static bool ask_for(const struct pb_verify *v, const struct pb_trial *trial,
                    const struct pb_plan_task *task) {
    bool all = plan_check(v, trial);
    if (!is_planned(0, task)) {
        host.plans = 0;
        plan_ahead(slot->threads, *task);
        all = true;
    }
    return ask(false, all);
}

/* A struct pb_plan_runner's. Once it fails so, nothing is right or wrong any more. */
static void run_plan(void *verify, struct pb_trial *trial, const struct pb_kernel *kernel,
                     const struct pb_plan_task *task, struct pb_plan_left *left) {
    (void)kernel;
    *left = (struct pb_plan_left){.status = PB_IO, .sentence = "its process is lost"};
    if (host.lost) return;
    enum pb_status status = host.sent ? PB_OK : send(trial);
    const bool made = host.taken < host.done && is_planned(host.taken, task);
    if (!status && !host.no_memory && !made && !ask_for(verify, trial, task)) return;
    if (!status) status = status_there();
    if (status && !host.no_memory && host.done) { /* of how it left its process, not of the plan */
        if (!*host.changed) snprintf(host.changed, sizeof host.changed, "%s", pb_error());
        status = PB_OK;
    }
    if (!status && !host.done) status = pb_fail(PB_PROVIDER, "wrote to memory that is not its own");
    if (!status) {
        read_left(trial, host.taken++, left);
        return;
    }
    left->status = status;
    snprintf(left->sentence, sizeof left->sentence, "%s", pb_error());
}

/* ---- Checking -------------------------------------------------------------------------------- */

/* `trial` is one that a kernel failed, else NULL. */
static void tell(const struct worker_task *w, int kind, enum pb_status status,
                 const struct pb_trial *trial) {
    struct report report = {.kind = kind,
                            .status = status,
                            .kernel = slot->kernel,
                            .problem = slot->problem,
                            .now = slot->now,
                            .threads = slot->threads,
                            .constants = slot->constants,
                            .digest = slot->digest};
    snprintf(report.sentence, sizeof report.sentence, "%s", pb_error());
    if (trial) pb_trial_cause(trial, report.sentence, &report.cause);
    if (write(w->pipe, &report, sizeof report) != sizeof report) _exit(1);
}

/* `status` with its sentence; where that is OK, whether the process was left as it was. */
static enum pb_status and_process(enum pb_status status) {
    return status || !*host.changed ? status : pb_fail(PB_PROVIDER, "%s", host.changed);
}

/* One kernel, with its weights at run or at setup: each run right with the first number of threads,
 * and of the same bits with the others. */
static enum pb_status check(const struct worker_task *w, struct pb_trial *trial,
                            const struct pb_kernel *kernel) {
    const struct pb_verify *v = w->verify;
    enum pb_status status = PB_OK;
    slot->checks++;
    *host.changed = 0;
    for (int i = 0; i < v->thread_counts && !status; i++) {
        slot->threads = v->threads[i];
        pb_set_threads(slot->threads);
        status = i ? pb_trial_repeat(trial, kernel, slot->constants)
                   : pb_trial_check(trial, kernel, slot->constants);
        if (!i && !status && runs_often(v, &trial->problem))
            status = pb_trial_many(trial, kernel, slot->constants);
    }
    status = and_process(status);
    slot->failed |= status != PB_OK;
    if (host.lost) return PB_OK; /* the process that watches has told it */
    if (status == PB_NOMEM && (host.no_memory || !pb_kernel_provider(kernel)))
        return status; /* nobody's failure */
    slot->digest = status ? 0 : pb_trial_digest(trial);
    if (status || v->passed)
        tell(w, status ? REPORT_FAILED : REPORT_PASSED, status, status ? trial : NULL);
    return PB_OK;
}

double pb_call_seconds(double limit, const struct pb_problem *p) {
    return limit + work_of(p) / 1e7;
}

static enum pb_status begin_data(struct pb_trial *trial) {
    const struct pb_case *now = &slot->now;
    if (now->onnx) return pb_onnx_trial(now->onnx, now->onnx_set, now->problem.layout, trial);
    enum pb_status status = pb_trial_fits(&now->problem);
    if (status) return status;
    return pb_trial_begin_at(trial, &now->problem, now->family, now->placement, now->seed);
}

/* Other data and memory for the plans of this problem. */
static struct pb_trial other;
static uint64_t other_seed;

static enum pb_status begin_other(struct pb_trial *trial, uint64_t seed) {
    bool same = !memcmp(&other.problem, &trial->problem, sizeof other.problem);
    enum pb_status status = PB_OK;
    if (!same || other_seed != seed) {
        pb_trial_end(&other);
        if (!pb_trials_fit(&trial->problem)) return PB_OK;
        status = pb_trial_begin_other(&other, trial, seed);
        other_seed = seed;
    }
    trial->other = status ? NULL : &other;
    trial->with_constants = slot->number == slot->first;
    return status;
}

static enum pb_status begin(const struct pb_verify *v, struct pb_trial *trial) {
    sandbox_step_of_ours("in the oracle");
    pb_set_threads(v->workers == 1 ? kernel_process_threads(v) : 1);
    enum pb_status status = begin_data(trial);
    if (slot->first < 0) slot->first = slot->number;
    if (!status) status = begin_other(trial, slot->now.seed + 1);
    sandbox_rest();
    return status;
}

static void describe(const struct pb_case *now) {
    char text[PB_TEXT_SIZE];
    snprintf(slot->text, sizeof slot->text, "%s",
             now->onnx ? now->onnx : pb_problem_print(&now->problem, text));
}

static void count_failed(void) {
    slot->checks++;
    slot->failed = slot->ran = true;
}

/* Goes to the next kernel, from slot->kernel on, that accepts the case; false where there is none.
 * One that cannot be called, or that dies or leaves its process changed as it is asked, has failed. */
static bool find_kernel(const struct worker_task *w, const struct pb_trial *trial) {
    const struct pb_verify *v = w->verify;
    slot->threads = v->threads[0];
    slot->constants = v->as_timed && pb_has_constants(&slot->now.problem);
    mail->problem = slot->now.problem;
    for (; slot->kernel < v->kernels; slot->kernel++) {
        bool all = false;
        host.plans = 0;
        if (host.sent) all = plan_check(v, trial);
        const bool alive = ask(true, all);
        const size_t found = alive ? mail->found : mail->died;
        if (found < slot->kernel || found >= v->kernels) break;
        slot->kernel = found;
        const bool accepts = alive && mail->accepts;
        if (host.done || host.no_memory) return true;
        const enum pb_status status = alive ? status_there() : PB_IO;
        if (status) count_failed();
        if (status && alive) tell(w, REPORT_FAILED, status, NULL);
        if (accepts) return true;
    }
    slot->kernel = v->kernels;
    return false;
}

/* Every kernel from slot->kernel on that accepts the case. */
static enum pb_status check_case(const struct worker_task *w, struct pb_trial *trial) {
    const struct pb_verify *v = w->verify;
    enum pb_status status = PB_OK;
    bool begun = false;
    describe(&slot->now);
    host.sent = false;
    slot->allowed = pb_call_seconds(v->limit, &slot->now.problem);
    slot->threads = v->threads[0];
    if (slot->now.onnx) { /* only its file says what the problem is */
        if ((status = begin(v, trial))) return status;
        slot->now.problem = trial->problem;
        if (!pb_select(&trial->problem, NULL))
            return pb_fail(PB_UNSUPPORTED, "%s: %s", slot->now.onnx, pb_error());
        begun = true;
    }
    for (; find_kernel(w, trial); slot->kernel++) {
        if (!begun && pb_trial_fits(&slot->now.problem)) return PB_UNSUPPORTED;
        if (!begun && (status = begin(v, trial))) return status;
        begun = slot->ran = true;
        bool either = pb_has_constants(&slot->now.problem);
        for (int constants = v->as_timed && either; constants <= either; constants++) {
            slot->constants = constants;
            if ((status = check(w, trial, v->kernel[slot->kernel]))) return status;
            if (host.lost) break;
        }
        slot->constants = false;
    }
    return PB_OK;
}

/* The cases of one problem from slot->number on. */
static enum pb_status check_problem(const struct worker_task *w) {
    const struct pb_cases *cases = &w->verify->cases;
    for (; slot->number < cases->cases; slot->number++, slot->kernel = 0) {
        struct pb_trial trial = {0};
        if (!cases->at(cases->source, slot->problem, slot->number, &slot->now)) continue;
        enum pb_status status = check_case(w, &trial);
        pb_trial_end(&trial);
        if (status == PB_UNSUPPORTED) { /* not known or too large, in this case or another */
            if (!slot->ran) tell(w, REPORT_SKIPPED, status, NULL);
            break;
        }
        if (status && slot->now.onnx) { /* the others are not to blame */
            bool disputed = status == PB_PROVIDER;
            slot->checks += disputed;
            slot->ran |= disputed;
            slot->failed |= disputed;
            tell(w, REPORT_REFUSED, status, NULL);
            break;
        }
        if (status) return status;
        if (cases->one && slot->ran) break;
    }
    pb_trial_end(&other);
    slot->problems += slot->ran;
    slot->problems_failed += slot->failed;
    slot->problem = -1;
    return PB_OK;
}

void verify_work(void *task) {
    const struct worker_task *w = task;
    const struct pb_plan_runner runner = {run_plan, (void *)(uintptr_t)w->verify};
    enum pb_status status = PB_OK;
    slot = w->slot;
    mail = w->mail;
    prctl(PR_SET_DUMPABLE, 0); /* nor may the other process look in here */
    pb_plans_run_by(&runner);
    while (!status) {
        if (slot->problem < 0) {
            if (w->until > 0 && clock_seconds() >= w->until) break;
            int64_t problem = (*w->next)++;
            if (problem >= w->verify->cases.problems) break;
            slot->number = 0;
            slot->kernel = 0;
            slot->first = -1;
            slot->ran = slot->failed = false;
            slot->problem = problem;
        }
        status = check_problem(w);
    }
    if (status) tell(w, REPORT_STOP, status, NULL);
}
