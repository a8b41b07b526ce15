/* s2d_order.h: which channel of the output an element of a block becomes. */
#ifndef PB_S2D_ORDER_H
#define PB_S2D_ORDER_H

#include "poolbench.h"

/* By default channels vary fastest (kd, kh, kw, ic); with crd positions do (ic, kd, kh, kw). */
static inline int64_t s2d_channel(const struct pb_problem *p, int64_t ic, int64_t kd, int64_t kh,
                                  int64_t kw) {
    int64_t position = (kd * p->h.k + kh) * p->w.k + kw;
    return p->crd ? ic * (p->d.k * p->h.k * p->w.k) + position : position * p->ic + ic;
}

#endif
