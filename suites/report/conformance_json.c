/* The conformance matrix in the report's document. */
#include "report/report_json.h"
#include "results/recorded_conformance.h"

/* Keys of the document, which the template has words and symbols for. */
static const char *const verdict_keys[] = {
        [PB_ROW_UNTESTED] = "untested",
        [PB_ROW_PASS] = "pass",
        [PB_ROW_DEVIATION] = "deviation",
        [PB_ROW_FAIL] = "fail",
};

static const char *kind_key(enum pb_row_kind kind) {
    return kind == PB_ROW_RULE ? "rules" : kind == PB_ROW_RELATION ? "relations" : "defects";
}

/* What was checked of an implementation for a row, by operation and layout. */
static json_t *mark_json(const json_t *matrix, const char *implementation, const char *row) {
    json_t *cells = json_array(), *cell;
    size_t i;
    json_array_foreach(json_object_get(matrix, "cells"), i, cell) {
        if (!pb_recorded_cell_is_of(cell, implementation, row)) continue;
        json_array_append_new(cells,
                              json_pack("{s:s, s:s, s:s, s:I, s:s}", "operation",
                                        pb_recorded_text(cell, "operation"), "layout",
                                        pb_recorded_text(cell, "layout"), "verdict",
                                        pb_row_verdict_name(pb_recorded_verdict(cell)), "checks",
                                        json_integer_value(json_object_get(cell, "checks")),
                                        "sentence", pb_recorded_text(cell, "sentence")));
    }
    return json_pack("{s:s, s:o}", "verdict",
                     verdict_keys[pb_recorded_worst(matrix, implementation, row)], "cells", cells);
}

static json_t *row_json(const json_t *matrix, const json_t *row) {
    json_t *marks = json_array(), *it;
    const char *address = pb_recorded_text(row, "address"), *id = pb_recorded_text(row, "id");
    size_t i;
    json_array_foreach(json_object_get(matrix, "implementations"), i, it)
            json_array_append_new(marks, mark_json(matrix, pb_recorded_text(it, "name"), id));
    return json_pack("{s:s, s:s, s:s, s:o}", "sentence", pb_recorded_text(row, "sentence"), "id",
                     *address ? address : id, "outside", pb_recorded_text(row, "outside"), "marks",
                     marks);
}

/* Rows of one kind are next to each other. */
static json_t *kinds_json(const json_t *matrix) {
    json_t *kinds = json_array(), *rows = NULL, *row;
    enum pb_row_kind last = PB_ROW_KINDS;
    size_t i;
    json_array_foreach(json_object_get(matrix, "rows"), i, row) {
        enum pb_row_kind kind = pb_recorded_kind(row);
        if (!rows || kind != last) {
            rows = json_array();
            json_array_append_new(kinds,
                                  json_pack("{s:s, s:o}", "kind", kind_key(kind), "rows", rows));
        }
        last = kind;
        json_array_append_new(rows, row_json(matrix, row));
    }
    return kinds;
}

/* How many rows the implementation passes, fails, and so on. */
static json_t *implementation_json(const json_t *matrix, const json_t *implementation) {
    json_int_t count[PB_ROW_FAIL + 1] = {0};
    json_t *counts = json_object(), *row;
    const char *name = pb_recorded_text(implementation, "name");
    size_t i;
    json_array_foreach(json_object_get(matrix, "rows"), i, row)
            count[pb_recorded_worst(matrix, name, pb_recorded_text(row, "id"))]++;
    for (int verdict = PB_ROW_UNTESTED; verdict <= PB_ROW_FAIL; verdict++)
        json_object_set_new(counts, verdict_keys[verdict], json_integer(count[verdict]));
    return json_pack("{s:s, s:s, s:o}", "name", name, "version",
                     pb_recorded_text(implementation, "version"), "counts", counts);
}

json_t *report_conformance_json(const json_t *matrix) {
    json_t *implementations = json_array(), *it;
    size_t i;
    json_array_foreach(json_object_get(matrix, "implementations"), i, it)
            json_array_append_new(implementations, implementation_json(matrix, it));
    return json_pack("{s:s, s:o, s:o}", "cpu", pb_recorded_text(matrix, "cpu"), "implementations",
                     implementations, "kinds", kinds_json(matrix));
}
