/* f32.h: the vocabulary of elem.h for float, summed in double. */
#ifndef PB_ELEM_F32_H
#define PB_ELEM_F32_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define ELEM_DTYPE PB_F32
typedef float elem;
typedef float elem_acc;
typedef double elem_sum;

static inline elem_acc elem_widen(elem x) {
    return x;
}
static inline elem elem_narrow(elem_acc a) {
    return a;
}
static inline elem elem_average(elem_sum sum, int64_t n) {
    return (float)(sum / (double)n);
}
static inline elem_acc elem_lowest(void) {
    return -INFINITY;
}
static inline bool elem_is_nan(elem_acc a) {
    return isnan(a);
}

#endif
