/* Global average pooling channels-first: each plane summed in four vectors, a large one in halves. */
#include "simd/simd.h"
#include "window/window.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_FWD && p->dtype == ELEM_DTYPE && p->layout == PB_NCHW;
}

static float plane_sum(const float *x, int64_t count) {
    enum { STEP = 4 * VL };
    vf sum[4];
    int64_t i = 0;
    if (count > SUM_BLOCK * STEP) {
        const int64_t half = count / 2 / STEP * STEP;
        return plane_sum(x, half) + plane_sum(x + half, count - half);
    }
    for (int v = 0; v < 4; v++) sum[v] = v_set1(0);
    for (; i + STEP <= count; i += STEP)
        for (int v = 0; v < 4; v++) sum[v] = v_add(sum[v], v_load(x + i + v * VL));
    for (; i + VL <= count; i += VL) sum[0] = v_add(sum[0], v_load(x + i));
    if (i < count) sum[1] = v_add(sum[1], v_load_n(x + i, count - i, 0));
    return v_sum(v_add(v_add(sum[0], sum[1]), v_add(sum[2], sum[3])));
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t plane = p->d.i * p->h.i * p->w.i;
    const float share = 1 / (float)plane, *x = args->src.data;
    float *y = args->dst.data;
#pragma omp parallel for schedule(static)
    for (int64_t nc = 0; nc < p->mb * p->ic; nc++) y[nc] = plane_sum(x + nc * plane, plane) * share;
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(ELEM_KERNEL(gap, nchw)) = {
        .name = SIMD_NAME(ELEM_KERNEL(gap, nchw)),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
