/* matrix.h: which rule, relation and defect every implementation keeps, breaks or declares
 * different.
 */
#ifndef PB_MATRIX_H
#define PB_MATRIX_H

#include "conformance/conformance.h"
#include <stdio.h>

enum { PB_MATRIX_NAME = 48, PB_MATRIX_KEY = 96 };

/* What kernels of one kind make together: "poolbench avx512", or a provider's name. */
struct pb_implementation {
    char name[PB_MATRIX_NAME];
    const char *version; /* of a provider; "" for our own */
    const char *isa;     /* that a provider may use; "" for our own */
};

/* One row, held by one implementation in one operation and layout. */
struct pb_cell {
    size_t implementation, row;
    enum pb_op op;
    enum pb_layout layout;
    struct pb_finding finding;
};

/* Cells in the order of implementation, row, operation, layout; those that nothing was asked in are
 * left out. */
struct pb_matrix {
    struct pb_implementation *implementation;
    size_t implementations;
    struct pb_cell *cell;
    size_t cells;
};

/* Holds every kernel that this machine can run to every row, in a process of its own, so that one
 * that crashes or hangs breaks the row and the rest goes on. Call it before this process has run
 * any kernel or the oracle: a process with OpenMP's threads cannot be copied. `progress`, unless
 * NULL, is told each kernel's name before its turn. */
enum pb_status pb_matrix_fill(struct pb_matrix *matrix, void (*progress)(const char *kernel));
void pb_matrix_free(struct pb_matrix *matrix); /* accepts a zeroed one */

/* The worst verdict of an implementation in a row over operations and layouts. */
enum pb_row_verdict pb_matrix_verdict(const struct pb_matrix *matrix, size_t implementation,
                                      size_t row);

/* Compares with the golden rows at `path`, a CSV of implementation, row, verdict, where; a
 * provider's rows are those of its version and this machine's ISA, as "onednn-2.6.3 avx2"; where
 * there are none, that is printed, and its failures alone count. Rows of implementations that are
 * not in the matrix, other versions among them, are not looked at. *changes counts the rows that
 * differ, each printed to `to` ("-" expected, "+" found). IO or INVALID for a broken file; one that
 * is missing has no rows. */
enum pb_status pb_matrix_compare(const struct pb_matrix *matrix, const char *path, FILE *to,
                                 int64_t *changes);
/* Writes them beside and renames; rows of implementations that are not in the matrix stay. */
enum pb_status pb_matrix_refresh(const struct pb_matrix *matrix, const char *path);

/* `poolbench verify --matrix`: fills, prints (as a table or as JSON), and compares with
 * reference/conformance/conformance.csv or refreshes it. Returns an exit status. */
int pb_matrix_main(bool json, bool refresh);

#endif
