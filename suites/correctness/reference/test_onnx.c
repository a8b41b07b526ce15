/* The reader of ONNX test cases: golden cases whose model is changed in one place. */
#include "tools/onnx_files.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(onnx, .init = onnx_enter_folder, .fini = onnx_leave_folder, .timeout = 120);

/* ---- Changed models -------------------------------------------------------------------------- */

static void no_indices(Onnx__ModelProto *m) {
    onnx_drop_input(m->graph->node[0]);
}

static void set_word(Onnx__AttributeProto *a, const char *word) {
    cr_assert_leq(strlen(word), a->s.len);
    a->s.len = strlen(word);
    memcpy(a->s.data, word, a->s.len);
}

static void rename_attribute(Onnx__ModelProto *m) {
    onnx_set_text(&onnx_attribute(m->graph->node[0], "kernel_shape")->name, "frob");
}

static void foreign_attribute(Onnx__ModelProto *m) {
    onnx_set_text(&onnx_attribute(m->graph->node[0], "dilations")->name, "blocksize");
}

static void few_strides(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "strides")->n_ints = 1;
}

static void negative_pad(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "pads")->ints[2] = -1;
}

static void no_stride(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "strides")->ints[0] = 0;
}

static void other_stride(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "strides")->ints[1] = 1;
}

static void window_beyond_int32(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "kernel_shape")->ints[1] = INT64_C(1) << 31;
}

static void four_inputs(Onnx__ModelProto *m) {
    Onnx__NodeProto *pool = m->graph->node[0];
    pool->input = realloc(pool->input, 4 * sizeof *pool->input);
    while (pool->n_input < 4) pool->input[pool->n_input++] = strdup("more");
}

static void large_window(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "kernel_shape")->ints[0] = 50;
}

static void divisor_0(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "divisor_override")->i = 0;
}

static void cut_auto_pad(Onnx__ModelProto *m) {
    set_word(onnx_attribute(m->graph->node[0], "auto_pad"), "SAME");
}

static void valid_with_pads(Onnx__ModelProto *m) {
    set_word(onnx_attribute(m->graph->node[0], "auto_pad"), "VALID");
}

static void no_power(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "p")->has_f = 0;
}

static void power_of_0(Onnx__ModelProto *m) {
    onnx_attribute(m->graph->node[0], "p")->f = 0;
}

static void adaptive(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->op_type, "AdaptiveMaxPool");
}

static void relu(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->op_type, "Relu");
}

static void foreign_domain(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->domain, "com.frob");
}

static void transposed(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->op_type, "ConvTranspose");
}

static void no_graph(Onnx__ModelProto *m) {
    onnx__graph_proto__free_unpacked(m->graph, NULL);
    m->graph = NULL;
}

static void lost_input(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->input[0], "nowhere");
}

static void lost_output(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->output[0], "nowhere");
}

static void output_left_out(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->output[0], "");
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
    onnx_set_text(&m->graph->node[0]->output[0], "dB");
}

static void relu_for_identity(Onnx__ModelProto *m) {
    onnx_set_text(&onnx_node(m, "Identity")->op_type, "Relu");
}

static void pool_for_identity(Onnx__ModelProto *m) {
    onnx_set_text(&onnx_node(m, "Identity")->op_type, "GlobalMaxPool");
}

static void circle(Onnx__ModelProto *m) {
    onnx_set_text(&onnx_node(m, "Identity")->input[0], "B");
}

static void identity_of_nothing(Onnx__ModelProto *m) {
    onnx_drop_input(onnx_node(m, "Identity"));
}

static void constant_of_nothing(Onnx__ModelProto *m) {
    onnx_set_text(&onnx_attribute(onnx_node(m, "Constant"), "value")->name, "value_string");
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
    onnx_set_text(&onnx_node(m, "Unsqueeze")->op_type, "Squeeze");
}

static void axes_of_float(Onnx__ModelProto *m) {
    m->graph->initializer[0]->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    m->graph->initializer[0]->raw_data.len = 4;
}

static void no_axes(Onnx__ModelProto *m) {
    onnx_drop_input(onnx_node(m, "Squeeze"));
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

Test(onnx, changed_models_are_refused_with_a_sentence) {
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char directory[32], path[64];
        snprintf(directory, sizeof directory, "case_%zu", i);
        snprintf(path, sizeof path, "%s/model.onnx", directory);
        onnx_copy_case(changes[i].name, directory);
        cr_expect_eq(onnx_try_case(directory, 0), PB_OK, "%s: %s", changes[i].name, pb_error());
        onnx_change_model(path, changes[i].change);
        cr_expect_eq(onnx_try_case(directory, 0), changes[i].status, "%s, row %zu: %s",
                     changes[i].name, i, pb_error());
        cr_expect(strstr(pb_error(), changes[i].sentence), "no \"%s\" in: %s", changes[i].sentence,
                  pb_error());
        cr_expect(strstr(pb_error(), directory), "the case is not named: %s", pb_error());
    }
}

/* Up to opset 12 axes are an attribute. */
static void axes_as_attribute(Onnx__ModelProto *m) {
    static const char *const types[] = {"Squeeze", "Unsqueeze"};
    for (int i = 0; i < 2; i++) {
        Onnx__NodeProto *n = onnx_node(m, types[i]);
        Onnx__AttributeProto *a = malloc(sizeof *a);
        onnx__attribute_proto__init(a);
        a->name = strdup("axes");
        a->n_ints = 1;
        a->ints = malloc(sizeof *a->ints);
        a->ints[0] = 3;
        onnx_drop_input(n);
        n->attribute = malloc(sizeof(Onnx__AttributeProto *));
        n->attribute[n->n_attribute++] = a;
    }
}

Test(onnx, axes_may_be_an_attribute) {
    onnx_copy_case("graph_unsqueezed", "case");
    onnx_change_model("case/model.onnx", axes_as_attribute);
    cr_expect_eq(onnx_try_case("case", 0), PB_OK, "%s", pb_error());
}
