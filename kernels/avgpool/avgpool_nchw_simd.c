/* Average pooling channels-first: rows, then columns. */
#include "window/pool_nchw.h"

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == ELEM_DTYPE && p->layout == PB_NCHW &&
           window_close(p) && pool_nchw_can_sum(p);
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)constants;
    return pool_nchw_setup(p, plan);
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    pool_nchw(p, plan, args->src.data, args->dst.data, false);
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(ELEM_KERNEL(avgpool, nchw)) = {
        .name = SIMD_NAME(ELEM_KERNEL(avgpool, nchw)),
        .method = "separable",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
