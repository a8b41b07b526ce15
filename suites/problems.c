/* Lists of problems: arguments, the whole suite. */
#include "suites.h"
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
    struct pb_problems lines = {0};
    enum pb_status status = pb_problems_read(&lines, path, NULL, -1);
    for (size_t i = 0; !status && i < lines.count; i++)
        for (int dir = 0; !status && dir < PB_DIRS; dir++)
            for (int layout = PB_NCHW; !status && layout <= PB_NHWC; layout++) {
                struct pb_problem problem = lines.item[i];
                problem.dir = (enum pb_dir)dir;
                problem.layout = (enum pb_layout)layout;
                if (pb_problem_check(&problem)) continue; /* a direction that the op has not */
                status = pb_problems_append(problems, &problem);
            }
    pb_problems_free(&lines);
    return status;
}

void pb_problems_free(struct pb_problems *problems) {
    free(problems->item);
    *problems = (struct pb_problems){0};
}
