/* rule_breakers.h: kernels that each break one rule of the contract and keep the rest. */
#ifndef BREAKERS_H
#define BREAKERS_H

#include "poolbench.h"

struct breaker {
    const char *rules; /* the rules that it breaks, all of them */
    struct pb_kernel kernel;
};

extern const struct breaker breakers[];
extern const size_t breaker_count;

#endif
