/* What is timed is what was checked, and a time that no machine can have is none. */
#include "bench/beyond_limit.h"
#include "bench/sibling.h"
#include "results/results.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

/* Kernels of the plug-in `fading`, and what bench says of each; it ends with 1 where that is
 * anything. */
static const struct fading {
    const char *kernel, *words;
} fading[] = {
        {"fading_right", NULL},
        {"fading_later", "WRONG: .*state: run 2 of a plan"},
        {"fading_nan", "WRONG: .*should be nan"},
        {"fading_idle", "WRONG: while it was timed: dst.*should be"},
        {"fading_inputs", "WRONG: while it was timed: .*"},
        {"fading_rounding", "WRONG: while it was timed: process_state: left "},
        {"fading_folder", "WRONG: while it was timed: process_state: left the working directory"},
};
enum { FADING = sizeof fading / sizeof *fading };

static void free_fading(struct criterion_test_params *params) {
    cr_free(params->params);
}

ParameterizedTestParameters(timed, says_what_was_wrong_while_it_was_timed) {
    int *number = cr_malloc(FADING * sizeof *number);
    for (int i = 0; i < FADING; i++) number[i] = i;
    return cr_make_param_array(int, number, FADING, free_fading);
}

/* In no ranking: beside a wrong one, naive has no peer. */
ParameterizedTest(int *number, timed, says_what_was_wrong_while_it_was_timed, .timeout = 60) {
    const struct fading *wrong = &fading[*number];
    char command[1024];
    snprintf(command, sizeof command,
             "o=$('%s' bench max:mb1ic3ih8kh1 --kernel '%s' --threads 1 --provider "
             "%s/plugins/fading.so "
             "--benchmark_repetitions=5 --benchmark_min_time=0.01 2>&1); s=$?; "
             "echo \"$o\" | grep -q -e '%s' && exit $s; echo \"$o\"; exit 99",
             POOLBENCH_PROGRAM, wrong->kernel, PLUGINS, wrong->words ? wrong->words : "median");
    int status = system(command);
    cr_expect_eq(WEXITSTATUS(status), wrong->words ? 1 : 0, "%s", command);
}

/* A median above 1.25 times the limit is no time; Winograd's may be. */
Test(timed, times_beyond_the_limit_are_errors) {
    static const char text[] =
            "{\"context\": {}, \"benchmarks\": ["
            "{\"name\": \"fast/p\", \"label\": \"naive scalar\", \"real_time\": 1, "
            "\"time_unit\": \"s\", \"limit\": 84},"
            "{\"name\": \"good/p\", \"label\": \"naive scalar\", \"real_time\": 1, "
            "\"time_unit\": \"s\", \"limit\": 1.2},"
            "{\"name\": \"wino/p\", \"label\": \"onednn peer jit_wino\", \"real_time\": 1, "
            "\"time_unit\": \"s\", \"limit\": 2}]}";
    struct pb_results results;
    json_t *root = json_loads(text, 0, NULL);
    pb_refuse_beyond_limit(root);
    cr_assert_eq(pb_results_read(root, "text", &results), PB_OK, "%s", pb_error());
    cr_assert_eq(results.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const bool fast = strcmp(results.item[i].kernel, "fast") == 0;
        cr_expect_eq(results.item[i].error != NULL, fast, "%s", results.item[i].kernel);
        cr_expect_eq(results.item[i].count, fast ? 0 : 1);
    }
    pb_results_free(&results);
}

/* Small, and of the same windows, padding and tails. */
Test(timed, a_sibling_is_small_and_of_the_same_kind) {
    static const char *const texts[][2] = {
            {"max:mb128ic259ih224kh3sh2ph1", "max:mb2ic35ih10kh3sh2ph1_iw64ow32kw3sw2pw1"},
            {"conv:nhwc:mb64ic512oc515ih56kh3ph1", "conv:nhwc:mb2ic32oc35ih5kh3ph1_iw40kw3pw1"},
            {"conv:g512mb1ic512oc512ih14kh3ph1", "conv:g32mb1ic32oc32ih5kh3ph1_iw14kw3pw1"},
            {"gap:mb32ic2048ih7", "gap:mb2ic32ih6iw7"},
            {"s2d:mb8ic3ih224kh4", "s2d:mb2ic3ih20kh4_iw160kw4"},
            {"adaptive_avg:mb2ic3ih224oh7", "adaptive_avg:mb2ic3ih32oh5"},
            {"max:mb1ic3ih5kh2", "max:mb1ic3ih5kh2"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pb_problem problem, sibling, wanted;
        char text[PB_TEXT_SIZE], small[PB_TEXT_SIZE];
        cr_assert_eq(pb_problem_parse(texts[i][0], &problem), PB_OK, "%s", pb_error());
        cr_assert_eq(pb_problem_parse(texts[i][1], &wanted), PB_OK, "%s", pb_error());
        sibling = pb_sibling(&problem);
        cr_expect_str_eq(pb_problem_print(&sibling, small), pb_problem_print(&wanted, text));
    }
}
