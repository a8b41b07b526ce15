/* recorded_conformance.h: what `verify --matrix --json` printed, read back, by this version and by
 * 0.1, whose words were others. */
#ifndef PB_RECORDED_CONFORMANCE_H
#define PB_RECORDED_CONFORMANCE_H

#include "conformance/conformance.h"
#include <jansson.h>

/* From PATH, or PATH.gz, into *matrix; NULL where neither is there. INVALID, naming the file, where it
 * is broken. */
enum pb_status pb_recorded_conformance_load(const char *path, json_t **matrix);

/* A string of a row, a cell or an implementation; "" where it has none. */
const char *pb_recorded_text(const json_t *object, const char *key);
/* A verdict or a kind that is not known: FAIL, since what is not known has not passed, and
 * PB_ROW_KINDS. */
enum pb_row_verdict pb_recorded_verdict(const json_t *cell);
enum pb_row_kind pb_recorded_kind(const json_t *row);

/* Whether the cell is of that implementation and row. */
bool pb_recorded_cell_is_of(const json_t *cell, const char *implementation, const char *row);
/* The worst over operations and layouts; UNTESTED where there is no cell. */
enum pb_row_verdict pb_recorded_worst(const json_t *matrix, const char *implementation,
                                      const char *row);

#endif
