/* Global average pooling through BLAS: the source is its own column matrix. The calls are cut into
 * blocks of fixed size, each on one thread, so the thread count never changes a bit. */
#include "core/scratch.h"
#include <cblas.h>
#include <limits.h>

/* Channels and positions of one call. BLAS adds positions side by side, four and more at a time. */
enum { CHANNELS = 128, POSITIONS = 2048 };

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_FWD && p->dtype == PB_F32 &&
           (p->layout == PB_NCHW || p->layout == PB_NHWC) && p->ic <= INT_MAX &&
           p->d.i * p->h.i * p->w.i <= INT_MAX;
}

/* Scratch holds a vector of ones. */
static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)p, (void)constants;
    return pb_scratch_setup(POSITIONS, plan);
}

/* Sums `count` positions from x on, more than POSITIONS in halves. */
static void sum_positions(const struct pb_problem *p, const float *x, int64_t count,
                          blasint channels, const float *ones, float *y) {
    const bool first = p->layout == PB_NCHW;
    const blasint plane = (blasint)(p->d.i * p->h.i * p->w.i), positions = (blasint)count;
    if (count > POSITIONS) {
        const int64_t half = count / 2;
        float more[CHANNELS];
        sum_positions(p, x, half, channels, ones, y);
        sum_positions(p, x + half * (first ? 1 : p->ic), count - half, channels, ones, more);
        for (blasint c = 0; c < channels; c++) y[c] += more[c];
    } else if (first) {
        cblas_sgemv(CblasRowMajor, CblasNoTrans, channels, positions, 1, x, plane, ones, 1, 0, y,
                    1);
    } else {
        cblas_sgemv(CblasRowMajor, CblasTrans, positions, channels, 1, x, (blasint)p->ic, ones, 1,
                    0, y, 1);
    }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_scratch *scratch = plan;
    const int64_t plane = p->d.i * p->h.i * p->w.i;
    const float share = 1 / (float)plane;
#pragma omp parallel num_threads(pb_scratch_threads(scratch))
    {
        float *ones = pb_scratch_mine(scratch);
        pb_lone_blas();
        for (int64_t i = 0; i < POSITIONS; i++) ones[i] = 1;
#pragma omp for collapse(2) schedule(static)
        for (int64_t n = 0; n < p->mb; n++)
            for (int64_t c = 0; c < p->ic; c += CHANNELS) {
                const blasint channels = (blasint)(p->ic - c < CHANNELS ? p->ic - c : CHANNELS);
                const float *x = (const float *)args->src.data + n * p->ic * plane;
                float *y = (float *)args->dst.data + n * p->ic + c;
                sum_positions(p, x + c * (p->layout == PB_NCHW ? plane : 1), plane, channels, ones,
                              y);
                for (blasint i = 0; i < channels; i++) y[i] *= share;
            }
    }
    return PB_OK;
}

const struct pb_kernel gap_f32_im2col = {
        .name = "gap_f32_im2col",
        .method = "im2col",
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
