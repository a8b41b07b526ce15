/* batch_report.h: what became of the words of a batch file. */
#ifndef PB_BATCH_REPORT_H
#define PB_BATCH_REPORT_H

#include <stddef.h>
#include <stdint.h>

struct batch_report {
    int64_t problems, left_out, ignored, refused;
    struct batch_reason {
        char key[128], text[128]; /* what counts as one reason, and the first that it was */
        int64_t count;
    } * reason;
    size_t reasons;
};

/* Counts a problem that is not done here; `text` is the reason in words, `key` what reasons that
 * are alike have in common. */
void batch_report_left_out(struct batch_report *report, const char *key, const char *text);
/* Shows pb_error() with the place, unless many were shown; the program then ends with 2. */
void batch_report_refused(struct batch_report *report, const char *path, int line);
/* The counts, where not everything was a problem, to stderr. */
void batch_report_print(struct batch_report *report, const char *path);
void batch_report_free(struct batch_report *report); /* accepts a zeroed one */

#endif
