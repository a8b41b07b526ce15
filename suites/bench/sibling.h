/* sibling.h: a small problem of the same kind. */
#ifndef PB_SIBLING_H
#define PB_SIBLING_H

#include "poolbench.h"

/* A problem with the windows, strides, padding and tails of `problem`, and few of all else: what is
 * wrong there most likely is wrong here, and it may be tried often. */
struct pb_problem pb_sibling(const struct pb_problem *problem);

#endif
