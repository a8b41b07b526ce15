/* The process that watches: it hands out problems, takes reports, and puts a new worker in the
 * place of one that died. It runs no kernel itself. */
#include "common/clock.h"
#include "verify/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct worker {
    struct sandbox box;
    int pipe;      /* its reports; -1 where it closed its end */
    int64_t taken; /* of them */
};

struct run {
    const struct pb_verify *verify;
    struct pb_tally *tally;
    struct board board;
    size_t shared_bytes; /* from board.slot on */
    struct worker *worker;
    double until;
    struct pb_tally before; /* what the tally held already */
};

/* ---- Failures -------------------------------------------------------------------------------- */

static void fail(struct run *run, struct pb_failure *failure) {
    const struct pb_verify *v = run->verify;
    run->tally->failed++;
    failure->from = failure->now;
    if (v->failed) v->failed(v->arg, failure);
}

static void skip(struct run *run, const char *what, const char *reason) {
    run->tally->skipped++;
    if (run->verify->skipped) run->verify->skipped(run->verify->arg, what, reason);
}

static void refuse(struct run *run, const struct report *report) {
    bool disputed = report->status == PB_PROVIDER;
    run->tally->failed += disputed;
    run->tally->refused += !disputed;
    if (run->verify->refused)
        run->verify->refused(run->verify->arg, &report->now, report->sentence);
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
    case REPORT_REFUSED:
        refuse(run, report);
        return PB_OK;
    case REPORT_PASSED:
        run->verify->passed(run->verify->arg, report->problem, run->verify->kernel[report->kernel],
                            report->digest);
        return PB_OK;
    default: {
        struct pb_failure failure = {.now = report->now,
                                     .problem = report->problem,
                                     .kernel = run->verify->kernel[report->kernel],
                                     .threads = report->threads,
                                     .constants = report->constants,
                                     .cause = report->cause};
        memcpy(failure.sentence, report->sentence, sizeof failure.sentence);
        fail(run, &failure);
        return PB_OK;
    }
    }
}

/* Reports the kernel in whose hands the worker died, and lets the next worker pass over it. */
static void take_crash(struct run *run, const struct worker *worker, struct slot *slot,
                       const struct sandbox_outcome *outcome) {
    bool cut_off = slot->told != worker->taken; /* it ended itself, as it could not report */
    const struct pb_kernel *kernel = run->verify->kernel[slot->kernel];
    struct pb_failure failure = {.now = slot->now,
                                 .problem = slot->problem,
                                 .kernel = kernel,
                                 .threads = slot->threads,
                                 .constants = slot->constants,
                                 .crashed = true,
                                 .hung = outcome->end == SANDBOX_HUNG};
    char words[256], text[PB_TEXT_SIZE];
    snprintf(failure.sentence, sizeof failure.sentence, "%s: %s: %s", kernel->name,
             cut_off ? "closed descriptors that are not its own"
                     : sandbox_say(outcome, words, sizeof words),
             pb_problem_print(&slot->now.problem, text));
    snprintf(failure.printed, sizeof failure.printed, "%s", outcome->printed);
    /* one that reads or writes past a tensor, which the sandbox names */
    if (strstr(failure.sentence, " behind the end of ") || strstr(failure.sentence, " before "))
        strcpy(failure.cause.rule, "written_inside");
    slot->checks += !slot->counted;
    slot->failed = slot->ran = true;
    size_t number = slot->kernel++;
    slot->constants = false;
    fail(run, &failure);
    if (++run->board.crashes[number] != SANDBOX_CRASHES) return;
    snprintf(words, sizeof words, "%s crashed %d times and is not run any more", kernel->name,
             SANDBOX_CRASHES);
    skip(run, kernel->name, words);
}

/* The process ended in code of ours: the kernel that it called last has broken it; where there was
 * none, the system is at fault. */
static enum pb_status take_end_of_ours(struct run *run, struct slot *slot,
                                       const struct sandbox_outcome *outcome) {
    char words[256], text[PB_TEXT_SIZE];
    sandbox_say(outcome, words, sizeof words);
    if (!slot->last)
        return pb_fail(PB_IO, "a process that checks kernels: %s%s%s", words,
                       *outcome->printed ? ": " : "", outcome->printed);
    size_t number = slot->last - 1;
    const struct pb_kernel *kernel = run->verify->kernel[number];
    struct pb_failure failure = {.now = slot->now,
                                 .problem = slot->problem,
                                 .kernel = kernel,
                                 .threads = slot->threads,
                                 .crashed = true};
    snprintf(failure.sentence, sizeof failure.sentence, "%s: the process that it had run in %s: %s",
             kernel->name, words, pb_problem_print(&slot->now.problem, text));
    snprintf(failure.printed, sizeof failure.printed, "%s", outcome->printed);
    slot->checks++;
    slot->failed = true;
    run->board.crashes[number]++;
    fail(run, &failure);
    return PB_OK;
}

/* ---- Workers --------------------------------------------------------------------------------- */

static void close_pipe(struct worker *worker) {
    if (worker->pipe >= 0) close(worker->pipe);
    worker->pipe = -1;
}

static enum pb_status start_worker(struct run *run, int number) {
    struct worker *worker = &run->worker[number];
    struct slot *slot = &run->board.slot[number];
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return pb_fail(PB_IO, "no pipe to a process: %s", strerror(errno));
    slot->told = 0;
    slot->last = 0;
    struct worker_task task = {run->verify, &run->board, slot, ends[1], run->until};
    *worker = (struct worker){.pipe = ends[0]};
    enum pb_status status = sandbox_start(&worker->box, verify_work, &task);
    close(ends[1]);
    if (status) close_pipe(worker);
    return status;
}

static void stop_worker(struct worker *worker) {
    if (!worker->box.process) return;
    sandbox_stop(&worker->box);
    close_pipe(worker);
}

/* Takes what a worker wrote so far. */
static enum pb_status read_reports(struct run *run, struct worker *worker) {
    struct pollfd ready = {.fd = worker->pipe, .events = POLLIN};
    enum pb_status status = PB_OK;
    while (!status && worker->pipe >= 0 && poll(&ready, 1, 0) > 0) {
        struct report report;
        if (read(worker->pipe, &report, sizeof report) == sizeof report) {
            worker->taken++;
            status = take_report(run, &report);
        } else {
            close_pipe(worker);
        }
    }
    return status;
}

/* Why the run cannot go on after a worker whose end is no kernel's doing. */
static enum pb_status check_end(const struct worker *worker, const struct slot *slot,
                                const struct sandbox_outcome *outcome) {
    char words[256];
    if (outcome->end != SANDBOX_FINISHED) /* a sanitizer ends it so, for something it found */
        return pb_fail(PB_PROVIDER, "a process that checks kernels: %s",
                       sandbox_say(outcome, words, sizeof words));
    if (slot->told != worker->taken) /* a kernel has put its own file in the pipe's place */
        return pb_fail(PB_PROVIDER, "a process that checks kernels lost %lld reports",
                       (long long)(slot->told - worker->taken));
    return PB_OK;
}

static enum pb_status attend(struct run *run, int number) {
    struct worker *worker = &run->worker[number];
    struct slot *slot = &run->board.slot[number];
    struct sandbox_outcome outcome;
    enum pb_status status = read_reports(run, worker);
    if (status || !sandbox_has_ended(&worker->box, &outcome)) return status;
    status = read_reports(run, worker);
    close_pipe(worker);
    if (status) return status;
    if (outcome.returned || outcome.end == SANDBOX_LOST) return check_end(worker, slot, &outcome);
    if (outcome.ours) {
        status = take_end_of_ours(run, slot, &outcome);
    } else if (slot->problem < 0) {
        return check_end(worker, slot, &outcome);
    } else {
        take_crash(run, worker, slot, &outcome);
    }
    return status ? status : start_worker(run, number);
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
            if (run->worker[i].box.process) {
                ready[busy++] = (struct pollfd){.fd = run->worker[i].pipe, .events = POLLIN};
                ready[busy++] = (struct pollfd){.fd = run->worker[i].box.ended, .events = POLLIN};
            }
        if (!busy) return PB_OK;
        poll(ready, busy, 50);
        for (int i = 0; i < v->workers; i++)
            if (run->worker[i].box.process && (status = attend(run, i))) return status;
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
    run->board.slot = sandbox_memory(run->shared_bytes);
    run->worker = calloc((size_t)v->workers, sizeof *run->worker);
    if (!run->board.slot) return PB_NOMEM;
    if (!run->worker) return pb_fail(PB_NOMEM, "no memory for %d workers", v->workers);
    run->board.next = (_Atomic int64_t *)((char *)run->board.slot + slots);
    run->board.crashes = (_Atomic int *)(run->board.next + 1);
    for (int i = 0; i < v->workers; i++) run->board.slot[i].problem = -1;
    return PB_OK;
}

enum pb_status pb_verify_run(const struct pb_verify *verify, struct pb_tally *tally) {
    struct run run = {.verify = verify, .tally = tally, .before = *tally};
    struct pollfd *ready = calloc(2 * (size_t)verify->workers, sizeof *ready);
    if (verify->seconds > 0) run.until = clock_seconds() + verify->seconds;
    enum pb_status status =
            ready ? share(&run) : pb_fail(PB_NOMEM, "no memory for %d workers", verify->workers);
    for (int i = 0; !status && i < verify->workers; i++) status = start_worker(&run, i);
    if (!status) status = attend_all(&run, ready);
    for (int i = 0; run.worker && i < verify->workers; i++) stop_worker(&run.worker[i]);
    sandbox_memory_free(run.board.slot, run.shared_bytes);
    free(run.worker);
    free(ready);
    return status;
}
