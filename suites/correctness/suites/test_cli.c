/* The program as a user calls it: exit statuses, and on bad input one sentence that names the
 * thing. Each test works in an empty folder of its own. */
#include "poolbench.h"
#include "tools/program.h"
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(cli, .init = program_enter_folder, .fini = program_leave_folder, .timeout = 120);

/* ---- Every subcommand ------------------------------------------------------------------------ */

Test(cli, help_and_version) {
    EXPECT(PASSED, "verify", "--help");
    EXPECT(PASSED, "Usage", "list", "--help");
    EXPECT(PASSED, "Usage", "verify", "--help");
    EXPECT(PASSED, "Usage", "run", "--help");
    EXPECT(PASSED, "poolbench ", "--version");
}

Test(cli, no_or_unknown_command) {
    struct program_outcome o;
    program_run(&o, (const char *const[]){POOLBENCH_PROGRAM, NULL});
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
    program_write_file(path, bytes, 128 + size);
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
    program_write_text("text.npy", "no array");
    program_write_text("file", "");
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
    program_write_text("file", "");
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
    struct program_outcome o;
    program_run(&o, words);
    cr_expect_eq(o.status, PASSED, "%s", o.err);
    cr_expect(strstr(o.out, "im2col"), "%s", o.out);
    cr_expect_not(strstr(o.out, "maxpool_f32_naive"), "%s", o.out);
}

Test(cli, bench_never_replaces_a_good_result_with_nothing) {
    char kept[64];
    program_write_text("good.json", "a good result");
    EXPECT(NOTHING, "nothing", "bench", "max:mb1ic1ih4kh2", "--kernel", "no_such_kernel", "--out",
           "good.json");
    EXPECT(USAGE, "ic", "bench", "max:ih4kh2", "--out", "good.json");
    program_read_back("good.json", kept, sizeof kept);
    cr_expect_str_eq(kept, "a good result");
}

Test(cli, compare_refuses_bad_input) {
    program_write_text("text.json", "no JSON");
    program_write_text("other.json", "{\"benchmarks\": 3}");
    program_write_text("empty.json", "");
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
    struct program_outcome o;
    EXPECT(PASSED, "same", "compare", "base.json", "base.json");
    program_run(&o, (const char *const[]){POOLBENCH_PROGRAM, "compare", "base.json", "slower.json",
                                          NULL});
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
        program_write_file(names[i], bytes, size + (i == 2 ? extra : 0));
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
    program_write_text("text.tar.gz", "no archive");
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
    program_write_text("file", "");
    EXPECT(USAGE, "frob", "train", "--data", ".", "--net", "gap-strided", "--method", "frob");
    EXPECT(USAGE, "--lr", "train", "--data", ".", "--net", "gap-strided", "--lr", "-1");
    EXPECT(USAGE, "--epochs", "train", "--data", ".", "--net", "gap-strided", "--epochs", "0");
    EXPECT(USAGE, "file/out", "train", "--data", ".", "--net", "gap | linear 10", "--epochs", "1",
           "--out", "file/out");
}
