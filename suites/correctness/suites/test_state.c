/* What a kernel leaves behind, in its plan and in the process, is found and named; its right twin,
 * the same code without the fault, passes. */
#include "verify/verification.h"
#include "wrong/stateful.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FAILURES = 64 };

static struct {
    int failures, others, threads;
    char sentence[1024]; /* of the first */
} seen;

static const struct pb_kernel *bad;
static const char *wanted;

static void note_failure(void *arg, const struct pb_failure *failure) {
    (void)arg;
    bool named = failure->kernel == bad && strstr(failure->sentence, wanted);
    if (!seen.failures++) snprintf(seen.sentence, sizeof seen.sentence, "%s", failure->sentence);
    if (named || seen.others++) return;
    snprintf(seen.sentence, sizeof seen.sentence, "%s", failure->sentence);
}

/* The bad kernel, then the naive ones, which must not be blamed. */
static void hold(const struct pb_kernel *kernel, const char *const *texts, int count) {
    static struct pb_problem problem[16];
    static const int threads[] = {1, 2};
    const struct pb_kernel *kernels[64] = {kernel};
    struct pb_tally tally = {0};
    size_t all = 1;
    bad = kernel;
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (strstr(pb_kernel_at(i)->name, "_naive")) kernels[all++] = pb_kernel_at(i);
    for (int i = 0; i < count; i++)
        cr_assert_eq(pb_problem_parse(texts[i], &problem[i]), PB_OK, "%s", pb_error());
    const struct pb_case_list list = {
            .problem = problem, .count = count, .family = PB_MIXED, .placement = -1, .seed = 1};
    const struct pb_verify verify = {.kernel = kernels,
                                     .kernels = all,
                                     .cases = pb_cases_of_list(&list),
                                     .threads = threads,
                                     .thread_counts = 2,
                                     .workers = 1,
                                     .limit = 10,
                                     .often = true,
                                     .failed = note_failure};
    memset(&seen, 0, sizeof seen);
    cr_assert_eq(pb_verify_run(&verify, &tally), PB_OK, "%s", pb_error());
    cr_expect_eq(tally.problems, count);
}

static void free_numbers(struct criterion_test_params *params) {
    cr_free(params->params);
}

static struct criterion_test_params numbers(size_t count) {
    int *number = cr_malloc(count * sizeof *number);
    for (size_t i = 0; i < count; i++) number[i] = (int)i;
    return cr_make_param_array(int, number, count, free_numbers);
}

static const char *const one_of_each[] = {
        "max:mb1ic3ih6kh3sh2ph1",    "max:nhwc:fwd_idx:mb1ic17ih5kh2",
        "avg_p:bwd:mb2ic3ih6kh2sh2", "avg_np:nChw16c:mb1ic5iw9kw3",
        "lp:mb1ic3ih5kh2",           "gap:nhwc:mb2ic5ih4",
        "conv:nhwc:mb1ic3oc4ih5kh3", "adaptive_avg:mb1ic3ih7oh3",
        "s2d:mb1ic3ih4kh2",          "blur:bwd:mb1ic3ih8kh3sh2ph1"};
enum { EACH = sizeof one_of_each / sizeof *one_of_each };

ParameterizedTestParameters(state, every_fault_is_named) {
    return numbers(stateful_fault_count);
}

/* A sanitizer's, where there is one. */
__attribute__((weak)) size_t __sanitizer_get_current_allocated_bytes(void);

/* Everywhere, and whichever call it is made in where that is not a run's alone. */
ParameterizedTest(int *number, state, every_fault_is_named, .timeout = 120) {
    const struct stateful_fault *fault = &stateful_faults[*number];
    if (!(wanted = fault->words)) cr_skip("not on this processor");
    if (fault->of_malloc && __sanitizer_get_current_allocated_bytes)
        cr_skip("not with a sanitizer's malloc");
    const int calls = fault->of_process ? STATEFUL_CALLS : 1;
    for (int when = 0; when < calls; when++) {
        const struct pb_kernel *kernel =
                stateful_kernel((size_t)*number, true, (enum stateful_when)when);
        const int count = fault->problem || fault->of_process ? 1 : EACH;
        for (int i = 0; i < count; i++) {
            const char *text = fault->problem ? fault->problem : one_of_each[i];
            hold(kernel, &text, 1);
            cr_expect_gt(seen.failures, 0, "%s passed %s in call %d", fault->name, text, when);
            cr_expect_eq(seen.others, 0, "%s, no \"%s\": %s", fault->name, wanted, seen.sentence);
        }
    }
}

ParameterizedTestParameters(state, right_twins_pass) {
    return numbers(stateful_fault_count);
}

ParameterizedTest(int *number, state, right_twins_pass, .timeout = 120) {
    const struct stateful_fault *fault = &stateful_faults[*number];
    wanted = "";
    for (int when = 0; when < STATEFUL_CALLS; when++) {
        hold(stateful_kernel((size_t)*number, false, (enum stateful_when)when), one_of_each, EACH);
        cr_expect_eq(seen.failures, 0, "%s: %s", fault->name, seen.sentence);
        if (fault->problem) hold(bad, &fault->problem, 1);
        cr_expect_eq(seen.failures, 0, "%s: %s", fault->name, seen.sentence);
        if (!fault->of_process) break;
    }
}
