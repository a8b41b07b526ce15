/* Checks in processes of their own: whatever a kernel does, a sentence says so and the rest goes
 * on. The kernels here are bad on purpose; what they do is set before the process is copied. */
#include "verify/verification.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Bad kernels ----------------------------------------------------------------------------- */

enum deed {
    NOTHING,
    TRAPS,   /* reads or writes address 0 */
    DIVIDES, /* by zero */
    ABORTS,
    EXITS,
    HANGS,
    SLEEPS,
    NAPS,   /* sleeps for half a second */
    CLOSES, /* every descriptor */
    TALKS,  /* on standard output, and aborts */
    READS,  /* `bytes` from the start of `role` (negative) or from its end */
    WRITES, /* there */
    BITS,   /* others on two threads */
    PEEKS,  /* writes what is wrong where its memory holds what is right */
    WRONG   /* last element of the destination */
};

enum {
    KNOWN = 4,
    LOOKED_AT = 16 << 20
}; /* elements, and bytes of a mapping, that PEEKS looks at */

/* What the bad kernel does, in which call, and on which problems only. */
static struct {
    enum deed deed;
    enum { CAN_DO, SETUP, RUN, DONE } when;
    enum pb_role role;
    int64_t bytes;
    bool (*on)(const struct pb_problem *);
} bad;

static volatile int zero;

static void do_it(void) {
    if (bad.deed == TRAPS) *(volatile int *)(uintptr_t)(8 * zero) = 1;
    if (bad.deed == DIVIDES) raise(SIGFPE); /* not every processor traps on a division by zero */
    if (bad.deed == ABORTS) abort();
    if (bad.deed == EXITS) _exit(0);
    while (bad.deed == HANGS) zero = 0;
    while (bad.deed == SLEEPS) pause();
    if (bad.deed == NAPS) usleep(500000);
    for (int file = 0; bad.deed == CLOSES && file < 1024; file++) close(file);
    if (bad.deed == TALKS) {
        printf("no room for %d\n", 3);
        abort();
    }
}

static const struct pb_kernel *good(const struct pb_problem *p) {
    return pb_select(p, "*_naive");
}

static bool bad_can_do(const struct pb_problem *p) {
    if (bad.when == CAN_DO) do_it();
    return good(p) != NULL;
}

static enum pb_status bad_setup(const struct pb_problem *p, const struct pb_args *constants,
                                void **plan) {
    (void)p, (void)constants;
    *plan = NULL;
    if (bad.when == SETUP) do_it();
    return PB_OK;
}

static void touch(const struct pb_args *args) {
    const struct pb_tensor *t = &args->tensor[bad.role];
    if (!t->data) return;
    volatile unsigned char *start = t->data;
    volatile unsigned char *at =
            start + (bad.bytes < 0 ? bad.bytes : (int64_t)pb_tensor_bytes(t) + bad.bytes);
    if (bad.deed == READS) zero += *at * 0;
    if (bad.deed == WRITES) *at = 1;
}

/* Whether doubles that are the first elements of an output stand at an address. */
__attribute__((no_sanitize("address", "thread"))) static bool are_at(const volatile double *at,
                                                                     const volatile float *dst) {
    for (int i = 0; i < KNOWN; i++)
        if (at[i] != dst[i]) return false;
    return true;
}

/* Looks through the memory of its process for what the oracle says. What is not here takes no
 * memory: of a mapping that is mostly that, the start. */
static bool peek(const float *dst) {
    char line[512], mode[5];
    uintptr_t from, to;
    bool found = false;
    for (int i = 1; i < KNOWN; i++)
        if (dst[i] == dst[i - 1]) return false; /* too little to tell */
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && !found && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &from, &to, mode) != 3) continue;
        if (strncmp(mode, "rw", 2) != 0) continue;
        if (to - from > LOOKED_AT) to = from + LOOKED_AT;
        for (; !found && from + KNOWN * sizeof(double) <= to; from += sizeof(double))
            found = are_at((const volatile double *)from, dst);
    }
    if (maps) fclose(maps);
    return found;
}

static enum pb_status bad_run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const struct pb_kernel *right = good(p);
    void *own = NULL;
    enum pb_status status = right->setup(p, NULL, &own);
    if (!status) status = right->run(p, own, args);
    right->done(own);
    int64_t last = pb_tensor_count(&args->dst) - 1;
    float *dst = args->dst.data;
    if (bad.on && !bad.on(p)) return status;
    if (bad.when == RUN) do_it();
    if (bad.deed == READS || bad.deed == WRITES) touch(args);
    if (last < 0 || pb_role_read(p, PB_DST)) return status;
    if (bad.deed == BITS && pb_threads() == 2) dst[last] = nextafterf(dst[last], INFINITY);
    if (bad.deed == WRONG || (bad.deed == PEEKS && peek(dst))) dst[last] += 1e5f;
    return status;
}

static void bad_done(void *plan) {
    (void)plan;
    if (bad.when == DONE) do_it();
}

static const struct pb_kernel bad_kernel = {
        .name = "bad", .can_do = bad_can_do, .setup = bad_setup, .run = bad_run, .done = bad_done};

/* ---- A run of a bad kernel beside good ones -------------------------------------------------- */

enum { MOST_FAILURES = 64 };

static struct {
    struct pb_tally tally;
    struct pb_failure failure[MOST_FAILURES];
    int failures, skips, passes;
    char skip[256];
} seen;

static void note_failure(void *arg, const struct pb_failure *failure) {
    (void)arg;
    cr_assert_lt(seen.failures, MOST_FAILURES);
    seen.failure[seen.failures++] = *failure;
}

static void note_skip(void *arg, const char *what, const char *reason) {
    (void)arg, (void)what;
    seen.skips++;
    snprintf(seen.skip, sizeof seen.skip, "%s", reason);
}

static double limit = 1; /* seconds of a call */
static void (*passed)(void *arg, int64_t problem, const struct pb_kernel *kernel, uint64_t digest);

static enum pb_status hold(const char *const *texts, int count, const int *threads, int counts,
                           bool shrink) {
    static struct pb_problem problem[8];
    const struct pb_kernel *kernels[64] = {&bad_kernel};
    size_t all = 1;
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (strstr(pb_kernel_at(i)->name, "_naive")) kernels[all++] = pb_kernel_at(i);
    for (int i = 0; i < count; i++)
        cr_assert_eq(pb_problem_parse(texts[i], &problem[i]), PB_OK, "%s", pb_error());
    const struct pb_case_list list = {
            .problem = problem, .count = count, .family = -1, .placement = -1, .seed = 1};
    const struct pb_verify verify = {.kernel = kernels,
                                     .kernels = all,
                                     .cases = pb_cases_of_list(&list),
                                     .threads = threads,
                                     .thread_counts = counts,
                                     .workers = 2,
                                     .limit = limit,
                                     .failed = note_failure,
                                     .passed = passed,
                                     .skipped = note_skip};
    memset(&seen, 0, sizeof seen);
    enum pb_status status = pb_verify_run(&verify, &seen.tally);
    if (!status && shrink && seen.failures) pb_verify_shrink(&verify, &seen.failure[0]);
    return status;
}

static const char *const three[] = {"avg_p:mb1ic3ih7kh3", "avg_p:nhwc:mb1ic17ih5kh2",
                                    "max:bwd:mb2ic5ih6kh2sh2"};
static const int one_thread[] = {1};

static void free_numbers(struct criterion_test_params *params) {
    cr_free(params->params);
}

/* Criterion's parameters are copied to another process: numbers of rows, not rows. */
static struct criterion_test_params numbers(int count) {
    int *number = cr_malloc((size_t)count * sizeof *number);
    for (int i = 0; i < count; i++) number[i] = i;
    return cr_make_param_array(int, number, (size_t)count, free_numbers);
}

/* The good kernels were held to everything, whatever became of the bad one. */
static void expect_the_rest_went_on(void) {
    cr_expect_eq(seen.tally.problems, 3);
    cr_expect_geq(seen.tally.checks - seen.tally.failed, 3 * PB_DATA_PATTERNS);
    for (int i = 0; i < seen.failures; i++)
        cr_expect_eq(seen.failure[i].kernel, &bad_kernel, "%s", seen.failure[i].sentence);
}

Test(verify, a_good_kernel_holds, .timeout = 60) {
    bad.deed = NOTHING;
    cr_assert_eq(hold(three, 3, one_thread, 1, false), PB_OK, "%s", pb_error());
    cr_expect_eq(seen.tally.failed, 0);
    cr_expect_eq(seen.tally.problems, 3);
    cr_expect_eq(seen.tally.problems_failed, 0);
    /* two kernels each; the indices of the third problem are given to setup, too */
    cr_expect_eq(seen.tally.checks, 2 * (1 + 1 + 2) * PB_DATA_PATTERNS, "%lld",
                 (long long)seen.tally.checks);
}

/* The process that a kernel runs in has its inputs and what it made of them; what is right is in
 * another. In one process the kernel finds it. */
Test(verify, keeps_what_is_right_from_kernels, .timeout = 120) {
    static const char text[] = "max:mb1ic3ih6kh2sh2";
    const char *const one = text;
    struct pb_problem problem;
    struct pb_trial trial = {0};
    bad.deed = PEEKS;
    cr_assert_eq(hold(&one, 1, one_thread, 1, false), PB_OK, "%s", pb_error());
    cr_expect_eq(seen.tally.failed, 0, "%s", seen.failure[0].sentence);
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_trial_begin(&trial, &problem, PB_MIXED, 1), PB_OK, "%s", pb_error());
    cr_expect_eq(pb_trial_check(&trial, &bad_kernel, false), PB_PROVIDER);
    pb_trial_end(&trial);
}

/* ---- Crashes --------------------------------------------------------------------------------- */

static const struct crash {
    enum deed deed;
    const char *words;
} crashes[] = {
        {TRAPS, "bad: crashed in %s: Segmentation fault"},
        {DIVIDES, "bad: crashed in %s: Floating point exception: "},
        {ABORTS, "bad: crashed in %s: Aborted: "},
        {EXITS, "bad: ended the process in %s, with exit status 0: "},
        {HANGS, "bad: hung in %s: not done after 1 s of processor time: "},
};
static const char *const calls[] = {"can_do", "setup", "run", "done"};
enum { CRASHES = sizeof crashes / sizeof crashes[0] };

ParameterizedTestParameters(verify, survives) {
    return numbers(CRASHES);
}

/* In each call: caught, named with the phase, given up after three, and the rest goes on. */
ParameterizedTest(int *number, verify, survives, .timeout = 120) {
    const struct crash *crash = &crashes[*number];
    bad.deed = crash->deed;
    for (int when = CAN_DO; when <= DONE; when++) {
        char words[128];
        snprintf(words, sizeof words, crash->words, calls[when]);
        bad.when = when;
        cr_assert_eq(hold(three, 3, one_thread, 1, false), PB_OK, "%s", pb_error());
        expect_the_rest_went_on();
        /* Two workers may be in the third at once. */
        cr_expect(seen.tally.failed >= 3 && seen.tally.failed <= 4, "%lld",
                  (long long)seen.tally.failed);
        for (int i = 0; i < seen.failures; i++) {
            cr_expect_eq(strncmp(seen.failure[i].sentence, words, strlen(words)), 0,
                         "no \"%s\": %s", words, seen.failure[i].sentence);
            cr_expect(seen.failure[i].crashed);
            cr_expect_eq(seen.failure[i].hung, crash->deed == HANGS);
        }
        cr_expect_eq(seen.skips, 1);
        cr_expect(strstr(seen.skip, "crashed 3 times"), "%s", seen.skip);
    }
}

/* What says why is kept. */
Test(verify, keeps_what_a_crash_printed, .timeout = 60) {
    bad.deed = TALKS;
    bad.when = SETUP;
    cr_assert_eq(hold(three, 1, one_thread, 1, false), PB_OK, "%s", pb_error());
    cr_expect_eq(seen.failures, 3);
    for (int i = 0; i < seen.failures; i++)
        cr_expect_str_eq(seen.failure[i].printed, "no room for 3\n");
}

static void note_pass(void *arg, int64_t problem, const struct pb_kernel *kernel, uint64_t digest) {
    (void)arg, (void)problem, (void)digest;
    seen.passes += kernel != &bad_kernel;
}

/* One that takes the pipe away that checks are reported through. */
Test(verify, survives_closed_descriptors, .timeout = 60) {
    bad.deed = CLOSES;
    bad.when = RUN;
    passed = note_pass;
    cr_assert_eq(hold(three, 3, one_thread, 1, false), PB_OK, "%s", pb_error());
    expect_the_rest_went_on();
    cr_expect_geq(seen.passes, 3 * PB_DATA_PATTERNS);
    for (int i = 0; i < seen.failures; i++)
        cr_expect(
                strstr(seen.failure[i].sentence, "bad: closed descriptors that are not its own: "),
                "%s", seen.failure[i].sentence);
    cr_expect(strstr(seen.skip, "crashed 3 times"), "%s", seen.skip);
}

/* A kernel that waits takes no processor time. */
Test(verify, survives_one_that_sleeps, .timeout = 120) {
    bad.deed = SLEEPS;
    bad.when = RUN;
    limit = 0.1;
    cr_assert_eq(hold(three, 1, one_thread, 1, false), PB_OK, "%s", pb_error());
    cr_expect_eq(seen.failures, 3);
    for (int i = 0; i < seen.failures; i++) {
        cr_expect(strstr(seen.failure[i].sentence, "bad: hung in run: not done after 2 s: "), "%s",
                  seen.failure[i].sentence);
        cr_expect(seen.failure[i].hung);
    }
}

/* As one that other processes keep from the processor: that is no hang, though it takes longer than
 * it may compute. */
Test(verify, survives_a_busy_machine, .timeout = 120) {
    bad.deed = NAPS;
    bad.when = RUN;
    limit = 0.1;
    cr_assert_eq(hold(three, 1, one_thread, 1, false), PB_OK, "%s", pb_error());
    cr_expect_eq(seen.failures, 0, "%s", seen.failure[0].sentence);
    cr_expect_eq(seen.tally.problems, 1);
}

/* ---- Accesses out of bounds ------------------------------------------------------------------ */

static const struct reach {
    enum deed deed;
    enum pb_role role;
    int64_t bytes;
    const char *problem, *words;
} reaches[] = {
        {READS, PB_SRC, -1, "avg_p:mb1ic3ih7kh3", "Segmentation fault, reading 1 byte before src"},
        {READS, PB_SRC, 0, "avg_p:mb1ic3ih7kh3",
         "Segmentation fault, reading 0 bytes behind the end of src"},
        {READS, PB_DST, -1, "avg_p:bwd:mb1ic3ih7kh3", "1 byte before dst"},
        {READS, PB_DST, 0, "avg_p:bwd:mb1ic3ih7kh3", "0 bytes behind the end of dst"},
        {READS, PB_INDICES, -1, "max:bwd:mb1ic3ih7kh3", "1 byte before indices"},
        {READS, PB_INDICES, 0, "max:bwd:mb1ic3ih7kh3", "0 bytes behind the end of indices"},
        {READS, PB_WEIGHTS, -1, "conv:mb1ic3oc5ih7kh3", "1 byte before weights"},
        {READS, PB_WEIGHTS, 0, "conv:mb1ic3oc5ih7kh3", "0 bytes behind the end of weights"},
        {READS, PB_BIAS, -1, "conv:mb1ic3oc5ih7kh3", "1 byte before bias"},
        {READS, PB_BIAS, 0, "conv:mb1ic3oc5ih7kh3", "0 bytes behind the end of bias"},
        {WRITES, PB_DST, -1, "avg_p:mb1ic3ih7kh3", "Segmentation fault, writing 1 byte before dst"},
        {WRITES, PB_DST, 0, "avg_p:mb1ic3ih7kh3",
         "Segmentation fault, writing 0 bytes behind the end of dst"},
        {WRITES, PB_DST, 60000, "avg_p:mb1ic3ih7kh3", "behind the end of dst"},
        {WRITES, PB_DST, -60000, "avg_p:mb1ic3ih7kh3", "60000 bytes before dst"},
        {WRITES, PB_DST, -1, "avg_p:mb1ic3ih7kh3", "wrote outside dst"}, /* in the guard bytes */
};
enum { REACHES = sizeof reaches / sizeof reaches[0] };

ParameterizedTestParameters(verify, sees_what_a_kernel_touches) {
    return numbers(REACHES);
}

/* One element before or behind each tensor. */
ParameterizedTest(int *number, verify, sees_what_a_kernel_touches, .timeout = 60) {
    const struct reach *reach = &reaches[*number];
    bad.deed = reach->deed;
    bad.when = RUN;
    bad.role = reach->role;
    bad.bytes = reach->bytes;
    cr_assert_eq(hold(&reach->problem, 1, one_thread, 1, false), PB_OK, "%s", pb_error());
    bool found = false;
    /* Only this much is said where a processor does not tell reads from writes. */
    const char *least = strstr(reach->words, "ing ") ? strstr(reach->words, "ing ") + 4 : NULL;
    for (int i = 0; i < seen.failures; i++) {
        found |= strstr(seen.failure[i].sentence, reach->words) != NULL;
#if !defined __x86_64__
        found |= least && strstr(seen.failure[i].sentence, least);
#endif
    }
    (void)least;
    cr_expect(found, "no \"%s\" in %d failures, such as %s", reach->words, seen.failures,
              seen.failure[0].sentence);
}

/* ---- Threads --------------------------------------------------------------------------------- */

Test(verify, sees_other_bits_at_another_number_of_threads, .timeout = 60) {
    static const int threads[] = {1, 2, 3};
    bad.deed = BITS;
    bad.when = RUN;
    cr_assert_eq(hold(three, 2, one_thread, 1, false), PB_OK);
    cr_expect_eq(seen.tally.failed, 0, "one thread is right");
    cr_assert_eq(hold(three, 2, threads, 3, false), PB_OK);
    cr_expect_geq(seen.failures, PB_DATA_PATTERNS);
    bool bits = false;
    for (int i = 0; i < seen.failures; i++) {
        bits |= strstr(seen.failure[i].sentence, "other bits with 2 threads") != NULL;
        cr_expect_eq(seen.failure[i].threads, 2);
        cr_expect_eq(seen.failure[i].kernel, &bad_kernel, "%s", seen.failure[i].sentence);
    }
    cr_expect(bits, "%s", seen.failure[0].sentence);
}

/* ---- Shrinking ------------------------------------------------------------------------------- */

static bool wide(const struct pb_problem *p) {
    return p->w.o >= 9;
}

static bool many_channels(const struct pb_problem *p) {
    return p->ic >= 5;
}

static bool padded(const struct pb_problem *p) {
    return p->h.p > 0 && p->mb >= 2;
}

static const struct shrunk {
    enum deed deed;
    bool (*on)(const struct pb_problem *);
    const char *from, *to;
} shrunks[] = {
        {WRONG, wide, "avg_np:nhwc:mb3ic17id5ih9iw40kd2kh3kw3", "avg_np:nhwc:mb1ic1iw9kw1"},
        {TRAPS, many_channels, "max:mb3ic33ih20iw13kh3kw2sh2ph1", "max:mb1ic5iw1kw1"},
        {WRONG, padded, "avg_p:mb7ic9ih20iw13kh5kw3sh3ph2pw1", "avg_p:mb2ic1ih1oh1kh1ph1_iw1kw1"},
        {WRONG, many_channels, "conv:g3mb2ic15oc9ih8kh3sh2dh1ph1", "conv:mb1ic5oc1iw1kw1"},
};
enum { SHRUNKS = sizeof shrunks / sizeof shrunks[0] };

ParameterizedTestParameters(verify, shrinks) {
    return numbers(SHRUNKS);
}

ParameterizedTest(int *number, verify, shrinks, .timeout = 120) {
    const struct shrunk *shrunk = &shrunks[*number];
    struct pb_problem from, to;
    char text[PB_TEXT_SIZE], first[PB_TEXT_SIZE];
    bad.deed = shrunk->deed;
    bad.when = RUN;
    bad.on = shrunk->on;
    cr_assert_eq(pb_problem_parse(shrunk->from, &from), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_problem_parse(shrunk->to, &to), PB_OK, "%s", pb_error());
    cr_assert_eq(hold(&shrunk->from, 1, one_thread, 1, true), PB_OK, "%s", pb_error());
    cr_assert_gt(seen.failures, 0);
    const struct pb_failure *f = &seen.failure[0];
    cr_expect_str_eq(pb_problem_print(&f->now.problem, text), pb_problem_print(&to, first));
    cr_expect_str_eq(pb_problem_print(&f->from.problem, text), pb_problem_print(&from, first));
    cr_expect(shrunk->on(&f->now.problem));
    cr_expect_eq(f->now.placement, PB_ALIGNED);
    cr_expect_eq(f->now.family, PB_MIXED);
    /* What is reported is what fails. */
    cr_expect(strstr(f->sentence, pb_problem_print(&f->now.problem, text)), "%s", f->sentence);
}

/* ---- Draws ----------------------------------------------------------------------------------- */

Test(verify, draws_the_same_case_for_the_same_numbers) {
    const struct pb_case_draw draw = {1, NULL, -1, -1, -1}, other = {2, NULL, -1, -1, -1};
    const struct pb_cases cases = pb_cases_drawn(&draw, 100), others = pb_cases_drawn(&other, 100);
    int same = 0, drawn = 0;
    for (int64_t i = 0; i < 1000; i++) {
        struct pb_case a, b;
        if (!cases.at(cases.source, i, 0, &a)) continue;
        cr_assert(cases.at(cases.source, i, 0, &b));
        cr_expect_eq(memcmp(&a, &b, sizeof a), 0);
        drawn++;
        same += others.at(others.source, i, 0, &b) && !memcmp(&a, &b, sizeof a);
    }
    cr_expect_gt(drawn, 200);
    cr_expect_lt(same, 5);
}

/* Some of what is drawn is long in one place, and takes every kernel that has one. */
Test(verify, draws_long_problems) {
    const struct pb_case_draw draw = {1, NULL, -1, -1, -1};
    const struct pb_cases cases = pb_cases_drawn(&draw, 1);
    int batches = 0, channels = 0, extents = 0, windows = 0;
    for (int64_t i = 0; i < 4000; i++) {
        struct pb_case now;
        char text[PB_TEXT_SIZE];
        if (!cases.at(cases.source, i, 0, &now)) continue;
        const struct pb_problem *p = &now.problem;
        batches += p->mb >= 255;
        channels += p->ic >= 255;
        extents += p->w.i >= 65535 && p->w.k < 4;
        windows += p->op != PB_GAP && p->op != PB_GMP && p->w.k >= 255;
        cr_expect_eq(pb_problem_check(p), PB_OK, "%s: %s", pb_error(), pb_problem_print(p, text));
        cr_expect_leq(p->mb * p->ic * p->d.i * p->h.i * p->w.i, 1000000, "%s",
                      pb_problem_print(p, text));
    }
    cr_expect(batches > 3 && channels > 3 && extents > 0 && windows > 0, "%d %d %d %d", batches,
              channels, extents, windows);
}
