/* The reader of ONNX test cases: golden cases whose tensors are changed in one place, and how far
 * their values may be off. */
#include "tools/onnx_files.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(onnx_tensors, .init = onnx_enter_folder, .fini = onnx_leave_folder, .timeout = 120);

/* ---- Changed tensors ------------------------------------------------------------------------- */

static void of_double(Onnx__TensorProto *t) {
    t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
}

static void of_no_type(Onnx__TensorProto *t) {
    t->has_data_type = 0;
}

/* Half as many elements, each twice as long. */
static void of_int64(Onnx__TensorProto *t) {
    t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
    t->dims[0] /= 2;
}

static void kept_elsewhere(Onnx__TensorProto *t) {
    t->segment = malloc(sizeof *t->segment);
    onnx__tensor_proto__segment__init(t->segment);
}

static void cut_short(Onnx__TensorProto *t) {
    t->raw_data.len -= 4;
}

static void negative_extent(Onnx__TensorProto *t) {
    t->dims[1] = -3;
}

/* No images of more rows than there may be. */
static void empty_and_tall(Onnx__TensorProto *t) {
    t->dims[0] = 0;
    t->dims[2] = INT64_C(1) << 31;
    t->raw_data.len = 0;
}

static void six_axes(Onnx__TensorProto *t) {
    t->dims = realloc(t->dims, 6 * sizeof *t->dims);
    while (t->n_dims < 6) t->dims[t->n_dims++] = 1;
}

/* Elements one by one instead of their bytes. */
static void listed_floats(Onnx__TensorProto *t) {
    t->n_float_data = t->raw_data.len / 4;
    t->float_data = (float *)t->raw_data.data; /* which the message then owns */
    t->has_raw_data = 0;
    t->raw_data = (ProtobufCBinaryData){0};
}

static void listed_int64(Onnx__TensorProto *t) {
    t->n_int64_data = t->raw_data.len / 8;
    t->int64_data = (int64_t *)t->raw_data.data;
    t->has_raw_data = 0;
    t->raw_data = (ProtobufCBinaryData){0};
}

static void listed_bytes(Onnx__TensorProto *t) {
    bool s8 = t->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT8;
    t->n_int32_data = t->raw_data.len;
    t->int32_data = malloc(t->n_int32_data * sizeof *t->int32_data);
    for (size_t i = 0; i < t->n_int32_data; i++)
        t->int32_data[i] = s8 ? (int8_t)t->raw_data.data[i] : t->raw_data.data[i];
    free(t->raw_data.data);
    t->has_raw_data = 0;
    t->raw_data = (ProtobufCBinaryData){0};
}

static void one_too_large(Onnx__TensorProto *t) {
    listed_bytes(t);
    t->int32_data[1] = 256;
}

static void one_too_small(Onnx__TensorProto *t) {
    listed_bytes(t);
    t->int32_data[2] = -129;
}

static void fewer_images(Onnx__TensorProto *t) {
    t->dims[0] /= 2;
    t->raw_data.len /= 2;
}

Test(onnx_tensors, changed_tensors_are_refused_with_a_sentence) {
    static const struct {
        const char *file;
        void (*change)(Onnx__TensorProto *tensor);
        enum pb_status status;
        const char *sentence;
    } rows[] = {
            {"input_0", of_double, PB_UNSUPPORTED, "DOUBLE"},
            {"output_0", of_double, PB_UNSUPPORTED, "DOUBLE"},
            {"input_0", of_no_type, PB_INVALID, "data type"},
            {"input_0", of_int64, PB_UNSUPPORTED, "data of int64"},
            {"input_0", kept_elsewhere, PB_UNSUPPORTED, "outside the file"},
            {"input_0", cut_short, PB_INVALID, "its shape needs"},
            {"input_0", empty_and_tall, PB_INVALID, "an extent beyond 2^31"},
            {"output_0", negative_extent, PB_INVALID, "axis 1 has extent -3"},
            {"output_0", six_axes, PB_UNSUPPORTED, "6 axes"},
            {"output_0", fewer_images, PB_INVALID, "dst has another type or shape"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char directory[32], path[64];
        snprintf(directory, sizeof directory, "case_%zu", i);
        snprintf(path, sizeof path, "%s/test_data_set_0/%s.pb", directory, rows[i].file);
        onnx_copy_case("avg_p_k2s2", directory);
        onnx_change_tensor(path, rows[i].change);
        cr_expect_eq(onnx_try_case(directory, 0), rows[i].status, "row %zu: %s", i, pb_error());
        cr_expect(strstr(pb_error(), rows[i].sentence), "no \"%s\" in: %s", rows[i].sentence,
                  pb_error());
        cr_expect(strstr(pb_error(), directory), "the case is not named: %s", pb_error());
    }
}

Test(onnx_tensors, bytes_that_are_none_are_refused) {
    onnx_copy_case("max_idx_u8", "u8");
    onnx_change_tensor("u8/test_data_set_0/input_0.pb", one_too_large);
    cr_expect_eq(onnx_try_case("u8", 0), PB_INVALID);
    cr_expect_str_eq(pb_error(), "u8/test_data_set_0/input_0.pb: element 1 is 256, no u8");
    onnx_copy_case("max_idx_s8", "s8");
    onnx_change_tensor("s8/test_data_set_0/output_0.pb", one_too_small);
    cr_expect_eq(onnx_try_case("s8", 0), PB_INVALID);
    cr_expect_str_eq(pb_error(), "s8/test_data_set_0/output_0.pb: element 2 is -129, no s8");
}

static void expect_same_tensor(const char *path, const char *other) {
    struct pb_onnx_tensor a, b;
    cr_assert_eq(pb_onnx_tensor_read(path, &a), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_onnx_tensor_read(other, &b), PB_OK, "%s", pb_error());
    cr_expect(a.dtype == b.dtype && a.rank == b.rank && a.count == b.count, "%s", path);
    cr_expect_arr_eq(a.dims, b.dims, sizeof a.dims, "%s", path);
    cr_assert_eq(a.buffer.bytes, b.buffer.bytes, "%s", path);
    cr_expect_arr_eq(a.buffer.data, b.buffer.data, a.buffer.bytes, "%s", path);
    pb_onnx_tensor_free(&a);
    pb_onnx_tensor_free(&b);
}

Test(onnx_tensors, elements_may_be_listed) {
    static const struct {
        const char *path;
        void (*change)(Onnx__TensorProto *tensor);
    } rows[] = {
            {GOLDEN_DIR "/avg_p_k2s2/test_data_set_0/input_0.pb", listed_floats},
            {GOLDEN_DIR "/max_idx_u8/test_data_set_0/output_1.pb", listed_int64},
            {GOLDEN_DIR "/max_idx_u8/test_data_set_0/input_0.pb", listed_bytes},
            {GOLDEN_DIR "/max_idx_s8/test_data_set_0/input_0.pb", listed_bytes},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        onnx_copy_file(rows[i].path, "tensor.pb");
        onnx_change_tensor("tensor.pb", rows[i].change);
        expect_same_tensor("tensor.pb", rows[i].path);
    }
}

/* The last axis of X is 9 long. */
static void squeeze_9(Onnx__ModelProto *m) {
    onnx_set_text(&onnx_node(m, "Unsqueeze")->op_type, "Squeeze");
}

static void two_axes_more(Onnx__TensorProto *t) {
    t->dims = realloc(t->dims, (t->n_dims + 2) * sizeof *t->dims);
    t->dims[t->n_dims++] = 1;
    t->dims[t->n_dims++] = 1;
}

/* X has an axis too many, where it was one short. */
Test(onnx_tensors, an_input_may_be_squeezed) {
    struct pb_trial before, after;
    onnx_copy_case("graph_unsqueezed", "case");
    cr_assert_eq(pb_onnx_trial("case", 0, PB_NCHW, &before), PB_OK, "%s", pb_error());
    onnx_change_model("case/model.onnx", squeeze_9);
    onnx_change_tensor("case/test_data_set_0/input_0.pb", two_axes_more);
    cr_assert_eq(pb_onnx_trial("case", 0, PB_NCHW, &after), PB_OK, "%s", pb_error());
    char text[PB_TEXT_SIZE], same[PB_TEXT_SIZE];
    cr_expect_str_eq(pb_problem_print(&after.problem, text),
                     pb_problem_print(&before.problem, same));
    cr_assert_eq(after.buffer[PB_SRC].bytes, before.buffer[PB_SRC].bytes);
    cr_expect_arr_eq(after.args.src.data, before.args.src.data, before.buffer[PB_SRC].bytes);
    pb_trial_end(&before);
    pb_trial_end(&after);
}

Test(onnx_tensors, tensors_of_another_rank_are_refused) {
    onnx_copy_case("max_k2s2", "case");
    onnx_copy_file(GOLDEN_DIR "/max_1d/test_data_set_0/input_0.pb",
                   "case/test_data_set_0/input_0.pb");
    cr_expect_eq(onnx_try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "3 and 4 axes"), "%s", pb_error());
    onnx_copy_case("conv_k3", "weights");
    onnx_copy_file(GOLDEN_DIR "/conv_1d/test_data_set_0/input_1.pb",
                   "weights/test_data_set_0/input_1.pb");
    cr_expect_eq(onnx_try_case("weights", 0), PB_INVALID);
    cr_expect(strstr(pb_error(), "weights are missing or of another rank"), "%s", pb_error());
}

static void last_index_lowest(Onnx__TensorProto *t) {
    memset(t->raw_data.data + t->raw_data.len - 8, 0, 8);
    t->raw_data.data[t->raw_data.len - 1] = 0x80;
}

Test(onnx_tensors, an_index_below_every_tensor_is_refused) {
    onnx_copy_case("max_bwd_k3s2p1", "case");
    onnx_change_tensor("case/test_data_set_0/input_1.pb", last_index_lowest);
    cr_expect_eq(onnx_try_case("case", 0), PB_INVALID);
    cr_expect(strstr(pb_error(), "case: index -1"), "%s", pb_error());
}

/* ---- ceil_mode ------------------------------------------------------------------------------- */

/* Windows of 2 by 2 with padding 1 on 11 positions, where max_1d has windows of 3. */
static void ceil_of_2(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "kernel_shape")->ints[0] = 2;
    onnx_attribute(m->graph->node[0], "ceil_mode")->i = 1;
}

static void one_longer(Onnx__TensorProto *t) {
    size_t count = (size_t)(t->dims[0] * t->dims[1] * ++t->dims[2]);
    t->raw_data.data = realloc(t->raw_data.data, count * 4);
    memset(t->raw_data.data + t->raw_data.len, 0, count * 4 - t->raw_data.len);
    t->raw_data.len = count * 4;
}

/* apache/tvm#18641: ONNX keeps a last window that holds nothing but trailing padding. */
Test(onnx_tensors, a_window_past_the_input_is_declared_different) {
    onnx_copy_case("max_1d", "case");
    onnx_change_model("case/model.onnx", ceil_of_2);
    cr_expect_eq(onnx_try_case("case", 0), PB_OK, "%s", pb_error());
    onnx_change_tensor("case/test_data_set_0/output_0.pb", one_longer);
    cr_expect_eq(onnx_try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "declared different"), "%s", pb_error());
}

static void counting_padding(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "count_include_pad")->i = 1;
}

Test(onnx_tensors, an_overhang_beside_uneven_padding_is_out_of_scope) {
    onnx_copy_case("avg_np_ceil_asymmetric", "case");
    cr_expect_eq(onnx_try_case("case", 0), PB_OK, "%s", pb_error());
    onnx_change_model("case/model.onnx", counting_padding);
    cr_expect_eq(onnx_try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "ceil_mode and count_include_pad"), "%s", pb_error());
}

/* ---- Tolerance ------------------------------------------------------------------------------- */

/* A case of the standard's own, as far as the reader can tell. */
static void by_the_standard(Onnx__ModelProto *m) {
    onnx_set_text(&m->producer_name, "backend-test");
}

static float scale;

static void scale_first(Onnx__TensorProto *t) {
    float value;
    memcpy(&value, t->raw_data.data, sizeof value);
    value *= scale;
    memcpy(t->raw_data.data, &value, sizeof value);
}

/* Reads avg_p_k2s2 with its first value times `by`. */
static enum pb_status read_scaled(float by, const char *data_json, bool standard,
                                  struct pb_trial *trial) {
    static int number;
    char folder_name[32], path[64];
    snprintf(folder_name, sizeof folder_name, "scaled%d", number++);
    onnx_copy_case("avg_p_k2s2", folder_name);
    scale = by;
    snprintf(path, sizeof path, "%s/test_data_set_0/output_0.pb", folder_name);
    onnx_change_tensor(path, scale_first);
    snprintf(path, sizeof path, "%s/model.onnx", folder_name);
    if (standard) onnx_change_model(path, by_the_standard);
    if (data_json) {
        snprintf(path, sizeof path, "%s/data.json", folder_name);
        memcpy(onnx_bytes, data_json, strlen(data_json));
        onnx_write_bytes(path, strlen(data_json));
    }
    return pb_onnx_trial(folder_name, 0, PB_NCHW, trial);
}

Test(onnx_tensors, values_may_be_as_far_off_as_the_standard_allows) {
    static const struct {
        float by;
        const char *data_json;
        bool standard;
        enum pb_status status;
    } rows[] = {
            {1, NULL, true, PB_OK},
            {1.0005f, NULL, true, PB_OK},
            {1.002f, NULL, true, PB_PROVIDER},
            {1.0005f, NULL, false, PB_PROVIDER},
            {1.002f, "{\"rtol\": 0.01}", true, PB_OK},
            {1.02f, "{\"rtol\": 0.01}", true, PB_PROVIDER},
            {1.0005f, "{\"rtol\": 0, \"atol\": 0}", true, PB_PROVIDER},
            {1.5f, "{\"atol\": 100}", true, PB_OK},
            {1, "{\"rtol\": \"much\"}", true, PB_INVALID},
            {1, "{\"rtol\": -1}", true, PB_INVALID},
            {1, "[1]", true, PB_INVALID},
            {1, "{", true, PB_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_trial trial;
        cr_expect_eq(read_scaled(rows[i].by, rows[i].data_json, rows[i].standard, &trial),
                     rows[i].status, "row %zu: %s", i, pb_error());
        if (rows[i].status == PB_PROVIDER)
            cr_expect(
                    strstr(pb_error(), ": the file and the oracle dispute: dst[0, 0, 0, 0, 0] is"),
                    "%s", pb_error());
        pb_trial_end(&trial);
    }
}

/* What the file allows itself, no kernel may take. */
Test(onnx_tensors, a_kernel_is_held_to_the_oracle_where_the_file_has_few_digits) {
    struct pb_trial right, rough;
    cr_assert_eq(read_scaled(1, NULL, true, &right), PB_OK, "%s", pb_error());
    cr_assert_eq(read_scaled(1.0005f, NULL, true, &rough), PB_OK, "%s", pb_error());
    const struct pb_expected_tensor *a = &right.expected.tensor[PB_DST];
    const struct pb_expected_tensor *b = &rough.expected.tensor[PB_DST];
    double difference = a->value[0] - b->value[0];
    cr_expect(difference * difference <= a->bound[0] * a->bound[0], "%g", difference);
    cr_expect_leq(b->bound[0], a->bound[0]);
    pb_trial_end(&right);
    pb_trial_end(&rough);
}
