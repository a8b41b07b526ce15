/* The parent's side: starts, watches, kills, and says what became of it. */
#include "common/sandbox.h"
#include "common/clock.h"
#include "common/sandbox_shared.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 20 };             /* a step may sleep so many times as long as it may compute, */
static const double MOST_IDLE = 30; /* and so many seconds */
enum { OUTPUT_BYTES = 64 * 1024 };  /* more is refused */

void *sandbox_memory(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) return memory;
    pb_fail(PB_NOMEM, "no %zu bytes to share with other processes: %s", bytes, strerror(errno));
    return NULL;
}

void sandbox_memory_free(void *memory, size_t bytes) {
    if (memory) munmap(memory, bytes);
}

/* ---- Starting -------------------------------------------------------------------------------- */

/* A file that cannot grow: whoever floods it neither fills memory nor waits for a reader. */
static int open_output(void) {
    int file = memfd_create("sandbox output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0 || ftruncate(file, OUTPUT_BYTES) || fcntl(file, F_ADD_SEALS, F_SEAL_GROW)) {
        if (file >= 0) close(file);
        file = open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    return file;
}

/* Children of a process that ignores SIGCHLD leave nothing to wait for. */
static void see_children(void) {
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action)) return;
    if (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT)) signal(SIGCHLD, SIG_DFL);
}

/* The processes that boxes hold. A parent that is a sandbox itself holds none of its parent's. */
static struct {
    pid_t owner, *process;
    size_t count;
} held;

static enum pb_status hold(void) {
    if (held.owner != getpid()) {
        held.owner = getpid();
        held.count = 0;
        sandbox_left_adopt();
    }
    pid_t *grown = realloc(held.process, (held.count + 1) * sizeof *grown);
    if (!grown) return pb_fail(PB_NOMEM, "no memory for one more process");
    held.process = grown;
    return PB_OK;
}

static void let_go(pid_t process) {
    size_t kept = 0;
    for (size_t i = 0; i < held.count; i++)
        if (held.process[i] != process) held.process[kept++] = held.process[i];
    held.count = kept;
    sandbox_left_end(held.process, held.count);
}

static void release(struct sandbox *box) {
    if (box->process) let_go(box->process);
    if (box->ended >= 0) close(box->ended);
    if (box->output >= 0) close(box->output);
    sandbox_memory_free(box->shared, sizeof *box->shared);
    *box = (struct sandbox){.ended = -1, .output = -1};
}

enum pb_status sandbox_start(struct sandbox *box, void (*work)(void *arg), void *arg) {
    const pid_t parent = getpid();
    *box = (struct sandbox){
            .ended = -1, .output = open_output(), .shared = sandbox_memory(sizeof *box->shared)};
    enum pb_status status = box->shared ? PB_OK : PB_NOMEM;
    if (!status && box->output < 0)
        status = pb_fail(PB_IO, "no file for a process's output: %s", strerror(errno));
    if (!status) status = hold();
    if (box->shared) box->shared->threads = pb_threads();
    see_children();
    fflush(NULL); /* or the copy writes it again */
    pid_t process = status ? -1 : fork();
    if (process == 0) sandbox_work(box->shared, box->output, parent, work, arg);
    if (process < 0) {
        if (!status) status = pb_fail(PB_NOMEM, "no further process: %s", strerror(errno));
        release(box);
        return status;
    }
    setpgid(process, process); /* it does so too; whoever is first */
    box->process = held.process[held.count++] = process;
    box->ended = (int)syscall(SYS_pidfd_open, process, 0);
    box->since = clock_seconds();
    return PB_OK;
}

/* ---- Watching -------------------------------------------------------------------------------- */

/* Seconds that all threads of a process ran; 0 where that is not known. */
static double processor_time(pid_t process) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(process, &clock) || clock_gettime(clock, &t)) return 0;
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void kill_all(const struct sandbox *box) {
    kill(box->process, SIGKILL); /* it may have left its group */
    kill(-box->process, SIGKILL);
}

/* Adds the time since the last look that it slept through. On a busy machine it may wait for a
 * processor for long: then it wants to run. */
static void count_idle(struct sandbox *box, double now, double used) {
    double slept = now - box->seen - (used - box->spent);
    if (slept > 0 && !sandbox_wants_to_run(box->process, 0)) box->idle += slept;
    box->seen = now;
    box->spent = used;
}

static double least(double a, double b) {
    return a < b ? a : b;
}

static double most_idle(const struct sandbox_shared *shared) {
    return least(MOST_IDLE, PATIENCE * shared->seconds);
}

/* Kills a process whose step takes too long. By processor time, of which a busy machine takes
 * nothing away, and by the time that it sleeps. */
static void watch(struct sandbox *box) {
    const struct sandbox_shared *shared = box->shared;
    double now = clock_seconds(), used = processor_time(box->process);
    int64_t step = shared->step, calls = shared->calls;
    if (!shared->inside || shared->ours || step != box->step || calls != box->calls) {
        box->step = step;
        box->calls = calls;
        box->since = box->seen = now;
        box->used = box->spent = used;
        box->idle = 0;
        return;
    }
    count_idle(box, now, used);
    bool waits = box->idle > most_idle(shared);
    bool computes = used - box->used > shared->threads * shared->seconds;
    if (!waits && !computes) return;
    if (!shared->inside || shared->step != step || shared->calls != calls)
        return; /* that was the next one's limit */
    box->waited = !computes;
    box->killed = true;
    kill_all(box);
}

/* What it printed, as text that a terminal and JSON may hold. */
static void read_output(const struct sandbox *box, char *text, size_t size) {
    off_t end = lseek(box->output, 0, SEEK_CUR); /* the place is the copy's, too */
    ssize_t count = 0;
    if (end > 0)
        count = pread(box->output, text, (size_t)end < size - 1 ? (size_t)end : size - 1, 0);
    if (count < 0) count = 0;
    text[count] = 0;
    for (ssize_t i = 0; i < count; i++)
        if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~')) text[i] = '?';
}

static void tell_end(const struct sandbox *box, const siginfo_t *info,
                     struct sandbox_outcome *outcome) {
    const struct sandbox_shared *shared = box->shared;
    *outcome = (struct sandbox_outcome){.where = shared->inside ? shared->where : NULL,
                                        .ours = shared->inside && shared->ours,
                                        .left = shared->left,
                                        .number = info->si_status,
                                        .returned = shared->returned,
                                        .fault = shared->fault};
    read_output(box, outcome->printed, sizeof outcome->printed);
    if (box->killed) {
        outcome->end = SANDBOX_HUNG;
        outcome->waited = box->waited;
        outcome->limit = box->waited ? most_idle(shared) : shared->seconds * shared->threads;
    } else if (info->si_code != CLD_EXITED) {
        outcome->end = SANDBOX_CRASHED;
    } else if (shared->left) {
        outcome->end = SANDBOX_LEFT;
    } else {
        bool finished = shared->returned && info->si_status == 0;
        outcome->end = finished ? SANDBOX_FINISHED : SANDBOX_EXITED;
    }
}

bool sandbox_has_ended(struct sandbox *box, struct sandbox_outcome *outcome) {
    siginfo_t info = {0};
    int lost = waitid(P_PID, (id_t)box->process, &info, WEXITED | WNOHANG | WNOWAIT);
    if (lost && errno == EINTR) return false;
    if (lost) {
        *outcome = (struct sandbox_outcome){.end = SANDBOX_LOST, .number = errno};
    } else if (info.si_pid == 0) {
        if (!box->killed) watch(box);
        return false;
    } else {
        tell_end(box, &info, outcome);
        kill_all(box); /* those it started; until it is waited for, the number is its own */
        waitpid(box->process, NULL, 0);
    }
    release(box);
    return true;
}

void sandbox_wait(struct sandbox *box, struct sandbox_outcome *outcome) {
    while (!sandbox_has_ended(box, outcome)) {
        struct pollfd ready = {.fd = box->ended, .events = POLLIN};
        poll(&ready, 1, box->ended < 0 ? 5 : 50);
    }
}

enum pb_status sandbox_run(void (*work)(void *arg), void *arg, struct sandbox_outcome *outcome) {
    struct sandbox box;
    enum pb_status status = sandbox_start(&box, work, arg);
    if (!status) sandbox_wait(&box, outcome);
    return status;
}

void sandbox_stop(struct sandbox *box) {
    if (!box->process) return;
    kill_all(box);
    waitpid(box->process, NULL, 0);
    release(box);
}

/* ---- Words ----------------------------------------------------------------------------------- */

static void say_fault(const struct sandbox_fault *fault, char *text, size_t size) {
    const char *does = fault->write ? "writing" : fault->read ? "reading" : "at an access";
    if (!fault->trapped)
        *text = 0;
    else if (fault->near)
        snprintf(text, size, ", %s %lld byte%s %s %s", does, (long long)fault->bytes,
                 fault->bytes == 1 ? "" : "s", fault->before ? "before" : "behind the end of",
                 pb_role_name(fault->role));
    else
        snprintf(text, size, ", %s at address %p", does, fault->address);
}

const char *sandbox_say(const struct sandbox_outcome *outcome, char *text, size_t size) {
    const char *space = outcome->where ? " " : "", *where = outcome->where ? outcome->where : "";
    char fault[128];
    switch (outcome->end) {
    case SANDBOX_FINISHED:
        snprintf(text, size, "finished");
        break;
    case SANDBOX_CRASHED:
        say_fault(&outcome->fault, fault, sizeof fault);
        snprintf(text, size, "crashed%s%s: %s%s%s", space, where, strsignal(outcome->number), fault,
                 outcome->number == SIGKILL ? ", perhaps for want of memory" : "");
        break;
    case SANDBOX_HUNG:
        snprintf(text, size,
                 outcome->limit < 9.95 ? "hung%s%s: not done after %.2g s%s"
                                       : "hung%s%s: not done after %.0f s%s",
                 space, where, outcome->limit, outcome->waited ? "" : " of processor time");
        break;
    case SANDBOX_EXITED:
        snprintf(text, size, "ended the process%s%s, with exit status %d", space, where,
                 outcome->number);
        break;
    case SANDBOX_LEFT:
        snprintf(text, size, "%s", outcome->left);
        break;
    case SANDBOX_LOST:
        snprintf(text, size, "its process is lost: %s", strerror(outcome->number));
        break;
    }
    return text;
}
