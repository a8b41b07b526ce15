/* oneDNN 2 and 3 as a plug-in, through its C API and as its guide advises: descriptors, primitives
 * and packed weights are made in setup, run sets pointers and executes.
 *
 * Weights are offered in whatever format oneDNN likes (format any) and reordered: in setup where
 * they are constant, in each run where they are not. Data keeps the problem's layout; nChw16c is
 * the one that oneDNN prefers with AVX-512. Where it prefers another for a convolution, the kernels
 * called any reorder data too, in each run. It has no indices to give (its workspace is its own),
 * so there is no fwd_idx; for a max gradient the workspace is made from the indices, in setup where
 * they are constant. It has no divisor override, and no average with padding whose divisor leaves
 * out what ceil adds: those are refused. */
#include "poolbench.h"
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pb_host *host;
static dnnl_engine_t engine;

/* OK, or a sentence that says what of oneDNN failed. */
static enum pb_status check(dnnl_status_t status, const char *what) {
    if (status == dnnl_success) return PB_OK;
    return host->fail(status == dnnl_out_of_memory ? PB_NOMEM : PB_PROVIDER, "oneDNN: %s: %s", what,
                      dnnl_status2str(status));
}

/* ---- The problem in oneDNN's words ----------------------------------------------------------- */

/* Spatial arrays hold the axes that are there, d h w; dims hold the tensor's axes before them. */
struct shape {
    int rank, groups; /* groups: 1 where weights have that axis */
    dnnl_alg_kind_t algorithm;
    dnnl_dims_t src, dst, weights, bias;
    dnnl_dims_t kernel, strides, dilation, before, after;
    dnnl_format_tag_t data, plain; /* of src and dst; of weights as the problem has them */
};

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

/* What the C API cannot say, and what does not fit its 32-bit arithmetic of shapes. */
static bool can_say(const struct pb_problem *p) {
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

static struct shape shape_of(const struct pb_problem *p) {
    struct shape s = {.rank = p->rank, .groups = p->g > 1, .algorithm = algorithm_of(p->op)};
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

/* By role: as the problem has it, and as oneDNN is asked for it. `bias` says whether there is one.
 */
enum { DESCS = PB_BIAS + 1 };
struct descs {
    dnnl_memory_desc_t user[DESCS], asked[DESCS];
    bool weights, bias;
};

#if DNNL_VERSION_MAJOR < 3

typedef const dnnl_memory_desc_t *md_view;

static md_view view(const dnnl_memory_desc_t *md) {
    return md;
}

static dnnl_status_t make_md(dnnl_memory_desc_t *md, int ndims, const dnnl_dims_t dims,
                             dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(md, ndims, dims, dnnl_f32, tag);
}

static void free_md(dnnl_memory_desc_t *md) {
    (void)md;
}

static dnnl_status_t pool_forward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                  const struct descs *d, dnnl_prop_kind_t prop) {
    dnnl_pooling_v2_desc_t desc;
    dnnl_status_t status = dnnl_pooling_v2_forward_desc_init(
            &desc, prop, s->algorithm, &d->asked[PB_SRC], &d->asked[PB_DST], s->strides, s->kernel,
            s->dilation, s->before, s->after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, engine, NULL);
}

static dnnl_status_t pool_backward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                   const struct descs *d, const_dnnl_primitive_desc_t hint) {
    dnnl_pooling_v2_desc_t desc;
    dnnl_status_t status = dnnl_pooling_v2_backward_desc_init(
            &desc, s->algorithm, &d->asked[PB_SRC], &d->asked[PB_DST], s->strides, s->kernel,
            s->dilation, s->before, s->after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, engine, hint);
}

static dnnl_status_t conv_forward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                  const struct descs *d, dnnl_prop_kind_t prop) {
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
            &desc, prop, s->algorithm, &d->asked[PB_SRC], &d->asked[PB_WEIGHTS],
            d->bias ? &d->asked[PB_BIAS] : NULL, &d->asked[PB_DST], s->strides, s->dilation,
            s->before, s->after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, engine, NULL);
}

static dnnl_status_t conv_backward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                   const struct descs *d, const_dnnl_primitive_desc_t hint) {
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
            &desc, s->algorithm, &d->asked[PB_SRC], &d->asked[PB_WEIGHTS], &d->asked[PB_DST],
            s->strides, s->dilation, s->before, s->after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, engine, hint);
}

static dnnl_status_t conv_weights(dnnl_primitive_desc_t *pd, const struct shape *s,
                                  const struct descs *d, const_dnnl_primitive_desc_t hint) {
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
            &desc, s->algorithm, &d->asked[PB_SRC], &d->asked[PB_WEIGHTS], &d->asked[PB_BIAS],
            &d->asked[PB_DST], s->strides, s->dilation, s->before, s->after);
    return status ? status : dnnl_primitive_desc_create(pd, &desc, NULL, engine, hint);
}

#else

typedef const_dnnl_memory_desc_t md_view;

static md_view view(const dnnl_memory_desc_t *md) {
    return *md;
}

static dnnl_status_t make_md(dnnl_memory_desc_t *md, int ndims, const dnnl_dims_t dims,
                             dnnl_format_tag_t tag) {
    return dnnl_memory_desc_create_with_tag(md, ndims, dims, dnnl_f32, tag);
}

static void free_md(dnnl_memory_desc_t *md) {
    if (*md) dnnl_memory_desc_destroy(*md);
}

static dnnl_status_t pool_forward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                  const struct descs *d, dnnl_prop_kind_t prop) {
    return dnnl_pooling_forward_primitive_desc_create(
            pd, engine, prop, s->algorithm, d->asked[PB_SRC], d->asked[PB_DST], s->strides,
            s->kernel, s->dilation, s->before, s->after, NULL);
}

static dnnl_status_t pool_backward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                   const struct descs *d, const_dnnl_primitive_desc_t hint) {
    return dnnl_pooling_backward_primitive_desc_create(
            pd, engine, s->algorithm, d->asked[PB_SRC], d->asked[PB_DST], s->strides, s->kernel,
            s->dilation, s->before, s->after, hint, NULL);
}

static dnnl_status_t conv_forward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                  const struct descs *d, dnnl_prop_kind_t prop) {
    return dnnl_convolution_forward_primitive_desc_create(
            pd, engine, prop, s->algorithm, d->asked[PB_SRC], d->asked[PB_WEIGHTS],
            d->bias ? d->asked[PB_BIAS] : NULL, d->asked[PB_DST], s->strides, s->dilation,
            s->before, s->after, NULL);
}

static dnnl_status_t conv_backward(dnnl_primitive_desc_t *pd, const struct shape *s,
                                   const struct descs *d, const_dnnl_primitive_desc_t hint) {
    return dnnl_convolution_backward_data_primitive_desc_create(
            pd, engine, s->algorithm, d->asked[PB_SRC], d->asked[PB_WEIGHTS], d->asked[PB_DST],
            s->strides, s->dilation, s->before, s->after, hint, NULL);
}

static dnnl_status_t conv_weights(dnnl_primitive_desc_t *pd, const struct shape *s,
                                  const struct descs *d, const_dnnl_primitive_desc_t hint) {
    return dnnl_convolution_backward_weights_primitive_desc_create(
            pd, engine, s->algorithm, d->asked[PB_SRC], d->asked[PB_WEIGHTS], d->asked[PB_BIAS],
            d->asked[PB_DST], s->strides, s->dilation, s->before, s->after, hint, NULL);
}

#endif

static void free_descs(struct descs *d) {
    for (int role = 0; role < (d->weights ? DESCS : PB_WEIGHTS); role++) {
        free_md(&d->user[role]);
        free_md(&d->asked[role]);
    }
}

/* `any` leaves the layout of data to oneDNN, too. */
static dnnl_status_t make_descs(const struct pb_problem *p, const struct shape *s, bool bias,
                                bool any, struct descs *d) {
    const struct {
        const int64_t *dims;
        int ndims;
        dnnl_format_tag_t user, asked;
    } made[DESCS] = {
            [PB_SRC] = {s->src, 2 + s->rank, s->data, any ? dnnl_format_tag_any : s->data},
            [PB_DST] = {s->dst, 2 + s->rank, s->data, any ? dnnl_format_tag_any : s->data},
            [PB_WEIGHTS] = {s->weights, 2 + s->rank + s->groups, s->plain, dnnl_format_tag_any},
            [PB_BIAS] = {s->bias, 1, dnnl_a, dnnl_a},
    };
    dnnl_status_t status = dnnl_success;
    memset(d, 0, sizeof *d);
    d->weights = p->op == PB_CONV;
    d->bias = d->weights && bias;
    for (int role = 0; !status && role < (d->weights ? DESCS : PB_WEIGHTS); role++) {
        status = make_md(&d->user[role], made[role].ndims, made[role].dims, made[role].user);
        if (!status)
            status = make_md(&d->asked[role], made[role].ndims, made[role].dims, made[role].asked);
    }
    return status;
}

/* The primitive descriptor of a problem; backward ones need the forward one as a hint. */
static dnnl_status_t make_pd(const struct pb_problem *p, const struct shape *s,
                             const struct descs *d, dnnl_primitive_desc_t *pd) {
    bool conv = p->op == PB_CONV, forward = p->dir == PB_FWD;
    dnnl_prop_kind_t prop = forward ? dnnl_forward_inference : dnnl_forward_training;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_status_t status = conv ? conv_forward(&hint, s, d, prop) : pool_forward(&hint, s, d, prop);
    if (status || forward) {
        *pd = hint;
        return status;
    }
    status = !conv                ? pool_backward(pd, s, d, hint)
             : p->dir == PB_BWD_W ? conv_weights(pd, s, d, hint)
                                  : conv_backward(pd, s, d, hint);
    dnnl_primitive_desc_destroy(hint);
    return status;
}

/* Made when it is first needed: an ISA that the user lowered must be known before. */
static enum pb_status make_engine(void) {
    if (engine) return PB_OK;
    unsigned isa = host->isa();
    if (!(isa & PB_ISA_AVX512))
        (void)dnnl_set_max_cpu_isa(isa & PB_ISA_AVX2 ? dnnl_cpu_isa_avx2 : dnnl_cpu_isa_sse41);
    return check(dnnl_engine_create(&engine, dnnl_cpu, 0), "an engine");
}

/* Only asking for the descriptor shows whether oneDNN takes a problem. */
static bool accepts(const struct pb_problem *p) {
    if (!can_say(p) || make_engine()) return false;
    struct shape s = shape_of(p);
    struct descs d;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_status_t status = make_descs(p, &s, true, false, &d);
    if (!status) status = make_pd(p, &s, &d, &pd);
    if (!status) dnnl_primitive_desc_destroy(pd);
    free_descs(&d);
    return status == dnnl_success;
}

/* Whether oneDNN prefers another layout of data. */
static bool prefers_another(const struct pb_problem *p) {
    if (!can_say(p) || make_engine()) return false;
    struct shape s = shape_of(p);
    struct descs d;
    dnnl_primitive_desc_t pd = NULL;
    bool another = false;
    dnnl_status_t status = make_descs(p, &s, true, true, &d);
    if (!status) status = make_pd(p, &s, &d, &pd);
    if (!status) {
        bool src_gradient = p->dir == PB_BWD, dst_gradient = p->dir != PB_FWD;
        md_view src = dnnl_primitive_desc_query_md(
                pd, src_gradient ? dnnl_query_diff_src_md : dnnl_query_src_md, 0);
        md_view dst = dnnl_primitive_desc_query_md(
                pd, dst_gradient ? dnnl_query_diff_dst_md : dnnl_query_dst_md, 0);
        another = !dnnl_memory_desc_equal(src, view(&d.user[PB_SRC])) ||
                  !dnnl_memory_desc_equal(dst, view(&d.user[PB_DST]));
        dnnl_primitive_desc_destroy(pd);
    }
    free_descs(&d);
    return another;
}

/* ---- Plans ----------------------------------------------------------------------------------- */

enum { SLOTS = 4 };

/* A tensor of the problem as an argument of the primitive: its own data, or where oneDNN wants
 * another format memory of the plan and a reorder between them. */
struct slot {
    enum pb_role role;
    int argument;
    dnnl_query_t query;
    bool written;
    dnnl_memory_t memory;     /* what the primitive gets */
    dnnl_memory_t user;       /* what the run gives, where there is a reorder */
    dnnl_primitive_t reorder; /* from user to memory, or back where it is written */
};

struct plan {
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t primitive;
    dnnl_stream_t stream;
    struct slot slot[SLOTS];
    int slots;
    bool constant; /* weights were packed, or the workspace made, in setup */
    float *spare;  /* the bias where the run has none: zeros, or a place to write to */
    bool wide;     /* the workspace holds int32, not uint8 */
    char implementation[128];
};

static const struct slot forward_slots[] = {
        {.role = PB_SRC, .argument = DNNL_ARG_SRC, .query = dnnl_query_src_md},
        {.role = PB_DST, .argument = DNNL_ARG_DST, .query = dnnl_query_dst_md, .written = true},
        {.role = PB_WEIGHTS, .argument = DNNL_ARG_WEIGHTS, .query = dnnl_query_weights_md},
        {.role = PB_BIAS, .argument = DNNL_ARG_BIAS, .query = dnnl_query_weights_md},
};
static const struct slot backward_slots[] = {
        {.role = PB_SRC,
         .argument = DNNL_ARG_DIFF_SRC,
         .query = dnnl_query_diff_src_md,
         .written = true},
        {.role = PB_DST, .argument = DNNL_ARG_DIFF_DST, .query = dnnl_query_diff_dst_md},
        {.role = PB_WEIGHTS, .argument = DNNL_ARG_WEIGHTS, .query = dnnl_query_weights_md},
        {.role = PB_INDICES, .argument = DNNL_ARG_WORKSPACE, .query = dnnl_query_workspace_md},
};
static const struct slot weights_slots[] = {
        {.role = PB_SRC, .argument = DNNL_ARG_SRC, .query = dnnl_query_src_md},
        {.role = PB_DST, .argument = DNNL_ARG_DIFF_DST, .query = dnnl_query_diff_dst_md},
        {.role = PB_WEIGHTS,
         .argument = DNNL_ARG_DIFF_WEIGHTS,
         .query = dnnl_query_diff_weights_md,
         .written = true},
        {.role = PB_BIAS,
         .argument = DNNL_ARG_DIFF_BIAS,
         .query = dnnl_query_diff_weights_md,
         .written = true},
};

static bool takes(const struct pb_problem *p, const struct descs *d, enum pb_role role) {
    switch (role) {
    case PB_WEIGHTS:
        return p->op == PB_CONV;
    case PB_BIAS:
        return d->bias && p->dir != PB_BWD;
    case PB_INDICES:
        return p->dir == PB_BWD && pb_is_max(p);
    default:
        return true;
    }
}

static struct slot *slot_of(struct plan *plan, enum pb_role role) {
    for (int i = 0; i < plan->slots; i++)
        if (plan->slot[i].role == role) return &plan->slot[i];
    return NULL;
}

static md_view slot_md(const struct plan *plan, const struct slot *slot) {
    return dnnl_primitive_desc_query_md(plan->pd, slot->query, slot->role == PB_BIAS);
}

/* Memory in oneDNN's own format, with the reorder between it and the problem's. */
static enum pb_status make_reorder(struct slot *slot, md_view own, md_view user) {
    dnnl_primitive_desc_t pd;
    enum pb_status status =
            check(dnnl_reorder_primitive_desc_create(&pd, slot->written ? own : user, engine,
                                                     slot->written ? user : own, engine, NULL),
                  "a reorder");
    if (status) return status;
    status = check(dnnl_primitive_create(&slot->reorder, pd), "a reorder");
    dnnl_primitive_desc_destroy(pd);
    if (!status)
        status = check(dnnl_memory_create(&slot->user, user, engine, DNNL_MEMORY_NONE), "memory");
    return status;
}

static enum pb_status make_slots(const struct pb_problem *p, const struct descs *d,
                                 struct plan *plan) {
    const struct slot *from = p->dir == PB_FWD   ? forward_slots
                              : p->dir == PB_BWD ? backward_slots
                                                 : weights_slots;
    for (int i = 0; i < SLOTS; i++) {
        if (!takes(p, d, from[i].role)) continue;
        struct slot *slot = &plan->slot[plan->slots++];
        *slot = from[i];
        md_view md = slot_md(plan, slot);
        bool own = slot->role == PB_INDICES;
        enum pb_status status = PB_OK;
        if (!own && !dnnl_memory_desc_equal(md, view(&d->user[slot->role]))) {
            own = true;
            status = make_reorder(slot, md, view(&d->user[slot->role]));
        }
        if (!status)
            status = check(dnnl_memory_create(&slot->memory, md, engine,
                                              own ? DNNL_MEMORY_ALLOCATE : DNNL_MEMORY_NONE),
                           "memory");
        if (status) return status;
    }
    return PB_OK;
}

/* oneDNN's own work at a new pointer (it clears the padding of blocked layouts) is left out where
 * the pointer is the old one, as a user who keeps memory objects would. */
static enum pb_status point(struct slot *slot, void *data) {
    dnnl_memory_t memory = slot->reorder ? slot->user : slot->memory;
    void *old = NULL;
    enum pb_status status = check(dnnl_memory_get_data_handle(memory, &old), "memory");
    if (status || old == data) return status;
    return check(dnnl_memory_set_data_handle(memory, data), "memory");
}

static enum pb_status reorder(const struct plan *plan, const struct slot *slot) {
    const dnnl_exec_arg_t args[] = {
            {DNNL_ARG_FROM, slot->written ? slot->memory : slot->user},
            {DNNL_ARG_TO, slot->written ? slot->user : slot->memory},
    };
    return check(dnnl_primitive_execute(slot->reorder, plan->stream, 2, args), "a reorder");
}

/* The tap of the window of output o that holds input position x. */
static int64_t tap(const struct pb_axis *a, int64_t o, int64_t x) {
    return (x + a->p - o * a->s) / (a->d + 1);
}

/* Writes oneDNN's workspace from our indices. It has the layout of dst and holds, for each output,
 * the tap (row-major in the window) whose input was the largest. A window without input has index
 * -1; its tap 0 lies in the padding, so that no gradient goes anywhere. */
static enum pb_status make_workspace(const struct pb_problem *p, struct plan *plan,
                                     const struct pb_tensor *indices) {
    void *data = NULL;
    enum pb_status status = check(
            dnnl_memory_get_data_handle(slot_of(plan, PB_INDICES)->memory, &data), "a workspace");
    if (status) return status;
#pragma omp parallel for collapse(2) num_threads(host->threads())
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t d = 0; d < p->d.o; d++)
                for (int64_t h = 0; h < p->h.o; h++)
                    for (int64_t w = 0; w < p->w.o; w++) {
                        int64_t at = pb_offset(indices, n, c, d, h, w);
                        int64_t index = ((const int64_t *)indices->data)[at], value = 0;
                        if (index >= 0)
                            value = (tap(&p->d, d, index / p->w.i / p->h.i) * p->h.k +
                                     tap(&p->h, h, index / p->w.i % p->h.i)) *
                                            p->w.k +
                                    tap(&p->w, w, index % p->w.i);
                        if (plan->wide)
                            ((int32_t *)data)[at] = (int32_t)value;
                        else
                            ((uint8_t *)data)[at] = (uint8_t)value;
                    }
    return PB_OK;
}

/* Whether a workspace is as make_workspace has it: one number for each element of dst. */
static enum pb_status check_workspace(struct plan *plan) {
    md_view workspace = slot_md(plan, slot_of(plan, PB_INDICES));
    size_t bytes = dnnl_memory_desc_get_size(workspace);
    size_t elements = dnnl_memory_desc_get_size(slot_md(plan, slot_of(plan, PB_DST))) / 4;
    plan->wide = bytes == 4 * elements;
    if (bytes == elements || plan->wide) return PB_OK;
    return host->fail(PB_UNSUPPORTED, "oneDNN: a workspace of %zu bytes for %zu outputs", bytes,
                      elements);
}

static void done(void *made) {
    struct plan *plan = made;
    if (!plan) return;
    for (int i = 0; i < plan->slots; i++) {
        const struct slot *slot = &plan->slot[i];
        if (slot->memory) dnnl_memory_destroy(slot->memory);
        if (slot->user) dnnl_memory_destroy(slot->user);
        if (slot->reorder) dnnl_primitive_destroy(slot->reorder);
    }
    if (plan->stream) dnnl_stream_destroy(plan->stream);
    if (plan->primitive) dnnl_primitive_destroy(plan->primitive);
    if (plan->pd) dnnl_primitive_desc_destroy(plan->pd);
    free(plan->spare);
    free(plan);
}

static enum pb_status make_plan(const struct pb_problem *p, const struct descs *d,
                                const struct shape *s, struct plan *plan) {
    const char *name = "";
    enum pb_status status = check(make_pd(p, s, d, &plan->pd), "a primitive descriptor");
    if (!status) status = check(dnnl_primitive_create(&plan->primitive, plan->pd), "a primitive");
    if (!status)
        status = check(dnnl_stream_create(&plan->stream, engine, dnnl_stream_default_flags),
                       "a stream");
    if (!status) status = make_slots(p, d, plan);
    if (!status && slot_of(plan, PB_INDICES)) status = check_workspace(plan);
    if (!status && slot_of(plan, PB_BIAS)) {
        plan->spare = calloc((size_t)p->oc, sizeof *plan->spare);
        if (!plan->spare) status = host->fail(PB_NOMEM, "oneDNN: no memory for a bias");
    }
    if (!status)
        status = check(dnnl_primitive_desc_query(plan->pd, dnnl_query_impl_info_str, 0, &name),
                       "an implementation's name");
    if (!status) snprintf(plan->implementation, sizeof plan->implementation, "%s", name);
    return status;
}

/* What stays the same is made ready once. */
static enum pb_status keep_constants(const struct pb_problem *p, struct plan *plan,
                                     const struct pb_args *constants) {
    struct slot *weights = slot_of(plan, PB_WEIGHTS);
    if (slot_of(plan, PB_INDICES)) return make_workspace(p, plan, &constants->indices);
    if (!weights || !weights->reorder || weights->written) return PB_OK;
    enum pb_status status = point(weights, constants->weights.data);
    return status ? status : reorder(plan, weights);
}

static enum pb_status setup_layout(const struct pb_problem *p, const struct pb_args *constants,
                                   bool any, void **made) {
    struct shape s = shape_of(p);
    struct descs d;
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return host->fail(PB_NOMEM, "oneDNN: no memory for a plan");
    enum pb_status status = make_engine();
    if (status) {
        free(plan);
        return status;
    }
    bool bias = !constants || constants->bias.data || p->dir == PB_BWD_W;
    status = check(make_descs(p, &s, bias, any, &d), "a memory descriptor");
    if (!status) status = make_plan(p, &d, &s, plan);
    free_descs(&d);
    plan->constant = constants != NULL;
    if (!status && constants) status = keep_constants(p, plan, constants);
    if (status) {
        done(plan);
        return status;
    }
    *made = plan;
    return PB_OK;
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **made) {
    return setup_layout(p, constants, false, made);
}

static enum pb_status setup_any(const struct pb_problem *p, const struct pb_args *constants,
                                void **made) {
    return setup_layout(p, constants, true, made);
}

/* Points a slot at the run's tensor, and brings what is read into oneDNN's format. */
static enum pb_status bring(const struct pb_problem *p, struct plan *plan, struct slot *slot,
                            const struct pb_args *args) {
    bool kept = plan->constant && slot->role == PB_WEIGHTS && !slot->written;
    void *data = args->tensor[slot->role].data;
    if (slot->role == PB_INDICES)
        return plan->constant ? PB_OK : make_workspace(p, plan, &args->indices);
    if (slot->reorder && kept) return PB_OK;
    if (!data && slot->role == PB_BIAS) data = plan->spare;
    enum pb_status status = point(slot, data);
    return status || !slot->reorder || slot->written ? status : reorder(plan, slot);
}

static enum pb_status run(const struct pb_problem *p, void *made, const struct pb_args *args) {
    struct plan *plan = made;
    dnnl_exec_arg_t list[SLOTS];
    enum pb_status status = PB_OK;
    for (int i = 0; !status && i < plan->slots; i++) {
        struct slot *slot = &plan->slot[i];
        list[i] = (dnnl_exec_arg_t){slot->argument, slot->memory};
        status = bring(p, plan, slot, args);
    }
    if (!status)
        status = check(dnnl_primitive_execute(plan->primitive, plan->stream, plan->slots, list),
                       "a primitive");
    for (int i = 0; !status && i < plan->slots; i++)
        if (plan->slot[i].reorder && plan->slot[i].written) status = reorder(plan, &plan->slot[i]);
    return status ? status : check(dnnl_stream_wait(plan->stream), "a primitive");
}

/* ---- The table ------------------------------------------------------------------------------- */

static bool max_forward(const struct pb_problem *p) {
    return pb_is_max(p) && p->dir == PB_FWD && accepts(p);
}
static bool max_backward(const struct pb_problem *p) {
    return pb_is_max(p) && p->dir == PB_BWD && accepts(p);
}
static bool is_average(const struct pb_problem *p) {
    return p->op == PB_AVG_P || p->op == PB_AVG_NP;
}
static bool average_forward(const struct pb_problem *p) {
    return is_average(p) && p->dir == PB_FWD && accepts(p);
}
static bool average_backward(const struct pb_problem *p) {
    return is_average(p) && p->dir == PB_BWD && accepts(p);
}
static bool gap_forward(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_FWD && accepts(p);
}
static bool gap_backward(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_BWD && accepts(p);
}
static bool conv_forward_data(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_FWD && accepts(p);
}
static bool conv_backward_data(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD && accepts(p);
}
static bool conv_backward_weights(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD_W && accepts(p);
}

static bool conv_forward_any(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_FWD && prefers_another(p);
}
static bool conv_backward_any(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD && prefers_another(p);
}
static bool conv_weights_any(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_BWD_W && prefers_another(p);
}

static const struct pb_kernel kernels[] = {
        {"onednn_maxpool_f32", 0, max_forward, setup, run, done},
        {"onednn_maxpool_bwd_f32", 0, max_backward, setup, run, done},
        {"onednn_avgpool_f32", 0, average_forward, setup, run, done},
        {"onednn_avgpool_bwd_f32", 0, average_backward, setup, run, done},
        {"onednn_gap_f32", 0, gap_forward, setup, run, done},
        {"onednn_gap_bwd_f32", 0, gap_backward, setup, run, done},
        {"onednn_conv_f32", 0, conv_forward_data, setup, run, done},
        {"onednn_conv_bwd_f32", 0, conv_backward_data, setup, run, done},
        {"onednn_conv_bwd_w_f32", 0, conv_backward_weights, setup, run, done},
        {"onednn_conv_f32_any", 0, conv_forward_any, setup_any, run, done},
        {"onednn_conv_bwd_f32_any", 0, conv_backward_any, setup_any, run, done},
        {"onednn_conv_bwd_w_f32_any", 0, conv_weights_any, setup_any, run, done},
};

/* Whether some window of the axis holds no input. */
static bool has_empty(const struct pb_axis *a) {
    for (int64_t o = 0; o < a->o; o++) {
        int64_t at = o * a->s - a->p, step = a->d + 1;
        int64_t first = at < 0 ? (-at + step - 1) / step : 0;
        if (first >= a->k || at + first * step >= a->i) return true;
    }
    return false;
}

static bool empty_window(const struct pb_problem *p) {
    return has_empty(&p->d) || has_empty(&p->h) || has_empty(&p->w);
}

static const struct pb_difference differences[] = {
        {"onednn_maxpool_f32", "empty window", 27, false, empty_window,
         "a window of padding only gives the lowest finite number, not -Inf"},
        {"onednn_maxpool_f32", "max, NaN", 28, true, NULL,
         "a NaN is passed over, and a window of NaN or -Inf gives the lowest finite number"},
};

static enum pb_status start(const struct pb_host *lent) {
    host = lent;
    return PB_OK;
}

static const char *version(void) {
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

/* "ref:any", "gemm:ref" and the like. */
static const char *implementation(const struct pb_kernel *kernel, const void *made,
                                  bool *reference) {
    const struct plan *plan = made;
    (void)kernel;
    *reference = strstr(plan->implementation, "ref") != NULL;
    return plan->implementation;
}

const struct pb_provider pb_provider = {
        .abi = PB_ABI,
        .name = "onednn",
        .start = start,
        .version = version,
        .implementation = implementation,
        .kernels = kernels,
        .kernel_count = sizeof kernels / sizeof kernels[0],
        .differences = differences,
        .difference_count = sizeof differences / sizeof differences[0],
};
