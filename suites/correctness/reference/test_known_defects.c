/* Each known defect (reference/conformance/known_defects.c) as a test of its name,
 * channels first and channels last, by every kernel of this machine. Those of the output's geometry
 * alone are in test_problem.c too. */
#include "conformance/row_checks.h"
#include <criterion/criterion.h>
#include <string.h>

/* One line for each known defect, in the order of the table. */
/* clang-format off */
#define EXHIBITS(X) \
    X(pytorch_45357_paddle_51542_ceil_with_window_1) \
    X(pytorch_xla_2583_ceil_k3_s4) \
    X(tvm_18641_ceil_k2_s2_p1) \
    X(burn_5791_index_inside_the_padding) \
    X(webnn_935_ceil_k3_s3_p1) \
    X(pytorch_88464_window_wider_than_the_input) \
    X(pytorch_168246_window_2_over_height_1) \
    X(pytorch_22337_window_larger_than_the_padded_input) \
    X(tensorflow_61642_61778_enormous_windows) \
    X(tvm_4738_padding_of_three_axes) \
    X(onnxruntime_10086_same_padding_below_0) \
    X(tensorflow_57128_dilated_depthwise) \
    X(pytorch_190064_adaptive_windows_overlap) \
    X(onnx_average_ceil_k4_s4) \
    X(onnx_same_lower_k2_s2_of_5) \
    X(onnx_padding_of_one_axis) \
    X(pytorch_183528_onnxruntime_29629_ceil_overhang_does_not_count) \
    X(coremltools_2844_ceil_k2_s3) \
    X(onnxruntime_27375_trailing_padding_counts_in_both_axes) \
    X(onnxruntime_24681_same_lower_k5) \
    X(onnxruntime_6543_ceil_window_past_the_input) \
    X(executorch_18616_divisor_override) \
    X(pytorch_198119_ceil_average_backward) \
    X(mxnet_9714_global_pool_takes_no_padding) \
    X(jax_11874_average_without_padding_at_the_edge) \
    X(mxnet_2753_padding_of_negative_input) \
    X(onednn_d4457d95_maximum_of_the_lowest) \
    X(onnx_windows_of_padding_only) \
    X(pytorch_7645_openvino_35935_all_nan) \
    X(tensorflow_125965_nan_in_every_channel) \
    X(onnx_nan_wherever_it_stands) \
    X(pytorch_1465_40131_index_of_all_minus_infinity) \
    X(onednn_benchdnn_lowest_of_integers) \
    X(tinygrad_7726_padding_of_integers) \
    X(pytorch_6765_184037_lp_of_zeros_and_negatives) \
    X(onnx_lp_ceil) \
    X(candle_3719_f16_global_average) \
    X(miopen_2109_f16_average_of_255) \
    X(ncnn_2698_f16_sum_beyond_65504) \
    X(pytorch_180115_zeros_after_large_values) \
    X(onnxruntime_12043_running_sum_stalls) \
    X(tvm_20298_integer_averages) \
    X(onednn_560_half_to_even) \
    X(ml_kws_103_averages_saturate) \
    X(tensorflow_22025_indices_start_anew_in_each_channel) \
    X(theano_5404_ties) \
    X(ocannl_512_overlapping_windows) \
    X(executorch_21686_input_that_no_window_holds) \
    X(pytorch_188344_average_backward_with_padding) \
    X(pytorch_34934_f16_overlapping_backward) \
    X(pytorch_197596_index_counts_columns_within_rows) \
    X(pytorch_76432_dilation) \
    X(onnxruntime_27903_unchecked_indices) \
    X(ggml_one_axis_divides_as_two) \
    X(pytorch_68418_offsets_past_32_bits) \
    X(xnnpack_53cffb59_7a39ad84_dilation_beyond_the_input) \
    X(nnpack_16_strides_differ) \
    X(ncnn_220_anakin_210_last_column) \
    X(onednn_47823563_padding_with_tiny_output) \
    X(tensorflow_1868_1x1_convolution_with_stride) \
    X(ncnn_1283_same_padding_of_an_even_extent) \
    X(onnxruntime_27249_same_upper_pads_the_tail) \
    X(tensornets_25_same_padding_of_224_k7_s2) \
    X(tensorflow_53291_two_orders_of_channels) \
    X(kornia_426_even_filters_halve)
/* clang-format on */

/* Every kernel holds the known defect in that layout; where kernels have a part in it, one does. */
static void hold(const char *id, enum pb_layout layout) {
    size_t row = pb_row_find(id);
    cr_assert_lt(row, pb_row_count(), "no known defect is called %s", id);
    const struct pb_known_defect *defect = pb_known_defects;
    while (strcmp(defect->id, id) != 0) defect++;
    cr_expect_eq(pb_defect_refusals(defect), PB_OK, "%s", pb_error());
    int64_t checks = 0;
    for (size_t k = 0; k < pb_kernel_count(); k++)
        for (int op = 0; op < PB_OPS; op++) {
            struct pb_finding finding = {0};
            enum pb_status status =
                    pb_row_check(row, pb_kernel_at(k), (enum pb_op)op, layout, &finding);
            cr_assert_eq(status, PB_OK, "%s", pb_error());
            cr_expect_neq(finding.verdict, PB_ROW_FAIL, "%s", finding.sentence);
            checks += finding.checks;
        }
    cr_expect_eq(checks == 0, defect->outside != NULL, "%s: %lld checks, outside: %s", id,
                 (long long)checks, defect->outside ? defect->outside : "no");
}

#define TESTS(name)                                                                                \
    Test(known_defects, name##_nchw) {                                                             \
        hold(#name, PB_NCHW);                                                                      \
    }                                                                                              \
    Test(known_defects, name##_nhwc) {                                                             \
        hold(#name, PB_NHWC);                                                                      \
    }
EXHIBITS(TESTS)

/* A known defect without its line above would be held by the matrix alone. */
Test(known_defects, every_defect_has_its_test) {
#define NAME(name) #name,
    static const char *const names[] = {EXHIBITS(NAME)};
    cr_assert_eq(sizeof names / sizeof *names, pb_known_defect_count);
    for (size_t i = 0; i < pb_known_defect_count; i++)
        cr_expect_str_eq(names[i], pb_known_defects[i].id);
}

/* pytorch/pytorch#68418: no such tensor is made, but its far corner has an offset. */
Test(known_defects, pytorch_68418_offsets_past_32_bits) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse("max:mb190ic64ih64iw2933kh2kw2sh2sw2", &problem), PB_OK);
    for (int layout = 0; layout < PB_LAYOUTS; layout++) {
        problem.layout = (enum pb_layout)layout;
        struct pb_tensor t = pb_tensor_of(&problem, PB_SRC, NULL);
        cr_expect_eq(pb_tensor_bytes(&t), (size_t)190 * 64 * 64 * 2933 * 4);
        cr_expect_eq(pb_offset(&t, 189, 63, 0, 63, 2932), INT64_C(190) * 64 * 64 * 2933 - 1);
    }
}

/* ---- Exhibits that are wrong themselves ------------------------------------------------------ */

static enum pb_status hold_case(const struct pb_defect_case *c) {
    const struct pb_known_defect defect = {"frob", .cases = c, .count = 1};
    struct pb_problem p;
    struct pb_finding finding = {0};
    cr_assert_eq(pb_problem_parse("max:ic1iw4kw2", &p), PB_OK);
    return row_check_defect(&defect, pb_select(&p, "*_naive"), PB_MAX, PB_NCHW, &finding);
}

/* Its values must be as many as the tensor has, or repeat to them, and right. */
Test(known_defects, a_defect_is_checked_against_the_oracle) {
    static const struct {
        const char *src, *dst, *sentence;
    } rows[] = {
            {"1 2 3 4 5", "1", "'1 2 3 4 5' are not 4 values"},
            {"1 2 3 frob", "1", "'1 2 3 frob' are not 4 values"},
            {"1*5", "1", "'1*5' are not 4 values"},
            {"0:4", "1", "'0:4' are not 4 values"},
            {"1 2 3", "1", "'1 2 3' do not repeat to 4 values"},
            {"", "1", "'' do not repeat to 4 values"},
            {NULL, "1", "src is not given"},
            {"1:4", "2 3 5", "dst[2] should be 5, the oracle says 4"},
            {"1 nan", "2", "dst[0] should be 2, the oracle says nan"},
            {"1:4", "nan", "dst[0] should be nan, the oracle says 2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_defect_case c = {"max", "fwd", "mb1ic1iw4kw2",
                                   .tensor = {[PB_SRC] = rows[i].src, [PB_DST] = rows[i].dst}};
        cr_expect_eq(hold_case(&c), PB_INVALID, "row %zu", i);
        cr_expect(strstr(pb_error(), rows[i].sentence), "no \"%s\" in: %s", rows[i].sentence,
                  pb_error());
        cr_expect(strstr(pb_error(), "known defect frob: max:f32:nchw:fwd:mb1ic1_iw4ow3kw2pw0: "),
                  "%s", pb_error());
    }
    struct pb_defect_case right = {"max", "fwd", "mb1ic1iw4kw2",
                                   .tensor = {[PB_SRC] = "1:4", [PB_DST] = "2:4"}};
    cr_expect_eq(hold_case(&right), PB_OK, "%s", pb_error());
}

Test(known_defects, a_problem_that_must_be_refused_is) {
    static const struct pb_defect_case accepted = {"max", "fwd", "ic1iw4kw2", .refused = "ow"},
                                       other = {"max", "fwd", "ic1iw4kw5", .refused = "kw5?"},
                                       right = {"max", "fwd", "ic1iw4kw5", .refused = "ow"};
    struct pb_known_defect defect = {"frob", .cases = &accepted, .count = 1};
    cr_expect_eq(pb_defect_refusals(&defect), PB_INVALID);
    cr_expect_str_eq(pb_error(), "known defect frob: max:fwd:ic1iw4kw2 was accepted");
    defect.cases = &other;
    cr_expect_eq(pb_defect_refusals(&defect), PB_INVALID);
    cr_expect(strstr(pb_error(), "max:fwd:ic1iw4kw5: \"") &&
                      strstr(pb_error(), "does not name kw5?"),
              "%s", pb_error());
    defect.cases = &right;
    cr_expect_eq(pb_defect_refusals(&defect), PB_OK, "%s", pb_error());
}

Test(known_defects, rows_are_rules_then_relations_then_defects) {
    size_t rows = pb_row_count(), relation = rows - pb_known_defect_count - 1;
    cr_expect_str_eq(pb_row_kind_name(pb_row_at(0).kind), "rule");
    cr_expect_str_eq(pb_row_kind_name(pb_row_at(relation).kind), "relation");
    cr_expect_str_eq(pb_row_kind_name(pb_row_at(relation + 1).kind), "known defect");
    cr_expect_str_eq(pb_row_at(relation + 1).address, pb_known_defects[0].address);
}

/* Two rows of one name would hide each other. */
Test(known_defects, no_two_rows_have_one_name) {
    for (size_t i = 0; i < pb_row_count(); i++)
        cr_expect_eq(pb_row_find(pb_row_at(i).id), i, "%s is there twice", pb_row_at(i).id);
}
