/* ONNX nodes as problems: what attributes and shapes say. */
#include "onnx/case.h"
#include "core/op_traits.h"
#include <string.h>

/* ---- Attributes ------------------------------------------------------------------------------ */

enum auto_pad { NOTSET, VALID, SAME_UPPER, SAME_LOWER, AUTO_PADS };
enum mode { DCR, CRD, MODES };
static const char *const auto_pad_names[] = {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
static const char *const mode_names[] = {"DCR", "CRD"};

struct attributes {
    int64_t kernel_shape[3], strides[3], dilations[3], pads[6];
    int64_t ceil_mode, count_include_pad, storage_order, group, blocksize;
    int64_t divisor_override; /* -1: not given */
    int auto_pad, mode;
    double p;
};

/* One number (count 0) or a list of `count`, each 0 … INT32_MAX: sums of a few cannot overflow. */
static enum pb_status read_numbers(const struct onnx_case *c, const Onnx__AttributeProto *a,
                                   size_t count, int64_t *to) {
    const int64_t *from = count ? a->ints : &a->i;
    if (count ? a->n_ints != count : !a->has_i)
        return pb_fail(PB_INVALID, "%s: attribute %s has not %zu numbers", c->graph.directory,
                       a->name, count ? count : 1);
    for (size_t i = 0; i < (count ? count : 1); i++) {
        if (from[i] < 0 || from[i] > INT32_MAX)
            return pb_fail(PB_INVALID, "%s: attribute %s is %lld", c->graph.directory, a->name,
                           (long long)from[i]);
        to[i] = from[i];
    }
    return PB_OK;
}

static enum pb_status read_word(const struct onnx_case *c, const Onnx__AttributeProto *a,
                                const char *const *words, int count, int *to) {
    for (int i = 0; i < count; i++)
        if (a->has_s && a->s.len == strlen(words[i]) && !memcmp(a->s.data, words[i], a->s.len))
            return *to = i, PB_OK;
    return pb_fail(PB_INVALID, "%s: attribute %s is unknown", c->graph.directory, a->name);
}

/* An integer in ONNX since opset 2; before that, and in our domain, any number. */
static enum pb_status read_power(const struct onnx_case *c, const Onnx__AttributeProto *a,
                                 double *to) {
    if (!a->has_f && !a->has_i)
        return pb_fail(PB_INVALID, "%s: attribute %s is no number", c->graph.directory, a->name);
    *to = a->has_f ? (double)a->f : (double)a->i;
    return PB_OK;
}

static enum pb_status read_attribute(const struct onnx_case *c, const Onnx__AttributeProto *a,
                                     size_t axes, struct attributes *to) {
    const struct {
        const char *name;
        enum onnx_attribute bit;
        size_t count;
        int64_t *to;
    } numbers[] = {
            {"kernel_shape", ONNX_KERNEL_SHAPE, axes, to->kernel_shape},
            {"strides", ONNX_STRIDES, axes, to->strides},
            {"dilations", ONNX_DILATIONS, axes, to->dilations},
            {"pads", ONNX_PADS, 2 * axes, to->pads},
            {"ceil_mode", ONNX_CEIL_MODE, 0, &to->ceil_mode},
            {"count_include_pad", ONNX_COUNT_INCLUDE_PAD, 0, &to->count_include_pad},
            {"storage_order", ONNX_STORAGE_ORDER, 0, &to->storage_order},
            {"group", ONNX_GROUP, 0, &to->group},
            {"divisor_override", ONNX_DIVISOR_OVERRIDE, 0, &to->divisor_override},
            {"blocksize", ONNX_BLOCKSIZE, 0, &to->blocksize},
    };
    const char *name = onnx_text(a->name);
    unsigned allowed = c->graph.meaning->attributes;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if ((allowed & numbers[i].bit) && !strcmp(name, numbers[i].name))
            return read_numbers(c, a, numbers[i].count, numbers[i].to);
    if ((allowed & ONNX_AUTO_PAD) && !strcmp(name, "auto_pad"))
        return read_word(c, a, auto_pad_names, AUTO_PADS, &to->auto_pad);
    if ((allowed & ONNX_MODE) && !strcmp(name, "mode"))
        return read_word(c, a, mode_names, MODES, &to->mode);
    if ((allowed & ONNX_P) && !strcmp(name, "p")) return read_power(c, a, &to->p);
    return pb_fail(PB_UNSUPPORTED, "%s: attribute %s of %s", c->graph.directory, name,
                   c->graph.meaning->type);
}

static enum pb_status read_attributes(const struct onnx_case *c, int rank, struct attributes *to) {
    const Onnx__NodeProto *node = c->graph.node;
    *to = (struct attributes){.strides = {1, 1, 1},
                              .dilations = {1, 1, 1},
                              .group = 1,
                              .divisor_override = -1,
                              .p = 2,
                              .mode = DCR};
    for (size_t i = 0; i < node->n_attribute; i++) {
        enum pb_status status = read_attribute(c, node->attribute[i], (size_t)rank, to);
        if (status) return status;
    }
    if (to->divisor_override == 0)
        return pb_fail(PB_INVALID, "%s: attribute divisor_override is 0", c->graph.directory);
    for (int i = 0; i < 2 * rank; i++)
        if (to->auto_pad != NOTSET && to->pads[i])
            return pb_fail(PB_INVALID, "%s: both pads and auto_pad %s", c->graph.directory,
                           auto_pad_names[to->auto_pad]);
    if (c->graph.meaning->attributes & ONNX_BLOCKSIZE)
        for (int i = 0; i < rank; i++) to->kernel_shape[i] = to->strides[i] = to->blocksize;
    return PB_OK;
}

/* ---- Windows --------------------------------------------------------------------------------- */

/* The declared padding of an axis, before and after the input. */
static void declared_padding(const struct attributes *attributes, int rank, int axis,
                             const struct pb_axis *a, int64_t span, int64_t *begin, int64_t *end) {
    *begin = attributes->pads[axis];
    *end = attributes->pads[rank + axis];
    if (attributes->auto_pad < SAME_UPPER) return; /* VALID has no pads: they are 0 */
    int64_t total = ((a->i + a->s - 1) / a->s - 1) * a->s + span - a->i;
    if (total < 0) total = 0;
    *begin = (total + (attributes->auto_pad == SAME_LOWER)) / 2;
    *end = total - *begin;
}

/* Sets k, s, d, p, pr of one axis from its i and o, and *ceil where o was rounded up. `axis` counts
 * the spatial axes of the file. */
static enum pb_status make_axis(const struct onnx_case *c, const struct attributes *attributes,
                                int rank, int axis, struct pb_axis *a, bool *ceil) {
    const char *directory = c->graph.directory;
    int64_t begin, end;
    a->s = attributes->strides[axis];
    a->d = attributes->dilations[axis] - 1;
    if (a->s < 1 || a->d < 0 || a->k < 1 || a->i < 1)
        return pb_fail(PB_INVALID, "%s: a window, stride, dilation or extent below 1", directory);
    if (a->i > INT32_MAX || a->k > INT32_MAX)
        return pb_fail(PB_INVALID, "%s: an extent beyond 2^31", directory);
    int64_t span = (a->k - 1) * (a->d + 1) + 1;
    declared_padding(attributes, rank, axis, a, span, &begin, &end);
    int64_t slack = a->i + begin + end - span;
    if (slack < 0)
        return pb_fail(PB_INVALID, "%s: the window is larger than the padded input", directory);
    /* ONNX rounds up whatever the last window holds; auto_pad has lengths of its own. */
    int64_t down = slack / a->s + 1;
    bool overhang = attributes->ceil_mode && attributes->auto_pad == NOTSET && slack % a->s;
    bool starts_inside = down * a->s < a->i + begin;
    if (overhang && !starts_inside && a->o == down + 1)
        return pb_fail(PB_UNSUPPORTED,
                       "%s: declared different: ceil_mode keeps a window that starts past the "
                       "input and its leading padding; the contract, as PyTorch, drops it",
                       directory);
    int64_t o = down + (overhang && starts_inside);
    if (a->o != o)
        return pb_fail(PB_INVALID, "%s: spatial axis %d of the output is %lld long, not %lld",
                       directory, axis, (long long)a->o, (long long)o);
    a->p = begin;
    a->pr = (a->o - 1) * a->s - a->i + span - a->p;
    *ceil |= o > down;
    return PB_OK;
}

/* A problem that rounds up has the same padding on both sides. Elsewhere only avg_p can tell an
 * overhang from padding. */
static enum pb_status settle_ceil(const struct onnx_case *c, const struct attributes *attributes,
                                  struct pb_problem *p) {
    bool equal = true;
    for (int axis = 0; axis < p->rank; axis++)
        equal &= attributes->pads[axis] == attributes->pads[p->rank + axis];
    if (p->ceil && !equal && p->op == PB_AVG_P)
        return pb_fail(PB_UNSUPPORTED,
                       "%s: ceil_mode and count_include_pad with padding that differs before and "
                       "after: no problem says it",
                       c->graph.directory);
    p->ceil &= equal;
    for (int axis = 3 - p->rank; p->ceil && axis < 3; axis++) p->axis[axis].pr = p->axis[axis].p;
    return PB_OK;
}

static const struct pb_onnx_tensor *tensor_of(const struct onnx_case *c, enum pb_role role) {
    return c->given[role] ? c->given[role] : c->wanted[role];
}

static enum pb_status make_windows(const struct onnx_case *c, const struct attributes *attributes,
                                   struct pb_problem *p) {
    const struct pb_onnx_tensor *weights = tensor_of(c, PB_WEIGHTS);
    if (p->op == PB_CONV && (!weights || weights->rank != p->rank + 2))
        return pb_fail(PB_INVALID, "%s: weights are missing or of another rank",
                       c->graph.directory);
    for (int axis = 0; axis < p->rank; axis++) {
        struct pb_axis *a = &p->axis[3 - p->rank + axis];
        a->i = tensor_of(c, PB_SRC)->dims[2 + axis];
        a->o = tensor_of(c, PB_DST)->dims[2 + axis];
        if (pb_is_adaptive(p)) continue; /* its windows follow from i and o */
        a->k = c->graph.meaning->global ? a->i : attributes->kernel_shape[axis];
        if (weights && a->k && a->k != weights->dims[2 + axis])
            return pb_fail(PB_INVALID, "%s: kernel_shape is not that of the weights",
                           c->graph.directory);
        if (weights) a->k = weights->dims[2 + axis];
        enum pb_status status = make_axis(c, attributes, p->rank, axis, a, &p->ceil);
        if (status) return status;
    }
    return settle_ceil(c, attributes, p);
}

/* ---- The problem ----------------------------------------------------------------------------- */

static enum pb_status settle_direction(const struct onnx_case *c, struct pb_problem *p) {
    if (pb_has_indices(p) && p->dir == PB_FWD && c->wanted[PB_INDICES]) p->dir = PB_FWD_IDX;
    if (p->op != PB_CONV || p->dir != PB_BWD) return PB_OK;
    if (!c->wanted[PB_SRC])
        p->dir = PB_BWD_W;
    else if (c->wanted[PB_WEIGHTS] || c->wanted[PB_BIAS])
        return pb_fail(PB_UNSUPPORTED, "%s: the gradients of data and weights in one node",
                       c->graph.directory);
    return PB_OK;
}

enum pb_status onnx_problem(struct onnx_case *c, enum pb_layout layout, struct pb_problem *p) {
    static const struct pb_axis absent = {.i = 1, .o = 1, .k = 1, .s = 1};
    const struct pb_onnx_tensor *src = tensor_of(c, PB_SRC), *dst = tensor_of(c, PB_DST);
    const char *directory = c->graph.directory;
    struct attributes attributes;
    if (!src || !dst) return pb_fail(PB_INVALID, "%s: an input or output is missing", directory);
    if (src->rank < 3 || src->rank > 5 || dst->rank != src->rank)
        return pb_fail(PB_UNSUPPORTED, "%s: tensors with %d and %d axes", directory, src->rank,
                       dst->rank);
    if (src->dtype == PB_S64) return pb_fail(PB_UNSUPPORTED, "%s: data of int64", directory);
    *p = (struct pb_problem){
            .op = c->graph.meaning->op,
            .dir = c->graph.meaning->dir,
            .dtype = src->dtype,
            .layout = layout,
            .rank = src->rank - 2,
            .mb = src->dims[0],
            .g = 1,
            .ic = src->dims[1],
            .oc = dst->dims[1],
            .axis = {absent, absent, absent},
    };
    enum pb_status status = read_attributes(c, p->rank, &attributes);
    if (status) return status;
    if (p->op == PB_AVG_NP && attributes.count_include_pad) p->op = PB_AVG_P;
    if (p->op == PB_CONV) p->g = attributes.group;
    if (p->op == PB_LP) p->power = attributes.p;
    p->crd = attributes.mode == CRD;
    p->div = attributes.divisor_override > 0 ? attributes.divisor_override : 0;
    c->column_major = attributes.storage_order != 0;
    status = make_windows(c, &attributes, p);
    if (!status) status = settle_direction(c, p);
    const char *name = strrchr(directory, '/');
    name = name ? name + 1 : directory;
    if (strlen(name) < sizeof p->name) memcpy(p->name, name, strlen(name) + 1);
    return status;
}
