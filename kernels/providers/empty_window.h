/* empty_window.h: a difference that several libraries declare. */
#ifndef EMPTY_WINDOW_H
#define EMPTY_WINDOW_H

#include "provider_abi.h"

/* Whether some window of the problem holds no input. */
static inline bool empty_window(const struct pb_problem *problem) {
    for (int i = 0; i < 3; i++) {
        const struct pb_axis *a = &problem->axis[i];
        for (int64_t o = 0; o < a->o; o++) {
            int64_t start = o * a->s - a->p, step = a->d + 1;
            int64_t first = start < 0 ? (-start + step - 1) / step : 0;
            if (first >= a->k || start + first * step >= a->i) return true;
        }
    }
    return false;
}

#endif
