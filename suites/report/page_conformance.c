/* The conformance matrix as a table: a row for each rule, metamorphic relation and known defect, a
 * column for each implementation; where the pointer rests on a mark stands what was found there. */
#include "report/page.h"
#include <string.h>

static const char *word(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* Worst last. */
static const struct {
    const char *name, *before; /* as files of 0.1 have it */
    const char *class, *symbol, *meaning;
} verdicts[] = {
        {"not tested", "not asked", "untested", "·", "accepts nothing that would decide it"},
        {"pass", "keeps", "pass", "✓", "passes"},
        {"deviation", "differs", "deviation", "≠", "deviates, as its provider documents"},
        {"fail", "breaks", "fail", "✗", "fails"},
};
enum { UNTESTED, PASS, DEVIATION, FAIL, VERDICTS };

static int verdict(const json_t *cell) {
    const char *said = word(cell, "verdict");
    for (int i = PASS; i < VERDICTS; i++)
        if (!strcmp(said, verdicts[i].name) || !strcmp(said, verdicts[i].before)) return i;
    return FAIL; /* what is not known has not passed */
}

static bool is_of(const json_t *cell, const char *implementation, const char *row) {
    return strcmp(word(cell, "implementation"), implementation) == 0 &&
           strcmp(word(cell, "row"), row) == 0;
}

/* The worst over operations and layouts; UNTESTED where there is no cell. */
static int worst(const json_t *cells, const char *implementation, const char *row) {
    int found = UNTESTED;
    size_t i;
    json_t *cell;
    json_array_foreach(cells, i, cell) if (is_of(cell, implementation, row) &&
                                           verdict(cell) > found) found = verdict(cell);
    return found;
}

static void put_mark(FILE *to, const json_t *cells, const char *implementation, const char *row) {
    int found = worst(cells, implementation, row);
    size_t i;
    json_t *cell;
    fprintf(to, "<td class=\"mark %s\" title=\"", verdicts[found].class);
    page_text(to, implementation);
    fprintf(to, " %s", verdicts[found].meaning);
    json_array_foreach(cells, i, cell) {
        if (!is_of(cell, implementation, row)) continue;
        fputs("&#10;", to);
        page_text(to, word(cell, "operation"));
        fputc(' ', to);
        page_text(to, word(cell, "layout"));
        fputs(": ", to);
        page_text(to, word(cell, "verdict"));
        fprintf(to, " (%lld checks)",
                (long long)json_integer_value(json_object_get(cell, "checks")));
        if (*word(cell, "sentence")) fputs("; ", to);
        page_text(to, word(cell, "sentence"));
    }
    fprintf(to, "\">%s</td>", verdicts[found].symbol);
}

static void put_row(FILE *to, const json_t *conformance, const json_t *row) {
    const json_t *cells = json_object_get(conformance, "cells");
    size_t i;
    json_t *implementation;
    fputs("<tr><td>", to);
    page_text(to, word(row, "sentence"));
    fputs("<span>", to);
    page_text(to, *word(row, "address") ? word(row, "address") : word(row, "id"));
    if (*word(row, "outside")) fputs(" — not tested: ", to);
    page_text(to, word(row, "outside"));
    fputs("</span></td>", to);
    json_array_foreach(json_object_get(conformance, "implementations"), i, implementation)
            put_mark(to, cells, word(implementation, "name"), word(row, "id"));
    fputs("</tr>\n", to);
}

static const char *title(const char *kind) {
    return strcmp(kind, "rule") == 0 ? "Rules of the contract"
           : strcmp(kind, "relation") == 0
                   ? "Metamorphic relations: what results have to do with each other"
                   : "Known defects of libraries: what went wrong, and where";
}

/* How many rows each implementation passes, fails, and so on. */
static void put_counts(FILE *to, const json_t *conformance, const json_t *implementation) {
    int64_t count[VERDICTS] = {0};
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(conformance, "rows"), i, row)
            count[worst(json_object_get(conformance, "cells"), word(implementation, "name"),
                        word(row, "id"))]++;
    fputs("<tr><td>", to);
    page_text(to, word(implementation, "name"));
    fputc(' ', to);
    page_text(to, word(implementation, "version"));
    fputs("</td>", to);
    for (int j = PASS; j < VERDICTS; j++)
        fprintf(to, "<td%s>%lld</td>", j == FAIL && count[j] ? " class=\"bad\"" : "",
                (long long)count[j]);
    fprintf(to, "<td>%lld</td></tr>\n", (long long)count[UNTESTED]);
}

void page_conformance(FILE *to, json_t *conformance) {
    const json_t *implementations = json_object_get(conformance, "implementations");
    const json_t *rows = json_object_get(conformance, "rows");
    const char *kind = "";
    size_t i, j;
    json_t *it, *row;
    fputs("<h2>Conformance</h2>\n<p>Which rules of the contract each implementation passes, which "
          "metamorphic relations that "
          "follow from it, and known defects of other libraries. "
          "Rest the pointer on a mark to see what was checked and found.</p>\n"
          "<div class=\"wide\"><table><thead><tr><th>Implementation</th><th>✓ pass</th>"
          "<th>≠ documented deviation</th><th>✗ fail</th><th>· not tested</th></tr></thead>\n",
          to);
    json_array_foreach(implementations, i, it) put_counts(to, conformance, it);
    fputs("</table></div>\n<div class=\"wide\"><table class=\"matrix\"><thead><tr><th></th>", to);
    json_array_foreach(implementations, i, it) page_element(to, "th", word(it, "name"));
    fputs("</tr></thead>\n", to);
    json_array_foreach(rows, i, row) {
        if (strcmp(word(row, "kind"), kind) != 0) {
            kind = word(row, "kind");
            fputs("<tr class=\"group\">", to);
            page_element(to, "td", title(kind));
            json_array_foreach(implementations, j, it) page_element(to, "td", "");
            fputs("</tr>\n", to);
        }
        put_row(to, conformance, row);
    }
    fputs("</table></div>\n<p class=\"faint\">Not tested: it accepts no problem that would decide "
          "the row. Checked on ",
          to);
    page_text(to, word(conformance, "cpu"));
    fputs(".</p>\n", to);
}
