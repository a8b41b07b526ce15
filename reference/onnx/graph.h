/* graph.h: the model of a test case and the one node of it that a trial is made of; only the
 * onnx*.c files include it. */
#ifndef PB_ONNX_GRAPH_H
#define PB_ONNX_GRAPH_H

#include "onnx/file.h"

/* ---- Operators ------------------------------------------------------------------------------- */

/* ONNX_NO_ROLE: the node's inputs and outputs end here. */
enum { ONNX_SLOTS = 3, ONNX_NO_ROLE = PB_ROLES };

/* The attributes that operators have, as bits of the set that one of them may have. */
enum onnx_attribute {
    ONNX_KERNEL_SHAPE = 1 << 0,
    ONNX_STRIDES = 1 << 1,
    ONNX_DILATIONS = 1 << 2,
    ONNX_PADS = 1 << 3,
    ONNX_AUTO_PAD = 1 << 4,
    ONNX_CEIL_MODE = 1 << 5,
    ONNX_COUNT_INCLUDE_PAD = 1 << 6,
    ONNX_STORAGE_ORDER = 1 << 7,
    ONNX_GROUP = 1 << 8,
    ONNX_DIVISOR_OVERRIDE = 1 << 9,
    ONNX_P = 1 << 10,
    ONNX_BLOCKSIZE = 1 << 11,
    ONNX_MODE = 1 << 12,
};

/* What a node computes, and what its inputs and outputs are in the node's order. */
struct onnx_operator {
    const char *domain, *type;
    const char *out_of_scope; /* why it is not read; NULL where it is */
    enum pb_op op;
    enum pb_dir dir;
    bool global; /* the window is the whole input */
    unsigned attributes;
    int input[ONNX_SLOTS], output[ONNX_SLOTS];
};

/* The operator of a node, in scope or out; NULL where it is none of pooling, convolution and
 * downsampling. */
const struct onnx_operator *onnx_operator_of(const Onnx__NodeProto *node);

/* ---- The graph ------------------------------------------------------------------------------- */

/* One node of ours, with nothing around it but nodes that pass a tensor on: Constant, Identity,
 * Squeeze, Unsqueeze. */
struct onnx_graph {
    const char *directory; /* of the test case, the caller's */
    Onnx__ModelProto *model;
    const Onnx__GraphProto *graph;
    const Onnx__NodeProto *node;
    const struct onnx_operator *meaning;
};

/* Reads model.onnx. OK with `meaning` NULL where the model holds no operator of ours; UNSUPPORTED,
 * with the reason, where it holds one that is out of scope. After a failure, too, call
 * onnx_graph_free. */
enum pb_status onnx_graph_read(const char *directory, struct onnx_graph *graph);
void onnx_graph_free(struct onnx_graph *graph);

/* The tensor of that name, which our node reads: an initializer, a constant, or the file of data
 * set `set` that holds the graph's input. */
enum pb_status onnx_graph_input(const struct onnx_graph *graph, int set, const char *name,
                                struct pb_onnx_tensor *tensor);
/* The tensor of that name, which our node writes, from the file of the graph's output. */
enum pb_status onnx_graph_output(const struct onnx_graph *graph, int set, const char *name,
                                 struct pb_onnx_tensor *tensor);

#endif
