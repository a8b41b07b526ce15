/* XNNPACK as a plug-in: channels last, forward only, one and two spatial axes (a global average
 * takes three). As in its own benchmarks the operator, its packed weights and what belongs to a
 * pair of buffers are made once, and run only runs.
 *
 * Padding and dilation together it gets wrong in max pooling, and reads outside of its input
 * (google/XNNPACK 53cffb59 mended a part of it): refused, since it may end the program.
 * Its operators derive the output from the input and padding of at least 0, leave padding out of an
 * average's divisor, pool no windows of one element, and make their weights part of themselves: so
 * weights that change are packed in each run. Its argmax gives a position in a window of disjoint
 * windows only, so there is no fwd_idx. */
#include "providers/empty_window.h"
#include "providers/long_sum.h"
#include "provider_abi.h"
#include "providers/xnnpack_ops.h"
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct pb_host *host;

static const char *status_text(enum xnn_status status) {
    static const char *const texts[] = {
            [xnn_status_success] = "success",
            [xnn_status_uninitialized] = "not initialized",
            [xnn_status_invalid_parameter] = "invalid parameter",
            [xnn_status_invalid_state] = "invalid state",
            [xnn_status_unsupported_parameter] = "unsupported parameter",
            [xnn_status_unsupported_hardware] = "unsupported hardware",
            [xnn_status_out_of_memory] = "out of memory",
    };
    return (size_t)status < sizeof texts / sizeof texts[0] ? texts[status] : "unknown";
}

/* OK, or a sentence that says what of XNNPACK failed. */
static enum pb_status check(enum xnn_status status, const char *what) {
    if (status == xnn_status_success) return PB_OK;
    return host->fail(status == xnn_status_out_of_memory ? PB_NOMEM : PB_PROVIDER,
                      "XNNPACK: %s: status %d, %s", what, (int)status, status_text(status));
}

/* ---- Threads --------------------------------------------------------------------------------- */

/* One pool for all plans, of as many threads as are asked for; NULL for one. A fork leaves the
 * threads behind, so a child makes its own. */
static enum pb_status make_pool(pthreadpool_t *pool) {
    static pthreadpool_t kept;
    static pid_t owner;
    size_t threads = (size_t)host->threads();
    *pool = NULL;
    if (threads == 1) return PB_OK;
    if (kept && owner == getpid()) {
        if (pthreadpool_get_threads_count(kept) == threads) return *pool = kept, PB_OK;
        pthreadpool_destroy(kept);
    }
    *pool = kept = pthreadpool_create(threads);
    owner = getpid();
    return kept ? PB_OK : host->fail(PB_NOMEM, "XNNPACK: no pool of %zu threads", threads);
}

/* ---- What it takes --------------------------------------------------------------------------- */

static bool is_padded(const struct pb_problem *p) {
    return p->h.p || p->w.p || xnnpack_behind(&p->h) || xnnpack_behind(&p->w);
}

/* Whether the axis fits XNNPACK's numbers and gives the output that the problem wants. */
static bool axis_fits(const struct pb_axis *a) {
    const int64_t most = INT32_MAX, span = (a->k - 1) * (a->d + 1) + 1;
    if (a->i > most || a->o > most || a->p > most || span > most || a->s > most) return false;
    int64_t room = a->i + a->p + xnnpack_behind(a) - span;
    return room >= 0 && room / a->s + 1 == a->o;
}

static bool accepts(const struct pb_problem *p) {
    return p->dtype == PB_F32 && p->layout == PB_NHWC && p->dir == PB_FWD && p->rank <= 2 &&
           axis_fits(&p->h) && axis_fits(&p->w);
}

/* Then its max takes input of the wrong position for padding, also from outside of the tensor. */
static bool dilated_padding(const struct pb_problem *p) {
    return is_padded(p) && (xnnpack_dilation(&p->h) > 1 || xnnpack_dilation(&p->w) > 1);
}

static bool max_can_do(const struct pb_problem *p) {
    return pb_is_max(p) && accepts(p) && p->h.k * p->w.k > 1 && !dilated_padding(p) &&
           xnnpack_max_strides(p);
}

static bool average_can_do(const struct pb_problem *p) {
    bool same = p->op == PB_AVG_NP || (p->op == PB_AVG_P && !is_padded(p));
    return same && !p->div && accepts(p) && p->h.k * p->w.k > 1 && xnnpack_dilation(&p->h) == 1 &&
           xnnpack_dilation(&p->w) == 1;
}

static bool gap_can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dtype == PB_F32 && p->layout == PB_NHWC && p->dir == PB_FWD;
}

static bool conv_can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && accepts(p);
}

/* ---- Plans ----------------------------------------------------------------------------------- */

struct plan {
    struct xnnpack_operator made; /* op NULL where it is made in each run */
    pthreadpool_t pool;
    const float *src; /* the buffers that the operator is set up for */
    float *dst;
};

static void drop(struct plan *plan) {
    if (plan->made.op) xnn_delete_operator(plan->made.op);
    free(plan->made.workspace);
    plan->made = (struct xnnpack_operator){0};
    plan->src = NULL;
}

static void done(void *made) {
    struct plan *plan = made;
    if (!plan) return;
    drop(plan);
    free(plan);
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **made) {
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return host->fail(PB_NOMEM, "XNNPACK: no memory for a plan");
    enum pb_status status = check(xnn_initialize(NULL), "its start");
    if (!status) status = make_pool(&plan->pool);
    if (!status && (p->op != PB_CONV || constants))
        status = check(xnnpack_create(p, constants, plan->pool, &plan->made), "an operator");
    if (status) {
        done(plan);
        return status;
    }
    *made = plan;
    return PB_OK;
}

static enum pb_status run(const struct pb_problem *p, void *made, const struct pb_args *args) {
    struct plan *plan = made;
    enum pb_status status = PB_OK;
    bool once = !plan->made.op;
    if (once) status = check(xnnpack_create(p, args, plan->pool, &plan->made), "an operator");
    if (!status && (plan->src != args->src.data || plan->dst != args->dst.data)) {
        plan->src = args->src.data;
        plan->dst = args->dst.data;
        status = check(xnnpack_point(p, &plan->made, plan->src, plan->dst, plan->pool),
                       "the setup of an operator");
    }
    if (!status) status = check(xnn_run_operator(plan->made.op, plan->pool), "a run");
    if (once) drop(plan);
    return status;
}

/* ---- The table ------------------------------------------------------------------------------- */

static const struct pb_kernel kernels[] = {
        {"xnnpack_maxpool_f32_nhwc", 0, max_can_do, setup, run, done},
        {"xnnpack_avgpool_f32_nhwc", 0, average_can_do, setup, run, done},
        {"xnnpack_gap_f32_nhwc", 0, gap_can_do, setup, run, done},
        {"xnnpack_conv_f32_nhwc", 0, conv_can_do, setup, run, done},
};

/* Groups of one input channel. */
static bool is_depthwise(const struct pb_problem *p) {
    return p->g == p->ic;
}

static const struct pb_difference differences[] = {
        {"xnnpack_maxpool_*", "max_empty_window", "onnx_windows_of_padding_only", PB_ALWAYS,
         empty_window, "a window of padding only gives the input that is nearest to it, not -Inf"},
        {"xnnpack_avgpool_*", "average_empty_window", "onnx_windows_of_padding_only", PB_ALWAYS,
         empty_window, "a window of padding only gives -Inf, not 0"},
        {"xnnpack_avgpool_*", "long_sums", "onnxruntime_12043_running_sum_stalls", PB_ALWAYS,
         long_sum,
         "terms are added seven at a time, one after the other: 0.1001 for a million of 0.1"},
        {"xnnpack_gap_*", "long_sums", "onnxruntime_12043_running_sum_stalls", PB_ALWAYS, long_sum,
         "terms are added seven at a time, one after the other: 0.1001 for a million of 0.1"},
        {"xnnpack_maxpool_*", "max_nan", "tensorflow_125965_nan_in_every_channel", PB_WITH_SPECIAL,
         NULL, "a NaN may be lost, and a subnormal number counts as 0"},
        {"xnnpack_*", "sum_nan", "onnx_nan_wherever_it_stands", PB_WITH_SPECIAL, xnnpack_loses_nan,
         "a sum that is NaN is clamped to the smallest output, -Inf, and a subnormal number "
         "counts as 0"},
        {"xnnpack_conv_*", "sum_nan", NULL, PB_WITH_SPECIAL, is_depthwise,
         "a window that is smaller than the microkernel's takes other inputs times 0, so that one "
         "of Inf or NaN gives NaN; of one tap, a NaN is clamped to -Inf"},
        {"xnnpack_gap_*", "subnormals", NULL, PB_WITH_SPECIAL, NULL,
         "a subnormal number counts as 0"},
};

static enum pb_status start(const struct pb_host *lent) {
    host = lent;
    return PB_OK;
}

/* It has no call for it. Its file's name ends with its date, as "20241108", or does not: then it is
 * the date of the package that this was built with. */
static const char *version(void) {
    static char text[32];
    Dl_info info;
    void *address;
    enum xnn_status (*symbol)(const struct xnn_allocator *) = xnn_initialize;
    memcpy(&address, &symbol, sizeof address);
    const char *file = dladdr(address, &info) ? info.dli_fname : "";
    const char *last = strrchr(file, '.');
    bool dated = last && strlen(last + 1) == 8 && strspn(last + 1, "0123456789") == 8;
    snprintf(text, sizeof text, "%s", dated ? last + 1 : *XNNPACK_DATE ? XNNPACK_DATE : "unknown");
    return text;
}

const struct pb_provider pb_provider = {
        .abi = PB_ABI,
        .name = "xnnpack",
        .start = start,
        .version = version,
        .kernels = kernels,
        .kernel_count = sizeof kernels / sizeof kernels[0],
        .differences = differences,
        .difference_count = sizeof differences / sizeof differences[0],
        .reads_past = XNN_EXTRA_BYTES,
};
