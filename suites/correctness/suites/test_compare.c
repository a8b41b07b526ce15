/* The regression gate on result files made by hand. */
#include "results/regressions.h"
#include "results/statistics.h"
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 8192 };

__attribute__((format(printf, 2, 3))) static void add(char text[TEXT], const char *format, ...) {
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, TEXT - used, format, args);
    va_end(args);
}

/* A file with one benchmark per name, whose times are `times` scaled. */
static void make_file(char text[TEXT], const char *cpu, const char *const *names, size_t count,
                      const double *times, size_t repetitions, double scale) {
    *text = 0;
    add(text, "{\"context\": {\"cpu\": \"%s\", \"threads\": \"2\"}, \"benchmarks\": [", cpu);
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < repetitions; r++)
            add(text,
                "%s{\"name\": \"%s\", \"run_type\": \"iteration\", \"real_time\": %.17g, "
                "\"time_unit\": \"us\", \"label\": \"naive\", \"limit\": 0.5}",
                i + r ? "," : "", names[i], times[r] * scale);
    add(text, "]}");
}

static const double noisy[] = {102, 100, 101, 99, 98};
static const char *const two[] = {"maxpool_f32_naive/max:a", "conv_f32_im2col/conv:b"};

/* The changes from one scale of the same times to another. */
static struct pb_changes changes_between(double base_scale, double head_scale, size_t repetitions,
                                         struct pb_results *base, struct pb_results *head) {
    char text[TEXT];
    struct pb_changes changes;
    make_file(text, "one", two, 2, noisy, repetitions, base_scale);
    cr_assert_eq(pb_results_parse(text, "base", base), PB_OK, "%s", pb_error());
    make_file(text, "one", two, 2, noisy, repetitions, head_scale);
    cr_assert_eq(pb_results_parse(text, "head", head), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_changes_find(base, head, 0.05, &changes), PB_OK, "%s", pb_error());
    return changes;
}

static void check_verdict(double head_scale, enum pb_verdict verdict) {
    struct pb_results base, head;
    struct pb_changes changes = changes_between(1, head_scale, 5, &base, &head);
    cr_expect_eq(changes.common, 2);
    cr_expect_eq(changes.verdicts[verdict], 2, "scale %g: not all are %s", head_scale,
                 pb_verdict_name(verdict));
    for (size_t i = 0; i < changes.count; i++) {
        const struct pb_change *c = &changes.item[i];
        cr_expect_float_eq(c->ratio, head_scale, 1e-12);
        cr_expect(c->low <= c->ratio && c->ratio <= c->high, "%g not in %g … %g", c->ratio, c->low,
                  c->high);
        cr_expect_float_eq(c->base, 100e-6, 1e-12);
    }
    pb_changes_free(&changes);
    pb_results_free(&head);
    pb_results_free(&base);
}

Test(compare, regressed) {
    check_verdict(1.2, PB_SLOWER);
}
Test(compare, improved) {
    check_verdict(0.8, PB_FASTER);
}
Test(compare, same) {
    check_verdict(1, PB_SAME);
}
Test(compare, significant_but_below_min_effect) {
    check_verdict(1.045, PB_SAME);
}

Test(compare, too_few_repetitions_tell_nothing) {
    struct pb_results base, head;
    struct pb_changes changes = changes_between(1, 3, 3, &base, &head);
    cr_expect_eq(changes.verdicts[PB_NOT_JUDGED], 2);
    cr_expect_eq(changes.few, 2);
    cr_expect_eq(changes.suspects, 2);
    pb_changes_free(&changes);
    pb_results_free(&head);
    pb_results_free(&base);
}

/* A run of many benchmarks whose times scatter by `noise` around `mean`. */
static void make_noisy(struct pb_results *results, gsl_rng *rng, int names, int repetitions,
                       double mean, double noise) {
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    cr_assert_not_null(to);
    fputs("{\"context\": {}, \"benchmarks\": [", to);
    for (int i = 0; i < names * repetitions; i++)
        fprintf(to, "%s{\"name\": \"k%d/p\", \"real_time\": %.17g, \"time_unit\": \"us\"}",
                i ? "," : "", i / repetitions, mean * gsl_ran_lognormal(rng, 0, noise));
    fputs("]}", to);
    cr_assert_eq(fclose(to), 0);
    cr_assert_eq(pb_results_parse(text, "noisy", results), PB_OK, "%s", pb_error());
    free(text);
}

/* How many of `names` benchmarks get the verdict when head is `slowdown` times as slow. */
static size_t count_verdict(enum pb_verdict verdict, int names, int repetitions, double slowdown) {
    struct pb_results base, head;
    struct pb_changes changes;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 1);
    make_noisy(&base, rng, names, repetitions, 100, 0.03);
    make_noisy(&head, rng, names, repetitions, 100 * slowdown, 0.03);
    cr_assert_eq(pb_changes_find(&base, &head, 0.05, &changes), PB_OK, "%s", pb_error());
    cr_expect_eq(changes.common, (size_t)names);
    size_t count = changes.verdicts[verdict];
    pb_changes_free(&changes);
    pb_results_free(&head);
    pb_results_free(&base);
    gsl_rng_free(rng);
    return count;
}

Test(compare, many_benchmarks_of_the_same_code_stay_green) {
    cr_expect_eq(count_verdict(PB_SAME, 300, 5, 1), 300);
    cr_expect_eq(count_verdict(PB_SAME, 300, 9, 1), 300);
}

Test(compare, a_slowdown_is_found_through_the_noise) {
    cr_expect_eq(count_verdict(PB_SLOWER, 50, 5, 1.2), 50);
    cr_expect_eq(count_verdict(PB_SLOWER, 50, 9, 1.2), 50);
    cr_expect_eq(count_verdict(PB_FASTER, 50, 5, 1 / 1.2), 50);
}

/* The exit status of the gate over two files; what it prints must hold `thing`. */
static void expect_gate(int status, const char *thing, const char *base, const char *head) {
    char folder[] = "/tmp/poolbench-XXXXXX", path[2][64], command[512], printed[4096];
    const char *const text[] = {base, head};
    cr_assert_not_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        snprintf(path[i], sizeof path[i], "%s/%d.json", folder, i);
        FILE *file = fopen(path[i], "w");
        cr_assert(file && fputs(text[i], file) >= 0 && fclose(file) == 0);
    }
    snprintf(command, sizeof command, "'%s' compare %s %s 2>&1", POOLBENCH_PROGRAM, path[0],
             path[1]);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    printed[fread(printed, 1, sizeof printed - 1, pipe)] = '\0';
    int outcome = WEXITSTATUS(pclose(pipe));
    cr_expect_eq(outcome, status, "%d, not %d: %s", outcome, status, printed);
    cr_expect(strstr(printed, thing), "no '%s' in: %s", thing, printed);
    remove(path[0]);
    remove(path[1]);
    remove(folder);
}

Test(compare, the_gate) {
    static const char *const other[] = {"maxpool_f32_naive/max:a", "gap_f32_naive/gap:c"};
    static const char broken[] =
            "{\"context\": {}, \"benchmarks\": ["
            "{\"name\": \"maxpool_f32_naive/max:a\", \"error_occurred\": true}]}";
    char base[TEXT], head[TEXT];
    make_file(base, "one", two, 2, noisy, 5, 1);
    make_file(head, "one", two, 2, noisy, 5, 1.2);
    expect_gate(0, "2 same", base, base);
    expect_gate(0, "2 faster", head, base);
    expect_gate(1, "2 slower", base, head);
    make_file(head, "one", other, 2, noisy, 5, 1);
    expect_gate(1, "missing in head: conv_f32_im2col/conv:b", base, head);
    make_file(base, "one", two, 1, noisy, 5, 1);
    expect_gate(0, "1 new in head", base, head);
    expect_gate(1, "failed in head: maxpool_f32_naive/max:a", base, broken);
    make_file(head, "one", other + 1, 1, noisy, 5, 1);
    expect_gate(3, "no benchmark in common", base, head);
    make_file(head, "one", two, 1, noisy, 2, 1.2);
    expect_gate(3, "nothing was judged: 1 of 1 have too few repetitions", base, head);
}

Test(compare, in_one_file_only) {
    static const char *const other[] = {"maxpool_f32_naive/max:a", "gap_f32_naive/gap:c"};
    char text[TEXT];
    struct pb_results base, head;
    struct pb_changes changes;
    make_file(text, "one", two, 2, noisy, 5, 1);
    cr_assert_eq(pb_results_parse(text, "base", &base), PB_OK);
    make_file(text, "one", other, 2, noisy, 5, 1);
    cr_assert_eq(pb_results_parse(text, "head", &head), PB_OK);
    cr_assert_eq(pb_changes_find(&base, &head, 0.05, &changes), PB_OK);
    cr_expect_eq(changes.common, 1);
    cr_expect_eq(changes.verdicts[PB_MISSING], 1);
    cr_expect_eq(changes.verdicts[PB_NEW], 1);
    pb_changes_free(&changes);
    pb_results_free(&head);
    pb_results_free(&base);
}

Test(compare, no_benchmarks_is_fine_and_has_nothing_in_common) {
    struct pb_results results;
    struct pb_changes changes;
    cr_assert_eq(pb_results_parse("{\"context\": {}, \"benchmarks\": []}", "empty", &results),
                 PB_OK);
    cr_expect_eq(results.count, 0);
    cr_assert_eq(pb_changes_find(&results, &results, 0.05, &changes), PB_OK);
    cr_expect_eq(changes.common, 0);
    pb_changes_free(&changes);
    pb_results_free(&results);
}

Test(compare, what_is_no_benchmark_file_is_refused_by_name) {
    static const struct {
        const char *text, *sentence;
    } bad[] = {
            {"", "the file is empty"},
            {"epoch,loss\n1,2.3\n", "not JSON"},
            {"{\"context\": {}, \"benchmarks\": [{\"name\": \"a/b\", \"real_ti", "not JSON"},
            {" \n", "the file is empty"},
            {"{\"context\": {}, \"benchmarks\": [{\"name\": \"a/b\", \"real_time\": NaNs}]}",
             "not JSON"},
            {"[]", "not a benchmark file"},
            {"{\"benchmarks\": []}", "not a benchmark file"},
            {"{\"context\": {}}", "not a benchmark file"},
            {"{\"context\": {}, \"benchmarks\": [1]}", "not a benchmark file"},
            {"{\"context\": {}, \"benchmarks\": [{}]}", "not a benchmark file"},
            {"{\"context\": {}, \"benchmarks\": [{\"name\": \"a/b\", \"real_time\": \"1\", "
             "\"time_unit\": \"us\"}]}",
             "no real_time"},
            {"{\"context\": {}, \"benchmarks\": [{\"name\": \"a/b\", \"real_time\": -1, "
             "\"time_unit\": \"us\"}]}",
             "no real_time"},
            {"{\"context\": {}, \"benchmarks\": [{\"name\": \"a/b\", \"real_time\": 1, "
             "\"time_unit\": \"h\"}]}",
             "no real_time"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pb_results results;
        cr_expect_neq(pb_results_parse(bad[i].text, "some.json", &results), PB_OK, "%s",
                      bad[i].text);
        cr_expect(strstr(pb_error(), "some.json") && strstr(pb_error(), bad[i].sentence), "%s: %s",
                  bad[i].text, pb_error());
    }
}

Test(compare, a_missing_file_is_named) {
    struct pb_results results;
    cr_expect_eq(pb_results_load("/nonexistent/run.json", &results), PB_IO);
    cr_expect(strstr(pb_error(), "/nonexistent/run.json") != NULL);
}

static void count_difference(void *arg, const char *key, const char *base, const char *head) {
    cr_expect_str_eq(key, "cpu");
    cr_expect_str_eq(base, "one");
    cr_expect_str_eq(head, "another");
    ++*(int *)arg;
}

Test(compare, a_different_machine_is_noticed) {
    char text[TEXT];
    struct pb_results base, head;
    int differences = 0;
    make_file(text, "one", two, 2, noisy, 5, 1);
    cr_assert_eq(pb_results_parse(text, "base", &base), PB_OK);
    make_file(text, "another", two, 2, noisy, 5, 1);
    cr_assert_eq(pb_results_parse(text, "head", &head), PB_OK);
    pb_context_differences(&base, &head, count_difference, &differences);
    cr_expect_eq(differences, 1);
    pb_results_free(&head);
    pb_results_free(&base);
}

Test(compare, failed_and_aggregate_entries_are_no_times) {
    struct pb_results results;
    const char *text = "{\"context\": {}, \"benchmarks\": ["
                       "{\"name\": \"k/p\", \"run_type\": \"iteration\", \"error_occurred\": true, "
                       "\"error_message\": \"out of luck\"},"
                       "{\"name\": \"k/p_mean\", \"run_type\": \"aggregate\", \"real_time\": 1, "
                       "\"time_unit\": \"us\"}]}";
    cr_assert_eq(pb_results_parse(text, "run", &results), PB_OK);
    cr_assert_eq(results.count, 1);
    cr_expect_eq(results.item[0].count, 0);
    cr_expect_str_eq(results.item[0].error, "out of luck");
    pb_results_free(&results);
}

/* By hand, and by R: wilcox.test(1:5, 6:10, exact = FALSE) gives 0.01219. */
Test(compare, mann_whitney) {
    const double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10}, equal[] = {3, 3, 3};
    cr_expect_float_eq(pb_mann_whitney(low, 5, high, 5), 0.01219, 1e-5);
    cr_expect_float_eq(pb_mann_whitney(high, 5, low, 5), 0.01219, 1e-5);
    cr_expect_float_eq(pb_mann_whitney(low, 5, low, 5), 1, 0);
    cr_expect_float_eq(pb_mann_whitney(equal, 3, equal, 3), 1, 0);
}
