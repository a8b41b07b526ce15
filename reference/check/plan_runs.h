/* plan_runs.h: what the two halves of a check share: plan_runs.c runs a plan, trial_check.c says
 * whether what it left is right. */
#ifndef PB_PLAN_RUNS_H
#define PB_PLAN_RUNS_H

#include "reference.h"

/* Whose tensor the kernel finds in a run in the memory, or on the data, of `of`: what setup was
 * given stays the trial's. */
struct pb_trial *plan_home(struct pb_trial *trial, bool constants, struct pb_trial *of, int role);
/* Puts the data of a trial into the memory of one. */
void plan_load(struct pb_trial *trial, bool constants, struct pb_trial *in, struct pb_trial *data);

/* Whether another process runs the plans of this one's trials. */
bool plans_run_elsewhere(void);

/* How much memory this process holds, in plan_memory.c: looked at three times among many runs. */
struct plan_memory {
    int64_t heap, pages; /* bytes that malloc gave out; of address space */
};
struct plan_memory plan_memory_held(void);
/* PROVIDER where it grew between all of them, in so many runs. */
enum pb_status plan_memory_check(const struct plan_memory at[3], int runs);

#endif
