/* reference.h: what is right, and how a kernel is held to it. Sees poolbench.h only. */
#ifndef PB_REFERENCE_H
#define PB_REFERENCE_H

#include "poolbench.h"

/* ---- The oracle ------------------------------------------------------------------------------ */

/* The right values of one written tensor in double, dense in logical order n, c, d, h, w.
 * An element passes where |got - value| <= bound; bound 0 means the exact bits (NaN equals NaN,
 * -0 equals 0). A value of Inf or NaN must be matched in kind and sign. A negative bound says that
 * f32 partial sums may overflow where the exact sum does not: the element passes within -bound, and
 * where it is Inf or NaN. */
struct pb_expected_tensor {
    double *value, *bound;
    int64_t count; /* 0 where the problem does not write this role */
};

/* Owned by the caller; pb_expected_free releases it. Indices are in tensor[PB_INDICES].value,
 * exact below 2^53. */
struct pb_expected {
    struct pb_expected_tensor tensor[PB_ROLES];
};

/* Computes from the inputs in `args` what the outputs must be, straight from the definition in
 * poolbench.h and in double. The bound of a sum of n products is gamma_m * sum|a b| with m = n + 3,
 * of more than 1024 terms m = 1027 + sqrt(n), and u = 2^-24 (Higham, Accuracy and Stability of
 * Numerical Algorithms, 2nd ed., sections 3.1 and 4.2), at most 1 % of sum|a b|, and m 2^-149 for
 * underflow; an average of whole numbers whose magnitudes sum to 2^24 at most is right to the
 * rounded quotient or its neighbour; max has bound 0; lp's bound is derived in oracle/lp.c. INVALID
 * for an index that its window does not hold. */
enum pb_status pb_oracle(const struct pb_problem *problem, const struct pb_args *args,
                         struct pb_expected *expected);
/* Whether every index that the problem reads is of a position that its window holds, or -1 where
 * the window holds nothing; INVALID names the first that is not. Kernels rely on it. */
enum pb_status pb_check_indices(const struct pb_problem *problem, const struct pb_args *args);
void pb_expected_free(struct pb_expected *expected); /* accepts a zeroed one */

/* The first element that is not as expected, in the first tensor that has one, and how many of that
 * tensor are not. */
struct pb_mismatch {
    enum pb_role role;
    int64_t at[5], wrong;
    double got, value, bound;
    bool unwritten;
};
/* Whether there is one. */
bool pb_mismatch(const struct pb_problem *problem, const struct pb_args *args,
                 const struct pb_expected *expected, struct pb_mismatch *found);
/* Compares the outputs in `args` with `expected`. OK, or PROVIDER with a sentence that names the
 * role, the first wrong position, both values, the bound, and how many are wrong of how many. */
enum pb_status pb_compare(const struct pb_problem *problem, const struct pb_args *args,
                          const struct pb_expected *expected);

/* ---- Data ------------------------------------------------------------------------------------ */

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): small, seedable, the same everywhere. */
struct pb_rng {
    uint64_t state;
};
static inline uint64_t pb_rng_next(struct pb_rng *rng) {
    uint64_t z = rng->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
int64_t pb_rng_below(struct pb_rng *rng, int64_t bound); /* uniform in 0 … bound - 1 */
double pb_rng_unit(struct pb_rng *rng);                  /* uniform in [0, 1) */

/* A random problem (f32, any layout) that pb_problem_check accepts: small, so that hundreds run in
 * a second, and nasty. The direction must be one that the operation has. */
void pb_problem_random(struct pb_rng *rng, enum pb_op op, enum pb_dir dir,
                       struct pb_problem *problem);

/* Makes it one that is long in a single place, its batch, channels or one axis, by 2^8 to 2^16 and a
 * little, and 1 or a few in all others. */
void pb_problem_random_long(struct pb_rng *rng, struct pb_problem *problem);

/* What values a test's inputs have. */
enum pb_data_pattern {
    PB_MIXED,    /* uniform in [-1, 1) */
    PB_NEGATIVE, /* uniform in [-2, -1), or all -1.1: a padding of 0 would win a max, and a running
                  * sum of many goes astray */
    PB_TIES,     /* a few small integers (and -Inf for max), so that most windows tie */
    PB_SPARSE,   /* mostly 0: sums are of few terms, so that a bound for many hides none of them */
    PB_SPECIAL,  /* mixed, with NaN, +-Inf and subnormals strewn in */
    PB_LANE, /* mixed, with a single NaN: of equals that a vector and its tail treat, one has it */
    PB_INFINITE,  /* mixed, with +-Inf strewn in */
    PB_SUBNORMAL, /* every element: flushed to 0 they are all wrong */
    PB_CANCEL,    /* mixed, every fourth 1e30 or -1e30 */
    PB_HUGE,      /* mixed, every second beyond half of FLT_MAX: sums overflow */
    PB_DATA_PATTERNS
};
const char *pb_data_pattern_name(enum pb_data_pattern family);
/* Whether that family has an Inf, a NaN or a subnormal number for that problem. */
bool pb_data_pattern_special(enum pb_data_pattern family, const struct pb_problem *problem);

/* Fills every tensor of `args` that the problem reads. Indices (max bwd) are those of a forward
 * pass over input of that family. */
enum pb_status pb_fill(const struct pb_problem *problem, const struct pb_args *args,
                       enum pb_data_pattern family, uint64_t seed);
/* Fills every tensor that the problem writes with a signalling NaN (indices with a position that
 * no input has), so that an element left unwritten shows. */
void pb_poison(const struct pb_problem *problem, const struct pb_args *args);
/* Fills them with what cannot be foreseen, for the run of that number (0, 1, …) of those that have
 * one `seed`. Runs of even number find signalling NaN and positions that no input has, those of odd
 * number what an earlier run may have left. Two runs that follow one another find other bits in
 * every element, and so do any two of four in whole numbers of 8 bits: of an element that was left
 * unwritten, or made from what was found, their results differ. */
void pb_poison_anew(const struct pb_problem *problem, const struct pb_args *args, uint64_t seed,
                    int run);
/* A number that no kernel knows before. */
uint64_t pb_random_seed(void);

/* A number that stands for the bits of a tensor, or of all outputs; another one for other bits, but
 * for an accident in 2^64. */
uint64_t pb_digest(const struct pb_tensor *tensor);
uint64_t pb_digest_outputs(const struct pb_problem *problem, const struct pb_args *args);

/* ---- Memory ---------------------------------------------------------------------------------- */

/* From now on malloc gives memory that is full of `byte` (calloc of zeros, as ever), and what is
 * called next finds a stack of it: what is read before it was written shows. A negative byte ends
 * that. For this thread, and as far as the C library can. */
void pb_fresh_memory(int byte);

/* ---- A trial: one problem, its buffers and what is right ------------------------------------- */

struct pb_trial {
    struct pb_problem problem;
    struct pb_args args;
    struct pb_buffer buffer[PB_ROLES];
    struct pb_buffer copy[PB_ROLES]; /* of the inputs, to see that they stay unchanged */
    struct pb_buffer call;           /* what kernels are given: the trial's own is out of reach */
    struct pb_buffer left[PB_ROLES]; /* outputs of each run of the last plan, one after the other */
    void *kept[PB_ROLES];            /* outputs of the last pb_trial_check */
    struct pb_expected expected;
    /* Other data and other memory for the plans of this one's problem; NULL: none.
     * pb_trial_begin_other makes it, and its owner ends it. */
    struct pb_trial *other;
    /* Whether plans that have constants run on the other's data too: what is right then, the
     * oracle is asked once more. */
    bool with_constants;
    struct pb_expected mixed; /* that: of the other's data with this one's constants */
    bool is_mixed;
};

/* ---- The runs of one plan -------------------------------------------------------------------- */

enum { PB_PLAN_RUNS = 4 }; /* at most, that are looked at */

/* What one plan is to do: to be set up where fresh memory is full of `fresh`, to run, and to end.
 * What is right is nothing that it needs to know. */
struct pb_plan_task {
    bool constants; /* weights and indices are given to setup, else to each run */
    int fresh;      /* a byte */
    int unseen;     /* runs before the first that is looked at; memory must not grow with them */
    int runs;
    struct {
        bool elsewhere; /* in the memory of the other trial, while the first holds the other's data */
        bool other;     /* on the data of the other trial */
    } run[PB_PLAN_RUNS];
};

/* What became of it. */
struct pb_plan_left {
    int runs; /* that came to their end, and hurt neither guards nor inputs */
    /* Why there are no more than that, or PROVIDER where memory grew with them; of a plan that
     * could not be set up the kernel's own status. */
    enum pb_status status;
    char sentence[768];
    const void *output[PB_PLAN_RUNS][PB_ROLES]; /* of each of those; NULL where none is written */
};

/* Does the task with a kernel in this process. Guards and inputs that it hurt are mended, and the
 * trial has its data back. Outputs are left where `to` says, those of run r of one role at
 * to[role] + r * (bytes of that tensor). */
void pb_plan_run(struct pb_trial *trial, const struct pb_kernel *kernel,
                 const struct pb_plan_task *task, unsigned char *const to[PB_ROLES],
                 struct pb_plan_left *left);

/* Who runs the plans of this process's trials: it does itself, or another does that has not what is
 * right in its memory. `run` does a task for the trial with the kernel and says what it left, whose
 * outputs stay as they are until the next call. A process that has another run them needs no copies
 * of inputs, as nothing here changes them. */
struct pb_plan_runner {
    void (*run)(void *arg, struct pb_trial *trial, const struct pb_kernel *kernel,
                const struct pb_plan_task *task, struct pb_plan_left *left);
    void *arg;
};
/* From now on; NULL: this process itself. It stays the caller's. */
void pb_plans_run_by(const struct pb_plan_runner *runner);

/* UNSUPPORTED, with a sentence, for a problem whose trial would take more than half of this
 * machine's memory; kernels need the rest. */
enum pb_status pb_trial_fits(const struct pb_problem *problem);
/* Whether that holds of a trial and another beside it. */
bool pb_trials_fit(const struct pb_problem *problem);
/* Allocates between guards, fills, and asks the oracle. Data stands as `placement` says, or 64-byte
 * aligned. */
enum pb_status pb_trial_begin_at(struct pb_trial *trial, const struct pb_problem *problem,
                                 enum pb_data_pattern family, enum pb_placement placement,
                                 uint64_t seed);
enum pb_status pb_trial_begin(struct pb_trial *trial, const struct pb_problem *problem,
                              enum pb_data_pattern family, uint64_t seed);
/* The two halves of pb_trial_begin, for inputs that come from elsewhere: allocate, fill args, then
 * expect, which keeps the copies and asks the oracle. After a failure call pb_trial_end. */
enum pb_status pb_trial_allocate(struct pb_trial *trial, const struct pb_problem *problem);
enum pb_status pb_trial_expect(struct pb_trial *trial);
/* Only what a process needs that runs plans: memory, with the inputs of `given`, which stay the
 * caller's and must stay, and without the tensors that have no data there. */
enum pb_status pb_trial_begin_given(struct pb_trial *trial, const struct pb_problem *problem,
                                    enum pb_placement placement, const struct pb_args *given);
/* Makes `other` a trial of the problem of `trial` on data of its own, at addresses of the least
 * alignment, without the tensors that `trial` is run without. */
enum pb_status pb_trial_begin_other(struct pb_trial *other, const struct pb_trial *trial,
                                    uint64_t seed);
/* Holds the runs of one plan to the contract, wherever they are made. Each finds the outputs
 * poisoned and is followed by a look at the guards and inputs:
 *   1. outputs as expected;
 *   2. the same data in the same memory: the same bits;
 *   3. the data of trial->other in the same memory, weights and indices too unless setup had them:
 *      outputs as expected;
 *   4. the first data in the memory of trial->other, while the first memory holds the other: the
 *      bits of the first.
 * Without another trial 3 is left out and 4 is as 2. With `constants` weights are given to setup,
 * else to run. Fresh memory is not zero. PROVIDER with a sentence where the kernel is wrong, which
 * begins with "state: " where only a run that is not the first is, and the trial's outputs are what
 * was wrong; the kernel's own status where it fails. */
enum pb_status pb_trial_check(struct pb_trial *trial, const struct pb_kernel *kernel,
                              bool constants);
/* What the plan of a check is to do, and that of its repetitions: for who has it done ahead. */
struct pb_plan_task pb_trial_check_task(const struct pb_trial *trial, bool constants);
struct pb_plan_task pb_trial_repeat_task(bool constants);
/* The same bits at every thread count: after a check that held, set another number of threads and
 * repeat it, without step 3. That the bits are those of the check stands for the comparison with
 * the oracle. Between the two calls everything else stays the same. */
enum pb_status pb_trial_repeat(struct pb_trial *trial, const struct pb_kernel *kernel,
                               bool constants);
/* After a check that held: one plan run PB_MANY_RUNS times gives the same bits at the end, and the
 * memory of this process does not grow with the runs. */
enum { PB_MANY_RUNS = 100 };
enum pb_status pb_trial_many(struct pb_trial *trial, const struct pb_kernel *kernel,
                             bool constants);
/* Of the outputs of a check that held, as pb_digest_outputs. */
uint64_t pb_trial_digest(const struct pb_trial *trial);
/* Why a check failed, as far as its sentence and its first wrong element say: the rule of the
 * contract (poolbench.h) that decides there, `results` where none does more than another, and the
 * values of the element's window, "." for padding; "" where it has none. */
struct pb_cause {
    char rule[32], window[256];
};
void pb_trial_cause(const struct pb_trial *trial, const char *sentence, struct pb_cause *cause);
/* Whether one of its inputs holds Inf, NaN or a subnormal number, where libraries differ most. */
bool pb_trial_special(const struct pb_trial *trial);
void pb_trial_end(struct pb_trial *trial); /* accepts a zeroed one */

/* ---- ONNX test cases ------------------------------------------------------------------------- */

/* One tensor of a file, dense in the order of its axes. */
enum { PB_ONNX_RANK = 5 };
struct pb_onnx_tensor {
    enum pb_dtype dtype; /* PB_F32, PB_S64, PB_S8 or PB_U8 */
    int rank;
    int64_t dims[PB_ONNX_RANK], count;
    struct pb_buffer buffer;
};
/* Reads one TensorProto file. IO or INVALID, with the path, for a file that is none or is cut
 * short; UNSUPPORTED for other data types and more axes. */
enum pb_status pb_onnx_tensor_read(const char *path, struct pb_onnx_tensor *tensor);
void pb_onnx_tensor_free(struct pb_onnx_tensor *tensor); /* accepts a zeroed one */

/* Whether a directory holds model.onnx, and how many data sets (test_data_set_0, …) it has. */
bool pb_onnx_is_case(const char *directory);
int pb_onnx_sets(const char *directory);
/* Whether the model of a test case has an operator that pools, convolves or downsamples, in scope
 * or out. IO or INVALID for a model that cannot be read. */
enum pb_status pb_onnx_is_ours(const char *directory, bool *ours);

/* One data set of a directory in ONNX's test-case layout: the problem of the model's one node of
 * ours, its inputs in args, the outputs on disk as the values to expect. Those were computed in f32
 * too, so their bounds are twice the oracle's. Around the node there may be initializers and nodes
 * that pass a tensor on: Constant, Identity, Squeeze, Unsqueeze.
 * Forward: MaxPool, AveragePool, LpPool, GlobalMaxPool, GlobalAveragePool, GlobalLpPool, Conv,
 * SpaceToDepth; DepthToSpace is the gradient of s2d. Backward: MaxPoolGrad, AveragePoolGrad,
 * ConvGrad of the domain com.microsoft (ONNX Runtime's training operators). What ONNX cannot say is
 * in the domain poolbench: AveragePool and AveragePoolGrad with the attribute divisor_override,
 * GlobalAveragePoolGrad(dY), LpPool with any p and LpPoolGrad(dY, X), AdaptiveMaxPool and
 * AdaptiveAveragePool, whose windows follow from the shapes, AdaptiveMaxPoolGrad(dY, Indices) and
 * AdaptiveAveragePoolGrad(dY), SpaceToDepth with DepthToSpace's attribute mode, Blur and
 * BlurGrad(dY) with a kernel_shape, strides and pads. A ConvGrad node yields either dX or dW and
 * dB. Tensors on disk are channels-first, and indices flat over the whole tensor; `layout` says how
 * they are laid out in the trial. UNSUPPORTED, with the reason, for what is out of scope; IO or
 * INVALID for a file that cannot be read. */
enum pb_status pb_onnx_trial(const char *directory, int set, enum pb_layout layout,
                             struct pb_trial *trial);

#endif
