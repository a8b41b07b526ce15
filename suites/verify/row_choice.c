/* Reads lists of rows' ids, and says what is near to one that is unknown. */
#include "verify/row_choice.h"
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_ID = 80 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* How many letters to insert, delete or replace to make one of the other (Wagner, Fischer, The
 * String-to-String Correction Problem, 1974). */
static size_t edits(const char *a, const char *b) {
    size_t row[LONGEST_ID + 1], n = least(strlen(b), LONGEST_ID);
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t replaced = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(replaced, least(diagonal, row[j]) + 1);
        }
    }
    return row[n];
}

static bool is_near(const char *id, const char *given) {
    return strstr(id, given) || strstr(given, id) || edits(given, id) <= 1 + strlen(given) / 4;
}

static enum pb_status unknown(const char *given) {
    enum { NAMED = 5 };
    char near[NAMED * (LONGEST_ID + 2) + 1] = "";
    int named = 0;
    for (size_t row = 0; *given && row < pb_row_count() && named < NAMED; row++) {
        const char *id = pb_row_at(row).id;
        size_t used = strlen(near);
        if (!is_near(id, given)) continue;
        snprintf(near + used, sizeof near - used, "%s%s", named++ ? ", " : "", id);
    }
    return pb_fail(PB_INVALID, "no rule, relation or known defect is called '%s' (%s%s)", given,
                   named ? "near: " : "verify --matrix lists them", near);
}

enum pb_status pb_row_choice_add(struct pb_row_choice *choice, const char *ids) {
    enum pb_status status = PB_OK;
    bool *row = calloc(pb_row_count(), sizeof *row);
    if (!row) return pb_fail(PB_NOMEM, "no memory for a list of rows");
    for (const char *at = ids; at && !status; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char id[LONGEST_ID + 1];
        snprintf(id, sizeof id, "%.*s", (int)least(strcspn(at, ","), LONGEST_ID), at);
        size_t found = pb_row_find(id);
        if (found == pb_row_count())
            status = unknown(id);
        else
            row[found] = true;
    }
    for (size_t i = 0; i < pb_row_count() && choice->row; i++) row[i] |= choice->row[i];
    free(status ? row : choice->row);
    if (!status) choice->row = row;
    return status;
}

void pb_row_choice_free(struct pb_row_choice *choice) {
    free(choice->row);
    *choice = (struct pb_row_choice){0};
}

bool pb_row_chosen(const struct pb_row_choice *choice, size_t row) {
    return !choice->row || choice->row[row];
}

bool pb_kernel_chosen(const struct pb_row_choice *choice, const struct pb_kernel *kernel) {
    bool matches = choice->globs == 0;
    for (size_t i = 0; i < choice->globs; i++)
        matches |= fnmatch(choice->glob[i], kernel->name, 0) == 0;
    return matches && (kernel->isa & ~pb_isa()) == 0;
}
