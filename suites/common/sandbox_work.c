/* The work's side: a process that may be brought down at any step. */
#include "common/sandbox_shared.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

static struct sandbox_shared *shared;
static const struct pb_trial *trial_now;
static int output_now = -1;
static pid_t self;

/* ---- Steps ----------------------------------------------------------------------------------- */

/* A copy of this process, by a fork() in what it called, has no business here. */
static void end_copies(void) {
    if (getpid() != self) _exit(1);
}

static void begin_step(const char *where, double seconds, int threads, bool ours) {
    end_copies();
    shared->inside = false; /* so that no step is held to the limit of another */
    shared->where = where;
    shared->ours = ours;
    shared->seconds = seconds;
    shared->threads = threads;
    shared->step++;
    shared->inside = true;
}

void sandbox_step(const char *where, double seconds, int threads) {
    begin_step(where, seconds, threads, false);
}

void sandbox_step_of_ours(const char *where) {
    begin_step(where, 0, 0, true);
}

void sandbox_start_threads(int threads) {
    sandbox_step_of_ours("as its threads are started");
#pragma omp parallel num_threads(threads)
    sandbox_alive();
    sandbox_rest();
    sandbox_left_begin(); /* these are nobody's that it calls */
}

void sandbox_rest(void) {
    end_copies();
    shared->inside = false;
}

void sandbox_alive(void) {
    int64_t calls = atomic_load_explicit(&shared->calls, memory_order_relaxed);
    atomic_store_explicit(&shared->calls, calls + 1, memory_order_relaxed);
}

void sandbox_settle(void) {
    sandbox_rest(); /* looking takes time, too */
    shared->left = sandbox_left_find();
    if (shared->left) _exit(1);
}

void sandbox_trial(const struct pb_trial *trial) {
    trial_now = trial;
}

void sandbox_forget_output(void) {
    lseek(output_now, 0, SEEK_SET);
}

/* ---- Traps ----------------------------------------------------------------------------------- */

static void find_tensor(const unsigned char *address, struct sandbox_fault *fault) {
    for (int i = 0; trial_now && i < 2 * PB_ROLES; i++) {
        const struct pb_trial *trial = i < PB_ROLES ? trial_now : trial_now->other;
        if (!trial) break;
        const int role = i % PB_ROLES;
        const struct pb_buffer *buffer = &trial->buffer[role];
        const unsigned char *base = buffer->base, *data = buffer->data;
        if (!base || address < base || address >= base + buffer->mapped) continue;
        fault->near = true;
        fault->role = (enum pb_role)role;
        fault->before = address < data;
        fault->bytes = fault->before ? data - address : address - (data + buffer->bytes);
    }
}

/* Notes what was touched, and lets the access trap once more, which then ends the process. */
static void on_trap(int number, siginfo_t *info, void *context) {
    bool sent = info->si_code <= 0; /* by kill(): nothing will trap again */
    struct sandbox_fault fault = {.trapped = !sent, .address = info->si_addr};
    if (!sent) find_tensor(info->si_addr, &fault);
#if defined __x86_64__
    const ucontext_t *machine = context;
    fault.write = machine->uc_mcontext.gregs[REG_ERR] & 2; /* of the page fault's error code */
    fault.read = !fault.write;
#else
    (void)context;
#endif
    shared->fault = fault;
    signal(number, SIG_DFL);
    if (sent) raise(number);
}

static void prepare_to_crash(void) {
    static unsigned char stack[64 * 1024]; /* for when the usual one is full */
    static const int plain[] = {SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGTERM, SIGALRM, SIGPIPE};
    static const struct rlimit no_core = {0, 0};
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigset_t none;
    setrlimit(RLIMIT_CORE, &no_core);
    sigaltstack(&other, NULL);
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    /* Of these a sanitizer would make an exit status; or the parent handles or ignores them. */
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) signal(plain[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- The process ----------------------------------------------------------------------------- */

/* A sanitizer's, where there is one. */
__attribute__((weak)) void __sanitizer_set_report_fd(void *file);

/* What a sanitizer reports goes where it did; all else that is printed is kept apart. */
static void redirect(int output) {
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int reports = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (__sanitizer_set_report_fd && reports >= 0)
        __sanitizer_set_report_fd((void *)(intptr_t)reports);
    else if (reports >= 0)
        close(reports);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    setvbuf(stdout, NULL, _IOLBF, 0); /* it is no terminal, and a crash flushes nothing */
    output_now = output;
}

_Noreturn void sandbox_work(struct sandbox_shared *mine, int output, pid_t parent,
                            void (*work)(void *arg), void *arg) {
    shared = mine;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1); /* it died before that was said */
    self = getpid();
    pb_set_threads(shared->threads); /* which LLVM's OpenMP forgets in a copy */
    prepare_to_crash();
    redirect(output);
    sandbox_left_begin();
    work(arg);
    sandbox_rest();
    shared->returned = true;
    _exit(0); /* what the parent registered for exit() is not for a copy to run */
}
