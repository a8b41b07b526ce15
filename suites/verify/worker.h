/* worker.h: what the process that checks and the one that watches it share. */
#ifndef PB_VERIFY_WORKER_H
#define PB_VERIFY_WORKER_H

#include "verify/verification.h"
#include <limits.h>
#include <stdatomic.h>

/* Where a worker is. Between the calls of a kernel it is the harness that runs. */
enum phase { BETWEEN, CAN_DO, SETUP, RUN, DONE, FINISHED };

/* Where an access trapped, if it was near a tensor. */
struct fault {
    bool known, write, read; /* neither: this processor does not say */
    bool before;             /* the tensor, else behind it */
    enum pb_role role;
    int64_t bytes; /* from the tensor's end on that side */
};

/* A worker's own part of the memory that it shares with its parent, so that it outlives a crash.
 * The next worker goes on at problem, number and kernel. */
struct slot {
    int64_t problem; /* -1: none yet */
    int number;
    size_t kernel;
    bool ran, failed; /* some kernel accepted the problem, some failed */
    int64_t problems, problems_failed, checks;
    struct pb_case now;
    int threads;
    bool constants;
    double allowed; /* seconds that each thread may take for one call */
    _Atomic int phase;
    _Atomic int64_t calls; /* of kernels so far: a sign of life */
    struct fault fault;
    char text[81]; /* of the problem, for the progress line; its last byte stays 0 */
};

enum { MOST_CRASHES = 3 };

struct board {
    _Atomic int64_t *next; /* problem that nobody has taken */
    struct slot *slot;     /* one per worker */
    _Atomic int *crashes;  /* one per kernel */
};

/* What a worker tells its parent, in one write. */
struct report {
    enum { REPORT_FAILED, REPORT_PASSED, REPORT_SKIPPED, REPORT_STOP } kind;
    enum pb_status status;
    size_t kernel;
    int64_t problem;
    struct pb_case now;
    int threads;
    bool constants;
    char sentence[1024];
};
_Static_assert(sizeof(struct report) <= PIPE_BUF, "a report is written whole or not at all");

/* Works until no problem is left; `until` is when to begin no more (CLOCK_MONOTONIC seconds; 0:
 * never). Ends the process. */
_Noreturn void verify_work(const struct pb_verify *verify, struct board *board, struct slot *slot,
                           int pipe, double until);
double verify_now(void);

#endif
