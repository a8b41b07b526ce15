/* The process that watches: it hands out problems, takes reports, and puts a new worker in the
 * place of one that died. It runs no kernel itself. */
#include "verify/worker.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SHRUNK = 3 };    /* failures of one kernel that are shrunk */
enum { PATIENCE = 20 }; /* a call may wait so many times as long as it may compute */

struct worker {
    pid_t process; /* 0: none */
    int pipe;
    int64_t calls;      /* how far it was when it was last seen to get on */
    double since, used; /* when that was, and what processor time it had taken */
    bool hung, waits;   /* without taking processor time */
};

struct run {
    const struct pb_verify *verify;
    struct pb_tally *tally;
    struct board board;
    void *shared;
    size_t shared_bytes;
    struct worker *worker;
    int64_t *shown; /* failures of each kernel */
    double until;
    struct pb_tally before; /* what the tally held already */
};

/* ---- Sentences ------------------------------------------------------------------------------- */

static const char *signal_words(int number) {
    static const struct {
        int number;
        const char *words;
    } known[] = {
            {SIGSEGV, "read or wrote out of bounds (SIGSEGV)"},
            {SIGBUS, "read or wrote out of bounds (SIGBUS)"},
            {SIGFPE, "divided by zero or overflowed (SIGFPE)"},
            {SIGILL, "an instruction that this processor does not have (SIGILL)"},
            {SIGABRT, "aborted (SIGABRT)"},
            {SIGKILL, "killed from outside, perhaps for want of memory (SIGKILL)"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].number == number) return known[i].words;
    return strsignal(number);
}

static const char *phase_words(int phase) {
    static const char *const words[] = {
            [BETWEEN] = "between its calls",
            [CAN_DO] = "in can_do",
            [SETUP] = "in setup",
            [RUN] = "in run",
            [DONE] = "in done",
            [FINISHED] = "at the end",
    };
    return words[phase];
}

static void describe_death(const struct slot *slot, const struct worker *worker, int status,
                           char *to, size_t size) {
    const struct fault *fault = &slot->fault;
    const char *did = fault->write ? "wrote" : fault->read ? "read" : "read or wrote";
    if (worker->waits)
        snprintf(to, size, "did not end within %.0f s", PATIENCE * slot->allowed);
    else if (worker->hung)
        snprintf(to, size, "did not end within %.0f s of processor time", slot->allowed);
    else if (WIFEXITED(status))
        snprintf(to, size, "ended the process (exit status %d)", WEXITSTATUS(status));
    else if (!WIFSIGNALED(status))
        snprintf(to, size, "stopped (status %d)", status);
    else if (fault->known)
        snprintf(to, size, "%s out of bounds, %lld bytes %s %s (SIGSEGV)", did,
                 (long long)fault->bytes, fault->before ? "before" : "behind the end of",
                 pb_role_name(fault->role));
    else
        snprintf(to, size, "%s", signal_words(WTERMSIG(status)));
}

/* ---- Failures -------------------------------------------------------------------------------- */

static void fail(struct run *run, size_t kernel, struct pb_failure *failure) {
    const struct pb_verify *v = run->verify;
    int64_t shown = run->shown[kernel]++;
    run->tally->failed++;
    if (v->shown && shown >= v->shown) {
        run->tally->unshown++;
        return;
    }
    failure->from = failure->now;
    if (v->shrink && shown < SHRUNK && !failure->hung && !failure->now.onnx)
        pb_verify_shrink(v, failure);
    if (v->failed) v->failed(v->arg, failure);
}

static void skip(struct run *run, const char *what, const char *reason) {
    run->tally->skipped++;
    if (run->verify->skipped) run->verify->skipped(run->verify->arg, what, reason);
}

/* Returns why the run cannot go on. */
static enum pb_status take_report(struct run *run, const struct report *report) {
    char text[PB_TEXT_SIZE];
    switch (report->kind) {
    case REPORT_STOP:
        return pb_fail(report->status, "%s", report->sentence);
    case REPORT_SKIPPED:
        skip(run,
             report->now.onnx ? report->now.onnx : pb_problem_print(&report->now.problem, text),
             report->sentence);
        return PB_OK;
    case REPORT_PASSED:
        run->verify->passed(run->verify->arg, report->problem, run->verify->kernel[report->kernel]);
        return PB_OK;
    default: {
        struct pb_failure failure = {.now = report->now,
                                     .problem = report->problem,
                                     .kernel = run->verify->kernel[report->kernel],
                                     .threads = report->threads,
                                     .constants = report->constants};
        memcpy(failure.sentence, report->sentence, sizeof failure.sentence);
        fail(run, report->kernel, &failure);
        return PB_OK;
    }
    }
}

/* Reports the kernel in whose hands the worker died, and lets the next worker pass over it. */
static void take_crash(struct run *run, struct worker *worker, struct slot *slot, int status) {
    const struct pb_kernel *kernel = run->verify->kernel[slot->kernel];
    struct pb_failure failure = {.now = slot->now,
                                 .problem = slot->problem,
                                 .kernel = kernel,
                                 .threads = slot->threads,
                                 .constants = slot->constants,
                                 .crashed = true,
                                 .hung = worker->hung};
    char death[256], text[PB_TEXT_SIZE];
    describe_death(slot, worker, status, death, sizeof death);
    snprintf(failure.sentence, sizeof failure.sentence, "%s: %s %s: %s: %s", kernel->name,
             worker->hung ? "hung" : "crashed", phase_words(slot->phase), death,
             pb_problem_print(&slot->now.problem, text));
    if (slot->phase == CAN_DO) slot->checks++;
    slot->failed = slot->ran = true;
    size_t number = slot->kernel++;
    slot->constants = false;
    slot->fault = (struct fault){0};
    fail(run, number, &failure);
    if (++run->board.crashes[number] != MOST_CRASHES) return;
    snprintf(death, sizeof death, "%s crashed %d times and is not run any more", kernel->name,
             MOST_CRASHES);
    skip(run, kernel->name, death);
}

/* ---- Workers --------------------------------------------------------------------------------- */

static enum pb_status start_worker(struct run *run, int number) {
    struct worker *worker = &run->worker[number];
    struct slot *slot = &run->board.slot[number];
    int ends[2];
    if (pipe(ends)) return pb_fail(PB_IO, "no pipe to a process: %s", strerror(errno));
    slot->phase = BETWEEN;
    fflush(NULL); /* or the copy writes it again, should a kernel call exit */
    pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        verify_work(run->verify, &run->board, slot, ends[1], run->until);
    }
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return pb_fail(PB_NOMEM, "no process for checks: %s", strerror(errno));
    }
    *worker = (struct worker){
            .process = process, .pipe = ends[0], .calls = slot->calls, .since = verify_now()};
    return PB_OK;
}

static void stop_worker(struct worker *worker) {
    if (!worker->process) return;
    kill(worker->process, SIGKILL);
    waitpid(worker->process, NULL, 0);
    close(worker->pipe);
    worker->process = 0;
}

/* Takes what a worker wrote so far; *ended where there will be no more. */
static enum pb_status read_reports(struct run *run, struct worker *worker, bool *ended) {
    struct pollfd ready = {.fd = worker->pipe, .events = POLLIN};
    enum pb_status status = PB_OK;
    *ended = false;
    while (!status && !*ended && poll(&ready, 1, 0) > 0) {
        struct report report;
        ssize_t got = read(worker->pipe, &report, sizeof report);
        *ended = got != sizeof report;
        if (!*ended) status = take_report(run, &report);
    }
    return status;
}

/* Seconds that all threads of a process ran; 0 where that is not known. */
static double processor_time(pid_t process) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(process, &clock) || clock_gettime(clock, &t)) return 0;
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Kills a worker whose kernel has been in one call for too long. That is told by processor time,
 * which stands still while a busy machine does something else; by the clock for one that only
 * waits. */
static void watch(struct worker *worker, const struct slot *slot) {
    double now = verify_now(), used = processor_time(worker->process);
    bool inside = slot->phase != BETWEEN && slot->phase != FINISHED;
    if (!inside || slot->calls != worker->calls) {
        worker->calls = slot->calls;
        worker->since = now;
        worker->used = used;
        return;
    }
    worker->waits = now - worker->since > PATIENCE * slot->allowed;
    worker->hung = worker->waits || used - worker->used > slot->threads * slot->allowed;
    if (worker->hung) kill(worker->process, SIGKILL);
}

static enum pb_status attend(struct run *run, int number) {
    struct worker *worker = &run->worker[number];
    struct slot *slot = &run->board.slot[number];
    bool ended;
    int how;
    enum pb_status status = read_reports(run, worker, &ended);
    if (status) return status;
    if (!ended) watch(worker, slot);
    /* A kernel's own child may hold the pipe open, so that the end of the worker shows only here.
     */
    if (waitpid(worker->process, &how, ended || worker->hung ? 0 : WNOHANG) != worker->process)
        return PB_OK;
    status = read_reports(run, worker, &ended);
    close(worker->pipe);
    worker->process = 0;
    if (status) return status;
    if (slot->phase == FINISHED && how == 0) return PB_OK;
    if (slot->phase == FINISHED) /* as a sanitizer ends a process that did what it must not */
        return pb_fail(PB_PROVIDER, "a process that checks kernels ended with status %d", how);
    if (slot->problem < 0)
        return pb_fail(PB_PROVIDER, "the process that checks ended before it began");
    take_crash(run, worker, slot, how);
    return start_worker(run, number);
}

/* ---- The run --------------------------------------------------------------------------------- */

static void count(struct run *run) {
    run->tally->problems = run->before.problems;
    run->tally->problems_failed = run->before.problems_failed;
    run->tally->checks = run->before.checks;
    for (int i = 0; i < run->verify->workers; i++) {
        run->tally->problems += run->board.slot[i].problems;
        run->tally->problems_failed += run->board.slot[i].problems_failed;
        run->tally->checks += run->board.slot[i].checks;
    }
}

static enum pb_status attend_all(struct run *run, struct pollfd *ready) {
    const struct pb_verify *v = run->verify;
    enum pb_status status = PB_OK;
    for (;;) {
        nfds_t busy = 0;
        for (int i = 0; i < v->workers; i++)
            if (run->worker[i].process)
                ready[busy++] = (struct pollfd){.fd = run->worker[i].pipe, .events = POLLIN};
        if (!busy) return PB_OK;
        poll(ready, busy, 100);
        for (int i = 0; i < v->workers; i++)
            if (run->worker[i].process && (status = attend(run, i))) return status;
        count(run);
        if (v->progress) v->progress(v->arg, run->tally, run->board.slot[0].text);
        if (v->enough && run->tally->failed - run->before.failed >= v->enough) return PB_OK;
    }
}

/* One mapping: the workers' slots, then the kernels' crashes; all 0. */
static enum pb_status share(struct run *run) {
    const struct pb_verify *v = run->verify;
    size_t slots = (size_t)v->workers * sizeof *run->board.slot;
    run->shared_bytes = slots + sizeof *run->board.crashes * v->kernels + sizeof run->board.next;
    run->shared = mmap(NULL, run->shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                       -1, 0);
    run->worker = calloc((size_t)v->workers, sizeof *run->worker);
    run->shown = calloc(v->kernels + 1, sizeof *run->shown);
    if (run->shared == MAP_FAILED || !run->worker || !run->shown)
        return pb_fail(PB_NOMEM, "no memory to share with %d processes", v->workers);
    run->board.slot = run->shared;
    run->board.next = (_Atomic int64_t *)((char *)run->shared + slots);
    run->board.crashes = (_Atomic int *)(run->board.next + 1);
    for (int i = 0; i < v->workers; i++) run->board.slot[i].problem = -1;
    return PB_OK;
}

enum pb_status pb_verify_run(const struct pb_verify *verify, struct pb_tally *tally) {
    struct run run = {.verify = verify, .tally = tally, .before = *tally, .shared = MAP_FAILED};
    struct pollfd *ready = calloc((size_t)verify->workers, sizeof *ready);
    if (verify->seconds > 0) run.until = verify_now() + verify->seconds;
    enum pb_status status =
            ready ? share(&run) : pb_fail(PB_NOMEM, "no memory for %d workers", verify->workers);
    for (int i = 0; !status && i < verify->workers; i++) status = start_worker(&run, i);
    if (!status) status = attend_all(&run, ready);
    for (int i = 0; run.worker && i < verify->workers; i++) stop_worker(&run.worker[i]);
    if (run.shared != MAP_FAILED) munmap(run.shared, run.shared_bytes);
    free(run.worker);
    free(run.shown);
    free(ready);
    return status;
}
