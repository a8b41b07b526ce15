/* The sandbox: whatever the work does, its parent gets to know, and goes on. */
#include "common/sandbox.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(sandbox, .timeout = 60);

static const double LIMIT = 0.1; /* seconds; 2 by the clock */

static volatile int zero;

static struct sandbox_outcome run(void (*work)(void *arg), void *arg) {
    struct sandbox_outcome outcome;
    cr_assert_eq(sandbox_run(work, arg, &outcome), PB_OK, "%s", pb_error());
    return outcome;
}

static void expect(void (*work)(void *arg), enum sandbox_end end, const char *words) {
    struct sandbox_outcome outcome = run(work, NULL);
    char said[256];
    sandbox_say(&outcome, said, sizeof said);
    cr_expect_eq(outcome.end, end, "%s", said);
    cr_expect_str_eq(said, words);
}

/* ---- Ends ------------------------------------------------------------------------------------ */

static void finish(void *arg) {
    *(int *)arg = 42;
}

Test(sandbox, what_was_done_is_seen) {
    int *number = sandbox_memory(sizeof *number), own = 0;
    cr_assert_not_null(number);
    cr_expect_eq(run(finish, number).end, SANDBOX_FINISHED);
    cr_expect_eq(run(finish, &own).end, SANDBOX_FINISHED);
    cr_expect_eq(*number, 42);
    cr_expect_eq(own, 0, "only what is shared changes here");
    sandbox_memory_free(number, sizeof *number);
}

static void step(void (*work)(void)) {
    sandbox_step("in run", LIMIT, 1);
    work();
    sandbox_rest();
}

static void trap(void *arg) {
    (void)arg;
    sandbox_step("in run", LIMIT, 1);
    *(volatile int *)(uintptr_t)(16 + zero) = 1;
}

static void trap_between(void *arg) {
    (void)arg;
    sandbox_step("in run", LIMIT, 1);
    sandbox_rest();
    raise(SIGSEGV);
}

static void abort_it(void *arg) {
    (void)arg;
    step(abort);
}

static void exit_0(void *arg) {
    (void)arg;
    sandbox_step("in setup", LIMIT, 1);
    unsetenv("BXFI_MAP"); /* no test to LeakSanitizer (leaks.c): OpenMP keeps what it has */
    exit(0);
}

static void exit_3(void *arg) {
    (void)arg;
    _exit(3);
}

static void overflow(void *arg) {
    volatile char here[4096] = {0};
    sandbox_step("in run", 10, 1);
    if (zero == 0) overflow(arg);
    here[0]++;
}

Test(sandbox, crashes) {
#if defined __x86_64__
    expect(trap, SANDBOX_CRASHED, "crashed in run: Segmentation fault, writing at address 0x10");
#endif
    expect(trap_between, SANDBOX_CRASHED, "crashed: Segmentation fault");
    expect(abort_it, SANDBOX_CRASHED, "crashed in run: Aborted");
    struct sandbox_outcome outcome = run(overflow, NULL);
    cr_expect_eq(outcome.end, SANDBOX_CRASHED);
    cr_expect_eq(outcome.number, SIGSEGV);
}

Test(sandbox, exits) {
    expect(exit_0, SANDBOX_EXITED, "ended the process in setup, with exit status 0");
    expect(exit_3, SANDBOX_EXITED, "ended the process, with exit status 3");
}

/* ---- Hangs ----------------------------------------------------------------------------------- */

static void spin(void) {
    while (zero == 0) zero = 0;
}

static void rest_for_ever(void) {
    while (zero == 0) pause();
}

static void close_all(void) {
    for (int file = 0; file < 1024; file++) close(file);
}

static void compute(void *arg) {
    (void)arg;
    step(spin);
}

static void compute_without_files(void *arg) {
    (void)arg;
    close_all();
    step(spin);
}

static void wait_for_nothing(void *arg) {
    (void)arg;
    step(rest_for_ever);
}

static void stop_itself(void *arg) {
    (void)arg;
    sandbox_step("in run", LIMIT, 1);
    raise(SIGSTOP);
}

/* Deaf to what may be caught. */
static void compute_behind_a_handler(void *arg) {
    (void)arg;
    for (int number = 1; number < NSIG; number++) signal(number, SIG_IGN);
    step(spin);
}

Test(sandbox, hangs) {
    static const char computed[] = "hung in run: not done after 0.1 s of processor time";
    static const char waited[] = "hung in run: not done after 2 s";
    expect(compute, SANDBOX_HUNG, computed);
    expect(compute_without_files, SANDBOX_HUNG, computed);
    expect(compute_behind_a_handler, SANDBOX_HUNG, computed);
    expect(wait_for_nothing, SANDBOX_HUNG, waited);
    expect(stop_itself, SANDBOX_HUNG, waited);
}

static void many_steps(void *arg) {
    (void)arg;
    for (int i = 0; i < 40; i++) { /* each shorter than the limit by the clock, all longer */
        sandbox_step("in run", 0.01, 1);
        usleep(20000);
        sandbox_rest();
    }
    usleep(500000); /* between steps there is none */
}

Test(sandbox, each_step_has_its_own_limit) {
    cr_expect_eq(run(many_steps, NULL).end, SANDBOX_FINISHED);
}

/* One that ends while another, that began with it, hangs. */
Test(sandbox, several_are_watched_at_once) {
    struct sandbox slow, quick;
    struct sandbox_outcome outcome;
    cr_assert_eq(sandbox_start(&slow, compute, NULL), PB_OK);
    cr_assert_eq(sandbox_start(&quick, exit_3, NULL), PB_OK);
    sandbox_wait(&quick, &outcome);
    cr_expect_eq(outcome.end, SANDBOX_EXITED);
    cr_expect_eq(quick.process, 0);
    sandbox_wait(&slow, &outcome);
    cr_expect_eq(outcome.end, SANDBOX_HUNG);
    cr_assert_eq(sandbox_start(&slow, compute, NULL), PB_OK);
    sandbox_stop(&slow);
    sandbox_stop(&slow);
    cr_expect_eq(slow.process, 0);
}

/* ---- What it leaves behind ------------------------------------------------------------------- */

static pid_t *shared_pid;

static void leave_a_child(void *arg) {
    (void)arg;
    *shared_pid = fork();
    if (*shared_pid == 0) spin();
}

static void wait_for_a_child(void *arg) {
    sandbox_step("in run", LIMIT, 1);
    leave_a_child(arg);
    rest_for_ever();
}

/* Soon: it has no parent but init, which may take its time. */
static bool is_gone(pid_t process) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    for (int tries = 0; tries < 500; tries++, usleep(10000)) {
        FILE *file = fopen(path, "r");
        if (!file) return true;
        int read = fscanf(file, "%*d (%*[^)]) %c", &state);
        fclose(file);
        if (read != 1 || state == 'Z' || state == 'X') return true;
    }
    return false;
}

Test(sandbox, its_children_end_with_it) {
    shared_pid = sandbox_memory(sizeof *shared_pid);
    cr_assert_not_null(shared_pid);
    cr_expect_eq(run(leave_a_child, NULL).end, SANDBOX_FINISHED);
    cr_expect(is_gone(*shared_pid));
    expect(wait_for_a_child, SANDBOX_HUNG, "hung in run: not done after 2 s");
    cr_expect(is_gone(*shared_pid));
    sandbox_memory_free(shared_pid, sizeof *shared_pid);
}

static void start_another_and_die(void *arg) {
    struct sandbox inner;
    (void)arg;
    if (sandbox_start(&inner, wait_for_nothing, NULL)) return;
    *shared_pid = inner.process;
    raise(SIGKILL);
}

Test(sandbox, it_dies_with_its_parent) {
    shared_pid = sandbox_memory(sizeof *shared_pid);
    cr_assert_not_null(shared_pid);
    expect(start_another_and_die, SANDBOX_CRASHED, "crashed: Killed, perhaps for want of memory");
    cr_assert_gt(*shared_pid, 0);
    cr_expect(is_gone(*shared_pid));
    sandbox_memory_free(shared_pid, sizeof *shared_pid);
}

/* Then nothing can be waited for, unless the sandbox sees to it. */
Test(sandbox, a_parent_that_ignores_the_end_of_children) {
    signal(SIGCHLD, SIG_IGN);
    expect(exit_3, SANDBOX_EXITED, "ended the process, with exit status 3");
    expect(compute, SANDBOX_HUNG, "hung in run: not done after 0.1 s of processor time");
}

/* ---- Output ---------------------------------------------------------------------------------- */

static void talk(void *arg) {
    (void)arg;
    printf("first\n");
    sandbox_forget_output();
    printf("one\x1b[2J\n");
    fprintf(stderr, "two");
    abort();
}

static void flood(void *arg) {
    (void)arg;
    for (int i = 0; i < 100000; i++) printf("%0100d\n", i);
}

static void flood_for_ever(void) {
    static const char line[] = "and on and on and on\n";
    for (;;) zero = write(STDOUT_FILENO, line, sizeof line - 1) > 0 ? 0 : zero;
}

static void keep_talking(void *arg) {
    (void)arg;
    step(flood_for_ever);
}

static void read_input(void *arg) {
    char byte;
    *(int *)arg = (int)read(STDIN_FILENO, &byte, 1);
}

Test(sandbox, what_is_printed_is_kept) {
    struct sandbox_outcome outcome = run(talk, NULL);
    cr_expect_eq(outcome.end, SANDBOX_CRASHED);
    cr_expect_str_eq(outcome.printed, "one?[2J\ntwo");
    outcome = run(flood, NULL);
    cr_expect_eq(outcome.end, SANDBOX_FINISHED);
    cr_expect_eq(strlen(outcome.printed), sizeof outcome.printed - 1);
    outcome = run(keep_talking, NULL);
    cr_expect_eq(outcome.end, SANDBOX_HUNG);
    cr_expect_eq(strncmp(outcome.printed, "and on and on and on\nand on", 27), 0);
}

Test(sandbox, nothing_is_read) {
    int *got = sandbox_memory(sizeof *got);
    cr_assert_not_null(got);
    *got = -1;
    cr_expect_eq(run(read_input, got).end, SANDBOX_FINISHED);
    cr_expect_eq(*got, 0);
    sandbox_memory_free(got, sizeof *got);
}

/* ---- Many ------------------------------------------------------------------------------------ */

static int open_files(void) {
    int count = 0;
    for (int file = 0; file < 1024; file++) count += fcntl(file, F_GETFD) >= 0;
    return count;
}

Test(sandbox, nothing_is_left_open) {
    run(exit_3, NULL);
    int before = open_files();
    for (int i = 0; i < 50; i++) run(exit_3, NULL);
    cr_expect_eq(open_files(), before);
}
