/* spot_check.h: looks, outside the clock, at what a kernel does while it is timed. */
#ifndef PB_SPOT_CHECK_H
#define PB_SPOT_CHECK_H

#include "reference.h"

/* What is right of one problem's buffers. */
struct spot_check {
    const struct pb_problem *problem;
    uint64_t input[PB_ROLES]; /* digests */
    /* Where the digest of an output is not that of the check before timing, the values decide;
     * asked for once. */
    struct pb_expected expected;
    bool is_expected;
};

void spot_check_begin(struct spot_check *spot, const struct pb_problem *problem,
                      const struct pb_args *args);
void spot_check_end(struct spot_check *spot); /* accepts a zeroed one */

/* Fills the outputs with what cannot be foreseen; run the kernel then. */
void spot_check_poison(const struct spot_check *spot, const struct pb_args *args);
/* Whether the outputs are right: those of `digest`, or as the oracle has them. PROVIDER. */
enum pb_status spot_check_outputs(struct spot_check *spot, const struct pb_args *args,
                                  uint64_t digest);
/* Whether the inputs are as they were; else they are made so again. PROVIDER. */
enum pb_status spot_check_inputs(const struct spot_check *spot, const struct pb_args *args);

/* Around a repetition: notes what this process is like, and whether it was left so. PROVIDER. */
void spot_check_note_process(void);
enum pb_status spot_check_process(void);

#endif
