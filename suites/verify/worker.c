/* The process that checks: it may crash at any call of a kernel. */
#include "verify/worker.h"
#include "common/clock.h"
#include "common/float_state.h"
#include "common/plugins.h"
#include "common/process_state.h"
#include "core/op_traits.h"
#include "registry/provider.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Kernels that are watched ----------------------------------------------------------------
 *
 * A kernel whose calls are steps of the sandbox and leave the process as they found it. One process
 * checks one kernel at a time. */

enum { PROVIDERS = 64 };

static struct slot *slot;
static const struct pb_kernel *watched;
static char left[256]; /* what a call of it left changed; "" */
static int team;       /* threads that may have run it */

static void enter(const char *call) {
    sandbox_step(call, slot->allowed, slot->threads);
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

/* Whether the calls since the last time left the process as it was; what they did not is mended
 * and forgotten. */
static enum pb_status check_process(void) {
    char found[sizeof left], text[PB_TEXT_SIZE];
    if (float_state_check_team(team, found, sizeof found) && !*left)
        memcpy(left, found, sizeof left);
    if (process_state_check(found, sizeof found) && !*left) memcpy(left, found, sizeof left);
    if (!*left) return PB_OK;
    enum pb_status status = pb_fail(PB_PROVIDER, "%s: process_state: %s: %s", watched->name, left,
                                    pb_problem_print(&slot->now.problem, text));
    *left = 0;
    return status;
}

/* `status` with its sentence; where that is OK, whether the process was left as it was. */
static enum pb_status and_process(enum pb_status status) {
    char sentence[1024];
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    enum pb_status process = check_process();
    return status ? pb_fail(status, "%s", sentence) : process;
}

static struct pb_kernel watch(const struct pb_kernel *kernel) {
    watched = kernel;
    slot->last = slot->kernel + 1;
    slot->counted = false;
    return (struct pb_kernel){.name = kernel->name,
                              .isa = kernel->isa,
                              .can_do = watched_can_do,
                              .setup = watched_setup,
                              .run = watched_run,
                              .done = watched_done};
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
    slot->told++;
    if (write(w->pipe, &report, sizeof report) != sizeof report) _exit(1);
}

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

/* One kernel, with its weights at run or at setup: each run right with the first number of threads,
 * and of the same bits with the others. */
static enum pb_status check(const struct worker_task *w, struct pb_trial *trial,
                            const struct pb_kernel *kernel) {
    const struct pb_verify *v = w->verify;
    enum pb_status status = PB_OK;
    slot->checks++;
    slot->counted = true;
    for (int i = 0; i < v->thread_counts && !status; i++) {
        slot->threads = v->threads[i];
        pb_set_threads(slot->threads);
        status = i ? pb_trial_repeat(trial, kernel, slot->constants)
                   : pb_trial_check(trial, kernel, slot->constants);
        if (!i && !status && runs_often(v, &trial->problem))
            status = pb_trial_many(trial, kernel, slot->constants);
    }
    status = and_process(status);
    if (status == PB_NOMEM && !pb_kernel_provider(watched)) return status; /* nobody's failure */
    slot->failed |= status != PB_OK;
    slot->digest = status ? 0 : pb_trial_digest(trial);
    if (status || v->passed)
        tell(w, status ? REPORT_FAILED : REPORT_PASSED, status, status ? trial : NULL);
    return PB_OK;
}

double pb_call_seconds(double limit, const struct pb_problem *p) {
    return limit + work_of(p) / 1e7;
}

static int most_threads(const struct pb_verify *v) {
    int most = 1;
    for (int i = 0; i < v->thread_counts; i++)
        if (v->threads[i] > most) most = v->threads[i];
    return most;
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
    pb_set_threads(v->workers == 1 ? most_threads(v) : 1);
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

/* Whether the kernel can be called: a plug-in may not load in this process. What it opens as it is
 * started is no failure. */
static bool has_code(const struct worker_task *w) {
    const struct pb_kernel *kernel = w->verify->kernel[slot->kernel];
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    bool fresh = provider && !provider_is_loaded(provider);
    enum pb_status status = plugin_load(kernel);
    if (fresh) process_state_accept_opened();
    if (!status) return true;
    slot->checks++;
    slot->failed = slot->ran = true;
    tell(w, REPORT_FAILED, status, NULL);
    return false;
}

/* Whether the kernel accepts the case. What it leaves changed when it is asked the first time is its
 * failure whatever it answers. */
static bool accepts(const struct worker_task *w, const struct pb_kernel *kernel) {
    static size_t asked; /* kernels, from the first on */
    bool first = slot->kernel >= asked, answer = kernel->can_do(&slot->now.problem);
    enum pb_status status = first || *left ? check_process() : PB_OK;
    if (first) asked = slot->kernel + 1;
    if (!status) return answer;
    slot->checks++;
    slot->failed = slot->ran = true;
    tell(w, REPORT_FAILED, status, NULL);
    return answer;
}

/* Every kernel from slot->kernel on that accepts the case. */
static enum pb_status check_case(const struct worker_task *w, struct pb_trial *trial) {
    const struct pb_verify *v = w->verify;
    enum pb_status status = PB_OK;
    bool begun = false;
    describe(&slot->now);
    slot->allowed = pb_call_seconds(v->limit, &slot->now.problem);
    slot->threads = v->threads[0];
    if (slot->now.onnx) { /* only its file says what the problem is */
        if ((status = begin(v, trial))) return status;
        slot->now.problem = trial->problem;
        if (!pb_select(&trial->problem, NULL))
            return pb_fail(PB_UNSUPPORTED, "%s: %s", slot->now.onnx, pb_error());
        begun = true;
    }
    for (; slot->kernel < v->kernels; slot->kernel++) {
        if (w->board->crashes[slot->kernel] >= SANDBOX_CRASHES) continue;
        const struct pb_kernel kernel = watch(v->kernel[slot->kernel]);
        sandbox_forget_output();
        if (!has_code(w)) continue;
        if (!accepts(w, &kernel)) continue;
        if (!begun && pb_trial_fits(&slot->now.problem)) return PB_UNSUPPORTED;
        if (!begun && (status = begin(v, trial))) return status;
        begun = slot->ran = true;
        bool either = pb_has_constants(&slot->now.problem);
        for (int constants = v->as_timed && either; constants <= either; constants++) {
            slot->constants = constants;
            if ((status = check(w, trial, &kernel))) return status;
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
        sandbox_trial(&trial);
        enum pb_status status = check_case(w, &trial);
        sandbox_trial(NULL);
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
    enum pb_status status = PB_OK;
    slot = w->slot;
    team = most_threads(w->verify);
    sandbox_start_threads(team);
    float_state_note();
    process_state_note();
    while (!status) {
        if (slot->problem < 0) {
            if (w->until > 0 && clock_seconds() >= w->until) break;
            int64_t problem = (*w->board->next)++;
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
