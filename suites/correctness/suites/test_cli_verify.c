/* verify as a user calls it: exit statuses, complaints, the line that repeats a failure. */
#include "poolbench.h"
#include "tools/command_line.h"
#include <criterion/criterion.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(cli_verify, .init = command_enter_folder, .fini = command_leave_folder, .timeout = 120);

/* ---- verify ---------------------------------------------------------------------------------- */

Test(cli_verify, verify_counts_what_held) {
    EXPECT(PASSED, "1 problems", "verify", "max:mb1ic3ih4kh2");
    EXPECT(PASSED, "0 failed", "verify", "conv:bwd_w:mb1ic3oc2ih4kh2", "--threads", "1");
    EXPECT(PASSED, "\"failed\": 0", "verify", "--json", "max:mb1ic3ih4kh2");
    EXPECT(PASSED, "1 problems", "verify", "--op", "max", "--mb", "0", "ic3ih4kh2");
}

Test(cli_verify, verify_refuses_a_bad_problem) {
    EXPECT(USAGE, "ic", "verify", "max:ih4kh2");
    EXPECT(USAGE, "kh", "verify", "max:ic3ih4");
    EXPECT(USAGE, "ph", "verify", "max:ic3ih4kh2ph-1");
    EXPECT(USAGE, "frob", "verify", "frob:ic3ih4kh2");
    EXPECT(USAGE, "oh", "verify", "max:ic3ih4kh9");
    EXPECT(USAGE, "overflow", "verify", "max:mb4294967296ic4294967296ih4kh2");
    EXPECT(USAGE, "frob", "verify", "--op", "frob", "ic3ih4kh2");
}

/* Sizes that count but that no machine holds: skipped with a reason, not killed. */
Test(cli_verify, verify_skips_a_problem_too_large_for_memory) {
    static const char large[] = "max:mb1ic1000ih1000000kh1";
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", large, NULL});
    cr_expect_eq(o.status, NOTHING, "%s", o.err);
    cr_expect(strstr(o.out, "a trial needs 60000000 GB"), "%s", o.out);
    cr_expect(strstr(o.out, "0 problems, 0 checks, 0 passed, 0 failed, 1 skipped"), "%s", o.out);
    EXPECT(PASSED, "1 problems", "verify", large, "max:mb1ic3ih4kh2");
}

Test(cli_verify, verify_of_nothing_is_not_green) {
    EXPECT(NOTHING, "nothing", "verify", "max:ic3ih4kh2", "--kernel", "no_such_kernel");
    EXPECT(NOTHING, "nothing", "verify", "max:bf16:ic3ih4kh2");
    command_write_text("empty.txt", "# nothing here\n\n");
    EXPECT(NOTHING, "nothing", "verify", "--batch", "empty.txt");
    EXPECT(USAGE, "--provider absent.so: No such file", "verify", "max:mb1ic3ih4kh1", "--provider",
           "absent.so");
    EXPECT(USAGE, "--provider absent.so: No such file", "list", "--provider", "absent.so");
}

Test(cli_verify, verify_runs_what_a_repeat_line_names) {
    EXPECT(PASSED, "1 problems, 1 checks", "verify", "max:mb1ic3ih4kh2", "--seed", "12345",
           "--data", "lane", "--placement", "odd", "--kernel", "*_naive", "--threads", "3", "--isa",
           "scalar");
    EXPECT(USAGE, "frob", "verify", "max:ic3ih4kh2", "--data", "frob");
    EXPECT(USAGE, "frob", "verify", "max:ic3ih4kh2", "--placement", "frob");
}

Test(cli_verify, verify_draws_problems) {
    EXPECT(PASSED, "verify: 25 problems", "verify", "--fuzz", "25", "--seed", "3");
    EXPECT(PASSED, "seed 2", "verify", "--fuzz", "1s", "--seed", "today");
    EXPECT(PASSED, "verify: 5 problems", "verify", "--fuzz", "5", "--op", "max:nhwc:bwd");
    EXPECT(USAGE, "--fuzz '10x'", "verify", "--fuzz", "10x");
    EXPECT(USAGE, "--fuzz", "verify", "--fuzz", "0");
    EXPECT(USAGE, "--fuzz", "verify", "--fuzz", "m");
    EXPECT(USAGE, "--fuzz", "verify", "--fuzz", "");
    EXPECT(USAGE, "--seed 'tomorrow'", "verify", "--fuzz", "1", "--seed", "tomorrow");
}

Test(cli_verify, verify_of_an_operation_takes_fields) {
    EXPECT(PASSED, "0 failed", "verify", "--op", "gap:nhwc:bwd", "--jobs", "2");
    EXPECT(USAGE, "unknown data type, layout or direction 'frob'", "verify", "--op", "gap:frob");
}

/* A plug-in that crashes is a failure with the line that repeats it, and the rest goes on. */
Test(cli_verify, verify_survives_a_plug_in) {
    static const char *const calls[] = {"in can_do", "in setup", "in run"};
    struct command_outcome o;
    command_run(&o,
                (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:mb1ic3ih4kh1", "--provider",
                                      PLUGINS "/plugins/plugin_crash.so", "--data", "mixed", NULL});
    cr_expect_eq(o.status, FAILED, "%d: %s", o.status, o.err);
    for (int i = 0; i < 3; i++) cr_expect(strstr(o.err, calls[i]), "no %s: %s", calls[i], o.err);
    cr_expect(strstr(o.err, " --provider '" PLUGINS "/plugins/plugin_crash.so'"), "%s", o.err);
    cr_expect(strstr(o.out, "1 problems"), "%s", o.out);
    cr_expect(strstr(o.out, "3 failed"), "%s", o.out);
}

/* ---- The line that repeats a failure --------------------------------------------------------- */

/* The rest of the line behind the first `mark`; "" where it is not there. */
static void line_behind(const char *text, const char *mark, char *line, size_t size) {
    const char *found = strstr(text, mark);
    const char *from = found ? found + strlen(mark) : "";
    snprintf(line, size, "%.*s", (int)strcspn(from, "\n"), from);
}

/* The first failure of a run says what to do to see it again; a shell that does it sees it: the
 * same kernel, the same problem, the same element. */
static void expect_it_repeats(const struct command_outcome *first, const char *kernel) {
    struct command_outcome again;
    char path[PATH_MAX], line[2048], failed[1024], failed_again[1024];
    snprintf(path, sizeof path, "%.*s:/usr/bin:/bin",
             (int)(strrchr(POOLBENCH_PROGRAM, '/') - POOLBENCH_PROGRAM), POOLBENCH_PROGRAM);
    cr_assert_eq(first->status, FAILED, "%s%s", first->out, first->err);
    line_behind(first->err, "smallest: ", failed, sizeof failed);
    line_behind(first->err, "repeat: ", line, sizeof line);
    cr_assert_eq(strncmp(failed, kernel, strlen(kernel)), 0, "%s", first->err);
    setenv("PATH", path, 1);
    command_run(&again, (const char *const[]){"/bin/sh", "-c", line, NULL});
    cr_expect_eq(again.status, FAILED, "status %d of %s: %s", again.status, line, again.err);
    line_behind(again.err, "smallest: ", failed_again, sizeof failed_again);
    cr_expect_str_eq(failed_again, failed, "%s", line);
    cr_expect(strstr(again.out, "verify: 1 problems"), "%s", again.out);
}

#define WRONG PLUGINS "/plugins/plugin_wrong.so"

Test(cli_verify, a_failure_repeats) {
    struct command_outcome o;
    command_run(&o,
                (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:nhwc:mb1ic3ih2iw6kh1_kw1",
                                      "--kernel", "plug_*", "--provider", WRONG, NULL});
    expect_it_repeats(&o, "plug_max");
}

/* Option names may be cut short, paths and names of problems hold what a shell takes
 * for its own. */
Test(cli_verify, a_failure_with_quotes_repeats) {
    struct command_outcome o;
    cr_assert_eq(symlink(WRONG, "it's $wrong.so"), 0);
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify",
                                          "max:mb1ic3iw7kw1n\"what's `this`\"", "--kernel",
                                          "plug_*", "--prov=it's $wrong.so", NULL});
    expect_it_repeats(&o, "plug_max");
}

/* What is repeated is the smaller problem. */
Test(cli_verify, a_drawn_failure_repeats) {
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--fuzz", "3", "--op", "max",
                                          "--kernel", "plug_*", "--provider", WRONG, NULL});
    cr_expect(strstr(o.err, "       first met: max:"), "%s", o.err);
    cr_expect(strstr(o.err, ": max:f32:nchw:fwd:mb1ic1_iw"), "%s", o.err);
    expect_it_repeats(&o, "plug_max");
}

static int count_words(const char *text, const char *word) {
    int count = 0;
    for (; (text = strstr(text, word)); text++) count++;
    return count;
}

/* Whatever the problem, layout and data: one cause, its rule, its smallest case, one command. */
Test(cli_verify, failures_are_grouped_by_cause, .timeout = 300) {
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--fuzz", "40", "--op",
                                          "max:f32", "--kernel", "plug_*", "--provider", WRONG,
                                          "--threads", "1", NULL});
    cr_expect_eq(o.status, FAILED, "%s", o.err);
    cr_expect_eq(count_words(o.err, "FAILED "), 1, "%s", o.err);
    cr_expect(strstr(o.err, " checks of plug_max: results: each output is what"), "%s", o.err);
    cr_expect(strstr(o.err, "       smallest: plug_max: dst[0,0,0,0,4] is 12345, should be "), "%s",
              o.err);
    cr_expect_eq(count_words(o.err, "       window: "), 1, "%s", o.err);
    cr_expect_eq(count_words(o.err, "       repeat: "), 1, "%s", o.err);
    expect_it_repeats(&o, "plug_max");
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--json",
                                          "max:nhwc:mb1ic3iw6kw1", "--kernel", "plug_*",
                                          "--provider", WRONG, "--data", "mixed", NULL});
    cr_expect(strstr(o.out, "\"rule\": \"results\""), "%s", o.out);
    cr_expect(strstr(o.out, "\"checks\": 1"), "%s", o.out);
}

Test(cli_verify, lists_of_the_suite_are_chosen) {
    EXPECT(PASSED, "0 failed", "verify", "--quick", "--op", "gap:u8:nhwc");
    EXPECT(USAGE, "give no problems", "verify", "--quick", "max:mb1ic3ih4kh2");
    EXPECT(USAGE, "give no problems", "verify", "--large", "--fuzz", "3");
    EXPECT(USAGE, "give no problems", "verify", "--matrix", "--quick");
    EXPECT(USAGE, "--quick or --large, one of them", "verify", "--large", "--quick");
}

/* Several globs add up, with --matrix too. */
Test(cli_verify, the_matrix_of_some_kernels, .timeout = 120) {
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--matrix", "--isa",
                                          "scalar", "--kernel", "gap_f32_naive", "--kernel",
                                          "gap_f32_im2col", NULL});
    cr_expect_eq(o.status, PASSED, "%s", o.err);
    cr_expect(strstr(o.out, "poolbench naive") && strstr(o.out, "poolbench im2col"), "%s", o.out);
}

/* ---- verify --rule --------------------------------------------------------------------------- */

Test(cli_verify, a_rule_is_checked_by_its_id) {
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule",
                                          "max_tie,relation_first", "--kernel", "maxpool_*naive",
                                          "--isa", "scalar", NULL});
    cr_expect_eq(o.status, PASSED, "%s", o.err);
    cr_expect(strstr(o.out, "rule max_tie: the first of equal maxima"), "%s", o.out);
    cr_expect(strstr(o.out, "\n  pass       poolbench naive, max nhwc, "), "%s", o.out);
    cr_expect(strstr(o.out, "relation relation_first: "), "%s", o.out);
    cr_expect(strstr(o.out, "\n  follows from: max_tie orders by value"), "%s", o.out);
    cr_expect_null(strstr(o.out, "max_nan"), "%s", o.out);
}

Test(cli_verify, a_rule_that_fails_says_why) {
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule", "relation_scale",
                                          "--rule", "relation_layouts", "--kernel", "frob*",
                                          "--kernel", "plug_*", "--provider", WRONG, NULL});
    cr_expect_eq(o.status, FAILED, "%s", o.err);
    cr_expect(strstr(o.out, "\n  fail       plug, max nchw, "), "%s", o.out);
    cr_expect(strstr(o.out, "plug_max: the result of 4 x and 4 times that of x, "), "%s", o.out);
    cr_expect(strstr(o.out, "\n  deviation  plug, max nchw, "), "%s", o.out);
    cr_expect(strstr(o.out, "declared (max_nan): a NaN may be lost. "), "%s", o.out);
}

Test(cli_verify, an_unknown_rule_is_refused_with_those_near) {
    static const struct {
        const char *rule, *sentence;
    } rows[] = {
            {"max_tiee", "no rule, relation or known defect is called 'max_tiee' (near: max_tie)"},
            {"max_tie,avgp_divisor", "is called 'avgp_divisor' (near: avg_p_divisor"},
            {"max_tie,", "is called '' (verify --matrix lists them)"},
            {"qqqqqq", "is called 'qqqqqq' (verify --matrix lists them)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct command_outcome o;
        command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule", rows[i].rule,
                                              NULL});
        cr_expect_eq(o.status, USAGE, "%s", o.err);
        cr_expect(strstr(o.err, rows[i].sentence), "no \"%s\" in: %s", rows[i].sentence, o.err);
    }
}

Test(cli_verify, a_rule_that_nothing_was_checked_against_is_not_passed) {
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule", "max_tie",
                                          "--kernel", "frob*", NULL});
    cr_expect_eq(o.status, NOTHING, "%s", o.out);
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--matrix", "--kernel",
                                          "frob*", NULL});
    cr_expect_eq(o.status, NOTHING, "%s", o.out);
}

Test(cli_verify, a_declared_failure_names_the_known_defect) {
    struct command_outcome o;
    command_run(&o,
                (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:mb1ic3iw7kw1", "--kernel",
                                      "plug_*", "--provider", WRONG, "--data", "special", NULL});
    cr_expect_eq(o.status, FAILED, "%s", o.err);
    cr_expect(strstr(o.err, "       declared: max_nan: a NaN may be lost (as "
                            "tensorflow_125965_nan_in_every_channel: "
                            "tensorflow/tensorflow#125965)\n"),
              "%s", o.err);
}

Test(cli_verify, a_hang_repeats_as_fast_as_it_was_met) {
    struct command_outcome o;
    command_run(&o,
                (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:mb1ic3ih4kh1", "--kernel",
                                      "plug_*", "--provider", PLUGINS "/plugins/plugin_hang.so",
                                      "--data", "mixed", "--limit", "1", NULL});
    cr_expect(strstr(o.err, "hung in run: not done after 1 s of processor time"), "%s", o.err);
    expect_it_repeats(&o, "plug_max");
}

/* ---- verify --onnx --------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to) {
    static char bytes[65536];
    FILE *file = fopen(from, "rb");
    cr_assert_not_null(file, "%s", from);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    command_write_file(to, bytes, size);
}

/* A folder of one golden case whose two data sets are those given. */
static void make_case(const char *model, const char *set_0, const char *set_1) {
    char from[256];
    cr_assert_eq(mkdir("cases", 0700) | mkdir("cases/one", 0700), 0);
    snprintf(from, sizeof from, "%s/%s/model.onnx", GOLDEN_DIR, model);
    copy_file(from, "cases/one/model.onnx");
    snprintf(from, sizeof from, "%s/%s", GOLDEN_DIR, set_0);
    cr_assert_eq(symlink(from, "cases/one/test_data_set_0"), 0);
    snprintf(from, sizeof from, "%s/%s", GOLDEN_DIR, set_1);
    cr_assert_eq(symlink(from, "cases/one/test_data_set_1"), 0);
}

Test(cli_verify, verify_onnx_runs_every_data_set) {
    make_case("graph_sets", "graph_sets/test_data_set_0", "graph_sets/test_data_set_1");
    EXPECT(PASSED, "onnx: 2 cases passed, 0 failed, 0 out of scope", "verify", "--onnx", "cases");
    EXPECT(PASSED, "\"passed\": 2", "verify", "--json", "--onnx", ".");
    EXPECT(NOTHING, "nothing", "verify", "--onnx", "cases", "--kernel", "no_such_kernel");
}

/* The windows of avg_np_k2s2 on the numbers of avg_p_k2s2 are other numbers. */
Test(cli_verify, verify_onnx_fails_on_the_second_data_set) {
    struct command_outcome o;
    make_case("avg_np_k2s2", "avg_np_k2s2/test_data_set_0", "avg_np_k2s2/test_data_set_0");
    cr_assert_eq(unlink("cases/one/test_data_set_1"), 0);
    cr_assert_eq(mkdir("cases/one/test_data_set_1", 0700), 0);
    copy_file(GOLDEN_DIR "/avg_np_k2s2/test_data_set_0/input_0.pb",
              "cases/one/test_data_set_1/input_0.pb");
    copy_file(GOLDEN_DIR "/avg_p_k2s2/test_data_set_0/output_0.pb",
              "cases/one/test_data_set_1/output_0.pb");
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases", NULL});
    cr_expect_eq(o.status, FAILED, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, "onnx: 1 cases passed, 1 failed"), "%s", o.out);
    cr_expect(strstr(o.err, "--onnx 'cases/one'"), "%s", o.err);
}

/* Debian's libonnx-testdata: whatever pools, convolves or downsamples passes or is out of scope.
 * Each release of ONNX has more cases; how many there are says which it is. */
Test(cli_verify, verify_onnx_holds_on_debians_test_data) {
    static const char data[] = "/usr/share/libonnx-testdata/data";
    struct command_outcome o;
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", data, NULL});
    cr_expect_eq(o.status, PASSED, "%s%s", o.out, o.err);
    static const struct {
        int all, passed, skipped;
    } releases[] = {{1072, 87, 21}, {1428, 102, 32}, {1793, 104, 31}}; /* 1.12, 1.17, 1.20 */
    int passed = 0, failed = -1, skipped = 0, untaken = -1, others = 0;
    const char *line = strstr(o.out, "onnx: ");
    cr_assert(line, "%s", o.out);
    cr_assert_eq(sscanf(line,
                        "onnx: %d cases passed, %d failed, %d out of scope, %d that no kernel "
                        "takes; %d cases of other operators",
                        &passed, &failed, &skipped, &untaken, &others),
                 5, "%s", o.out);
    cr_expect(failed == 0 && untaken == 0 && passed >= 87, "%s", o.out);
    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++)
        if (passed + failed + skipped + untaken + others == releases[i].all)
            cr_expect(passed == releases[i].passed && skipped == releases[i].skipped, "%s", o.out);
    cr_expect(strstr(o.out, "test_qlinearconv: QLinearConv: quantised operators"), "%s", o.out);
}

/* One broken folder ends nothing: the rest is checked, the folder is named, the exit status is 2,
 * or 1 where something failed too. */
Test(cli_verify, verify_onnx_goes_on_after_a_broken_case) {
    struct command_outcome o;
    make_case("graph_sets", "graph_sets/test_data_set_0", "graph_sets/test_data_set_1");
    cr_assert_eq(mkdir("cases/bad", 0700), 0);
    command_write_file("cases/bad/model.onnx", "", 0);
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases", NULL});
    cr_expect_eq(o.status, USAGE, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, "onnx: 2 cases passed, 0 failed"), "%s", o.out);
    cr_expect(strstr(o.out, "onnx: 1 cases could not be read"), "%s", o.out);
    cr_expect(strstr(o.err, "REFUSED cases/bad/model.onnx: is empty"), "%s", o.err);
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--json", "--onnx", "cases",
                                          NULL});
    cr_expect_eq(o.status, USAGE, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, "\"reason\": \"cases/bad/model.onnx: is empty\""), "%s", o.out);
    cr_assert_eq(unlink("cases/one/test_data_set_1"), 0);
    cr_assert_eq(mkdir("cases/one/test_data_set_1", 0700), 0);
    command_run(&o,
                (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases/one", NULL});
    cr_expect_eq(o.status, USAGE, "%s%s", o.out, o.err);
    cr_expect(strstr(o.err, "cases/one/test_data_set_1/input_0.pb: No such file"), "%s", o.err);
    copy_file(GOLDEN_DIR "/graph_sets/test_data_set_1/input_0.pb",
              "cases/one/test_data_set_1/input_0.pb");
    copy_file(GOLDEN_DIR "/graph_sets/test_data_set_0/output_0.pb",
              "cases/one/test_data_set_1/output_0.pb");
    command_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases", NULL});
    cr_expect_eq(o.status, FAILED, "%s%s", o.out, o.err);
    cr_expect(strstr(o.err, "cases/one: the file and the oracle dispute"), "%s", o.err);
    cr_expect(strstr(o.out, "onnx: 1 cases passed, 1 failed"), "%s", o.out);
}

Test(cli_verify, verify_onnx_of_nothing_is_not_green) {
    cr_assert_eq(mkdir("empty", 0700), 0);
    EXPECT(NOTHING, "nothing", "verify", "--onnx", "empty");
    EXPECT(NOTHING, "nothing", "verify", "--onnx", "/usr/share/libonnx-testdata/data/simple");
    EXPECT(NOTHING, "nothing", "verify", "--onnx",
           "/usr/share/libonnx-testdata/data/node/test_qlinearconv");
}
