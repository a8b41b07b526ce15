/* onednn_desc.h: problems in oneDNN's words. What differs between its versions 2 and 3 is in here
 * alone: 2 has memory descriptors that are values and operation descriptors, 3 has handles. */
#ifndef ONEDNN_DESC_H
#define ONEDNN_DESC_H

#include "provider_abi.h"
#include <oneapi/dnnl/dnnl.h>

#if DNNL_VERSION_MAJOR < 3
typedef const dnnl_memory_desc_t *onednn_md;
#else
typedef const_dnnl_memory_desc_t onednn_md;
#endif
/* A memory descriptor as functions take it. */
onednn_md onednn_view(const dnnl_memory_desc_t *md);

/* Spatial arrays hold the axes that are there, d h w; dims hold the tensor's axes before them. */
struct onednn_shape {
    int rank, groups; /* groups: 1 where weights have that axis */
    dnnl_alg_kind_t algorithm;
    dnnl_dims_t src, dst, weights, bias;
    dnnl_dims_t kernel, strides, dilation, before, after;
    dnnl_format_tag_t data, plain; /* of src and dst; of weights as the problem has them */
};

/* By role: as the problem has it, and as oneDNN is asked for it. `bias` says whether there is one.
 */
enum { ONEDNN_DESCS = PB_BIAS + 1 };
struct onednn_descs {
    dnnl_engine_t engine;
    struct onednn_shape shape;
    dnnl_memory_desc_t user[ONEDNN_DESCS], asked[ONEDNN_DESCS];
    bool weights, bias;
};

/* Whether the C API has words for the problem and its 32-bit arithmetic of shapes has room. */
bool onednn_can_say(const struct pb_problem *problem);
/* `any` leaves the layout of data to oneDNN, as that of weights always is. Free the descriptors
 * also after a failure. */
dnnl_status_t onednn_make_descs(dnnl_engine_t engine, const struct pb_problem *problem, bool bias,
                                bool any, struct onednn_descs *descs);
void onednn_free_descs(struct onednn_descs *descs);
/* The primitive descriptor, for the caller to destroy. */
dnnl_status_t onednn_make_pd(const struct pb_problem *problem, const struct onednn_descs *descs,
                             dnnl_primitive_desc_t *pd);

#endif
