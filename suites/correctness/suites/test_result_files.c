/* Result files as Google Benchmark and those who use it write them, each beside another, with the
 * verdict and the exit status that the gate owes. Files are made here, from their rows. */
#include "results/regressions.h"
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT = 1 << 14 };
static char folder[] = "/tmp/poolbench-results-XXXXXX";

static void enter(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void) {
    static const char *const names[] = {"base.json", "head.json", "said.txt"};
    for (int i = 0; i < 3; i++) remove(names[i]);
    remove(folder);
}

TestSuite(result_files, .init = enter, .fini = leave, .timeout = 60);

/* ---- Making files ---------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static char *add(char *text, const char *format, ...) {
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, TEXT - used, format, args);
    va_end(args);
    return text;
}

#define CONTEXT                                                                                    \
    "\"date\": \"2026-11-25T20:00:00+00:00\", \"executable\": \"./bench\", \"num_cpus\": 8, "      \
    "\"mhz_per_cpu\": 3000, \"cpu_scaling_enabled\": false, \"caches\": [], \"load_avg\": [0.5], " \
    "\"library_build_type\": \"debug\""

static const char plain[] = "\"host_name\": \"one\", " CONTEXT;

/* `count` repetitions around `time`, within 2 %. */
static char *repeat(char *rows, const char *name, double time, int count) {
    static const double noise[] = {1.02, 1, 1.01, 0.99, 0.98};
    for (int i = 0; i < count; i++)
        add(rows,
            "%s{\"name\": \"%s\", \"run_name\": \"%s\", \"run_type\": \"iteration\", "
            "\"repetitions\": %d, \"repetition_index\": %d, \"threads\": 1, \"iterations\": 1000, "
            "\"real_time\": %.17g, \"cpu_time\": %.17g, \"time_unit\": \"ns\"}",
            *rows ? ",\n" : "", name, name, count, i, time * noise[i % 5], time * noise[i % 5]);
    return rows;
}

/* One more row, as `fields`. */
static char *row(char *rows, const char *name, const char *fields) {
    return add(rows, "%s{\"name\": \"%s\", \"run_name\": \"%s\", %s}", *rows ? ",\n" : "", name,
               name, fields);
}

static char *aggregate(char *rows, const char *name, double time) {
    static const char *const kinds[] = {"mean", "median", "stddev", "cv"};
    for (int i = 0; i < 4; i++)
        add(rows,
            "%s{\"name\": \"%s_%s\", \"run_name\": \"%s\", \"run_type\": \"aggregate\", "
            "\"aggregate_name\": \"%s\", \"real_time\": %.17g, \"time_unit\": \"ns\"}",
            *rows ? ",\n" : "", name, kinds[i], name, kinds[i], time);
    return rows;
}

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void write_rows(const char *path, const char *context, const char *rows) {
    static char text[2 * TEXT];
    snprintf(text, sizeof text, "{\n\"context\": {%s},\n\"benchmarks\": [\n%s\n]\n}\n", context,
             rows);
    write_text(path, text);
}

/* ---- The gate -------------------------------------------------------------------------------- */

static char said[TEXT];

static void run_gate(int status, const char *options) {
    char command[256];
    snprintf(command, sizeof command, "'%s' compare %s base.json head.json > said.txt 2>&1",
             POOLBENCH_PROGRAM, options);
    const int outcome = WEXITSTATUS(system(command));
    FILE *file = fopen("said.txt", "r");
    cr_assert_not_null(file);
    said[fread(said, 1, sizeof said - 1, file)] = 0;
    fclose(file);
    cr_expect_eq(outcome, status, "%d, not %d: %s", outcome, status, said);
}

/* The verdict of the row called BM, in text and in JSON, and the exit status. */
static void expect_verdict(int status, const char *verdict) {
    char in_json[256];
    run_gate(status, "");
    cr_expect(strstr(said, verdict), "no \"%s\" in: %s", verdict, said);
    snprintf(in_json, sizeof in_json, "\"verdict\": \"%s", verdict);
    run_gate(status, "--json");
    cr_expect(strstr(said, in_json), "no %s in: %s", in_json, said);
}

static void expect_said(int status, const char *sentence) {
    run_gate(status, "");
    cr_expect(strstr(said, sentence), "no \"%s\" in: %s", sentence, said);
}

/* Head's rows beside five repetitions of 100 ns. */
static void expect_head(int status, const char *verdict, const char *rows) {
    char base[TEXT] = "";
    write_rows("base.json", plain, repeat(base, "BM", 100, 5));
    write_rows("head.json", plain, rows);
    expect_verdict(status, verdict);
}

/* The same rows as base's beside five repetitions in head. */
static void expect_base(int status, const char *verdict, const char *rows) {
    char head[TEXT] = "";
    write_rows("base.json", plain, rows);
    write_rows("head.json", plain, repeat(head, "BM", 100, 5));
    expect_verdict(status, verdict);
}

/* ---- Well-sampled rows ----------------------------------------------------------------------- */

Test(result_files, well_sampled) {
    char slow[TEXT] = "", fast[TEXT] = "", same[TEXT] = "";
    expect_head(0, "same", repeat(same, "BM", 100, 5));
    expect_head(1, "slower", repeat(slow, "BM", 130, 5));
    expect_head(0, "faster", repeat(fast, "BM", 70, 5));
}

/* Other columns: a counter, a label, a family; older libraries write no run_type. */
Test(result_files, of_other_versions) {
    char rows[TEXT] = "";
    for (int i = 0; i < 5; i++)
        row(rows, "BM",
            "\"family_index\": 0, \"per_family_instance_index\": 0, \"real_time\": 1.3e-1, "
            "\"cpu_time\": 1, \"time_unit\": \"us\", \"items_per_second\": 1e9, \"label\": \"x\"");
    expect_head(1, "slower", rows);
}

/* ---- Too few samples ------------------------------------------------------------------------- */

/* Beside well-sampled rows of the same file. */
static void expect_few(int status, const char *verdict, double time, int count) {
    char base[TEXT] = "", head[TEXT] = "";
    write_rows("base.json", plain, repeat(repeat(base, "other", 50, 5), "BM", 100, count));
    write_rows("head.json", plain, repeat(repeat(head, "other", 50, 5), "BM", time, count));
    expect_verdict(status, verdict);
    cr_expect(strstr(said, "\"same\""), "the other row is judged: %s", said);
}

Test(result_files, one_sample_that_is_a_hundred_times_slower) {
    expect_few(1, "not judged (too few repetitions: 1 and 1; its least time is 100 times as long)",
               10000, 1);
}
Test(result_files, one_sample_that_is_little_slower) {
    expect_few(0, "not judged (too few repetitions: 1 and 1)", 140, 1);
}
Test(result_files, one_sample_that_is_faster) {
    expect_few(0, "not judged (too few repetitions: 1 and 1)", 1, 1);
}
Test(result_files, two_samples_that_are_twice_as_slow) {
    expect_few(1, "not judged (too few repetitions: 2 and 2; its least time is 2 times as long)",
               200, 2);
}
Test(result_files, five_samples_beside_one) {
    char rows[TEXT] = "";
    expect_head(1,
                "not judged (too few repetitions: 5 and 1; its least time is 10.4 times as long)",
                repeat(rows, "BM", 1000, 1));
}
Test(result_files, one_sample_of_everything) {
    char base[TEXT] = "", head[TEXT] = "";
    write_rows("base.json", plain, repeat(base, "BM", 100, 1));
    write_rows("head.json", plain, repeat(head, "BM", 101, 1));
    expect_verdict(3, "not judged (too few repetitions: 1 and 1)");
    expect_said(3, "nothing was judged: 1 of 1 have too few repetitions");
}

/* ---- Rows without a time --------------------------------------------------------------------- */

static const char skipped[] = "\"run_type\": \"iteration\", \"skipped\": true, \"skip_message\": "
                              "\"no such device\", \"iterations\": 0, \"real_time\": 0, "
                              "\"cpu_time\": 0, \"time_unit\": \"ns\"";
static const char failed[] = "\"run_type\": \"iteration\", \"error_occurred\": true, "
                             "\"error_message\": \"out of luck\", \"iterations\": 0, "
                             "\"real_time\": 0, \"cpu_time\": 0, \"time_unit\": \"ns\"";

Test(result_files, a_row_that_head_skips) {
    char rows[TEXT] = "";
    repeat(rows, "other", 50, 5);
    expect_head(3, "not judged (untimed in head: no such device)", row(rows, "BM", skipped));
}
Test(result_files, a_row_that_base_skips) {
    char rows[TEXT] = "";
    expect_base(3, "not judged (untimed in base: no such device)", row(rows, "BM", skipped));
}
Test(result_files, a_row_that_fails_in_head) {
    char rows[TEXT] = "";
    expect_head(1, "failed in head", row(rows, "BM", failed));
}
Test(result_files, a_row_that_failed_in_base) {
    char rows[TEXT] = "";
    expect_base(3, "new in head", row(rows, "BM", failed));
}
Test(result_files, a_row_that_fails_in_both) {
    char base[TEXT] = "", head[TEXT] = "";
    write_rows("base.json", plain, row(base, "BM", failed));
    write_rows("head.json", plain, row(head, "BM", failed));
    expect_verdict(3, "not judged (failed in both: out of luck)");
}
Test(result_files, a_time_of_0) {
    char rows[TEXT] = "";
    expect_head(3, "not judged (untimed in head: its time is 0)",
                row(rows, "BM",
                    "\"run_type\": \"iteration\", \"real_time\": 0.0, "
                    "\"time_unit\": \"ns\""));
}
Test(result_files, a_time_that_is_no_number) {
    char rows[TEXT] = "";
    expect_head(3, "not judged (untimed in head: its time is no number)",
                row(rows, "BM", "\"real_time\": NaN, \"time_unit\": \"ns\""));
}
/* Longer than the verdict may be, and cut between characters wherever it is cut. */
Test(result_files, a_long_reason) {
    for (int shift = 0; shift < 4; shift++) {
        char rows[TEXT] = "", fields[TEXT] = "\"skipped\": true, \"skip_message\": \"";
        for (int i = 0; i < shift; i++) strcat(fields, "x");
        for (int i = 0; i < 300; i++) strcat(fields, "\xe2\x82\xac");
        expect_head(3, "not judged (untimed in head: ", row(rows, "BM", strcat(fields, "\"")));
        json_t *root = json_loads(strchr(said, '{'), JSON_DISABLE_EOF_CHECK, NULL);
        const json_t *list = json_object_get(root, "benchmarks");
        const json_t *of = json_array_get(list, 0);
        cr_expect(json_is_string(json_object_get(of, "why")), "%s", said);
        json_decref(root);
    }
}
Test(result_files, a_complexity_without_a_time) {
    char rows[TEXT] = "";
    repeat(rows, "BM", 100, 5);
    row(rows, "BM_BigO",
        "\"cpu_coefficient\": 1, \"real_coefficient\": 1, \"big_o\": \"N\", "
        "\"time_unit\": \"ns\"");
    expect_head(0, "not judged (untimed in head: no real_time)", rows);
}
Test(result_files, a_row_that_is_missing) {
    char rows[TEXT] = "";
    repeat(rows, "other", 100, 5);
    char base[TEXT] = "";
    write_rows("base.json", plain, repeat(repeat(base, "other", 100, 5), "BM", 100, 5));
    write_rows("head.json", plain, rows);
    expect_verdict(1, "missing in head");
}

/* ---- Aggregates ------------------------------------------------------------------------------ */

Test(result_files, aggregates_only) {
    char base[TEXT] = "", head[TEXT] = "";
    write_rows("base.json", plain, aggregate(base, "BM", 100));
    write_rows("head.json", plain, aggregate(head, "BM", 10000));
    expect_verdict(3, "not judged (untimed in both: aggregates only)");
    expect_said(3, "base.json has aggregates only");
    expect_said(3, "head.json has aggregates only");
}
Test(result_files, aggregates_beside_repetitions) {
    char base[TEXT] = "", head[TEXT] = "";
    write_rows("base.json", plain, aggregate(repeat(base, "BM", 100, 5), "BM", 100));
    write_rows("head.json", plain, aggregate(repeat(head, "BM", 130, 5), "BM", 130));
    expect_verdict(1, "slower");
    cr_expect(!strstr(said, "BM_mean") && !strstr(said, "aggregates only"), "%s", said);
}

/* ---- Numbers that JSON has not --------------------------------------------------------------- */

Test(result_files, counters_that_are_not_finite) {
    static const char *const numbers[] = {"NaN", "-NaN", "Infinity",  "-Infinity",
                                          "nan", "inf",  "-nan(ind)", "nan(snan)"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char rows[TEXT] = "", fields[256];
        for (int r = 0; r < 5; r++) {
            snprintf(fields, sizeof fields,
                     "\"run_type\": \"iteration\", \"real_time\": %d, \"time_unit\": \"ns\", "
                     "\"rate\": %s, \"bytes_per_second\":%s, \"label\": \"NaN \\\" Infinity\"",
                     130 + r, numbers[i], numbers[i]);
            row(rows, "BM", fields);
        }
        expect_head(1, "slower", rows);
    }
}

/* ---- Whole files ----------------------------------------------------------------------------- */

Test(result_files, nothing_in_common) {
    char base[TEXT] = "", head[TEXT] = "", name[16];
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "a%d", i);
        repeat(base, name, 100, 2);
        *name = 'b';
        repeat(head, name, 100, 2);
    }
    write_rows("base.json", plain, base);
    write_rows("head.json", plain, head);
    run_gate(3, "");
    cr_expect_str_eq(said, "poolbench: base.json and head.json have no benchmark in common\n");
}

static void expect_refused(const char *text, size_t size, const char *sentence) {
    char head[TEXT] = "";
    FILE *file = fopen("base.json", "wb");
    cr_assert(file && fwrite(text, 1, size, file) == size && fclose(file) == 0);
    write_rows("head.json", plain, repeat(head, "BM", 100, 5));
    expect_said(2, sentence);
    cr_expect(strstr(said, "base.json"), "%s", said);
}

Test(result_files, no_benchmark_files) {
    expect_refused("", 0, "the file is empty");
    expect_refused("\n", 1, "the file is empty");
    expect_refused("\xef\xbb\xbf", 3, "the file is empty");
    expect_refused("{\"context\": {}, \"benchm", 22, "not JSON");
    expect_refused("{\"context\": {}, \"benchmarks\": []}\0x", 34, "not JSON: a NUL byte");
    expect_refused("name,iterations,real_time\nBM,1,2\n", 33, "not JSON");
}

Test(result_files, of_windows_shell) {
    static char wide[2 * TEXT] = "\xff\xfe";
    char rows[TEXT] = "", text[TEXT];
    const int length = snprintf(text, sizeof text, "{\"context\": {}, \"benchmarks\": [%s]}",
                                repeat(rows, "BM", 100, 5));
    for (int i = 0; i < length; i++) wide[2 + 2 * i] = text[i];
    expect_refused(wide, (size_t)(2 + 2 * length), "is UTF-16 text; save it as UTF-8");
}

/* What the console shows comes into files, too; so do two runs appended to one file. */
Test(result_files, beside_other_text) {
    char rows[TEXT] = "", text[2 * TEXT];
    repeat(rows, "BM", 100, 5);
    snprintf(text, sizeof text, "Running ./bench\n{\"context\": {}, \"benchmarks\": [%s]}", rows);
    expect_refused(text, strlen(text), "not JSON: '[' or '{' expected near 'Running' (line 1)");
    snprintf(text, sizeof text,
             "{\"context\": {}, \"benchmarks\": [%s]}\n{\"context\": {}, \"benchmarks\": []}",
             rows);
    expect_refused(text, strlen(text), "not JSON: end of file expected near '{'");
    expect_refused("[{\"name\": \"BM\"}]", 16, "not a benchmark file");
    expect_refused("{\"machine_info\": {}, \"benchmarks\": []}", 38, "not a benchmark file");
}

/* A difference that JSON could not hold must not get lost. */
Test(result_files, of_a_machine_with_a_long_name) {
    for (int shift = 0; shift < 4; shift++) {
        char rows[TEXT] = "", context[TEXT] = "\"host_name\": \"";
        for (int i = 0; i < shift; i++) strcat(context, "x");
        for (int i = 0; i < 100; i++) strcat(context, "\xe2\x82\xac");
        repeat(rows, "BM", 100, 5);
        write_rows("base.json", plain, rows);
        write_rows("head.json", strcat(context, "\", " CONTEXT), rows);
        run_gate(0, "--json");
        cr_expect(strstr(said, "\"key\": \"host_name\""), "%s", said);
    }
}

Test(result_files, behind_a_byte_order_mark) {
    char base[TEXT] = "", text[TEXT];
    write_rows("head.json", plain, repeat(base, "BM", 100, 5));
    snprintf(text, sizeof text, "\xef\xbb\xbf{\"context\": {%s}, \"benchmarks\": [%s]}", plain,
             base);
    write_text("base.json", text);
    expect_said(0, "1 same");
}

/* ---- Where files come from ------------------------------------------------------------------- */

static void expect_context(const char *base_context, const char *head_context,
                           const char *sentence) {
    char base[TEXT] = "", head[TEXT] = "";
    write_rows("base.json", base_context, repeat(base, "BM", 100, 5));
    write_rows("head.json", head_context, repeat(head, "BM", 100, 5));
    expect_said(0, sentence);
}

Test(result_files, of_another_machine_or_build) {
    expect_context(plain, "\"host_name\": \"two\", " CONTEXT, "host_name differs: one and two");
    expect_context("\"num_cpus\": 8", "\"num_cpus\": 16", "num_cpus differs: 8 and 16");
    expect_context("\"flags\": \"-O3 -march=native\"", "\"flags\": \"-O3 -O0 -g\"",
                   "build differs: optimised and not optimised");
    expect_context("\"flags\": \"-O2 -g -fsanitize=address\"", "\"flags\": \"-O2\"",
                   "build differs: with sanitizers and optimised");
    expect_context("\"flags\": \"-g\"", "\"flags\": \"-g\"", "build not optimised");
    expect_context(plain, plain, "build not recorded");
    cr_expect(!strstr(said, "debug"), "the library's kind says nothing: %s", said);
}
