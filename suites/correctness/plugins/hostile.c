/* A plug-in that harms the process it is in. $POOLBENCH_HOSTILE says how and when, as "abort@run":
 * its kernel hostile_bad_naive does so; hostile_good_naive is right, and shares its library. */
#include "hostile.h"
#include "provider_abi.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Deeds ----------------------------------------------------------------------------------- */

static volatile int zero;

static void exit_0(void) {
    exit(0);
}
static void exit_at_once(void) {
    _exit(0);
}
static void trap(void) {
    *(volatile int *)(uintptr_t)(16 + zero) = 1;
}
static void loop(void) {
    while (zero == 0) zero = 0;
}
static void wait_for_ever(void) {
    while (zero == 0) pause();
}
static void stop(void) {
    raise(SIGSTOP);
}
static void kill_itself(void) {
    raise(SIGKILL);
}
static void kill_group(void) {
    kill(0, SIGKILL);
}
static void close_all(void) {
    for (int file = 0; file < 1024; file++) close(file);
}
static void close_and_loop(void) {
    close_all();
    loop();
}

/* A process that stays; it leaves its number where the test looks for it. */
static void stay(void) {
    const char *path = getenv("POOLBENCH_HOSTILE_PIDS");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (file) {
        fprintf(file, "%d\n", (int)getpid());
        fclose(file);
    }
    wait_for_ever();
}
static void fork_one(void) {
    if (fork() == 0) stay();
}
static void fork_back(void) {
    fork(); /* both return */
}
static void fork_and_loop(void) {
    if (fork() == 0) loop();
}
static void fork_away(void) {
    if (fork()) return;
    setsid();
    if (fork()) _exit(0);
    stay();
}
static void fork_many(void) {
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            fork();
            stay();
        }
}

static void *compute(void *unused) {
    loop();
    return unused;
}
static void leave_a_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, compute, NULL);
}
static void lower_a_limit(void) {
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, 3});
}
static void set_an_alarm(void) {
    alarm(1);
}
static void flood(void) {
    for (int i = 0; i < 100000; i++) puts("and on and on");
}

static const struct {
    const char *name;
    void (*deed)(void);
} deeds[] = {
        {"exit", exit_0},
        {"_exit", exit_at_once},
        {"abort", abort},
        {"trap", trap},
        {"loop", loop},
        {"wait", wait_for_ever},
        {"throw", hostile_throw},
        {"stop", stop},
        {"kill", kill_itself},
        {"killgroup", kill_group},
        {"close", close_all},
        {"closeloop", close_and_loop},
        {"fork", fork_one},
        {"forkback", fork_back},
        {"forkloop", fork_and_loop},
        {"forkaway", fork_away},
        {"forkmany", fork_many},
        {"thread", leave_a_thread},
        {"limit", lower_a_limit},
        {"alarm", set_an_alarm},
        {"flood", flood},
};

/* Whether it is to be done then. */
static bool due(const char *when) {
    const char *wanted = getenv("POOLBENCH_HOSTILE"), *at = wanted ? strchr(wanted, '@') : NULL;
    return at && strcmp(at + 1, when) == 0;
}

/* Once in a process. */
static void act(const char *when) {
    static bool acted;
    const char *wanted = getenv("POOLBENCH_HOSTILE");
    if (acted || !due(when)) return;
    acted = true;
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        size_t length = strlen(deeds[i].name);
        if (!strncmp(wanted, deeds[i].name, length) && wanted[length] == '@') deeds[i].deed();
    }
}

/* ---- The plug-in ----------------------------------------------------------------------------- */

__attribute__((constructor)) static void loaded(void) {
    act("load");
}

static void at_exit(void) {
    act("exit");
}

static enum pb_status start(const struct pb_host *host) {
    (void)host;
    atexit(at_exit);
    act("start");
    return PB_OK;
}

static const char *version(void) {
    act("version");
    return "0";
}

static bool is_padded(const struct pb_axis *a) {
    return a->p > 0 || (a->o - 1) * a->s >= a->i;
}

static bool windows_of_one(const struct pb_problem *p) {
    return p->op == PB_MAX && p->dir == PB_FWD && p->dtype == PB_F32 && p->rank < 3 &&
           p->h.k * p->w.k == 1 && !is_padded(&p->h) && !is_padded(&p->w);
}

static bool bad_can_do(const struct pb_problem *p) {
    act("can_do");
    return windows_of_one(p);
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)p, (void)constants;
    *plan = NULL;
    return PB_OK;
}

static enum pb_status bad_setup(const struct pb_problem *p, const struct pb_args *constants,
                                void **plan) {
    act("setup");
    return setup(p, constants, plan);
}

/* Copies windows of one element. */
static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_tensor *x = &args->src, *y = &args->dst;
    (void)plan;
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t h = 0; h < p->h.o; h++)
                for (int64_t w = 0; w < p->w.o; w++)
                    ((float *)y->data)[pb_offset(y, n, c, 0, h, w)] =
                            ((const float *)x->data)[pb_offset(x, n, c, 0, h * p->h.s, w * p->w.s)];
    return PB_OK;
}

/* So many calls in one process are made by who times it. */
enum { CALLS_OF_A_CHECK = 1000 };

static enum pb_status bad_run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    static long calls;
    act("run");
    if (++calls > CALLS_OF_A_CHECK) act("timed");
    run(p, plan, args);
    if (due("exit") && p->mb > 0)
        ((float *)args->dst.data)[0] = 12345; /* to be hidden by what it does then */
    return PB_OK;
}

static void done(void *plan) {
    (void)plan;
}

static void bad_done(void *plan) {
    (void)plan;
    act("done");
}

static const struct pb_kernel kernels[] = {
        {"hostile_bad_naive", 0, bad_can_do, bad_setup, bad_run, bad_done},
        {"hostile_good_naive", 0, windows_of_one, setup, run, done},
};

const struct pb_provider pb_provider = {.abi = PB_ABI,
                                        .name = "hostile",
                                        .start = start,
                                        .version = version,
                                        .kernels = kernels,
                                        .kernel_count = 2};
