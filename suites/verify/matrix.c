/* The conformance matrix: fills it and prints it. */
#include "verify/matrix.h"
#include "common/plugins.h"
#include "common/progress.h"
#include "common/sandbox.h"
#include "common/suites.h"
#include "registry/provider.h"
#include <stdlib.h>
#include <string.h>

/* ---- Filling --------------------------------------------------------------------------------- */

/* A kernel's implementation: its provider, or with us its ISA or method. */
static struct pb_implementation implementation_of(const struct pb_kernel *kernel) {
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    struct pb_implementation it = {.version = provider ? provider_version(provider) : "",
                                   .isa = provider ? pb_isa_name(pb_isa()) : ""};
    if (provider)
        snprintf(it.name, sizeof it.name, "%s", provider->name);
    else
        snprintf(it.name, sizeof it.name, "poolbench %s",
                 kernel->isa ? pb_kernel_isa_name(kernel) : pb_kernel_method(kernel));
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

/* Of processor time, for one row in one operation and layout. */
static const double SECONDS_OF_A_ROW = 30;

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

/* A kernel that is being judged, and where to. */
struct check {
    struct board *board;
    const struct pb_row_choice *choice;
    const struct pb_kernel *kernel;
    struct pb_finding *found;
};

static size_t next_chosen(const struct pb_row_choice *choice, size_t position) {
    size_t all = pb_row_count() * KINDS;
    while (position < all && !pb_row_chosen(choice, position / KINDS)) position++;
    return position;
}

static void note_failure(struct pb_finding *here, const char *sentence) {
    here->verdict = PB_ROW_FAIL;
    here->checks++;
    snprintf(here->sentence, sizeof here->sentence, "%s", sentence);
}

/* Judges a kernel from board->position on. */
static void check_kernel(void *arg) {
    const struct check *check = arg;
    struct board *board = check->board;
    size_t all = pb_row_count() * KINDS;
    board->status = PB_OK;
    board->position = next_chosen(check->choice, board->position);
    if (board->position == all) return;
    sandbox_start_threads(pb_threads());
    if (plugin_load(check->kernel)) {
        note_failure(&check->found[board->position], pb_error());
        return;
    }
    while (board->position < all && !board->status) {
        size_t row = board->position / KINDS, kind = board->position % KINDS;
        sandbox_step(NULL, SECONDS_OF_A_ROW, pb_threads());
        board->status =
                pb_row_check(row, check->kernel, (enum pb_op)(kind / PB_LAYOUTS),
                             (enum pb_layout)(kind % PB_LAYOUTS), &check->found[board->position]);
        sandbox_settle();
        board->position = next_chosen(check->choice, board->position + 1);
    }
    snprintf(board->sentence, sizeof board->sentence, "%s", pb_error());
}

/* The row that was being judged is broken; the next process goes on behind it. */
static void note_crash(const struct check *check, const struct sandbox_outcome *outcome,
                       const char *then) {
    char words[256], sentence[512];
    snprintf(sentence, sizeof sentence, "%s: %s%s", check->kernel->name,
             sandbox_say(outcome, words, sizeof words), then);
    note_failure(&check->found[check->board->position++], sentence);
}

/* Each kernel in a process of its own, another after each crash: what one does to memory ends with
 * it. */
static enum pb_status check_apart(struct board *board, const struct pb_row_choice *choice,
                                  const struct pb_kernel *kernel, struct pb_finding *found) {
    struct check check = {board, choice, kernel, found};
    struct sandbox_outcome outcome;
    char words[256];
    board->position = 0;
    for (int crashes = 0; crashes < SANDBOX_CRASHES;) {
        enum pb_status status = sandbox_run(check_kernel, &check, &outcome);
        if (status) return status;
        if (outcome.ours)
            return pb_fail(PB_IO, "a process that checks kernels: %s%s%s",
                           sandbox_say(&outcome, words, sizeof words), *outcome.printed ? ": " : "",
                           outcome.printed);
        if (outcome.returned)
            return board->status ? pb_fail(board->status, "%s", board->sentence) : PB_OK;
        if (outcome.end == SANDBOX_LOST)
            return pb_fail(PB_IO, "%s: %s", kernel->name,
                           sandbox_say(&outcome, words, sizeof words));
        note_crash(&check, &outcome, ++crashes == SANDBOX_CRASHES ? "; not run any more" : "");
    }
    return PB_OK; /* what it was not asked any more has neither passed nor failed */
}

static enum pb_status check_all(struct pb_matrix *m, const struct pb_row_choice *choice,
                                struct board *board, void (*progress)(const char *kernel)) {
    enum pb_status status = PB_OK;
    for (size_t k = 0; k < pb_kernel_count() && !status; k++) {
        const struct pb_kernel *kernel = pb_kernel_at(k);
        if (!pb_kernel_chosen(choice, kernel)) continue;
        if (progress) progress(kernel->name);
        size_t at;
        status = place(m, kernel, &at);
        if (!status)
            status = check_apart(board, choice, kernel, &board->found[at * pb_row_count() * KINDS]);
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

enum pb_status pb_matrix_fill(struct pb_matrix *m, const struct pb_row_choice *choice,
                              void (*progress)(const char *kernel)) {
    enum pb_status status = PB_OK;
    *m = (struct pb_matrix){0};
    for (size_t k = 0; k < pb_kernel_count() && !status; k++) {
        size_t at;
        if (pb_kernel_chosen(choice, pb_kernel_at(k))) status = place(m, pb_kernel_at(k), &at);
    }
    struct board *board = status ? NULL : sandbox_memory(board_bytes(m));
    if (!status && !board) status = PB_NOMEM;
    if (!status) status = check_all(m, choice, board, progress);
    if (!status) status = keep(m, board->found);
    sandbox_memory_free(board, board_bytes(m));
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

/* ---- The command ----------------------------------------------------------------------------- */

static void show_progress(const char *kernel) {
    progress_show("%s", kernel);
}

/* Of a part of the matrix: whether something failed, or there was nothing to check. */
static int outcome(const struct pb_matrix *m) {
    bool failed = false;
    for (size_t i = 0; i < m->cells; i++) failed |= m->cell[i].finding.verdict == PB_ROW_FAIL;
    if (failed || pb_providers_refused) return EXIT_FAILED;
    if (m->cells) return EXIT_PASSED;
    fprintf(stderr, "poolbench: nothing matched, nothing was verified\n");
    return EXIT_NOTHING;
}

/* Of the whole: whether its golden rows differ. */
static int compared(const struct pb_matrix *m, bool refresh) {
    int64_t changes = 0;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/reference/conformance/conformance.csv", pb_source_dir);
    enum pb_status status =
            refresh ? pb_matrix_refresh(m, path) : pb_matrix_compare(m, path, stderr, &changes);
    if (status) return pb_complain(status);
    if (changes)
        fprintf(stderr,
                "poolbench: %lld cells differ from %s; where that is right, --refresh it and "
                "commit "
                "it by itself\n",
                (long long)changes, path);
    return changes || pb_providers_refused ? EXIT_FAILED : EXIT_PASSED;
}

int pb_matrix_main(const struct pb_row_choice *choice, bool json, bool refresh) {
    struct pb_matrix matrix = {0};
    enum pb_status status = pb_matrix_fill(&matrix, choice, show_progress);
    progress_clear();
    if (status) return pb_complain(status);
    if (json)
        pb_matrix_print_json(&matrix, choice);
    else if (choice->row)
        pb_matrix_print_rows(&matrix, choice);
    else
        print_table(&matrix), print_details(&matrix);
    int code = choice->row || choice->globs ? outcome(&matrix) : compared(&matrix, refresh);
    pb_matrix_free(&matrix);
    return code;
}
