/* rule_breakers.h: kernels that each break one rule of the contract and keep the rest. */
#ifndef RULE_BREAKERS_H
#define RULE_BREAKERS_H

#include "poolbench.h"

struct rule_breaker {
    const char *rules; /* the rules that it breaks, all of them */
    struct pb_kernel kernel;
};

extern const struct rule_breaker rule_breakers[];
extern const size_t rule_breaker_count;

#endif
