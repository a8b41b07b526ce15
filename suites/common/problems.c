/* Lists of problems: arguments, the whole suite. */
#include "common/suites.h"
#include <stdio.h>
#include <stdlib.h>

enum pb_status pb_problems_append(struct pb_problems *problems, const struct pb_problem *problem) {
    size_t count = problems->count;
    if ((count & (count - 1)) == 0) { /* full at every power of two */
        struct pb_problem *grown = realloc(problems->item, (count ? 2 * count : 1) * sizeof *grown);
        if (!grown) return pb_fail(PB_NOMEM, "no memory for a list of %zu problems", count + 1);
        problems->item = grown;
    }
    problems->item[problems->count++] = *problem;
    return PB_OK;
}

enum pb_status pb_problems_add(struct pb_problems *problems, const char *text, const char *op,
                               int64_t mb) {
    struct pb_problem problem;
    char *whole = NULL;
    if (op && asprintf(&whole, "%s:%s", op, text) < 0)
        return pb_fail(PB_NOMEM, "no memory for a problem's text");
    enum pb_status status = pb_problem_parse(whole ? whole : text, &problem);
    free(whole);
    if (status) return status;
    if (mb >= 0) {
        problem.mb = mb;
        if ((status = pb_problem_check(&problem))) return status;
    }
    return pb_problems_append(problems, &problem);
}

enum pb_status pb_problems_suite(struct pb_problems *problems, const char *path) {
    const struct pb_variants every = {.layouts = 1u << PB_NCHW | 1u << PB_NHWC,
                                      .dirs = (1u << PB_DIRS) - 1};
    enum pb_status status = pb_problems_read(problems, path, NULL, -1);
    return status ? status : pb_problems_vary(problems, &every);
}

void pb_problems_free(struct pb_problems *problems) {
    free(problems->item);
    *problems = (struct pb_problems){0};
}
