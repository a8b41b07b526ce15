/* The shim over Google Benchmark, the machine's limits and the files that appear whole. */
#include "gbench.h"
#include "machine.h"
#include "outfile.h"
#include "results.h"
#include "roof.h"
#include "work.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *count_call(void *arg) {
    ++*(long *)arg;
    return NULL;
}

static const char *fail_call(void *arg) {
    (void)arg;
    return "wrong on purpose";
}

/* Google Benchmark keeps its state per process; Criterion gives every test its own. */
Test(bench, the_shim_keeps_every_repetition_and_its_context) {
    char repetitions[] = "--benchmark_repetitions=3", time[] = "--benchmark_min_time=0.001";
    char *argv[] = {repetitions, time};
    const struct gbench_counter counters[] = {{"bytes_per_second", 1000, true},
                                              {"setup_us", 7, false}};
    struct pb_results results;
    long calls = 0;
    cr_assert(gbench_options(2, argv));
    pb_machine_describe(gbench_context);
    gbench_context("mood", "a \"quoted\" one");
    gbench_register("kernel/problem:x", "simd", count_call, &calls, counters, 2);
    gbench_register("kernel/problem:y", "naive", fail_call, NULL, NULL, 0);
    char *json = gbench_run(false);
    cr_assert_eq(pb_results_parse(json, "json", &results), PB_OK, "%s", pb_error());
    cr_expect_gt(calls, 3);
    cr_expect_str_eq(pb_results_context(&results, "mood", ""), "a \"quoted\" one");
    cr_expect_str_eq(pb_results_context(&results, "cpu", ""), pb_cpu_name());
    cr_expect_str_eq(pb_results_context(&results, "blas_core", ""), pb_blas_core());
    static const char *const keys[] = {"isa",      "data_caches", "threads",
                                       "compiler", "flags",       "commit"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cr_expect_str_not_empty(pb_results_context(&results, keys[i], ""), "%s", keys[i]);
    cr_assert_eq(results.count, 2);
    const struct pb_result *good = &results.item[0], *bad = &results.item[1];
    cr_expect_str_eq(good->name, "kernel/problem:x");
    cr_expect_str_eq(good->kernel, "kernel");
    cr_expect_str_eq(good->method, "simd");
    cr_expect_eq(good->count, 3);
    cr_expect_float_eq(good->bytes, 1000, 1);
    cr_expect_float_eq(good->setup_us, 7, 0);
    cr_expect_eq(bad->count, 0);
    cr_expect_str_eq(bad->error, "wrong on purpose");
    pb_results_free(&results);
    free(json);
}

Test(bench, unknown_options_are_refused) {
    char wrong[] = "--benchmark_nonsense=1";
    char *argv[] = {wrong};
    cr_expect_not(gbench_options(1, argv));
}

Test(bench, work_of_a_problem) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse("max:mb2ic3ih4kh2sh2", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_bytes(&problem), 4 * 2 * 3 * (16 + 4), 0);
    cr_expect_float_eq(pb_problem_flops(&problem), 2 * 3 * 4 * 4, 0);
    cr_assert_eq(pb_problem_parse("conv:mb1ic2ih4oc8kh3ph1", &problem), PB_OK, "%s", pb_error());
    cr_expect_float_eq(pb_problem_bytes(&problem), 4 * (2 * 16 + 8 * 16 + 8 * 2 * 9 + 8), 0);
    cr_expect_float_eq(pb_problem_flops(&problem), 2.0 * 16 * 8 * 2 * 9, 0);
}

/* Bounds that any machine of this century keeps, so that the test does not depend on this one. */
Test(bench, limits_are_plausible) {
    struct pb_roof roof;
    double moving, computing;
    cr_assert_eq(pb_roof_begin(&roof, 2, pb_isa()), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_roof_seconds(&roof, 1 << 20, 0, &moving), PB_OK);
    cr_assert_eq(pb_roof_seconds(&roof, 1 << 20, 1e12, &computing), PB_OK);
    cr_expect_eq(roof.buckets, 1, "the same working set is measured once");
    cr_expect(moving > 1e-7 && moving < 1e-1, "1 MiB takes %g s", moving);
    cr_expect_float_eq(computing, 1e12 / roof.peak, 1e-9);
    cr_expect(roof.peak > 1e7 && roof.peak < 1e13, "peak %g", roof.peak);
    pb_roof_end(&roof);
}

Test(bench, a_file_appears_whole_or_not_at_all) {
    char folder[] = "/tmp/poolbench-XXXXXX", path[64], line[16] = "";
    struct outfile file;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out.json", folder);
    cr_assert_eq(outfile_open(&file, path), PB_OK, "%s", pb_error());
    fputs("good", file.stream);
    cr_expect_neq(access(path, F_OK), 0);
    cr_assert_eq(outfile_keep(&file), PB_OK, "%s", pb_error());
    cr_assert_eq(outfile_open(&file, path), PB_OK);
    fputs("partial", file.stream);
    outfile_drop(&file);
    FILE *kept = fopen(path, "r");
    cr_assert_not_null(kept);
    cr_expect_not_null(fgets(line, sizeof line, kept));
    fclose(kept);
    cr_expect_str_eq(line, "good");
    cr_expect_eq(outfile_open(&file, folder), PB_IO, "a folder is no output file");
    cr_expect_not_null(strstr(pb_error(), folder));
    unlink(path);
    cr_expect_eq(rmdir(folder), 0, "nothing else was left");
}
