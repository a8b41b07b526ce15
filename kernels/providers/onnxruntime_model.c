/* A problem as ONNX says it: a model of one node, made with protobuf-c as an exporter makes it. */
#include "providers/onnxruntime_model.h"
#include "onnx.pb-c.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The old opset is what exporters write, and where ONNX Runtime has its vector code of an average;
 * the new one has averages with dilation, and a divisor that leaves out what `ceil` adds. */
enum { IR_VERSION = 8, OLD_OPSET = 18, NEW_OPSET = 19 };

enum { MOST_ATTRIBUTES = 6, MOST_INPUTS = 3, MOST_OUTPUTS = 2 };

const char *const onnx_tensor_names[PB_ROLES] = {"src", "dst", "weights", "bias", "indices", ""};

/* ---- What ONNX can say ----------------------------------------------------------------------- */

static const struct pb_axis *axis(const struct pb_problem *p, int number) {
    return &p->axis[3 - p->rank + number];
}

/* Counted from 1; a window of one tap has none. */
static int64_t dilation(const struct pb_axis *a) {
    return a->k == 1 ? 1 : a->d + 1;
}

/* Padding behind the input, at least 0: what is left unread is left unread by itself. */
static int64_t behind(const struct pb_axis *a) {
    return a->pr > 0 ? a->pr : 0;
}

/* With indices, and of integers, a global maximum is one of windows. */
static bool is_global(const struct pb_problem *p) {
    return p->op == PB_GAP || (p->op == PB_GMP && p->dir == PB_FWD && p->dtype == PB_F32);
}

static bool is_dilated(const struct pb_problem *p) {
    for (int i = 0; i < p->rank; i++)
        if (dilation(axis(p, i)) > 1) return true;
    return false;
}

/* Where the last window ends; with `ceil` that may be behind the padding. */
static int64_t end(const struct pb_axis *a) {
    return (a->o - 1) * a->s + (a->k - 1) * (a->d + 1) + 1 - a->p;
}

static bool overhangs(const struct pb_problem *p) {
    for (int i = 0; i < p->rank; i++)
        if (end(axis(p, i)) > axis(p, i)->i + behind(axis(p, i))) return true;
    return false;
}

/* The average needs the new opset. */
static bool is_new(const struct pb_problem *p) {
    bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && (is_dilated(p) || (p->op == PB_AVG_P && overhangs(p)));
}

/* Whether the axis is one of windows that ONNX Runtime takes: it divides in f32, refuses padding of
 * a window and more, and derives the output. */
static bool axis_fits(const struct pb_problem *p, const struct pb_axis *a) {
    const int64_t exact = 1 << 24, span = (a->k - 1) * (a->d + 1) + 1;
    if (a->i > exact || a->p > exact || a->pr > exact || span > exact || a->s > exact) return false;
    if (p->op != PB_CONV && (a->p >= a->k || behind(a) >= a->k)) return false;
    int64_t room = a->i + a->p + behind(a) - span;
    return room >= 0 && (p->ceil || room / a->s + 1 == a->o);
}

static bool windows_fit(const struct pb_problem *p) {
    for (int i = 0; i < p->rank; i++)
        if (!axis_fits(p, axis(p, i))) return false;
    return true;
}

static bool covers_input(const struct pb_problem *p) {
    for (int i = 0; i < p->rank; i++) {
        const struct pb_axis *a = axis(p, i);
        if (a->k != a->i || a->o != 1 || a->p || a->pr || dilation(a) > 1) return false;
    }
    return !p->ceil;
}

bool onnx_can_say(const struct pb_problem *p) {
    switch (p->op) {
    case PB_CONV:
        return windows_fit(p);
    case PB_LP:
        return windows_fit(p) && p->power == floor(p->power);
    case PB_S2D:
        return p->rank == 2 && p->h.k == p->w.k && (!p->crd || p->dir == PB_BWD);
    case PB_MAX:
    case PB_GMP:
    case PB_GAP:
        return is_global(p) || windows_fit(p);
    case PB_AVG_P:
    case PB_AVG_NP:
        return windows_fit(p) && !p->div;
    default:
        return false;
    }
}

bool onnx_is_global_lp(const struct pb_problem *p) {
    return p->op == PB_LP && covers_input(p);
}

bool onnx_drops_window(const struct pb_problem *p) {
    for (int i = 0; p->ceil && i < p->rank; i++) {
        const struct pb_axis *a = axis(p, i);
        int64_t room = a->i + 2 * a->p - (a->k - 1) * (a->d + 1) - 1;
        if ((room + a->s - 1) / a->s + 1 != a->o) return true;
    }
    return false;
}

bool onnx_misplaces_padding(const struct pb_problem *p) {
    static const int taken[] = {1, 3, 5}; /* as the end of axis 0, 1, 2 */
    if (p->op != PB_AVG_P || p->rank == 1 || !is_new(p)) return false;
    for (int i = 0; i < p->rank; i++) {
        const struct pb_axis *a = axis(p, i), *other = axis(p, taken[i] % p->rank);
        int64_t used = taken[i] < p->rank ? other->p : behind(other), right = behind(a);
        if (used != right && end(a) > a->i + (used < right ? used : right)) return true;
    }
    return false;
}

/* ---- The node -------------------------------------------------------------------------------- */

/* All of a model; its messages point to each other. */
struct model {
    const struct pb_problem *problem;
    Onnx__ModelProto model;
    Onnx__OperatorSetIdProto opset, *opsets[1];
    Onnx__GraphProto graph;
    Onnx__NodeProto node, *nodes[1];
    Onnx__AttributeProto attribute[MOST_ATTRIBUTES], *attributes[MOST_ATTRIBUTES];
    int64_t numbers[MOST_ATTRIBUTES][6];
    struct value {
        Onnx__ValueInfoProto info;
        Onnx__TypeProto type;
        Onnx__TypeProto__Tensor tensor;
        Onnx__TensorShapeProto shape;
        Onnx__TensorShapeProto__Dimension dim[5], *dims[5];
    } value[PB_ROLES];
    Onnx__TensorProto constant[MOST_INPUTS], *constants[MOST_INPUTS];
    int64_t constant_dims[MOST_INPUTS][5];
    Onnx__ValueInfoProto *inputs[MOST_INPUTS], *outputs[MOST_OUTPUTS];
    char *input_names[MOST_INPUTS], *output_names[MOST_OUTPUTS];
};

/* protobuf-c only reads what it packs, but its texts are not const. */
static char *text(const char *constant) {
    return (char *)(uintptr_t)constant;
}

static Onnx__AttributeProto *add_attribute(struct model *m, const char *name,
                                           Onnx__AttributeProto__AttributeType type) {
    size_t at = m->node.n_attribute++;
    Onnx__AttributeProto *attribute = &m->attribute[at];
    onnx__attribute_proto__init(attribute);
    attribute->name = text(name);
    attribute->has_type = true;
    attribute->type = type;
    attribute->ints = m->numbers[at];
    return m->attributes[at] = attribute;
}

static void add_number(struct model *m, const char *name, int64_t number) {
    Onnx__AttributeProto *a = add_attribute(m, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    a->has_i = true;
    a->i = number;
}

static void add_word(struct model *m, const char *name, const char *word) {
    Onnx__AttributeProto *a = add_attribute(m, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
    a->has_s = true;
    a->s = (ProtobufCBinaryData){.len = strlen(word), .data = (uint8_t *)text(word)};
}

static void add_axes(struct model *m, const char *name, int64_t (*of)(const struct pb_axis *)) {
    Onnx__AttributeProto *a = add_attribute(m, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    for (int i = 0; i < m->problem->rank; i++) a->ints[a->n_ints++] = of(axis(m->problem, i));
}

static int64_t window(const struct pb_axis *a) {
    return a->k;
}
static int64_t stride(const struct pb_axis *a) {
    return a->s;
}

static void add_windows(struct model *m) {
    const struct pb_problem *p = m->problem;
    add_axes(m, "kernel_shape", window);
    add_axes(m, "strides", stride);
    Onnx__AttributeProto *a = add_attribute(m, "pads", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    for (int i = 0; i < p->rank; i++) a->ints[a->n_ints++] = axis(p, i)->p;
    for (int i = 0; i < p->rank; i++) a->ints[a->n_ints++] = behind(axis(p, i));
    if (is_dilated(p)) add_axes(m, "dilations", dilation);
    if (p->ceil) add_number(m, "ceil_mode", 1);
}

static const char *operator_of(const struct pb_problem *p) {
    switch (p->op) {
    case PB_CONV:
        return "Conv";
    case PB_S2D:
        return p->dir == PB_BWD ? "DepthToSpace" : "SpaceToDepth";
    case PB_LP:
        return covers_input(p) ? "GlobalLpPool" : "LpPool";
    case PB_GAP:
        return "GlobalAveragePool";
    case PB_AVG_P:
    case PB_AVG_NP:
        return "AveragePool";
    default:
        return is_global(p) ? "GlobalMaxPool" : "MaxPool";
    }
}

static void make_node(struct model *m) {
    const struct pb_problem *p = m->problem;
    onnx__node_proto__init(&m->node);
    m->node.name = m->node.op_type = text(operator_of(p));
    m->node.attribute = m->attributes;
    m->node.input = m->input_names;
    m->node.output = m->output_names;
    if (p->op == PB_S2D) {
        add_number(m, "blocksize", p->h.k);
        if (p->dir == PB_BWD) add_word(m, "mode", p->crd ? "CRD" : "DCR");
    } else if (!is_global(p) && !onnx_is_global_lp(p)) {
        add_windows(m);
    }
    if (p->op == PB_CONV) add_number(m, "group", p->g);
    if (p->op == PB_AVG_P) add_number(m, "count_include_pad", 1);
    if (p->op == PB_LP) add_number(m, "p", (int64_t)p->power);
}

/* ---- Its tensors ----------------------------------------------------------------------------- */

size_t onnx_shape(const struct pb_problem *p, enum pb_role role, int64_t dims[5]) {
    bool src = role == PB_SRC, weights = role == PB_WEIGHTS;
    if (role == PB_BIAS) return dims[0] = p->oc, 1;
    dims[0] = weights ? p->oc : p->mb;
    dims[1] = weights ? p->ic / p->g : src ? p->ic : p->oc;
    for (int i = 0; i < p->rank; i++)
        dims[2 + i] = weights ? axis(p, i)->k : src ? axis(p, i)->i : axis(p, i)->o;
    return 2 + (size_t)p->rank;
}

static int32_t type_of(const struct pb_problem *p, enum pb_role role) {
    if (role == PB_INDICES) return ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
    return p->dtype == PB_S8   ? ONNX__TENSOR_PROTO__DATA_TYPE__INT8
           : p->dtype == PB_U8 ? ONNX__TENSOR_PROTO__DATA_TYPE__UINT8
                               : ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
}

/* A tensor that a run gives. The shape of an output is for ONNX Runtime to say. */
static Onnx__ValueInfoProto *given(struct model *m, enum pb_role role, bool shaped) {
    struct value *v = &m->value[role];
    int64_t dims[5];
    onnx__value_info_proto__init(&v->info);
    onnx__type_proto__init(&v->type);
    onnx__type_proto__tensor__init(&v->tensor);
    v->info.name = text(onnx_tensor_names[role]);
    v->info.type = &v->type;
    v->type.value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    v->type.tensor_type = &v->tensor;
    v->tensor.has_elem_type = true;
    v->tensor.elem_type = type_of(m->problem, role);
    if (!shaped) return &v->info;
    onnx__tensor_shape_proto__init(&v->shape);
    v->tensor.shape = &v->shape;
    v->shape.n_dim = onnx_shape(m->problem, role, dims);
    v->shape.dim = v->dims;
    for (size_t i = 0; i < v->shape.n_dim; i++) {
        onnx__tensor_shape_proto__dimension__init(&v->dim[i]);
        v->dim[i].value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        v->dim[i].dim_value = dims[i];
        v->dims[i] = &v->dim[i];
    }
    return &v->info;
}

/* A tensor that is a part of the model. */
static void add_constant(struct model *m, enum pb_role role, void *data) {
    size_t at = m->graph.n_initializer++, bytes = sizeof(float);
    Onnx__TensorProto *t = m->constants[at] = &m->constant[at];
    onnx__tensor_proto__init(t);
    t->name = text(onnx_tensor_names[role]);
    t->has_data_type = true;
    t->data_type = type_of(m->problem, role);
    t->dims = m->constant_dims[at];
    t->n_dims = onnx_shape(m->problem, role, t->dims);
    for (size_t i = 0; i < t->n_dims; i++) bytes *= (size_t)t->dims[i];
    t->has_raw_data = true;
    t->raw_data = (ProtobufCBinaryData){.len = bytes, .data = data};
}

static void add_input(struct model *m, enum pb_role role, const struct pb_args *constants) {
    void *data = constants ? constants->tensor[role].data : NULL;
    if (role != PB_SRC && role != PB_DST && constants) {
        if (!data) return; /* no bias */
        add_constant(m, role, data);
    } else {
        m->inputs[m->graph.n_input++] = given(m, role, true);
    }
    m->input_names[m->node.n_input++] = text(onnx_tensor_names[role]);
}

static void add_output(struct model *m, enum pb_role role) {
    m->outputs[m->graph.n_output++] = given(m, role, false);
    m->output_names[m->node.n_output++] = text(onnx_tensor_names[role]);
}

/* ---- The model ------------------------------------------------------------------------------- */

static void make_model(struct model *m) {
    onnx__model_proto__init(&m->model);
    onnx__operator_set_id_proto__init(&m->opset);
    onnx__graph_proto__init(&m->graph);
    m->opset.has_version = m->model.has_ir_version = true;
    m->opset.domain = text("");
    m->opset.version = is_new(m->problem) ? NEW_OPSET : OLD_OPSET;
    m->opsets[0] = &m->opset;
    m->model.ir_version = IR_VERSION;
    m->model.n_opset_import = 1;
    m->model.opset_import = m->opsets;
    m->model.graph = &m->graph;
    m->nodes[0] = &m->node;
    m->graph.name = text("poolbench");
    m->graph.n_node = 1;
    m->graph.node = m->nodes;
    m->graph.input = m->inputs;
    m->graph.output = m->outputs;
    m->graph.initializer = m->constants;
}

uint8_t *onnx_model(const struct pb_problem *p, const struct pb_args *constants, size_t *bytes) {
    struct model m = {.problem = p};
    bool back = p->dir == PB_BWD;
    make_model(&m);
    make_node(&m);
    add_input(&m, back ? PB_DST : PB_SRC, constants);
    if (p->op == PB_CONV) {
        add_input(&m, PB_WEIGHTS, constants);
        add_input(&m, PB_BIAS, constants);
    }
    add_output(&m, back ? PB_SRC : PB_DST);
    if (p->dir == PB_FWD_IDX) add_output(&m, PB_INDICES);
    *bytes = onnx__model_proto__get_packed_size(&m.model);
    uint8_t *packed = malloc(*bytes);
    if (packed) onnx__model_proto__pack(&m.model, packed);
    return packed;
}
