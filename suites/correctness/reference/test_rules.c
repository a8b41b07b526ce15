/* The rules of the contract: every kernel passes each, and a kernel that is wrong on purpose fails
 * the rule that it breaks. */
#include "wrong/rule_breakers.h"
#include "common/suites.h"
#include "tools/check_row.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line for each rule, in the order of the table. */
/* clang-format off */
#define RULES(X) \
    X(results) \
    X(axes) \
    X(dilation) \
    X(groups) \
    X(one_sided_padding) \
    X(max_nan) \
    X(max_padding) \
    X(max_lowest) \
    X(max_tie) \
    X(max_infinite_tie) \
    X(max_nan_tie) \
    X(indices) \
    X(max_gradient) \
    X(max_empty_window) \
    X(max_empty_index) \
    X(average_empty_window) \
    X(avg_p_divisor) \
    X(avg_np_divisor) \
    X(ceil_overhang) \
    X(divisor_override) \
    X(sum_nan) \
    X(subnormals) \
    X(accumulation) \
    X(long_sums) \
    X(cancellation) \
    X(lp) \
    X(lp_gradient) \
    X(lp_range) \
    X(adaptive_windows) \
    X(s2d_order) \
    X(blur_reflects) \
    X(integer_max) \
    X(integer_average) \
    X(integer_saturation) \
    X(gradients_written) \
    X(gradients_overlap) \
    X(bias) \
    X(weights_at_setup) \
    X(one_plan) \
    X(odd_addresses) \
    X(zero_batch) \
    X(threads) \
    X(written_fully) \
    X(written_inside) \
    X(inputs_unchanged)
#define RELATIONS(X) \
    X(relation_minimum) \
    X(relation_join) \
    X(relation_offset) \
    X(relation_picked) \
    X(relation_first) \
    X(relation_scale) \
    X(relation_linear) \
    X(relation_adjoint) \
    X(relation_difference) \
    X(relation_whole) \
    X(relation_box) \
    X(relation_product) \
    X(relation_groups) \
    X(relation_layouts) \
    X(relation_channels) \
    X(relation_batch) \
    X(relation_mirror) \
    X(relation_shift)
/* clang-format on */

/* Every kernel passes, and one at least was checked. */
static void check_kernels(const char *id) {
    size_t row = pb_row_find(id);
    int64_t checks = 0;
    cr_assert_lt(row, pb_row_count(), "no rule is called %s", id);
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        struct pb_finding finding = check_row(row, pb_kernel_at(k));
        cr_expect_neq(finding.verdict, PB_ROW_FAIL, "%s: %s", id, finding.sentence);
        checks += finding.checks;
    }
    cr_expect_gt(checks, 0, "%s was checked of no kernel", id);
}

#define TEST(suite, name)                                                                          \
    Test(suite, name, .timeout = 120) {                                                            \
        check_kernels(#name);                                                                      \
    }
#define RULE_TEST(name) TEST(rules, name)
#define RELATION_TEST(name) TEST(relations, name)
RULES(RULE_TEST)
RELATIONS(RELATION_TEST)

/* A row without its line above would be checked by the matrix alone. */
Test(rules, every_rule_has_its_test) {
#define NAME(name) #name,
    static const char *const names[] = {RULES(NAME) RELATIONS(NAME)};
    cr_assert_eq(sizeof names / sizeof *names, pb_row_count() - pb_known_defect_count);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_str_eq(names[i], pb_row_at(i).id);
}

ParameterizedTestParameters(rules, are_asked_of) {
    return numbers(pb_kernel_count());
}

/* What accepts nothing of the rules' problems would pass them all. */
ParameterizedTest(int *number, rules, are_asked_of, .timeout = 120) {
    const struct pb_kernel *kernel = pb_kernel_at((size_t)*number);
    int passed = 0;
    if (kernel->isa & ~pb_isa()) return;
    for (size_t row = 0; pb_row_at(row).kind == PB_ROW_RULE && passed < 3; row++)
        passed += check_row(row, kernel).verdict == PB_ROW_PASS;
    cr_expect_eq(passed, 3, "%s was checked against %d rules", kernel->name, passed);
}

/* ---- The contract's text --------------------------------------------------------------------- */

/* The id that a line of the contract begins with; "" where it goes on with the line before. */
static void read_id(const char *line, char id[64]) {
    *id = 0;
    if (sscanf(line, " *   %63[a-z0-9_]", id) != 1 || strncmp(line, " *   ", 5) || line[5] == ' ')
        *id = 0;
}

/* Each rule stands in the contract of poolbench.h, and what stands there and has no check here says
 * where it is checked. */
Test(rules, stand_in_the_contract) {
    bool *found = calloc(pb_row_count(), sizeof *found);
    char path[4096], line[256], id[64], now[64] = "", text[2048] = "";
    snprintf(path, sizeof path, "%s/kernels/poolbench.h", pb_source_dir);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    cr_assert_not_null(found);
    while (fgets(line, sizeof line, file)) {
        bool ends = strcmp(line, " */\n") == 0;
        read_id(line, id);
        if (*id || ends) {
            size_t row = *now ? pb_row_find(now) : pb_row_count();
            if (row < pb_row_count())
                found[row] = true;
            else if (*now)
                cr_expect(strstr(text, "(checked ") || strstr(text, "; checked "),
                          "%s is no rule of rules.c and says not where it is checked", now);
            strcpy(now, id);
            *text = 0;
        }
        if (ends) break;
        strncat(text, line + 2, sizeof text - strlen(text) - 1);
    }
    fclose(file);
    for (size_t row = 0; pb_row_at(row).kind == PB_ROW_RULE; row++)
        cr_expect(found[row], "poolbench.h does not state %s", pb_row_at(row).id);
    free(found);
}

/* ---- What is wrong on purpose ---------------------------------------------------------------- */

/* The rules that the kernel breaks, by name, with a space before each. */
static void broken(const struct pb_kernel *kernel, enum pb_row_kind kind, char *names,
                   size_t size) {
    *names = 0;
    for (size_t row = 0; row < pb_row_count(); row++) {
        if (pb_row_at(row).kind != kind || check_row(row, kernel).verdict != PB_ROW_FAIL) continue;
        size_t used = strlen(names);
        snprintf(names + used, size - used, " %s", pb_row_at(row).id);
    }
}

ParameterizedTestParameters(rules, are_told_apart) {
    return numbers(rule_breaker_count);
}

/* A kernel that is wrong in one rule fails that rule, and no other. */
ParameterizedTest(int *number, rules, are_told_apart, .timeout = 120) {
    char names[1024];
    const struct rule_breaker *breaker = &rule_breakers[*number];
    broken(&breaker->kernel, PB_ROW_RULE, names, sizeof names);
    cr_expect_str_eq(*names ? names + 1 : names, breaker->rules, "%s breaks%s, should break %s",
                     breaker->kernel.name, names, breaker->rules);
}

/* What the wrong kernels break, among others. */
static const struct {
    const char *kernel, *rule;
} told[] = {
        {"wrong_zero_padding", "max_padding"},
        {"wrong_positive_seed", "max_lowest"},
        {"wrong_nan_dropped", "max_nan"},
        {"wrong_nan_dropped", "sum_nan"},
        {"wrong_right_edge", "results"},
        {"wrong_skipped_tail", "written_fully"},
        {"wrong_untouched", "written_fully"},
        {"wrong_all_zeros", "results"},
        {"wrong_past_the_end", "written_inside"},
        {"wrong_before_the_start", "written_inside"},
        {"wrong_input_changed", "inputs_unchanged"},
        {"wrong_transposed", "axes"},
        {"wrong_stride_for_padding", "axes"},
        {"wrong_padding_at_the_wrong_end", "one_sided_padding"},
        {"wrong_dilation_ignored", "dilation"},
        {"wrong_layout_ignored", "results"},
        {"wrong_other_divisor", "avg_p_divisor"},
        {"wrong_other_divisor", "avg_np_divisor"},
        {"wrong_whole_window_divisor", "ceil_overhang"},
        {"wrong_override_ignored", "divisor_override"},
        {"wrong_half_precision", "accumulation"},
        {"wrong_mean_5_percent_off", "long_sums"},
        {"wrong_running_sum", "long_sums"},
        {"wrong_prefix_sums", "sum_nan"},
        {"wrong_sliding_sum", "sum_nan"},
        {"wrong_one_bit_off", "results"},
        {"wrong_last_tie", "max_tie"},
        {"wrong_index_in_tensor", "indices"},
        {"wrong_index_transposed", "indices"},
        {"wrong_accumulated", "gradients_written"},
        {"wrong_accumulated", "max_gradient"},
        {"wrong_overlap_overwritten", "gradients_overlap"},
        {"wrong_bias_forgotten", "results"},
        {"wrong_last_image_forgotten", "results"},
        {"wrong_signs_kept", "lp"},
        {"wrong_root_forgotten", "lp"},
        {"wrong_overhang_counted", "ceil_overhang"},
        {"wrong_powers_overflow", "lp_range"},
        {"wrong_sign_forgotten", "lp_gradient"},
        {"wrong_zeros_divided", "lp_gradient"},
        {"wrong_fixed_windows", "adaptive_windows"},
        {"wrong_ends_rounded_down", "adaptive_windows"},
        {"wrong_index_in_window", "indices"},
        {"wrong_other_order", "s2d_order"},
        {"wrong_blur_zero_padding", "blur_reflects"},
        {"wrong_blur_end_repeated", "blur_reflects"},
        {"wrong_lowest_is_127", "integer_max"},
        {"wrong_integer_zero_padding", "integer_max"},
        {"wrong_later_index", "integer_max"},
        {"wrong_truncating", "integer_average"},
        {"wrong_half_away", "integer_average"},
        {"wrong_not_saturated", "integer_saturation"},
};

ParameterizedTestParameters(rules, tell_wrong_kernels) {
    return numbers(sizeof told / sizeof *told);
}

ParameterizedTest(int *number, rules, tell_wrong_kernels, .timeout = 120) {
    for (size_t k = 0; k < every_wrong_count(); k++) {
        const struct pb_kernel *kernel = &every_wrong_at(k)->kernel;
        if (strcmp(kernel->name, told[*number].kernel) != 0) continue;
        struct pb_finding finding = check_row(pb_row_find(told[*number].rule), kernel);
        cr_expect_eq(finding.verdict, PB_ROW_FAIL, "%s passes %s", told[*number].kernel,
                     told[*number].rule);
        return;
    }
    cr_expect(false, "no wrong kernel is called %s", told[*number].kernel);
}

/* A rule that nothing breaks would say nothing. */
Test(rules, each_is_broken_by_something) {
    for (size_t row = 0; pb_row_at(row).kind == PB_ROW_RULE; row++) {
        const char *id = pb_row_at(row).id;
        bool found = false;
        for (size_t i = 0; i < rule_breaker_count; i++)
            found |= strstr(rule_breakers[i].rules, id) != NULL;
        for (size_t i = 0; i < sizeof told / sizeof *told; i++)
            found |= strcmp(told[i].rule, id) == 0;
        cr_expect(found, "nothing breaks %s", id);
    }
}

ParameterizedTestParameters(rules, tell_every_wrong_kernel) {
    return numbers(every_wrong_count());
}

ParameterizedTest(int *number, rules, tell_every_wrong_kernel, .timeout = 120) {
    const struct pb_kernel *kernel = &every_wrong_at((size_t)*number)->kernel;
    for (size_t row = 0; pb_row_at(row).kind == PB_ROW_RULE; row++)
        if (check_row(row, kernel).verdict == PB_ROW_FAIL) return;
    cr_expect(false, "%s passes every rule", kernel->name);
}
