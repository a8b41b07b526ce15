/* Gradient of a convolution's weights as im2col and SGEMM. The bands of all images are dealt into
 * chunks, as many as the problem says; each has its own sum, and these are added in order. */
#include "conv/conv_bias.h"
#include "conv/conv_im2col.h"
#include "core/scratch.h"
#include <cblas.h>
#include <omp.h>
#include <string.h>

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD_W && p->dtype == PB_F32 && conv_im2col_fits(p);
}

static void add_band(const struct pb_problem *p, const struct conv_im2col_plan *plan,
                     const struct pb_args *args, const struct conv_band *band, float *matrix,
                     float *sum) {
    int pixels = (int)(band->rows * p->w.o), taps = (int)plan->taps, outputs = (int)plan->outputs;
    const float *dy = (const float *)args->dst.data + conv_im2col_dst(p, plan, band);
    sum += band->g * plan->outputs * plan->taps;
    conv_im2col(p, band, args->src.data, matrix);
    if (p->layout == PB_NHWC)
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, outputs, taps, pixels, 1, dy,
                    (int)p->oc, matrix, taps, 1, sum, taps);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, outputs, taps, pixels, 1, dy,
                    (int)plan->pixels, matrix, pixels, 1, sum, taps);
}

static void sum_chunk(const struct pb_problem *p, const struct conv_im2col_plan *plan,
                      const struct pb_args *args, int64_t chunk, float *matrix) {
    int64_t weights = p->oc * plan->taps, bands = p->mb * plan->bands;
    float *sum = plan->partial + chunk * weights;
    memset(sum, 0, (size_t)weights * sizeof *sum);
    for (int64_t i = chunk * bands / plan->chunks; i < (chunk + 1) * bands / plan->chunks; i++)
        for (int64_t g = 0; g < p->g; g++) {
            struct conv_band band = conv_im2col_band(p, plan, i / plan->bands, g, i % plan->bands);
            add_band(p, plan, args, &band, matrix, sum);
        }
}

static enum pb_status run(const struct pb_problem *p, void *data, const struct pb_args *args) {
    const struct conv_im2col_plan *plan = data;
    int64_t weights = p->oc * plan->taps;
    float *dw = args->weights.data;
#pragma omp parallel num_threads(conv_im2col_threads(plan))
    {
        float *matrix = plan->matrix + omp_get_thread_num() * plan->matrix_size;
        pb_lone_blas();
#pragma omp for schedule(dynamic)
        for (int64_t chunk = 0; chunk < plan->chunks; chunk++)
            sum_chunk(p, plan, args, chunk, matrix);
#pragma omp for
        for (int64_t i = 0; i < weights; i++) {
            float sum = 0;
            for (int64_t chunk = 0; chunk < plan->chunks; chunk++)
                sum += plan->partial[chunk * weights + i];
            dw[i] = sum;
        }
    }
    if (args->bias.data) conv_bias_gradient(p, args->dst.data, args->bias.data);
    return PB_OK;
}

const struct pb_kernel conv_bwd_w_f32_im2col = {
        .name = "conv_bwd_w_f32_im2col",
        .method = "im2col",
        .can_do = can_do,
        .setup = conv_im2col_setup,
        .run = run,
        .done = conv_im2col_done,
};
