/* XNNPACK's operators since 2023: one is made, reshaped for the shape of its input, and set up for
 * buffers. Debian 13 has such a release, of November 2024. There a global average is a reduction,
 * and some operators need memory of the caller's. */
#include "providers/xnnpack_ops.h"
#include <math.h>
#include <stdlib.h>

bool xnnpack_max_strides(const struct pb_problem *p) {
    return p->h.s <= p->h.k && p->w.s <= p->w.k;
}

bool xnnpack_loses_nan(const struct pb_problem *p) {
    return p->op == PB_AVG_P || p->op == PB_AVG_NP;
}

static enum xnn_status create_max(const struct pb_problem *p, xnn_operator_t *op) {
    const struct pb_axis *h = &p->h, *w = &p->w;
    return xnn_create_max_pooling2d_nhwc_f32((uint32_t)h->p, xnnpack_behind(w), xnnpack_behind(h),
                                             (uint32_t)w->p, (uint32_t)h->k, (uint32_t)w->k,
                                             (uint32_t)h->s, (uint32_t)w->s, xnnpack_dilation(h),
                                             xnnpack_dilation(w), -INFINITY, INFINITY, 0, op);
}

static enum xnn_status create_average(const struct pb_problem *p, xnn_operator_t *op) {
    const struct pb_axis *h = &p->h, *w = &p->w;
    return xnn_create_average_pooling2d_nhwc_f32(
            (uint32_t)h->p, xnnpack_behind(w), xnnpack_behind(h), (uint32_t)w->p, (uint32_t)h->k,
            (uint32_t)w->k, (uint32_t)h->s, (uint32_t)w->s, -INFINITY, INFINITY, 0, op);
}

static enum xnn_status create_conv(const struct pb_problem *p, const struct pb_args *args,
                                   xnn_operator_t *op) {
    const struct pb_axis *h = &p->h, *w = &p->w;
    return xnn_create_convolution2d_nhwc_f32(
            (uint32_t)h->p, xnnpack_behind(w), xnnpack_behind(h), (uint32_t)w->p, (uint32_t)h->k,
            (uint32_t)w->k, (uint32_t)h->s, (uint32_t)w->s, xnnpack_dilation(h),
            xnnpack_dilation(w), (uint32_t)p->g, (size_t)(p->ic / p->g), (size_t)(p->oc / p->g),
            (size_t)p->ic, (size_t)p->oc, args->weights.data, args->bias.data, -INFINITY, INFINITY,
            0, NULL, NULL, op);
}

static enum xnn_status create(const struct pb_problem *p, const struct pb_args *weights,
                              xnn_operator_t *op) {
    switch (p->op) {
    case PB_CONV:
        return create_conv(p, weights, op);
    case PB_GAP:
        return xnn_create_reduce_nd(xnn_reduce_mean, xnn_datatype_fp32, NULL, NULL, 0, op);
    case PB_AVG_P:
    case PB_AVG_NP:
        return create_average(p, op);
    default:
        return create_max(p, op);
    }
}

/* Tells the operator the shape of its input, and learns what memory its runs need. */
static enum xnn_status reshape(const struct pb_problem *p, xnn_operator_t op, pthreadpool_t pool,
                               size_t *bytes, size_t *alignment) {
    const size_t mb = (size_t)p->mb, h = (size_t)p->h.i, w = (size_t)p->w.i, c = (size_t)p->ic;
    const size_t shape[] = {mb, (size_t)p->d.i * h * w, c};
    const int64_t positions = 1; /* the axis of shape that goes */
    switch (p->op) {
    case PB_CONV:
        return xnn_reshape_convolution2d_nhwc_f32(op, mb, h, w, bytes, alignment, NULL, NULL, pool);
    case PB_GAP: /* memory of ours would be for sums of another type than f32: it asks for some, but
                  * crashes with it */
        return xnn_reshape_reduce_nd(op, 1, &positions, 3, shape, NULL, NULL, pool);
    case PB_AVG_P:
    case PB_AVG_NP:
        return xnn_reshape_average_pooling2d_nhwc_f32(op, mb, h, w, c, c, c, bytes, alignment, NULL,
                                                      NULL, pool);
    default:
        return xnn_reshape_max_pooling2d_nhwc_f32(op, mb, h, w, c, c, c, NULL, NULL, pool);
    }
}

enum xnn_status xnnpack_create(const struct pb_problem *p, const struct pb_args *weights,
                               pthreadpool_t pool, struct xnnpack_operator *made) {
    size_t bytes = 0, alignment = 0;
    *made = (struct xnnpack_operator){0};
    enum xnn_status status = create(p, weights, &made->op);
    if (!status) status = reshape(p, made->op, pool, &bytes, &alignment);
    if (status || !bytes) return status;
    if (alignment < sizeof(void *)) alignment = sizeof(void *);
    made->workspace = aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    return made->workspace ? xnn_status_success : xnn_status_out_of_memory;
}

enum xnn_status xnnpack_point(const struct pb_problem *p, const struct xnnpack_operator *made,
                              const float *src, float *dst, pthreadpool_t pool) {
    (void)pool;
    switch (p->op) {
    case PB_CONV:
        return xnn_setup_convolution2d_nhwc_f32(made->op, made->workspace, src, dst);
    case PB_GAP:
        return xnn_setup_reduce_nd(made->op, made->workspace, src, dst);
    case PB_AVG_P:
    case PB_AVG_NP:
        return xnn_setup_average_pooling2d_nhwc_f32(made->op, made->workspace, src, dst);
    default:
        return xnn_setup_max_pooling2d_nhwc_f32(made->op, src, dst);
    }
}
