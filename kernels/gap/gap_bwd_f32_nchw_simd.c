/* The gradient of global average pooling, channels-first: each plane filled with its share. */
#include "poolbench.h"
#include "simd/simd.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_BWD && p->dtype == PB_F32 && p->layout == PB_NCHW;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t plane = p->d.i * p->h.i * p->w.i;
#pragma omp parallel for schedule(static)
    for (int64_t nc = 0; nc < p->mb * p->ic; nc++) {
        const vf share = v_set1(((const float *)args->dst.data)[nc] / (float)plane);
        float *dx = (float *)args->src.data + nc * plane;
        for (int64_t i = 0; i < plane; i += VL) v_store_n(dx + i, share, plane - i);
    }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(gap_bwd_f32_nchw) = {
        .name = SIMD_NAME(gap_bwd_f32_nchw),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
