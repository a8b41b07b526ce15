/* Why a check failed: the rule that the first wrong element breaks, and its window. */
#include "reference.h"
#include "wrong/wrong_kernels.h"
#include <criterion/criterion.h>
#include <string.h>

static const struct pb_kernel *wrong(const char *name) {
    for (int i = 0; i < wrong_kernel_count; i++)
        if (!strcmp(wrong_kernels[i].kernel.name, name)) return &wrong_kernels[i].kernel;
    cr_assert_fail("no kernel is called %s", name);
    return NULL;
}

static const struct {
    const char *kernel, *problem;
    enum pb_data_pattern pattern;
    const char *rule, *window; /* what it holds */
} causes[] = {
        {"wrong_untouched", "avg_p:mb1ic1iw4kw2", PB_MIXED, "written_fully", " "},
        {"wrong_past_the_end", "avg_p:mb1ic1iw4kw2", PB_MIXED, "written_inside", ""},
        {"wrong_input_changed", "avg_p:mb1ic1iw4kw2", PB_MIXED, "inputs_unchanged", ""},
        {"wrong_zero_padding", "max:mb1ic1iw4kw2pw1", PB_NEGATIVE, "max_padding", ". -"},
        {"wrong_nan_dropped", "max:mb2ic9iw9kw3sw3", PB_SPECIAL, "max_nan", "nan"},
        {"wrong_nan_dropped", "avg_p:mb2ic9iw9kw3sw3", PB_SPECIAL, "sum_nan", "nan"},
};

Test(cause, names_the_rule_and_the_window) {
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        struct pb_trial trial = {0};
        struct pb_problem p;
        struct pb_cause cause;
        cr_assert_eq(pb_problem_parse(causes[i].problem, &p), PB_OK, "%s", pb_error());
        cr_assert_eq(pb_trial_begin_at(&trial, &p, causes[i].pattern, PB_ODD, 1), PB_OK);
        cr_assert_eq(pb_trial_check(&trial, wrong(causes[i].kernel), false), PB_PROVIDER, "%s: %s",
                     causes[i].kernel, causes[i].problem);
        pb_trial_cause(&trial, pb_error(), &cause);
        cr_expect_str_eq(cause.rule, causes[i].rule, "%s: %s", causes[i].kernel, cause.rule);
        cr_expect(strstr(cause.window, causes[i].window), "%s: %s", causes[i].kernel, cause.window);
        pb_trial_end(&trial);
    }
}

/* A long window is cut, and says so. */
Test(cause, cuts_a_long_window) {
    struct pb_trial trial = {0};
    struct pb_problem p;
    struct pb_cause cause;
    cr_assert_eq(pb_problem_parse("avg_np:mb1ic1iw3000kw3000", &p), PB_OK);
    cr_assert_eq(pb_trial_begin(&trial, &p, PB_MIXED, 1), PB_OK);
    memset(trial.buffer[PB_DST].data, 0x40, sizeof(float)); /* 3.004 */
    pb_trial_cause(&trial, "", &cause);
    size_t length = strlen(cause.window);
    cr_expect(length > 200 && length < sizeof cause.window, "%zu", length);
    cr_expect_str_eq(cause.window + length - strlen(" …"), " …");
    cr_expect_str_eq(cause.rule, "results");
    pb_trial_end(&trial);
}
