/* checked.h: which kernels hold the contract on the problems that are to be timed. */
#ifndef HOLD_H
#define HOLD_H

#include "poolbench.h"

struct session_options;

/* What became of one kernel on one problem that it accepts. */
struct verdict {
    size_t problem; /* its position in the list */
    const struct pb_kernel *kernel;
    char *failure; /* a sentence; NULL: it held */
};

struct verdicts {
    struct verdict *item; /* by problem, then in the order of the table */
    size_t count;
    enum pb_status status; /* NOMEM where one could not be kept */
    bool progress;
};

/* Holds each problem's kernels to the contract as they will be timed: with the threads of
 * pb_threads(), constants given to setup. `options` chooses the kernels. Each runs in a process of
 * its own, so that one that crashes or hangs, in can_do even, is a verdict like any other. Call it
 * before this process has started any thread. */
enum pb_status verdicts_find(const struct pb_problem *problems, size_t count,
                             const struct session_options *options, struct verdicts *verdicts);
void verdicts_free(struct verdicts *verdicts); /* accepts a zeroed one */

#endif
