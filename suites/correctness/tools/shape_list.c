#include "tools/shape_list.h"
#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <criterion/parameterized.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* Criterion runs a process per core and OpenMP a thread per core in each. Threads that spin while
 * they wait, as OpenMP's do by default, then take the time of those that work. */
ReportHook(PRE_ALL)(struct criterion_test_set *tests) {
    (void)tests;
    setenv("OMP_WAIT_POLICY", "passive", 0);
}

struct pb_problems basic_shapes(void) {
    struct pb_problems problems = {0};
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/suites/shapes/basic.txt", pb_source_dir);
    cr_assert_eq(pb_problems_suite(&problems, path), PB_OK, "%s", pb_error());
    cr_assert_gt(problems.count, 0, "%s is empty", path);
    return problems;
}

static void free_shares(struct criterion_test_params *params) {
    cr_free(params->params);
}

struct criterion_test_params shares(void) {
    int *share = cr_malloc(SHARES * sizeof *share);
    for (int i = 0; i < SHARES; i++) share[i] = i;
    return cr_make_param_array(int, share, SHARES, free_shares);
}

static void hold(struct pb_trial *trial, const struct pb_kernel *kernel, bool constants,
                 enum pb_data_pattern family, uint64_t seed) {
    enum pb_status status = pb_trial_check(trial, kernel, constants);
    cr_expect_eq(status, PB_OK, "%s (%s data, seed %llu, constants at %s)", pb_error(),
                 pb_data_pattern_name(family), (unsigned long long)seed,
                 constants ? "setup" : "run");
}

int64_t check_kernels(const struct pb_problem *problem, enum pb_data_pattern family,
                      uint64_t seed) {
    struct pb_trial trial = {0};
    int64_t ran = 0;
    enum pb_status status = pb_trial_begin(&trial, problem, family, seed);
    cr_assert_eq(status, PB_OK, "%s", pb_error());
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        if (!pb_kernel_runs(kernel, problem, NULL)) continue;
        hold(&trial, kernel, false, family, seed);
        if (pb_has_constants(problem)) hold(&trial, kernel, true, family, seed);
        ran++;
    }
    pb_trial_end(&trial);
    return ran;
}
