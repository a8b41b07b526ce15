/* Average pooling channels-last: vectors of channels. */
#include "poolbench.h"
#include "window/pool_nhwc.h"

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == PB_F32 && p->layout == PB_NHWC;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    pool_nhwc(p, args->src.data, args->dst.data, false);
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(avgpool_f32_nhwc) = {
        .name = SIMD_NAME(avgpool_f32_nhwc),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
