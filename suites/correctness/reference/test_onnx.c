/* The reader of ONNX test cases: golden cases whose model or tensors are changed in one place, and
 * trees of folders that hold them. */
#include "onnx.pb-c.h"
#include "common/onnx_cases.h"
#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 1 << 16 };

static char folder[] = "/tmp/poolbench-onnx-XXXXXX";

static void enter_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void leave_folder(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(onnx, .init = enter_folder, .fini = leave_folder, .timeout = 120);

/* ---- Files ----------------------------------------------------------------------------------- */

static uint8_t bytes[LARGEST];

static size_t read_bytes(const char *path) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t size = fread(bytes, 1, LARGEST, file);
    cr_assert_lt(size, LARGEST);
    fclose(file);
    return size;
}

static void write_bytes(const char *path, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "%s", path);
}

static void copy_file(const char *from, const char *to) {
    write_bytes(to, read_bytes(from));
}

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* A golden case with all its files as `to`, and below. */
static void copy_case(const char *name, const char *to) {
    static const char *const stems[] = {"input_0", "input_1", "input_2", "output_0", "output_1"};
    char from[PATH_MAX], path[PATH_MAX];
    cr_assert_eq(mkdir(to, 0700), 0);
    snprintf(from, sizeof from, "%s/%s/model.onnx", GOLDEN_DIR, name);
    snprintf(path, sizeof path, "%s/model.onnx", to);
    copy_file(from, path);
    for (int set = 0;; set++) {
        snprintf(from, sizeof from, "%s/%s/test_data_set_%d", GOLDEN_DIR, name, set);
        if (!exists(from)) break;
        snprintf(path, sizeof path, "%s/test_data_set_%d", to, set);
        cr_assert_eq(mkdir(path, 0700), 0);
        for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
            snprintf(from, sizeof from, "%s/%s/test_data_set_%d/%s.pb", GOLDEN_DIR, name, set,
                     stems[i]);
            snprintf(path, sizeof path, "%s/test_data_set_%d/%s.pb", to, set, stems[i]);
            if (exists(from)) copy_file(from, path);
        }
    }
}

/* Whether it can be read; where only the model was changed, its values are those of another. */
static enum pb_status try_case(const char *directory, int set) {
    struct pb_trial trial;
    enum pb_status status = pb_onnx_trial(directory, set, PB_NCHW, &trial);
    pb_trial_end(&trial);
    return status == PB_PROVIDER ? PB_OK : status;
}

/* ---- Changed models -------------------------------------------------------------------------- */

static Onnx__AttributeProto *attribute(Onnx__NodeProto *node, const char *name) {
    for (size_t i = 0; i < node->n_attribute; i++)
        if (!strcmp(node->attribute[i]->name, name)) return node->attribute[i];
    cr_assert_fail("no attribute %s", name);
    return NULL;
}

static Onnx__NodeProto *node(Onnx__ModelProto *model, const char *type) {
    for (size_t i = 0; i < model->graph->n_node; i++)
        if (!strcmp(model->graph->node[i]->op_type, type)) return model->graph->node[i];
    cr_assert_fail("no node %s", type);
    return NULL;
}

/* Text that the message owns from then on. */
static void set_text(char **text, const char *to) {
    free(*text);
    *text = strdup(to);
}

static void drop_input(Onnx__NodeProto *n) {
    free(n->input[--n->n_input]);
}

static void no_indices(Onnx__ModelProto *m) {
    drop_input(m->graph->node[0]);
}

static void set_word(Onnx__AttributeProto *a, const char *word) {
    cr_assert_leq(strlen(word), a->s.len);
    a->s.len = strlen(word);
    memcpy(a->s.data, word, a->s.len);
}

static void rename_attribute(Onnx__ModelProto *m) {
    set_text(&attribute(m->graph->node[0], "kernel_shape")->name, "frob");
}

static void foreign_attribute(Onnx__ModelProto *m) {
    set_text(&attribute(m->graph->node[0], "dilations")->name, "blocksize");
}

static void few_strides(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "strides")->n_ints = 1;
}

static void negative_pad(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "pads")->ints[2] = -1;
}

static void no_stride(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "strides")->ints[0] = 0;
}

static void other_stride(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "strides")->ints[1] = 1;
}

static void window_beyond_int32(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "kernel_shape")->ints[1] = INT64_C(1) << 31;
}

static void four_inputs(Onnx__ModelProto *m) {
    Onnx__NodeProto *pool = m->graph->node[0];
    pool->input = realloc(pool->input, 4 * sizeof *pool->input);
    while (pool->n_input < 4) pool->input[pool->n_input++] = strdup("more");
}

static void large_window(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "kernel_shape")->ints[0] = 50;
}

static void divisor_0(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "divisor_override")->i = 0;
}

static void cut_auto_pad(Onnx__ModelProto *m) {
    set_word(attribute(m->graph->node[0], "auto_pad"), "SAME");
}

static void valid_with_pads(Onnx__ModelProto *m) {
    set_word(attribute(m->graph->node[0], "auto_pad"), "VALID");
}

static void no_power(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "p")->has_f = 0;
}

static void power_of_0(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "p")->f = 0;
}

static void adaptive(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->op_type, "AdaptiveMaxPool");
}

static void relu(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->op_type, "Relu");
}

static void foreign_domain(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->domain, "com.frob");
}

static void transposed(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->op_type, "ConvTranspose");
}

static void no_graph(Onnx__ModelProto *m) {
    onnx__graph_proto__free_unpacked(m->graph, NULL);
    m->graph = NULL;
}

static void lost_input(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->input[0], "nowhere");
}

static void lost_output(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->output[0], "nowhere");
}

static void output_left_out(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->output[0], "");
}

static void input_twice(Onnx__ModelProto *m) {
    Onnx__NodeProto *pool = m->graph->node[0];
    pool->input = realloc(pool->input, 2 * sizeof *pool->input);
    pool->input[pool->n_input++] = strdup(pool->input[0]);
}

static void output_twice(Onnx__ModelProto *m) {
    Onnx__NodeProto *pool = m->graph->node[0];
    pool->output = realloc(pool->output, 2 * sizeof *pool->output);
    pool->output[pool->n_output++] = strdup(pool->output[0]);
}

static void no_initializers(Onnx__ModelProto *m) {
    Onnx__GraphProto *g = m->graph;
    while (g->n_initializer)
        onnx__tensor_proto__free_unpacked(g->initializer[--g->n_initializer], NULL);
}

static void both_gradients(Onnx__ModelProto *m) {
    set_text(&m->graph->node[0]->output[0], "dB");
}

static void relu_for_identity(Onnx__ModelProto *m) {
    set_text(&node(m, "Identity")->op_type, "Relu");
}

static void pool_for_identity(Onnx__ModelProto *m) {
    set_text(&node(m, "Identity")->op_type, "GlobalMaxPool");
}

static void circle(Onnx__ModelProto *m) {
    set_text(&node(m, "Identity")->input[0], "B");
}

static void identity_of_nothing(Onnx__ModelProto *m) {
    drop_input(node(m, "Identity"));
}

static void constant_of_nothing(Onnx__ModelProto *m) {
    set_text(&attribute(node(m, "Constant"), "value")->name, "value_string");
}

static void axis_7(Onnx__ModelProto *m) {
    memset(m->graph->initializer[0]->raw_data.data, 0, 8);
    m->graph->initializer[0]->raw_data.data[0] = 7;
}

static void six_axes_more(Onnx__ModelProto *m) {
    Onnx__TensorProto *axes = m->graph->initializer[0];
    axes->dims[0] = 6;
    axes->raw_data.data = realloc(axes->raw_data.data, 48);
    memset(axes->raw_data.data, 0, axes->raw_data.len = 48);
}

/* The last axis of X is 9 long. */
static void squeeze_9(Onnx__ModelProto *m) {
    set_text(&node(m, "Unsqueeze")->op_type, "Squeeze");
}

static void axes_of_float(Onnx__ModelProto *m) {
    m->graph->initializer[0]->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    m->graph->initializer[0]->raw_data.len = 4;
}

static void no_axes(Onnx__ModelProto *m) {
    drop_input(node(m, "Squeeze"));
}

static const struct {
    const char *name;
    void (*change)(Onnx__ModelProto *model);
    enum pb_status status;
    const char *sentence;
} changes[] = {
        {"max_k2s2", rename_attribute, PB_UNSUPPORTED, "attribute frob of MaxPool"},
        {"max_k2s2", foreign_attribute, PB_UNSUPPORTED, "attribute blocksize of MaxPool"},
        {"max_k2s2", few_strides, PB_INVALID, "attribute strides has not 2 numbers"},
        {"max_k2s2", negative_pad, PB_INVALID, "attribute pads is -1"},
        {"max_k2s2", no_stride, PB_INVALID, "stride"},
        {"max_k2s2", other_stride, PB_INVALID, "spatial axis 1 of the output is 4 long, not 7"},
        {"max_k2s2", large_window, PB_INVALID, "larger than the padded input"},
        {"max_k2s2", window_beyond_int32, PB_INVALID, "kernel_shape is 2147483648"},
        {"max_k2s2", four_inputs, PB_INVALID, "too many inputs or outputs for MaxPool"},
        {"conv_k3", large_window, PB_INVALID, "kernel_shape is not that of the weights"},
        {"max_idx_same_upper_odd", cut_auto_pad, PB_INVALID, "auto_pad is unknown"},
        {"max_idx_notset", valid_with_pads, PB_INVALID, "both pads and auto_pad VALID"},
        {"avg_np_bwd_divisor", divisor_0, PB_INVALID, "divisor_override is 0"},
        {"lp_1d", no_power, PB_INVALID, "attribute p is no number"},
        {"lp_k2s2", power_of_0, PB_INVALID, "pow 0"},
        {"avg_np_bwd_divisor", adaptive, PB_UNSUPPORTED, "of AdaptiveMaxPool"},
        {"max_k2s2", relu, PB_UNSUPPORTED, "no operator that pools"},
        {"max_k2s2", foreign_domain, PB_UNSUPPORTED, "no operator that pools"},
        {"conv_k3", transposed, PB_UNSUPPORTED, "ConvTranspose: transposed convolution"},
        {"conv_k3", no_graph, PB_INVALID, "no graph"},
        {"max_k2s2", lost_input, PB_INVALID, "'nowhere'"},
        {"max_k2s2", lost_output, PB_INVALID, "'nowhere'"},
        {"max_k2s2", output_left_out, PB_INVALID, "output is missing"},
        {"max_k2s2", input_twice, PB_INVALID, "input 'X'"},
        {"avg_p_k2s2", output_twice, PB_INVALID, "output 'Y'"},
        {"graph_initializers", no_initializers, PB_INVALID, "'W'"},
        {"max_bwd_k3s2p1", no_indices, PB_INVALID, "indices is missing"},
        {"conv_bwd_w_k3", both_gradients, PB_UNSUPPORTED, "data and weights in one node"},
        {"graph_constant", relu_for_identity, PB_UNSUPPORTED, "Relu beside Conv"},
        {"graph_constant", pool_for_identity, PB_UNSUPPORTED, "2 operators"},
        {"graph_constant", circle, PB_UNSUPPORTED, "chain of more than"},
        {"graph_constant", identity_of_nothing, PB_INVALID, "Identity without an input"},
        {"graph_constant", constant_of_nothing, PB_UNSUPPORTED, "Constant without"},
        {"graph_unsqueezed", axis_7, PB_INVALID, "axis 7"},
        {"graph_unsqueezed", six_axes_more, PB_UNSUPPORTED, "tensors of more than 5 axes"},
        {"graph_unsqueezed", axes_of_float, PB_INVALID, "no list of int64"},
        {"graph_unsqueezed", no_axes, PB_UNSUPPORTED, "Squeeze without axes"},
        {"graph_unsqueezed", squeeze_9, PB_INVALID, "axis -1"},
};

static void change_model(const char *path, void (*change)(Onnx__ModelProto *model)) {
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, read_bytes(path), bytes);
    cr_assert_not_null(model);
    change(model);
    cr_assert_lt(onnx__model_proto__get_packed_size(model), LARGEST);
    write_bytes(path, onnx__model_proto__pack(model, bytes));
    onnx__model_proto__free_unpacked(model, NULL);
}

Test(onnx, changed_models_are_refused_with_a_sentence) {
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char directory[32], path[64];
        snprintf(directory, sizeof directory, "case_%zu", i);
        snprintf(path, sizeof path, "%s/model.onnx", directory);
        copy_case(changes[i].name, directory);
        cr_expect_eq(try_case(directory, 0), PB_OK, "%s: %s", changes[i].name, pb_error());
        change_model(path, changes[i].change);
        cr_expect_eq(try_case(directory, 0), changes[i].status, "%s, row %zu: %s", changes[i].name,
                     i, pb_error());
        cr_expect(strstr(pb_error(), changes[i].sentence), "no \"%s\" in: %s", changes[i].sentence,
                  pb_error());
        cr_expect(strstr(pb_error(), directory), "the case is not named: %s", pb_error());
    }
}

/* Up to opset 12 axes are an attribute. */
static void axes_as_attribute(Onnx__ModelProto *m) {
    static const char *const types[] = {"Squeeze", "Unsqueeze"};
    for (int i = 0; i < 2; i++) {
        Onnx__NodeProto *n = node(m, types[i]);
        Onnx__AttributeProto *a = malloc(sizeof *a);
        onnx__attribute_proto__init(a);
        a->name = strdup("axes");
        a->n_ints = 1;
        a->ints = malloc(sizeof *a->ints);
        a->ints[0] = 3;
        drop_input(n);
        n->attribute = malloc(sizeof(Onnx__AttributeProto *));
        n->attribute[n->n_attribute++] = a;
    }
}

Test(onnx, axes_may_be_an_attribute) {
    copy_case("graph_unsqueezed", "case");
    change_model("case/model.onnx", axes_as_attribute);
    cr_expect_eq(try_case("case", 0), PB_OK, "%s", pb_error());
}

/* ---- Changed tensors ------------------------------------------------------------------------- */

static void change_tensor(const char *path, void (*change)(Onnx__TensorProto *tensor)) {
    Onnx__TensorProto *tensor = onnx__tensor_proto__unpack(NULL, read_bytes(path), bytes);
    cr_assert_not_null(tensor);
    change(tensor);
    write_bytes(path, onnx__tensor_proto__pack(tensor, bytes));
    onnx__tensor_proto__free_unpacked(tensor, NULL);
}

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

Test(onnx, changed_tensors_are_refused_with_a_sentence) {
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
        copy_case("avg_p_k2s2", directory);
        change_tensor(path, rows[i].change);
        cr_expect_eq(try_case(directory, 0), rows[i].status, "row %zu: %s", i, pb_error());
        cr_expect(strstr(pb_error(), rows[i].sentence), "no \"%s\" in: %s", rows[i].sentence,
                  pb_error());
        cr_expect(strstr(pb_error(), directory), "the case is not named: %s", pb_error());
    }
}

Test(onnx, bytes_that_are_none_are_refused) {
    copy_case("max_idx_u8", "u8");
    change_tensor("u8/test_data_set_0/input_0.pb", one_too_large);
    cr_expect_eq(try_case("u8", 0), PB_INVALID);
    cr_expect_str_eq(pb_error(), "u8/test_data_set_0/input_0.pb: element 1 is 256, no u8");
    copy_case("max_idx_s8", "s8");
    change_tensor("s8/test_data_set_0/output_0.pb", one_too_small);
    cr_expect_eq(try_case("s8", 0), PB_INVALID);
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

Test(onnx, elements_may_be_listed) {
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
        copy_file(rows[i].path, "tensor.pb");
        change_tensor("tensor.pb", rows[i].change);
        expect_same_tensor("tensor.pb", rows[i].path);
    }
}

static void two_axes_more(Onnx__TensorProto *t) {
    t->dims = realloc(t->dims, (t->n_dims + 2) * sizeof *t->dims);
    t->dims[t->n_dims++] = 1;
    t->dims[t->n_dims++] = 1;
}

/* X has an axis too many, where it was one short. */
Test(onnx, an_input_may_be_squeezed) {
    struct pb_trial before, after;
    copy_case("graph_unsqueezed", "case");
    cr_assert_eq(pb_onnx_trial("case", 0, PB_NCHW, &before), PB_OK, "%s", pb_error());
    change_model("case/model.onnx", squeeze_9);
    change_tensor("case/test_data_set_0/input_0.pb", two_axes_more);
    cr_assert_eq(pb_onnx_trial("case", 0, PB_NCHW, &after), PB_OK, "%s", pb_error());
    char text[PB_TEXT_SIZE], same[PB_TEXT_SIZE];
    cr_expect_str_eq(pb_problem_print(&after.problem, text),
                     pb_problem_print(&before.problem, same));
    cr_assert_eq(after.buffer[PB_SRC].bytes, before.buffer[PB_SRC].bytes);
    cr_expect_arr_eq(after.args.src.data, before.args.src.data, before.buffer[PB_SRC].bytes);
    pb_trial_end(&before);
    pb_trial_end(&after);
}

Test(onnx, tensors_of_another_rank_are_refused) {
    copy_case("max_k2s2", "case");
    copy_file(GOLDEN_DIR "/max_1d/test_data_set_0/input_0.pb", "case/test_data_set_0/input_0.pb");
    cr_expect_eq(try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "3 and 4 axes"), "%s", pb_error());
    copy_case("conv_k3", "weights");
    copy_file(GOLDEN_DIR "/conv_1d/test_data_set_0/input_1.pb",
              "weights/test_data_set_0/input_1.pb");
    cr_expect_eq(try_case("weights", 0), PB_INVALID);
    cr_expect(strstr(pb_error(), "weights are missing or of another rank"), "%s", pb_error());
}

static void last_index_lowest(Onnx__TensorProto *t) {
    memset(t->raw_data.data + t->raw_data.len - 8, 0, 8);
    t->raw_data.data[t->raw_data.len - 1] = 0x80;
}

Test(onnx, an_index_below_every_tensor_is_refused) {
    copy_case("max_bwd_k3s2p1", "case");
    change_tensor("case/test_data_set_0/input_1.pb", last_index_lowest);
    cr_expect_eq(try_case("case", 0), PB_INVALID);
    cr_expect(strstr(pb_error(), "case: index -1"), "%s", pb_error());
}

/* ---- ceil_mode ------------------------------------------------------------------------------- */

/* Windows of 2 by 2 with padding 1 on 11 positions, where max_1d has windows of 3. */
static void ceil_of_2(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "kernel_shape")->ints[0] = 2;
    attribute(m->graph->node[0], "ceil_mode")->i = 1;
}

static void one_longer(Onnx__TensorProto *t) {
    size_t count = (size_t)(t->dims[0] * t->dims[1] * ++t->dims[2]);
    t->raw_data.data = realloc(t->raw_data.data, count * 4);
    memset(t->raw_data.data + t->raw_data.len, 0, count * 4 - t->raw_data.len);
    t->raw_data.len = count * 4;
}

/* apache/tvm#18641: ONNX keeps a last window that holds nothing but trailing padding. */
Test(onnx, a_window_past_the_input_is_declared_different) {
    copy_case("max_1d", "case");
    change_model("case/model.onnx", ceil_of_2);
    cr_expect_eq(try_case("case", 0), PB_OK, "%s", pb_error());
    change_tensor("case/test_data_set_0/output_0.pb", one_longer);
    cr_expect_eq(try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "declared different"), "%s", pb_error());
}

static void counting_padding(Onnx__ModelProto *m) {
    attribute(m->graph->node[0], "count_include_pad")->i = 1;
}

Test(onnx, an_overhang_beside_uneven_padding_is_out_of_scope) {
    copy_case("avg_np_ceil_asymmetric", "case");
    cr_expect_eq(try_case("case", 0), PB_OK, "%s", pb_error());
    change_model("case/model.onnx", counting_padding);
    cr_expect_eq(try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "ceil_mode and count_include_pad"), "%s", pb_error());
}

/* ---- Data sets and folders ------------------------------------------------------------------- */

Test(onnx, every_data_set_is_read) {
    const char *directory = GOLDEN_DIR "/graph_sets";
    struct pb_onnx_cases cases = {0};
    cr_expect_eq(pb_onnx_sets(directory), 2);
    cr_expect_eq(try_case(directory, 0), PB_OK, "%s", pb_error());
    cr_expect_eq(try_case(directory, 1), PB_OK, "%s", pb_error());
    cr_expect_eq(try_case(directory, 2), PB_IO);
    cr_assert_eq(pb_onnx_cases_read(directory, &cases), PB_OK, "%s", pb_error());
    cr_assert_eq(cases.count, 2);
    for (int set = 0; set < 2; set++) {
        cr_expect_str_eq(cases.item[set].directory, directory);
        cr_expect_eq(cases.item[set].set, set);
    }
    pb_onnx_cases_free(&cases);
}

Test(onnx, trees_of_folders_are_walked_by_name) {
    static const char *const found[] = {"a", "b/c", "b/d/e", "z"};
    struct pb_onnx_cases cases = {0};
    cr_assert_eq(mkdir("tree", 0700) | mkdir("tree/b", 0700) | mkdir("tree/b/d", 0700), 0);
    cr_assert_eq(symlink(GOLDEN_DIR "/max_1d", "tree/z"), 0);
    cr_assert_eq(symlink("..", "tree/b/up"), 0);
    copy_case("max_1d", "tree/b/d/e");
    copy_case("max_1d", "tree/b/c");
    copy_case("max_1d", "tree/a");
    copy_case("max_1d", "tree/b/other");
    change_model("tree/b/other/model.onnx", relu);
    cr_assert_eq(pb_onnx_cases_read("tree", &cases), PB_OK, "%s", pb_error());
    cr_expect_eq(cases.others, 1);
    cr_assert_eq(cases.count, sizeof found / sizeof found[0]);
    for (size_t i = 0; i < cases.count; i++) {
        char path[64];
        snprintf(path, sizeof path, "tree/%s", found[i]);
        cr_expect_str_eq(cases.item[i].directory, path);
    }
    pb_onnx_cases_free(&cases);
}

Test(onnx, what_is_no_file_is_named) {
    copy_case("max_1d", "case");
    cr_assert_eq(remove("case/test_data_set_0/input_0.pb"), 0);
    cr_assert_eq(mkdir("case/test_data_set_0/input_0.pb", 0700), 0);
    cr_expect_eq(try_case("case", 0), PB_IO);
    cr_expect_str_eq(pb_error(), "case/test_data_set_0/input_0.pb: not a regular file");
}

/* A file of the system's that says it has a page and gives a line. */
Test(onnx, a_file_that_ends_early_is_named) {
    static const char online[] = "/sys/devices/system/cpu/online";
    struct stat info;
    if (stat(online, &info) || info.st_size < 4096) cr_skip_test("%s is not as on Linux", online);
    copy_case("max_1d", "case");
    cr_assert_eq(remove("case/model.onnx"), 0);
    cr_assert_eq(symlink(online, "case/model.onnx"), 0);
    cr_expect_eq(try_case("case", 0), PB_IO);
    cr_expect_str_eq(pb_error(), "case/model.onnx: could not be read whole");
}

/* The model's path just fits the system, those of the tensors do not. */
Test(onnx, paths_that_are_too_long_are_refused) {
    char path[2 * PATH_MAX] = "";
    copy_case("max_1d", "case");
    size_t longest = PATH_MAX - sizeof "./case/model.onnx";
    while (strlen(path) < longest) strcat(path, "./");
    strcat(path, "case");
    cr_expect_eq(try_case(path, 0), PB_IO);
    cr_expect_str_eq(pb_error(), "a test case's path of 4082 characters is too long");
    memset(path, '/', PATH_MAX);
    cr_expect_eq(try_case(path, 0), PB_IO);
    cr_expect_str_eq(pb_error(), "a test case's path of 4096 characters is too long");
}

Test(onnx, what_cannot_be_walked_is_named) {
    struct pb_onnx_cases cases = {0};
    cr_expect_eq(pb_onnx_cases_read("absent", &cases), PB_IO);
    cr_expect(strstr(pb_error(), "absent"), "%s", pb_error());
    copy_case("max_1d", "case");
    cr_expect_eq(pb_onnx_cases_read("case/model.onnx", &cases), PB_IO);
    cr_expect(strstr(pb_error(), "case/model.onnx"), "%s", pb_error());
    cr_expect_eq(cases.count, 0);
    pb_onnx_cases_free(&cases);
}

/* What cannot be read becomes a case whose trial says why, and the others are found. */
Test(onnx, broken_cases_are_found_with_the_others) {
    static const struct {
        const char *folder;
        enum pb_status status;
        const char *sentence;
    } rows[] = {
            {"a", PB_OK, ""},
            {"cut", PB_INVALID, "tree/cut/model.onnx: not an ONNX model, or cut short"},
            {"empty", PB_INVALID, "tree/empty/model.onnx: is empty"},
            {"fifo", PB_IO, "tree/fifo/model.onnx: not a regular file"},
            {"gone", PB_IO, "tree/gone/model.onnx: No such file or directory"},
            {"lfs", PB_INVALID, "tree/lfs/model.onnx: is a Git LFS pointer"},
            {"nodata", PB_UNSUPPORTED, "tree/nodata: a model of MaxPool without data"},
            {"tensor", PB_INVALID, "tree/tensor/test_data_set_0/input_0.pb: is a Git LFS pointer"},
            {"z", PB_OK, ""},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    static const char pointer[] = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n";
    struct pb_onnx_cases cases = {0};
    cr_assert_eq(mkdir("tree", 0700), 0);
    for (size_t i = 0; i < ROWS; i++) {
        char path[64];
        snprintf(path, sizeof path, "tree/%s", rows[i].folder);
        copy_case("max_1d", path);
    }
    cr_assert_eq(truncate("tree/cut/model.onnx", 30), 0);
    cr_assert_eq(truncate("tree/empty/model.onnx", 0), 0);
    cr_assert_eq(unlink("tree/fifo/model.onnx") | mkfifo("tree/fifo/model.onnx", 0600), 0);
    cr_assert_eq(unlink("tree/gone/model.onnx") | symlink("annex", "tree/gone/model.onnx"), 0);
    cr_assert_eq(rename("tree/nodata/test_data_set_0", "tree/nodata/data"), 0);
    memcpy(bytes, pointer, sizeof pointer);
    write_bytes("tree/lfs/model.onnx", sizeof pointer - 1);
    write_bytes("tree/tensor/test_data_set_0/input_0.pb", sizeof pointer - 1);
    cr_assert_eq(pb_onnx_cases_read("tree", &cases), PB_OK, "%s", pb_error());
    cr_assert_eq(cases.count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        cr_expect_eq(try_case(cases.item[i].directory, cases.item[i].set), rows[i].status, "%s: %s",
                     rows[i].folder, pb_error());
        if (rows[i].status)
            cr_expect(strstr(pb_error(), rows[i].sentence), "%s: %s", rows[i].folder, pb_error());
    }
    pb_onnx_cases_free(&cases);
}

/* ---- Depth ----------------------------------------------------------------------------------- */

/* Makes what `bytes` ends with a field of that number; returns where it begins. */
static size_t wrap(size_t begin, unsigned field) {
    uint8_t length[5];
    size_t rest = LARGEST - begin, used = 0;
    do length[used++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    while (rest >>= 7);
    begin -= used;
    memcpy(bytes + begin, length, used);
    bytes[--begin] = (uint8_t)(field << 3 | 2);
    return begin;
}

/* A model of graphs in attributes in nodes in graphs, that many messages deep. */
static void write_nested(const char *path, int deep) {
    enum { GRAPH = 7, NODE = 1, ATTRIBUTE = 5, SUBGRAPH = 6 };
    static const unsigned fields[] = {NODE, ATTRIBUTE, SUBGRAPH};
    size_t begin = LARGEST;
    for (int level = deep - 3; level >= 0; level--) begin = wrap(begin, fields[level % 3]);
    begin = wrap(begin, GRAPH);
    memmove(bytes, bytes + begin, LARGEST - begin);
    write_bytes(path, LARGEST - begin);
}

/* protobuf-c would need a stack as deep as the model. */
Test(onnx, a_model_nested_too_deep_is_refused) {
    copy_case("max_1d", "case");
    write_nested("case/model.onnx", 100);
    cr_expect_eq(try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "no operator that pools"), "%s", pb_error());
    static const int deep[] = {101, 3000, 15000};
    for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
        write_nested("case/model.onnx", deep[i]);
        cr_expect_eq(try_case("case", 0), PB_INVALID);
        cr_expect_str_eq(pb_error(), "case/model.onnx: messages are nested deeper than 100");
    }
}

/* ---- Tolerance ------------------------------------------------------------------------------- */

/* A case of the standard's own, as far as the reader can tell. */
static void by_the_standard(Onnx__ModelProto *m) {
    set_text(&m->producer_name, "backend-test");
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
    copy_case("avg_p_k2s2", folder_name);
    scale = by;
    snprintf(path, sizeof path, "%s/test_data_set_0/output_0.pb", folder_name);
    change_tensor(path, scale_first);
    snprintf(path, sizeof path, "%s/model.onnx", folder_name);
    if (standard) change_model(path, by_the_standard);
    if (data_json) {
        snprintf(path, sizeof path, "%s/data.json", folder_name);
        memcpy(bytes, data_json, strlen(data_json));
        write_bytes(path, strlen(data_json));
    }
    return pb_onnx_trial(folder_name, 0, PB_NCHW, trial);
}

Test(onnx, values_may_be_as_far_off_as_the_standard_allows) {
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
Test(onnx, a_kernel_is_held_to_the_oracle_where_the_file_has_few_digits) {
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
