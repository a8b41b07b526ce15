/* ONNX test cases: a model of one node and its tensors become a trial. */
#include "oracle.h"
#include "onnx_file.h"
#include <stdio.h>
#include <string.h>

enum { SLOTS = 3, NONE = PB_ROLES };

/* What a node's inputs and outputs are, in the node's order. */
struct operation {
    const char *domain, *type;
    enum pb_op op;
    enum pb_dir dir;
    int input[SLOTS], output[SLOTS];
};

/* clang-format off */
static const struct operation operations[] = {
    {"", "MaxPool", PB_MAX, PB_FWD, {PB_SRC, NONE, NONE}, {PB_DST, PB_INDICES, NONE}},
    {"", "AveragePool", PB_AVG_NP, PB_FWD, {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "GlobalAveragePool", PB_GAP, PB_FWD, {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "GlobalMaxPool", PB_GMP, PB_FWD, {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "Conv", PB_CONV, PB_FWD, {PB_SRC, PB_WEIGHTS, PB_BIAS}, {PB_DST, NONE, NONE}},
    {"com.microsoft", "MaxPoolGrad", PB_MAX, PB_BWD, {PB_DST, PB_INDICES, NONE},
     {PB_SRC, NONE, NONE}},
    {"com.microsoft", "AveragePoolGrad", PB_AVG_NP, PB_BWD, {PB_DST, NONE, NONE},
     {PB_SRC, NONE, NONE}},
    {"com.microsoft", "ConvGrad", PB_CONV, PB_BWD, {PB_DST, PB_SRC, PB_WEIGHTS},
     {PB_SRC, PB_WEIGHTS, PB_BIAS}},
    {"poolbench", "AveragePool", PB_AVG_NP, PB_FWD, {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"poolbench", "AveragePoolGrad", PB_AVG_NP, PB_BWD, {PB_DST, NONE, NONE},
     {PB_SRC, NONE, NONE}},
    {"poolbench", "GlobalAveragePoolGrad", PB_GAP, PB_BWD, {PB_DST, NONE, NONE},
     {PB_SRC, NONE, NONE}},
    {"poolbench", "LpPool", PB_LP, PB_FWD, {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"poolbench", "LpPoolGrad", PB_LP, PB_BWD, {PB_DST, PB_INPUT, NONE}, {PB_SRC, NONE, NONE}},
    {"poolbench", "AdaptiveMaxPool", PB_ADAPTIVE_MAX, PB_FWD, {PB_SRC, NONE, NONE},
     {PB_DST, PB_INDICES, NONE}},
    {"poolbench", "AdaptiveMaxPoolGrad", PB_ADAPTIVE_MAX, PB_BWD, {PB_DST, PB_INDICES, NONE},
     {PB_SRC, NONE, NONE}},
    {"poolbench", "AdaptiveAveragePool", PB_ADAPTIVE_AVG, PB_FWD, {PB_SRC, NONE, NONE},
     {PB_DST, NONE, NONE}},
    {"poolbench", "AdaptiveAveragePoolGrad", PB_ADAPTIVE_AVG, PB_BWD, {PB_DST, NONE, NONE},
     {PB_SRC, NONE, NONE}},
};
/* clang-format on */

struct test_case {
    const char *directory;
    Onnx__ModelProto *model;
    const Onnx__GraphProto *graph;
    const Onnx__NodeProto *node;
    const struct operation *operation;
    struct pb_onnx_tensor input[SLOTS], output[SLOTS];
    /* The same by role; NULL where the node has none. */
    struct pb_onnx_tensor *given[PB_ROLES], *wanted[PB_ROLES];
};

static const char *text_of(const char *s) {
    return s ? s : "";
}

/* ---- The files ------------------------------------------------------------------------------- */

static enum pb_status find_operation(struct test_case *c) {
    const char *domain = text_of(c->node->domain), *type = text_of(c->node->op_type);
    if (strcmp(domain, "ai.onnx") == 0) domain = "";
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(domain, operations[i].domain) == 0 && strcmp(type, operations[i].type) == 0)
            c->operation = &operations[i];
    if (!c->operation)
        return pb_fail(PB_UNSUPPORTED, "%s: operator %s%s%s", c->directory, domain,
                       *domain ? "." : "", type);
    if (c->node->n_input > SLOTS || c->node->n_output > SLOTS)
        return pb_fail(PB_INVALID, "%s: too many inputs or outputs for %s", c->directory, type);
    return PB_OK;
}

static enum pb_status read_numbered(const struct test_case *c, const char *stem, size_t number,
                                    struct pb_onnx_tensor *tensor) {
    char path[4096];
    int length =
            snprintf(path, sizeof path, "%s/test_data_set_0/%s_%zu.pb", c->directory, stem, number);
    if (length < 0 || (size_t)length >= sizeof path)
        return pb_fail(PB_IO, "%s: the path is too long", c->directory);
    return pb_onnx_tensor_read(path, tensor);
}

static const Onnx__TensorProto *initializer(const struct test_case *c, const char *name) {
    for (size_t i = 0; i < c->graph->n_initializer; i++)
        if (strcmp(text_of(c->graph->initializer[i]->name), name) == 0)
            return c->graph->initializer[i];
    return NULL;
}

/* An initializer of the model, or the file that holds the graph's input of that name: files count
 * the inputs that have no initializer. */
static enum pb_status read_input(const struct test_case *c, const char *name,
                                 struct pb_onnx_tensor *tensor) {
    const Onnx__TensorProto *constant = initializer(c, name);
    if (constant) return onnx_take_tensor(constant, c->directory, tensor);
    size_t number = 0;
    for (size_t i = 0; i < c->graph->n_input; i++) {
        const char *input = text_of(c->graph->input[i]->name);
        if (strcmp(input, name) == 0) return read_numbered(c, "input", number, tensor);
        number += !initializer(c, input);
    }
    return pb_fail(PB_INVALID, "%s: the graph has no input '%s'", c->directory, name);
}

static enum pb_status read_output(const struct test_case *c, const char *name,
                                  struct pb_onnx_tensor *tensor) {
    for (size_t i = 0; i < c->graph->n_output; i++)
        if (strcmp(text_of(c->graph->output[i]->name), name) == 0)
            return read_numbered(c, "output", i, tensor);
    return pb_fail(PB_INVALID, "%s: the graph has no output '%s'", c->directory, name);
}

static enum pb_status read_tensors(struct test_case *c) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; i < c->node->n_input && !status; i++) {
        const char *name = text_of(c->node->input[i]);
        int role = c->operation->input[i];
        if (!*name) continue;
        if (role == NONE) return pb_fail(PB_INVALID, "%s: input '%s'", c->directory, name);
        status = read_input(c, name, &c->input[i]);
        c->given[role] = &c->input[i];
    }
    for (size_t i = 0; i < c->node->n_output && !status; i++) {
        const char *name = text_of(c->node->output[i]);
        int role = c->operation->output[i];
        if (!*name) continue;
        if (role == NONE) return pb_fail(PB_INVALID, "%s: output '%s'", c->directory, name);
        status = read_output(c, name, &c->output[i]);
        c->wanted[role] = &c->output[i];
    }
    return status;
}

static enum pb_status read_case(struct test_case *c) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/model.onnx", c->directory);
    if (length < 0 || (size_t)length >= sizeof path)
        return pb_fail(PB_IO, "%s: the path is too long", c->directory);
    enum pb_status status = onnx_read_model(path, &c->model);
    if (status) return status;
    c->graph = c->model->graph;
    if (!c->graph) return pb_fail(PB_INVALID, "%s: no graph", path);
    if (c->graph->n_node != 1)
        return pb_fail(PB_UNSUPPORTED, "%s: a graph of %zu nodes, not one", path, c->graph->n_node);
    c->node = c->graph->node[0];
    status = find_operation(c);
    return status ? status : read_tensors(c);
}

static void free_case(struct test_case *c) {
    for (int i = 0; i < SLOTS; i++) {
        pb_onnx_tensor_free(&c->input[i]);
        pb_onnx_tensor_free(&c->output[i]);
    }
    if (c->model) onnx__model_proto__free_unpacked(c->model, NULL);
}

/* ---- Attributes ------------------------------------------------------------------------------ */

struct attributes {
    int64_t kernel_shape[3], strides[3], dilations[3], pads[6];
    int64_t ceil_mode, count_include_pad, storage_order, group, divisor_override;
    double power;
    enum { NOTSET, VALID, SAME_UPPER, SAME_LOWER } auto_pad;
};

static enum pb_status read_auto_pad(const struct test_case *c, const Onnx__AttributeProto *a,
                                    struct attributes *to) {
    static const char *const names[] = {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
    for (int i = NOTSET; i <= SAME_LOWER; i++)
        if (a->has_s && a->s.len == strlen(names[i]) && !memcmp(a->s.data, names[i], a->s.len)) {
            to->auto_pad = i;
            return PB_OK;
        }
    return pb_fail(PB_INVALID, "%s: auto_pad is unknown", c->directory);
}

/* ONNX's p is an integer, ours any number. */
static enum pb_status read_power(const struct test_case *c, const Onnx__AttributeProto *a,
                                 struct attributes *to) {
    if (!a->has_f && !a->has_i) return pb_fail(PB_INVALID, "%s: p is no number", c->directory);
    to->power = a->has_f ? (double)a->f : (double)a->i;
    return PB_OK;
}

/* One number (count 0) or a list of `count`, each 0 … INT32_MAX: sums of a few cannot overflow. */
static enum pb_status read_numbers(const struct test_case *c, const Onnx__AttributeProto *a,
                                   size_t count, int64_t *to) {
    const int64_t *from = count ? a->ints : &a->i;
    if (count ? a->n_ints != count : !a->has_i)
        return pb_fail(PB_INVALID, "%s: attribute %s has not %zu numbers", c->directory, a->name,
                       count ? count : 1);
    for (size_t i = 0; i < (count ? count : 1); i++) {
        if (from[i] < 0 || from[i] > INT32_MAX)
            return pb_fail(PB_INVALID, "%s: attribute %s is %lld", c->directory, a->name,
                           (long long)from[i]);
        to[i] = from[i];
    }
    return PB_OK;
}

static enum pb_status read_attributes(const struct test_case *c, int rank, struct attributes *to) {
    size_t axes = (size_t)rank;
    const struct {
        const char *name;
        size_t count;
        int64_t *to;
    } known[] = {
            {"kernel_shape", axes, to->kernel_shape},
            {"strides", axes, to->strides},
            {"dilations", axes, to->dilations},
            {"pads", 2 * axes, to->pads},
            {"ceil_mode", 0, &to->ceil_mode},
            {"count_include_pad", 0, &to->count_include_pad},
            {"storage_order", 0, &to->storage_order},
            {"group", 0, &to->group},
            {"divisor_override", 0, &to->divisor_override},
    };
    enum { KNOWN = sizeof known / sizeof known[0] };
    *to = (struct attributes){.strides = {1, 1, 1}, .dilations = {1, 1, 1}, .group = 1, .power = 2};
    for (size_t i = 0; i < c->node->n_attribute; i++) {
        const Onnx__AttributeProto *a = c->node->attribute[i];
        const char *name = text_of(a->name);
        enum pb_status status;
        size_t k = 0;
        while (k < KNOWN && strcmp(name, known[k].name) != 0) k++;
        if (k < KNOWN)
            status = read_numbers(c, a, known[k].count, known[k].to);
        else if (strcmp(name, "auto_pad") == 0)
            status = read_auto_pad(c, a, to);
        else if (strcmp(name, "p") == 0 && c->operation->op == PB_LP)
            status = read_power(c, a, to);
        else
            status = pb_fail(PB_UNSUPPORTED, "%s: attribute %s", c->directory, name);
        if (status) return status;
    }
    if (to->storage_order)
        return pb_fail(PB_UNSUPPORTED, "%s: storage_order 1 (column-major indices)", c->directory);
    return PB_OK;
}

/* ---- The problem ----------------------------------------------------------------------------- */

/* Fills one axis from the shapes and attributes; sets *ceil where o was rounded up. `axis` counts
 * the spatial axes of the file. */
static enum pb_status make_axis(const struct test_case *c, const struct attributes *attributes,
                                int rank, int axis, struct pb_axis *a, bool *ceil) {
    a->s = attributes->strides[axis];
    a->d = attributes->dilations[axis] - 1;
    if (a->s < 1 || a->d < 0 || a->k < 1 || a->i < 1)
        return pb_fail(PB_INVALID, "%s: a window, stride, dilation or extent below 1",
                       c->directory);
    if (a->i > INT32_MAX || a->k > INT32_MAX)
        return pb_fail(PB_INVALID, "%s: an extent beyond 2^31", c->directory);
    int64_t span = (a->k - 1) * (a->d + 1) + 1;
    int64_t begin = attributes->pads[axis], end = attributes->pads[rank + axis];
    if (attributes->auto_pad == VALID) begin = end = 0;
    if (attributes->auto_pad >= SAME_UPPER) {
        int64_t total = ((a->i + a->s - 1) / a->s - 1) * a->s + span - a->i;
        if (total < 0) total = 0;
        begin = (total + (attributes->auto_pad == SAME_LOWER)) / 2;
        end = total - begin;
    }
    int64_t slack = a->i + begin + end - span;
    if (slack < 0)
        return pb_fail(PB_INVALID, "%s: the window is larger than the padded input", c->directory);
    a->p = begin;
    bool up = attributes->ceil_mode && slack % a->s && a->o == slack / a->s + 2;
    if (!up && a->o != slack / a->s + 1)
        return pb_fail(PB_INVALID, "%s: spatial axis %d of the output is %lld long, not %lld",
                       c->directory, axis, (long long)a->o, (long long)(slack / a->s + 1));
    a->pr = (a->o - 1) * a->s - a->i + span - a->p;
    *ceil |= up;
    return PB_OK;
}

static const struct pb_onnx_tensor *tensor_of(const struct test_case *c, enum pb_role role) {
    return c->given[role] ? c->given[role] : c->wanted[role];
}

/* What the shapes say of channels and windows. */
static enum pb_status make_windows(const struct test_case *c, const struct attributes *attributes,
                                   struct pb_problem *p) {
    const struct pb_onnx_tensor *weights = tensor_of(c, PB_WEIGHTS);
    bool global = p->op == PB_GAP || p->op == PB_GMP;
    bool adaptive = p->op == PB_ADAPTIVE_MAX || p->op == PB_ADAPTIVE_AVG;
    if (adaptive && c->node->n_attribute)
        return pb_fail(PB_INVALID, "%s: adaptive windows follow from the shapes, not from %s",
                       c->directory, text_of(c->node->attribute[0]->name));
    if (p->op == PB_CONV && (!weights || weights->rank != p->rank + 2))
        return pb_fail(PB_INVALID, "%s: weights are missing or of another rank", c->directory);
    p->g = p->op == PB_CONV ? attributes->group : 1;
    p->ceil = false;
    for (int axis = 0; axis < p->rank; axis++) {
        struct pb_axis *a = &p->axis[3 - p->rank + axis];
        a->i = tensor_of(c, PB_SRC)->dims[2 + axis];
        a->o = tensor_of(c, PB_DST)->dims[2 + axis];
        if (adaptive) continue;
        a->k = attributes->kernel_shape[axis];
        if (global) a->k = a->i;
        if (weights && a->k && a->k != weights->dims[2 + axis])
            return pb_fail(PB_INVALID, "%s: kernel_shape is not that of the weights", c->directory);
        if (weights) a->k = weights->dims[2 + axis];
        enum pb_status status = make_axis(c, attributes, p->rank, axis, a, &p->ceil);
        if (status) return status;
    }
    for (int axis = 3 - p->rank; p->ceil && axis < 3; axis++) {
        if (attributes->auto_pad == NOTSET &&
            attributes->pads[axis - 3 + p->rank] != attributes->pads[axis - 3 + 2 * p->rank])
            return pb_fail(PB_UNSUPPORTED, "%s: ceil_mode with unequal padding", c->directory);
        p->axis[axis].pr = p->axis[axis].p;
    }
    return PB_OK;
}

static enum pb_status make_problem(const struct test_case *c, enum pb_layout layout,
                                   struct pb_problem *p) {
    static const struct pb_axis absent = {.i = 1, .o = 1, .k = 1, .s = 1};
    const struct pb_onnx_tensor *src = tensor_of(c, PB_SRC), *dst = tensor_of(c, PB_DST);
    struct attributes attributes;
    if (!src || !dst) return pb_fail(PB_INVALID, "%s: an input or output is missing", c->directory);
    if (src->rank < 3 || src->rank > 5 || dst->rank != src->rank)
        return pb_fail(PB_UNSUPPORTED, "%s: tensors with %d and %d axes", c->directory, src->rank,
                       dst->rank);
    *p = (struct pb_problem){
            .op = c->operation->op,
            .dir = c->operation->dir,
            .dtype = PB_F32,
            .layout = layout,
            .rank = src->rank - 2,
            .mb = src->dims[0],
            .ic = src->dims[1],
            .oc = dst->dims[1],
            .axis = {absent, absent, absent},
    };
    enum pb_status status = read_attributes(c, p->rank, &attributes);
    if (!status) status = make_windows(c, &attributes, p);
    if (status) return status;
    if (p->op == PB_AVG_NP && attributes.count_include_pad) p->op = PB_AVG_P;
    p->div = attributes.divisor_override;
    p->power = p->op == PB_LP ? attributes.power : 0;
    if (pb_has_indices(p) && p->dir == PB_FWD && c->wanted[PB_INDICES]) p->dir = PB_FWD_IDX;
    if (p->op == PB_CONV && p->dir == PB_BWD && !c->wanted[PB_SRC]) p->dir = PB_BWD_W;
    if (p->op == PB_CONV && p->dir == PB_BWD && (c->wanted[PB_WEIGHTS] || c->wanted[PB_BIAS]))
        return pb_fail(PB_UNSUPPORTED, "%s: the gradients of data and weights in one node",
                       c->directory);
    const char *name = strrchr(c->directory, '/');
    name = name ? name + 1 : c->directory;
    if (strlen(name) < sizeof p->name) memcpy(p->name, name, strlen(name) + 1);
    return PB_OK;
}

/* ---- The trial ------------------------------------------------------------------------------- */

static bool same_shape(const struct pb_onnx_tensor *file, const struct pb_tensor *t,
                       enum pb_role role, int rank) {
    if (file->dtype != t->dtype || file->dims[0] != t->dims[0]) return false;
    if (role == PB_BIAS) return file->rank == 1;
    bool same = file->rank == rank + 2 && file->dims[1] == t->dims[1];
    for (int axis = 0; same && axis < rank; axis++)
        same = file->dims[2 + axis] == t->dims[5 - rank + axis];
    return same;
}

/* An index of the file counts over n and c too; -1 if it lies in another channel. */
static int64_t index_in_channel(const struct pb_problem *p, int64_t flat, int64_t index) {
    int64_t spatial = p->d.i * p->h.i * p->w.i, channel = flat / (p->d.o * p->h.o * p->w.o);
    int64_t first = channel * spatial;
    return index >= first && index < first + spatial ? index - first : -1;
}

static void copy_input(const struct pb_problem *p, const struct pb_onnx_tensor *file,
                       struct pb_tensor *t) {
    for (int64_t i = 0; i < file->count; i++) {
        int64_t at[5];
        oracle_unravel(i, t->dims, at);
        int64_t offset = oracle_offset(t, at);
        if (t->dtype == PB_S64)
            ((int64_t *)t->data)[offset] =
                    index_in_channel(p, i, ((const int64_t *)file->buffer.data)[i]);
        else
            ((float *)t->data)[offset] = ((const float *)file->buffer.data)[i];
    }
}

static void copy_output(const struct pb_problem *p, const struct pb_onnx_tensor *file,
                        struct pb_expected_tensor *expected) {
    for (int64_t i = 0; i < file->count; i++) {
        expected->value[i] =
                file->dtype == PB_S64
                        ? (double)index_in_channel(p, i, ((const int64_t *)file->buffer.data)[i])
                        : (double)((const float *)file->buffer.data)[i];
        expected->bound[i] *= 2;
    }
}

/* A convolution may go without bias; every other tensor must be in the files, in the right shape.
 */
static enum pb_status check_tensors(const struct test_case *c, struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        struct pb_tensor *t = &trial->args.tensor[role];
        if (!pb_role_used(&trial->problem, role)) continue;
        const struct pb_onnx_tensor *file =
                pb_role_written(&trial->problem, role) ? c->wanted[role] : c->given[role];
        if (!file && role == PB_BIAS) {
            pb_buffer_free(&trial->buffer[role]);
            pb_buffer_free(&trial->copy[role]);
            t->data = NULL;
        } else if (!file) {
            return pb_fail(PB_INVALID, "%s: %s is missing", c->directory, pb_role_name(role));
        } else if (!same_shape(file, t, role, trial->problem.rank)) {
            return pb_fail(PB_INVALID, "%s: %s has another type or shape than the model implies",
                           c->directory, pb_role_name(role));
        }
    }
    return PB_OK;
}

static enum pb_status make_trial(const struct test_case *c, enum pb_layout layout,
                                 struct pb_trial *trial) {
    struct pb_problem problem;
    enum pb_status status = make_problem(c, layout, &problem);
    if (!status) status = pb_trial_allocate(trial, &problem);
    if (!status) status = check_tensors(c, trial);
    if (status) return status;
    for (int role = 0; role < PB_ROLES; role++)
        if (trial->copy[role].base) {
            memset(trial->buffer[role].data, 0, trial->buffer[role].bytes);
            copy_input(&problem, c->given[role], &trial->args.tensor[role]);
        }
    status = pb_trial_expect(trial);
    for (int role = 0; role < PB_ROLES && !status; role++)
        if (trial->expected.tensor[role].count)
            copy_output(&problem, c->wanted[role], &trial->expected.tensor[role]);
    return status;
}

enum pb_status pb_onnx_trial(const char *directory, enum pb_layout layout, struct pb_trial *trial) {
    struct test_case c = {.directory = directory};
    *trial = (struct pb_trial){0};
    enum pb_status status = read_case(&c);
    if (!status) status = make_trial(&c, layout, trial);
    if (status) pb_trial_end(trial);
    free_case(&c);
    return status;
}
