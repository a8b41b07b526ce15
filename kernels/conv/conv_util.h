/* conv_util.h: small arithmetic and memory that the convolutions share. */
#ifndef PB_CONV_UTIL_H
#define PB_CONV_UTIL_H

#include <stdint.h>
#include <stdlib.h>

static inline int64_t conv_clamp(int64_t x, int64_t low, int64_t high) {
    return x < low ? low : x > high ? high : x;
}

/* a / b rounded up, for a >= 0. */
static inline int64_t conv_divide_up(int64_t a, int64_t b) {
    return a / b + (a % b != 0);
}

/* Whole cache lines of floats, so that the parts of two threads share none. */
static inline int64_t conv_lines(int64_t count) {
    return conv_divide_up(count, 16) * 16;
}

/* Memory for `count` floats, aligned to a cache line; NULL if there is none. For free(). */
static inline float *conv_floats(int64_t count) {
    return aligned_alloc(64, ((size_t)conv_lines(count) + 16) * sizeof(float));
}

#endif
