/* The conformance matrix: its golden rows. What our kernels keep is in test_rules.c and
 * test_known_defects.c. */
#include "verify/matrix.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/poolbench-matrix-XXXXXX";

static void make_file(void) {
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    close(file);
}

static void remove_file(void) {
    unlink(path);
}

TestSuite(matrix, .init = make_file, .fini = remove_file);

static void write_file(const char *text) {
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    cr_assert_eq(fclose(file), 0);
}

static void expect_file(const char *text) {
    char content[2048] = "";
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    content[fread(content, 1, sizeof content - 1, file)] = 0;
    fclose(file);
    cr_expect_str_eq(content, text);
}

/* Two implementations of which the second breaks a rule in one layout. */
static struct pb_implementation two[] = {{"poolbench naive", "", ""}, {"peer", "1.0", "avx2"}};
static struct pb_cell five[5];
static struct pb_matrix small(void) {
    size_t row = pb_row_find("max_nan");
    five[0] = (struct pb_cell){0, row, PB_MAX, PB_NCHW, {PB_ROW_PASS, 1, ""}};
    five[1] = (struct pb_cell){0, row, PB_MAX, PB_NHWC, {PB_ROW_PASS, 1, ""}};
    five[2] = (struct pb_cell){0, row, PB_GMP, PB_NCHW, {PB_ROW_PASS, 1, ""}};
    five[3] = (struct pb_cell){1, row, PB_MAX, PB_NCHW, {PB_ROW_PASS, 1, ""}};
    five[4] = (struct pb_cell){1, row, PB_MAX, PB_NHWC, {PB_ROW_FAIL, 1, "3, should be <nan>"}};
    return (struct pb_matrix){two, 2, five, 5};
}

static const char rows[] = "implementation,row,verdict,where\n"
                           "peer-1.0 avx2,max_nan,pass,max nchw\n"
                           "peer-1.0 avx2,max_nan,fail,max nhwc\n"
                           "poolbench naive,max_nan,pass,max nchw nhwc; gmp nchw\n";

/* Compares and returns what is printed of it. */
static int64_t changes(const struct pb_matrix *matrix, char text[2048]) {
    int64_t count = -1;
    FILE *to = fmemopen(text, 2048, "w");
    cr_assert_eq(pb_matrix_compare(matrix, path, to, &count), PB_OK, "%s", pb_error());
    fclose(to);
    return count;
}

Test(matrix, refreshed_rows_are_those_expected) {
    struct pb_matrix matrix = small();
    char text[2048] = "";
    unlink(path);
    cr_expect_eq(changes(&matrix, text), 1, "a file that is not there expects nothing");
    cr_expect_str_eq(text, "peer-1.0 avx2: no rows are recorded, only its failures count\n"
                           "+ peer-1.0 avx2,max_nan,fail,max nhwc\n"
                           "3 passes are new, of what had no row; --refresh writes them\n");
    cr_assert_eq(pb_matrix_refresh(&matrix, path), PB_OK, "%s", pb_error());
    expect_file(rows);
    cr_expect_eq(changes(&matrix, text), 0, "%s", text);
}

Test(matrix, a_change_is_named) {
    struct pb_matrix matrix = small();
    char text[2048] = "";
    write_file(rows);
    five[4].finding.verdict = PB_ROW_DEVIATION;
    cr_expect_eq(changes(&matrix, text), 2);
    cr_expect_str_eq(
            text,
            "- peer-1.0 avx2,max_nan,fail,max nhwc\n+ peer-1.0 avx2,max_nan,deviation,max nhwc\n");
    five[4].finding.verdict = PB_ROW_PASS;
    cr_expect_eq(changes(&matrix, text), 2, "a pass where a failure is expected");
    matrix.cells = 4; /* no longer asked at all */
    cr_expect_eq(changes(&matrix, text), 1);
    cr_expect_str_eq(text, "- peer-1.0 avx2,max_nan,fail,max nhwc\n");
}

/* A kernel that is new and right breaks nothing; one that is new and wrong does. */
Test(matrix, what_had_no_row_and_passes_is_no_change) {
    struct pb_matrix matrix = small();
    char text[2048] = "";
    write_file("implementation,row,verdict,where\n"
               "poolbench naive,max_nan,pass,max nchw\n");
    five[4].finding.verdict = PB_ROW_PASS;
    cr_expect_eq(changes(&matrix, text), 0, "%s", text);
    cr_expect(strstr(text, "2 passes are new, of what had no row; --refresh writes them\n"), "%s",
              text);
    five[2].finding.verdict = PB_ROW_FAIL;
    memset(text, 0, sizeof text);
    cr_expect_eq(changes(&matrix, text), 1);
    cr_expect(strstr(text, "+ poolbench naive,max_nan,fail,gmp nchw\n"), "%s", text);
}

/* A peer's other version, an ISA that this machine has not. */
Test(matrix, rows_of_what_is_not_here_are_kept) {
    struct pb_matrix matrix = small();
    char text[2048] = "";
    write_file("implementation,row,verdict,where\n"
               "poolbench naive,max_nan,pass,max nchw nhwc; gmp nchw\n"
               "peer-0.9 avx2,max_nan,fail,max nchw\n");
    cr_expect_eq(changes(&matrix, text), 1, "of a new release, only failures count: %s", text);
    cr_expect(strstr(text, "+ peer-1.0 avx2,max_nan,fail,max nhwc"), "%s", text);
    cr_assert_eq(pb_matrix_refresh(&matrix, path), PB_OK, "%s", pb_error());
    expect_file("implementation,row,verdict,where\n"
                "peer-0.9 avx2,max_nan,fail,max nchw\n"
                "peer-1.0 avx2,max_nan,pass,max nchw\n"
                "peer-1.0 avx2,max_nan,fail,max nhwc\n"
                "poolbench naive,max_nan,pass,max nchw nhwc; gmp nchw\n");
}

Test(matrix, a_broken_file_is_refused) {
    static const char *const broken[] = {
            "rule,verdict\n",
            "implementation,row,verdict,where\npeer-1.0 avx2,max_nan,pass\n",
    };
    struct pb_matrix matrix = small();
    int64_t count;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        write_file(broken[i]);
        cr_expect_eq(pb_matrix_compare(&matrix, path, stderr, &count), PB_INVALID);
        cr_expect(strstr(pb_error(), path), "%s", pb_error());
        cr_expect_eq(pb_matrix_refresh(&matrix, path), PB_INVALID);
        expect_file(broken[i]);
    }
}

Test(matrix, the_worst_counts) {
    struct pb_matrix matrix = small();
    size_t row = pb_row_find("max_nan");
    cr_expect_eq(pb_matrix_verdict(&matrix, 0, row), PB_ROW_PASS);
    cr_expect_eq(pb_matrix_verdict(&matrix, 1, row), PB_ROW_FAIL);
    cr_expect_eq(pb_matrix_verdict(&matrix, 1, row + 1), PB_ROW_UNTESTED);
}

/* A plug-in of a kernel that is right and others that abort in can_do, setup or run. (Nothing ran
 * in this process before.) */
Test(matrix, a_crash_breaks_its_row_and_no_other, .timeout = 300) {
    struct pb_matrix matrix;
    bool crashed = false;
    cr_assert_eq(pb_isa_limit("scalar"), PB_OK);
    cr_assert_eq(pb_provider_load(PLUGINS "/plugins/plugin_crash.so"), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_matrix_fill(&matrix, &(struct pb_row_choice){0}, NULL), PB_OK, "%s",
                 pb_error());
    for (size_t i = 0; i < matrix.cells; i++) {
        const struct pb_cell *cell = &matrix.cell[i];
        const char *name = matrix.implementation[cell->implementation].name;
        bool ours = strncmp(name, "poolbench ", 10) == 0;
        bool dead = strstr(cell->finding.sentence, "crashed: Aborted") != NULL;
        cr_expect_eq(cell->finding.verdict, dead ? PB_ROW_FAIL : PB_ROW_PASS, "%s: %s", name,
                     cell->finding.sentence);
        cr_expect(!(ours && dead), "%s: %s", name, cell->finding.sentence);
        crashed |= dead;
    }
    cr_expect(crashed, "no crash is told");
    pb_matrix_free(&matrix);
}

/* A part of the matrix has the chosen rows of the chosen kernels, and no others. */
Test(matrix, rows_and_kernels_are_chosen, .timeout = 300) {
    const char *const globs[] = {"maxpool_*naive", "frob*"};
    struct pb_row_choice choice = {.glob = globs, .globs = 2};
    struct pb_matrix matrix;
    cr_assert_eq(pb_isa_limit("scalar"), PB_OK);
    cr_assert_eq(pb_row_choice_add(&choice, "max_tie,theano_5404_ties"), PB_OK, "%s", pb_error());
    cr_expect_eq(pb_row_choice_add(&choice, "max_nan,frob"), PB_INVALID);
    cr_assert_eq(pb_row_choice_add(&choice, "relation_first"), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_matrix_fill(&matrix, &choice, NULL), PB_OK, "%s", pb_error());
    cr_expect_eq(matrix.implementations, 1);
    cr_expect_str_eq(matrix.implementation[0].name, "poolbench naive");
    cr_expect_eq(matrix.cells, 15, "%zu", matrix.cells);
    for (size_t i = 0; i < matrix.cells; i++) {
        const char *id = pb_row_at(matrix.cell[i].row).id;
        cr_expect(!strcmp(id, "max_tie") || !strcmp(id, "theano_5404_ties") ||
                          !strcmp(id, "relation_first"),
                  "%s", id);
    }
    pb_matrix_free(&matrix);
    pb_row_choice_free(&choice);
}
