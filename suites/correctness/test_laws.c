/* The laws bite: each kernel that is wrong in its values breaks one, and each law is broken by one.
 * That our own kernels keep them is in test_rules.c. */
#include "judge.h"
#include "wrong_kernels.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

/* The sentence with which a kernel breaks a law, in whatever operation and layout; "" where it
 * keeps it. What is left unwritten breaks every law and shows nothing. */
static void break_law(const struct pb_law *law, const struct pb_kernel *kernel,
                      char sentence[PB_SENTENCE_SIZE]) {
    size_t row = pb_row_find(law->id);
    *sentence = 0;
    for (int op = 0; op < PB_OPS; op++)
        for (int layout = PB_NCHW; layout <= PB_NHWC; layout++) {
            struct pb_finding finding = {0};
            enum pb_status status =
                    pb_judge(row, kernel, (enum pb_op)op, (enum pb_layout)layout, &finding);
            cr_assert_eq(status, PB_OK, "%s", pb_error());
            if (finding.verdict != PB_BREAKS || strstr(finding.sentence, "unwritten")) continue;
            strcpy(sentence, finding.sentence);
            return;
        }
}

static void free_numbers(struct criterion_test_params *params) {
    cr_free(params->params);
}

static struct criterion_test_params numbers(size_t count) {
    int *number = cr_malloc(count * sizeof *number);
    for (size_t i = 0; i < count; i++) number[i] = (int)i;
    return cr_make_param_array(int, number, count, free_numbers);
}

ParameterizedTestParameters(laws, are_broken) {
    return numbers(pb_law_count);
}

/* Each law tells a wrong kernel from a right one. */
ParameterizedTest(int *number, laws, are_broken, .timeout = 120) {
    char sentence[PB_SENTENCE_SIZE] = "";
    for (int k = 0; k < wrong_kernel_count && !*sentence; k++)
        break_law(&pb_laws[*number], &wrong_kernels[k].kernel, sentence);
    cr_expect_str_not_empty(sentence, "no wrong kernel breaks %s", pb_laws[*number].id);
}

ParameterizedTestParameters(laws, tell_wrong_kernels) {
    return numbers((size_t)wrong_kernel_count);
}

/* Each kernel that gives wrong values breaks a law. (A law sees values alone; what hurts memory the
 * rules tell, and what leaves an element unwritten every law.) */
ParameterizedTest(int *number, laws, tell_wrong_kernels, .timeout = 120) {
    const struct wrong_kernel *wrong = &wrong_kernels[*number];
    const char *name = wrong->kernel.name;
    char sentence[PB_SENTENCE_SIZE] = "";
    bool unwritten = !strcmp(name, "wrong_skipped_tail") || !strcmp(name, "wrong_untouched");
    for (size_t law = 0; law < pb_law_count && !*sentence; law++)
        break_law(&pb_laws[law], &wrong->kernel, sentence);
    bool value = wrong->defect == WRONG_VALUE && !unwritten;
    cr_expect_eq(*sentence != 0, value, "%s: %s", name, *sentence ? sentence : "keeps every law");
    if (*sentence) cr_expect(strstr(sentence, name), "%s", sentence);
}
