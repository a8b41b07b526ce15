/* libtorch as a plug-in: ATen's functions with outputs given, so that nothing is allocated that a
 * user could keep, in inference mode. Tensors are views of the run's, channels first or channels
 * last by their strides, and kept as long as the pointers stay.
 *
 * PyTorch pads both ends alike, by at most half a window when it pools, and rounds down or, with
 * ceil, up: problems of any other geometry are refused. So is pooling of three axes channels last:
 * its outputs come channels first, or wrong into an output that is given. One spatial axis is two
 * of which one is 1, as in PyTorch itself. Its max pooling makes indices whether they are wanted or
 * not. Convolution and one gradient have no form with outputs given; their results are copied,
 * which is counted. */
#include "providers/long_sum.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <memory>
#include <new>
#include <torch/csrc/api/include/torch/version.h>
#include <vector>

namespace {

const pb_host *host;

using Sizes = std::vector<int64_t>;

struct Plan {
    Sizes kernel, stride, padding, dilation, output; /* of the spatial axes */
    at::Tensor tensor[PB_ROLES];                     /* views of the run's tensors */
    at::Tensor src, weights; /* of their shape and never read: gradients ask for them */
    at::Tensor indices;      /* where the problem wants none */
    at::Tensor positions;    /* how many a global average has */
};

/* ---- What it takes --------------------------------------------------------------------------- */

int axes(const pb_problem &p) {
    return p.rank == 3 ? 3 : 2;
}

const pb_axis &axis(const pb_problem &p, int i) {
    return p.axis[3 - axes(p) + i];
}

bool dense(const pb_problem &p) {
    return p.dtype == PB_F32 && (p.layout == PB_NCHW || p.layout == PB_NHWC);
}

/* Layouts of pooling. */
bool pools_dense(const pb_problem &p) {
    return dense(p) && (p.rank < 3 || p.layout == PB_NCHW);
}

bool is_dilated(const pb_axis &a) {
    return a.d > 0 && a.k > 1;
}

/* Whether PyTorch's formula gives that output; with ceil it is the problem's own. */
bool follows(const pb_problem &p) {
    for (int i = 0; i < 3; i++) {
        const pb_axis &a = p.axis[i];
        int64_t room = a.i + 2 * a.p - ((a.k - 1) * (a.d + 1) + 1);
        if (!p.ceil && (room < 0 || room / a.s + 1 != a.o)) return false;
    }
    return true;
}

bool pools(const pb_problem &p) {
    for (int i = 0; i < 3; i++)
        if (p.axis[i].p > p.axis[i].k / 2) return false;
    return pools_dense(p) && follows(p);
}

bool is_max(const pb_problem *p) {
    return p->op == PB_MAX && pools(*p);
}
bool max_forward(const pb_problem *p) {
    return is_max(p) && p->dir != PB_BWD;
}
bool max_backward(const pb_problem *p) {
    return is_max(p) && p->dir == PB_BWD;
}

/* A window larger than the input is refused over three axes only. */
bool is_average(const pb_problem *p) {
    for (const pb_axis &a : p->axis)
        if (is_dilated(a) || (p->rank == 3 && a.k > a.i)) return false;
    return (p->op == PB_AVG_P || p->op == PB_AVG_NP) && pools(*p);
}
bool average_forward(const pb_problem *p) {
    return is_average(p) && p->dir == PB_FWD;
}
bool average_backward(const pb_problem *p) {
    return is_average(p) && p->dir == PB_BWD;
}

bool gap_forward(const pb_problem *p) {
    return p->op == PB_GAP && dense(*p) && p->dir == PB_FWD;
}
bool gap_backward(const pb_problem *p) {
    return p->op == PB_GAP && dense(*p) && p->dir == PB_BWD;
}

bool is_adaptive_max(const pb_problem *p) {
    return (p->op == PB_GMP || p->op == PB_ADAPTIVE_MAX) && pools_dense(*p);
}
bool adaptive_max_forward(const pb_problem *p) {
    return is_adaptive_max(p) && p->dir != PB_BWD;
}
bool adaptive_max_backward(const pb_problem *p) {
    return is_adaptive_max(p) && p->dir == PB_BWD;
}
bool adaptive_avg_forward(const pb_problem *p) {
    return p->op == PB_ADAPTIVE_AVG && pools_dense(*p) && p->dir == PB_FWD;
}
bool adaptive_avg_backward(const pb_problem *p) {
    return p->op == PB_ADAPTIVE_AVG && pools_dense(*p) && p->dir == PB_BWD;
}

bool is_conv(const pb_problem *p, pb_dir dir) {
    return p->op == PB_CONV && p->dir == dir && dense(*p) && follows(*p);
}
bool conv_forward(const pb_problem *p) {
    return is_conv(p, PB_FWD);
}
bool conv_backward(const pb_problem *p) {
    return is_conv(p, PB_BWD);
}
bool conv_backward_weights(const pb_problem *p) {
    return is_conv(p, PB_BWD_W);
}

/* pixel_unshuffle and pixel_shuffle: square blocks of two axes. */
bool shuffles(const pb_problem *p) {
    return p->op == PB_S2D && p->crd && p->rank == 2 && p->h.k == p->w.k && dense(*p);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* Indices of the run, or those that PyTorch makes in any case. */
at::Tensor &indices_of(const pb_problem &p, Plan &plan) {
    return p.dir == PB_FWD ? plan.indices : plan.tensor[PB_INDICES];
}

void run_max(const pb_problem &p, Plan &plan) {
    auto function =
            axes(p) == 3 ? at::max_pool3d_with_indices_out : at::max_pool2d_with_indices_out;
    function(plan.tensor[PB_DST], indices_of(p, plan), plan.tensor[PB_SRC], plan.kernel,
             plan.stride, plan.padding, plan.dilation, p.ceil);
}

void run_max_backward(const pb_problem &p, Plan &plan) {
    auto function = axes(p) == 3 ? at::max_pool3d_with_indices_backward_out
                                 : at::max_pool2d_with_indices_backward_out;
    function(plan.tensor[PB_SRC], plan.tensor[PB_DST], plan.src, plan.kernel, plan.stride,
             plan.padding, plan.dilation, p.ceil, plan.tensor[PB_INDICES]);
}

c10::optional<int64_t> divisor(const pb_problem &p) {
    return p.div ? c10::optional<int64_t>(p.div) : c10::nullopt;
}

void run_average(const pb_problem &p, Plan &plan) {
    auto function = axes(p) == 3 ? at::avg_pool3d_out : at::avg_pool2d_out;
    function(plan.tensor[PB_DST], plan.tensor[PB_SRC], plan.kernel, plan.stride, plan.padding,
             p.ceil, p.op == PB_AVG_P, divisor(p));
}

void run_average_backward(const pb_problem &p, Plan &plan) {
    auto function = axes(p) == 3 ? at::avg_pool3d_backward_out : at::avg_pool2d_backward_out;
    function(plan.tensor[PB_SRC], plan.tensor[PB_DST], plan.src, plan.kernel, plan.stride,
             plan.padding, p.ceil, p.op == PB_AVG_P, divisor(p));
}

/* As adaptive_avg_pool to size 1 does, and its gradient as autograd has it. */
void run_gap(const pb_problem &p, Plan &plan) {
    static const int64_t dims[] = {2, 3, 4};
    at::mean_out(plan.tensor[PB_DST], plan.tensor[PB_SRC], at::IntArrayRef(dims, axes(p)), true);
}

void run_gap_backward(const pb_problem &, Plan &plan) {
    at::Tensor &src = plan.tensor[PB_SRC];
    at::div_out(src, plan.tensor[PB_DST].expand_as(src), plan.positions);
}

void run_adaptive_max(const pb_problem &p, Plan &plan) {
    auto function = axes(p) == 3 ? at::adaptive_max_pool3d_out : at::adaptive_max_pool2d_out;
    function(plan.tensor[PB_DST], indices_of(p, plan), plan.tensor[PB_SRC], plan.output);
}

void run_adaptive_max_backward(const pb_problem &p, Plan &plan) {
    auto function = axes(p) == 3 ? at::adaptive_max_pool3d_backward_out
                                 : at::adaptive_max_pool2d_backward_out;
    function(plan.tensor[PB_SRC], plan.tensor[PB_DST], plan.src, plan.tensor[PB_INDICES]);
}

void run_adaptive_avg(const pb_problem &p, Plan &plan) {
    auto function = axes(p) == 3 ? at::adaptive_avg_pool3d_out : at::adaptive_avg_pool2d_out;
    function(plan.tensor[PB_DST], plan.tensor[PB_SRC], plan.output);
}

void run_adaptive_avg_backward(const pb_problem &p, Plan &plan) {
    if (axes(p) == 3)
        at::adaptive_avg_pool3d_backward_out(plan.tensor[PB_SRC], plan.tensor[PB_DST], plan.src);
    else
        plan.tensor[PB_SRC].copy_(at::_adaptive_avg_pool2d_backward(plan.tensor[PB_DST], plan.src));
}

void run_conv(const pb_problem &p, Plan &plan) {
    const at::Tensor &bias = plan.tensor[PB_BIAS];
    plan.tensor[PB_DST].copy_(at::convolution(
            plan.tensor[PB_SRC], plan.tensor[PB_WEIGHTS],
            bias.defined() ? c10::optional<at::Tensor>(bias) : c10::nullopt, plan.stride,
            plan.padding, plan.dilation, false, Sizes(axes(p), 0), p.g));
}

void run_conv_backward(const pb_problem &p, Plan &plan) {
    auto gradients = at::convolution_backward(
            plan.tensor[PB_DST], plan.src, plan.tensor[PB_WEIGHTS], c10::nullopt, plan.stride,
            plan.padding, plan.dilation, false, Sizes(axes(p), 0), p.g, {true, false, false});
    plan.tensor[PB_SRC].copy_(std::get<0>(gradients));
}

void run_conv_weights(const pb_problem &p, Plan &plan) {
    bool bias = plan.tensor[PB_BIAS].defined();
    const int64_t channels[] = {p.oc};
    auto gradients = at::convolution_backward(plan.tensor[PB_DST], plan.tensor[PB_SRC],
                                              plan.weights, at::IntArrayRef(channels), plan.stride,
                                              plan.padding, plan.dilation, false, Sizes(axes(p), 0),
                                              p.g, {false, true, bias});
    plan.tensor[PB_WEIGHTS].copy_(std::get<1>(gradients));
    if (bias) plan.tensor[PB_BIAS].copy_(std::get<2>(gradients));
}

/* What pixel_unshuffle and pixel_shuffle do, without making the tensor that they return. */
void run_shuffle(const pb_problem &p, Plan &plan) {
    const int64_t k = p.h.k, h = p.h.o, w = p.w.o;
    at::Tensor shuffled = plan.tensor[PB_DST].view({p.mb, p.ic, k, k, h, w});
    at::Tensor spread =
            plan.tensor[PB_SRC].view({p.mb, p.ic, h, k, w, k}).permute({0, 1, 3, 5, 2, 4});
    if (p.dir == PB_BWD)
        spread.copy_(shuffled);
    else
        shuffled.copy_(spread);
}

/* ---- Plans ----------------------------------------------------------------------------------- */

/* A sentence from whatever ATen throws; its text goes on with a backtrace. */
pb_status report(const std::exception &error) {
    return host->fail(PB_PROVIDER, "libtorch: %.*s", (int)strcspn(error.what(), "\n"),
                      error.what());
}

at::Tensor view_of(const pb_problem &p, const pb_tensor &t) {
    auto options = at::dtype(t.dtype == PB_S64 ? at::kLong : at::kFloat);
    Sizes sizes = {t.dims[0], t.dims[1]}, strides = {t.strides[0], t.strides[1]};
    for (int i = 5 - axes(p); i < 5; i++) {
        sizes.push_back(t.dims[i]);
        strides.push_back(t.strides[i]);
    }
    return at::from_blob(t.data, sizes, strides, options);
}

/* A tensor of the role's shape with memory of its own, in the problem's layout. */
at::Tensor empty_like(const pb_problem &p, pb_role role, at::ScalarType type) {
    Sizes sizes = {role == PB_WEIGHTS ? p.oc : p.mb, role == PB_SRC   ? p.ic
                                                     : role == PB_DST ? p.oc
                                                                      : p.ic / p.g};
    for (int i = 0; i < axes(p); i++)
        sizes.push_back(role == PB_SRC   ? axis(p, i).i
                        : role == PB_DST ? axis(p, i).o
                                         : axis(p, i).k);
    auto format = p.layout == PB_NCHW ? at::MemoryFormat::Contiguous
                  : axes(p) == 3      ? at::MemoryFormat::ChannelsLast3d
                                      : at::MemoryFormat::ChannelsLast;
    return at::empty(sizes, at::dtype(type).memory_format(format));
}

void fill(const pb_problem &p, Plan &plan) {
    for (int i = 0; i < axes(p); i++) {
        const pb_axis &a = axis(p, i);
        plan.kernel.push_back(a.k);
        plan.stride.push_back(a.s);
        plan.padding.push_back(a.p);
        plan.dilation.push_back(is_dilated(a) ? a.d + 1 : 1);
        plan.output.push_back(a.o);
    }
    if (p.dir == PB_BWD) plan.src = empty_like(p, PB_SRC, at::kFloat);
    if (p.dir == PB_BWD_W) plan.weights = empty_like(p, PB_WEIGHTS, at::kFloat);
    if (p.dir == PB_FWD && pb_has_indices(&p)) plan.indices = empty_like(p, PB_DST, at::kLong);
    plan.positions = at::scalar_tensor((double)(p.d.i * p.h.i * p.w.i));
}

/* Left alone, ATen takes as many threads as it thinks right at its first call, and makes that the
 * number of all of OpenMP: so it is told before. */
void take_threads(int threads) {
    static bool told;
    if (!told || at::get_num_threads() != threads) at::set_num_threads(threads);
    told = true;
}

pb_status setup(const pb_problem *p, const pb_args *, void **made) {
    try {
        take_threads(host->threads());
        c10::InferenceMode inference;
        auto plan = std::make_unique<Plan>();
        fill(*p, *plan);
        *made = plan.release();
        return PB_OK;
    } catch (const std::bad_alloc &) {
        return host->fail(PB_NOMEM, "libtorch: no memory for a plan");
    } catch (const std::exception &error) {
        return report(error);
    }
}

void point(const pb_problem &p, Plan &plan, const pb_args &args) {
    for (int role = 0; role < PB_ROLES; role++) {
        const pb_tensor &t = args.tensor[role];
        at::Tensor &kept = plan.tensor[role];
        if (kept.defined() ? kept.data_ptr() == t.data : !t.data) continue;
        kept = t.data ? view_of(p, t) : at::Tensor();
        if (kept.defined() && role == PB_BIAS) kept = kept.flatten();
    }
}

template <void (*compute)(const pb_problem &, Plan &)>
pb_status run(const pb_problem *p, void *plan, const pb_args *args) {
    try {
        c10::InferenceMode inference;
        point(*p, *static_cast<Plan *>(plan), *args);
        compute(*p, *static_cast<Plan *>(plan));
        return PB_OK;
    } catch (const std::exception &error) {
        return report(error);
    }
}

void done(void *plan) {
    delete static_cast<Plan *>(plan);
}

/* ---- The table ------------------------------------------------------------------------------- */

const pb_kernel kernels[] = {
        {"torch_maxpool_f32", 0, max_forward, setup, run<run_max>, done},
        {"torch_maxpool_bwd_f32", 0, max_backward, setup, run<run_max_backward>, done},
        {"torch_avgpool_f32", 0, average_forward, setup, run<run_average>, done},
        {"torch_avgpool_bwd_f32", 0, average_backward, setup, run<run_average_backward>, done},
        {"torch_gap_f32", 0, gap_forward, setup, run<run_gap>, done},
        {"torch_gap_bwd_f32", 0, gap_backward, setup, run<run_gap_backward>, done},
        {"torch_adaptive_max_f32", 0, adaptive_max_forward, setup, run<run_adaptive_max>, done},
        {"torch_adaptive_max_bwd_f32", 0, adaptive_max_backward, setup,
         run<run_adaptive_max_backward>, done},
        {"torch_adaptive_avg_f32", 0, adaptive_avg_forward, setup, run<run_adaptive_avg>, done},
        {"torch_adaptive_avg_bwd_f32", 0, adaptive_avg_backward, setup,
         run<run_adaptive_avg_backward>, done},
        {"torch_conv_f32", 0, conv_forward, setup, run<run_conv>, done},
        {"torch_conv_bwd_f32", 0, conv_backward, setup, run<run_conv_backward>, done},
        {"torch_conv_bwd_w_f32", 0, conv_backward_weights, setup, run<run_conv_weights>, done},
        {"torch_s2d_f32", 0, shuffles, setup, run<run_shuffle>, done},
};

/* The library has no call for it: its file is called libtorch_cpu.so.2.6.0, or a link to it is; one
 * without a number is of the version that this was built with. */
const char *version() {
    static char file[PATH_MAX];
    Dl_info info;
    int (*symbol)() = at::get_num_threads;
    if (!dladdr(reinterpret_cast<void *>(symbol), &info) || !realpath(info.dli_fname, file))
        return TORCH_VERSION;
    const char *end = strstr(file, ".so.");
    return end ? end + 4 : TORCH_VERSION;
}

/* Until 1.13 at least; 2.6 takes it. */
bool empty_batch_last(const pb_problem *p) {
    return p->mb == 0 && p->layout == PB_NHWC && version()[0] == '1';
}

const pb_difference differences[] = {
        {"torch_conv_f32", "zero_batch", nullptr, PB_ALWAYS, empty_batch_last,
         "an empty batch is refused channels last"},
        {"torch_avgpool_f32", "long_sums", "onnxruntime_12043_running_sum_stalls", PB_ALWAYS,
         long_sum, "terms are added one after the other in f32: 0.10096 for a million of 0.1"},
        {"torch_adaptive_avg_*", "long_sums", "onnxruntime_12043_running_sum_stalls", PB_ALWAYS,
         long_sum, "terms are added one after the other in f32: 0.10096 for a million of 0.1"},
        {"torch_gap_*", "threads", nullptr, PB_WITH_THREADS, long_sum,
         "long sums are split among threads"},
        {"torch_conv*", "threads", nullptr, PB_WITH_THREADS, nullptr,
         "sums are split among threads"},
        {"torch_adaptive_avg*", "threads", nullptr, PB_WITH_THREADS, nullptr,
         "vectors begin where a thread's part begins, and their tails add in another order"},
};

pb_status start(const pb_host *lent) {
    host = lent;
    return PB_OK;
}

} // namespace

const struct pb_provider pb_provider = {
        PB_ABI,
        "torch",
        start,
        version,
        nullptr,
        kernels,
        sizeof kernels / sizeof kernels[0],
        differences,
        sizeof differences / sizeof differences[0],
        0, /* reads_past */
};
