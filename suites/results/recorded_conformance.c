/* Reads a recorded conformance matrix. */
#include "results/recorded_conformance.h"
#include "results/text_file.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Words of version 0.1. */
static const char *const verdicts_before[] = {
        [PB_ROW_UNTESTED] = "not asked",
        [PB_ROW_PASS] = "keeps",
        [PB_ROW_DEVIATION] = "differs",
        [PB_ROW_FAIL] = "breaks",
};
static const char *const kinds_before[PB_ROW_KINDS] = {
        [PB_ROW_RULE] = "rule",
        [PB_ROW_RELATION] = "law",
        [PB_ROW_DEFECT] = "exhibit",
};

/* How ids of rows began that have changed since: "law_box" is "relation_box". */
static const struct { const char *before, *now; } ids_before[] = {{"law_", "relation_"}};

/* Gives the row that `key` names in the object its name of today. */
static void rename_row(json_t *object, const char *key) {
    const char *id = json_string_value(json_object_get(object, key));
    for (size_t i = 0; id && i < sizeof ids_before / sizeof *ids_before; i++) {
        const size_t length = strlen(ids_before[i].before);
        if (strncmp(id, ids_before[i].before, length) != 0) continue;
        json_object_set_new(object, key, json_sprintf("%s%s", ids_before[i].now, id + length));
        return;
    }
}

static void rename_rows(json_t *list, const char *key) {
    size_t i;
    json_t *object;
    json_array_foreach(list, i, object) rename_row(object, key);
}

static bool has_list(const json_t *matrix, const char *key, size_t most) {
    const json_t *list = json_object_get(matrix, key);
    return json_is_array(list) && json_array_size(list) <= most;
}

/* What the readers take for granted. They look at every cell for every row and implementation. */
static bool is_matrix(const json_t *matrix) {
    enum { IMPLEMENTATIONS = 64, ROWS = 1024, CELLS = 1 << 16 };
    return has_list(matrix, "implementations", IMPLEMENTATIONS) && has_list(matrix, "rows", ROWS) &&
           has_list(matrix, "cells", CELLS);
}

enum pb_status pb_recorded_conformance_load(const char *path, json_t **matrix) {
    json_error_t error;
    char *text, compressed[PATH_MAX];
    size_t size;
    *matrix = NULL;
    snprintf(compressed, sizeof compressed, "%s.gz", path);
    if (access(path, F_OK) != 0) path = compressed;
    if (access(path, F_OK) != 0) return PB_OK;
    enum pb_status status = text_file_read(path, &text, &size);
    if (status) return status;
    json_t *read = json_loadb(text, size, 0, &error);
    free(text);
    if (!read) return pb_fail(PB_INVALID, "%s:%d: %s", path, error.line, error.text);
    if (!is_matrix(read)) {
        json_decref(read);
        return pb_fail(PB_INVALID, "%s: is no conformance matrix, or larger than any", path);
    }
    rename_rows(json_object_get(read, "rows"), "id");
    rename_rows(json_object_get(read, "cells"), "row");
    *matrix = read;
    return PB_OK;
}

const char *pb_recorded_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

enum pb_row_verdict pb_recorded_verdict(const json_t *cell) {
    const char *name = pb_recorded_text(cell, "verdict");
    for (int i = PB_ROW_UNTESTED; i <= PB_ROW_FAIL; i++)
        if (!strcmp(name, pb_row_verdict_name((enum pb_row_verdict)i)) ||
            !strcmp(name, verdicts_before[i]))
            return (enum pb_row_verdict)i;
    return PB_ROW_FAIL;
}

enum pb_row_kind pb_recorded_kind(const json_t *row) {
    const char *name = pb_recorded_text(row, "kind");
    int i = 0;
    while (i < PB_ROW_KINDS && strcmp(name, pb_row_kind_name((enum pb_row_kind)i)) &&
           strcmp(name, kinds_before[i]))
        i++;
    return (enum pb_row_kind)i;
}

bool pb_recorded_cell_is_of(const json_t *cell, const char *implementation, const char *row) {
    return strcmp(pb_recorded_text(cell, "implementation"), implementation) == 0 &&
           strcmp(pb_recorded_text(cell, "row"), row) == 0;
}

enum pb_row_verdict pb_recorded_worst(const json_t *matrix, const char *implementation,
                                      const char *row) {
    enum pb_row_verdict worst = PB_ROW_UNTESTED;
    size_t i;
    json_t *cell;
    json_array_foreach(json_object_get(matrix, "cells"), i, cell) {
        if (!pb_recorded_cell_is_of(cell, implementation, row)) continue;
        enum pb_row_verdict verdict = pb_recorded_verdict(cell);
        if (verdict > worst) worst = verdict;
    }
    return worst;
}
