/* The page made of a folder of results: whole, escaped, and honest about its data. */
#include "results/peer_comparison.h"
#include "report/html.h"
#include "report/plots.h"
#include "results/recorded.h"
#include "roofline/work.h"
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* A whole file of the folder; the caller frees it. */
static char *read_file(const char *name) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path_of(name), "r");
    cr_assert_not_null(file, "no %s", name);
    cr_assert_gt(getdelim(&text, &size, '\0', file), 0);
    fclose(file);
    return text;
}

/* The whole page; the caller frees it. */
static char *make_page(void) {
    struct pb_recorded recorded;
    cr_assert_eq(pb_recorded_load(folder, &recorded), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_recorded_plot(&recorded), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_recorded_page(&recorded), PB_OK, "%s", pb_error());
    pb_recorded_free(&recorded);
    return read_file("report.html");
}

static int plots_of(const char *page) {
    int plots = 0;
    for (const char *svg = page; (svg = strstr(svg, "<svg")); svg++) plots++;
    return plots;
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
                                          "a &lt;b&gt; &amp; &#34;c&#34;",
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
    cr_expect_eq(plots_of(page), 4);
    free(page);
}

/* Names come from files: none of them is taken for HTML, nor for the template's own syntax. */
Test(report, names_are_text) {
    write_file("a<script>x{{ 7*7 }}.json",
               "{\"context\": {\"cpu\": \"{% include 'x' %}\", \"flags\": \"\\\"><b>'\"}, "
               "\"benchmarks\": [{\"name\": \"<script>k</script>{{ 7*7 }}/max:{# x #}\", "
               "\"label\": \"simd\", \"real_time\": 1, \"time_unit\": \"us\"}]}",
               "");
    write_file("b\xff.json", run, "");
    write_log("train/{{ 7*7 }}{% x %}.csv", "# line: {{ 7*7 }} \"<script>\" & 'y'\n",
              "1,2,2,70,1000,2000,3\n");
    char *page = make_page();
    static const char *const present[] = {
            "Kernels: a&lt;script&gt;x{{ 7*7 }}</h2>",
            "<dd>{% include &#39;x&#39; %}</dd>",
            "<dd>&#34;&gt;&lt;b&gt;&#39;</dd>",
            "<td>&lt;script&gt;k&lt;</td>",
            "<code class=\"faint\">script&gt;{{ 7*7 }}/max:{# x #}</code>",
            "Kernels: b?</h2>",
            "<tr><td>{{ 7*7 }}{% x %}</td>",
            "<code>{{ 7*7 }} &#34;&lt;script&gt;&#34; &amp; &#39;y&#39;</code>",
    };
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        cr_expect_not_null(strstr(page, present[i]), "no %s", present[i]);
    cr_expect_null(strstr(page, "<script"));
    free(page);
}

/* ---- Beside peers ---------------------------------------------------------------------------- */

/* What of a run is written as JSON. */
struct row {
    const char *kernel, *label; /* kernel NULL: what is selected of ours */
    double time;
};

/* A benchmark for each row, on one problem. */
static void write_rows(FILE *file, const char *text, const struct row *rows, int count) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    for (int i = 0; i < count; i++) {
        const char *kernel = rows[i].kernel ? rows[i].kernel : pb_select(&problem, NULL)->name;
        char name[256];
        snprintf(name, sizeof name, "%s/%s", kernel, text);
        json_t *entry = json_pack("{s:s, s:s, s:f, s:s}", "name", name, "label", rows[i].label,
                                  "real_time", rows[i].time, "time_unit", "us");
        cr_assert_not_null(entry);
        json_dumpf(entry, file, 0);
        json_decref(entry);
        fputs(i + 1 < count ? ", " : "", file);
    }
}

/* Ours takes 10 us; far is beaten, near is the best peer of the first shape and far of the second,
 * what calls itself a reference does not count. */
static const char *const shapes[] = {"max:f32:nchw:fwd:mb1ic3_ih8oh4kh2sh2ph0_nfirst",
                                     "max:f32:nchw:fwd:mb2ic3_ih8oh4kh2sh2ph0_nsecond",
                                     "gap:f32:nhwc:bwd:mb1ic3_ih4_nthird"};
static const struct row rows[3][4] = {{{NULL, "simd", 10},
                                       {"far_max", "far peer", 40},
                                       {"near_max", "near peer jit:<x>", 20},
                                       {"near_any", "near reference ref", 1}},
                                      {{NULL, "simd", 10},
                                       {"far_max", "far peer", 5},
                                       {"near_max", "near peer jit:<x>", 20},
                                       {"near_any", "near reference ref", 1}},
                                      {{NULL, "simd", 10},
                                       {"far_gap", "far peer", 30},
                                       {"near_gap", "near peer jit:<x>", 40},
                                       {"near_any", "near reference ref", 1}}};

static void write_run_with_peers(const char *name) {
    FILE *file = fopen(path_of(name), "w");
    cr_assert_not_null(file);
    fputs("{\"context\": {\"roof_peak\": \"1e11\", \"roof_l2\": \"2e11\"}, \"benchmarks\": [",
          file);
    for (int i = 0; i < 3; i++) {
        write_rows(file, shapes[i], rows[i], 4);
        fputs(i < 2 ? ", " : "]}", file);
    }
    fclose(file);
}

/* The file holds every thing, up to the first NULL. */
static void expect_in_file(const char *name, const char *const *thing) {
    char *text = read_file(name);
    for (; *thing; thing++) cr_expect_not_null(strstr(text, *thing), "no %s in: %s", *thing, text);
    free(text);
}

static bool is_there(const char *name) {
    return access(path_of(name), F_OK) == 0;
}

Test(report, the_best_peer_has_a_bar) {
    write_run_with_peers("with.json");
    char *page = make_page();
    expect_in_file("plots/with-peers-max-fwd.dat",
                   (const char *const[]){"\tfirst  1×3×8×8\n", "\tsecond  2×3×8×8\n",
                                         "\tnchw: geometric mean 1.00× over 2 shapes\t1\t",
                                         "\n\n\nfar\n2.3\t0.5\t0.5\t0.5\t0.50×\n\n\nnear\n",
                                         "\t2\t2\t2\t2.00×\n", NULL});
    expect_in_file("plots/with-peers-gap-bwd.dat",
                   (const char *const[]){"\tnhwc: geometric mean 3.00× over 1 shape\t3\t",
                                         "\n\n\nfar\n", "\t3\t3\t3\t3.00×\n", NULL});
    cr_expect(is_there("plots/with-peers-max-fwd.svg") && is_there("plots/with-peers-gap-bwd.svg"));
    cr_expect_eq(plots_of(page), 5, "%d: two of bars, roofline, time, limit", plots_of(page));
    free(page);
}

Test(report, the_page_tells_of_peers) {
    write_run_with_peers("with.json");
    char *page = make_page();
    static const char *const present[] = {
            "<h3>Beside other libraries</h3>",
            "<td>max</td><td class=\"text\">nchw</td>",
            "<td class=\"text\">fwd</td><td>2</td><td>1.00×</td>",
            "<td class=\"bad\">0.50×</td><td class=\"text\">second  2×3×8×8</td>",
            "<th>Minimum</th><th>Best peer / it [95 %]</th>",
            "near_max <span class=\"faint\">jit:&lt;x&gt;</span></td>",
            "<td>2.00× <span class=\"faint\">[2.00, 2.00] near</span></td>",
            ">reference</span></td><td class=\"text\">near</td><td class=\"text\">–</td>"
            "<td>1.00 us</td>",
    };
    for (size_t i = 0; i < sizeof present / sizeof *present; i++)
        cr_expect_not_null(strstr(page, present[i]), "no %s", present[i]);
    free(page);
}

/* Backward pooling moves values only: no point. */
Test(report, points_beneath_the_limits) {
    struct pb_problem problem;
    char ours[64], near[64];
    cr_assert_eq(pb_problem_parse(shapes[0], &problem), PB_OK, "%s", pb_error());
    const struct pb_traffic least = pb_least_traffic(&problem);
    double flops = pb_least_flops(&problem), intensity = flops / (least.read + least.written);
    snprintf(ours, sizeof ours, "\n%.6g\t%.6g\n", intensity, flops / 10e-6 / 1e9);
    snprintf(near, sizeof near, "\nnear\n%.6g\t%.6g\n", intensity, flops / 20e-6 / 1e9);
    write_run_with_peers("with.json");
    free(make_page());
    expect_in_file("plots/with-roofline.dat",
                   (const char *const[]){"L2: 200 GB/s\n", "\n0.5\t100\n",
                                         "peak: 100 GFLOP/s\n0.5\t100\n", "\n\n\nours\n", ours,
                                         "\n\n\nfar\n", near, NULL});
    cr_expect(is_there("plots/with-roofline.svg"));
}

/* A report may be made on a machine, or by a program, that would take another kernel. */
Test(report, ours_is_what_the_run_says_was_selected) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse(shapes[0], &problem), PB_OK, "%s", pb_error());
    FILE *file = fopen(path_of("else.json"), "w");
    cr_assert_not_null(file);
    fprintf(file,
            "{\"context\": {}, \"benchmarks\": [{\"name\": \"maxpool_f32_elsewhere/%s\", "
            "\"label\": "
            "\"simd\", \"real_time\": 10, \"time_unit\": \"us\", \"selected\": true}, ",
            shapes[0]);
    write_rows(file, shapes[0],
               (const struct row[]){{NULL, "simd", 5}, {"far_max", "far peer", 40}}, 2);
    fputs("]}", file);
    fclose(file);
    free(make_page());
    expect_in_file("plots/else-peers-max-fwd.dat", (const char *const[]){"\t4.00×\n", NULL});
}

Test(report, without_peers_no_plots_of_them) {
    write_file("run.json", run, "");
    char *page = make_page();
    cr_expect_eq(plots_of(page), 2);
    cr_expect_null(strstr(page, "Beside other libraries"));
    cr_expect_null(strstr(page, "Best peer"));
    cr_expect(!is_there("plots/run-peers-max-fwd.dat") && !is_there("plots/run-roofline.dat"));
    free(page);
}

/* With a bar for each method they would be many pages long. */
Test(report, of_many_shapes_beside_peers_no_times_are_drawn) {
    FILE *file = fopen(path_of("many.json"), "w");
    cr_assert_not_null(file);
    fputs("{\"context\": {}, \"benchmarks\": [", file);
    for (int i = 1; i <= 25; i++) {
        char text[64];
        snprintf(text, sizeof text, "max:mb1ic%dih8kh2sh2", i);
        write_rows(file, text, rows[0], 2);
        fputs(i < 25 ? ", " : "]}", file);
    }
    fclose(file);
    char *page = make_page();
    cr_expect_not_null(strstr(page, "for up to 24 shapes beside peers; this run has 25"));
    cr_expect_not_null(strstr(page, "<summary>All 50 results on 25 shapes</summary>"));
    cr_expect_eq(plots_of(page), 1, "no limit was recorded");
    cr_expect(!is_there("plots/many-time.svg") && !is_there("plots/many-limit.svg"));
    expect_in_file("plots/many-peers-max-fwd.dat",
                   (const char *const[]){"\tmb1ic25_ih8oh4kh2sh2ph0\n", "over 25 shapes", NULL});
    free(page);
}

/* Nor do names run commands, which gnuplot would where a file's begins with '|' or '<'. */
Test(report, odd_names_do_no_harm) {
    static const struct row odd[] = {{NULL, "si\"md", 10},
                                     {"a'b\\c_x", "a'b\\\"\t{/c peer <&>", 20},
                                     {"%s_x", "%s%d`id` peer", 30}};
    static const char *const names[] = {"|touch oddly; \"x\" 'y'.json", "<touch oddly;.json"};
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(path_of(names[i]), "w");
        cr_assert_not_null(file);
        fputs("{\"context\": {\"roof_peak\": \"1e11\", \"roof_l1\": \"nan\", \"roof_l2\": \"-\"}, "
              "\"benchmarks\": [",
              file);
        write_rows(file, "max:mb1ic3ih8kh2sh2_n\"a'b\\{/:Bold <c>&%s", odd, 3);
        fputs("]}", file);
        fclose(file);
    }
    char *page = make_page();
    cr_expect_eq(plots_of(page), 8, "%d", plots_of(page));
    cr_expect_null(strstr(page, "<c>"));
    cr_expect_not(is_there("plots/oddly") || is_there("oddly"));
    free(page);
}

/* ---- Training -------------------------------------------------------------------------------- */

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

/* Python finds this module first, and no Jinja2 in it. */
Test(report, without_jinja_a_sentence_names_the_package) {
    write_file("run.json", run, "");
    write_file("report.html", "as it was", "");
    mkdir(path_of("python"), 0777);
    write_file("python/jinja2.py", "raise ImportError", "");
    setenv("PYTHONPATH", path_of("python"), 1);
    expect_report(2, "install the Debian package python3-jinja2");
    unsetenv("PYTHONPATH");
    cr_expect(is_there("plots/run-time.svg"));
    cr_expect(!is_there("report.html.part"));
    expect_in_file("report.html", (const char *const[]){"as it was", NULL});
}

/* Whatever the words of the version that recorded it. */
static void expect_matrix(const char *pass, const char *fail, const char *defect) {
    char text[2048];
    snprintf(text, sizeof text,
             "{\"cpu\": \"it\", \"implementations\": [{\"name\": \"naive\", \"version\": \"\"},"
             "{\"name\": \"peer\", \"version\": \"1.0\"}],"
             "\"rows\": [{\"kind\": \"rule\", \"id\": \"r\", \"sentence\": \"it is\"},"
             "{\"kind\": \"%s\", \"id\": \"e\", \"sentence\": \"it was not\","
             "\"address\": \"a/b#1\", \"outside\": \"16-bit only\"}],"
             "\"cells\": [{\"implementation\": \"naive\", \"row\": \"r\", \"operation\": \"max\","
             "\"layout\": \"nchw\", \"verdict\": \"%s\", \"checks\": 2},"
             "{\"implementation\": \"peer\", \"row\": \"r\", \"operation\": \"max\","
             "\"layout\": \"nhwc\", \"verdict\": \"%s\", \"checks\": 1,"
             "\"sentence\": \"should be <nan>\"}]}",
             defect, pass, fail);
    write_file("conformance.json", text, "");
    expect_report(0, "peer 1.0 fails r; passes the rest of the contract");
    expect_in_file(
            "report.html",
            (const char *const[]){
                    "<td class=\"mark pass\" title=\"naive passes&#10;max nchw: pass (2 "
                    "checks)\">✓</td>",
                    "<td class=\"mark fail\" title=\"peer fails&#10;max nhwc: fail (1 checks); "
                    "should be &lt;nan&gt;\">✗</td>",
                    "<td class=\"mark untested\"", "a/b#1 — not tested: 16-bit only",
                    "<td>Known defects of libraries",
                    "<tr><td>peer 1.0</td><td>0</td><td>0</td><td class=\"bad\">1</td><td>1</td>"
                    "</tr>",
                    NULL});
}

Test(report, the_conformance_matrix) {
    expect_matrix("pass", "fail", "known defect");
    expect_matrix("keeps", "breaks", "exhibit");
    expect_matrix("pass", "what?", "known defect");
}

/* Rows that were renamed since are those of today in the summary, the page and its data. */
Test(report, rows_recorded_before_have_their_ids_of_today) {
    write_file("conformance.json",
               "{\"cpu\": \"it\", \"implementations\": [{\"name\": \"naive\", \"version\": \"\"}],"
               "\"rows\": [{\"kind\": \"law\", \"id\": \"law_box\", \"sentence\": \"it is\"}],"
               "\"cells\": [{\"implementation\": \"naive\", \"row\": \"law_box\","
               "\"operation\": \"max\", \"layout\": \"nchw\", \"verdict\": \"breaks\","
               "\"checks\": 2}]}",
               "");
    expect_report(0, "naive fails relation_box;");
    expect_in_file("report.html", (const char *const[]){"relation_box", NULL});
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
    remove(path_of("cut.json"));
    write_file("conformance.json", "{\"rows\": []}", "");
    cr_expect_eq(pb_recorded_load(folder, &recorded), PB_INVALID);
    cr_expect_not_null(strstr(pb_error(), "conformance.json: is no conformance matrix"));
}

static void compress(const char *name) {
    char command[256];
    snprintf(command, sizeof command, "gzip -9n %s", path_of(name));
    cr_assert_eq(system(command), 0);
}

Test(report, compressed_files_are_read) {
    write_file("one.run.json", run, "");
    compress("one.run.json");
    write_file("conformance.json", "{\"implementations\": [], \"rows\": [], \"cells\": []}", "");
    compress("conformance.json");
    struct pb_recorded recorded;
    cr_assert_eq(pb_recorded_load(folder, &recorded), PB_OK, "%s", pb_error());
    cr_assert_eq(recorded.runs, 1);
    cr_expect_str_eq(recorded.run[0].name, "one.run");
    cr_expect_eq(recorded.run[0].count, 2);
    cr_expect_not_null(recorded.conformance);
    pb_recorded_free(&recorded);
    write_file("one.run.json", run, "");
    cr_expect_eq(pb_recorded_load(folder, &recorded), PB_INVALID);
    cr_expect_not_null(strstr(pb_error(), "the run 'one.run' too"), "%s", pb_error());
}

Test(report, a_compressed_file_that_ends_early_is_named) {
    write_file("cut.json", run, "");
    compress("cut.json");
    cr_assert_eq(truncate(path_of("cut.json.gz"), 100), 0);
    struct pb_recorded recorded;
    cr_expect_eq(pb_recorded_load(folder, &recorded), PB_IO);
    cr_expect_not_null(strstr(pb_error(), "cut.json.gz"), "%s", pb_error());
}

/* A peer that a file calls selected is no kernel of ours. */
Test(report, a_peer_that_was_selected_is_passed_over) {
    static const char peer[] =
            "{\"context\": {}, \"benchmarks\": [{\"name\": \"x_y/max:mb1ic2ih4kh2\", \"label\": "
            "\"x peer\", \"real_time\": 1, \"time_unit\": \"us\", \"selected\": true}]}";
    struct pb_results results;
    struct pb_peer_comparison *comparisons;
    size_t count;
    cr_assert_eq(pb_results_parse(peer, "peer", &results), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_peer_comparisons_find(&results, &comparisons, &count), PB_OK);
    cr_expect_eq(count, 0);
    free(comparisons);
    pb_results_free(&results);
    write_file("peer.json", peer, "");
    expect_report(0, "/report.html");
}

/* Two reports of one folder at a time: both are whole. */
Test(report, two_may_be_made_at_a_time) {
    char command[512];
    write_file("run.json", run, "");
    write_log("train/a.csv", "# data: d\n", "1,2,2,30,100,200,1\n");
    snprintf(command, sizeof command,
             "cd %s; for i in 1 2 3; do %s report . >$i.txt 2>&1 & p=\"$p $!\"; done; "
             "for i in $p; do wait $i || exit 1; done",
             folder, POOLBENCH_PROGRAM);
    cr_expect_eq(system(command), 0, "%s", read_file("1.txt"));
    snprintf(command, sizeof command,
             "cd %s/plots && ! ls -A | grep -v '^[^.].*[.]\\(svg\\|dat\\)$'", folder);
    cr_expect_eq(system(command), 0, "nothing but plots and their data is left");
}

Test(report, an_empty_folder_has_nothing) {
    struct pb_recorded recorded;
    cr_assert_eq(pb_recorded_load(folder, &recorded), PB_OK, "%s", pb_error());
    cr_expect_eq(recorded.runs + recorded.logs, 0);
    pb_recorded_free(&recorded);
    cr_expect_eq(pb_recorded_load("/nonexistent", &recorded), PB_IO);
}
