/* scratch.h: a plan that is memory for each thread of a run. */
#ifndef PB_SCRATCH_H
#define PB_SCRATCH_H

#include "poolbench.h"

struct pb_scratch {
    int threads;   /* that have a part */
    int64_t count; /* floats of one thread */
    float *data;
};

/* For a kernel's setup: `count` floats per thread; pb_scratch_done is the kernel's done. */
enum pb_status pb_scratch_setup(int64_t count, void **plan);
void pb_scratch_done(void *plan);
/* For num_threads of a run: as many as are asked for now, but no more than have a part. */
int pb_scratch_threads(const struct pb_scratch *scratch);
/* To be called inside a parallel region: BLAS then runs on the calling thread alone, also in a team
 * of one, so that its sums do not depend on the number of threads. */
void pb_lone_blas(void);
/* The calling thread's part, aligned to a cache line. */
float *pb_scratch_mine(const struct pb_scratch *scratch);

#endif
