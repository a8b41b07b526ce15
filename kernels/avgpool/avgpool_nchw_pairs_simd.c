/* Average pooling channels-first of windows two columns wide, side by side: pairs in registers. */
#include "window/pool_pairs.h"

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == ELEM_DTYPE && p->layout == PB_NCHW &&
           pool_has_pairs(&p->w) && p->d.k <= SUM_BLOCK && p->h.k <= SUM_BLOCK / p->d.k;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    pool_pairs(p, args->src.data, args->dst.data, false);
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(ELEM_KERNEL(avgpool, nchw_pairs)) = {
        .name = SIMD_NAME(ELEM_KERNEL(avgpool, nchw_pairs)),
        .method = "pairs",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
