/* Average pooling channels-last: vectors of channels. */
#include "window/pool_nhwc.h"

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == ELEM_DTYPE && p->layout == PB_NHWC;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    pool_nhwc(p, args->src.data, args->dst.data, false);
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(ELEM_KERNEL(avgpool, nhwc)) = {
        .name = SIMD_NAME(ELEM_KERNEL(avgpool, nhwc)),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
