/* The laws bite: each kernel that is wrong in its values breaks one, and each law is broken by one.
 * That our own kernels keep them is in test_rules.c. */
#include "wrong/rule_breakers.h"
#include "tools/row_check.h"
#include <string.h>

/* The sentence with which a kernel breaks a law; "" where it keeps it. What is left unwritten
 * breaks every law and shows nothing, and so does a crash. Whether the kernel was asked. */
static bool break_law(const struct pb_law *law, const struct pb_kernel *kernel,
                      char sentence[PB_SENTENCE_SIZE]) {
    struct pb_finding finding = judged(pb_row_find(law->id), kernel);
    bool nothing = strstr(finding.sentence, "unwritten") || strstr(finding.sentence, "crashed");
    strcpy(sentence, finding.verdict == PB_BREAKS && !nothing ? finding.sentence : "");
    return finding.checks > 0;
}

ParameterizedTestParameters(laws, are_broken) {
    return numbers(pb_law_count);
}

/* Each law tells a wrong kernel from a right one. */
ParameterizedTest(int *number, laws, are_broken, .timeout = 120) {
    char sentence[PB_SENTENCE_SIZE] = "";
    for (size_t k = 0; k < every_wrong_count() && !*sentence; k++)
        break_law(&pb_laws[*number], &every_wrong_at(k)->kernel, sentence);
    for (size_t k = 0; k < breaker_count && !*sentence; k++)
        break_law(&pb_laws[*number], &breakers[k].kernel, sentence);
    cr_expect_str_not_empty(sentence, "no wrong kernel breaks %s", pb_laws[*number].id);
}

ParameterizedTestParameters(laws, tell_wrong_kernels) {
    return numbers(every_wrong_count());
}

/* Each kernel that gives wrong values breaks a law. (A law sees values alone; what hurts memory the
 * rules tell, and what leaves an element unwritten every law.) */
ParameterizedTest(int *number, laws, tell_wrong_kernels, .timeout = 120) {
    const struct wrong_kernel *wrong = every_wrong_at((size_t)*number);
    const char *name = wrong->kernel.name;
    char sentence[PB_SENTENCE_SIZE] = "";
    bool asked = false;
    bool unwritten = !strcmp(name, "wrong_skipped_tail") || !strcmp(name, "wrong_untouched");
    for (size_t law = 0; law < pb_law_count && !*sentence; law++)
        asked |= break_law(&pb_laws[law], &wrong->kernel, sentence);
    if (!asked) return; /* of a type that laws do not draw */
    bool value = wrong->defect == WRONG_VALUE && !unwritten;
    cr_expect_eq(*sentence != 0, value, "%s: %s", name, *sentence ? sentence : "keeps every law");
    if (*sentence) cr_expect(strstr(sentence, name), "%s", sentence);
}
