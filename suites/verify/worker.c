/* The process that checks: it may crash at any call of a kernel. */
#include "verify/worker.h"
#include "core/op_traits.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

double verify_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- Kernels that are watched ----------------------------------------------------------------
 *
 * A kernel whose calls note in the slot where they are. One process checks one kernel at a time. */

static struct slot *slot;
static const struct pb_kernel *watched;
static const struct pb_trial *trial_now;

static void enter(enum phase phase) {
    slot->calls++;
    slot->phase = phase;
}

static bool watched_can_do(const struct pb_problem *problem) {
    enter(CAN_DO);
    bool accepts = watched->can_do(problem);
    enter(BETWEEN);
    return accepts;
}

static enum pb_status watched_setup(const struct pb_problem *problem,
                                    const struct pb_args *constants, void **plan) {
    enter(SETUP);
    enum pb_status status = watched->setup(problem, constants, plan);
    enter(BETWEEN);
    return status;
}

static enum pb_status watched_run(const struct pb_problem *problem, void *plan,
                                  const struct pb_args *args) {
    enter(RUN);
    enum pb_status status = watched->run(problem, plan, args);
    enter(BETWEEN);
    return status;
}

static void watched_done(void *plan) {
    enter(DONE);
    watched->done(plan);
    enter(BETWEEN);
}

static struct pb_kernel watch(const struct pb_kernel *kernel) {
    watched = kernel;
    return (struct pb_kernel){.name = kernel->name,
                              .isa = kernel->isa,
                              .can_do = watched_can_do,
                              .setup = watched_setup,
                              .run = watched_run,
                              .done = watched_done};
}

/* ---- Traps ----------------------------------------------------------------------------------- */

static void find_tensor(const unsigned char *address, struct fault *fault) {
    for (int role = 0; trial_now && role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &trial_now->buffer[role];
        const unsigned char *base = buffer->base, *data = buffer->data;
        if (!base || address < base || address >= base + buffer->mapped) continue;
        fault->known = true;
        fault->role = (enum pb_role)role;
        fault->before = address < data;
        fault->bytes = fault->before ? data - address : address - (data + buffer->bytes);
    }
}

/* Notes what was touched, and lets the access trap once more, which then ends the process. */
static void on_trap(int number, siginfo_t *info, void *context) {
    struct fault fault = {0};
    find_tensor(info->si_addr, &fault);
#if defined __x86_64__
    const ucontext_t *machine = context;
    fault.write = machine->uc_mcontext.gregs[REG_ERR] & 2; /* of the page fault's error code */
    fault.read = !fault.write;
#else
    (void)context;
#endif
    slot->fault = fault;
    signal(number, SIG_DFL);
    if (info->si_code <= 0) raise(number); /* it was sent, nothing will trap again */
}

static void prepare_to_crash(void) {
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    /* Of these a sanitizer would make an exit status. */
    signal(SIGFPE, SIG_DFL);
    signal(SIGILL, SIG_DFL);
    signal(SIGABRT, SIG_DFL);
}

/* ---- Checking -------------------------------------------------------------------------------- */

struct worker {
    const struct pb_verify *verify;
    struct board *board;
    int pipe;
    double until;
};

static void tell(const struct worker *w, int kind, enum pb_status status) {
    struct report report = {.kind = kind,
                            .status = status,
                            .kernel = slot->kernel,
                            .problem = slot->problem,
                            .now = slot->now,
                            .threads = slot->threads,
                            .constants = slot->constants};
    snprintf(report.sentence, sizeof report.sentence, "%s", pb_error());
    if (write(w->pipe, &report, sizeof report) != sizeof report) _exit(1);
}

/* One kernel, with its weights at run or at setup: right with the first number of threads, and the
 * same bits with the others. */
static enum pb_status check(const struct worker *w, struct pb_trial *trial,
                            const struct pb_kernel *kernel) {
    const struct pb_verify *v = w->verify;
    enum pb_status status = PB_OK;
    slot->checks++;
    for (int i = 0; i < v->thread_counts && !status; i++) {
        slot->threads = v->threads[i];
        pb_set_threads(slot->threads);
        status = i ? pb_trial_repeat(trial, kernel, slot->constants)
                   : pb_trial_check(trial, kernel, slot->constants);
        if (!i && !status && v->thread_counts > 1 && (status = pb_trial_keep(trial))) return status;
    }
    slot->failed |= status != PB_OK;
    if (status || v->passed) tell(w, status ? REPORT_FAILED : REPORT_PASSED, status);
    return PB_OK;
}

/* Seconds of a thread for one call: a slow one does ten million multiply-adds in a second. */
static double allowed(const struct pb_verify *v, const struct pb_problem *p) {
    double work = (double)p->mb * (double)p->oc * (double)pb_channels_summed(p);
    for (int a = 0; a < 3; a++)
        work *= (double)p->axis[a].k *
                (double)(p->axis[a].o > p->axis[a].i ? p->axis[a].o : p->axis[a].i);
    return v->limit + work / 1e7;
}

static enum pb_status begin(const struct pb_verify *v, struct pb_trial *trial) {
    const struct pb_case *now = &slot->now;
    int most = 1;
    for (int i = 0; v->workers == 1 && i < v->thread_counts; i++)
        if (v->threads[i] > most) most = v->threads[i];
    pb_set_threads(most);
    if (now->onnx) return pb_onnx_trial(now->onnx, now->onnx_set, now->problem.layout, trial);
    enum pb_status status = pb_trial_fits(&now->problem);
    if (status) return status;
    return pb_trial_begin_at(trial, &now->problem, now->family, now->placement, now->seed);
}

static void describe(const struct pb_case *now) {
    char text[PB_TEXT_SIZE];
    snprintf(slot->text, sizeof slot->text, "%s",
             now->onnx ? now->onnx : pb_problem_print(&now->problem, text));
}

/* Every kernel from slot->kernel on that accepts the case. */
static enum pb_status check_case(const struct worker *w, struct pb_trial *trial) {
    const struct pb_verify *v = w->verify;
    enum pb_status status = PB_OK;
    bool begun = false;
    describe(&slot->now);
    slot->allowed = allowed(v, &slot->now.problem);
    slot->threads = v->threads[0];
    if (slot->now.onnx) { /* only its file says what the problem is */
        if ((status = begin(v, trial))) return status;
        slot->now.problem = trial->problem;
        if (!pb_select(&trial->problem, NULL))
            return pb_fail(PB_UNSUPPORTED, "%s: %s", slot->now.onnx, pb_error());
        begun = true;
    }
    for (; slot->kernel < v->kernels; slot->kernel++) {
        if (w->board->crashes[slot->kernel] >= MOST_CRASHES) continue;
        const struct pb_kernel kernel = watch(v->kernel[slot->kernel]);
        if (!kernel.can_do(&slot->now.problem)) continue;
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
static enum pb_status check_problem(const struct worker *w) {
    const struct pb_cases *cases = &w->verify->cases;
    for (; slot->number < cases->cases; slot->number++, slot->kernel = 0) {
        struct pb_trial trial = {0};
        if (!cases->at(cases->source, slot->problem, slot->number, &slot->now)) continue;
        trial_now = &trial;
        enum pb_status status = check_case(w, &trial);
        trial_now = NULL;
        pb_trial_end(&trial);
        if (status == PB_UNSUPPORTED) { /* not known or too large, in this case or another */
            if (!slot->ran) tell(w, REPORT_SKIPPED, status);
            break;
        }
        if (status) return status;
        if (cases->one && slot->ran) break;
    }
    slot->problems += slot->ran;
    slot->problems_failed += slot->failed;
    slot->problem = -1;
    return PB_OK;
}

_Noreturn void verify_work(const struct pb_verify *verify, struct board *board, struct slot *mine,
                           int pipe, double until) {
    struct worker w = {verify, board, pipe, until};
    enum pb_status status = PB_OK;
    slot = mine;
    prepare_to_crash();
    while (!status) {
        if (slot->problem < 0) {
            if (until > 0 && verify_now() >= until) break;
            int64_t problem = (*board->next)++;
            if (problem >= verify->cases.problems) break;
            slot->number = 0;
            slot->kernel = 0;
            slot->ran = slot->failed = false;
            slot->problem = problem;
        }
        status = check_problem(&w);
    }
    if (status) tell(&w, REPORT_STOP, status);
    slot->phase = FINISHED;
    _exit(0); /* what the parent registered for exit() is not for a copy to run */
}
