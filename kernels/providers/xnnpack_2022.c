/* XNNPACK's operators until 2023: an operator is made for a number of channels, its setup takes the
 * shape and the buffers. Debian 12 has such a release, of February 2022. */
#include "providers/xnnpack_ops.h"
#include <math.h>

bool xnnpack_max_strides(const struct pb_problem *p) {
    (void)p;
    return true;
}

bool xnnpack_loses_nan(const struct pb_problem *p) {
    (void)p;
    return true;
}

static enum xnn_status create_max(const struct pb_problem *p, xnn_operator_t *op) {
    const struct pb_axis *h = &p->h, *w = &p->w;
    const size_t channels = (size_t)p->ic;
    return xnn_create_max_pooling2d_nhwc_f32(
            (uint32_t)h->p, xnnpack_behind(w), xnnpack_behind(h), (uint32_t)w->p, (uint32_t)h->k,
            (uint32_t)w->k, (uint32_t)h->s, (uint32_t)w->s, xnnpack_dilation(h),
            xnnpack_dilation(w), channels, channels, channels, -INFINITY, INFINITY, 0, op);
}

static enum xnn_status create_average(const struct pb_problem *p, xnn_operator_t *op) {
    const struct pb_axis *h = &p->h, *w = &p->w;
    const size_t channels = (size_t)p->ic;
    return xnn_create_average_pooling2d_nhwc_f32(
            (uint32_t)h->p, xnnpack_behind(w), xnnpack_behind(h), (uint32_t)w->p, (uint32_t)h->k,
            (uint32_t)w->k, (uint32_t)h->s, (uint32_t)w->s, channels, channels, channels, -INFINITY,
            INFINITY, 0, op);
}

static enum xnn_status create_gap(const struct pb_problem *p, xnn_operator_t *op) {
    const size_t channels = (size_t)p->ic;
    return xnn_create_global_average_pooling_nwc_f32(channels, channels, channels, -INFINITY,
                                                     INFINITY, 0, op);
}

static enum xnn_status create_conv(const struct pb_problem *p, const struct pb_args *args,
                                   xnn_operator_t *op) {
    const struct pb_axis *h = &p->h, *w = &p->w;
    return xnn_create_convolution2d_nhwc_f32(
            (uint32_t)h->p, xnnpack_behind(w), xnnpack_behind(h), (uint32_t)w->p, (uint32_t)h->k,
            (uint32_t)w->k, (uint32_t)h->s, (uint32_t)w->s, xnnpack_dilation(h),
            xnnpack_dilation(w), (uint32_t)p->g, (size_t)(p->ic / p->g), (size_t)(p->oc / p->g),
            (size_t)p->ic, (size_t)p->oc, args->weights.data, args->bias.data, -INFINITY, INFINITY,
            0, op);
}

enum xnn_status xnnpack_create(const struct pb_problem *p, const struct pb_args *weights,
                               pthreadpool_t pool, struct xnnpack_operator *made) {
    (void)pool;
    *made = (struct xnnpack_operator){0};
    switch (p->op) {
    case PB_CONV:
        return create_conv(p, weights, &made->op);
    case PB_GAP:
        return create_gap(p, &made->op);
    case PB_AVG_P:
    case PB_AVG_NP:
        return create_average(p, &made->op);
    default:
        return create_max(p, &made->op);
    }
}

enum xnn_status xnnpack_point(const struct pb_problem *p, const struct xnnpack_operator *made,
                              const float *src, float *dst, pthreadpool_t pool) {
    const size_t mb = (size_t)p->mb, h = (size_t)p->h.i, w = (size_t)p->w.i;
    switch (p->op) {
    case PB_CONV:
        return xnn_setup_convolution2d_nhwc_f32(made->op, mb, h, w, src, dst, pool);
    case PB_GAP:
        return xnn_setup_global_average_pooling_nwc_f32(made->op, mb, (size_t)p->d.i * h * w, src,
                                                        dst, pool);
    case PB_AVG_P:
    case PB_AVG_NP:
        return xnn_setup_average_pooling2d_nhwc_f32(made->op, mb, h, w, src, dst, pool);
    default:
        return xnn_setup_max_pooling2d_nhwc_f32(made->op, mb, h, w, src, dst, pool);
    }
}
