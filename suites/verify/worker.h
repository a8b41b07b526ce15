/* worker.h: what the processes that check and the one that watches them share. */
#ifndef PB_VERIFY_WORKER_H
#define PB_VERIFY_WORKER_H

#include "common/sandbox.h"
#include "verify/mailbox.h"
#include <limits.h>

/* How far a worker is, for its parent to see: written by the worker alone, which waits while the
 * end of the process that it has kernels run in is looked at. */
struct slot {
    int64_t problem; /* -1: none yet */
    int number;
    size_t kernel;
    int first;        /* number of the first case of the problem that was checked; -1: none yet */
    bool ran, failed; /* some kernel accepted the problem, some failed */
    int64_t problems, problems_failed, checks;
    struct pb_case now;
    int threads;
    bool constants;
    double allowed;  /* seconds that each thread may take for one call */
    uint64_t digest; /* of the outputs that were right */
    char text[81];   /* of the problem, for the progress line; its last byte stays 0 */
};

/* What a worker tells its parent, in one write. */
struct report {
    enum { REPORT_FAILED, REPORT_PASSED, REPORT_SKIPPED, REPORT_REFUSED, REPORT_STOP } kind;
    enum pb_status status;
    size_t kernel;
    int64_t problem;
    struct pb_case now;
    int threads;
    bool constants;
    uint64_t digest; /* of what passed */
    char sentence[1024];
    struct pb_cause cause; /* of a failure */
};
_Static_assert(sizeof(struct report) <= PIPE_BUF, "a report is written whole or not at all");

/* What a worker is started with. */
struct worker_task {
    const struct pb_verify *verify;
    _Atomic int64_t *next; /* problem that nobody has taken */
    struct slot *slot;
    struct mailbox *mail; /* to the process that runs kernels */
    int pipe;
    double until; /* when to begin no more problems, by clock_seconds(); 0: never */
};

/* Works on a struct worker_task until no problem is left. */
void verify_work(void *task);

#endif
