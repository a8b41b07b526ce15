/* Average pooling channels-first: rows, then columns. */
#include "poolbench.h"
#include "window/pool_nchw.h"

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && window_close(p) && p->dir == PB_FWD && p->dtype == PB_F32 &&
           p->layout == PB_NCHW;
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

const struct pb_kernel SIMD_KERNEL(avgpool_f32_nchw) = {
        .name = SIMD_NAME(avgpool_f32_nchw),
        .method = "separable",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
