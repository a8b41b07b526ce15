/* Convolution as im2col and SGEMM, a band of output rows at a time. */
#include "conv/conv_im2col.h"
#include "core/scratch.h"
#include <cblas.h>
#include <omp.h>

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_FWD && p->dtype == PB_F32 && conv_im2col_fits(p);
}

/* Writes the bias, to which the product is then added. */
static void spread_bias(const struct pb_problem *p, const struct conv_im2col_plan *plan,
                        const float *bias, int64_t pixels, float *y) {
    if (p->layout == PB_NHWC)
        for (int64_t i = 0; i < pixels; i++)
            for (int64_t o = 0; o < plan->outputs; o++) y[i * p->oc + o] = bias[o];
    else
        for (int64_t o = 0; o < plan->outputs; o++)
            for (int64_t i = 0; i < pixels; i++) y[o * plan->pixels + i] = bias[o];
}

static void run_band(const struct pb_problem *p, const struct conv_im2col_plan *plan,
                     const struct pb_args *args, const struct conv_band *band, float *matrix) {
    int pixels = (int)(band->rows * p->w.o), taps = (int)plan->taps, outputs = (int)plan->outputs;
    const float *weights = (const float *)args->weights.data + band->g * plan->outputs * plan->taps;
    const float *bias = args->bias.data;
    float *y = (float *)args->dst.data + conv_im2col_dst(p, plan, band);
    conv_im2col(p, band, args->src.data, matrix);
    if (bias) spread_bias(p, plan, bias + band->g * plan->outputs, pixels, y);
    if (p->layout == PB_NHWC)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, pixels, outputs, taps, 1, matrix, taps,
                    weights, taps, bias != NULL, y, (int)p->oc);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, outputs, pixels, taps, 1, weights,
                    taps, matrix, pixels, bias != NULL, y, (int)plan->pixels);
}

static enum pb_status run(const struct pb_problem *p, void *data, const struct pb_args *args) {
    const struct conv_im2col_plan *plan = data;
#pragma omp parallel num_threads(conv_im2col_threads(plan))
    {
        float *matrix = plan->matrix + omp_get_thread_num() * plan->matrix_size;
        pb_lone_blas();
#pragma omp for collapse(3)
        for (int64_t n = 0; n < p->mb; n++)
            for (int64_t g = 0; g < p->g; g++)
                for (int64_t i = 0; i < plan->bands; i++) {
                    struct conv_band band = conv_im2col_band(p, plan, n, g, i);
                    run_band(p, plan, args, &band, matrix);
                }
    }
    return PB_OK;
}

const struct pb_kernel conv_f32_im2col = {
        .name = "conv_f32_im2col",
        .method = "im2col",
        .can_do = can_do,
        .setup = conv_im2col_setup,
        .run = run,
        .done = conv_im2col_done,
};
