/* The gradient of global average pooling, channels-last: every pixel gets the channels' shares. */
#include "poolbench.h"
#include "simd/simd.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_BWD && p->dtype == PB_F32 && p->layout == PB_NHWC;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t pixels = p->d.i * p->h.i * p->w.i;
    const vf share = v_set1(1 / (float)pixels);
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t i = 0; i < pixels; i++) {
            const float *dy = (const float *)args->dst.data + n * p->ic;
            float *dx = (float *)args->src.data + (n * pixels + i) * p->ic;
            for (int64_t c = 0; c < p->ic; c += VL)
                v_store_n(dx + c, v_mul(v_load_n(dy + c, p->ic - c, 0), share), p->ic - c);
        }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(gap_bwd_f32_nhwc) = {
        .name = SIMD_NAME(gap_bwd_f32_nhwc),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
