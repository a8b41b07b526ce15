/* The gradient of average pooling, channels-first: for each input row, the output rows over it are
 * summed in vectors of columns, then each input column gathers from those sums. */
#include "poolbench.h"
#include "core/scratch.h"
#include "simd/simd.h"
#include "window/window.h"

/* What is added one after the other: the output rows over an input row, and a column's taps. */
static bool sums_are_short(const struct pb_problem *p) {
    const int64_t d = window_overlap(&p->d), h = window_overlap(&p->h);
    return d <= SUM_BLOCK && h <= SUM_BLOCK && d * h <= SUM_BLOCK && p->w.k <= SUM_BLOCK;
}

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && window_close(p) && sums_are_short(p) && p->dir == PB_BWD &&
           p->dtype == PB_F32 && p->layout == PB_NCHW;
}

/* A row of shares stands between zeros, so that a tap outside the output adds nothing: in front as
 * many as the last tap lies windows away, behind to where the last input column has its first. */
static int64_t zeros_in_front(const struct pb_axis *w) {
    return (w->k - 1) * (w->d + 1) / w->s + 1;
}

static int64_t row_length(const struct pb_axis *w) {
    const int64_t last = w->i / w->s + w->p / w->s + 2;
    return zeros_in_front(w) + (last > w->o ? last : w->o);
}

/* Scratch holds that row and then the factor that the width gives to each share. */
static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)constants;
    return pb_scratch_setup(row_length(&p->w) + p->w.o, plan);
}

/* The shares of each output column for input row (id, ih): its gradients in the output rows over
 * that row, each over its divisor before they are added, as their sum may overflow. */
static void sum_rows(const struct pb_problem *p, int64_t id, int64_t ih, const float *dy,
                     const float *factor, float *share) {
    const struct window_range d = window_covering(&p->d, id), h = window_covering(&p->h, ih);
    for (int64_t w = 0; w < p->w.o; w += VL) {
        const int64_t n = p->w.o - w;
        const vf columns = v_load_n(factor + w, n, 0);
        vf sum = v_set1(0);
        for (int64_t od = d.first; od < d.end; od++) {
            if (!window_taps_at(&p->d, od, id)) continue;
            for (int64_t oh = h.first; oh < h.end; oh++) {
                if (!window_taps_at(&p->h, oh, ih)) continue;
                const float *y = dy + (od * p->h.o + oh) * p->w.o + w;
                const int64_t rows = window_counted(p, &p->d, od) * window_counted(p, &p->h, oh);
                sum = v_fma(v_load_n(y, n, 0), v_mul(columns, v_set1(1 / (float)rows)), sum);
            }
        }
        v_store_n(share + w, sum, n);
    }
}

/* What input columns j s + phase get, for n of them from j on: the shares of the windows that have
 * a tap there. */
static inline vf gather(const struct pb_axis *w, const float *share, int64_t j, int64_t phase,
                        int64_t s, int64_t n) {
    vf sum = v_set1(0);
    for (int64_t k = 0; k < w->k; k++) {
        const int64_t away = phase + w->p - k * (w->d + 1);
        if (away % s == 0) sum = v_add(sum, v_load_n(share + j + away / s, n, 0));
    }
    return sum;
}

static void spread_row(const struct pb_axis *w, const float *share, float *dx) {
    for (int64_t j = 0; j * w->s < w->i; j += VL) {
        const int64_t left = w->i - j * w->s;
        float *to = dx + j * w->s, lane[VL];
        if (w->s == 1)
            v_store_n(to, gather(w, share, j, 0, 1, left), left);
        else if (w->s == 2)
            v_store_zip(to, gather(w, share, j, 0, 2, (left + 1) / 2),
                        gather(w, share, j, 1, 2, (left + 1) / 2), left);
        else
            for (int64_t phase = 0; phase < w->s && phase < left; phase++) {
                const int64_t n = (left - phase - 1) / w->s + 1;
                v_store(lane, gather(w, share, j, phase, w->s, n));
                for (int64_t l = 0; l < VL && l < n; l++) to[l * w->s + phase] = lane[l];
            }
    }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_scratch *scratch = plan;
    const int64_t rows = p->d.i * p->h.i, windows = p->d.o * p->h.o * p->w.o;
#pragma omp parallel num_threads(pb_scratch_threads(scratch))
    {
        const int64_t length = row_length(&p->w);
        float *row = pb_scratch_mine(scratch), *factor = row + length;
        float *share = row + zeros_in_front(&p->w);
        for (int64_t i = 0; i < length; i++) row[i] = 0;
        for (int64_t w = 0; w < p->w.o; w++) factor[w] = 1 / (float)window_counted(p, &p->w, w);
#pragma omp for collapse(2) schedule(static)
        for (int64_t nc = 0; nc < p->mb * p->ic; nc++)
            for (int64_t r = 0; r < rows; r++) {
                const float *dy = (const float *)args->dst.data + nc * windows;
                float *dx = (float *)args->src.data + (nc * rows + r) * p->w.i;
                sum_rows(p, r / p->h.i, r % p->h.i, dy, factor, share);
                spread_row(&p->w, share, dx);
            }
    }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(avgpool_bwd_f32_nchw) = {
        .name = SIMD_NAME(avgpool_bwd_f32_nchw),
        .method = "separable",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
