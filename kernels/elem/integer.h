/* integer.h: what the headers of the integer types share. Each says what an `elem` is, from
 * ELEM_LEAST to ELEM_MOST, then includes this. */
#ifndef PB_ELEM_INTEGER_H
#define PB_ELEM_INTEGER_H

#include <stdbool.h>
#include <stdint.h>

/* 64 bits, since 2^23 elements of 8 bits are enough to leave 32. */
typedef int64_t elem_acc;
typedef int64_t elem_sum;

static inline elem_acc elem_widen(elem x) {
    return x;
}
static inline elem elem_narrow(elem_acc a) {
    if (a < ELEM_LEAST) return ELEM_LEAST;
    return (elem)(a > ELEM_MOST ? ELEM_MOST : a);
}
static inline elem elem_average(elem_sum sum, int64_t n) {
    int64_t quotient = sum / n, rest = sum % n;
    if (rest < 0) { /* C rounds toward 0; from here on the rest counts upwards */
        quotient--;
        rest += n;
    }
    int64_t missing = n - rest; /* to the next integer */
    if (rest > missing || (rest == missing && quotient % 2)) quotient++;
    return elem_narrow(quotient);
}
static inline elem_acc elem_lowest(void) {
    return ELEM_LEAST;
}
static inline bool elem_is_nan(elem_acc a) {
    (void)a;
    return false;
}

#endif
