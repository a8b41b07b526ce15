/* Every kernel in the registry over the list of shapes, in every direction and layout. */
#include "tools/shape_list.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

/* Nothing tested is never green: each kernel of this machine accepts something in the list. */
Test(kernels, each_is_tested) {
    struct pb_problems list = basic_shapes();
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        const struct pb_kernel *kernel = pb_kernel_at(k);
        if (kernel->isa & ~pb_isa()) continue;
        size_t accepted = 0;
        for (size_t i = 0; i < list.count; i++)
            accepted += pb_kernel_runs(kernel, &list.item[i], NULL);
        cr_expect_gt(accepted, 0, "%s accepts nothing in the list", kernel->name);
    }
    pb_problems_free(&list);
}

/* A sanitizer looks at addresses, which most kinds of data do not change: there, each problem takes
 * every third of them, and the next problem the next ones. */
#ifdef POOLBENCH_SANITIZED
#define KINDS_APART 3
#else
#define KINDS_APART 1
#endif

ParameterizedTestParameters(kernels, are_right) {
    return shares();
}

ParameterizedTest(int *share, kernels, are_right, .timeout = 120) {
    struct pb_problems list = basic_shapes();
    for (size_t i = (size_t)*share; i < list.count; i += SHARES)
        for (int family = (int)(i / SHARES % KINDS_APART); family < PB_DATA_PATTERNS;
             family += KINDS_APART) {
            int64_t ran = check_kernels(&list.item[i], (enum pb_data_pattern)family, 1 + i);
            char text[PB_TEXT_SIZE];
            cr_expect_gt(ran, 0, "no kernel accepts %s", pb_problem_print(&list.item[i], text));
        }
    pb_problems_free(&list);
}

/* The bytes of everything that the trial's problem writes, one tensor after the other. */
static unsigned char *outputs(const struct pb_trial *trial, size_t *bytes) {
    *bytes = 0;
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_written(&trial->problem, (enum pb_role)role))
            *bytes += trial->buffer[role].bytes;
    unsigned char *all = malloc(*bytes + 1);
    cr_assert_not_null(all);
    size_t used = 0;
    for (int role = 0; role < PB_ROLES; role++) {
        if (!pb_role_written(&trial->problem, (enum pb_role)role)) continue;
        memcpy(all + used, trial->buffer[role].data, trial->buffer[role].bytes);
        used += trial->buffer[role].bytes;
    }
    return all;
}

static unsigned char *run_with_threads(struct pb_trial *trial, const struct pb_kernel *kernel,
                                       int threads, size_t *bytes) {
    pb_set_threads(threads);
    cr_expect_eq(pb_trial_check(trial, kernel, false), PB_OK, "%d threads: %s", threads,
                 pb_error());
    return outputs(trial, bytes);
}

ParameterizedTestParameters(kernels, have_the_same_bits_at_every_thread_count) {
    return shares();
}

ParameterizedTest(int *share, kernels, have_the_same_bits_at_every_thread_count, .timeout = 120) {
    struct pb_problems list = basic_shapes();
    for (size_t i = (size_t)*share; i < list.count; i += SHARES) {
        struct pb_trial trial = {0};
        cr_assert_eq(pb_trial_begin(&trial, &list.item[i], PB_MIXED, 1 + i), PB_OK, "%s",
                     pb_error());
        for (size_t k = 0; k < pb_kernel_count(); k++) {
            const struct pb_kernel *kernel = pb_kernel_at(k);
            if (!pb_kernel_runs(kernel, &list.item[i], NULL)) continue;
            size_t bytes;
            char text[PB_TEXT_SIZE];
            unsigned char *one = run_with_threads(&trial, kernel, 1, &bytes);
            unsigned char *two = run_with_threads(&trial, kernel, 2, &bytes);
            cr_expect_eq(memcmp(one, two, bytes), 0, "%s: 1 and 2 threads differ: %s", kernel->name,
                         pb_problem_print(&list.item[i], text));
            free(one);
            free(two);
        }
        pb_trial_end(&trial);
    }
    pb_problems_free(&list);
}

ParameterizedTestParameters(kernels, need_no_bias) {
    return shares();
}

ParameterizedTest(int *share, kernels, need_no_bias, .timeout = 120) {
    struct pb_problems list = basic_shapes();
    for (size_t i = (size_t)*share; i < list.count; i += SHARES) {
        struct pb_trial trial = {0};
        const struct pb_problem *problem = &list.item[i];
        if (!pb_role_used(problem, PB_BIAS)) continue;
        enum pb_status status = pb_trial_begin(&trial, problem, PB_MIXED, 1 + i);
        pb_expected_free(&trial.expected);
        trial.args.bias.data = NULL;
        if (!status) status = pb_oracle(problem, &trial.args, &trial.expected);
        cr_assert_eq(status, PB_OK, "%s", pb_error());
        for (size_t k = 0; k < pb_kernel_count(); k++) {
            const struct pb_kernel *kernel = pb_kernel_at(k);
            if (!pb_kernel_runs(kernel, problem, NULL)) continue;
            for (int constants = 0; constants <= (problem->dir == PB_FWD); constants++)
                cr_expect_eq(pb_trial_check(&trial, kernel, constants), PB_OK, "without bias: %s",
                             pb_error());
        }
        pb_trial_end(&trial);
    }
    pb_problems_free(&list);
}

/* One plan runs many times, as in training: nothing of a run may be left in it for the next. Where
 * there is a bias the second run has none. */
static void reuse_plan(const struct pb_kernel *kernel, struct pb_trial trial[2]) {
    const struct pb_problem *problem = &trial[0].problem;
    char text[PB_TEXT_SIZE];
    void *plan = NULL;
    enum pb_status status = kernel->setup(problem, NULL, &plan);
    for (int i = 0; i < 3 && !status; i++) {
        struct pb_trial *now = &trial[i % 2];
        pb_poison(problem, &now->args);
        status = kernel->run(problem, plan, &now->args);
        if (!status) status = pb_compare(problem, &now->args, &now->expected);
    }
    cr_expect_eq(status, PB_OK, "%s with a plan used again: %s: %s", kernel->name, pb_error(),
                 pb_problem_print(problem, text));
    kernel->done(plan);
}

ParameterizedTestParameters(kernels, leave_nothing_in_a_plan) {
    return shares();
}

ParameterizedTest(int *share, kernels, leave_nothing_in_a_plan, .timeout = 120) {
    struct pb_problems list = basic_shapes();
    for (size_t i = (size_t)*share; i < list.count; i += SHARES) {
        const struct pb_problem *problem = &list.item[i];
        struct pb_trial trial[2] = {0};
        enum pb_status status = pb_trial_begin(&trial[0], problem, PB_MIXED, 1 + i);
        if (!status) status = pb_trial_begin(&trial[1], problem, PB_MIXED, 2 + i);
        if (!status && pb_role_used(problem, PB_BIAS)) {
            pb_expected_free(&trial[1].expected);
            trial[1].args.bias.data = NULL;
            status = pb_oracle(problem, &trial[1].args, &trial[1].expected);
        }
        cr_assert_eq(status, PB_OK, "%s", pb_error());
        for (size_t k = 0; k < pb_kernel_count(); k++)
            if (pb_kernel_runs(pb_kernel_at(k), problem, NULL)) reuse_plan(pb_kernel_at(k), trial);
        pb_trial_end(&trial[0]);
        pb_trial_end(&trial[1]);
    }
    pb_problems_free(&list);
}

/* Sizes that no machine has memory for: setup says so, and leaves no plan. */
Test(kernels, refuse_what_does_not_fit_in_memory) {
    static const char maximum[] = "max:fwd_idx:mb1ic1ih2147483647kh1sh2147483647"
                                  "_iw1kw1048577sw2097152pw1048576",
                      conv[] = "conv:mb1ic64oc1iw1099511627776kw1099511627776",
                      weights[] = "conv:bwd_w:mb1ic64oc1iw1099511627776kw1099511627776",
                      lowered[] = "conv:mb1ic1oc1iw33554432kw16777216",
                      lowered_w[] = "conv:bwd_w:mb1ic1oc1iw33554432kw16777216";
    static const struct {
        const char *problem, *kernel;
        int threads;
        bool isa; /* one that not every machine has */
        const char *sentence;
    } rows[] = {
            {maximum, "maxpool_idx_f32_nchw_*", 1, true, "no memory for scratch of "},
            {maximum, "maxpool_idx_f32_nchw_*", 4096, true,
             "floats a thread does not fit in memory"},
            {lowered, "conv_f32_im2col", 1, false,
             "no memory for the lowered input of a convolution"},
            {lowered_w, "conv_bwd_w_f32_im2col", 1, false, "no memory for the lowered input"},
            {conv, "conv_f32_avx*", 1, true, "no memory for the plan of a convolution"},
            {weights, "conv_bwd_w_f32_avx*", 1, true, "no memory for the plan of a convolution"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_problem p;
        void *plan = NULL;
        cr_assert_eq(pb_problem_parse(rows[i].problem, &p), PB_OK, "%s", pb_error());
        const struct pb_kernel *kernel = pb_select(&p, rows[i].kernel);
        if (!kernel && rows[i].isa) continue; /* which this machine has not */
        cr_assert_not_null(kernel, "%s", pb_error());
        pb_set_threads(rows[i].threads);
        cr_expect_eq(kernel->setup(&p, NULL, &plan), PB_NOMEM, "%s", kernel->name);
        cr_expect(strstr(pb_error(), rows[i].sentence), "no \"%s\" in: %s", rows[i].sentence,
                  pb_error());
        cr_expect_null(plan, "%s", kernel->name);
    }
}

/* A row of the lowered input would be so long that its bytes for every thread do not count. */
Test(kernels, do_not_lower_what_overflows) {
    struct pb_problem p;
    cr_assert_eq(pb_problem_parse("conv:mb1ic1oc1iw2147483647kw1073741824", &p), PB_OK);
    cr_expect_null(pb_select(&p, "*_im2col"));
}
