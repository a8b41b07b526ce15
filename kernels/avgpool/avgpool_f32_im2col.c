/* Average pooling by lowering: padding becomes 0, BLAS sums each column, SUM_BLOCK taps at a time,
 * and each sum is divided. A strip's BLAS call runs on one thread, so the thread count never changes
 * a bit. */
#include "window/im2col.h"
#include "core/scratch.h"
#include "window/window.h"
#include <cblas.h>

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == PB_F32 &&
           (p->layout == PB_NCHW || p->layout == PB_NHWC) && pb_im2col_fit(p) &&
           pb_im2col_of(p).taps <= SUM_BLOCK * SUM_BLOCK;
}

/* Scratch holds the matrix, a vector of ones and the sums of a block. */
static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)constants;
    const struct pb_im2col_plan columns = pb_im2col_of(p);
    return pb_scratch_setup((columns.taps + 1) * columns.width + SUM_BLOCK, plan);
}

/* Sums each column of a matrix, taps x width; `block` is for the sums of a block of taps. */
static void sum_columns(const float *matrix, int64_t taps, int64_t width, const float *ones,
                        float *block, float *y) {
    for (int64_t k = 0; k < taps; k += SUM_BLOCK) {
        const int64_t rows = taps - k < SUM_BLOCK ? taps - k : SUM_BLOCK;
        cblas_sgemv(CblasRowMajor, CblasTrans, (blasint)rows, (blasint)width, 1, matrix + k * width,
                    (blasint)width, ones, 1, 0, k ? block : y, 1);
        for (int64_t i = 0; k && i < width; i++) y[i] += block[i];
    }
}

static void divide(const struct pb_problem *p, const struct pb_strip *strip, int64_t channels,
                   float *y) {
    for (int64_t r = strip->first_row; r < strip->first_row + strip->rows; r++)
        for (int64_t ow = 0; ow < p->w.o; ow++, y += channels) {
            const float divisor = window_divisor(p, r / p->h.o, r % p->h.o, ow);
            for (int64_t c = 0; c < channels; c++) y[c] /= divisor;
        }
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_scratch *scratch = plan;
    const struct pb_im2col_plan columns = pb_im2col_of(p);
#pragma omp parallel num_threads(pb_scratch_threads(scratch))
    {
        float *matrix = pb_scratch_mine(scratch), *ones = matrix + columns.taps * columns.width;
        float *block = ones + SUM_BLOCK;
        for (int64_t k = 0; k < SUM_BLOCK; k++) ones[k] = 1;
        pb_lone_blas();
#pragma omp for collapse(2) schedule(static)
        for (int64_t image = 0; image < columns.images; image++)
            for (int64_t s = 0; s < columns.strips; s++) {
                const struct pb_strip strip = pb_im2col_strip(p, &columns, image, s);
                float *y = (float *)args->dst.data + strip.dst;
                pb_im2col(p, &columns, args->src.data, image, &strip, 0, matrix);
                sum_columns(matrix, columns.taps, strip.width, ones, block, y);
                divide(p, &strip, columns.channels, y);
            }
    }
    return PB_OK;
}

const struct pb_kernel avgpool_f32_im2col = {
        .name = "avgpool_f32_im2col",
        .method = "im2col",
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
