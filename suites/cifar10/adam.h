/* adam.h: the optimiser Adam (Kingma and Ba, 2015) with PyTorch's defaults and arithmetic. */
#ifndef ADAM_H
#define ADAM_H

#include "poolbench.h"

/* Owned by the caller; adam_free releases it. */
struct adam {
    double rate;
    int64_t steps, count;
    struct pb_buffer mean, square; /* running averages of the gradient and of its square */
};

enum pb_status adam_create(double rate, int64_t count, struct adam *adam);
void adam_free(struct adam *adam); /* accepts a zeroed one */
/* One step over `count` values. */
void adam_step(struct adam *adam, float *restrict values, const float *restrict grads);

#endif
