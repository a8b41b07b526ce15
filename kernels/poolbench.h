/* poolbench.h: every public type and function of the kernel library, with the contract. What a
 * plug-in sees and exports is in provider_abi.h.
 *
 * The contract. Every kernel in the registry keeps it at every ISA, tail and thread count; where
 * libraries differ, PyTorch is followed. A rule begins with its id, by which its check
 * (reference/conformance/rules.c), its tests, declared differences and messages name it; what is
 * checked elsewhere says where.
 *
 * Windows
 *   results               each output is what the operation says of its window
 *   axes                  each axis has its own window, stride, padding and dilation
 *   dilation              a dilated window skips positions, also where it reaches past the input
 *   groups                a group of output channels sees its group of input channels alone
 *   one_sided_padding     leading and trailing padding may differ; input past the last window is
 *                         unread
 *   adaptive_windows      window o spans floor(o i / O) to ceil((o + 1) i / O) - 1
 *   s2d_order             channels of s2d are blocks kd, kh, kw, then ic; with crd ic, then blocks
 *   blur_reflects         padding of blur reflects the input about its end positions
 *   conv_padding          padding of a convolution adds no term; times a weight of Inf or NaN it is
 *                         unspecified (checked by the oracle's bounds: padding has no term there)
 *
 * Maxima
 *   max_nan               a NaN in the window gives NaN
 *   max_padding           never wins: padding is the identity (-Inf, the lowest integer), also for
 *                         all-negative input
 *   max_lowest            a window of the lowest numbers gives the lowest, one of -Inf gives -Inf
 *   max_tie               the first position in row-major order gives the index,
 *   max_infinite_tie      also where all are -Inf;
 *   max_nan_tie           of several NaN the last, as PyTorch does in both layouts
 *   max_gradient          a gradient goes to the one position that the index names
 *   indices               int64, flat over the spatial positions (id, ih, iw) of the channel
 *   max_empty_window      a window without input (every tap in padding, or past the input)
 *                         gives -Inf, or the lowest integer,
 *   max_empty_index       has index -1 and sends no gradient
 *
 * Averages and other sums
 *   average_empty_window  an average or lp of a window without input is 0
 *   avg_p_divisor         positions inside the input and its declared padding (p before, pr after)
 *   avg_np_divisor        input positions only
 *   ceil_overhang         an overhang made by `ceil` counts in no divisor and adds nothing
 *   divisor_override      `div N` replaces the divisor
 *   accumulation          f32 kernels sum in f32 or better, 16-bit kernels in f32
 *   long_sums             an average or sum of n terms is at most as wrong as pairwise or blocked
 *                         summation makes it: its error grows with log n or sqrt n, not with n; a
 *                         result whose error bound would exceed 1 % of sum |a| is a defect, not a
 *                         tolerance. Whole numbers with sum |a| <= 2^24 are summed exactly, and
 *                         their average is the rounded quotient or its neighbour
 *   cancellation          large numbers of both signs cancel without a trace of what is not in the
 *                         window
 *   sum_nan               NaN and Inf come through a sum as IEEE 754 adds them
 *   subnormals            subnormal numbers count
 *   lp                    (sum |x|^p)^(1/p) over the input positions of the window; NaN in the
 *                         window gives NaN, else Inf gives Inf
 *   lp_range              no power overflows or underflows where the result does not
 *   lp_gradient           dy sign(x) (|x| / y)^(p-1) as IEEE 754 has it (where y is Inf or NaN too;
 *                         q^0 is 1); NaN where x is NaN, 0 where x or y is 0
 *
 * Integers: s8 and u8, forward
 *   integer_max           exact; the lowest integer is the identity
 *   integer_average       of an exact sum (64 bits where 2^23 taps can be passed), rounded half to
 *                         even unless the provider declares otherwise,
 *   integer_saturation    and saturated
 *
 * Gradients
 *   gradients_written     written, not accumulated, and 0 where no window looks
 *   gradients_overlap     of overlapping windows sum in at least f32
 *
 * Runs
 *   bias                  a convolution may be run without a bias
 *   weights_at_setup      weights given to `setup` as constants give what weights given to `run` do
 *   state                 a plan may be run any number of times, with other data, at other
 *                         addresses, and with weights changed in place: each run is right by itself
 *                         and gives the same bits for the same data (weights and indices given to
 *                         `setup` as constants excepted); no run reads memory that was never
 *                         written, and memory does not grow with the runs (checked by one_plan, and
 *                         of every plan by pb_trial_check)
 *   process_state         a call leaves the process as it was: how threads compute (rounding,
 *                         traps, flushing to 0), signal mask and handlers, locale, working
 *                         directory, environment and descriptors; what a library opens in `start`
 *                         or the first time that it is set up excepted (checked by
 *                         suites/verify/worker.c around every call)
 *   one_plan              a plan leaves nothing of one run in the next
 *   threads               the same kernel gives the same bits at every thread count
 *   odd_addresses         a tensor is aligned to its element, to nothing more
 *   inputs_unchanged      inputs are never written
 *   written_fully         every element of the outputs is written, whatever it held before,
 *   written_inside        and nothing else; what lies before a tensor's first byte and after its
 *                         last may not even be read
 *   arguments             dense tensors, as pb_tensor_of makes them; indices of a max gradient come
 *                         from a forward pass of the same problem (checked by pb_check_indices)
 *
 * Problems
 *   sizes                 int64 everywhere; a product that overflows is refused; an output extent
 *                         that was left out while the window does not fit (i + 2p < K) is refused,
 *                         and so is a divisor override of 0 (checked by test_problem.c)
 *   zero_batch            a batch of 0 is valid and writes nothing but a gradient of 0
 *   bad_problem           refused with a status and a sentence that names the field; never a crash,
 *                         never a silent guess (checked by test_problem.c and suites/fuzz)
 */
#ifndef POOLBENCH_H
#define POOLBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status ---------------------------------------------------------------------------------- */

enum pb_status {
    PB_OK,
    PB_UNSUPPORTED, /* right, but not done here */
    PB_INVALID,     /* the caller's input is wrong */
    PB_NOMEM,
    PB_IO,
    PB_PROVIDER, /* a kernel, ours or foreign, broke the contract */
};

/* Keeps a printf-formatted sentence for the user (one per thread) and returns `status`. */
enum pb_status pb_fail(enum pb_status status, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* The sentence of this thread's last failure; "" before the first. */
const char *pb_error(void);

/* ---- Problem: what to compute, never how ----------------------------------------------------- */

enum pb_op {
    PB_MAX,
    PB_AVG_P,
    PB_AVG_NP,
    PB_LP,
    PB_GAP,
    PB_GMP,
    PB_CONV,
    PB_ADAPTIVE_MAX, /* window o spans floor(o i / O) … ceil((o + 1) i / O) - 1, O outputs in all */
    PB_ADAPTIVE_AVG,
    PB_S2D,  /* space to depth: k x k blocks of positions become channels */
    PB_BLUR, /* a binomial filter in each channel, the input reflected at its ends (Zhang, "Making
              * Convolutional Networks Shift-Invariant Again", ICML 2019) */
    PB_OPS
};
enum pb_dir { PB_FWD, PB_FWD_IDX, PB_BWD, PB_BWD_W, PB_DIRS };
enum pb_dtype { PB_F32, PB_F16, PB_BF16, PB_S8, PB_U8, PB_S32, PB_S64, PB_DTYPES };
/* nchw and nhwc mean channels-first and channels-last at any rank. Weights are o,i,d,h,w in nchw
 * and nChw16c problems and o,d,h,w,i in nhwc problems. */
enum pb_layout { PB_NCHW, PB_NHWC, PB_NCHW16C, PB_LAYOUTS };

const char *pb_op_name(enum pb_op op);
/* Reads an operation's name; INVALID lists those that there are. */
enum pb_status pb_op_parse(const char *name, enum pb_op *op);
const char *pb_dir_name(enum pb_dir dir);
const char *pb_dtype_name(enum pb_dtype dtype);
const char *pb_layout_name(enum pb_layout layout);
size_t pb_dtype_size(enum pb_dtype dtype);
bool pb_dtype_is_integer(enum pb_dtype dtype);

/* One spatial axis. An absent axis has i = k = o = s = 1 and p = pr = d = 0, so that a loop over
 * all three is always right. Dilation counts from 0: the window spans K = (k-1)(d+1)+1. */
struct pb_axis {
    int64_t i, o, k, s;
    int64_t p;  /* leading padding, >= 0 */
    int64_t pr; /* trailing padding; negative where input is left unread */
    int64_t d;
};

enum { PB_NAME_SIZE = 96, PB_TEXT_SIZE = 576 };

/* A plain value: copy it, compare it field by field. Made by pb_problem_parse, or filled by hand
 * and passed through pb_problem_check. For pooling oc equals ic; g matters to conv only. For gap
 * and gmp the window is the whole input; adaptive windows follow from i and o, and k = s = 1. For
 * s2d k = s, i = o k, and oc = ic kd kh kw. */
struct pb_problem {
    enum pb_op op;
    enum pb_dir dir;
    enum pb_dtype dtype;
    enum pb_layout layout;
    int rank; /* 1, 2 or 3 spatial axes: w; h, w; d, h, w */
    int64_t mb, g, ic, oc;
    union {
        struct {
            struct pb_axis d, h, w;
        };
        struct pb_axis axis[3];
    };
    bool ceil;               /* o was rounded up, as PyTorch's ceil_mode */
    int64_t div;             /* divisor override of an average; 0: none */
    double power;            /* lp's exponent, 0.01 to 100; 0 for the rest */
    bool crd;                /* s2d: output channel ic, kd, kh, kw as PyTorch's pixel_unshuffle, not
                              * kd, kh, kw, ic as ONNX and TensorFlow */
    char name[PB_NAME_SIZE]; /* why the shape is there; may be "". A longer one is cut */
};

/* Whether its result is the largest element of a window of k taps, or of any window: then it has
 * indices. */
static inline bool pb_is_max(const struct pb_problem *problem) {
    return problem->op == PB_MAX || problem->op == PB_GMP;
}
static inline bool pb_has_indices(const struct pb_problem *problem) {
    return pb_is_max(problem) || problem->op == PB_ADAPTIVE_MAX;
}

/* Reads OP[:DTYPE][:LAYOUT][:DIR]:DESC. DESC is benchdnn's grammar (tests/benchdnn/doc) plus
 * `ceil`, `div N`, `pow X` (default 2, a decimal fraction) and `crd`. INVALID names the field.
 * *problem is written only on success. */
enum pb_status pb_problem_parse(const char *text, struct pb_problem *problem);
/* Refuses what no kernel may be asked: an extent or stride below 1, an output that does not
 * follow, an axis of more than 2^40 positions, a product that overflows. */
enum pb_status pb_problem_check(const struct pb_problem *problem);
/* Writes the canonical text, which parses back to the same problem; returns `text`. */
const char *pb_problem_print(const struct pb_problem *problem, char text[PB_TEXT_SIZE]);

/* Multiply-adds of a convolution, padding included, as papers count them; 0 for pooling. */
int64_t pb_problem_macs(const struct pb_problem *problem);

/* ---- Tensors: views that own nothing --------------------------------------------------------- */

/* Which tensor of an execution. In `bwd` src is the gradient that is written and dst the gradient
 * that is read; in `bwd_w` weights and bias are written. `input` is what forward had as src, for a
 * gradient that depends on it (lp). */
enum pb_role { PB_SRC, PB_DST, PB_WEIGHTS, PB_BIAS, PB_INDICES, PB_INPUT, PB_ROLES };

/* Five logical axes n, c, d, h, w whatever the layout (weights: o, i/g, d, h, w). Strides count
 * elements. In nChw16c strides[1] steps over blocks of 16 channels and a channel within its block
 * steps by 1; the last block is padded to 16. */
struct pb_tensor {
    void *data;
    enum pb_dtype dtype;
    enum pb_layout layout;
    int64_t dims[5], strides[5];
};

struct pb_args {
    union {
        struct {
            struct pb_tensor src, dst, weights, bias, indices, input;
        };
        struct pb_tensor tensor[PB_ROLES];
    };
};

/* The dense tensor that `role` has in `problem`, over `data` (may be NULL: then only a shape). */
struct pb_tensor pb_tensor_of(const struct pb_problem *problem, enum pb_role role, void *data);
/* Elements that a caller sees (n c d h w), and bytes of storage (with a block's padding). */
int64_t pb_tensor_count(const struct pb_tensor *tensor);
size_t pb_tensor_bytes(const struct pb_tensor *tensor);
/* Whether an execution of `problem` takes that tensor at all, whether it writes or reads it.
 * conv may be run without bias: args.bias.data is then NULL. */
bool pb_role_used(const struct pb_problem *problem, enum pb_role role);
bool pb_role_written(const struct pb_problem *problem, enum pb_role role);
bool pb_role_read(const struct pb_problem *problem, enum pb_role role);
const char *pb_role_name(enum pb_role role);
/* Whether it reads what may stay the same between runs: weights and bias, or indices. */
static inline bool pb_has_constants(const struct pb_problem *problem) {
    return pb_role_read(problem, PB_WEIGHTS) || pb_role_read(problem, PB_INDICES);
}

/* Position of an element, in elements from data. */
static inline int64_t pb_offset(const struct pb_tensor *t, int64_t n, int64_t c, int64_t d,
                                int64_t h, int64_t w) {
    int64_t channel = t->layout == PB_NCHW16C ? c / 16 * t->strides[1] + c % 16 : c * t->strides[1];
    return n * t->strides[0] + channel + d * t->strides[2] + h * t->strides[3] + w * t->strides[4];
}

/* Where a tensor's data stands in the memory made for it. */
enum pb_placement {
    PB_ALIGNED, /* at a multiple of 64 bytes, as near to the closed pages behind as that allows */
    PB_FIRST,   /* right behind the closed pages in front, where an access before it traps */
    PB_LAST,    /* right before those behind, where an access past it traps; any alignment */
    PB_ODD,     /* one element past a multiple of 64 bytes */
    PB_PLACEMENTS
};
const char *pb_placement_name(enum pb_placement placement);

/* Memory of a tensor: data between guard bytes, up to pages in front and behind that trap whoever
 * reads or writes them. */
struct pb_buffer {
    void *data;
    size_t bytes;
    void *base; /* of the mapping, and its bytes */
    size_t mapped;
};
/* PB_ALIGNED, as most callers want it. NOMEM with a sentence. */
enum pb_status pb_buffer_alloc(struct pb_buffer *buffer, size_t bytes);
/* `bytes` is a multiple of `element`, the bytes of one element. */
enum pb_status pb_buffer_alloc_at(struct pb_buffer *buffer, size_t bytes,
                                  enum pb_placement placement, size_t element);
/* Asks the system for transparent huge pages (2 MiB) under the buffers made from now on; it gives
 * them where it can. Not thread-safe. */
void pb_buffers_on_huge_pages(bool on);
/* Keeps that many bytes behind the data of buffers made from now on from trapping whoever reads
 * them; a smaller number than before changes nothing. Not thread-safe. */
void pb_buffers_read_past(size_t bytes);
/* Whether all guard bytes are as they were made; and makes them so again. */
bool pb_buffer_intact(const struct pb_buffer *buffer);
void pb_buffer_mend(const struct pb_buffer *buffer);
void pb_buffer_free(struct pb_buffer *buffer); /* accepts a zeroed buffer */

/* ---- CPU ------------------------------------------------------------------------------------- */

/* A level of this machine; a kernel needs all bits that it names. */
enum pb_isa {
    PB_ISA_AVX2 = 1u << 0,   /* AVX2 and FMA */
    PB_ISA_AVX512 = 1u << 1, /* AVX-512 F, BW, DQ, VL, with AVX2 and FMA */
    PB_ISA_NEON = 1u << 2,
};
/* What the processor and the system offer, and what of it the caller's limit leaves. */
unsigned pb_isa_detected(void);
unsigned pb_isa(void);
/* Lowers the limit to "scalar", "avx2", "avx512" or "neon"; "native" lifts it. An unknown name or
 * one that this machine does not have is INVALID. Not thread-safe: call it first. */
enum pb_status pb_isa_limit(const char *name);
/* "scalar", "avx2", … : the highest level in the set. */
const char *pb_isa_name(unsigned isa);
/* Sizes in bytes of the data caches; 0 where neither the system nor the processor says. */
struct pb_caches {
    int64_t l1d, l2, l3;
};
struct pb_caches pb_caches(void);
/* The processor's own name, such as "AMD EPYC 9354". */
const char *pb_cpu_name(void);

/* Threads that kernels use (OpenMP; OpenBLAS follows). n <= 0: every core. */
void pb_set_threads(int n);
int pb_threads(void);

/* The core type that OpenBLAS runs with, such as "SkylakeX". */
const char *pb_blas_core(void);
/* The core type to ask OpenBLAS for instead of `core` on a machine that offers `isa`; NULL where
 * `core` uses all of it. */
const char *pb_blas_better(const char *core, unsigned isa);
/* OpenBLAS picks its core when it is loaded and, on processors newer than itself, picks an old
 * one. Where there is a better one and OPENBLAS_CORETYPE is unset, sets it and starts the program
 * again with the same arguments. Call it first in main. */
void pb_blas_fit(char **argv);

/* ---- Kernels --------------------------------------------------------------------------------- */

/* One variant; its file ends with its const entry and registry.c lists it. Foreign kernels answer
 * the same four calls. A plan serves one run at a time. */
struct pb_kernel {
    const char *name; /* FAMILY[_DIR]_DTYPE[_LAYOUT]_METHOD, as the file is called; STEM_simd.c is
                       * listed once per ISA, as STEM_avx2, STEM_avx512, STEM_neon */
    unsigned isa;     /* the enum pb_isa bits it needs */
    /* Whether it accepts a checked problem. */
    bool (*can_do)(const struct pb_problem *problem);
    /* Makes what runs of this problem share (packed weights, scratch) in *plan, which may stay
     * NULL. `constants` holds weights and bias, or the indices of a gradient, that stay the same
     * for the plan's life; it is NULL where they change between runs, and run then reads them from
     * its args. */
    enum pb_status (*setup)(const struct pb_problem *problem, const struct pb_args *constants,
                            void **plan);
    enum pb_status (*run)(const struct pb_problem *problem, void *plan, const struct pb_args *args);
    void (*done)(void *plan); /* accepts NULL */
    /* The algorithm, whatever the ISA, in a word: naive, im2col, direct, separable, scatter or
     * another. NULL in a plug-in, whose name stands for it. */
    const char *method;
};

/* For kernels with nothing to prepare. */
enum pb_status pb_setup_nothing(const struct pb_problem *problem, const struct pb_args *constants,
                                void **plan);
void pb_done_nothing(void *plan);

/* The table: our own, best first, reference last, then those of providers as they were loaded. */
size_t pb_kernel_count(void);
const struct pb_kernel *pb_kernel_at(size_t position);
/* Whether the kernel's ISA is on, its name matches `glob` (NULL: any) and it accepts `problem`. */
bool pb_kernel_runs(const struct pb_kernel *kernel, const struct pb_problem *problem,
                    const char *glob);
/* The kernel to run: what pb_prefer was told; else the first in the table that runs, but where a
 * model of sizes, layout and caches (select.c) takes one further down to be faster, that one. NULL,
 * with a sentence, if none runs. Without a glob only our own are asked. */
const struct pb_kernel *pb_select(const struct pb_problem *problem, const char *glob);
/* Makes pb_select take `kernel`, while it runs, for `problem` whatever its name; what was measured
 * knows better than any order. NOMEM. Not thread-safe. */
enum pb_status pb_prefer(const struct pb_problem *problem, const struct pb_kernel *kernel);
/* The two columns that kernels are told apart by. The kernel's method; of a foreign kernel its
 * provider's name. */
const char *pb_kernel_method(const struct pb_kernel *kernel);
/* The highest level that the kernel needs: "scalar", "avx2", …; "" of a foreign kernel that needs
 * none, as its library chooses for itself. */
const char *pb_kernel_isa_name(const struct pb_kernel *kernel);
/* Whether `word` is one of the two, or "simd" and the kernel needs an ISA above scalar. */
bool pb_kernel_is(const struct pb_kernel *kernel, const char *word);

/* ---- Providers: other libraries' kernels as plug-ins ----------------------------------------- */

/* What a plug-in exports: provider_abi.h. */
struct pb_provider;

/* Loads a plug-in and appends its kernels to the table; one that is loaded already is left alone.
 * IO where it is not there or no shared object, PROVIDER where it is no plug-in, of another ABI, or
 * has a kernel that is incomplete, wrongly named or in the table; then nothing has changed. A path
 * without '/' is a file here. Not thread-safe. */
enum pb_status pb_provider_load(const char *path);
size_t pb_provider_count(void);
const struct pb_provider *pb_provider_at(size_t position);
/* Whose kernel it is; NULL: our own. */
const struct pb_provider *pb_kernel_provider(const struct pb_kernel *kernel);
/* pb_provider's implementation(); "" where it has none, as our own, whose name says it. */
const char *pb_kernel_implementation(const struct pb_kernel *kernel, const void *plan,
                                     bool *reference);

#ifdef __cplusplus
}
#endif
#endif
