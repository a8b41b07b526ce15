/* ONNX Runtime as a plug-in, through its C API: each plan is a session over a model of one node
 * (onnxruntime_model.c), made in setup, whose inputs and outputs are bound to the caller's buffers,
 * so that nothing is copied.
 *
 * Everything is channels first, as ONNX has it. Weights that stay the same are part of the model:
 * a session packs them, or takes a blocked layout for the node and reorders data around it, which
 * is a part of each run. Its indices of a maximum are flat over the whole tensor; a run makes them
 * those of a channel. Of ONNX's operators it has no gradient but s2d's, which is DepthToSpace.
 * Its threads do not spin between runs: they share the cores with those of whoever runs next. It
 * cannot be told to leave out instructions that the processor has. */
#include "provider_abi.h"
#include "providers/empty_window.h"
#include "providers/long_sum.h"
#include "providers/onnxruntime_model.h"
#include <fcntl.h>
#include <onnxruntime_c_api.h>
#include <onnxruntime_session_options_config_keys.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct pb_host *host;
static const OrtApi *api;
static OrtEnv *environment;
static OrtMemoryInfo *memory;

/* OK, or a sentence, on one line, that says what of ONNX Runtime failed. */
static enum pb_status check(OrtStatus *failure, const char *what) {
    char message[512];
    if (!failure) return PB_OK;
    enum pb_status status =
            api->GetErrorCode(failure) == ORT_NOT_IMPLEMENTED ? PB_UNSUPPORTED : PB_PROVIDER;
    snprintf(message, sizeof message, "%s", api->GetErrorMessage(failure));
    for (char *c = message; *c; c++)
        if (*c == '\n') *c = ' ';
    status = host->fail(status, "ONNX Runtime: %s: %s", what, message);
    api->ReleaseStatus(failure);
    return status;
}

/* ---- Sessions -------------------------------------------------------------------------------- */

struct plan {
    OrtSession *session;
    OrtIoBinding *binding;
    OrtValue *value[PB_ROLES]; /* over the buffers that are bound */
    void *data[PB_ROLES];
    float *no_bias; /* zeros, for runs without bias */
    bool constant;  /* weights and bias are in the model */
};

static enum pb_status make_session(const struct pb_problem *p, const struct pb_args *constants,
                                   int threads, struct plan *plan) {
    OrtSessionOptions *options = NULL;
    size_t bytes = 0;
    uint8_t *model = NULL;
    enum pb_status status = check(api->CreateSessionOptions(&options), "options");
    if (!status) status = check(api->SetIntraOpNumThreads(options, threads), "a number of threads");
    if (!status)
        status = check(api->AddSessionConfigEntry(
                               options, kOrtSessionOptionsConfigAllowIntraOpSpinning, "0"),
                       "threads that do not spin");
    if (!status && !(model = onnx_model(p, constants, &bytes)))
        status = host->fail(PB_NOMEM, "ONNX Runtime: no memory for a model");
    if (!status)
        status = check(
                api->CreateSessionFromArray(environment, model, bytes, options, &plan->session),
                "a session");
    free(model);
    if (options) api->ReleaseSessionOptions(options);
    if (!status) status = check(api->CreateIoBinding(plan->session, &plan->binding), "a binding");
    return status;
}

static void done(void *made) {
    struct plan *plan = made;
    if (!plan) return;
    if (plan->binding) api->ReleaseIoBinding(plan->binding);
    for (int role = 0; role < PB_ROLES; role++)
        if (plan->value[role]) api->ReleaseValue(plan->value[role]);
    if (plan->session) api->ReleaseSession(plan->session);
    free(plan->no_bias);
    free(plan);
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **made) {
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return host->fail(PB_NOMEM, "ONNX Runtime: no memory for a plan");
    enum pb_status status = make_session(p, constants, host->threads(), plan);
    plan->constant = constants != NULL;
    if (!status && p->op == PB_CONV && !constants) {
        plan->no_bias = calloc((size_t)p->oc, sizeof *plan->no_bias);
        if (!plan->no_bias) status = host->fail(PB_NOMEM, "ONNX Runtime: no memory for a bias");
    }
    if (status) {
        done(plan);
        return status;
    }
    *made = plan;
    return PB_OK;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

static ONNXTensorElementDataType type_of(enum pb_dtype dtype) {
    return dtype == PB_S8    ? ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8
           : dtype == PB_U8  ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8
           : dtype == PB_S64 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
                             : ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
}

static size_t size_of(enum pb_dtype dtype) {
    return dtype == PB_F32 ? sizeof(float) : dtype == PB_S64 ? sizeof(int64_t) : 1;
}

/* Binds a buffer, where it is not the one that is bound already. */
static enum pb_status bind(const struct pb_problem *p, struct plan *plan, enum pb_role role,
                           void *data, bool output) {
    static int64_t nothing; /* an empty tensor has an address, too */
    const char *name = onnx_tensor_names[role];
    enum pb_dtype dtype = role == PB_INDICES ? PB_S64 : p->dtype;
    OrtValue *value = NULL;
    int64_t dims[5];
    if (plan->value[role] && plan->data[role] == data) return PB_OK;
    size_t rank = onnx_shape(p, role, dims), bytes = size_of(dtype);
    for (size_t i = 0; i < rank; i++) bytes *= (size_t)dims[i];
    enum pb_status status =
            check(api->CreateTensorWithDataAsOrtValue(memory, data ? data : &nothing, bytes, dims,
                                                      rank, type_of(dtype), &value),
                  "a tensor");
    if (status) return status;
    status = check(output ? api->BindOutput(plan->binding, name, value)
                          : api->BindInput(plan->binding, name, value),
                   name);
    if (plan->value[role]) api->ReleaseValue(plan->value[role]);
    plan->value[role] = value;
    plan->data[role] = data;
    return status;
}

static enum pb_status bind_all(const struct pb_problem *p, struct plan *plan,
                               const struct pb_args *args) {
    bool back = p->dir == PB_BWD;
    enum pb_status status = bind(p, plan, PB_SRC, args->src.data, back);
    if (!status) status = bind(p, plan, PB_DST, args->dst.data, !back);
    if (!status && p->dir == PB_FWD_IDX)
        status = bind(p, plan, PB_INDICES, args->indices.data, true);
    if (status || p->op != PB_CONV || plan->constant) return status;
    status = bind(p, plan, PB_WEIGHTS, args->weights.data, false);
    if (status) return status;
    return bind(p, plan, PB_BIAS, args->bias.data ? args->bias.data : plan->no_bias, false);
}

/* ONNX counts positions over images and channels, too. A window without a largest element has a
 * position before its channel. */
static void count_in_channels(const struct pb_problem *p, const struct pb_args *args) {
    int64_t *indices = args->indices.data;
    const int64_t in = p->d.i * p->h.i * p->w.i, out = p->d.o * p->h.o * p->w.o;
#pragma omp parallel for num_threads(host->threads())
    for (int64_t nc = 0; nc < p->mb * p->ic; nc++)
        for (int64_t o = 0; o < out; o++) {
            int64_t index = indices[nc * out + o] - nc * in;
            indices[nc * out + o] = index < 0 ? -1 : index;
        }
}

static enum pb_status run(const struct pb_problem *p, void *made, const struct pb_args *args) {
    struct plan *plan = made;
    enum pb_status status = bind_all(p, plan, args);
    if (!status) status = check(api->RunWithBinding(plan->session, NULL, plan->binding), "a run");
    if (!status && p->dir == PB_FWD_IDX) count_in_channels(p, args);
    return status;
}

/* ---- The table ------------------------------------------------------------------------------- */

static bool accepts(const struct pb_problem *p, enum pb_dtype dtype) {
    return p->dtype == dtype && p->layout == PB_NCHW && onnx_can_say(p);
}

static bool is_forward(const struct pb_problem *p) {
    return p->dir == PB_FWD || p->dir == PB_FWD_IDX;
}

static bool max_f32(const struct pb_problem *p) {
    return (p->op == PB_MAX || (p->op == PB_GMP && p->dir == PB_FWD_IDX)) && is_forward(p) &&
           accepts(p, PB_F32);
}
static bool max_s8(const struct pb_problem *p) {
    return pb_is_max(p) && is_forward(p) && accepts(p, PB_S8);
}
static bool max_u8(const struct pb_problem *p) {
    return pb_is_max(p) && is_forward(p) && accepts(p, PB_U8);
}
static bool average(const struct pb_problem *p) {
    return (p->op == PB_AVG_P || p->op == PB_AVG_NP) && p->dir == PB_FWD && accepts(p, PB_F32);
}
static bool lp(const struct pb_problem *p) {
    return p->op == PB_LP && p->dir == PB_FWD && accepts(p, PB_F32) && !onnx_is_global_lp(p);
}
static bool global_lp(const struct pb_problem *p) {
    return p->dir == PB_FWD && accepts(p, PB_F32) && onnx_is_global_lp(p);
}
static bool gap(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_FWD && accepts(p, PB_F32);
}
static bool gmp(const struct pb_problem *p) {
    return p->op == PB_GMP && p->dir == PB_FWD && accepts(p, PB_F32);
}
static bool conv(const struct pb_problem *p) {
    return p->op == PB_CONV && p->dir == PB_FWD && accepts(p, PB_F32);
}
static bool s2d(const struct pb_problem *p) {
    return p->op == PB_S2D && p->dir == PB_FWD && accepts(p, PB_F32);
}
static bool s2d_backward(const struct pb_problem *p) {
    return p->op == PB_S2D && p->dir == PB_BWD && accepts(p, PB_F32);
}

static const struct pb_kernel kernels[] = {
        {"onnxruntime_maxpool_f32_nchw", 0, max_f32, setup, run, done},
        {"onnxruntime_maxpool_s8_nchw", 0, max_s8, setup, run, done},
        {"onnxruntime_maxpool_u8_nchw", 0, max_u8, setup, run, done},
        {"onnxruntime_avgpool_f32_nchw", 0, average, setup, run, done},
        {"onnxruntime_lppool_f32_nchw", 0, lp, setup, run, done},
        {"onnxruntime_lppool_f32_nchw_global", 0, global_lp, setup, run, done},
        {"onnxruntime_gap_f32_nchw", 0, gap, setup, run, done},
        {"onnxruntime_gmp_f32_nchw", 0, gmp, setup, run, done},
        {"onnxruntime_conv_f32_nchw", 0, conv, setup, run, done},
        {"onnxruntime_s2d_f32_nchw", 0, s2d, setup, run, done},
        {"onnxruntime_s2d_bwd_f32_nchw", 0, s2d_backward, setup, run, done},
};

static bool has_indices(const struct pb_problem *p) {
    return p->dir == PB_FWD_IDX;
}
static bool has_powers(const struct pb_problem *p) {
    return p->power > 1;
}

static const struct pb_difference differences[] = {
        {"onnxruntime_*pool_*", "ceil_overhang", "onnxruntime_6543_ceil_window_past_the_input",
         PB_ALWAYS, onnx_drops_window,
         "a last window that starts in the padding that ceil adds is not left out: refused"},
        {"onnxruntime_maxpool_f32_nchw", "max_empty_window", "onnx_windows_of_padding_only",
         PB_ALWAYS, empty_window,
         "a window of padding only gives the lowest finite number, not -Inf"},
        {"onnxruntime_maxpool_f32_nchw", "max_nan", "pytorch_7645_openvino_35935_all_nan",
         PB_WITH_SPECIAL, NULL,
         "a NaN is passed over, and a window of NaN or -Inf gives the lowest finite number"},
        {"onnxruntime_gmp_f32_nchw", "max_nan", "pytorch_7645_openvino_35935_all_nan",
         PB_WITH_SPECIAL, NULL,
         "a NaN is passed over, and input of NaN or -Inf gives the lowest finite number"},
        {"onnxruntime_maxpool_*", "max_tie", "pytorch_1465_40131_index_of_all_minus_infinity",
         PB_ALWAYS, has_indices, "a window of the lowest number only has index -1"},
        {"onnxruntime_avgpool_*", "avg_p_divisor",
         "onnxruntime_27375_trailing_padding_counts_in_both_axes", PB_ALWAYS,
         onnx_misplaces_padding,
         "with dilation or ceil the padding of one axis is taken for the trailing one of another"},
        {"onnxruntime_avgpool_f32_nchw", "long_sums", "onnxruntime_12043_running_sum_stalls",
         PB_ALWAYS, long_sum, "terms are added one after the other in f32"},
        {"onnxruntime_gap_f32_nchw", "long_sums", "onnxruntime_12043_running_sum_stalls", PB_ALWAYS,
         long_sum, "terms are added one after the other in f32"},
        {"onnxruntime_lppool_*", "lp", NULL, PB_ALWAYS, has_powers,
         "powers overflow and underflow where the result does not"},
        {"onnxruntime_conv_*", "threads", NULL, PB_WITH_THREADS, NULL,
         "how sums are cut into blocks depends on the number of threads"},
};

/* A first session, of one thread, which is none of its own. In it Debian's library registers ONNX's
 * operators a second time and says so of each on the standard error: hundreds of lines that are
 * nobody's concern, so they go nowhere. */
static enum pb_status make_first_session(void) {
    static const struct pb_axis one = {.i = 1, .o = 1, .k = 1, .s = 1};
    static const struct pb_problem first = {
            .op = PB_GMP, .rank = 1, .mb = 1, .g = 1, .ic = 1, .oc = 1, .axis = {one, one, one}};
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return host->fail(PB_NOMEM, "ONNX Runtime: no memory for a plan");
    int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept >= 0 && nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    enum pb_status status = make_session(&first, NULL, 1, plan);
    if (kept >= 0) {
        dup2(kept, STDERR_FILENO);
        close(kept);
    }
    if (nowhere >= 0) close(nowhere);
    done(plan);
    return status;
}

/* Nothing that is made here has threads: only sessions do. */
static enum pb_status start(const struct pb_host *lent) {
    const OrtApiBase *base = OrtGetApiBase();
    host = lent;
    api = base->GetApi(ORT_API_VERSION);
    if (!api)
        return host->fail(PB_PROVIDER, "ONNX Runtime %s has no C API %d, which this was built for",
                          base->GetVersionString(), ORT_API_VERSION);
    enum pb_status status =
            check(api->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "poolbench", &environment), "its start");
    if (!status)
        status = check(api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory),
                       "its start");
    return status ? status : make_first_session();
}

static const char *version(void) {
    return OrtGetApiBase()->GetVersionString();
}

const struct pb_provider pb_provider = {
        .abi = PB_ABI,
        .name = "onnxruntime",
        .start = start,
        .version = version,
        .kernels = kernels,
        .kernel_count = sizeof kernels / sizeof kernels[0],
        .differences = differences,
        .difference_count = sizeof differences / sizeof differences[0],
};
