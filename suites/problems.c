/* Lists of problems: arguments, batch files, the whole suite. */
#include "suites.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Follows --batch=NAME of the file at `path`. */
static enum pb_status read_beside(struct pb_problems *problems, const char *path, const char *name,
                                  const char *op, int64_t mb, int depth);

static enum pb_status read_lines(struct pb_problems *problems, const char *path, const char *op,
                                 int64_t mb, int depth) {
    enum pb_status status = PB_OK;
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    for (int number = 1; !status && getline(&line, &size, file) >= 0; number++) {
        char *rest = line, *word;
        line[strcspn(line, "#\r\n")] = 0;
        while (!status && (word = strtok_r(rest, " \t", &rest))) {
            if (!strncmp(word, "--batch=", 8)) {
                status = read_beside(problems, path, word + 8, op, mb, depth + 1);
            } else if (strncmp(word, "--", 2)) {
                status = pb_problems_add(problems, word, op, mb);
                if (status) status = pb_fail(status, "%s:%d: %s", path, number, pb_error());
            }
        }
    }
    if (!status && ferror(file)) status = pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    free(line);
    fclose(file);
    return status;
}

static enum pb_status read_beside(struct pb_problems *problems, const char *path, const char *name,
                                  const char *op, int64_t mb, int depth) {
    char folder[PATH_MAX], whole[PATH_MAX];
    if (depth > 8) return pb_fail(PB_INVALID, "%s: --batch=%s is nested too deeply", path, name);
    if (strlen(path) >= sizeof folder) return pb_fail(PB_INVALID, "the path %s is too long", path);
    strcpy(folder, path);
    if (snprintf(whole, sizeof whole, "%s/%s", dirname(folder), name) >= (int)sizeof whole)
        return pb_fail(PB_INVALID, "the path %s/%s is too long", folder, name);
    return read_lines(problems, whole, op, mb, depth);
}

enum pb_status pb_problems_read(struct pb_problems *problems, const char *path, const char *op,
                                int64_t mb) {
    return read_lines(problems, path, op, mb, 0);
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
