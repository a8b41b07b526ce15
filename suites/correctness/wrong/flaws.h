/* flaws.h: kernels that are right but for problems of one kind, as defects on record are: beyond a
 * size, or where parameters meet. Each is the naive kernel and one flaw. */
#ifndef FLAWS_H
#define FLAWS_H

#include "poolbench.h"

struct flaw {
    const char *name;
    const char *record; /* where such a defect is on record, as owner/repo#number; NULL: nowhere */
    const char *ops;    /* those that have it, with spaces between */
    unsigned dirs;      /* bits 1 << PB_FWD … */
    bool f32_only;
    bool (*shows)(const struct pb_problem *problem); /* where it is wrong */
    /* Runs it where it shows; NULL: right, but for the last element of the first output. */
    enum pb_status (*run)(const struct pb_problem *problem, const struct pb_args *args);
    /* Instead of `shows`: what counts as a size, and above which it is wrong. */
    int64_t (*size)(const struct pb_problem *problem);
    int64_t above;
};

/* Beyond a size; where windows and indices are counted in too few bits; where parameters meet. */
extern const struct flaw size_flaws[], count_flaws[], combination_flaws[];
extern const int size_flaw_count, count_flaw_count, combination_flaw_count;

enum {
    EVERY_DIR = 1 << PB_FWD | 1 << PB_FWD_IDX | 1 << PB_BWD | 1 << PB_BWD_W,
    FORWARD_DIRS = 1 << PB_FWD | 1 << PB_FWD_IDX
};

/* Whether the problem is of an operation, direction and type that has the flaw, and whether it is
 * wrong there. */
bool flaw_takes(const struct flaw *flaw, const struct pb_problem *problem);
bool flaw_shows(const struct flaw *flaw, const struct pb_problem *problem);
/* Its kernel. There is one at a time: asking for another changes what the first one does. */
struct pb_kernel flaw_kernel(const struct flaw *flaw);

#endif
