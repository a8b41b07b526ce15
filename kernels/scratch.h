/* scratch.h: a plan that is memory for each thread of a run. */
#ifndef PB_SCRATCH_H
#define PB_SCRATCH_H

#include "poolbench.h"

struct pb_scratch {
    int threads;   /* a run must use no more: num_threads(scratch->threads) */
    int64_t count; /* floats of one thread */
    float *data;
};

/* For a kernel's setup: `count` floats per thread; pb_scratch_done is the kernel's done. */
enum pb_status pb_scratch_setup(int64_t count, void **plan);
void pb_scratch_done(void *plan);
/* The calling thread's part, aligned to a cache line. */
float *pb_scratch_mine(const struct pb_scratch *scratch);

#endif
