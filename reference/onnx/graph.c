/* ONNX models: finds the node that a trial is made of, and the tensors that reach it. */
#include "onnx/graph.h"
#include <stdio.h>
#include <string.h>

/* A chain of nodes that pass a tensor on is followed that far. */
enum { LONGEST_CHAIN = 16 };

/* ---- The node -------------------------------------------------------------------------------- */

static bool is_standard(const Onnx__NodeProto *node, const char *type) {
    const char *domain = onnx_text(node->domain);
    return (!*domain || !strcmp(domain, "ai.onnx")) && !strcmp(onnx_text(node->op_type), type);
}

static bool passes_on(const Onnx__NodeProto *node) {
    return is_standard(node, "Constant") || is_standard(node, "Identity") ||
           is_standard(node, "Squeeze") || is_standard(node, "Unsqueeze");
}

static enum pb_status find_node(struct onnx_graph *g) {
    const Onnx__NodeProto *other = NULL;
    size_t ours = 0;
    for (size_t i = 0; i < g->graph->n_node; i++) {
        const Onnx__NodeProto *node = g->graph->node[i];
        if (onnx_operator_of(node)) {
            g->node = node;
            ours++;
        } else if (!passes_on(node)) {
            other = node;
        }
    }
    if (!ours) return PB_OK;
    g->meaning = onnx_operator_of(g->node);
    const char *type = g->meaning->type;
    if (ours > 1)
        return pb_fail(PB_UNSUPPORTED, "%s: a graph of %zu operators, %s the last", g->directory,
                       ours, type);
    if (other)
        return pb_fail(PB_UNSUPPORTED, "%s: a graph with %s beside %s", g->directory,
                       onnx_text(other->op_type), type);
    if (g->meaning->out_of_scope)
        return pb_fail(PB_UNSUPPORTED, "%s: %s: %s", g->directory, type, g->meaning->out_of_scope);
    if (g->node->n_input > ONNX_SLOTS || g->node->n_output > ONNX_SLOTS)
        return pb_fail(PB_INVALID, "%s: too many inputs or outputs for %s", g->directory, type);
    return PB_OK;
}

/* Without the path, which would leave no room for the rest of the sentence. */
static enum pb_status path_too_long(const char *directory) {
    return pb_fail(PB_IO, "a test case's path of %zu characters is too long", strlen(directory));
}

enum pb_status onnx_graph_read(const char *directory, struct onnx_graph *graph) {
    char path[4096];
    *graph = (struct onnx_graph){.directory = directory};
    int length = snprintf(path, sizeof path, "%s/model.onnx", directory);
    if (length < 0 || (size_t)length >= sizeof path) return path_too_long(directory);
    enum pb_status status = onnx_read_model(path, &graph->model);
    if (status) return status;
    graph->graph = graph->model->graph;
    if (!graph->graph) return pb_fail(PB_INVALID, "%s: no graph", path);
    return find_node(graph);
}

void onnx_graph_free(struct onnx_graph *graph) {
    if (graph->model) onnx__model_proto__free_unpacked(graph->model, NULL);
    *graph = (struct onnx_graph){0};
}

/* ---- Tensors that are given ------------------------------------------------------------------ */

static enum pb_status read_numbered(const struct onnx_graph *g, int set, const char *stem,
                                    size_t number, struct pb_onnx_tensor *tensor) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/test_data_set_%d/%s_%zu.pb", g->directory, set,
                          stem, number);
    if (length < 0 || (size_t)length >= sizeof path) return path_too_long(g->directory);
    return pb_onnx_tensor_read(path, tensor);
}

static const Onnx__TensorProto *initializer(const struct onnx_graph *g, const char *name) {
    for (size_t i = 0; i < g->graph->n_initializer; i++)
        if (strcmp(onnx_text(g->graph->initializer[i]->name), name) == 0)
            return g->graph->initializer[i];
    return NULL;
}

static const Onnx__NodeProto *producer(const struct onnx_graph *g, const char *name) {
    for (size_t i = 0; i < g->graph->n_node; i++) {
        const Onnx__NodeProto *node = g->graph->node[i];
        if (node != g->node && node->n_output && !strcmp(node->output[0], name)) return node;
    }
    return NULL;
}

static enum pb_status take_constant(const struct onnx_graph *g, const Onnx__NodeProto *node,
                                    struct pb_onnx_tensor *tensor) {
    for (size_t i = 0; i < node->n_attribute; i++) {
        const Onnx__AttributeProto *a = node->attribute[i];
        if (strcmp(onnx_text(a->name), "value") == 0 && a->t)
            return onnx_take_tensor(a->t, g->directory, tensor);
    }
    return pb_fail(PB_UNSUPPORTED, "%s: a Constant without a tensor 'value'", g->directory);
}

/* A tensor that no node computes. Files count the graph's inputs that have no initializer. */
static enum pb_status read_given(const struct onnx_graph *g, int set, const char *name,
                                 struct pb_onnx_tensor *tensor) {
    const Onnx__NodeProto *node = producer(g, name);
    if (node && is_standard(node, "Constant")) return take_constant(g, node, tensor);
    const Onnx__TensorProto *constant = initializer(g, name);
    if (constant) return onnx_take_tensor(constant, g->directory, tensor);
    size_t number = 0;
    for (size_t i = 0; i < g->graph->n_input; i++) {
        const char *input = onnx_text(g->graph->input[i]->name);
        if (strcmp(input, name) == 0) return read_numbered(g, set, "input", number, tensor);
        number += !initializer(g, input);
    }
    return pb_fail(PB_INVALID, "%s: the graph has no input, initializer or constant '%s'",
                   g->directory, name);
}

/* ---- Nodes that pass a tensor on ------------------------------------------------------------- */

/* Puts axes of extent 1 into a tensor's shape, or takes them out. Both name them by their position
 * in the longer shape, from its end where negative. */
static enum pb_status change_axes(const struct onnx_graph *g, const int64_t *axes, size_t count,
                                  bool insert, struct pb_onnx_tensor *tensor) {
    int64_t longer = tensor->rank + (insert ? (int64_t)count : 0);
    bool named[PB_ONNX_RANK] = {false};
    if (count > PB_ONNX_RANK || longer > PB_ONNX_RANK)
        return pb_fail(PB_UNSUPPORTED, "%s: tensors of more than %d axes", g->directory,
                       PB_ONNX_RANK);
    for (size_t i = 0; i < count; i++) {
        int64_t axis = axes[i] < 0 ? axes[i] + longer : axes[i];
        if (axis < 0 || axis >= longer || named[axis] || (!insert && tensor->dims[axis] != 1))
            return pb_fail(PB_INVALID, "%s: axis %lld cannot be squeezed or unsqueezed",
                           g->directory, (long long)axes[i]);
        named[axis] = true;
    }
    int64_t dims[PB_ONNX_RANK] = {0};
    int from = 0, to = 0;
    for (int64_t axis = 0; axis < longer; axis++) {
        if (insert)
            dims[to++] = named[axis] ? 1 : tensor->dims[from++];
        else if (!named[axis])
            dims[to++] = tensor->dims[axis];
    }
    memcpy(tensor->dims, dims, sizeof dims);
    tensor->rank = to;
    return PB_OK;
}

/* The axes of Squeeze and Unsqueeze are an attribute up to opset 12, then a second input. */
static enum pb_status apply_axes(const struct onnx_graph *g, int set, const Onnx__NodeProto *node,
                                 bool insert, struct pb_onnx_tensor *tensor) {
    for (size_t i = 0; i < node->n_attribute; i++) {
        const Onnx__AttributeProto *a = node->attribute[i];
        if (strcmp(onnx_text(a->name), "axes") == 0)
            return change_axes(g, a->ints, a->n_ints, insert, tensor);
    }
    if (node->n_input < 2)
        return pb_fail(PB_UNSUPPORTED, "%s: %s without axes", g->directory,
                       onnx_text(node->op_type));
    struct pb_onnx_tensor axes = {0};
    enum pb_status status = read_given(g, set, node->input[1], &axes);
    if (!status && (axes.dtype != PB_S64 || axes.rank != 1))
        status = pb_fail(PB_INVALID, "%s: the axes of %s are no list of int64", g->directory,
                         onnx_text(node->op_type));
    if (!status) status = change_axes(g, axes.buffer.data, (size_t)axes.count, insert, tensor);
    pb_onnx_tensor_free(&axes);
    return status;
}

/* What a node makes of a tensor's shape, or with `back` what it was made of. */
static enum pb_status pass_on(const struct onnx_graph *g, int set, const Onnx__NodeProto *node,
                              bool back, struct pb_onnx_tensor *tensor) {
    if (is_standard(node, "Identity")) return PB_OK;
    return apply_axes(g, set, node, is_standard(node, "Unsqueeze") != back, tensor);
}

static const Onnx__NodeProto *consumer(const struct onnx_graph *g, const char *name) {
    for (size_t i = 0; i < g->graph->n_node; i++) {
        const Onnx__NodeProto *node = g->graph->node[i];
        if (node != g->node && node->n_input && node->n_output && !strcmp(node->input[0], name))
            return node;
    }
    return NULL;
}

/* ---- Tensors by name ------------------------------------------------------------------------- */

static enum pb_status too_long(const struct onnx_graph *g) {
    return pb_fail(PB_UNSUPPORTED, "%s: a chain of more than %d nodes", g->directory,
                   LONGEST_CHAIN);
}

enum pb_status onnx_graph_input(const struct onnx_graph *g, int set, const char *name,
                                struct pb_onnx_tensor *tensor) {
    const Onnx__NodeProto *chain[LONGEST_CHAIN], *node;
    int length = 0;
    while ((node = producer(g, name)) && !is_standard(node, "Constant")) {
        if (length == LONGEST_CHAIN) return too_long(g);
        if (!node->n_input)
            return pb_fail(PB_INVALID, "%s: %s without an input", g->directory,
                           onnx_text(node->op_type));
        chain[length++] = node;
        name = node->input[0];
    }
    enum pb_status status = read_given(g, set, name, tensor);
    while (!status && length) status = pass_on(g, set, chain[--length], false, tensor);
    return status;
}

enum pb_status onnx_graph_output(const struct onnx_graph *g, int set, const char *name,
                                 struct pb_onnx_tensor *tensor) {
    const Onnx__NodeProto *chain[LONGEST_CHAIN];
    for (int length = 0;; length++) {
        for (size_t i = 0; i < g->graph->n_output; i++) {
            if (strcmp(onnx_text(g->graph->output[i]->name), name) != 0) continue;
            enum pb_status status = read_numbered(g, set, "output", i, tensor);
            while (!status && length) status = pass_on(g, set, chain[--length], true, tensor);
            return status;
        }
        const Onnx__NodeProto *node = consumer(g, name);
        if (!node)
            return pb_fail(PB_INVALID, "%s: the graph has no output '%s'", g->directory, name);
        if (length == LONGEST_CHAIN) return too_long(g);
        chain[length] = node;
        name = node->output[0];
    }
}
