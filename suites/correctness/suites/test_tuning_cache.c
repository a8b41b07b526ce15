/* What `tune` remembers, and who listens to it. */
#include "common/tuning_cache.h"
#include "bench/tuning.h"
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], path[128];

static void make_folder(void) {
    strcpy(folder, "/tmp/poolbench.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/new/tuning.txt", folder);
    setenv("POOLBENCH_TUNING_CACHE", path, 1);
    pb_set_threads(1);
}

static void remove_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(tuning_cache, .init = make_folder, .fini = remove_folder);

#define PROBLEM "gap:f32:nchw:fwd:mb1ic3_ih8"

static const struct pb_kernel *selected(const char *text) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    return pb_select(&problem, NULL);
}

/* A run in which the naive kernel was the fastest, however that came about. */
static void remember(const char *problem, size_t shapes) {
    static const char json[] = "{\"context\": {}, \"benchmarks\": ["
                               "{\"name\": \"gap_f32_naive/%s\", \"label\": \"naive\", "
                               "\"real_time\": 1, \"time_unit\": \"us\"},"
                               "{\"name\": \"%s/%s\", \"label\": \"simd\", "
                               "\"real_time\": 2, \"time_unit\": \"us\"}]}";
    char text[1024];
    struct pb_results results;
    double lost;
    size_t counted;
    snprintf(text, sizeof text, json, problem, selected(problem)->name, problem);
    cr_assert_eq(pb_results_parse(text, "run", &results), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_tuning_cache_update(&results, &lost, &counted), PB_OK, "%s", pb_error());
    cr_expect_eq(counted, shapes);
    cr_expect_float_eq(lost, 2, 1e-9, "the selected kernel takes twice as long, not %g", lost);
    pb_results_free(&results);
}

static void write_file(const char *first, const char *rest) {
    char command[160];
    snprintf(command, sizeof command, "mkdir -p '%s/new'", folder);
    cr_assert_eq(system(command), 0);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "%s\n%s", first, rest);
    fclose(file);
}

Test(tuning_cache, what_was_fastest_is_selected_under_any_name) {
    cr_assert_str_neq(selected(PROBLEM)->name, "gap_f32_naive");
    remember(PROBLEM "_nfor a reason", 1);
    tuning_cache_load();
    cr_expect_str_eq(selected(PROBLEM)->name, "gap_f32_naive");
    cr_expect_str_eq(selected(PROBLEM "_nanother")->name, "gap_f32_naive");
    cr_expect_str_neq(selected("gap:mb1ic3ih9")->name, "gap_f32_naive");
}

Test(tuning_cache, a_later_run_adds_to_the_file) {
    char line[TUNING_CACHE_LINE];
    int lines = 0;
    remember(PROBLEM, 1);
    remember("gap:f32:nchw:fwd:mb1ic3_ih9", 1);
    remember("gap:f32:nchw:fwd:mb1ic3_ih9_nagain", 1);
    FILE *file = tuning_cache_open(path);
    cr_assert_not_null(file);
    while (fgets(line, sizeof line, file)) lines++;
    fclose(file);
    cr_expect_eq(lines, 2, "%d lines", lines);
}

Test(tuning_cache, other_threads_and_isa_are_left_alone) {
    char owner[TUNING_CACHE_LINE];
    write_file(tuning_cache_owner(owner),
               "2 avx512 gap_f32_naive " PROBLEM "\n1 sse1 gap_f32_naive " PROBLEM "\n");
    tuning_cache_load();
    cr_expect_str_neq(selected(PROBLEM)->name, "gap_f32_naive");
}

Test(tuning_cache, a_foreign_file_is_ignored_with_a_word, .init = cr_redirect_stderr) {
    char line[TUNING_CACHE_LINE + 64], isa_line[TUNING_CACHE_LINE];
    make_folder();
    snprintf(line, sizeof line, "%s of another make", tuning_cache_owner(isa_line));
    snprintf(isa_line, sizeof isa_line, "1 %s gap_f32_naive " PROBLEM "\n", pb_isa_name(pb_isa()));
    write_file(line, isa_line);
    tuning_cache_load();
    fflush(stderr);
    FILE *err = cr_get_redirected_stderr();
    cr_assert_not_null(fgets(line, sizeof line, err));
    cr_expect_not_null(strstr(line, "is ignored"), "%s", line);
    cr_expect_str_neq(selected(PROBLEM)->name, "gap_f32_naive");
}

/* Lines that are none, unknown kernels and problems, and kernels that do not accept the problem. */
Test(tuning_cache, damaged_lines_are_passed_over) {
    char owner[TUNING_CACHE_LINE], lines[4 * TUNING_CACHE_LINE];
    const char *isa = pb_isa_name(pb_isa());
    snprintf(lines, sizeof lines,
             "\n1\n1 %s\nx %s gap_f32_naive " PROBLEM "\n1 %s no_such " PROBLEM
             "\n1 %s gap_f32_naive gap:mb1\n1 %s conv_f32_naive " PROBLEM "\n",
             isa, isa, isa, isa, isa);
    write_file(tuning_cache_owner(owner), lines);
    tuning_cache_load();
    cr_expect_not_null(selected(PROBLEM));
    cr_expect(strncmp(selected(PROBLEM)->name, "gap_", 4) == 0, "%s", selected(PROBLEM)->name);
}

/* The whole of it: measured, written, read. */
Test(tuning_cache, tune_remembers) {
    char command[1024];
    snprintf(command, sizeof command,
             "'%s' tune '%s' --threads 1 | grep -q '^1 problems are remembered in %s' && "
             "grep -q ' gap_f32_.* gap:f32:nchw:fwd:mb1ic3_ih8$' '%s'",
             POOLBENCH_PROGRAM, PROBLEM, path, path);
    cr_expect_eq(system(command), 0, "%s", command);
    snprintf(command, sizeof command, "'%s' tune --op max max:ih3 2>/dev/null", POOLBENCH_PROGRAM);
    cr_expect_eq(WEXITSTATUS(system(command)), 2);
}
