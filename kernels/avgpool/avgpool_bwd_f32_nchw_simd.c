/* The gradient of average pooling, channels-first: for each input row, the output rows over it are
 * summed in vectors of columns, and each column's share is added under its taps. */
#include "poolbench.h"
#include "scratch.h"
#include "simd/simd.h"
#include "window.h"
#include <string.h>

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_BWD && p->dtype == PB_F32 && p->layout == PB_NCHW;
}

/* Scratch holds a row of shares and what the width gives to each divisor. */
static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)constants;
    return pb_scratch_setup(2 * p->w.o, plan);
}

/* The sum of the output rows over input row (id, ih), each over the divisor of its rows, in `sum`;
 * dy is the gradient's plane. False if no window is over the row. */
static bool sum_rows(const struct pb_problem *p, int64_t id, int64_t ih, const float *dy,
                     float *sum) {
    const struct window_range d = window_covering(&p->d, id), h = window_covering(&p->h, ih);
    bool any = false;
    for (int64_t od = d.first; od < d.end; od++) {
        if (!window_taps_at(&p->d, od, id)) continue;
        for (int64_t oh = h.first; oh < h.end; oh++) {
            if (!window_taps_at(&p->h, oh, ih)) continue;
            const float *y = dy + (od * p->h.o + oh) * p->w.o;
            const vf share = v_set1(
                    1 / (float)(window_counted(p, &p->d, od) * window_counted(p, &p->h, oh)));
            for (int64_t w = 0; w < p->w.o; w += VL) {
                const int64_t n = p->w.o - w;
                const vf before = any ? v_load_n(sum + w, n, 0) : v_set1(0);
                v_store_n(sum + w, v_fma(v_load_n(y + w, n, 0), share, before), n);
            }
            any = true;
        }
    }
    return any;
}

/* dx[w] += share[ow] for every tap w of every window ow. */
static void spread_row(const struct pb_problem *p, const float *share, float *dx) {
    for (int64_t kw = 0; kw < p->w.k; kw++) {
        const struct window_range on = window_of_tap(&p->w, kw);
        const int64_t s = p->w.s, shift = kw * (p->w.d + 1) - p->w.p;
        if (s == 1)
            for (int64_t w = on.first; w < on.end; w += VL) {
                float *to = dx + w + shift;
                const int64_t n = on.end - w;
                v_store_n(to, v_add(v_load_n(to, n, 0), v_load_n(share + w, n, 0)), n);
            }
        else
            for (int64_t w = on.first; w < on.end; w++) dx[w * s + shift] += share[w];
    }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_scratch *scratch = plan;
    const int64_t rows = p->d.i * p->h.i, windows = p->d.o * p->h.o * p->w.o;
#pragma omp parallel num_threads(scratch->threads)
    {
        float *share = pb_scratch_mine(scratch), *counted = share + p->w.o;
        for (int64_t w = 0; w < p->w.o; w++) counted[w] = (float)window_counted(p, &p->w, w);
#pragma omp for collapse(2) schedule(static)
        for (int64_t nc = 0; nc < p->mb * p->ic; nc++)
            for (int64_t r = 0; r < rows; r++) {
                const float *dy = (const float *)args->dst.data + nc * windows;
                float *dx = (float *)args->src.data + (nc * rows + r) * p->w.i;
                memset(dx, 0, (size_t)p->w.i * sizeof *dx);
                if (!sum_rows(p, r / p->h.i, r % p->h.i, dy, share)) continue;
                for (int64_t w = 0; w < p->w.o; w += VL) {
                    const int64_t n = p->w.o - w;
                    v_store_n(share + w,
                              v_div(v_load_n(share + w, n, 0), v_load_n(counted + w, n, 1)), n);
                }
                spread_row(p, share, dx);
            }
    }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(avgpool_bwd_f32_nchw) = {
        .name = SIMD_NAME(avgpool_bwd_f32_nchw),
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
