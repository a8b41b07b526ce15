/* Batch files, benchdnn's and our own: what their words make, leave out, ignore and refuse. */
#include "common/suites.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/poolbench-batch-XXXXXX";

static void enter(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void leave(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(batch, .init = enter, .fini = leave, .timeout = 60);

static void write_bytes(const char *path, const char *text, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(text, 1, size, file) == size && fclose(file) == 0, "%s", path);
}

static void write_text(const char *path, const char *text) {
    write_bytes(path, text, strlen(text));
}

/* The problems of a file, each in a line, and what reading it said on stderr. */
static char made[16384], said[16384];
static int refused;

static void read_batch(const char *path, const char *op) {
    struct pb_problems problems = {0};
    const int before = pb_lines_refused, kept = dup(STDERR_FILENO);
    cr_assert_not_null(freopen("said.txt", "w+", stderr));
    enum pb_status status = pb_problems_read(&problems, path, op, -1);
    fflush(stderr);
    rewind(stderr);
    said[fread(said, 1, sizeof said - 1, stderr)] = 0;
    dup2(kept, STDERR_FILENO);
    close(kept);
    cr_assert_eq(status, PB_OK, "%s", pb_error());
    refused = pb_lines_refused - before;
    *made = 0;
    for (size_t i = 0; i < problems.count; i++) {
        char text[PB_TEXT_SIZE];
        strcat(strcat(made, pb_problem_print(&problems.item[i], text)), "\n");
    }
    pb_problems_free(&problems);
}

/* The file makes exactly these lines, and says nothing. */
static void expect_made(const char *text, const char *op, const char *lines) {
    write_text("batch.txt", text);
    read_batch("batch.txt", op);
    cr_expect_str_eq(made, lines, "%s: made %s", text, made);
    cr_expect(!refused && !*said, "%s: said %s", text, said);
}

/* The file makes so many problems and says this. */
static void expect_said(const char *text, const char *op, int count, const char *sentence) {
    int lines = 0;
    write_text("batch.txt", text);
    read_batch("batch.txt", op);
    for (const char *c = made; *c; c++) lines += *c == '\n';
    cr_expect_eq(lines, count, "%s: made %d: %s", text, lines, made);
    cr_expect(strstr(said, sentence), "%s: no \"%s\" in: %s", text, sentence, said);
}

static void expect_refused(const char *text, const char *op, int count, const char *sentence) {
    expect_said(text, op, count, sentence);
    cr_expect_eq(refused, 1, "%s: refused %d: %s", text, refused, said);
}

/* The canonical text of a problem, for expect_made. */
static const char *canonical(const char *text) {
    static char lines[4][PB_TEXT_SIZE];
    static int next;
    struct pb_problem problem;
    char *line = lines[next++ % 4];
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    pb_problem_print(&problem, line);
    return strcat(line, "\n");
}

/* ---- Options that say what to compute -------------------------------------------------------- */

/* Each of these is one problem, the same as ours. */
Test(batch, options_are_honoured) {
    static const struct {
        const char *text, *op, *ours;
    } cases[] = {
            {"ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--alg=max ic3ih4kh2", NULL, "max:ic3ih4kh2"},
            {"--alg=pooling_max ic3ih4kh2", NULL, "max:ic3ih4kh2"},
            {"--alg=AVG_P ic3ih4kh2", NULL, "avg_p:ic3ih4kh2"},
            {"--alg=pooling_avg_include_padding ic3ih4kh2", NULL, "avg_p:ic3ih4kh2"},
            {"--alg=avg_np ic3ih4kh2", "max", "avg_np:ic3ih4kh2"},
            {"--alg=pooling_avg_exclude_padding ic3ih4kh2", NULL, "avg_np:ic3ih4kh2"},
            {"--alg=DIRECT ic3oc4ih4kh2", NULL, "conv:ic3oc4ih4kh2"},
            {"--alg=wino ic3oc4ih4kh2", NULL, "conv:ic3oc4ih4kh2"},
            {"--alg=convolution_auto ic3oc4ih4kh2", NULL, "conv:ic3oc4ih4kh2"},
            {"--conv ic3oc4ih4kh2", NULL, "conv:ic3oc4ih4kh2"},
            {"--pool ic3ih4kh2", NULL, "max:ic3ih4kh2"},
            {"--pool ic3ih4kh2", "avg_p", "avg_p:ic3ih4kh2"},
            {"--conv ic3oc4ih4kh2", "max", "conv:ic3oc4ih4kh2"},
            {"--dt=f32 ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--dt=u8:u8 ic3ih4kh2", "max", "max:u8:ic3ih4kh2"},
            {"--dt=S8 ic3ih4kh2", "max", "max:s8:ic3ih4kh2"},
            {"--dt=f32:f32:f32 ic3oc4ih4kh2", "conv", "conv:ic3oc4ih4kh2"},
            {"--cfg=f32_wino ic3oc4ih4kh2", "conv", "conv:ic3oc4ih4kh2"},
            {"--cfg=u8 ic3ih4kh2", "max", "max:u8:ic3ih4kh2"},
            {"--bia-dt=undef ic3oc4ih4kh2", "conv", "conv:ic3oc4ih4kh2"},
            {"--bia_dt=f32 ic3oc4ih4kh2", "conv", "conv:ic3oc4ih4kh2"},
            {"--tag=any ic3ih4kh2", "max:nhwc", "max:nhwc:ic3ih4kh2"},
            {"--tag=abx ic3ih4kh2", "max:nhwc", "max:nchw:ic3ih4kh2"},
            {"--tag=axb ic3ih4kh2", "max", "max:nhwc:ic3ih4kh2"},
            {"--tag=nhwc ic3ih4kh2", "max", "max:nhwc:ic3ih4kh2"},
            {"--tag=NHWC ic3ih4kh2", "max", "max:nhwc:ic3ih4kh2"},
            {"--tag=acdb ic3ih4kh2", "max", "max:nhwc:ic3ih4kh2"},
            {"--tag=ncdhw ic3id4kd2", "max", "max:nchw:ic3id4kd2"},
            {"--tag=nwc ic3iw4kw2", "max", "max:nhwc:ic3iw4kw2"},
            {"--tag=nChw16c ic3ih4kh2", "max", "max:nChw16c:ic3ih4kh2"},
            {"--tag=aBcde16b ic3id4kd2", "max", "max:nChw16c:ic3id4kd2"},
            {"--stag=axb --dtag=axb ic3oc4ih4kh2", "conv", "conv:nhwc:ic3oc4ih4kh2"},
            {"--stag=axb --wtag=any --dtag=any ic3oc4ih4kh2", "conv", "conv:nhwc:ic3oc4ih4kh2"},
            {"--stag=abx --wtag=abx --dtag=abx ic3oc4ih4kh2", "conv", "conv:ic3oc4ih4kh2"},
            {"--stag=axb --wtag=ohwi ic3oc4ih4kh2", "conv", "conv:nhwc:ic3oc4ih4kh2"},
            {"--wtag=goihw g3ic3oc3ih4kh2", "conv", "conv:g3ic3oc3ih4kh2"},
            {"--wtag=abcde g3ic3oc3ih4kh2", "conv", "conv:g3ic3oc3ih4kh2"},
            {"--wtag=gohwi --stag=axb g3ic3oc3ih4kh2", "conv", "conv:nhwc:g3ic3oc3ih4kh2"},
            {"--dir=FWD_D ic3ih4kh2", "max", "max:fwd_idx:ic3ih4kh2"},
            {"--dir=fwd_d ic3ih4kh2", "avg_p", "avg_p:fwd:ic3ih4kh2"},
            {"--dir=FWD_I ic3ih4kh2", "max", "max:fwd:ic3ih4kh2"},
            {"--dir=bwd_d ic3ih4kh2", "max", "max:bwd:ic3ih4kh2"},
            {"--dir=FWD_B ic3oc4ih4kh2", "conv", "conv:fwd:ic3oc4ih4kh2"},
            {"--dir=BWD_W ic3oc4ih4kh2", "conv", "conv:bwd_w:ic3oc4ih4kh2"},
            {"--dir=BWD_WB ic3oc4ih4kh2", "conv", "conv:bwd_w:ic3oc4ih4kh2"},
            {"--mb=7 ic3ih4kh2", "max", "max:mb7ic3ih4kh2"},
            {"--mb=0 mb3ic3ih4kh2", "max", "max:mb3ic3ih4kh2"},
            {"--match=.*sma.* ic3ih4kh2_n\"small\"", "max", "max:ic3ih4kh2_n\"small\""},
            {"--dt=bf16 --reset ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--dt=s8 --dt= ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--attr-post-ops= ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--attr-post-ops='' ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--attr-fpmath=strict ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--attr-acc-mode=strict ic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"--strides=:: ic3oc4ih4kh2", "conv", "conv:ic3oc4ih4kh2"},
            {"\xef\xbb\xbfic3ih4kh2", "max", "max:ic3ih4kh2"},
            {"ic3ih4kh2\r\n", "max", "max:ic3ih4kh2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_made(cases[i].text, cases[i].op, canonical(cases[i].ours));
}

Test(batch, every_combination_of_lists) {
    write_text("shapes.txt", "ic3ih4kh2_n\"small\"  ic5iw9kw3n\"other#1\"\n");
    expect_said("--reset --mb=1 --skip-impl=ref\n"
                "--alg=max,avg_p --dir=FWD_D,BWD_D # in front of all\n"
                "--tag=abx,axb\n--batch=shapes.txt\n",
                NULL, 16, "16 problems, 0 left out, 1 options");
    expect_said("--tag=abx, \\\n  ax\\\n b\nic3ih4kh2\n--reset ic3iw4kw2", "max", 3, "");
    char many[16384] = "--mb=1";
    for (int i = 0; i < 5000; i++) strcat(many, ",1");
    expect_refused(strcat(many, " --tag=abx,axb ic3ih4kh2"), "max", 0, "combinations");
}

Test(batch, a_long_name_is_cut) {
    char text[512] = "ic3ih4kh2_n\"";
    for (int i = 0; i < 200; i++) strcat(text, "x");
    expect_said(text, "max", 1, "");
    cr_expect_eq(refused, 0, "%s", said);
}

/* ---- What is left out ------------------------------------------------------------------------ */

Test(batch, what_changes_the_result_is_left_out) {
    static const struct {
        const char *text, *op, *sentence;
    } cases[] = {
            {"--cfg=bf16 ic3ih4kh2", "max", "left out for --cfg=bf16: 1"},
            {"--cfg=u8s8s32 ic3oc4ih4kh2", "conv", "left out for --cfg=u8s8s32: 1"},
            {"--cfg=s8 ic3oc4ih4kh2", "conv", "left out for --cfg=s8 of a convolution: 1"},
            {"--dt=u8:s8:f32 ic3oc4ih4kh2", "conv", "--dt=u8:s8:f32: 1"},
            {"--dt=f8_e5m2 ic3ih4kh2", "max", "--dt=f8_e5m2: 1"},
            {"--dt=s8 --dir=BWD_D ic3ih4kh2", "max", "--dt=s8 backward: 1"},
            {"--bia-dt=bf16 ic3oc4ih4kh2", "conv", "--bia-dt=bf16: 1"},
            {"--tag=aBcd8b ic3ih4kh2", "max", "--tag=aBcd8b: 1"},
            {"--tag=nhcw ic3ih4kh2", "max", "--tag=nhcw: 1"},
            {"--tag=ABcd16b ic3ih4kh2", "max", "--tag=ABcd16b: 1"},
            {"--tag=abcd ic3iw4kw2", "max", "--tag=abcd of another rank: 1"},
            {"--stag=axb --dtag=abx ic3oc4ih4kh2", "conv", "--dtag=abx beside another tag: 1"},
            {"--stag=axb --wtag=abx ic3oc4ih4kh2", "conv", "--wtag=abx beside the other tags: 1"},
            {"--stag=axb --wtag=axb g3ic3oc3ih4kh2", "conv", "--wtag=axb beside"},
            {"--wtag=hwio ic3oc4ih4kh2", "conv", "--wtag=hwio: 1"},
            {"--dir=BWD_DW ic3oc4ih4kh2", "conv", "--dir=BWD_DW: 1"},
            {"--attr-post-ops=relu ic3ih4kh2", "max", "--attr-post-ops=relu and its like: 1"},
            {"--attr-oscale=common:2 ic3ih4kh2", "max", "--attr-oscale=common:2"},
            {"--attr-scales=src:common:2 ic3ih4kh2", "max", "--attr-scales=src:common:2"},
            {"--attr-zero-points=src:common:1 ic3ih4kh2", "max", "--attr-zero-points"},
            {"--attr-dropout=0.5 ic3ih4kh2", "max", "--attr-dropout=0.5"},
            {"--attr-rounding-mode=dst:stochastic ic3ih4kh2", "max", "--attr-rounding-mode"},
            {"--attr-fpmath=bf16 ic3ih4kh2", "max", "--attr-fpmath=bf16"},
            {"--attr-acc-mode=relaxed ic3ih4kh2", "max", "--attr-acc-mode=relaxed"},
            {"--attr-precomputed-reductions=src:1:s32:1x1 ic3ih4kh2", "max", "reductions"},
            {"--attr=oscale=common:2 ic3ih4kh2", "max", "--attr=oscale"},
            {"--strides=8x4x2x1::8x4x2x1 ic3oc4ih4kh2", "conv", "--strides=8x4x2x1::8x4x2x1"},
            {"--match=none ic3ih4kh2", "max", "left out for --match: 1"},
            {"--deconv --frob=1 --dt=q8 ic3oc4ih4kh2", NULL, "driver --deconv: 1"},
            {"--matmul 3x4:4x5", NULL, "driver --matmul: 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_said(cases[i].text, cases[i].op, 0, cases[i].sentence);
        cr_expect_eq(refused, 0, "%s: %s", cases[i].text, said);
    }
    expect_said("--attr-post-ops=,relu,sum:2 ic3ih4kh2", "max", 1, "1 problems, 2 left out");
    expect_said("--deconv ic3oc4ih4kh2 --pool ic3ih4kh2", NULL, 1, "1 problems, 1 left out");
}

/* ---- What is ignored ------------------------------------------------------------------------- */

Test(batch, what_steers_benchdnn_is_ignored_and_counted) {
    static const char *const options[] = {"--allow-enum-tags-only=0",
                                          "--attr-deterministic=true",
                                          "--attr-same-pd-check=true",
                                          "--attr-scratchpad=user",
                                          "--buffer-prefix=x",
                                          "--canonical=true",
                                          "--check-ref-impl=true",
                                          "--cold-cache=all",
                                          "--concise",
                                          "-c",
                                          "--cpu-isa-hints=none",
                                          "--ctx-exe=1",
                                          "--ctx-init=1",
                                          "--engine=gpu",
                                          "--execution-mode=graph",
                                          "--fast-ref=false",
                                          "--fast-ref-gpu=false",
                                          "--fix-times-per-prb=1",
                                          "--global-impl=ref",
                                          "--global-skip-impl=ref",
                                          "--help",
                                          "--impl=jit",
                                          "--max-ms-per-prb=10",
                                          "--mem-check=false",
                                          "--memory-kind=usm",
                                          "--mode=P",
                                          "--mode-modifier=P",
                                          "--num-streams=2",
                                          "--perf-template=def",
                                          "--repeats-per-prb=2",
                                          "--skip-impl=ref",
                                          "--start=3",
                                          "--stream-kind=def",
                                          "--summary=no-impl",
                                          "--verbose=5",
                                          "-v5",
                                          "--MODE=p",
                                          "--skip_impl=ref"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        char text[128];
        snprintf(text, sizeof text, "%s\nic3ih4kh2\n", options[i]);
        expect_said(text, "max", 1, "1 problems, 0 left out, 1 options and notes ignored, 0 lines");
        cr_expect_str_eq(made, canonical("max:ic3ih4kh2"));
    }
}

Test(batch, options_behind_the_last_problem_are_said_to_be) {
    expect_said("ic3ih4kh2\n--dt=u8\n--mb=3\n", "max", 1, "batch.txt:2: '--dt=u8'");
    expect_said("--dt=u8\n", "max", 0, "batch.txt:1: '--dt=u8'");
    expect_said("ic3ih4kh2 --reset", "max", 1, "");
    cr_expect_str_eq(said, "");
}

/* ---- What is refused ------------------------------------------------------------------------- */

/* The line is shown with its place, and what does not depend on it is taken. */
Test(batch, a_bad_line_is_refused_and_the_rest_is_taken) {
    static const struct {
        const char *text, *op, *sentence;
        int taken;
    } cases[] = {
            {"ic3ih4kh2\nic3ih4\nic3ih5kh2\n", "max", "batch.txt:2: ", 2},
            {"ic3ih4kh2\n--dri=BWD_D\nic3ih4kh2\n--reset ic3ih4kh2\n", "max",
             "batch.txt:2: unknown option '--dri=BWD_D'; did you mean '--dir'?", 2},
            {"--frob=1 ic3ih4kh2", "max", "batch.txt:1: unknown option '--frob=1'", 0},
            {"-x ic3ih4kh2", "max", "batch.txt:1: unknown option '-x'", 0},
            {"--dt=f32,f23 ic3ih4kh2", "max", "batch.txt:1: --dt: unknown 'f23'", 1},
            {"--dt=f32: ic3ih4kh2", "max", "batch.txt:1: --dt: unknown 'f32:'", 0},
            {"--cfg=f32f32f32f32 ic3ih4kh2", "max", "batch.txt:1: --cfg: unknown", 0},
            {"--dir=BWD ic3ih4kh2", "max", "batch.txt:1: --dir: unknown 'BWD' (expected FWD_D", 0},
            {"--alg=maximum ic3ih4kh2", "max", "batch.txt:1: --alg: unknown 'maximum'", 0},
            {"--tag=frob ic3ih4kh2", "max", "batch.txt:1: --tag: unknown 'frob'", 0},
            {"--bia-dt=f23 ic3oc4ih4kh2", "conv", "batch.txt:1: --bia-dt: unknown 'f23'", 0},
            {"--mb=-1 ic3ih4kh2", "max", "batch.txt:1: --mb: unknown '-1'", 0},
            {"--mb=two ic3ih4kh2", "max", "batch.txt:1: --mb: unknown 'two'", 0},
            {"--dt ic3ih4kh2", "max", "batch.txt:1: --dt needs a value", 0},
            {"--reset=1\n--reset ic3ih4kh2", "max", "batch.txt:1: --reset has no value", 1},
            {"--match=[ ic3ih4kh2", "max", "batch.txt:1: --match=[", 0},
            {"\n--alg=max --dir=BWD_W ic3ih4kh2", NULL, "batch.txt:2: ", 0},
            {"--conv --alg=max ic3oc4ih4kh2", NULL, "--conv has no --alg=max", 0},
            {"--wtag=abx ic3ih4kh2", "max", "no weights", 0},
            {"ic3ih4kh2", NULL, "batch.txt:1: 'ic3ih4kh2' has no operation: give --op", 0},
            {"ic3ih4kh2\nmb1ic1ih1kh2sh2_iw4kw2sw2\n", "max", "no oh follows", 1},
            {"--alg=avg_p ic3ih4kh2div0", NULL, "div is 0", 0},
            {"--batch=absent.txt\nic3ih4kh2", "max", "absent.txt: No such file", 1},
            {"ic3ih4kh2\nonednn_verbose,exec,cpu,pooling,jit,forward_training,,,,0.1\n", "max",
             "batch.txt:2: a line of oneDNN's log", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused(cases[i].text, cases[i].op, cases[i].taken, cases[i].sentence);
    write_bytes("batch.txt", "ic3ih4kh2\nic3\0ih4kh2\n", 21);
    read_batch("batch.txt", "max");
    cr_expect(refused == 1 && strstr(said, "batch.txt:2: the line has a 0 byte"), "%s", said);
    cr_expect_str_eq(made, canonical("max:ic3ih4kh2"));
}

Test(batch, many_bad_lines_are_counted) {
    char text[4096] = "";
    for (int i = 0; i < 100; i++) strcat(text, "frob\n");
    expect_said(text, "max", 0, "80 more lines were refused");
    cr_expect_eq(refused, 100);
}

/* Each asks for others often enough that following them all would take for ever. */
Test(batch, files_in_a_circle_are_read_once) {
    char text[4096] = "";
    for (int i = 0; i < 100; i++) strcat(text, "--batch=loop.txt\n");
    write_text("loop.txt", strcat(text, "ic3ih4kh2\n"));
    read_batch("loop.txt", "max");
    cr_expect(strstr(said, "./loop.txt is being read already: files in a circle"), "%s", said);
    cr_expect_eq(refused, 100);
    cr_expect_str_eq(made, canonical("max:ic3ih4kh2"));
    write_text("ping.txt", "--batch=pong.txt\nic3ih4kh2\n");
    write_text("pong.txt", "--batch=./ping.txt\nic3ih5kh2\n");
    read_batch("ping.txt", "max");
    cr_expect(strstr(said, "pong.txt:1: ././ping.txt is being read already"), "%s", said);
    cr_expect_eq(refused, 1);
}

Test(batch, a_tower_of_files_ends) {
    char name[16], text[4096];
    for (int i = 0; i < 12; i++) {
        *text = 0;
        snprintf(name, sizeof name, "b%d", i + 1);
        for (int n = 0; n < 50; n++) strcat(strcat(strcat(text, "--batch="), name), "\n");
        snprintf(name, sizeof name, "b%d", i);
        write_text(name, text);
    }
    read_batch("b0", "max");
    cr_expect(strstr(said, "is nested more than 8 deep"), "%s", said);
    cr_expect(refused > 0 && refused < 200000, "%d", refused);
    write_text("b5", "frob\n");
    read_batch("b0", "max"); /* 50 to the 5th files */
    cr_expect(refused > 0 && refused < 200000, "%d", refused);
}

/* Beside the file that asks, absolute, or from where the program runs. */
Test(batch, where_files_are_looked_for) {
    char text[4 * PB_TEXT_SIZE];
    cr_assert(mkdir("in", 0700) == 0 && mkdir("in/deep", 0700) == 0);
    write_text("there", "ic1ih4kh2\n");
    write_text("in/there", "ic2ih4kh2\n");
    write_text("in/deep/there", "ic3ih4kh2\n");
    write_text("here", "ic4ih4kh2\n");
    snprintf(text, sizeof text, "--batch=there --batch=here --batch=deep/there --batch=%s/there\n",
             folder);
    write_text("in/all", text);
    read_batch("in/all", "max");
    cr_expect_eq(refused, 0, "%s", said);
    snprintf(text, sizeof text, "%s%s%s%s", canonical("max:ic2ih4kh2"), canonical("max:ic4ih4kh2"),
             canonical("max:ic3ih4kh2"), canonical("max:ic1ih4kh2"));
    cr_expect_str_eq(made, text);
}

/* ---- Files of other systems ------------------------------------------------------------------ */

Test(batch, any_end_of_line_and_encoding) {
    static const char *const ends[] = {"\n", "\r\n", "\r", "\n\r"};
    for (int i = 0; i < 4; i++) {
        char text[256];
        snprintf(text, sizeof text, "# a comment%sic3ih4kh2%s%sfrob%sic3ih5kh2%s", ends[i], ends[i],
                 ends[i], ends[i], ends[i]);
        expect_said(text, "max", 2, ": descriptor 'frob'");
        cr_expect_eq(refused, 1, "%s", said);
    }
    expect_said("\xef\xbb\xbf# one\n\xef\xbb\xbfic3ih4kh2\n", "max", 1, "");
    cr_expect_eq(refused, 0, "%s", said);
    static const char wide[] = "\xff\xfe"
                               "i\0c\0"
                               "3\0i\0h\0"
                               "4\0k\0h\0"
                               "2\0\n";
    struct pb_problems problems = {0};
    write_bytes("wide.txt", wide, sizeof wide);
    cr_expect_eq(pb_problems_read(&problems, "wide.txt", "max", -1), PB_INVALID);
    cr_expect(strstr(pb_error(), "wide.txt: is UTF-16 text"), "%s", pb_error());
    pb_problems_free(&problems);
}

/* ---- oneDNN's log ---------------------------------------------------------------------------- */

Test(batch, lines_of_a_log_are_recognised) {
    static const char pool[] = "mb1ic64_ih112oh56kh3sh2dh0ph1_iw112ow56kw3sw2dw0pw1";
    static const char conv[] = "g1mb2_ic16oc16_ih7oh7kh5sh1dh0ph2_iw7ow7kw5sw1dw0pw2";
    static const struct {
        const char *before, *desc, *behind, *ours;
    } cases[] = {
            /* 1.x, 2.x */
            {"dnnl_verbose,exec,cpu,pooling,jit:avx2,forward_training,src_f32::blocked:aBcd8b:f0 "
             "dst_f32::blocked:aBcd8b:f0 ws_u8::blocked:aBcd8b:f0,,alg:pooling_max,",
             pool, ",0.21", "max:fwd_idx:"},
            {"onednn_verbose,exec,cpu,pooling_v2,simple_nhwc:any,forward_inference,"
             "src_u8::blocked:acdb:f0 dst_u8::blocked:acdb:f0 ws_undef::undef::f0,"
             "attr-scratchpad:user ,alg:pooling_avg_exclude_padding,",
             pool, ",0.0351562", "avg_np:u8:nhwc:fwd:"},
            {"onednn_verbose,exec,cpu,pooling,jit:avx2,backward_data,diff_src_f32::blocked:abcd:f0 "
             "diff_dst_f32::blocked:abcd:f0 ws_undef::undef::f0,,alg:pooling_avg_include_padding,",
             pool, ",0.21", "avg_p:bwd:"},
            /* 3.x */
            {"onednn_verbose,v0,1693533460272.561035,primitive,exec,cpu,convolution,"
             "jit:avx512_core,forward_training,src_f32:a:blocked:aBcd16b::f0 "
             "wei_f32:a:blocked:ABcd16b16a::f0 bia_f32:a:blocked:a::f0 "
             "dst_f32:a:blocked:aBcd16b::f0,,alg:convolution_direct,",
             conv, ",0.0878906", "conv:nChw16c:fwd:"},
            {"onednn_verbose,v1,primitive,exec,cpu,convolution,jit:avx2,backward_weights,"
             "src:f32:a:blocked:acdb::f0 diff_wei:f32:a:blocked:ABcd8b8a::f0 "
             "diff_bia:f32:a:blocked:a::f0 diff_dst:f32:a:blocked:acdb::f0,"
             "attr-scratchpad:user,alg:convolution_direct,",
             conv, ",0.0878906", "conv:nhwc:bwd_w:"},
            /* with a grep's file name in front, and cut down to what matters */
            {"log.txt:12:onednn_verbose,primitive,exec,cpu,pooling,jit:avx2,forward_inference,"
             "src_f32::blocked:abcd::f0 dst_f32::blocked:abcd::f0,,alg:pooling_max,",
             pool, ",0.1", "max:fwd:"},
            {"onednn_verbose,\xe2\x80\xa6,", pool, ",\xe2\x80\xa6", "avg_p:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024], ours[512];
        snprintf(text, sizeof text, "%s%s%s\n", cases[i].before, cases[i].desc, cases[i].behind);
        snprintf(ours, sizeof ours, "%s%s", cases[i].ours, cases[i].desc);
        expect_made(text, "avg_p", canonical(ours));
    }
}

/* Version 0 named no engine. */
Test(batch, lines_of_the_oldest_log) {
    expect_made("mkldnn_verbose,exec,pooling,jit:avx2,forward_inference,fdata:nChw8c fws:undef,"
                "alg:pooling_max,mb1ic3_ih4oh2kh3sh1ph0,0.1\n",
                NULL, canonical("max:fwd:mb1ic3_ih4oh2kh3sh1ph0"));
    expect_said("mkldnn_verbose,exec,eltwise,jit:avx2,forward_inference,fdata:nChw8c fdiff:undef,"
                "alg:eltwise_relu,mb1ic3ih4iw4kh2,0.1\n"
                "mkldnn_verbose,create,lrn,jit:avx2,forward_inference,fdata:nChw8c,alg:lrn,"
                "mb1ic3ih4iw4kh2,0.1\n",
                "max", 0, "0 problems, 2 left out");
    cr_expect(strstr(said, "oneDNN's primitive eltwise: 1"), "%s", said);
}

Test(batch, the_rest_of_a_log_is_counted) {
    expect_said("onednn_verbose,v1,info,oneDNN v3.12.1 (commit 0)\n"
                "onednn_verbose,v1,info,cpu,runtime:OpenMP,nthr:8\n"
                "onednn_verbose,v1,primitive,info,template:operation,engine,primitive\n"
                "onednn_verbose,v1,primitive,create:dispatch,convolution,cpu,convolution,brg,"
                "forward,src_f32:a:any:any::f0 dst_f32:a:any:any::f0,,,mb1_ic3oc4_ih4oh3kh2,why\n"
                "onednn_verbose,v1,primitive,exec,cpu,reorder,jit:uni,undef,"
                "src_f32::blocked:abcd::f0 dst_f32::blocked:ABcd16b16a::f0,,,16x16x5x5,16.4\n",
                NULL, 0, "0 problems, 1 left out, 4 options and notes ignored");
    cr_expect(strstr(said, "oneDNN's primitive reorder: 1"), "%s", said);
    expect_said("onednn_verbose,v1,primitive,exec,cpu,convolution,jit,forward_inference,"
                "src_f32:a:blocked:acdb::f0 wei_f32:a:blocked:acdb::f0 dst_f32:a:blocked:acdb::f0,"
                "attr-scratchpad:user attr-post-ops:eltwise_relu,alg:convolution_direct,"
                "mb1_ic3oc4_ih4oh3kh2,0.1\n",
                NULL, 0, "attr-post-ops:eltwise_relu");
    expect_said("onednn_verbose,v1,primitive,exec,cpu,pooling,jit,forward_inference,"
                "src_bf16::blocked:acdb::f0 dst_bf16::blocked:acdb::f0,,alg:pooling_max,"
                "mb1ic3_ih4oh3kh2,0.1\n",
                NULL, 0, "--dt=bf16:bf16: 1");
}

/* ---- The program ----------------------------------------------------------------------------- */

static void expect_status(int status, const char *arguments) {
    char command[512];
    snprintf(command, sizeof command, "'%s' %s >/dev/null 2>&1", POOLBENCH_PROGRAM, arguments);
    const int outcome = WEXITSTATUS(system(command));
    cr_expect_eq(outcome, status, "%s: %d, not %d", arguments, outcome, status);
}

/* 2 where a line was refused, but 1 where something failed too. */
Test(batch, a_refused_line_decides_the_exit_status) {
    write_text("good.txt", "# a comment\n\nmax:mb1ic3ih4kh2n\"one\" # why\n  avg_p:mb1ic3iw4kw2\n");
    write_text("bad.txt", "max:mb1ic3ih4kh1\nmax:ic3ih4\n");
    expect_status(EXIT_PASSED, "verify --batch good.txt --kernel '*naive'");
    expect_status(EXIT_USAGE, "verify --batch bad.txt --kernel '*naive'");
    expect_status(EXIT_FAILED, "verify --batch bad.txt --provider " PLUGINS
                               "/plugins/plugin_crash.so --data mixed");
    expect_status(EXIT_USAGE, "bench --batch bad.txt --kernel '*naive' --threads 1 "
                              "--benchmark_repetitions=1 --benchmark_min_time=0.001");
    expect_status(EXIT_USAGE, "verify --batch absent.txt");
    expect_status(EXIT_USAGE, "verify --batch .");
}
