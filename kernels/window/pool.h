/* pool.h: what the vector bodies of max and average pooling differ in. `max` is a constant where
 * they are inlined: a maximum, or a sum that is divided in the end. */
#ifndef PB_SIMD_POOL_H
#define PB_SIMD_POOL_H

#include "simd/simd.h"
#include "window/window.h"
#include <math.h>

static inline float pool_identity(bool max) {
    return max ? -INFINITY : 0;
}

static inline vf pool_combine(vf a, vf b, bool max) {
    return max ? v_max(a, b) : v_add(a, b);
}

#endif
