/* plan_runs.h: the runs of one plan; what the files of a trial's checks share. */
#ifndef PB_PLAN_RUNS_H
#define PB_PLAN_RUNS_H

#include "reference.h"

struct plan_runs {
    struct pb_trial *trial;
    const struct pb_kernel *kernel;
    bool constants; /* weights and indices are given to setup */
    bool set_up;
    void *plan;
    int runs; /* so far */
    uint64_t seed;
};

/* Sets the plan up, in memory that is not zero. */
enum pb_status plan_runs_begin(struct plan_runs *runs);
/* Ends the plan and gives the trial its data back. Returns `status`, with the kernel and the problem
 * in its sentence. */
enum pb_status plan_runs_end(struct plan_runs *runs, enum pb_status status);
/* A run over what the one before left, which nobody looks at. */
enum pb_status plan_runs_unseen(struct plan_runs *runs);
/* One more on the data and in the memory of the trial: the bits that the check kept. */
enum pb_status plan_runs_again(struct plan_runs *runs);

#endif
