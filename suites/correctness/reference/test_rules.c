/* The rules of the contract: every kernel keeps each, and kernels that are wrong on purpose are
 * told by the rule that they break. */
#include "wrong/rule_breakers.h"
#include "tools/check_row.h"
#include <stdio.h>
#include <string.h>

ParameterizedTestParameters(rules, are_kept) {
    return numbers(pb_kernel_count());
}

ParameterizedTest(int *number, rules, are_kept, .timeout = 120) {
    const struct pb_kernel *kernel = pb_kernel_at((size_t)*number);
    int kept = 0;
    for (size_t row = 0; row < pb_row_count(); row++) {
        if (pb_row_at(row).kind == PB_ROW_DEFECT) continue;
        struct pb_finding finding = check_row(row, kernel);
        cr_expect_neq(finding.verdict, PB_ROW_FAIL, "%s: %s", pb_row_at(row).id, finding.sentence);
        kept += finding.verdict == PB_ROW_PASS;
    }
    if ((kernel->isa & ~pb_isa()) == 0) cr_expect_gt(kept, 2, "%s was asked little", kernel->name);
}

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

/* A kernel wrong in one rule is told by that rule, and by no other. */
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
        cr_expect_eq(finding.verdict, PB_ROW_FAIL, "%s keeps %s", told[*number].kernel,
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
    cr_expect(false, "%s keeps every rule", kernel->name);
}
