/* plain_conv.h: the convolution straight from its definition, to test the fast oracle against. */
#ifndef PLAIN_CONV_H
#define PLAIN_CONV_H

#include "poolbench.h"

/* One element of an output: a sum of products (and, forward, of the bias). */
struct plain_sum {
    long double value;
    long double magnitude; /* sum of the finite terms' absolute values */
    int64_t terms;
};

/* Adds up the elements of what the problem writes in `role`, in logical order (n, c, d, h, w; of
 * weights o, i, d, h, w). `sum` has room for as many and is zeroed. */
void plain_conv(const struct pb_problem *problem, const struct pb_args *args, enum pb_role role,
                struct plain_sum *sum);

#endif
