/* Tensors: shapes, strides and roles. */
#include "core/op_traits.h"

static const char *const role_names[] = {"src", "dst", "weights", "bias", "indices", "input"};

const char *pb_role_name(enum pb_role role) {
    return role_names[role];
}

bool pb_role_written(const struct pb_problem *p, enum pb_role role) {
    return pb_traits_of(p)->tensors->writes[p->dir] & 1u << role;
}

bool pb_role_read(const struct pb_problem *p, enum pb_role role) {
    return pb_traits_of(p)->tensors->reads[p->dir] & 1u << role;
}

bool pb_role_used(const struct pb_problem *p, enum pb_role role) {
    return pb_role_read(p, role) || pb_role_written(p, role);
}

/* Dense strides over the axes in `order`, outermost first. */
static void dense(struct pb_tensor *t, const int order[5]) {
    int64_t step = 1;
    for (int i = 4; i >= 0; i--) {
        t->strides[order[i]] = step;
        step *= t->dims[order[i]];
    }
}

struct pb_tensor pb_tensor_of(const struct pb_problem *p, enum pb_role role, void *data) {
    struct pb_tensor t = {.data = data, .dtype = p->dtype, .layout = p->layout};
    t.dims[0] = p->mb;
    bool in = role == PB_SRC || role == PB_INPUT;
    for (int a = 0; a < 3; a++) t.dims[2 + a] = in ? p->axis[a].i : p->axis[a].o;
    t.dims[1] = in ? p->ic : p->oc;
    if (role == PB_INDICES) t.dtype = PB_S64;
    if (role == PB_WEIGHTS || role == PB_BIAS) {
        t.dims[0] = p->oc;
        t.dims[1] = role == PB_BIAS ? 1 : p->ic / p->g;
        for (int a = 0; a < 3; a++) t.dims[2 + a] = role == PB_BIAS ? 1 : p->axis[a].k;
        if (t.layout == PB_NCHW16C) t.layout = PB_NCHW;
    }
    if (t.layout == PB_NHWC) {
        dense(&t, (const int[]){0, 2, 3, 4, 1});
    } else if (t.layout == PB_NCHW) {
        dense(&t, (const int[]){0, 1, 2, 3, 4});
    } else {
        t.strides[4] = 16;
        t.strides[3] = t.strides[4] * t.dims[4];
        t.strides[2] = t.strides[3] * t.dims[3];
        t.strides[1] = t.strides[2] * t.dims[2];
        t.strides[0] = t.strides[1] * ((t.dims[1] + 15) / 16);
    }
    return t;
}

int64_t pb_tensor_count(const struct pb_tensor *t) {
    return t->dims[0] * t->dims[1] * t->dims[2] * t->dims[3] * t->dims[4];
}

size_t pb_tensor_bytes(const struct pb_tensor *t) {
    int64_t channels = t->layout == PB_NCHW16C ? (t->dims[1] + 15) / 16 * 16 : t->dims[1];
    return (size_t)(t->dims[0] * channels * t->dims[2] * t->dims[3] * t->dims[4]) *
           pb_dtype_size(t->dtype);
}
