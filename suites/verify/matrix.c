/* The conformance matrix: fills it, prints it, and compares it with the rows in git. */
#include "verify/matrix.h"
#include "common/output_file.h"
#include "common/suites.h"
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Filling --------------------------------------------------------------------------------- */

/* A kernel's implementation: its provider, or with us its ISA or method. */
static struct pb_implementation implementation_of(const struct pb_kernel *kernel) {
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    struct pb_implementation it = {.version = provider ? provider->version() : "",
                                   .isa = provider ? pb_isa_name(pb_isa()) : ""};
    if (provider)
        snprintf(it.name, sizeof it.name, "%s", provider->name);
    else
        snprintf(it.name, sizeof it.name, "poolbench %s",
                 kernel->isa ? pb_isa_name(kernel->isa) : pb_kernel_method(kernel));
    return it;
}

/* The place of the kernel's implementation, which is appended where it is new. */
static enum pb_status place(struct pb_matrix *m, const struct pb_kernel *kernel, size_t *at) {
    struct pb_implementation it = implementation_of(kernel);
    for (*at = 0; *at < m->implementations; ++*at)
        if (strcmp(m->implementation[*at].name, it.name) == 0) return PB_OK;
    struct pb_implementation *more =
            realloc(m->implementation, (m->implementations + 1) * sizeof *more);
    if (!more) return pb_fail(PB_NOMEM, "no memory for one more implementation");
    m->implementation = more;
    more[m->implementations++] = it;
    return PB_OK;
}

/* All that one implementation may be asked. */
enum { KINDS = PB_OPS * PB_LAYOUTS };

/* What the processes share: one judges a kernel, the other sees where it crashed. */
struct board {
    size_t position; /* row and kind that are being judged: row * KINDS + kind */
    enum pb_status status;
    char sentence[PB_SENTENCE_SIZE];
    struct pb_finding found[]; /* by implementation, row and kind */
};

static size_t board_bytes(const struct pb_matrix *m) {
    return sizeof(struct board) +
           m->implementations * pb_row_count() * KINDS * sizeof(struct pb_finding);
}

/* Judges a kernel from board->position on. A call that takes too long is ended by its alarm. */
static void check_kernel(struct board *board, const struct pb_kernel *kernel,
                         struct pb_finding *found) {
    enum { LONGEST = 120 }; /* seconds for one row in one operation and layout */
    size_t all = pb_row_count() * KINDS;
    board->status = PB_OK;
    for (; board->position < all && !board->status; board->position++) {
        size_t row = board->position / KINDS, kind = board->position % KINDS;
        alarm(LONGEST);
        board->status = pb_row_check(row, kernel, (enum pb_op)(kind / PB_LAYOUTS),
                                     (enum pb_layout)(kind % PB_LAYOUTS), &found[board->position]);
    }
    alarm(0);
    snprintf(board->sentence, sizeof board->sentence, "%s", pb_error());
}

/* The row that was being judged is broken; the next process goes on behind it. */
static void note_crash(struct board *board, const struct pb_kernel *kernel,
                       struct pb_finding *found, int signal, const char *then) {
    struct pb_finding *here = &found[board->position++];
    here->verdict = PB_ROW_FAIL;
    here->checks++;
    snprintf(here->sentence, sizeof here->sentence, "%s: %s%s%s", kernel->name,
             signal == SIGALRM ? "hung"
             : signal          ? "crashed: "
                               : "ended the process",
             signal && signal != SIGALRM ? strsignal(signal) : "", then);
}

/* Each kernel in a process of its own, another after each crash: what one does to memory ends with
 * it. This process must not have run OpenMP's threads, which a copy would wait for. */
static enum pb_status check_apart(struct board *board, const struct pb_kernel *kernel,
                                  struct pb_finding *found) {
    enum { DONE = 0, MOST_CRASHES = 8 };
    board->position = 0;
    for (int crashes = 0; crashes < MOST_CRASHES;) {
        int how;
        fflush(NULL);
        pid_t child = fork();
        if (child < 0)
            return pb_fail(PB_NOMEM, "no process for %s: %s", kernel->name, strerror(errno));
        if (child == 0) {
            check_kernel(board, kernel, found);
            _exit(DONE);
        }
        if (waitpid(child, &how, 0) != child)
            return pb_fail(PB_IO, "the process of %s is lost: %s", kernel->name, strerror(errno));
        bool ended = board->status || board->position == pb_row_count() * KINDS;
        if (WIFEXITED(how) && ended)
            return board->status ? pb_fail(board->status, "%s", board->sentence) : PB_OK;
        if (board->position == pb_row_count() * KINDS) return PB_OK; /* while it ended */
        note_crash(board, kernel, found, WIFSIGNALED(how) ? WTERMSIG(how) : 0,
                   ++crashes == MOST_CRASHES ? "; not run any more" : "");
    }
    return PB_OK; /* what it was not asked any more is neither kept nor broken */
}

static enum pb_status check_all(const struct pb_matrix *m, struct board *board,
                                void (*progress)(const char *kernel)) {
    enum pb_status status = PB_OK;
    for (size_t k = 0; k < pb_kernel_count() && !status; k++) {
        const struct pb_kernel *kernel = pb_kernel_at(k);
        if (kernel->isa & ~pb_isa()) continue;
        if (progress) progress(kernel->name);
        struct pb_implementation it = implementation_of(kernel);
        size_t at = 0;
        while (strcmp(m->implementation[at].name, it.name) != 0) at++;
        status = check_apart(board, kernel, &board->found[at * pb_row_count() * KINDS]);
    }
    return status;
}

/* Keeps the findings of which something was asked. */
static enum pb_status keep(struct pb_matrix *m, const struct pb_finding *found) {
    size_t all = m->implementations * pb_row_count() * KINDS, cells = 0;
    for (size_t i = 0; i < all; i++) cells += found[i].verdict != PB_ROW_UNTESTED;
    m->cell = malloc((cells + 1) * sizeof *m->cell);
    if (!m->cell) return pb_fail(PB_NOMEM, "no memory for %zu cells", cells);
    for (size_t i = 0; i < all; i++)
        if (found[i].verdict != PB_ROW_UNTESTED)
            m->cell[m->cells++] = (struct pb_cell){.implementation = i / KINDS / pb_row_count(),
                                                   .row = i / KINDS % pb_row_count(),
                                                   .op = (enum pb_op)(i % KINDS / PB_LAYOUTS),
                                                   .layout = (enum pb_layout)(i % PB_LAYOUTS),
                                                   .finding = found[i]};
    return PB_OK;
}

enum pb_status pb_matrix_fill(struct pb_matrix *m, void (*progress)(const char *kernel)) {
    enum pb_status status = PB_OK;
    *m = (struct pb_matrix){0};
    for (size_t k = 0; k < pb_kernel_count() && !status; k++) {
        size_t at;
        if ((pb_kernel_at(k)->isa & ~pb_isa()) == 0) status = place(m, pb_kernel_at(k), &at);
    }
    struct board *board = status ? MAP_FAILED
                                 : mmap(NULL, board_bytes(m), PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!status && board == MAP_FAILED) status = pb_fail(PB_NOMEM, "no memory for what is found");
    if (!status) status = check_all(m, board, progress);
    if (!status) status = keep(m, board->found);
    if (board != MAP_FAILED) munmap(board, board_bytes(m));
    if (status) pb_matrix_free(m);
    return status;
}

void pb_matrix_free(struct pb_matrix *m) {
    free(m->implementation);
    free(m->cell);
    *m = (struct pb_matrix){0};
}

enum pb_row_verdict pb_matrix_verdict(const struct pb_matrix *m, size_t implementation,
                                      size_t row) {
    enum pb_row_verdict worst = PB_ROW_UNTESTED;
    for (size_t i = 0; i < m->cells; i++)
        if (m->cell[i].implementation == implementation && m->cell[i].row == row &&
            m->cell[i].finding.verdict > worst)
            worst = m->cell[i].finding.verdict;
    return worst;
}

/* ---- Golden rows ----------------------------------------------------------------------------- */

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
    enum pb_status status = PB_OK;
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (!file && errno == ENOENT) return PB_OK;
    if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    for (int number = 1; !status && getline(&line, &size, file) >= 0; number++) {
        int commas = 0;
        line[strcspn(line, "\r\n")] = 0;
        for (const char *c = line; *c; c++) commas += *c == ',';
        if (number == 1 ? strcmp(line, header) != 0 : commas != 3)
            status = pb_fail(PB_INVALID, "%s:%d: not a row of %s", path, number, header);
        else if (number > 1)
            status = append(lines, strdup(line));
    }
    if (!status && ferror(file)) status = pb_fail(PB_IO, "%s: %s", path, strerror(errno));
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

enum pb_status pb_matrix_compare(const struct pb_matrix *m, const char *path, FILE *to,
                                 int64_t *changes) {
    struct lines expected = {0}, found = {0};
    char key[PB_MATRIX_KEY];
    enum pb_status status = read_golden(path, &expected);
    if (!status) status = golden(m, &found);
    *changes = 0;
    for (size_t i = 0; i < expected.count && !status; i++)
        if (is_here(m, expected.line[i]) && !has(&found, expected.line[i])) {
            fprintf(to, "- %s\n", expected.line[i]);
            ++*changes;
        }
    for (size_t i = 0; i < m->implementations && !status; i++)
        if (*m->implementation[i].version &&
            !has_rows(&expected, key_of(&m->implementation[i], key)))
            fprintf(to, "%s: no rows are recorded, only its failures count\n", key);
    for (size_t i = 0; i < found.count && !status; i++)
        if (!has(&expected, found.line[i]) && !is_news(m, &expected, found.line[i])) {
            fprintf(to, "+ %s\n", found.line[i]);
            ++*changes;
        }
    free_lines(&expected);
    free_lines(&found);
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

/* ---- Printing -------------------------------------------------------------------------------- */

static const char *const marks[] = {"·", "pass", "deviation", "FAIL"};

/* printf counts bytes; every mark but the dot has one for each column. */
static void print_mark(enum pb_row_verdict verdict, int width) {
    printf("  %s%*s", marks[verdict], width - (verdict ? (int)strlen(marks[verdict]) : 1), "");
}

static void print_table(const struct pb_matrix *m) {
    int width = 0;
    for (size_t row = 0; row < pb_row_count(); row++) {
        int length = (int)strlen(pb_row_at(row).id);
        if (length > width) width = length;
    }
    for (size_t row = 0; row < pb_row_count(); row++) {
        struct pb_row r = pb_row_at(row);
        if (row == 0 || r.kind != pb_row_at(row - 1).kind) {
            printf("%s%-*s", row ? "\n" : "", width, pb_row_kind_name(r.kind));
            for (size_t i = 0; i < m->implementations; i++)
                printf("  %-7s", m->implementation[i].name);
            putchar('\n');
        }
        printf("%-*s", width, r.id);
        for (size_t i = 0; i < m->implementations; i++) {
            int column = (int)strlen(m->implementation[i].name);
            print_mark(pb_matrix_verdict(m, i, row), column > 7 ? column : 7);
        }
        putchar('\n');
    }
}

static void print_details(const struct pb_matrix *m) {
    for (size_t row = 0; row < pb_row_count(); row++)
        if (pb_row_at(row).outside)
            printf("not tested: %s: %s\n", pb_row_at(row).id, pb_row_at(row).outside);
    for (size_t i = 0; i < m->cells; i++) {
        const struct pb_cell *c = &m->cell[i];
        if (c->finding.verdict == PB_ROW_PASS) continue;
        printf("%s %s %s (%s %s): %s\n", m->implementation[c->implementation].name,
               pb_row_verdict_name(c->finding.verdict), pb_row_at(c->row).id, pb_op_name(c->op),
               pb_layout_name(c->layout), c->finding.sentence);
    }
    for (size_t i = 0; i < m->implementations; i++) {
        int64_t rows[PB_ROW_FAIL + 1] = {0}, checks = 0;
        for (size_t row = 0; row < pb_row_count(); row++) rows[pb_matrix_verdict(m, i, row)]++;
        for (size_t c = 0; c < m->cells; c++)
            if (m->cell[c].implementation == i) checks += m->cell[c].finding.checks;
        printf("%s%s%s: %lld pass, %lld fail, %lld deviations as documented, %lld not tested of "
               "%zu "
               "(%lld checks)\n",
               m->implementation[i].name, *m->implementation[i].version ? " " : "",
               m->implementation[i].version, (long long)rows[PB_ROW_PASS],
               (long long)rows[PB_ROW_FAIL], (long long)rows[PB_ROW_DEVIATION],
               (long long)rows[PB_ROW_UNTESTED], pb_row_count(), (long long)checks);
    }
}

static json_t *rows_json(void) {
    json_t *rows = json_array();
    for (size_t i = 0; i < pb_row_count(); i++) {
        struct pb_row r = pb_row_at(i);
        json_array_append_new(rows,
                              json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "kind",
                                        pb_row_kind_name(r.kind), "id", r.id, "sentence",
                                        r.sentence, "address", r.address, "outside", r.outside));
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

static void print_json(const struct pb_matrix *m) {
    json_t *implementations = json_array();
    for (size_t i = 0; i < m->implementations; i++)
        json_array_append_new(implementations,
                              json_pack("{s:s, s:s}", "name", m->implementation[i].name, "version",
                                        m->implementation[i].version));
    json_t *all = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "kind", "conformance", "isa",
                            pb_isa_name(pb_isa()), "cpu", pb_cpu_name(), "implementations",
                            implementations, "rows", rows_json(), "cells", cells_json(m));
    json_dumpf(all, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(all);
}

/* ---- The command ----------------------------------------------------------------------------- */

static void show_progress(const char *kernel) {
    fprintf(stderr, "\r\033[K%s", kernel);
}

int pb_matrix_main(bool json, bool refresh) {
    bool terminal = isatty(STDERR_FILENO);
    struct pb_matrix matrix = {0};
    int64_t changes = 0;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/reference/conformance/conformance.csv", pb_source_dir);
    enum pb_status status = pb_matrix_fill(&matrix, terminal ? show_progress : NULL);
    if (terminal) fputs("\r\033[K", stderr);
    if (status) return pb_complain(status);
    if (json)
        print_json(&matrix);
    else
        print_table(&matrix), print_details(&matrix);
    status = refresh ? pb_matrix_refresh(&matrix, path)
                     : pb_matrix_compare(&matrix, path, stderr, &changes);
    pb_matrix_free(&matrix);
    if (status) return pb_complain(status);
    if (changes)
        fprintf(stderr,
                "poolbench: %lld rows differ from %s; where that is right, --refresh it and commit "
                "it by itself\n",
                (long long)changes, path);
    return changes || pb_providers_refused ? EXIT_FAILED : EXIT_PASSED;
}
