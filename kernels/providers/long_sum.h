/* long_sum.h: for plug-ins whose library adds the terms of an average one after the other. */
#ifndef PB_LONG_SUM_H
#define PB_LONG_SUM_H

#include "provider_abi.h"

/* Whether a window has more than 1024 elements, or, in an adaptive gradient, an element as many
 * windows. */
static inline bool long_sum(const struct pb_problem *p) {
    double elements = 1;
    for (int i = 0; i < 3; i++) {
        const struct pb_axis *a = &p->axis[i];
        const int64_t from = p->dir == PB_BWD ? a->o : a->i;
        const int64_t to = p->dir == PB_BWD ? a->i : a->o;
        elements *= (double)(p->op == PB_ADAPTIVE_AVG ? (from - 1) / to + 1 : a->k);
    }
    return elements > 1024;
}

#endif
