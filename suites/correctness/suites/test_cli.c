/* The program as a user calls it: exit statuses, and on bad input one sentence that names the
 * thing. Each test works in an empty folder of its own. */
#include "poolbench.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSED = 0, FAILED = 1, USAGE = 2, NOTHING = 3, SIGNALLED = -1 };

static char folder[] = "/tmp/poolbench-cli-XXXXXX";

static void enter_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    setenv("POOLBENCH_TUNING_CACHE", "", 1); /* not the user's own */
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void leave_folder(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(cli, .init = enter_folder, .fini = leave_folder, .timeout = 120);

/* ---- Running the program --------------------------------------------------------------------- */

struct outcome {
    int status; /* of exit, or SIGNALLED */
    char out[8192], err[4096];
};

static void read_back(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
}

static void run(struct outcome *outcome, const char *const *words) {
    extern char **environ;
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_t files;
    pid_t child;
    int status;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "stdout.txt", flags, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "stderr.txt", flags, 0600);
    cr_assert_eq(posix_spawn(&child, words[0], &files, NULL, (char *const *)words, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    cr_assert_eq(waitpid(child, &status, 0), child);
    outcome->status = WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED;
    read_back("stdout.txt", outcome->out, sizeof outcome->out);
    read_back("stderr.txt", outcome->err, sizeof outcome->err);
}

/* One sentence: a single line that holds `thing`, with at most argp's pointer to
 * --help below it. */
static bool one_sentence(const char *err, const char *thing) {
    const char *end = strchr(err, '\n'), *found = strstr(err, thing);
    return end && found && found < end && (end[1] == 0 || !strncmp(end + 1, "Try `", 5));
}

static void expect(int status, const char *thing, const char *const *words) {
    struct outcome o;
    run(&o, words);
    cr_expect_eq(o.status, status, "%s %s: status %d, not %d: %s%s", words[1] ? words[1] : "",
                 words[1] && words[2] ? words[2] : "", o.status, status, o.out, o.err);
    if (status == PASSED)
        cr_expect(strstr(o.out, thing), "no \"%s\" in: %s", thing, o.out);
    else
        cr_expect(one_sentence(o.err, thing), "not one sentence with \"%s\": %s", thing, o.err);
}

/* EXPECT(status, what the output or the complaint must hold, words of the command line…) */
#define EXPECT(status, thing, ...)                                                                 \
    expect(status, thing, (const char *const[]){POOLBENCH_PROGRAM, __VA_ARGS__, NULL})

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "%s", path);
}

static void write_text(const char *path, const char *text) {
    write_file(path, text, strlen(text));
}

/* ---- Every subcommand ------------------------------------------------------------------------ */

Test(cli, help_and_version) {
    EXPECT(PASSED, "verify", "--help");
    EXPECT(PASSED, "Usage", "list", "--help");
    EXPECT(PASSED, "Usage", "verify", "--help");
    EXPECT(PASSED, "Usage", "run", "--help");
    EXPECT(PASSED, "poolbench ", "--version");
}

Test(cli, no_or_unknown_command) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, NULL});
    cr_expect_eq(o.status, USAGE);
    cr_expect(strstr(o.err, "verify"), "the commands are listed");
    EXPECT(USAGE, "frobnicate", "frobnicate");
    EXPECT(USAGE, "--frobnicate", "--frobnicate");
}

Test(cli, unknown_option) {
    EXPECT(USAGE, "frobnicate", "list", "--frobnicate");
    EXPECT(USAGE, "frobnicate", "verify", "--frobnicate");
    EXPECT(USAGE, "frobnicate", "run", "--frobnicate");
}

Test(cli, the_isa_is_checked) {
    EXPECT(USAGE, "sse9", "verify", "--isa", "sse9", "max:ic3ih4kh2");
    EXPECT(USAGE, "sse9", "list", "--isa=sse9");
    setenv("POOLBENCH_ISA", "sse9", 1);
    EXPECT(USAGE, "sse9", "list");
    setenv("POOLBENCH_ISA", "scalar", 1);
    EXPECT(PASSED, "1 problems", "verify", "max:ic3ih4kh2");
}

Test(cli, numbers_are_checked) {
    EXPECT(USAGE, "--threads", "verify", "--threads", "0", "max:ic3ih4kh2");
    EXPECT(USAGE, "--threads", "verify", "--threads", "two", "max:ic3ih4kh2");
    EXPECT(USAGE, "--mb", "verify", "--mb", "-1", "max:ic3ih4kh2");
    EXPECT(USAGE, "--mb", "verify", "--mb", "3x", "max:ic3ih4kh2");
    EXPECT(USAGE, "--seed", "verify", "--seed", "", "max:ic3ih4kh2");
}

/* OpenBLAS's core is the user's choice where one was made, also of one that uses less than the
 * processor offers. */
Test(cli, a_chosen_core_of_openblas_stays) {
    if ((pb_isa_detected() & PB_ISA_AVX2) == 0)
        cr_skip_test("OpenBLAS has one core for this processor");
    setenv("OPENBLAS_CORETYPE", "Prescott", 1);
    EXPECT(PASSED, "\"blas_core\": \"Prescott\"", "verify", "--json", "max:mb1ic3ih4kh2");
    setenv("OPENBLAS_CORETYPE", "Haswell", 1);
    EXPECT(PASSED, "\"blas_core\": \"Haswell\"", "verify", "--json", "max:mb1ic3ih4kh2");
}

/* ---- list ------------------------------------------------------------------------------------ */

Test(cli, list) {
    EXPECT(PASSED, "maxpool_f32_naive", "list");
    EXPECT(PASSED, "maxpool_f32_naive", "list", "--json", "max:ic3ih4kh2");
    EXPECT(PASSED, "conv_f32_naive", "list", "--op", "conv", "--all");
    EXPECT(USAGE, "frob", "list", "--op", "frob");
    EXPECT(USAGE, "ic", "list", "max:ih4kh2");
    EXPECT(NOTHING, "no kernel", "list", "max:s32:ic3ih4kh2");
}

/* ---- verify ---------------------------------------------------------------------------------- */

Test(cli, verify_counts_what_held) {
    EXPECT(PASSED, "1 problems", "verify", "max:mb1ic3ih4kh2");
    EXPECT(PASSED, "0 failed", "verify", "conv:bwd_w:mb1ic3oc2ih4kh2", "--threads", "1");
    EXPECT(PASSED, "\"failed\": 0", "verify", "--json", "max:mb1ic3ih4kh2");
    EXPECT(PASSED, "1 problems", "verify", "--op", "max", "--mb", "0", "ic3ih4kh2");
}

Test(cli, verify_refuses_a_bad_problem) {
    EXPECT(USAGE, "ic", "verify", "max:ih4kh2");
    EXPECT(USAGE, "kh", "verify", "max:ic3ih4");
    EXPECT(USAGE, "ph", "verify", "max:ic3ih4kh2ph-1");
    EXPECT(USAGE, "frob", "verify", "frob:ic3ih4kh2");
    EXPECT(USAGE, "oh", "verify", "max:ic3ih4kh9");
    EXPECT(USAGE, "overflow", "verify", "max:mb4294967296ic4294967296ih4kh2");
    EXPECT(USAGE, "frob", "verify", "--op", "frob", "ic3ih4kh2");
}

/* Sizes that count but that no machine holds: skipped with a reason, not killed. */
Test(cli, verify_skips_a_problem_too_large_for_memory) {
    static const char large[] = "max:mb1ic1000ih1000000kh1";
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", large, NULL});
    cr_expect_eq(o.status, NOTHING, "%s", o.err);
    cr_expect(strstr(o.out, "a trial needs 32000000 GB"), "%s", o.out);
    cr_expect(strstr(o.out, "0 problems, 0 checks, 0 passed, 0 failed, 1 skipped"), "%s", o.out);
    EXPECT(PASSED, "1 problems", "verify", large, "max:mb1ic3ih4kh2");
}

Test(cli, verify_of_nothing_is_not_green) {
    EXPECT(NOTHING, "nothing", "verify", "max:ic3ih4kh2", "--kernel", "no_such_kernel");
    EXPECT(NOTHING, "nothing", "verify", "max:bf16:ic3ih4kh2");
    write_text("empty.txt", "# nothing here\n\n");
    EXPECT(NOTHING, "nothing", "verify", "--batch", "empty.txt");
    EXPECT(USAGE, "--provider absent.so: No such file", "verify", "max:mb1ic3ih4kh1", "--provider",
           "absent.so");
    EXPECT(USAGE, "--provider absent.so: No such file", "list", "--provider", "absent.so");
}

Test(cli, verify_runs_what_a_repeat_line_names) {
    EXPECT(PASSED, "1 problems, 1 checks", "verify", "max:mb1ic3ih4kh2", "--seed", "12345",
           "--data", "lane", "--placement", "odd", "--kernel", "*_naive", "--threads", "3", "--isa",
           "scalar");
    EXPECT(USAGE, "frob", "verify", "max:ic3ih4kh2", "--data", "frob");
    EXPECT(USAGE, "frob", "verify", "max:ic3ih4kh2", "--placement", "frob");
}

Test(cli, verify_draws_problems) {
    EXPECT(PASSED, "verify: 25 problems", "verify", "--fuzz", "25", "--seed", "3");
    EXPECT(PASSED, "seed 2", "verify", "--fuzz", "1s", "--seed", "today");
    EXPECT(PASSED, "verify: 5 problems", "verify", "--fuzz", "5", "--op", "max:nhwc:bwd");
    EXPECT(USAGE, "--fuzz '10x'", "verify", "--fuzz", "10x");
    EXPECT(USAGE, "--fuzz", "verify", "--fuzz", "0");
    EXPECT(USAGE, "--fuzz", "verify", "--fuzz", "m");
    EXPECT(USAGE, "--fuzz", "verify", "--fuzz", "");
    EXPECT(USAGE, "--seed 'tomorrow'", "verify", "--fuzz", "1", "--seed", "tomorrow");
}

Test(cli, verify_of_an_operation_takes_fields) {
    EXPECT(PASSED, "0 failed", "verify", "--op", "gap:nhwc:bwd", "--jobs", "2");
    EXPECT(USAGE, "unknown data type, layout or direction 'frob'", "verify", "--op", "gap:frob");
}

/* A plug-in that crashes is a failure with the line that repeats it, and the rest goes on. */
Test(cli, verify_survives_a_plug_in) {
    static const char *const calls[] = {"in can_do", "in setup", "in run"};
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:mb1ic3ih4kh1", "--provider",
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
static void expect_it_repeats(const struct outcome *first, const char *kernel) {
    struct outcome again;
    char path[PATH_MAX], line[2048], failed[1024], failed_again[1024];
    snprintf(path, sizeof path, "%.*s:/usr/bin:/bin",
             (int)(strrchr(POOLBENCH_PROGRAM, '/') - POOLBENCH_PROGRAM), POOLBENCH_PROGRAM);
    cr_assert_eq(first->status, FAILED, "%s%s", first->out, first->err);
    line_behind(first->err, "smallest: ", failed, sizeof failed);
    line_behind(first->err, "repeat: ", line, sizeof line);
    cr_assert_eq(strncmp(failed, kernel, strlen(kernel)), 0, "%s", first->err);
    setenv("PATH", path, 1);
    run(&again, (const char *const[]){"/bin/sh", "-c", line, NULL});
    cr_expect_eq(again.status, FAILED, "status %d of %s: %s", again.status, line, again.err);
    line_behind(again.err, "smallest: ", failed_again, sizeof failed_again);
    cr_expect_str_eq(failed_again, failed, "%s", line);
    cr_expect(strstr(again.out, "verify: 1 problems"), "%s", again.out);
}

#define WRONG PLUGINS "/plugins/plugin_wrong.so"

Test(cli, a_failure_repeats) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:nhwc:mb1ic3ih2iw6kh1_kw1",
                                  "--kernel", "plug_*", "--provider", WRONG, NULL});
    expect_it_repeats(&o, "plug_max");
}

/* Option names may be cut short, paths and names of problems hold what a shell takes
 * for its own. */
Test(cli, a_failure_with_quotes_repeats) {
    struct outcome o;
    cr_assert_eq(symlink(WRONG, "it's $wrong.so"), 0);
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:mb1ic3iw7kw1n\"what's `this`\"",
                                  "--kernel", "plug_*", "--prov=it's $wrong.so", NULL});
    expect_it_repeats(&o, "plug_max");
}

/* What is repeated is the smaller problem. */
Test(cli, a_drawn_failure_repeats) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--fuzz", "3", "--op", "max",
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
Test(cli, failures_are_grouped_by_cause, .timeout = 300) {
    struct outcome o;
    run(&o,
        (const char *const[]){POOLBENCH_PROGRAM, "verify", "--fuzz", "40", "--op", "max:f32",
                              "--kernel", "plug_*", "--provider", WRONG, "--threads", "1", NULL});
    cr_expect_eq(o.status, FAILED, "%s", o.err);
    cr_expect_eq(count_words(o.err, "FAILED "), 1, "%s", o.err);
    cr_expect(strstr(o.err, " checks of plug_max: results: each output is what"), "%s", o.err);
    cr_expect(strstr(o.err, "       smallest: plug_max: dst[0,0,0,0,4] is 12345, should be "), "%s",
              o.err);
    cr_expect_eq(count_words(o.err, "       window: "), 1, "%s", o.err);
    cr_expect_eq(count_words(o.err, "       repeat: "), 1, "%s", o.err);
    expect_it_repeats(&o, "plug_max");
    run(&o,
        (const char *const[]){POOLBENCH_PROGRAM, "verify", "--json", "max:nhwc:mb1ic3iw6kw1",
                              "--kernel", "plug_*", "--provider", WRONG, "--data", "mixed", NULL});
    cr_expect(strstr(o.out, "\"rule\": \"results\""), "%s", o.out);
    cr_expect(strstr(o.out, "\"checks\": 1"), "%s", o.out);
}

Test(cli, lists_of_the_suite_are_chosen) {
    EXPECT(PASSED, "0 failed", "verify", "--quick", "--op", "gap:u8:nhwc");
    EXPECT(USAGE, "give no problems", "verify", "--quick", "max:mb1ic3ih4kh2");
    EXPECT(USAGE, "give no problems", "verify", "--large", "--fuzz", "3");
    EXPECT(USAGE, "give no problems", "verify", "--matrix", "--quick");
    EXPECT(USAGE, "--quick or --large, one of them", "verify", "--large", "--quick");
}

/* Several globs add up, with --matrix too. */
Test(cli, the_matrix_of_some_kernels, .timeout = 120) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--matrix", "--isa", "scalar",
                                  "--kernel", "gap_f32_naive", "--kernel", "gap_f32_im2col", NULL});
    cr_expect_eq(o.status, PASSED, "%s", o.err);
    cr_expect(strstr(o.out, "poolbench naive") && strstr(o.out, "poolbench im2col"), "%s", o.out);
}

/* ---- verify --rule --------------------------------------------------------------------------- */

Test(cli, a_rule_is_checked_by_its_id) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule", "max_tie,relation_first",
                                  "--kernel", "maxpool_*naive", "--isa", "scalar", NULL});
    cr_expect_eq(o.status, PASSED, "%s", o.err);
    cr_expect(strstr(o.out, "rule max_tie: the first of equal maxima"), "%s", o.out);
    cr_expect(strstr(o.out, "\n  pass       poolbench naive, max nhwc, "), "%s", o.out);
    cr_expect(strstr(o.out, "relation relation_first: "), "%s", o.out);
    cr_expect(strstr(o.out, "\n  follows from: max_tie orders by value"), "%s", o.out);
    cr_expect_null(strstr(o.out, "max_nan"), "%s", o.out);
}

Test(cli, a_rule_that_fails_says_why) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule", "relation_scale", "--rule",
                                  "relation_layouts", "--kernel", "frob*", "--kernel", "plug_*",
                                  "--provider", WRONG, NULL});
    cr_expect_eq(o.status, FAILED, "%s", o.err);
    cr_expect(strstr(o.out, "\n  fail       plug, max nchw, "), "%s", o.out);
    cr_expect(strstr(o.out, "plug_max: the result of 4 x and 4 times that of x, "), "%s", o.out);
    cr_expect(strstr(o.out, "\n  deviation  plug, max nchw, "), "%s", o.out);
    cr_expect(strstr(o.out, "declared (max_nan): a NaN may be lost. "), "%s", o.out);
}

Test(cli, an_unknown_rule_is_refused_with_those_near) {
    static const struct {
        const char *rule, *sentence;
    } rows[] = {
            {"max_tiee", "no rule, relation or known defect is called 'max_tiee' (near: max_tie)"},
            {"max_tie,avgp_divisor", "is called 'avgp_divisor' (near: avg_p_divisor"},
            {"max_tie,", "is called '' (verify --matrix lists them)"},
            {"qqqqqq", "is called 'qqqqqq' (verify --matrix lists them)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outcome o;
        run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule", rows[i].rule, NULL});
        cr_expect_eq(o.status, USAGE, "%s", o.err);
        cr_expect(strstr(o.err, rows[i].sentence), "no \"%s\" in: %s", rows[i].sentence, o.err);
    }
}

Test(cli, a_rule_that_nothing_was_checked_against_is_not_passed) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--rule", "max_tie", "--kernel",
                                  "frob*", NULL});
    cr_expect_eq(o.status, NOTHING, "%s", o.out);
    run(&o,
        (const char *const[]){POOLBENCH_PROGRAM, "verify", "--matrix", "--kernel", "frob*", NULL});
    cr_expect_eq(o.status, NOTHING, "%s", o.out);
}

Test(cli, a_declared_failure_names_the_known_defect) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:mb1ic3iw7kw1", "--kernel",
                                  "plug_*", "--provider", WRONG, "--data", "special", NULL});
    cr_expect_eq(o.status, FAILED, "%s", o.err);
    cr_expect(strstr(o.err, "       declared: max_nan: a NaN may be lost (as "
                            "tensorflow_125965_nan_in_every_channel: "
                            "tensorflow/tensorflow#125965)\n"),
              "%s", o.err);
}

Test(cli, a_hang_repeats_as_fast_as_it_was_met) {
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "max:mb1ic3ih4kh1", "--kernel",
                                  "plug_*", "--provider", PLUGINS "/plugins/plugin_hang.so",
                                  "--data", "mixed", "--limit", "1", NULL});
    cr_expect(strstr(o.err, "hung in run: not done after 1 s of processor time"), "%s", o.err);
    expect_it_repeats(&o, "plug_max");
}

/* ---- Descriptors ----------------------------------------------------------------------------- */

/* What is opened later does not get the number of one that was closed, and what is printed there. */
Test(cli, closed_standard_descriptors_are_no_output_file) {
    static const char *const closed[] = {">&-", "2>&-", "<&- >&- 2>&-"};
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        char command[1024];
        snprintf(command, sizeof command,
                 "%s bench max:mb1ic1ih4kh2 --threads 1 --out out.json --kernel maxpool_f32_naive "
                 "--benchmark_min_time=0.001 --benchmark_repetitions=1 %s",
                 POOLBENCH_PROGRAM, closed[i]);
        cr_expect_eq(system(command), 0, "%s", command);
        json_t *root = json_load_file("out.json", 0, NULL);
        cr_expect_not_null(root, "%s", command);
        json_decref(root);
        cr_expect_eq(remove("out.json"), 0);
    }
}

/* ---- verify --onnx --------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to) {
    static char bytes[65536];
    FILE *file = fopen(from, "rb");
    cr_assert_not_null(file, "%s", from);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    write_file(to, bytes, size);
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

Test(cli, verify_onnx_runs_every_data_set) {
    make_case("graph_sets", "graph_sets/test_data_set_0", "graph_sets/test_data_set_1");
    EXPECT(PASSED, "onnx: 2 cases passed, 0 failed, 0 out of scope", "verify", "--onnx", "cases");
    EXPECT(PASSED, "\"passed\": 2", "verify", "--json", "--onnx", ".");
    EXPECT(NOTHING, "nothing", "verify", "--onnx", "cases", "--kernel", "no_such_kernel");
}

/* The windows of avg_np_k2s2 on the numbers of avg_p_k2s2 are other numbers. */
Test(cli, verify_onnx_fails_on_the_second_data_set) {
    struct outcome o;
    make_case("avg_np_k2s2", "avg_np_k2s2/test_data_set_0", "avg_np_k2s2/test_data_set_0");
    cr_assert_eq(unlink("cases/one/test_data_set_1"), 0);
    cr_assert_eq(mkdir("cases/one/test_data_set_1", 0700), 0);
    copy_file(GOLDEN_DIR "/avg_np_k2s2/test_data_set_0/input_0.pb",
              "cases/one/test_data_set_1/input_0.pb");
    copy_file(GOLDEN_DIR "/avg_p_k2s2/test_data_set_0/output_0.pb",
              "cases/one/test_data_set_1/output_0.pb");
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases", NULL});
    cr_expect_eq(o.status, FAILED, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, "onnx: 1 cases passed, 1 failed"), "%s", o.out);
    cr_expect(strstr(o.err, "--onnx 'cases/one'"), "%s", o.err);
}

/* Debian's libonnx-testdata: whatever pools, convolves or downsamples passes or is out of scope.
 * Each release of ONNX has more cases; how many there are says which it is. */
Test(cli, verify_onnx_holds_on_debians_test_data) {
    static const char data[] = "/usr/share/libonnx-testdata/data";
    struct outcome o;
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", data, NULL});
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
Test(cli, verify_onnx_goes_on_after_a_broken_case) {
    struct outcome o;
    make_case("graph_sets", "graph_sets/test_data_set_0", "graph_sets/test_data_set_1");
    cr_assert_eq(mkdir("cases/bad", 0700), 0);
    write_file("cases/bad/model.onnx", "", 0);
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases", NULL});
    cr_expect_eq(o.status, USAGE, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, "onnx: 2 cases passed, 0 failed"), "%s", o.out);
    cr_expect(strstr(o.out, "onnx: 1 cases could not be read"), "%s", o.out);
    cr_expect(strstr(o.err, "REFUSED cases/bad/model.onnx: is empty"), "%s", o.err);
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--json", "--onnx", "cases", NULL});
    cr_expect_eq(o.status, USAGE, "%s%s", o.out, o.err);
    cr_expect(strstr(o.out, "\"reason\": \"cases/bad/model.onnx: is empty\""), "%s", o.out);
    cr_assert_eq(unlink("cases/one/test_data_set_1"), 0);
    cr_assert_eq(mkdir("cases/one/test_data_set_1", 0700), 0);
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases/one", NULL});
    cr_expect_eq(o.status, USAGE, "%s%s", o.out, o.err);
    cr_expect(strstr(o.err, "cases/one/test_data_set_1/input_0.pb: No such file"), "%s", o.err);
    copy_file(GOLDEN_DIR "/graph_sets/test_data_set_1/input_0.pb",
              "cases/one/test_data_set_1/input_0.pb");
    copy_file(GOLDEN_DIR "/graph_sets/test_data_set_0/output_0.pb",
              "cases/one/test_data_set_1/output_0.pb");
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "verify", "--onnx", "cases", NULL});
    cr_expect_eq(o.status, FAILED, "%s%s", o.out, o.err);
    cr_expect(strstr(o.err, "cases/one: the file and the oracle dispute"), "%s", o.err);
    cr_expect(strstr(o.out, "onnx: 1 cases passed, 1 failed"), "%s", o.out);
}

Test(cli, verify_onnx_of_nothing_is_not_green) {
    cr_assert_eq(mkdir("empty", 0700), 0);
    EXPECT(NOTHING, "nothing", "verify", "--onnx", "empty");
    EXPECT(NOTHING, "nothing", "verify", "--onnx", "/usr/share/libonnx-testdata/data/simple");
    EXPECT(NOTHING, "nothing", "verify", "--onnx",
           "/usr/share/libonnx-testdata/data/node/test_qlinearconv");
}

/* ---- run ------------------------------------------------------------------------------------- */

/* A version 1.0 file of elements of `descr` with that shape, as "(1, 1, 4, 4)". */
static void write_npy_of(const char *descr, const char *path, const char *shape, const void *data,
                         size_t size) {
    unsigned char bytes[1024] = "\x93NUMPY\1\0\x76\0";
    char header[119];
    int used = snprintf(header, sizeof header,
                        "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape);
    memset(bytes + 10, ' ', 118);
    memcpy(bytes + 10, header, (size_t)used);
    bytes[127] = '\n';
    memcpy(bytes + 128, data, size);
    write_file(path, bytes, 128 + size);
}

static void write_npy(const char *path, const char *shape, const float *data, size_t count) {
    write_npy_of("<f4", path, shape, data, count * sizeof *data);
}

/* A header that names the type, and then `size` bytes of data. */
static void expect_npy_of(const char *descr, const char *path, const void *want, size_t size) {
    char bytes[1024];
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    size_t whole = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    cr_assert(whole >= 64 + size && whole % 64 == size % 64, "%s: %zu bytes", path, whole);
    cr_expect(memmem(bytes, whole - size, descr, strlen(descr)), "%s: no '%s'", path, descr);
    cr_expect_arr_eq(bytes + whole - size, want, size);
}

static void expect_last_floats(const char *path, const float *want, size_t count) {
    expect_npy_of("<f4", path, want, count * sizeof *want);
}

static const float one_to_16[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/* The notebook's example: the maximum and the average of each quarter. */
Test(cli, run_reads_and_writes_numpy) {
    write_npy("x.npy", "(1, 1, 4, 4)", one_to_16, 16);
    EXPECT(PASSED, "maxpool", "run", "max:mb1ic1ih4kh2sh2", "--src", "x.npy", "--dst", "y.npy");
    expect_last_floats("y.npy", (const float[]){6, 8, 14, 16}, 4);
    EXPECT(PASSED, "avgpool_f32_naive", "run", "avg_p:mb1ic1ih4kh2sh2", "--kernel", "*_naive",
           "--src", "x.npy", "--dst", "y.npy");
    expect_last_floats("y.npy", (const float[]){3.5f, 5.5f, 11.5f, 13.5f}, 4);
}

Test(cli, run_reads_and_writes_integers) {
    static const int8_t s8[] = {-128, -3, -2, -1};
    static const uint8_t u8[] = {255, 254, 3, 2};
    write_npy_of("|i1", "s8.npy", "(1, 1, 2, 2)", s8, sizeof s8);
    write_npy_of("|u1", "u8.npy", "(1, 1, 2, 2)", u8, sizeof u8);
    EXPECT(PASSED, "maxpool_s8_naive", "run", "max:s8:fwd_idx:mb1ic1ih2kh2", "--src", "s8.npy",
           "--dst", "y.npy", "--indices", "i.npy");
    expect_npy_of("|i1", "y.npy", (const int8_t[]){-1}, 1);
    expect_npy_of("<i8", "i.npy", (const int64_t[]){3}, 8);
    EXPECT(PASSED, "gap_u8_naive", "run", "gap:u8:mb1ic1ih2", "--src", "u8.npy", "--dst", "y.npy");
    expect_npy_of("|u1", "y.npy", (const uint8_t[]){128}, 1); /* of 128.5 */
    EXPECT(USAGE, "'|i1'", "run", "max:s8:mb1ic1ih2kh2", "--src", "u8.npy", "--dst", "y.npy");
}

/* microsoft/onnxruntime#27903: indices from outside that nobody checks, and a write to the heap. */
Test(cli, run_refuses_indices_outside_their_windows) {
    static const int64_t right[] = {0, 3, 12, 15}, wrong[] = {0, 3, 12, 1000000000};
    write_npy("dy.npy", "(1, 1, 2, 2)", one_to_16, 4);
    write_npy_of("<i8", "right.npy", "(1, 1, 2, 2)", right, sizeof right);
    write_npy_of("<i8", "wrong.npy", "(1, 1, 2, 2)", wrong, sizeof wrong);
    EXPECT(PASSED, "maxpool_bwd", "run", "max:bwd:mb1ic1ih4kh2sh2", "--dst", "dy.npy", "--indices",
           "right.npy", "--src", "dx.npy");
    EXPECT(USAGE, "index 1000000000", "run", "max:bwd:mb1ic1ih4kh2sh2", "--dst", "dy.npy",
           "--indices", "wrong.npy", "--src", "dx.npy");
    EXPECT(USAGE, "index 1000000000", "run", "adaptive_max:bwd:mb1ic1ih4oh2", "--dst", "dy.npy",
           "--indices", "wrong.npy", "--src", "dx.npy");
}

Test(cli, run_refuses_what_does_not_fit) {
    static const char problem[] = "max:mb1ic1ih4kh2sh2";
    write_npy("x.npy", "(1, 1, 4, 4)", one_to_16, 16);
    write_npy("narrow.npy", "(1, 1, 4, 3)", one_to_16, 12);
    write_text("text.npy", "no array");
    write_text("file", "");
    EXPECT(USAGE, "problem", "run", "--src", "x.npy", "--dst", "y.npy");
    EXPECT(USAGE, "src", "run", problem, "--dst", "y.npy");
    EXPECT(USAGE, "dst", "run", problem, "--src", "x.npy");
    EXPECT(USAGE, "no_such_kernel", "run", problem, "--kernel", "no_such_kernel", "--src", "x.npy",
           "--dst", "y.npy");
    EXPECT(USAGE, "absent.npy", "run", problem, "--src", "absent.npy", "--dst", "y.npy");
    EXPECT(USAGE, "text.npy", "run", problem, "--src", "text.npy", "--dst", "y.npy");
    EXPECT(USAGE, "narrow.npy", "run", problem, "--src", "narrow.npy", "--dst", "y.npy");
    EXPECT(USAGE, "file/y.npy", "run", problem, "--src", "x.npy", "--dst", "file/y.npy");
    cr_assert_eq(truncate("x.npy", 150), 0);
    EXPECT(USAGE, "x.npy", "run", problem, "--src", "x.npy", "--dst", "y.npy");
    cr_assert_eq(truncate("x.npy", 9), 0);
    EXPECT(USAGE, "x.npy", "run", problem, "--src", "x.npy", "--dst", "y.npy");
    cr_expect_neq(access("y.npy", F_OK), 0, "no output is left of a run that failed");
}

/* ---- bench, compare -------------------------------------------------------------------------- */

Test(cli, bench_refuses_bad_input) {
    write_text("file", "");
    EXPECT(USAGE, "ic", "bench", "max:ih4kh2");
    EXPECT(USAGE, "absent.txt", "bench", "--batch", "absent.txt");
    EXPECT(USAGE, "file/out.json", "bench", "max:mb1ic1ih4kh2", "--out", "file/out.json");
    EXPECT(NOTHING, "nothing", "bench", "max:mb1ic1ih4kh2", "--kernel", "no_such_kernel");
    EXPECT(USAGE, "unknown method 'naiv' (expected ", "bench", "max:mb1ic1ih4kh2", "--method",
           "!simd,naiv");
    EXPECT(NOTHING, "nothing", "bench", "max:mb1ic1ih4kh2", "--method", "naive", "--method",
           "!naive");
    EXPECT(USAGE, "lukewarm", "bench", "max:ic1ih4kh2", "--cache", "lukewarm");
    EXPECT(USAGE, "large", "bench", "max:ic1ih4kh2", "--pages", "large");
    EXPECT(USAGE, "'up'", "bench", "max:ic1ih4kh2", "--dir", "fwd,up");
    EXPECT(USAGE, "'nchw '", "bench", "max:ic1ih4kh2", "--layout", "nchw ,nhwc");
    EXPECT(USAGE, "1,,2", "bench", "max:ic1ih4kh2", "--mb", "1,,2");
}

Test(cli, bench_takes_kernels_by_method) {
    static const char *const words[] = {POOLBENCH_PROGRAM,
                                        "bench",
                                        "max:mb1ic1ih4kh2",
                                        "--isa",
                                        "scalar",
                                        "--method",
                                        "!naive,!scatter",
                                        "--benchmark_min_time=0.001s",
                                        NULL};
    struct outcome o;
    run(&o, words);
    cr_expect_eq(o.status, PASSED, "%s", o.err);
    cr_expect(strstr(o.out, "im2col"), "%s", o.out);
    cr_expect_not(strstr(o.out, "maxpool_f32_naive"), "%s", o.out);
}

Test(cli, bench_never_replaces_a_good_result_with_nothing) {
    char kept[64];
    write_text("good.json", "a good result");
    EXPECT(NOTHING, "nothing", "bench", "max:mb1ic1ih4kh2", "--kernel", "no_such_kernel", "--out",
           "good.json");
    EXPECT(USAGE, "ic", "bench", "max:ih4kh2", "--out", "good.json");
    read_back("good.json", kept, sizeof kept);
    cr_expect_str_eq(kept, "a good result");
}

Test(cli, compare_refuses_bad_input) {
    write_text("text.json", "no JSON");
    write_text("other.json", "{\"benchmarks\": 3}");
    write_text("empty.json", "");
    EXPECT(USAGE, "text.json", "compare", "text.json", "text.json");
    EXPECT(USAGE, "other.json", "compare", "other.json", "other.json");
    EXPECT(USAGE, "empty.json", "compare", "empty.json", "text.json");
    EXPECT(USAGE, "absent.json", "compare", "absent.json", "text.json");
    EXPECT(USAGE, "compare", "compare", "text.json");
    EXPECT(USAGE, "absent", "report", "absent");
}

/* A result of one benchmark called `name`, 9 repetitions around `microseconds`. */
static void write_result(const char *path, const char *name, double microseconds) {
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "{\"context\": {}, \"benchmarks\": [");
    for (int i = 0; i < 9; i++)
        fprintf(file,
                "%s{\"name\": \"%s\", \"run_name\": \"%s\", \"run_type\": \"iteration\", "
                "\"repetitions\": 9, \"repetition_index\": %d, \"iterations\": 1, "
                "\"real_time\": %.6f, \"cpu_time\": 1, \"time_unit\": \"us\"}",
                i ? ", " : "", name, name, i, microseconds * (1 + i * 0.001));
    fprintf(file, "]}");
    cr_assert_eq(fclose(file), 0);
}

Test(cli, compare_is_a_gate) {
    const char *name = "maxpool_f32_naive/max:f32:nchw:fwd:mb1ic1_ih4oh2kh2sh2ph0";
    write_result("base.json", name, 10);
    write_result("slower.json", name, 13);
    write_result("other.json", "maxpool_f32_naive/max:f32:nchw:fwd:mb1ic1_ih2oh1kh2ph0", 10);
    struct outcome o;
    EXPECT(PASSED, "same", "compare", "base.json", "base.json");
    run(&o, (const char *const[]){POOLBENCH_PROGRAM, "compare", "base.json", "slower.json", NULL});
    cr_expect_eq(o.status, FAILED);
    cr_expect(strstr(o.out, "slower") && strstr(o.out, "maxpool_f32_naive"), "%s", o.out);
    EXPECT(PASSED, "faster", "compare", "slower.json", "base.json");
    EXPECT(NOTHING, "", "compare", "base.json", "other.json");
}

/* ---- train ----------------------------------------------------------------------------------- */

enum { RECORD = 3073 };

/* All six files with `records` images each, `extra` bytes in the third and a label in the fifth. */
static void write_data(int records, size_t extra, unsigned char label) {
    static const char *const names[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                        "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
    size_t size = (size_t)records * RECORD;
    unsigned char *bytes = calloc(size + extra + 1, 1);
    cr_assert_not_null(bytes);
    for (int i = 0; i < 6; i++) {
        bytes[RECORD] = i == 4 ? label : 0;
        write_file(names[i], bytes, size + (i == 2 ? extra : 0));
    }
    free(bytes);
}

Test(cli, train_refuses_bad_data) {
    write_data(2, 5, 0);
    EXPECT(USAGE, "data_batch_3.bin", "train", "--net", "gap-strided", "--data", ".");
    write_data(10000, RECORD, 0);
    EXPECT(USAGE, "data_batch_3.bin", "train", "--net", "gap-strided", "--data", ".");
    write_data(2, 0, 10);
    EXPECT(USAGE, "data_batch_5.bin", "train", "--net", "gap-strided", "--data", ".");
    write_data(2, 0, 0);
    cr_assert_eq(truncate("test_batch.bin", 0), 0);
    EXPECT(USAGE, "test_batch.bin", "train", "--net", "gap-strided", "--data", ".");
    cr_assert_eq(remove("test_batch.bin"), 0);
    EXPECT(USAGE, "test_batch.bin", "train", "--net", "gap-strided", "--data", ".");
    EXPECT(USAGE, "absent", "train", "--net", "gap-strided", "--data", "absent");
    write_text("text.tar.gz", "no archive");
    EXPECT(USAGE, "text.tar.gz", "train", "--net", "gap-strided", "--data", "text.tar.gz");
}

Test(cli, train_refuses_a_network_that_does_not_fit) {
    write_data(2, 0, 0);
    EXPECT(USAGE, "conv", "train", "--data", ".", "--net", "conv 8 k40 | gap | linear 10");
    EXPECT(USAGE, "maxpool", "train", "--data", ".", "--net", "gap | maxpool k2 | linear 10");
    EXPECT(USAGE, "linear", "train", "--data", ".", "--net", "conv 8 k3 | linear 10");
    EXPECT(USAGE, "frob", "train", "--data", ".", "--net", "frob 8 | gap | linear 10");
    EXPECT(USAGE, "10", "train", "--data", ".", "--net", "gap | linear 9");
    EXPECT(USAGE, "k", "train", "--data", ".", "--net", "conv 8 | gap | linear 10");
    EXPECT(USAGE, "layer 2", "train", "--data", ".", "--net", "gap | | linear 10");
    EXPECT(USAGE, "--net", "train", "--data", ".");
}

Test(cli, train_refuses_bad_settings) {
    write_data(2, 0, 0);
    write_text("file", "");
    EXPECT(USAGE, "frob", "train", "--data", ".", "--net", "gap-strided", "--method", "frob");
    EXPECT(USAGE, "--lr", "train", "--data", ".", "--net", "gap-strided", "--lr", "-1");
    EXPECT(USAGE, "--epochs", "train", "--data", ".", "--net", "gap-strided", "--epochs", "0");
    EXPECT(USAGE, "file/out", "train", "--data", ".", "--net", "gap | linear 10", "--epochs", "1",
           "--out", "file/out");
}
