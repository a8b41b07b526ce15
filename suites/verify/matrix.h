/* matrix.h: which rules, relations and known defects every implementation passes, fails, or
 * deviates from as its provider documents. */
#ifndef PB_MATRIX_H
#define PB_MATRIX_H

#include "verify/row_choice.h"
#include <stdio.h>

enum { PB_MATRIX_NAME = 48, PB_MATRIX_KEY = 96 };

/* What kernels of one kind make together: "poolbench avx512", or a provider's name. */
struct pb_implementation {
    char name[PB_MATRIX_NAME];
    const char *version; /* of a provider; "" for our own */
    const char *isa;     /* that a provider may use; "" for our own */
};

/* What came out of one row for one implementation in one operation and layout. */
struct pb_cell {
    size_t implementation, row;
    enum pb_op op;
    enum pb_layout layout;
    struct pb_finding finding;
};

/* Cells in the order of implementation, row, operation, layout; those without a check are left
 * out. */
struct pb_matrix {
    struct pb_implementation *implementation;
    size_t implementations;
    struct pb_cell *cell;
    size_t cells;
};

/* Checks the chosen kernels that this machine can run against the chosen rows, each in a process of
 * its own, so that one that crashes or hangs fails the row and the rest goes on. Call it before
 * this process has run any kernel or the oracle: a process with OpenMP's threads cannot be copied.
 * `progress`, unless NULL, is told each kernel's name before its turn. */
enum pb_status pb_matrix_fill(struct pb_matrix *matrix, const struct pb_row_choice *choice,
                              void (*progress)(const char *kernel));
void pb_matrix_free(struct pb_matrix *matrix); /* accepts a zeroed one */

/* The worst verdict of an implementation in a row over operations and layouts. */
enum pb_row_verdict pb_matrix_verdict(const struct pb_matrix *matrix, size_t implementation,
                                      size_t row);

/* Compares with the golden rows at `path`, a CSV of implementation, row, verdict, where; a
 * provider's rows are those of its version and this machine's ISA, as "onednn-2.6.3 avx2"; where
 * there are none, that is printed, and its failures alone count. Rows of implementations that are
 * not in the matrix, other versions among them, are not looked at. *changes counts the cells that
 * differ, each printed to `to` ("-" expected, "+" found). A cell that passes and of which nothing
 * is expected is that of a new kernel: `to` is told how many there are, and they are no change. IO
 * or INVALID for a broken file; one that is missing has no rows. */
enum pb_status pb_matrix_compare(const struct pb_matrix *matrix, const char *path, FILE *to,
                                 int64_t *changes);
/* Writes them beside and renames; rows of implementations that are not in the matrix stay. */
enum pb_status pb_matrix_refresh(const struct pb_matrix *matrix, const char *path);

/* `poolbench verify --rule`: the chosen rows, each with its sentence and what came out of it. */
void pb_matrix_print_rows(const struct pb_matrix *matrix, const struct pb_row_choice *choice);
/* The whole as JSON: the chosen rows, and the cells. */
void pb_matrix_print_json(const struct pb_matrix *matrix, const struct pb_row_choice *choice);

/* `poolbench verify --matrix` and `--rule`: fills and prints (as a table or rows, or as JSON). The
 * whole matrix is compared with reference/conformance/conformance.csv, or refreshes it; of a part,
 * a failure is one. Returns an exit status. */
int pb_matrix_main(const struct pb_row_choice *choice, bool json, bool refresh);

#endif
