/* blur_filter.h: the weights of a blur and where its window lies, one axis at a time. */
#ifndef PB_BLUR_FILTER_H
#define PB_BLUR_FILTER_H

#include "poolbench.h"

/* Tap `tap` of the binomial filter with k taps: C(k - 1, tap) / 2^(k - 1), exact in a float, as is
 * its product over three axes. */
static inline float blur_weight(int64_t k, int64_t tap) {
    static const float pascal[7][7] = {
            {1},
            {1, 1},
            {1, 2, 1},
            {1, 3, 3, 1},
            {1, 4, 6, 4, 1},
            {1, 5, 10, 10, 5, 1},
            {1, 6, 15, 20, 15, 6, 1},
    };
    return pascal[k - 1][tap] / (float)(1 << (k - 1));
}

/* The input position that tap k of output o reads: before the first and past the last the input is
 * seen in a mirror, the end itself once. */
static inline int64_t blur_position(const struct pb_axis *a, int64_t o, int64_t k) {
    int64_t position = o * a->s - a->p + k;
    if (position < 0) return -position;
    return position < a->i ? position : 2 * (a->i - 1) - position;
}

#endif
