/* The museum: defects that real libraries had in their results, each with its public address
 * (repository#number), the smallest problem that shows it, and the right answer by hand. Each is
 * held by the oracle and by every kernel, channels first and channels last. Those of the output's
 * geometry alone are in test_problem.c. */
#include "given.h"
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define N NAN
static const float inf = INFINITY;

/* 0, 1, 2, … */
static const float counting[96] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                   32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                   48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
                                   64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79,
                                   80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95};
static const float ones[96] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                               1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

/* Holds `op` in direction `dir` on one descriptor in both layouts: `role` must be `values`, and
 * the indices, unless NULL, `indices`. */
static void hold(const char *op, const char *dir, const char *descriptor,
                 const struct given *inputs, enum pb_role role, const double *values,
                 const double *indices) {
    static const char *const layouts[] = {"nchw", "nhwc"};
    for (int i = 0; i < 2; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "%s:%s:%s:%s", op, layouts[i], dir, descriptor);
        struct pb_trial trial = given_trial(text, inputs);
        given_expects(&trial, role, values, trial.expected.tensor[role].count);
        if (indices)
            given_expects(&trial, PB_INDICES, indices, trial.expected.tensor[PB_INDICES].count);
        given_holds(&trial);
        pb_trial_end(&trial);
    }
}

static void forward(const char *op, const char *descriptor, const float *src,
                    const double *values) {
    hold(op, "fwd", descriptor, &(struct given){.src = src}, PB_DST, values, NULL);
}

static void max_with_indices(const char *descriptor, const float *src, const double *values,
                             const double *indices) {
    hold("max", "fwd_idx", descriptor, &(struct given){.src = src}, PB_DST, values, indices);
    forward("max", descriptor, src, values);
}

static void both_averages(const char *descriptor, const float *src, const double *values) {
    forward("avg_p", descriptor, src, values);
    forward("avg_np", descriptor, src, values);
}

static void average_backward(const char *op, const char *descriptor, const double *values) {
    hold(op, "bwd", descriptor, &(struct given){.dst = ones}, PB_SRC, values, NULL);
}

static void max_backward(const char *descriptor, const float *dst, const int64_t *indices,
                         const double *values) {
    hold("max", "bwd", descriptor, &(struct given){.dst = dst, .indices = indices}, PB_SRC, values,
         NULL);
}

/* Every kernel on a shape, with data of every family, in every direction and both layouts. */
static void hold_shape(const char *text) {
    for (int i = 0; i < PB_DIRS * 2 * PB_FAMILIES; i++) {
        struct pb_problem problem;
        struct pb_trial trial;
        cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
        problem.dir = (enum pb_dir)(i / 2 / PB_FAMILIES);
        problem.layout = i / PB_FAMILIES % 2 ? PB_NHWC : PB_NCHW;
        if (pb_problem_check(&problem)) continue;
        enum pb_status status =
                pb_trial_begin(&trial, &problem, (enum pb_family)(i % PB_FAMILIES), 1);
        cr_assert_eq(status, PB_OK, "%s", pb_error());
        given_holds(&trial);
        pb_trial_end(&trial);
    }
}

/* ---- Window geometry ------------------------------------------------------------------------- */

/* pytorch/pytorch#45357: 4 x 4 with a row of -Inf; PaddlePaddle/Paddle#51542: the same of an
 * average */
Test(museum, pytorch_45357_paddle_51542_ceil_with_window_1) {
    const char *descriptor = "mb1ic1ih6kh1sh2_iw7kw1sw2_ceil";
    const double values[] = {0, 2, 4, 6, 14, 16, 18, 20, 28, 30, 32, 34};
    max_with_indices(descriptor, counting, values, values);
    both_averages(descriptor, counting, values);
}

/* pytorch/xla#2583: a row of -Inf */
Test(museum, pytorch_xla_2583_ceil_k3_s4) {
    const double values[] = {22, 26, 29, 62, 66, 69};
    max_with_indices("mb1ic1ih8kh3sh4_iw10kw3sw4_ceil", counting, values, values);
}

/* apache/tvm#18641: 10 outputs */
Test(museum, tvm_18641_ceil_k2_s2_p1) {
    const double values[] = {0, 2, 4, 6, 8, 10, 12, 14, 16};
    max_with_indices("mb1ic1iw17kw2sw2pw1_ceil", counting, values, values);
}

/* tracel-ai/burn#5791: 4 outputs, an index inside the padding */
Test(museum, burn_5791_index_inside_the_padding) {
    max_with_indices("mb1ic1iw5kw2sw2pw1_ceil", counting, (const double[]){0, 2, 4},
                     (const double[]){0, 2, 4});
}

/* webmachinelearning/webnn#935: a window of overhang, 0 or -Inf by library */
Test(museum, webnn_935_ceil_k3_s3_p1) {
    const char *descriptor = "mb1ic1ih5kh3sh3ph1_ceil";
    forward("avg_np", descriptor, counting, (const double[]){3, 5.5, 15.5, 18});
    forward("max", descriptor, counting, (const double[]){6, 9, 21, 24});
}

/* onnx's reference implementation: the overhang of ceil split onto the head: [2, 4.5] */
Test(museum, onnx_average_ceil_k4_s4) {
    both_averages("mb1ic1iw6kw4sw4_ceil", counting + 1, (const double[]){2.5, 5.5});
}

/* onnx's reference implementation: SAME_LOWER gives 2 outputs */
Test(museum, onnx_same_lower_k2_s2_of_5) {
    max_with_indices("mb1ic1iw5ow3kw2sw2pw1", counting + 1, (const double[]){1, 3, 5},
                     (const double[]){0, 2, 4});
}

/* onnx's reference implementation: pads [0,1,0,1] give 4 x 4 */
Test(museum, onnx_padding_of_one_axis) {
    max_with_indices("mb1ic1ih4oh3kh2ph0_iw4ow5kw2pw1", counting + 1,
                     (const double[]){5, 6, 7, 8, 8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 16},
                     (const double[]){4, 5, 6, 7, 7, 8, 9, 10, 11, 11, 12, 13, 14, 15, 15});
}

/* ---- Divisor --------------------------------------------------------------------------------- */

/* pytorch/pytorch#183528, microsoft/onnxruntime#29629: the corner 16/9 */
Test(museum, pytorch_183528_ceil_overhang_does_not_count) {
    forward("avg_p", "mb1ic1ih4kh3sh2ph1_ceil", counting + 1,
            (const double[]){14.0 / 9, 30.0 / 9, 2, 57.0 / 9, 11, 6, 4.5, 7.5, 16.0 / 4});
}

/* apple/coremltools#2844: 4.75 at the right edge of the first row */
Test(museum, coremltools_2844_ceil_k2_s3) {
    both_averages("mb1ic1ih7kh2sh3_ceil", counting,
                  (const double[]){4, 7, 9.5, 25, 28, 30.5, 42.5, 45.5, 48});
}

/* microsoft/onnxruntime#27375: [[1, .5], [1, .5]] */
Test(museum, onnxruntime_27375_trailing_padding_counts_in_both_axes) {
    forward("avg_p", "mb1ic1ih2oh2kh2ph0", ones, (const double[]){1, .5, .5, .25});
}

/* microsoft/onnxruntime#6543: a column of NaN */
Test(museum, onnxruntime_6543_ceil_window_past_the_input) {
    both_averages("mb1ic1ih8kh3sh3_iw8kw3sw4_ceil", ones, (const double[]){1, 1, 1, 1, 1, 1});
}

/* pytorch/executorch#18616: the divisor ignored where padding does not count */
Test(museum, executorch_18616_divisor_override) {
    both_averages("mb1ic1ih2kh2_div8", ones, (const double[]){.5});
    forward("avg_np", "mb1ic1ih2kh2ph1_div2", ones,
            (const double[]){.5, 1, .5, 1, 2, 1, .5, 1, .5});
}

/* pytorch/pytorch#198119: 1/3 where the window overhangs */
Test(museum, pytorch_198119_ceil_average_backward) {
    const double values[] = {1.0 / 3, 1.0 / 3, 1.0 / 3, .5, .5};
    average_backward("avg_p", "mb1ic1iw5kw3sw3_ceil", values);
    average_backward("avg_np", "mb1ic1iw5kw3sw3_ceil", values);
}

/* apache/mxnet#9714: a global pool that honours a padding */
Test(museum, mxnet_9714_global_pool_takes_no_padding) {
    struct pb_problem problem;
    cr_expect_eq(pb_problem_parse("gap:mb1ic1ih4ph1", &problem), PB_INVALID);
}

/* jax-ml/jax#11874: the sum over window times k overcounts at the edges */
Test(museum, jax_11874_average_without_padding_at_the_edge) {
    const double values[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    forward("avg_np", "mb1ic1ih3kh3ph1", ones, values);
}

/* ---- Padding value, NaN, Inf ----------------------------------------------------------------- */

/* apache/mxnet#2753: 0 */
Test(museum, mxnet_2753_padding_of_negative_input) {
    const float src[] = {-1, -2, -3, -4, -1, -2, -3, -4, -1, -2, -3, -4, -1, -2, -3, -4};
    max_with_indices("mb1ic1ih4kh3sh2ph1", src, (const double[]){-1, -2, -1, -2},
                     (const double[]){0, 1, 4, 5});
}

/* oneDNN commit d4457d95: a maximum seeded with FLT_MIN, then with 0 */
Test(museum, onednn_d4457d95_maximum_of_the_lowest) {
    const float src[] = {-FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX};
    max_with_indices("mb1ic1ih2kh2", src, (const double[]){-FLT_MAX}, (const double[]){0});
}

/* onnx's reference implementation: 0 in empty windows in 2-D, NaN in 1-D */
Test(museum, onnx_windows_of_padding_only) {
    const float src[] = {-1, -2, -3, -4};
    max_with_indices("mb1ic1ih2kh2sh2ph2", src,
                     (const double[]){-inf, -inf, -inf, -inf, -1, -inf, -inf, -inf, -inf},
                     (const double[]){-1, -1, -1, -1, 0, -1, -1, -1, -1});
    forward("avg_np", "mb1ic1ih2kh2sh2ph2", src, (const double[]){0, 0, 0, 0, -2.5, 0, 0, 0, 0});
}

/* pytorch/pytorch#7645, openvinotoolkit/openvino#35935: -FLT_MAX */
Test(museum, pytorch_7645_all_nan) {
    const float src[] = {N, N, N, N};
    max_with_indices("mb1ic1ih2kh2", src, (const double[]){N}, (const double[]){3});
}

/* tensorflow/tensorflow#125965: [NaN, NaN, 3]: vector lanes and the tail disagree */
Test(museum, tensorflow_125965_nan_in_every_channel) {
    float src[4 * 19];
    double values[19], indices[19];
    for (int c = 0; c < 19; c++) {
        for (int i = 0; i < 4; i++) src[4 * c + i] = i == 1 ? N : (float)i;
        values[c] = N;
        indices[c] = 1;
    }
    max_with_indices("mb1ic19ih2kh2", src, values, indices);
    forward("gmp", "mb1ic19ih2", src, values);
}

/* onnx's reference implementation: a NaN counts or not by where it stands */
Test(museum, onnx_nan_wherever_it_stands) {
    const float src[] = {1, N, 2, N, 1, 2, 1, 2, N};
    max_with_indices("mb1ic1iw9kw3sw3", src, (const double[]){N, N, N}, (const double[]){1, 3, 8});
    both_averages("mb1ic1iw9kw3sw3", src, (const double[]){N, N, N});
}

/* pytorch/pytorch#1465, #40131: the index stays -1, and backward writes there */
Test(museum, pytorch_1465_40131_index_of_all_minus_infinity) {
    const float src[] = {-inf, -inf, -inf, -inf, N, N, N, N};
    max_with_indices("mb1ic2ih2kh2", src, (const double[]){-inf, N}, (const double[]){0, 3});
    max_backward("mb1ic2ih2kh2", ones, (const int64_t[]){0, 3},
                 (const double[]){1, 0, 0, 0, 0, 0, 0, 1});
}

/* ---- Precision ------------------------------------------------------------------------------- */

/* pytorch/pytorch#180115: averages by differences of prefix sums: negative after large values */
Test(museum, pytorch_180115_zeros_after_large_values) {
    enum { LARGE = 18000, ALL = LARGE + 64 };
    float *src = calloc(ALL, sizeof *src);
    double *values = calloc(ALL / 2, sizeof *values);
    cr_assert(src && values);
    for (int i = 0; i < LARGE; i++) src[i] = 3.4e6f;
    for (int i = 0; i < LARGE / 2; i++) values[i] = 3.4e6f;
    both_averages("mb1ic1iw18064kw2sw2", src, values);
    free(src);
    free(values);
}

/* ---- Indices, backward ----------------------------------------------------------------------- */

/* tensorflow/tensorflow#22025: the index counts the batch on one device and not on another */
Test(museum, tensorflow_22025_indices_start_anew_in_each_channel) {
    max_with_indices("mb2ic2ih2kh2", counting, (const double[]){3, 7, 11, 15},
                     (const double[]){3, 3, 3, 3});
}

/* Theano/Theano#5404: the gradient to one of equal maxima, or to all */
Test(museum, theano_5404_ties) {
    max_with_indices("mb1ic1ih2kh2", ones, (const double[]){1}, (const double[]){0});
    max_backward("mb1ic1ih2kh2", ones, (const int64_t[]){0}, (const double[]){1, 0, 0, 0});
}

/* ahrefs/ocannl#512: [1, 2, 0, 0, 1] */
Test(museum, ocannl_512_overlapping_windows) {
    const float src[] = {5, 3, 1, 2, 5};
    max_with_indices("mb1ic1iw5kw2", src, (const double[]){5, 3, 2, 5},
                     (const double[]){0, 1, 3, 4});
    max_backward("mb1ic1iw5kw2", ones, (const int64_t[]){0, 1, 3, 4},
                 (const double[]){1, 1, 0, 1, 1});
}

/* pytorch/executorch#21686: the gradient's buffer never zeroed, where no window looks */
Test(museum, executorch_21686_input_that_no_window_holds) {
    max_backward("mb1ic1iw5kw1sw2", ones, (const int64_t[]){0, 2, 4},
                 (const double[]){1, 0, 1, 0, 1});
    average_backward("avg_p", "mb1ic1iw5kw1sw2", (const double[]){1, 0, 1, 0, 1});
}

/* pytorch/pytorch#188344: wrong channels-last with padding, unseen by a helper that dropped it */
Test(museum, pytorch_188344_average_backward_with_padding) {
    double p[12], np[12];
    for (int i = 0; i < 12; i++) {
        p[i] = 4 * (1.0 / 9);
        np[i] = 1;
    }
    average_backward("avg_p", "mb1ic3ih2kh3ph1", p);
    average_backward("avg_np", "mb1ic3ih2kh3ph1", np);
}

/* pytorch/pytorch#197596: row and column of an index swapped */
Test(museum, pytorch_197596_index_counts_columns_within_rows) {
    const float src[] = {0, 1, 2, 9, 3, 4};
    max_with_indices("mb1ic1ih2kh2_iw3kw3", src, (const double[]){9}, (const double[]){3});
}

/* pytorch/pytorch#76432: dilation 2 disagrees between devices */
Test(museum, pytorch_76432_dilation) {
    hold_shape("max:mb2ic3ih9kh3dh1_iw7kw2dw1");
}

/* ---- Shapes on which vector code and lowering went wrong ------------------------------------- */

/* XNNPACK 53cffb59: a dilation beyond the input, the index wraps */
Test(museum, xnnpack_53cffb59_dilation_beyond_the_input) {
    max_with_indices("mb1ic1iw3kw2dw4pw2", counting, (const double[]){-inf, -inf},
                     (const double[]){-1, -1});
}

/* Maratyszcza/NNPACK#16: the stride of h used along w */
Test(museum, nnpack_16_strides_differ) {
    max_with_indices("mb1ic1ih4kh1sh2_iw6kw1sw3", counting, (const double[]){0, 3, 12, 15},
                     (const double[]){0, 3, 12, 15});
}

/* Tencent/ncnn#220: 2 x 2 stride 2 of an odd width; PaddlePaddle/Anakin#210: 3 x 3 stride 2 of 61
 */
Test(museum, ncnn_220_anakin_210_last_column) {
    hold_shape("max:mb1ic2ih5kh2sh2_iw13kw2sw2");
    hold_shape("max:mb1ic2ih61kh3sh2");
    hold_shape("avg_p:mb1ic2ih61kh3sh2");
}

/* oneDNN commit 47823563: padding with a tiny output */
Test(museum, onednn_47823563_padding_with_tiny_output) {
    hold_shape("max:mb1ic16ih4oh1kh8sh128ph2_iw1ow1kw8sw1pw3");
    hold_shape("avg_p:mb1ic16ih4oh1kh8sh128ph2_iw1ow1kw8sw1pw3");
    hold_shape("avg_np:mb1ic16ih4oh1kh8sh128ph2_iw1ow1kw8sw1pw3");
}

/* tensorflow/tensorflow#1868: the stride of a 1 x 1 convolution ignored */
Test(museum, tensorflow_1868_1x1_convolution_with_stride) {
    const struct given inputs = {.src = counting + 1, .weights = ones};
    hold("conv", "fwd", "mb1ic1oc1ih3kh1sh2", &inputs, PB_DST, (const double[]){1, 3, 7, 9}, NULL);
}

/* Tencent/ncnn#1283: 3 x 3 stride 2 of 14 x 14 x 20 with SAME padding: pixel 40 wrong */
Test(museum, ncnn_1283_same_padding_of_an_even_extent) {
    hold_shape("conv:mb1ic20oc20ih14oh7kh3sh2ph0");
}

/* tensorflow/tensorflow#57128: a dilated depthwise convolution one row short */
Test(museum, tensorflow_57128_dilated_depthwise) {
    hold_shape("conv:g3mb1ic3oc3ih17kh3sh2dh2");
}
