/* The page made of a folder of results: whole, escaped, and honest about its data. */
#include "recorded.h"
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char folder[64];

static const char columns[] = "epoch,train_loss,val_loss,accuracy,train_images_per_second,"
                              "infer_images_per_second,seconds\n";

static const char *path_of(const char *name) {
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text, const char *more) {
    FILE *file = fopen(path_of(name), "w");
    cr_assert_not_null(file);
    fprintf(file, "%s%s", text, more);
    fclose(file);
}

static void make_folder(void) {
    strcpy(folder, "/tmp/poolbench-report-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    mkdir(path_of("train"), 0777);
}

static int remove_one(const char *path, const struct stat *at, int kind, struct FTW *where) {
    (void)at, (void)kind, (void)where;
    return remove(path);
}

static void remove_folder(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(report, .init = make_folder, .fini = remove_folder);

static const char run[] =
        "{\"context\": {\"cpu\": \"a <b> & \\\"c\\\"\", \"threads\": \"1\"}, \"benchmarks\": ["
        "{\"name\": \"maxpool_f32_naive/max:f32:nchw:fwd:mb1ic2_ih4oh2kh2sh2_nfour\", \"label\": "
        "\"naive\", \"real_time\": 2, \"time_unit\": \"us\", \"limit\": 0.5},"
        "{\"name\": \"maxpool_f32_avx2/max:f32:nchw:fwd:mb1ic2_ih4oh2kh2sh2_nfour\", \"label\": "
        "\"simd\", \"real_time\": 1, \"time_unit\": \"us\", \"limit\": 1.5}]}";

/* The whole page; the caller frees it. */
static char *make_page(void) {
    struct pb_recorded recorded;
    char *page = NULL;
    size_t size = 0;
    cr_assert_eq(pb_recorded_load(folder, &recorded), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_recorded_plot(&recorded), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_recorded_page(&recorded), PB_OK, "%s", pb_error());
    pb_recorded_free(&recorded);
    FILE *file = fopen(path_of("report.html"), "r");
    cr_assert_not_null(file);
    cr_assert_gt(getdelim(&page, &size, '\0', file), 0);
    fclose(file);
    return page;
}

static void write_log(const char *name, const char *facts, const char *rows) {
    char head[512];
    snprintf(head, sizeof head, "%s%s", facts, columns);
    write_file(name, head, rows);
}

Test(report, the_page_holds_everything_and_escapes_it) {
    write_file("run.json", run, "");
    write_file("other.json", "{\"peaks\": []}", "");
    write_log("train/net<1>.csv", "# data: synthetic\n# line: relu | <gap>\n",
              "1,2.1,2.0,31.25,1500.0,4000.0,33.5\n2,1.9,1.8,40.50,1600.0,4100.0,33.0\n");
    char *page = make_page();
    static const char *const present[] = {"data: synthetic",
                                          "a &lt;b&gt; &amp; &quot;c&quot;",
                                          "net&lt;1&gt;",
                                          "relu | &lt;gap&gt;",
                                          "40.5",
                                          "four",
                                          "2.0 times",
                                          "</html>"};
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        cr_expect_not_null(strstr(page, present[i]), "no %s", present[i]);
    cr_expect_null(strstr(page, "<gap>"));
    cr_expect_null(strstr(page, "src="), "it opens from disk, with no other file");
    int plots = 0;
    for (const char *svg = page; (svg = strstr(svg, "<svg")); svg++) plots++;
    cr_expect_eq(plots, 4);
    free(page);
}

Test(report, several_data_sets_are_told_apart) {
    write_log("train/a.csv", "# data: real one\n", "1,2,2,70,1000,2000,3\n");
    write_log("train/b.csv", "# data: synthetic\n", "1,2,2,99,1000,2000,3\n");
    write_log("train/c.csv", "# data: real one\n", "1,2,2,60,1000,2000,3\n");
    char *page = make_page();
    static const char *const present[] = {
            "on data: several data sets", "(data: several data sets)",
            "Most accurate on real one: <b>a</b> with <b>70.0 %</b> after epoch 1, of 2 runs",
            "Most accurate on synthetic: <b>b</b>", "<td class=\"text\">synthetic</td>"};
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        cr_expect_not_null(strstr(page, present[i]), "no %s", present[i]);
    free(page);
}

Test(report, a_run_that_diverged_is_shown) {
    write_log("train/wild.csv", "", "1,2,2,12,1000,2000,3\n2,-nan,inf,10,1000,2000,3\n");
    char *page = make_page();
    cr_expect_not_null(strstr(page, "<td>10.00 %</td><td>nan</td><td>nan</td>"));
    free(page);
}

/* The program's exit status on the folder; what it prints must hold `thing`. */
static void expect_report(int status, const char *thing) {
    char command[256], printed[4096];
    snprintf(command, sizeof command, "'%s' report %s 2>&1", POOLBENCH_PROGRAM, folder);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    printed[fread(printed, 1, sizeof printed - 1, pipe)] = '\0';
    int outcome = WEXITSTATUS(pclose(pipe));
    cr_expect_eq(outcome, status, "%d, not %d: %s", outcome, status, printed);
    cr_expect(strstr(printed, thing), "no '%s' in: %s", thing, printed);
}

Test(report, nothing_recorded_is_not_green) {
    expect_report(3, "no benchmark and no epoch");
    write_file("empty.json", "{\"context\": {}, \"benchmarks\": []}", "");
    write_log("train/begun.csv", "# network: gap\n", "");
    expect_report(3, "no benchmark and no epoch");
}

Test(report, the_summary) {
    write_file("run.json", run, "");
    write_log("train/gap-1.csv", "# network: gap\n# data: d\n", "1,2,2,70,1000,2000,3\n");
    write_log("train/gap-2.csv", "# network: gap\n# data: d\n", "1,2,2,80,1500,2000,3\n");
    expect_report(0, "80.00 % after epoch 1, trains 1500 images/s (data: d)");
    expect_report(0, "run: simd is 2.0 times as fast as naive (geometric mean over 1 shapes)");
    expect_report(0, "/report.html");
}

Test(report, broken_files_are_named) {
    static const struct {
        const char *text, *more;
    } bad[] = {{"", ""},
               {"a,b\n1,2\n", ""},
               {columns, "1,2,3\n"},
               {columns, "1,2,3,4,5,6,7,8\n"},
               {columns, "1,2,3,nan,5,6,7\n"},
               {columns, "1,x,3,4,5,6,7\n"}};
    struct pb_recorded recorded;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file("train/bad.csv", bad[i].text, bad[i].more);
        cr_expect_eq(pb_recorded_load(folder, &recorded), PB_INVALID, "%zu", i);
        cr_expect_not_null(strstr(pb_error(), "train/bad.csv"), "%zu: %s", i, pb_error());
    }
    remove(path_of("train/bad.csv"));
    write_file("cut.json", "{\"context\": {", "");
    cr_expect_eq(pb_recorded_load(folder, &recorded), PB_INVALID);
    cr_expect_not_null(strstr(pb_error(), "cut.json"));
}

Test(report, an_empty_folder_has_nothing) {
    struct pb_recorded recorded;
    cr_assert_eq(pb_recorded_load(folder, &recorded), PB_OK, "%s", pb_error());
    cr_expect_eq(recorded.runs + recorded.logs, 0);
    pb_recorded_free(&recorded);
    cr_expect_eq(pb_recorded_load("/nonexistent", &recorded), PB_IO);
}
