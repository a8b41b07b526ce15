/* One kernel over the naive ones with each fault of state, and without. */
#include "wrong/stateful.h"
#include "wrong/wrong_tools.h"
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined __x86_64__
#include <immintrin.h>
#endif

enum fault {
    /* Of plans */
    ZEROS_LATER,
    ZEROS_MUCH_LATER,
    KEEPS_POINTERS,
    KEEPS_WEIGHTS,
    KEEPS_WEIGHTS_BY_ADDRESS,
    KEEPS_INDICES,
    KEEPS_RESULT,
    ADDS_UP,
    READS_SCRATCH,
    READS_LARGE_SCRATCH,
    LEAKS,
    LEAKS_PAGES,
    /* Of what it finds */
    COMPLEMENTS,
    ADDS_NOTHING_TO_NAN,
    LOOKS_BESIDE,
    /* Of the process */
    FLUSHES,
    ROUNDS,
    TRAPS,
    BLOCKS_SIGNAL,
    HANDLES_SIGNAL,
    CHANGES_LOCALE,
    CHANGES_FOLDER,
    SETS_VARIABLE,
    UNSETS_VARIABLE,
    OPENS,
    CLOSES,
};

#define BYTES "max:u8:mb1ic17ih7kh3sh2ph1"
#define CONV "conv:mb1ic3oc5ih6kh3"
#define GRADIENT "max:bwd:mb1ic3ih6kh2"

const struct stateful_fault stateful_faults[] = {
        [ZEROS_LATER] = {.name = "zeros_later", .words = "state: run 2 of a plan"},
        [ZEROS_MUCH_LATER] = {.name = "zeros_much_later", .words = "state: run 100 of a plan"},
        [KEEPS_POINTERS] = {.name = "keeps_pointers", .words = "state: run 4 of a plan"},
        [KEEPS_WEIGHTS] = {.name = "keeps_weights",
                           .words = "state: run 3 of a plan",
                           .problem = CONV},
        [KEEPS_WEIGHTS_BY_ADDRESS] = {.name = "keeps_weights_by_address",
                                      .words = "state: run 3 of a plan",
                                      .problem = CONV},
        [KEEPS_INDICES] = {.name = "keeps_indices",
                           .words = "state: run 3 of a plan",
                           .problem = GRADIENT},
        [KEEPS_RESULT] = {.name = "keeps_result", .words = "state: run 3 of a plan"},
        [ADDS_UP] = {.name = "adds_up", .words = "state: run 2 of a plan"},
        [READS_SCRATCH] = {.name = "reads_scratch",
                           .words = "state: reads memory that was never written",
                           .of_malloc = true},
        [READS_LARGE_SCRATCH] = {.name = "reads_large_scratch",
                                 .words = "state: reads memory",
                                 .of_malloc = true},
        [LEAKS] = {.name = "leaks", .words = "state: memory grows with the runs of a plan"},
        [LEAKS_PAGES] = {.name = "leaks_pages",
                         .words = "state: memory grows with the runs of a plan",
                         .of_malloc = true},
        [COMPLEMENTS] = {.name = "complements", .words = "should be", .problem = BYTES},
        [ADDS_NOTHING_TO_NAN] = {.name = "adds_nothing_to_nan", .words = "state: run 2 of a plan"},
        [LOOKS_BESIDE] = {.name = "looks_beside", .words = ""},
#if defined __x86_64__
        [FLUSHES] = {.name = "flushes", .words = "process_state: left MXCSR", .of_process = true},
#else
        [FLUSHES] = {.name = "flushes", .of_process = true},
#endif
        [ROUNDS] = {.name = "rounds", .words = "process_state: left ", .of_process = true},
        [TRAPS] = {.name = "traps", .words = "process_state: left ", .of_process = true},
        [BLOCKS_SIGNAL] = {.name = "blocks_signal",
                           .words = "process_state: left signal",
                           .of_process = true},
        [HANDLES_SIGNAL] = {.name = "handles_signal",
                            .words = "process_state: left another handler",
                            .of_process = true},
        [CHANGES_LOCALE] = {.name = "changes_locale",
                            .words = "process_state: left the locale",
                            .of_process = true},
        [CHANGES_FOLDER] = {.name = "changes_folder",
                            .words = "process_state: left the working directory",
                            .of_process = true},
        [SETS_VARIABLE] = {.name = "sets_variable",
                           .words = "process_state: left the environment",
                           .of_process = true},
        [UNSETS_VARIABLE] = {.name = "unsets_variable",
                             .words = "process_state: left the environment",
                             .of_process = true},
        [OPENS] = {.name = "opens", .words = "process_state: left descriptor", .of_process = true},
        [CLOSES] = {.name = "closes", .words = "descriptor", .of_process = true},
};
const size_t stateful_fault_count = sizeof stateful_faults / sizeof *stateful_faults;

static enum fault fault;
static bool faulty;
static enum stateful_when when;

enum { SCRATCH = 64, LARGE = 100000 };

struct plan {
    int runs;
    struct pb_args first;
    void *constants, *result; /* copies of its own */
    const void *from;         /* of which */
    float *scratch;
};

/* ---- To the process -------------------------------------------------------------------------- */

static void to_arithmetic(bool spoil) {
    if (fault == ROUNDS) fesetround(spoil ? FE_UPWARD : FE_TONEAREST);
    if (fault == TRAPS && spoil) feenableexcept(FE_DIVBYZERO | FE_OVERFLOW);
    if (fault == TRAPS && !spoil) fedisableexcept(FE_DIVBYZERO | FE_OVERFLOW);
#if defined __x86_64__
    if (fault == FLUSHES) _mm_setcsr(spoil ? _mm_getcsr() | 0x8040 : _mm_getcsr() & ~0x8040u);
#endif
}

static void to_signals(bool spoil) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (fault == BLOCKS_SIGNAL) sigprocmask(spoil ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
    if (fault == HANDLES_SIGNAL) signal(SIGUSR1, spoil ? SIG_IGN : SIG_DFL);
}

static void to_place(bool spoil) {
    static char folder[4096];
    if (fault == CHANGES_LOCALE) setlocale(LC_ALL, spoil ? "C.UTF-8" : "C");
    if (fault == CHANGES_FOLDER && spoil && (!getcwd(folder, sizeof folder) || chdir("/"))) abort();
    if (fault == CHANGES_FOLDER && !spoil && chdir(folder)) abort();
    if (fault == SETS_VARIABLE && spoil) setenv("POOLBENCH_SPOILED", "1", 1);
    if (fault == SETS_VARIABLE && !spoil) unsetenv("POOLBENCH_SPOILED");
    if (fault == UNSETS_VARIABLE && spoil) unsetenv("PATH");
}

static void to_files(bool spoil) {
    static int opened = -1;
    if (fault == OPENS && spoil) opened = open("/dev/null", O_RDONLY);
    if (fault == OPENS && !spoil) close(opened);
    if (fault == CLOSES && spoil) {
        opened = dup(0);
        close(0);
    }
    if (fault == CLOSES && !spoil) {
        dup2(opened, 0);
        close(opened);
    }
}

/* What the twin does it takes back. */
static void touch_process(enum stateful_when now) {
    if (now != when) return;
    for (int back = 0; back <= !faulty; back++) {
        to_arithmetic(!back);
        to_signals(!back);
        if (fault != UNSETS_VARIABLE || faulty) to_place(!back);
        to_files(!back);
    }
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static bool can_do(const struct pb_problem *p) {
    touch_process(STATEFUL_CAN_DO);
    return pb_select(p, "*_naive") != NULL;
}

/* That compilers take for no calloc, where zeros follow. */
static void *(*volatile allocate)(size_t bytes) = malloc;

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **made) {
    (void)p, (void)constants;
    const size_t count = fault == READS_LARGE_SCRATCH ? LARGE : SCRATCH;
    struct plan *plan = *made = calloc(1, sizeof *plan);
    if (!plan) return PB_NOMEM;
    plan->scratch = allocate(count * sizeof *plan->scratch);
    if (plan->scratch && !faulty) memset(plan->scratch, 0, count * sizeof *plan->scratch);
    touch_process(STATEFUL_SETUP);
    return plan->scratch ? PB_OK : PB_NOMEM;
}

/* Replaces a tensor by the plan's copy, which it makes where there is none, or always. */
static void copy_constants(struct plan *plan, struct pb_tensor *t, bool always) {
    if (!t->data) return;
    if (always || !plan->constants) {
        free(plan->constants);
        plan->constants = copied(t);
        plan->from = t->data;
    }
    t->data = plan->constants;
}

/* Memory that nobody gives back; reachable, so that no sanitizer says so first. */
static void leak(size_t bytes) {
    static void *last;
    void **now = malloc(bytes);
    if (!now) return;
    *now = last;
    if (faulty)
        last = now;
    else
        free(now);
}

static void leak_page(void) {
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!faulty && page != MAP_FAILED) munmap(page, 4096);
}

static void add_to_output(const struct pb_tensor *y, float (*term)(struct plan *, size_t),
                          struct plan *plan) {
    float *value = y->data;
    if (y->dtype != PB_F32) return;
    for (size_t i = 0; i < pb_tensor_bytes(y) / sizeof *value; i++) value[i] += term(plan, i);
}

static float of_scratch(struct plan *plan, size_t i) {
    return plan->scratch[16 + i % (SCRATCH - 16)];
}

static float of_large_scratch(struct plan *plan, size_t i) {
    return plan->scratch[16 + i % (LARGE - 16)];
}

static float of_runs(struct plan *plan, size_t i) {
    (void)i;
    return faulty ? (float)(plan->runs - 1) : 0;
}

static void complement(const struct pb_tensor *y, const unsigned char *found) {
    for (size_t i = 0; found && i < pb_tensor_bytes(y); i++)
        ((unsigned char *)y->data)[i] = (unsigned char)~found[i];
}

/* Takes the trial for what is around the arguments. */
static void look_beside(const struct pb_problem *p, const struct pb_args *args) {
    const struct {
        struct pb_args args;
        void *buffers[4 * 2 * PB_ROLES], *kept[PB_ROLES];
        struct {
            double *value, *bound;
            int64_t count;
        } tensor[PB_ROLES];
    } *around = (const void *)args;
    struct pb_tensor y = *output(p, args);
    double value;
    for (int role = 0; role < PB_ROLES; role++)
        for (int64_t i = 0; around->tensor[role].value && i < pb_tensor_count(&y); i++) {
            memcpy(&value, (const char *)around->tensor[role].value + i * (int64_t)sizeof value,
                   sizeof value); /* whatever it is that lies there */
            ((float *)y.data)[i] = (float)value;
        }
}

static bool holds_nan(const struct pb_tensor *y) {
    return y->dtype == PB_F32 && pb_tensor_count(y) > 0 &&
           *(const float *)y->data != *(const float *)y->data;
}

static enum pb_status run_plan(const struct pb_problem *p, struct plan *plan,
                               const struct pb_args *args) {
    struct pb_args now = *args;
    const struct pb_tensor *y = output(p, args);
    void *found = fault == COMPLEMENTS && faulty ? copied(y) : NULL;
    const bool by_address = fault == KEEPS_WEIGHTS_BY_ADDRESS && plan->from != args->weights.data;
    if (plan->runs++ == 0) plan->first = *args;
    if (fault == KEEPS_POINTERS && faulty) now = plan->first;
    if ((fault == KEEPS_WEIGHTS || fault == KEEPS_WEIGHTS_BY_ADDRESS) &&
        pb_role_read(p, PB_WEIGHTS))
        copy_constants(plan, &now.weights, !faulty || by_address);
    if (fault == KEEPS_INDICES && pb_role_read(p, PB_INDICES))
        copy_constants(plan, &now.indices, !faulty);
    if (fault == ADDS_NOTHING_TO_NAN && faulty && !holds_nan(y)) return PB_OK;
    enum pb_status status = fault == LOOKS_BESIDE && faulty ? PB_OK : right(p, &now);
    if (fault == LOOKS_BESIDE && faulty) look_beside(p, args);
    if (found) complement(y, found);
    free(found);
    return status;
}

static enum pb_status run(const struct pb_problem *p, void *made, const struct pb_args *args) {
    struct plan *plan = made;
    const struct pb_tensor *y = output(p, args);
    const size_t bytes = pb_tensor_bytes(y);
    enum pb_status status = run_plan(p, plan, args);
    const int limit = fault == ZEROS_LATER ? 1 : fault == ZEROS_MUCH_LATER ? 50 : plan->runs;
    if (faulty && plan->runs > limit) memset(y->data, 0, bytes);
    if (fault == KEEPS_RESULT) {
        if (faulty && plan->result) memcpy(y->data, plan->result, bytes);
        if (!plan->result) plan->result = copied(y);
    }
    if (fault == ADDS_UP) add_to_output(y, of_runs, plan);
    if (fault == READS_SCRATCH) add_to_output(y, of_scratch, plan);
    if (fault == READS_LARGE_SCRATCH) add_to_output(y, of_large_scratch, plan);
    if (fault == LEAKS) leak(40);
    if (fault == LEAKS_PAGES) leak_page();
    touch_process(STATEFUL_RUN);
    return status;
}

static void done(void *made) {
    struct plan *plan = made;
    touch_process(STATEFUL_DONE);
    if (!plan) return;
    free(plan->constants);
    free(plan->result);
    free(plan->scratch);
    free(plan);
}

const struct pb_kernel *stateful_kernel(size_t number, bool wrong, enum stateful_when call) {
    static struct pb_kernel kernel = {.can_do = can_do, .setup = setup, .run = run, .done = done};
    kernel.name = stateful_faults[number].name;
    fault = (enum fault)number;
    faulty = wrong;
    when = call;
    return &kernel;
}
