/* Gradient of a convolution's input with SIMD, nchw and nhwc: one or more passes of the engine. */
#include "conv/direct/conv_engine.h"
#include "window/window.h"

enum { MOST_PHASES = 1024 }; /* passes, each with its own part of the weights */

/* With few channels most lanes would stay empty; im2col fills them with taps. Groups are too small
 * for BLAS, so that this is faster even so. */
static bool lanes_fill(const struct pb_problem *p) {
    return p->g > 1 || 2 * p->ic > VL;
}

static bool can_do(const struct pb_problem *p) {
    int64_t phases = 1;
    for (int i = 0; i < 3; i++)
        phases *= p->axis[i].s <= MOST_PHASES ? p->axis[i].s : MOST_PHASES + 1;
    return p->op == PB_CONV && window_close(p) && p->dir == PB_BWD && p->dtype == PB_F32 &&
           (p->layout == PB_NCHW || p->layout == PB_NHWC) && lanes_fill(p) && phases <= MOST_PHASES;
}

const struct pb_kernel SIMD_KERNEL(conv_bwd_f32) = {
        .name = SIMD_NAME(conv_bwd_f32),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = conv_engine_setup,
        .run = conv_engine_run,
        .done = conv_engine_done,
};
