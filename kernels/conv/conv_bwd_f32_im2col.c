/* Gradient of a convolution's input as SGEMM and col2im. Bands of an image overlap in the input, so
 * that one thread adds them, in order. */
#include "conv/conv_im2col.h"
#include "core/scratch.h"
#include <cblas.h>
#include <omp.h>
#include <string.h>

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD && p->dtype == PB_F32 && conv_im2col_fits(p);
}

static void clear(const struct pb_problem *p, int64_t n, int64_t g, float *dx) {
    int64_t channels = p->ic / p->g, pixels = p->d.i * p->h.i * p->w.i;
    bool last = p->layout == PB_NHWC;
    int64_t count = last ? channels : channels * pixels;
    dx += n * p->ic * pixels + g * count;
    for (int64_t i = 0; i < (last ? pixels : 1); i++)
        memset(dx + i * p->ic, 0, (size_t)count * sizeof *dx);
}

static void run_band(const struct pb_problem *p, const struct conv_im2col_plan *plan,
                     const struct pb_args *args, const struct conv_band *band, float *matrix) {
    int pixels = (int)(band->rows * p->w.o), taps = (int)plan->taps, outputs = (int)plan->outputs;
    const float *weights = (const float *)args->weights.data + band->g * plan->outputs * plan->taps;
    const float *dy = (const float *)args->dst.data + conv_im2col_dst(p, plan, band);
    if (p->layout == PB_NHWC)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, pixels, taps, outputs, 1, dy,
                    (int)p->oc, weights, taps, 0, matrix, taps);
    else
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, taps, pixels, outputs, 1, weights,
                    taps, dy, (int)plan->pixels, 0, matrix, pixels);
    conv_col2im(p, band, matrix, args->src.data);
}

static enum pb_status run(const struct pb_problem *p, void *data, const struct pb_args *args) {
    const struct conv_im2col_plan *plan = data;
#pragma omp parallel num_threads(conv_im2col_threads(plan))
    {
        float *matrix = plan->matrix + omp_get_thread_num() * plan->matrix_size;
        pb_lone_blas();
#pragma omp for collapse(2)
        for (int64_t n = 0; n < p->mb; n++)
            for (int64_t g = 0; g < p->g; g++) {
                clear(p, n, g, args->src.data);
                for (int64_t i = 0; i < plan->bands; i++) {
                    struct conv_band band = conv_im2col_band(p, plan, n, g, i);
                    run_band(p, plan, args, &band, matrix);
                }
            }
    }
    return PB_OK;
}

const struct pb_kernel conv_bwd_f32_im2col = {
        .name = "conv_bwd_f32_im2col",
        .method = "im2col",
        .can_do = can_do,
        .setup = conv_im2col_setup,
        .run = run,
        .done = conv_im2col_done,
};
