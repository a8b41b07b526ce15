/* Counts and shows what became of a batch file. */
#include "common/batch_report.h"
#include "common/suites.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 20 };

int pb_lines_refused;

void batch_report_left_out(struct batch_report *report, const char *key, const char *text) {
    size_t i = 0;
    report->left_out++;
    while (i < report->reasons && strcmp(report->reason[i].key, key) != 0) i++;
    if (i == report->reasons) {
        struct batch_reason *grown = realloc(report->reason, (i + 1) * sizeof *grown);
        if (!grown) return; /* counted, without its reason */
        report->reason = grown;
        report->reasons++;
        grown[i] = (struct batch_reason){0};
        snprintf(grown[i].key, sizeof grown[i].key, "%s", key);
        snprintf(grown[i].text, sizeof grown[i].text, "%s", text);
    }
    report->reason[i].count++;
}

void batch_report_refused(struct batch_report *report, const char *path, int line) {
    pb_lines_refused++;
    if (report->refused++ < SHOWN)
        fprintf(stderr, "poolbench: %s:%d: %s\n", path, line, pb_error());
}

/* The most frequent first. */
static int order(const void *left, const void *right) {
    const struct batch_reason *a = left, *b = right;
    return (a->count < b->count) - (a->count > b->count);
}

void batch_report_print(struct batch_report *report, const char *path) {
    if (!report->left_out && !report->refused && !report->ignored) return;
    if (report->refused > SHOWN)
        fprintf(stderr, "poolbench: %s: %lld more lines were refused\n", path,
                (long long)(report->refused - SHOWN));
    fprintf(stderr,
            "poolbench: %s: %lld problems, %lld left out, %lld options and notes ignored, %lld "
            "lines refused\n",
            path, (long long)report->problems, (long long)report->left_out,
            (long long)report->ignored, (long long)report->refused);
    if (report->reasons) qsort(report->reason, report->reasons, sizeof *report->reason, order);
    int64_t rest = report->left_out;
    for (size_t i = 0; i < report->reasons; i++) {
        const struct batch_reason *reason = &report->reason[i];
        if (i == SHOWN) {
            fprintf(stderr, "  left out for %zu more reasons: %lld\n", report->reasons - i,
                    (long long)rest);
            break;
        }
        rest -= reason->count;
        fprintf(stderr, "  left out for %s%s: %lld\n", reason->text,
                strcmp(reason->key, reason->text) ? " and its like" : "", (long long)reason->count);
    }
}

void batch_report_free(struct batch_report *report) {
    free(report->reason);
    *report = (struct batch_report){0};
}
