/* Prints rows of the conformance matrix, with what came out of each. */
#include "verify/matrix.h"
#include <jansson.h>

/* ---- As text --------------------------------------------------------------------------------- */

static void print_row(const struct pb_row *row) {
    printf("%s %s: %s\n", pb_row_kind_name(row->kind), row->id, row->sentence);
    if (row->source) printf("  follows from: %s\n", row->source);
    if (row->address) printf("  on record at: %s\n", row->address);
    if (row->outside) printf("  not tested: %s\n", row->outside);
}

static void print_cell(const struct pb_matrix *m, const struct pb_cell *c) {
    printf("  %-9s  %s, %s %s, %lld checks%s%s\n", pb_row_verdict_name(c->finding.verdict),
           m->implementation[c->implementation].name, pb_op_name(c->op), pb_layout_name(c->layout),
           (long long)c->finding.checks, *c->finding.sentence ? ": " : "", c->finding.sentence);
}

void pb_matrix_print_rows(const struct pb_matrix *m, const struct pb_row_choice *choice) {
    int64_t of[PB_ROW_FAIL + 1] = {0};
    for (size_t row = 0; row < pb_row_count(); row++) {
        struct pb_row r = pb_row_at(row);
        if (!pb_row_chosen(choice, row)) continue;
        print_row(&r);
        for (size_t i = 0; i < m->cells; i++) {
            if (m->cell[i].row != row) continue;
            print_cell(m, &m->cell[i]);
            of[m->cell[i].finding.verdict]++;
        }
    }
    printf("verify: %lld pass, %lld deviations as documented, %lld fail (ISA %s, %s)\n",
           (long long)of[PB_ROW_PASS], (long long)of[PB_ROW_DEVIATION], (long long)of[PB_ROW_FAIL],
           pb_isa_name(pb_isa()), pb_cpu_name());
}

/* ---- As JSON --------------------------------------------------------------------------------- */

static json_t *rows_json(const struct pb_row_choice *choice) {
    json_t *rows = json_array();
    for (size_t i = 0; i < pb_row_count(); i++) {
        struct pb_row r = pb_row_at(i);
        if (!pb_row_chosen(choice, i)) continue;
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:s*}", "kind",
                                              pb_row_kind_name(r.kind), "id", r.id, "sentence",
                                              r.sentence, "source", r.source, "address", r.address,
                                              "outside", r.outside));
    }
    return rows;
}

static json_t *cells_json(const struct pb_matrix *m) {
    json_t *cells = json_array();
    for (size_t i = 0; i < m->cells; i++) {
        const struct pb_cell *c = &m->cell[i];
        const char *sentence = *c->finding.sentence ? c->finding.sentence : NULL;
        json_array_append_new(cells,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s*}", "implementation",
                                        m->implementation[c->implementation].name, "row",
                                        pb_row_at(c->row).id, "operation", pb_op_name(c->op),
                                        "layout", pb_layout_name(c->layout), "verdict",
                                        pb_row_verdict_name(c->finding.verdict), "checks",
                                        (json_int_t)c->finding.checks, "sentence", sentence));
    }
    return cells;
}

void pb_matrix_print_json(const struct pb_matrix *m, const struct pb_row_choice *choice) {
    json_t *implementations = json_array();
    for (size_t i = 0; i < m->implementations; i++)
        json_array_append_new(implementations,
                              json_pack("{s:s, s:s}", "name", m->implementation[i].name, "version",
                                        m->implementation[i].version));
    json_t *all = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "kind", "conformance", "isa",
                            pb_isa_name(pb_isa()), "cpu", pb_cpu_name(), "implementations",
                            implementations, "rows", rows_json(choice), "cells", cells_json(m));
    json_dumpf(all, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(all);
}
