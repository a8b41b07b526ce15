/* checked.h: which kernels pass verification on the problems that are to be timed. */
#ifndef PB_CHECKED_H
#define PB_CHECKED_H

#include "poolbench.h"

struct session_options;

/* The outcome of one kernel on one problem that it accepts. */
struct verdict {
    size_t problem; /* its position in the list */
    const struct pb_kernel *kernel;
    char *failure;   /* a sentence; NULL: it passed */
    bool crashed;    /* or hung, or ended its process */
    uint64_t digest; /* of the outputs that were right, see pb_digest_outputs */
};

struct verdicts {
    struct verdict *item; /* by problem, then in the order of the table */
    size_t count;
    enum pb_status status; /* NOMEM where one could not be kept */
};

/* Verifies each problem's kernels as they will be timed: with the threads of pb_threads(), constants
 * given to setup; on the data that they are timed on, and a small sibling of the problem on data of
 * every pattern (what a library declares of that is no failure). `options` chooses the kernels. Each
 * runs in a process of its own, so that one that crashes or hangs, in can_do even, is a verdict like
 * any other. Call it before this process has started any thread. */
enum pb_status verdicts_find(const struct pb_problem *problems, size_t count,
                             const struct session_options *options, struct verdicts *verdicts);
void verdicts_free(struct verdicts *verdicts); /* accepts a zeroed one */

#endif
