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
#include "providers/empty_window.h"
#include "providers/long_sum.h"
#include "providers/onednn_desc.h"
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

/* ---- What it takes --------------------------------------------------------------------------- */

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
    if (!onednn_can_say(p) || make_engine()) return false;
    struct onednn_descs d;
    dnnl_primitive_desc_t pd = NULL;
    dnnl_status_t status = onednn_make_descs(engine, p, true, false, &d);
    if (!status) status = onednn_make_pd(p, &d, &pd);
    if (!status) dnnl_primitive_desc_destroy(pd);
    onednn_free_descs(&d);
    return status == dnnl_success;
}

/* Whether oneDNN prefers another layout of data. */
static bool prefers_another(const struct pb_problem *p) {
    if (!onednn_can_say(p) || make_engine()) return false;
    struct onednn_descs d;
    dnnl_primitive_desc_t pd = NULL;
    bool another = false;
    dnnl_status_t status = onednn_make_descs(engine, p, true, true, &d);
    if (!status) status = onednn_make_pd(p, &d, &pd);
    if (!status) {
        bool src_gradient = p->dir == PB_BWD, dst_gradient = p->dir != PB_FWD;
        onednn_md src = dnnl_primitive_desc_query_md(
                pd, src_gradient ? dnnl_query_diff_src_md : dnnl_query_src_md, 0);
        onednn_md dst = dnnl_primitive_desc_query_md(
                pd, dst_gradient ? dnnl_query_diff_dst_md : dnnl_query_dst_md, 0);
        another = !dnnl_memory_desc_equal(src, onednn_view(&d.user[PB_SRC])) ||
                  !dnnl_memory_desc_equal(dst, onednn_view(&d.user[PB_DST]));
        dnnl_primitive_desc_destroy(pd);
    }
    onednn_free_descs(&d);
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

static bool takes(const struct pb_problem *p, const struct onednn_descs *d, enum pb_role role) {
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

static onednn_md slot_md(const struct plan *plan, const struct slot *slot) {
    return dnnl_primitive_desc_query_md(plan->pd, slot->query, slot->role == PB_BIAS);
}

/* Memory in oneDNN's own format, with the reorder between it and the problem's. */
static enum pb_status make_reorder(struct slot *slot, onednn_md own, onednn_md user) {
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

static enum pb_status make_slots(const struct pb_problem *p, const struct onednn_descs *d,
                                 struct plan *plan) {
    const struct slot *from = p->dir == PB_FWD   ? forward_slots
                              : p->dir == PB_BWD ? backward_slots
                                                 : weights_slots;
    for (int i = 0; i < SLOTS; i++) {
        if (!takes(p, d, from[i].role)) continue;
        struct slot *slot = &plan->slot[plan->slots++];
        *slot = from[i];
        onednn_md md = slot_md(plan, slot);
        bool own = slot->role == PB_INDICES;
        enum pb_status status = PB_OK;
        if (!own && !dnnl_memory_desc_equal(md, onednn_view(&d->user[slot->role]))) {
            own = true;
            status = make_reorder(slot, md, onednn_view(&d->user[slot->role]));
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
    onednn_md workspace = slot_md(plan, slot_of(plan, PB_INDICES));
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

static enum pb_status make_plan(const struct pb_problem *p, const struct onednn_descs *d,
                                struct plan *plan) {
    const char *name = "";
    enum pb_status status = check(onednn_make_pd(p, d, &plan->pd), "a primitive descriptor");
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
    struct onednn_descs d;
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return host->fail(PB_NOMEM, "oneDNN: no memory for a plan");
    enum pb_status status = make_engine();
    if (status) {
        free(plan);
        return status;
    }
    bool bias = !constants || constants->bias.data || p->dir == PB_BWD_W;
    status = check(onednn_make_descs(engine, p, bias, any, &d), "a memory descriptor");
    if (!status) status = make_plan(p, &d, plan);
    onednn_free_descs(&d);
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

static const struct pb_difference differences[] = {
        {"onednn_maxpool_f32", "max_empty_window", "onnx_windows_of_padding_only", PB_ALWAYS,
         empty_window, "a window of padding only gives the lowest finite number, not -Inf"},
        {"onednn_maxpool_f32", "max_nan", "pytorch_7645_openvino_35935_all_nan", PB_WITH_SPECIAL,
         NULL, "a NaN is passed over, and a window of NaN or -Inf gives the lowest finite number"},
        {"onednn_avgpool_f32", "long_sums", "onnxruntime_12043_running_sum_stalls", PB_ALWAYS,
         long_sum, "terms are added one after the other in f32: 0.10096 for a million of 0.1"},
        {"onednn_gap_f32", "long_sums", "onnxruntime_12043_running_sum_stalls", PB_ALWAYS, long_sum,
         "terms are added one after the other in f32: 0.10096 for a million of 0.1"},
        {"onednn_conv_bwd_w_f32*", "threads", NULL, PB_WITH_THREADS, NULL,
         "sums over images are split among threads"},
        {"onednn_conv_f32*", "threads", NULL, PB_WITH_THREADS, NULL,
         "how sums are cut into blocks depends on the number of threads"},
        {"onednn_conv_bwd_f32*", "threads", NULL, PB_WITH_THREADS, NULL,
         "a matrix product is cut among threads, and the edge of a part sums in another order"},
        {"onednn_*pool_bwd_f32", "threads", NULL, PB_WITH_THREADS, NULL,
         "sums of overlapping windows are split among threads"},
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
