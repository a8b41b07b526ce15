/* The lists of the suite: each is read whole, and those that a program writes are what it writes. */
#include "verify/suite_lists.h"
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(suite_lists, are_read_whole, .timeout = 60) {
    for (const struct pb_suite_list *list = pb_suite_lists; list->file; list++) {
        struct pb_problems problems = {0};
        cr_assert_eq(pb_suite_list_read(list, &problems), PB_OK, "%s", pb_error());
        cr_expect_gt(problems.count, 20, "%s has %zu problems", list->file, problems.count);
        cr_expect_neq(list->suites, 0, "%s is in no suite", list->file);
        pb_problems_free(&problems);
    }
}

/* Python is not what a sanitizer looks at. */
#ifndef POOLBENCH_SANITIZED

/* What scripts/shapes/shapes.py says of the lists in a folder; returns its exit status. */
static int check(const char *folder, char *said, size_t size) {
    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "python3 '%s/scripts/shapes/shapes.py' --check '%s' 2>&1",
             pb_source_dir, folder);
    FILE *out = popen(command, "r");
    cr_assert_not_null(out);
    said[fread(said, 1, size - 1, out)] = 0;
    return pclose(out);
}

/* A copy of a list, without the lines that hold `word`. */
static void copy_list(const char *name, const char *folder, const char *word) {
    char path[PATH_MAX], line[1024];
    snprintf(path, sizeof path, "%s/suites/shapes/%s", pb_source_dir, name);
    FILE *from = fopen(path, "r");
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *to = fopen(path, "w");
    cr_assert(from && to, "%s", path);
    while (fgets(line, sizeof line, from))
        if (!word || !strstr(line, word)) fputs(line, to);
    fclose(from);
    fclose(to);
}

/* Of a list that lost some lines it says what is not covered any more. */
Test(suite_lists, are_what_their_program_writes, .timeout = 300) {
    char said[4096], folder[PATH_MAX], copy[] = "/tmp/poolbench-lists-XXXXXX";
    snprintf(folder, sizeof folder, "%s/suites/shapes", pb_source_dir);
    cr_expect_eq(check(folder, said, sizeof said), 0, "%s", said);
    cr_assert_not_null(mkdtemp(copy));
    copy_list("sizes.txt", copy, NULL);
    copy_list("sizes_integer.txt", copy, NULL);
    copy_list("covering.txt", copy, "conv:f32:nhwc:bwd:");
    cr_expect_neq(check(copy, said, sizeof said), 0, "%s", said);
    cr_expect(strstr(said, "covering.txt is not what this writes"), "%s", said);
    snprintf(folder, sizeof folder, "rm -r '%s'", copy);
    cr_expect_eq(system(folder), 0);
}

#endif
