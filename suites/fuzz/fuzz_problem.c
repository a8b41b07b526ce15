/* The problem descriptor: what parses must print as text that parses to the same problem. */
#include "fuzz/fuzz.h"
#include "poolbench.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size), once[PB_TEXT_SIZE], twice[PB_TEXT_SIZE];
    struct pb_problem problem, again;
    if (!pb_problem_parse(text, &problem)) {
        pb_problem_print(&problem, once);
        if (pb_problem_check(&problem) || pb_problem_parse(once, &again)) abort();
        if (strcmp(once, pb_problem_print(&again, twice)) != 0) abort();
    }
    free(text);
    return 0;
}
