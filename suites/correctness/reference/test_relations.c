/* The relations bite: each kernel that is wrong in its values breaks one, and each relation is
 * broken by one. That our own kernels keep them is in test_rules.c. */
#include "wrong/rule_breakers.h"
#include "tools/check_row.h"
#include <string.h>

/* The sentence with which a kernel breaks a relation; "" where it keeps it. What is left unwritten
 * breaks every relation and shows nothing, and so does a crash. Whether the kernel was asked. */
static bool break_law(const struct pb_relation *relation, const struct pb_kernel *kernel,
                      char sentence[PB_SENTENCE_SIZE]) {
    struct pb_finding finding = check_row(pb_row_find(relation->id), kernel);
    bool nothing = strstr(finding.sentence, "unwritten") || strstr(finding.sentence, "crashed");
    strcpy(sentence, finding.verdict == PB_ROW_FAIL && !nothing ? finding.sentence : "");
    return finding.checks > 0;
}

ParameterizedTestParameters(relations, are_broken) {
    return numbers(pb_relation_count);
}

/* Each relation tells a wrong kernel from a right one. */
ParameterizedTest(int *number, relations, are_broken, .timeout = 120) {
    char sentence[PB_SENTENCE_SIZE] = "";
    for (size_t k = 0; k < every_wrong_count() && !*sentence; k++)
        break_law(&pb_relations[*number], &every_wrong_at(k)->kernel, sentence);
    for (size_t k = 0; k < rule_breaker_count && !*sentence; k++)
        break_law(&pb_relations[*number], &rule_breakers[k].kernel, sentence);
    cr_expect_str_not_empty(sentence, "no wrong kernel breaks %s", pb_relations[*number].id);
}

ParameterizedTestParameters(relations, tell_wrong_kernels) {
    return numbers(every_wrong_count());
}

/* Each kernel that gives wrong values breaks a relation. (A relation sees values alone; what hurts
 * memory the rules tell, and what leaves an element unwritten every relation.) */
ParameterizedTest(int *number, relations, tell_wrong_kernels, .timeout = 120) {
    const struct wrong_kernel *wrong = every_wrong_at((size_t)*number);
    const char *name = wrong->kernel.name;
    char sentence[PB_SENTENCE_SIZE] = "";
    bool asked = false;
    bool unwritten = !strcmp(name, "wrong_skipped_tail") || !strcmp(name, "wrong_untouched");
    for (size_t relation = 0; relation < pb_relation_count && !*sentence; relation++)
        asked |= break_law(&pb_relations[relation], &wrong->kernel, sentence);
    if (!asked) return; /* of a type that relations do not draw */
    bool value = wrong->defect == WRONG_VALUE && !unwritten;
    cr_expect_eq(*sentence != 0, value, "%s: %s", name,
                 *sentence ? sentence : "keeps every relation");
    if (*sentence) cr_expect(strstr(sentence, name), "%s", sentence);
}
