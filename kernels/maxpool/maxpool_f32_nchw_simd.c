/* Max pooling channels-first: without indices rows, then columns; with indices vectors of output
 * columns whose windows lie inside the input, the others one by one. */
#include "poolbench.h"
#include "simd/pool_nchw.h"

static bool can_do(const struct pb_problem *p) {
    const int64_t most = INT32_MAX; /* positions are kept in 32-bit lanes */
    const bool max = p->op == PB_MAX || p->op == PB_GMP;
    if (!max || p->dtype != PB_F32 || p->layout != PB_NCHW) return false;
    if (p->dir == PB_FWD_IDX) return p->d.i * p->h.i * p->w.i <= most;
    return p->dir == PB_FWD;
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)constants;
    *plan = NULL;
    return p->dir == PB_FWD_IDX ? PB_OK : pool_nchw_setup(p, plan);
}

/* The best and its position for n windows side by side that have the same taps; w are those of the
 * first window. */
static void windows_best(const struct pb_problem *p, const float *x, struct window_taps d,
                         struct window_taps h, struct window_taps w, int64_t n, float *y,
                         int64_t *indices) {
    const vi lanes = vi_mul(vi_iota(), vi_set1((int32_t)p->w.s));
    vf best = v_set1(-INFINITY);
    vi position = vi_set1(-1);
    bool first = true;
    for (int64_t kd = 0; kd < d.count; kd++)
        for (int64_t kh = 0; kh < h.count; kh++) {
            const int64_t row = (d.first + kd * d.step) * p->h.i + h.first + kh * h.step;
            for (int64_t kw = 0; kw < w.count; kw++) {
                const int64_t at = row * p->w.i + w.first + kw * w.step;
                const vf here = v_load_stride(x + at, p->w.s, n, 0);
                const vm better = first ? vm_first(VL) : vm_or(v_gt(here, best), v_nan(here));
                best = v_select(better, here, best);
                position = vi_select(better, vi_add(lanes, vi_set1((int32_t)at)), position);
                first = false;
            }
        }
    v_store_n(y, best, n);
    vi_store64_n(indices, position, n);
}

static void best_nchw(const struct pb_problem *p, const float *src, float *dst, int64_t *indices) {
    const int64_t plane = p->d.i * p->h.i * p->w.i;
    const struct window_range inside = window_inside(&p->w);
#pragma omp parallel for collapse(3) schedule(static)
    for (int64_t nc = 0; nc < p->mb * p->ic; nc++)
        for (int64_t od = 0; od < p->d.o; od++)
            for (int64_t oh = 0; oh < p->h.o; oh++) {
                const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
                const int64_t to = ((nc * p->d.o + od) * p->h.o + oh) * p->w.o;
                int64_t n;
                for (int64_t ow = 0; ow < p->w.o; ow += n) {
                    n = 1;
                    if (ow >= inside.first && ow < inside.end) n = inside.end - ow;
                    if (n > VL) n = VL;
                    windows_best(p, src + nc * plane, d, h, window_taps(&p->w, ow), n,
                                 dst + to + ow, indices + to + ow);
                }
            }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    if (p->dir == PB_FWD_IDX)
        best_nchw(p, args->src.data, args->dst.data, args->indices.data);
    else
        pool_nchw(p, plan, args->src.data, args->dst.data, true);
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(maxpool_f32_nchw) = {
        .name = SIMD_NAME(maxpool_f32_nchw),
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
