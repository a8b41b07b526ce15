/* The conformance matrix beside the rows in git (conformance.csv). */
#include "common/output_file.h"
#include "verify/matrix.h"
#include "common/text_stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "implementation,row,verdict,where";

/* How its rows are called: "poolbench avx2", or with a provider's version "onednn-2.6.3 avx2", so
 * that those of several releases and machines stand side by side. Returns `text`. */
static const char *key_of(const struct pb_implementation *it, char text[PB_MATRIX_KEY]) {
    snprintf(text, PB_MATRIX_KEY, "%s%s%s%s%s", it->name, *it->version ? "-" : "", it->version,
             *it->isa ? " " : "", it->isa);
    return text;
}

/* Lines of a CSV, without their ends. */
struct lines {
    char **line;
    size_t count;
};

static void free_lines(struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++) free(lines->line[i]);
    free(lines->line);
    *lines = (struct lines){0};
}

/* Takes `line`, which was allocated, or is NULL where there was no memory for it. */
static enum pb_status append(struct lines *lines, char *line) {
    char **more = line ? realloc(lines->line, (lines->count + 1) * sizeof *more) : NULL;
    if (!more) {
        free(line);
        return pb_fail(PB_NOMEM, "no memory for a golden row");
    }
    lines->line = more;
    lines->line[lines->count++] = line;
    return PB_OK;
}

/* "max nchw nhwc; gap nchw": where the implementation has that verdict in the row; to free. */
static char *where(const struct pb_matrix *m, size_t implementation, size_t row,
                   enum pb_row_verdict verdict) {
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    int last = -1;
    if (!to) return NULL;
    for (size_t i = 0; i < m->cells; i++) {
        const struct pb_cell *c = &m->cell[i];
        if (c->implementation != implementation || c->row != row || c->finding.verdict != verdict)
            continue;
        if ((int)c->op != last) fprintf(to, "%s%s", last < 0 ? "" : "; ", pb_op_name(c->op));
        fprintf(to, " %s", pb_layout_name(c->layout));
        last = (int)c->op;
    }
    return fclose(to) == 0 ? text : NULL;
}

/* The golden rows of a matrix, in its order. */
static enum pb_status golden(const struct pb_matrix *m, struct lines *lines) {
    char key[PB_MATRIX_KEY];
    enum pb_status status = PB_OK;
    for (size_t i = 0; i < m->implementations; i++)
        for (size_t row = 0; row < pb_row_count(); row++)
            for (int verdict = PB_ROW_PASS; verdict <= PB_ROW_FAIL && !status; verdict++) {
                char *line = NULL, *places = where(m, i, row, (enum pb_row_verdict)verdict);
                if (places && !*places) {
                    free(places);
                    continue;
                }
                if (!places ||
                    asprintf(&line, "%s,%s,%s,%s", key_of(&m->implementation[i], key),
                             pb_row_at(row).id, pb_row_verdict_name((enum pb_row_verdict)verdict),
                             places) < 0)
                    line = NULL;
                free(places);
                status = append(lines, line);
            }
    return status;
}

/* A file that is missing has no rows. */
static enum pb_status read_golden(const char *path, struct lines *lines) {
    char *line = NULL;
    size_t size = 0;
    FILE *file;
    enum pb_status status = text_stream_open(path, &file);
    if (status) return status == PB_IO && errno == ENOENT ? PB_OK : status;
    for (int number = 1; !status && text_stream_line(file, &line, &size) >= 0; number++) {
        int commas = 0;
        for (const char *c = line; *c; c++) commas += *c == ',';
        if (number == 1 ? strcmp(line, header) != 0 : commas != 3)
            status = pb_fail(PB_INVALID, "%s:%d: not a row of %s", path, number, header);
        else if (number > 1)
            status = append(lines, strdup(line));
    }
    if (!status && !feof(file)) status = pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    free(line);
    fclose(file);
    return status;
}

/* Whether the row is of an implementation in the matrix. */
static bool is_here(const struct pb_matrix *m, const char *line) {
    char key[PB_MATRIX_KEY];
    for (size_t i = 0; i < m->implementations; i++) {
        size_t length = strlen(key_of(&m->implementation[i], key));
        if (strncmp(line, key, length) == 0 && line[length] == ',') return true;
    }
    return false;
}

static bool has(const struct lines *lines, const char *line) {
    for (size_t i = 0; i < lines->count; i++)
        if (strcmp(lines->line[i], line) == 0) return true;
    return false;
}

/* Whether some line is of the implementation `key`. */
static bool has_rows(const struct lines *lines, const char *key) {
    size_t length = strlen(key);
    for (size_t i = 0; i < lines->count; i++)
        if (strncmp(lines->line[i], key, length) == 0 && lines->line[i][length] == ',') return true;
    return false;
}

/* Whether the row is of a provider's release of which none are expected, and no failure. */
static bool is_news(const struct pb_matrix *m, const struct lines *expected, const char *line) {
    char key[PB_MATRIX_KEY];
    for (size_t i = 0; i < m->implementations; i++) {
        size_t length = strlen(key_of(&m->implementation[i], key));
        if (*m->implementation[i].version && strncmp(line, key, length) == 0 &&
            line[length] == ',' && !has_rows(expected, key))
            return !strstr(line, ",fail,");
    }
    return false;
}

/* "naive,max_nan,pass,max nchw nhwc; gmp nchw" as a line for each place: the operation in one
 * layout. */
static enum pb_status split(const char *line, struct lines *cells) {
    enum pb_status status = PB_OK;
    char *copy = strdup(line), *at_op, *at_layout, *cell;
    char *places = copy ? strrchr(copy, ',') : NULL;
    if (!places) {
        free(copy);
        return pb_fail(PB_NOMEM, "no memory for a golden row");
    }
    *places++ = 0;
    for (char *op = strtok_r(places, ";", &at_op); op && !status;
         op = strtok_r(NULL, ";", &at_op)) {
        const char *name = strtok_r(op, " ", &at_layout), *layout;
        while (!status && (layout = strtok_r(NULL, " ", &at_layout)))
            status = append(cells,
                            asprintf(&cell, "%s,%s %s", copy, name, layout) < 0 ? NULL : cell);
    }
    free(copy);
    return status;
}

/* The cells of the expected lines that were not found as they stand. */
static enum pb_status split_expected(const struct pb_matrix *m, const struct lines *expected,
                                     const struct lines *found, struct lines *cells) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; i < expected->count && !status; i++)
        if (is_here(m, expected->line[i]) && !has(found, expected->line[i]))
            status = split(expected->line[i], cells);
    return status;
}

/* The cells of the found lines that were not expected as they stand, and are no news. */
static enum pb_status split_found(const struct pb_matrix *m, const struct lines *expected,
                                  const struct lines *found, struct lines *cells) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; i < found->count && !status; i++)
        if (!has(expected, found->line[i]) && !is_news(m, expected, found->line[i]))
            status = split(found->line[i], cells);
    return status;
}

/* Whether two cells are the same but for their verdict, the third of four fields. */
static bool same_place(const char *a, const char *b) {
    const char *verdict = strchr(strchr(a, ',') + 1, ',') + 1, *place = strrchr(a, ',');
    return strncmp(a, b, (size_t)(verdict - a)) == 0 && strcmp(place, strrchr(b, ',')) == 0;
}

/* Whether it passes where nothing was expected: that of a new kernel. */
static bool is_new(const struct lines *expected, const char *cell) {
    if (!strstr(cell, ",pass,")) return false;
    for (size_t i = 0; i < expected->count; i++)
        if (same_place(cell, expected->line[i])) return false;
    return true;
}

/* Prints how the cells differ, and counts what is no new pass. */
static void compare_cells(const struct lines *expected, const struct lines *found, FILE *to,
                          int64_t *changes) {
    int64_t passes = 0;
    for (size_t i = 0; i < expected->count; i++)
        if (!has(found, expected->line[i])) {
            fprintf(to, "- %s\n", expected->line[i]);
            ++*changes;
        }
    for (size_t i = 0; i < found->count; i++) {
        if (has(expected, found->line[i])) continue;
        if (is_new(expected, found->line[i])) {
            passes++;
            continue;
        }
        fprintf(to, "+ %s\n", found->line[i]);
        ++*changes;
    }
    if (passes)
        fprintf(to, "%lld passes are new, of what had no row; --refresh writes them\n",
                (long long)passes);
}

enum pb_status pb_matrix_compare(const struct pb_matrix *m, const char *path, FILE *to,
                                 int64_t *changes) {
    struct lines expected = {0}, found = {0}, expected_cells = {0}, found_cells = {0};
    char key[PB_MATRIX_KEY];
    enum pb_status status = read_golden(path, &expected);
    *changes = 0;
    if (!status) status = golden(m, &found);
    for (size_t i = 0; i < m->implementations && !status; i++)
        if (*m->implementation[i].version &&
            !has_rows(&expected, key_of(&m->implementation[i], key)))
            fprintf(to, "%s: no rows are recorded, only its failures count\n", key);
    if (!status) status = split_expected(m, &expected, &found, &expected_cells);
    if (!status) status = split_found(m, &expected, &found, &found_cells);
    if (!status) compare_cells(&expected_cells, &found_cells, to, changes);
    free_lines(&expected);
    free_lines(&found);
    free_lines(&expected_cells);
    free_lines(&found_cells);
    return status;
}

/* Writes the rows of one implementation after the other, by name; within one as they stand. */
static void write_sorted(FILE *to, const struct lines *lines) {
    const char *name = "";
    fprintf(to, "%s\n", header);
    for (;;) {
        const char *next = NULL;
        for (size_t i = 0; i < lines->count; i++) {
            size_t length = strcspn(lines->line[i], ",") + 1;
            const char *line = lines->line[i];
            if (strncmp(line, name, length) <= 0 || (next && strncmp(line, next, length) >= 0))
                continue;
            next = line;
        }
        if (!next) return;
        for (size_t i = 0; i < lines->count; i++)
            if (strncmp(lines->line[i], next, strcspn(next, ",") + 1) == 0)
                fprintf(to, "%s\n", lines->line[i]);
        name = next;
    }
}

enum pb_status pb_matrix_refresh(const struct pb_matrix *m, const char *path) {
    struct lines before = {0}, now = {0};
    struct output_file file = {0};
    enum pb_status status = read_golden(path, &before);
    if (!status) status = golden(m, &now);
    for (size_t i = 0; i < before.count && !status; i++)
        if (!is_here(m, before.line[i])) status = append(&now, strdup(before.line[i]));
    if (!status) status = output_file_open(&file, path);
    if (!status) {
        write_sorted(file.stream, &now);
        status = output_file_keep(&file);
    }
    free_lines(&before);
    free_lines(&now);
    return status;
}
