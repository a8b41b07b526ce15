/* work.h: what a problem makes any kernel do, however it does it. */
#ifndef PB_WORK_H
#define PB_WORK_H

#include "poolbench.h"

/* The compulsory traffic: every tensor of the execution touched once. */
double pb_problem_bytes(const struct pb_problem *problem);
/* Two for each multiply-add; for pooling one for each element of each window. */
double pb_problem_flops(const struct pb_problem *problem);

#endif
