/* Problems in oneDNN's words, for its versions 2 and 3. */
#include "providers/onednn_desc.h"
#include <stdint.h>
#include <string.h>

/* ---- The problem in oneDNN's words ----------------------------------------------------------- */

static dnnl_alg_kind_t algorithm_of(enum pb_op op) {
    switch (op) {
    case PB_MAX:
    case PB_GMP:
        return dnnl_pooling_max;
    case PB_AVG_P:
        return dnnl_pooling_avg_include_padding;
    case PB_AVG_NP:
    case PB_GAP:
        return dnnl_pooling_avg_exclude_padding;
    case PB_CONV:
        return dnnl_convolution_direct;
    default:
        return dnnl_alg_kind_undef;
    }
}

/* By layout and rank; weights by whether they have groups. */
static dnnl_format_tag_t data_tag(enum pb_layout layout, int rank) {
    static const dnnl_format_tag_t tags[PB_LAYOUTS][3] = {
            [PB_NCHW] = {dnnl_ncw, dnnl_nchw, dnnl_ncdhw},
            [PB_NHWC] = {dnnl_nwc, dnnl_nhwc, dnnl_ndhwc},
            [PB_NCHW16C] = {dnnl_nCw16c, dnnl_nChw16c, dnnl_nCdhw16c},
    };
    return tags[layout][rank - 1];
}

static dnnl_format_tag_t weights_tag(enum pb_layout layout, int rank, int groups) {
    static const dnnl_format_tag_t first[2][3] = {{dnnl_oiw, dnnl_oihw, dnnl_oidhw},
                                                  {dnnl_goiw, dnnl_goihw, dnnl_goidhw}};
    static const dnnl_format_tag_t last[2][3] = {{dnnl_owi, dnnl_ohwi, dnnl_odhwi},
                                                 {dnnl_gowi, dnnl_gohwi, dnnl_godhwi}};
    return layout == PB_NHWC ? last[groups][rank - 1] : first[groups][rank - 1];
}

/* Whether windows reach past the padding that the problem declares, as ceil makes them. */
static bool overhangs(const struct pb_axis *a) {
    int64_t span = (a->k - 1) * (a->d + 1) + 1;
    return (a->o - 1) * a->s + span > a->i + a->p + a->pr;
}

bool onednn_can_say(const struct pb_problem *p) {
    if (p->dtype != PB_F32 || p->div || p->dir == PB_FWD_IDX) return false;
    if (p->mb > INT32_MAX || p->ic > INT32_MAX || p->oc > INT32_MAX) return false;
    for (int a = 0; a < 3; a++) {
        const struct pb_axis *axis = &p->axis[a];
        int64_t span = (axis->k - 1) * (axis->d + 1) + 1;
        if (axis->i + axis->p > INT32_MAX || axis->o > INT32_MAX || axis->s > INT32_MAX ||
            span > INT32_MAX || (p->op == PB_AVG_P && overhangs(axis)))
            return false;
    }
    return true;
}

static struct onednn_shape shape_of(const struct pb_problem *p) {
    struct onednn_shape s = {.rank = p->rank, .groups = p->g > 1, .algorithm = algorithm_of(p->op)};
    int g = s.groups;
    s.data = data_tag(p->layout, p->rank);
    s.plain = weights_tag(p->layout, p->rank, g);
    s.src[0] = s.dst[0] = p->mb;
    s.src[1] = p->ic;
    s.dst[1] = s.bias[0] = p->oc;
    s.weights[0] = p->g; /* overwritten without groups */
    s.weights[g] = p->oc / p->g;
    s.weights[g + 1] = p->ic / p->g;
    for (int i = 0; i < p->rank; i++) {
        const struct pb_axis *a = &p->axis[3 - p->rank + i];
        s.src[2 + i] = a->i;
        s.dst[2 + i] = a->o;
        s.weights[g + 2 + i] = s.kernel[i] = a->k;
        s.strides[i] = a->s;
        s.dilation[i] = a->d;
        s.before[i] = a->p;
        s.after[i] = (a->o - 1) * a->s + (a->k - 1) * (a->d + 1) + 1 - a->i - a->p;
    }
    return s;
}

/* ---- Descriptors: version 2 has values and operation descriptors, version 3 handles ---------- */

#if DNNL_VERSION_MAJOR < 3

onednn_md onednn_view(const dnnl_memory_desc_t *md) {
    return md;
}

static dnnl_status_t make_md(dnnl_memory_desc_t *md, int ndims, const dnnl_dims_t dims,
                             dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(md, ndims, dims, dnnl_f32, tag);
}

static void free_md(dnnl_memory_desc_t *md) {
    (void)md;
}

static dnnl_status_t pool_forward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                  dnnl_prop_kind_t prop) {
    dnnl_pooling_v2_desc_t desc;
    dnnl_status_t status = dnnl_pooling_v2_forward_desc_init(
            &desc, prop, d->shape.algorithm, &d->asked[PB_SRC], &d->asked[PB_DST], d->shape.strides,
            d->shape.kernel, d->shape.dilation, d->shape.before, d->shape.after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, d->engine, NULL);
}

static dnnl_status_t pool_backward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                   const_dnnl_primitive_desc_t hint) {
    dnnl_pooling_v2_desc_t desc;
    dnnl_status_t status = dnnl_pooling_v2_backward_desc_init(
            &desc, d->shape.algorithm, &d->asked[PB_SRC], &d->asked[PB_DST], d->shape.strides,
            d->shape.kernel, d->shape.dilation, d->shape.before, d->shape.after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, d->engine, hint);
}

static dnnl_status_t conv_forward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                  dnnl_prop_kind_t prop) {
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
            &desc, prop, d->shape.algorithm, &d->asked[PB_SRC], &d->asked[PB_WEIGHTS],
            d->bias ? &d->asked[PB_BIAS] : NULL, &d->asked[PB_DST], d->shape.strides,
            d->shape.dilation, d->shape.before, d->shape.after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, d->engine, NULL);
}

static dnnl_status_t conv_backward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                   const_dnnl_primitive_desc_t hint) {
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
            &desc, d->shape.algorithm, &d->asked[PB_SRC], &d->asked[PB_WEIGHTS], &d->asked[PB_DST],
            d->shape.strides, d->shape.dilation, d->shape.before, d->shape.after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, d->engine, hint);
}

static dnnl_status_t conv_weights(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                  const_dnnl_primitive_desc_t hint) {
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
            &desc, d->shape.algorithm, &d->asked[PB_SRC], &d->asked[PB_WEIGHTS], &d->asked[PB_BIAS],
            &d->asked[PB_DST], d->shape.strides, d->shape.dilation, d->shape.before,
            d->shape.after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, d->engine, hint);
}

#else

onednn_md onednn_view(const dnnl_memory_desc_t *md) {
    return *md;
}

static dnnl_status_t make_md(dnnl_memory_desc_t *md, int ndims, const dnnl_dims_t dims,
                             dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(md, ndims, dims, dnnl_f32, tag);
}

static void free_md(dnnl_memory_desc_t *md) {
    if (*md) dnnl_memory_desc_destroy(*md);
}

static dnnl_status_t pool_forward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                  dnnl_prop_kind_t prop) {
    return dnnl_pooling_forward_primitive_desc_create(
            pd, d->engine, prop, d->shape.algorithm, d->asked[PB_SRC], d->asked[PB_DST],
            d->shape.strides, d->shape.kernel, d->shape.dilation, d->shape.before, d->shape.after,
            NULL);
}

static dnnl_status_t pool_backward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                   const_dnnl_primitive_desc_t hint) {
    return dnnl_pooling_backward_primitive_desc_create(
            pd, d->engine, d->shape.algorithm, d->asked[PB_SRC], d->asked[PB_DST], d->shape.strides,
            d->shape.kernel, d->shape.dilation, d->shape.before, d->shape.after, hint, NULL);
}

static dnnl_status_t conv_forward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                  dnnl_prop_kind_t prop) {
    return dnnl_convolution_forward_primitive_desc_create(
            pd, d->engine, prop, d->shape.algorithm, d->asked[PB_SRC], d->asked[PB_WEIGHTS],
            d->bias ? d->asked[PB_BIAS] : NULL, d->asked[PB_DST], d->shape.strides,
            d->shape.dilation, d->shape.before, d->shape.after, NULL);
}

static dnnl_status_t conv_backward(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                   const_dnnl_primitive_desc_t hint) {
    return dnnl_convolution_backward_data_primitive_desc_create(
            pd, d->engine, d->shape.algorithm, d->asked[PB_SRC], d->asked[PB_WEIGHTS],
            d->asked[PB_DST], d->shape.strides, d->shape.dilation, d->shape.before, d->shape.after,
            hint, NULL);
}

static dnnl_status_t conv_weights(dnnl_primitive_desc_t *pd, const struct onednn_descs *d,
                                  const_dnnl_primitive_desc_t hint) {
    return dnnl_convolution_backward_weights_primitive_desc_create(
            pd, d->engine, d->shape.algorithm, d->asked[PB_SRC], d->asked[PB_WEIGHTS],
            d->asked[PB_BIAS], d->asked[PB_DST], d->shape.strides, d->shape.dilation,
            d->shape.before, d->shape.after, hint, NULL);
}

#endif

void onednn_free_descs(struct onednn_descs *d) {
    for (int role = 0; role < (d->weights ? ONEDNN_DESCS : PB_WEIGHTS); role++) {
        free_md(&d->user[role]);
        free_md(&d->asked[role]);
    }
}

dnnl_status_t onednn_make_descs(dnnl_engine_t engine, const struct pb_problem *p, bool bias,
                                bool any, struct onednn_descs *d) {
    memset(d, 0, sizeof *d);
    d->engine = engine;
    d->shape = shape_of(p);
    const struct onednn_shape *s = &d->shape;
    const struct {
        const int64_t *dims;
        int ndims;
        dnnl_format_tag_t user, asked;
    } made[ONEDNN_DESCS] = {
            [PB_SRC] = {s->src, 2 + s->rank, s->data, any ? dnnl_format_tag_any : s->data},
            [PB_DST] = {s->dst, 2 + s->rank, s->data, any ? dnnl_format_tag_any : s->data},
            [PB_WEIGHTS] = {s->weights, 2 + s->rank + s->groups, s->plain, dnnl_format_tag_any},
            [PB_BIAS] = {s->bias, 1, dnnl_a, dnnl_a},
    };
    dnnl_status_t status = dnnl_success;
    d->weights = p->op == PB_CONV;
    d->bias = d->weights && bias;
    for (int role = 0; !status && role < (d->weights ? ONEDNN_DESCS : PB_WEIGHTS); role++) {
        status = make_md(&d->user[role], made[role].ndims, made[role].dims, made[role].user);
        if (!status)
            status = make_md(&d->asked[role], made[role].ndims, made[role].dims, made[role].asked);
    }
    return status;
}

/* Backward ones need the forward one as a hint. */
dnnl_status_t onednn_make_pd(const struct pb_problem *p, const struct onednn_descs *d,
                             dnnl_primitive_desc_t *pd) {
    bool conv = p->op == PB_CONV, forward = p->dir == PB_FWD;
    dnnl_prop_kind_t prop = forward ? dnnl_forward_inference : dnnl_forward_training;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_status_t status = conv ? conv_forward(&hint, d, prop) : pool_forward(&hint, d, prop);
    if (status || forward) {
        *pd = hint;
        return status;
    }
    status = !conv                ? pool_backward(pd, d, hint)
             : p->dir == PB_BWD_W ? conv_weights(pd, d, hint)
                                  : conv_backward(pd, d, hint);
    dnnl_primitive_desc_destroy(hint);
    return status;
}
