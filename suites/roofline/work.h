/* work.h: what a problem makes any kernel do, however it does it. */
#ifndef PB_WORK_H
#define PB_WORK_H

#include "poolbench.h"

/* The counts behind GB/s and GFLOP/s. The compulsory traffic: every tensor of the execution touched
 * once. */
double pb_problem_bytes(const struct pb_problem *problem);
/* Two for each multiply-add; for pooling one for each element of each window; none where elements
 * are only moved. */
double pb_problem_flops(const struct pb_problem *problem);

/* The counts behind the limit: every kernel needs at least this. Of a tensor that is read, only the
 * elements that some window touches (of weights and output gradients, only those that meet input),
 * and no block's padding; of one that is written, every element. */
struct pb_traffic {
    double read, written; /* bytes */
};
struct pb_traffic pb_least_traffic(const struct pb_problem *problem);
/* Of a direct convolution, two for each multiply-add whose input is not padding. Of pooling
 * forward, one for each input element that a window of more than one touches; none backward, where
 * values may only be moved, and none of integers, since the peak is that of f32. */
double pb_least_flops(const struct pb_problem *problem);

#endif
