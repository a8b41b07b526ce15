/* shape_list.h: what the tests of kernels share: the list, and its parts among processes. */
#ifndef SHAPE_LIST_H
#define SHAPE_LIST_H

#include "common/suites.h"

/* suites/shapes/basic.txt in every direction and layout; the caller frees it. A list that cannot
 * be read or is empty fails the test. */
struct pb_problems basic_shapes(void);

/* Criterion runs each parameter in a process of its own: a list is dealt out to SHARES of them.
 * Share i takes the problems i, i + SHARES, … */
enum { SHARES = 32 };
struct criterion_test_params shares(void);

/* Holds every kernel that accepts the problem to the oracle, with weights given at run and at
 * setup, and reports each that is wrong; returns how many kernels ran. */
int64_t check_kernels(const struct pb_problem *problem, enum pb_data_pattern family, uint64_t seed);

#endif
