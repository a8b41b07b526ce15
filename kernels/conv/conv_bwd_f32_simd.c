/* Gradient of a convolution's input with SIMD, nchw and nhwc: one or more passes of the engine. */
#include "conv_engine.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD && p->dtype == PB_F32 &&
           (p->layout == PB_NCHW || p->layout == PB_NHWC);
}

extern const struct pb_kernel SIMD_KERNEL(conv_bwd_f32);
const struct pb_kernel SIMD_KERNEL(conv_bwd_f32) = {
        .name = SIMD_NAME(conv_bwd_f32),
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = conv_engine_setup,
        .run = conv_engine_run,
        .done = conv_engine_done,
};
