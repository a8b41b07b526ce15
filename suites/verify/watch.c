/* The process that watches: it hands out problems, takes reports, and puts a new process in the
 * place of one that a kernel brought down. It runs no kernel itself. */
#include "common/clock.h"
#include "verify/kernel_process.h"
#include "verify/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A process that checks, and the one that runs kernels for it. */
struct worker {
    struct sandbox box, kernels;
    struct mailbox *mail; /* between the two */
    struct slot *slot;
    int pipe; /* its reports; -1 where it closed its end */
};

struct run {
    const struct pb_verify *verify;
    struct pb_tally *tally;
    struct worker *worker;
    _Atomic int64_t *next; /* problem that nobody has taken; the workers' slots follow */
    size_t shared_bytes;   /* from there on */
    int *crashes;          /* of each kernel */
    int64_t ended;         /* checks that were over when the process ended */
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

static struct pb_failure failure_of(const struct run *run, const struct worker *worker,
                                    const struct sandbox_outcome *outcome, size_t number) {
    const struct slot *slot = worker->slot;
    struct pb_failure failure = {.now = slot->now,
                                 .problem = slot->problem,
                                 .kernel = run->verify->kernel[number],
                                 .threads = worker->mail->by,
                                 .constants = slot->constants,
                                 .crashed = true,
                                 .hung = outcome->end == SANDBOX_HUNG};
    snprintf(failure.printed, sizeof failure.printed, "%s", outcome->printed);
    return failure;
}

static void count_crash(struct run *run, size_t number) {
    const struct pb_verify *v = run->verify;
    char words[256];
    if (++run->crashes[number] != SANDBOX_CRASHES) return;
    for (int i = 0; i < v->workers; i++) run->worker[i].mail->skip[number] = true;
    snprintf(words, sizeof words, "%s crashed %d times and is not run any more",
             v->kernel[number]->name, SANDBOX_CRASHES);
    skip(run, v->kernel[number]->name, words);
}

/* Reports the kernel in whose hands the process died. */
static void take_crash(struct run *run, const struct worker *worker, size_t number,
                       const struct sandbox_outcome *outcome) {
    struct pb_failure failure = failure_of(run, worker, outcome, number);
    char words[256], text[PB_TEXT_SIZE];
    snprintf(failure.sentence, sizeof failure.sentence, "%s: %s: %s", failure.kernel->name,
             sandbox_say(outcome, words, sizeof words),
             pb_problem_print(&failure.now.problem, text));
    /* one that reads or writes past a tensor, which the sandbox names */
    if (strstr(failure.sentence, " behind the end of ") || strstr(failure.sentence, " before "))
        strcpy(failure.cause.rule, "written_inside");
    fail(run, &failure);
    count_crash(run, number);
}

/* The process ended while no kernel was called: the one that it called last has broken it. */
static void take_end(struct run *run, const struct worker *worker, size_t number,
                     const struct sandbox_outcome *outcome) {
    struct pb_failure failure = failure_of(run, worker, outcome, number);
    char words[256], text[PB_TEXT_SIZE];
    snprintf(failure.sentence, sizeof failure.sentence, "%s: the process that it had run in %s: %s",
             failure.kernel->name, sandbox_say(outcome, words, sizeof words),
             pb_problem_print(&failure.now.problem, text));
    fail(run, &failure);
    count_crash(run, number);
}

/* ---- Processes ------------------------------------------------------------------------------- */

static void close_pipe(struct worker *worker) {
    if (worker->pipe >= 0) close(worker->pipe);
    worker->pipe = -1;
}

/* The life of a process that runs kernels: of what others share it keeps only its mailbox. */
struct kernels_task {
    struct run *run;
    int number; /* of its worker */
};

static void run_kernels(void *arg) {
    const struct kernels_task *task = arg;
    struct run *run = task->run;
    const struct pb_verify *v = run->verify;
    struct mailbox *mail = run->worker[task->number].mail;
    for (int i = 0; i < v->workers; i++) {
        close_pipe(&run->worker[i]);
        if (i != task->number) mailbox_free(run->worker[i].mail, v->kernels);
    }
    sandbox_memory_free(run->next, run->shared_bytes);
    kernel_process_work(v, mail);
}

static enum pb_status start_kernels(struct run *run, int number) {
    struct worker *worker = &run->worker[number];
    struct kernels_task task = {run, number};
    worker->mail->called = MAIL_NOBODY;
    return sandbox_start(&worker->kernels, run_kernels, &task);
}

static enum pb_status start_worker(struct run *run, int number) {
    struct worker *worker = &run->worker[number];
    int ends[2];
    enum pb_status status = start_kernels(run, number);
    if (status) return status;
    if (pipe2(ends, O_CLOEXEC)) return pb_fail(PB_IO, "no pipe to a process: %s", strerror(errno));
    struct worker_task task = {run->verify,  run->next, worker->slot,
                               worker->mail, ends[1],   run->until};
    worker->pipe = ends[0];
    status = sandbox_start(&worker->box, verify_work, &task);
    close(ends[1]);
    if (status) close_pipe(worker);
    return status;
}

static void stop_worker(struct worker *worker) {
    sandbox_stop(&worker->box);
    sandbox_stop(&worker->kernels);
    close_pipe(worker);
}

/* Takes what a worker wrote so far. */
static enum pb_status read_reports(struct run *run, struct worker *worker) {
    struct pollfd ready = {.fd = worker->pipe, .events = POLLIN};
    enum pb_status status = PB_OK;
    while (!status && worker->pipe >= 0 && poll(&ready, 1, 0) > 0) {
        struct report report;
        if (read(worker->pipe, &report, sizeof report) == sizeof report)
            status = take_report(run, &report);
        else
            close_pipe(worker);
    }
    return status;
}

static enum pb_status blame_system(const char *process, const struct sandbox_outcome *outcome) {
    char words[256];
    return pb_fail(PB_IO, "a process that %s kernels: %s%s%s", process,
                   sandbox_say(outcome, words, sizeof words), *outcome->printed ? ": " : "",
                   outcome->printed);
}

/* After the end of a process that ran kernels: says whose doing it is, and starts another. The
 * process that checks waits, if it had asked for something. */
static enum pb_status replace_kernels(struct run *run, int number,
                                      const struct sandbox_outcome *outcome) {
    const struct worker *worker = &run->worker[number];
    const size_t last = worker->mail->called;
    const bool asked = mailbox_is_begun(worker->mail);
    if (outcome->end == SANDBOX_LOST || last >= run->verify->kernels)
        return blame_system("runs", outcome);
    if (asked && !outcome->ours)
        take_crash(run, worker, last, outcome);
    else
        take_end(run, worker, last, outcome);
    run->ended += !asked;
    if (asked) mailbox_lose(worker->mail, last); /* or the next one does it again */
    return start_kernels(run, number);
}

static enum pb_status attend(struct run *run, int number) {
    struct worker *worker = &run->worker[number];
    struct sandbox_outcome outcome;
    enum pb_status status = read_reports(run, worker);
    if (!status && worker->kernels.process && sandbox_has_ended(&worker->kernels, &outcome))
        status = replace_kernels(run, number, &outcome);
    if (status || !sandbox_has_ended(&worker->box, &outcome)) return status;
    status = read_reports(run, worker);
    stop_worker(worker);
    if (status || outcome.end == SANDBOX_FINISHED) return status;
    return blame_system("checks", &outcome);
}

/* ---- The run --------------------------------------------------------------------------------- */

static void count(struct run *run) {
    run->tally->problems = run->before.problems;
    run->tally->problems_failed = run->before.problems_failed;
    run->tally->checks = run->before.checks + run->ended;
    for (int i = 0; i < run->verify->workers; i++) {
        const struct slot *slot = run->worker[i].slot;
        run->tally->problems += slot->problems;
        run->tally->problems_failed += slot->problems_failed;
        run->tally->checks += slot->checks;
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
                ready[busy++] =
                        (struct pollfd){.fd = run->worker[i].kernels.ended, .events = POLLIN};
            }
        if (!busy) return PB_OK;
        poll(ready, busy, 50);
        for (int i = 0; i < v->workers; i++)
            if (run->worker[i].box.process && (status = attend(run, i))) return status;
        count(run);
        if (v->progress) v->progress(v->arg, run->tally, run->worker[0].slot->text);
        if (v->enough && run->tally->failed - run->before.failed >= v->enough) return PB_OK;
    }
}

/* One mapping: the next problem, then the workers' slots; all 0. */
static enum pb_status share(struct run *run) {
    const struct pb_verify *v = run->verify;
    const size_t workers = (size_t)v->workers, line = 64; /* of a cache */
    run->shared_bytes = line + workers * sizeof(struct slot);
    run->worker = calloc(workers, sizeof *run->worker);
    run->crashes = calloc(v->kernels + 1, sizeof *run->crashes);
    if (!run->worker || !run->crashes)
        return pb_fail(PB_NOMEM, "no memory for %d workers", v->workers);
    if (!(run->next = sandbox_memory(run->shared_bytes))) return PB_NOMEM;
    for (int i = 0; i < v->workers; i++) {
        struct worker *worker = &run->worker[i];
        *worker = (struct worker){.pipe = -1};
        worker->slot = (struct slot *)((char *)run->next + line) + i;
        worker->slot->problem = -1;
    }
    for (int i = 0; i < v->workers; i++)
        if (!(run->worker[i].mail = mailbox_new(v->kernels))) return PB_NOMEM;
    return PB_OK;
}

static void clear(struct run *run) {
    const struct pb_verify *v = run->verify;
    for (int i = 0; run->worker && i < v->workers; i++) {
        stop_worker(&run->worker[i]);
        mailbox_free(run->worker[i].mail, v->kernels);
    }
    sandbox_memory_free(run->next, run->shared_bytes);
    free(run->worker);
    free(run->crashes);
}

enum pb_status pb_verify_run(const struct pb_verify *verify, struct pb_tally *tally) {
    struct run run = {.verify = verify, .tally = tally, .before = *tally};
    struct pollfd *ready = calloc(3 * (size_t)verify->workers, sizeof *ready);
    if (verify->seconds > 0) run.until = clock_seconds() + verify->seconds;
    enum pb_status status =
            ready ? share(&run) : pb_fail(PB_NOMEM, "no memory for %d workers", verify->workers);
    for (int i = 0; !status && i < verify->workers; i++) status = start_worker(&run, i);
    if (!status) status = attend_all(&run, ready);
    clear(&run);
    free(ready);
    return status;
}
