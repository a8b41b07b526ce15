/* Convolution with SIMD, nchw and nhwc: one or more passes of the engine. */
#include "conv/direct/conv_engine.h"
#include "window/window.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && window_close(p) && p->dir == PB_FWD && p->dtype == PB_F32 &&
           (p->layout == PB_NCHW || p->layout == PB_NHWC);
}

const struct pb_kernel SIMD_KERNEL(conv_f32) = {
        .name = SIMD_NAME(conv_f32),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = conv_engine_setup,
        .run = conv_engine_run,
        .done = conv_engine_done,
};
