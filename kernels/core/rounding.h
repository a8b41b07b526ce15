/* rounding.h: averages of whole numbers. */
#ifndef PB_ROUNDING_H
#define PB_ROUNDING_H

#include <stdint.h>

/* sum / divisor rounded half to even, then held between lowest and highest. divisor > 0. */
static inline int64_t rounded_average(int64_t sum, int64_t divisor, int64_t lowest,
                                      int64_t highest) {
    int64_t quotient = sum / divisor, rest = sum % divisor;
    if (rest < 0) { /* C rounds toward 0; from here on the rest counts upwards */
        quotient--;
        rest += divisor;
    }
    int64_t missing = divisor - rest; /* to the next whole number */
    if (rest > missing || (rest == missing && quotient % 2)) quotient++;
    if (quotient < lowest) return lowest;
    return quotient > highest ? highest : quotient;
}

#endif
