/* Kernels of 8-bit integers that are wrong on purpose. */
#include "wrong/wrong_tools.h"
#include <math.h>

static bool bytes(const struct pb_problem *p) {
    return (p->dtype == PB_S8 || p->dtype == PB_U8) && pb_select(p, "*_naive") != NULL;
}

static bool max_of_bytes(const struct pb_problem *p) {
    return bytes(p) && pb_is_max(p);
}

static bool signed_max(const struct pb_problem *p) {
    return max_of_bytes(p) && p->dtype == PB_S8;
}

static bool max_with_indices(const struct pb_problem *p) {
    return max_of_bytes(p) && p->dir == PB_FWD_IDX;
}

static bool average_of_bytes(const struct pb_problem *p) {
    return bytes(p) && !pb_is_max(p);
}

static bool windowed_average(const struct pb_problem *p) {
    return average_of_bytes(p) && p->op != PB_GAP;
}

/* A global pool has no padding. */
static bool padded_signed_max(const struct pb_problem *p) {
    return signed_max(p) && p->op == PB_MAX;
}

/* ---- Maxima ---------------------------------------------------------------------------------- */

/* As oneDNN commit d4457d95: the maximum starts from 0. */
static enum pb_status run_seed_0(const struct pb_problem *p, void *plan,
                                 const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int8_t *y = (int8_t *)args->dst.data + offset(&args->dst, at);
        if (*y < 0) *y = 0;
    }
    return status;
}

static enum pb_status run_integer_zero_padding(const struct pb_problem *p, void *plan,
                                               const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int8_t *y = (int8_t *)args->dst.data + offset(&args->dst, at);
        if (sees_padding(p, at) && *y < 0) *y = 0;
    }
    return status;
}

/* As cuDNN, which benchdnn excuses: the lowest of s8 is taken for -127. */
static enum pb_status run_lowest_is_127(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int8_t *y = (int8_t *)args->dst.data + offset(&args->dst, at);
        if (*y == INT8_MIN) *y = -INT8_MAX;
    }
    return status;
}

/* Bytes of one type read and compared as the other's. */
static enum pb_status run_other_sign(const struct pb_problem *p, void *plan,
                                     const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    struct pb_args changed = *args;
    q.dtype = p->dtype == PB_S8 ? PB_U8 : PB_S8;
    changed.src.dtype = changed.dst.dtype = q.dtype;
    return right(&q, &changed);
}

/* Each index moved to the next position of its row that holds the same. */
static enum pb_status run_later_index(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    const char *x = args->src.data;
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int64_t *index = (int64_t *)args->indices.data + offset(&args->indices, at);
        int64_t h = *index / p->w.i % p->h.i, d = *index / p->w.i / p->h.i, w = *index % p->w.i;
        if (*index < 0 || w + 1 == p->w.i) continue;
        int64_t here[5] = {at[0], at[1], d, h, w}, beside[5] = {at[0], at[1], d, h, w + 1};
        *index += x[offset(&args->src, here)] == x[offset(&args->src, beside)];
    }
    return status;
}

/* ---- Averages -------------------------------------------------------------------------------- */

/* What becomes of a sum over a window and its divisor. */
typedef double rounding(enum pb_dtype dtype, double sum, double divisor);

static double saturated(enum pb_dtype dtype, double value) {
    double lowest = dtype == PB_S8 ? INT8_MIN : 0, highest = dtype == PB_S8 ? INT8_MAX : UINT8_MAX;
    return fmin(fmax(value, lowest), highest);
}

static double wrapped(enum pb_dtype dtype, double value) {
    int bits = (int)value;
    return dtype == PB_S8 ? (double)(int8_t)bits : (double)(uint8_t)bits;
}

static double half_even(enum pb_dtype dtype, double sum, double divisor) {
    return saturated(dtype, rint(sum / divisor));
}

/* As apache/tvm#20298 */
static double truncating(enum pb_dtype dtype, double sum, double divisor) {
    return saturated(dtype, trunc(sum / divisor));
}

/* As uxlfoundation/oneDNN#560 */
static double half_away(enum pb_dtype dtype, double sum, double divisor) {
    return saturated(dtype, round(sum / divisor));
}

static double half_up(enum pb_dtype dtype, double sum, double divisor) {
    return saturated(dtype, floor(sum / divisor + 0.5));
}

static double downwards(enum pb_dtype dtype, double sum, double divisor) {
    return saturated(dtype, floor(sum / divisor));
}

/* As ARM-software/ML-KWS-for-MCU#103 */
static double not_saturated(enum pb_dtype dtype, double sum, double divisor) {
    return wrapped(dtype, rint(sum / divisor));
}

static double sum_saturates(enum pb_dtype dtype, double sum, double divisor) {
    return rint(saturated(dtype, sum) / divisor);
}

static double sum_wraps(enum pb_dtype dtype, double sum, double divisor) {
    return rint(wrapped(dtype, sum) / divisor);
}

static float element(const struct pb_tensor *t, const int64_t at[5]) {
    int64_t i = offset(t, at);
    return t->dtype == PB_S8 ? ((const int8_t *)t->data)[i] : ((const uint8_t *)t->data)[i];
}

/* Averages x (NULL: ones) in floats, whole sums of 8-bit integers being exact there; to free. */
static float *average(const struct pb_problem *p, const struct pb_tensor *x, int64_t div) {
    struct pb_problem q = *p;
    int64_t at[5];
    q.dtype = PB_F32;
    if (div) { /* a global pool is one window, which has no divisor to give */
        if (q.op == PB_GAP) q.op = PB_AVG_NP;
        q.div = div;
    }
    struct pb_args args = {.src = pb_tensor_of(&q, PB_SRC, NULL),
                           .dst = pb_tensor_of(&q, PB_DST, NULL)};
    float *src = args.src.data = calloc(pb_tensor_bytes(&args.src) + 1, 1);
    float *dst = args.dst.data = calloc(pb_tensor_bytes(&args.dst) + 1, 1);
    if (src && dst) {
        for (bool more = first(&args.src, at); more; more = next(&args.src, at))
            src[offset(&args.src, at)] = x ? element(x, at) : 1;
        right(&q, &args);
    }
    free(src);
    return dst;
}

/* An average of ones is count / divisor, so that count over it is the divisor. */
static enum pb_status rounded(const struct pb_problem *p, const struct pb_args *args,
                              rounding *rule) {
    float *sum = average(p, &args->src, 1), *count = average(p, NULL, 1);
    float *share = average(p, NULL, 0);
    int64_t at[5];
    bool memory = sum && count && share;
    for (bool more = memory && first(&args->dst, at); more; more = next(&args->dst, at)) {
        int64_t i = offset(&args->dst, at);
        int value = 0;
        if (count[i] > 0) value = (int)rule(p->dtype, sum[i], rint(count[i] / (double)share[i]));
        ((uint8_t *)args->dst.data)[i] = (uint8_t)value;
    }
    free(sum);
    free(count);
    free(share);
    return memory ? PB_OK : PB_NOMEM;
}

static enum pb_status run_average(const struct pb_problem *p, void *plan,
                                  const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, half_even);
}

const struct pb_kernel right_integer_average = {
        .name = "right_integer_average",
        .can_do = average_of_bytes,
        .setup = pb_setup_nothing,
        .run = run_average,
        .done = pb_done_nothing,
};

static enum pb_status run_truncating(const struct pb_problem *p, void *plan,
                                     const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, truncating);
}

static enum pb_status run_half_away(const struct pb_problem *p, void *plan,
                                    const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, half_away);
}

static enum pb_status run_half_up(const struct pb_problem *p, void *plan,
                                  const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, half_up);
}

static enum pb_status run_downwards(const struct pb_problem *p, void *plan,
                                    const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, downwards);
}

static enum pb_status run_not_saturated(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, not_saturated);
}

static enum pb_status run_sum_saturates(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, sum_saturates);
}

static enum pb_status run_sum_wraps(const struct pb_problem *p, void *plan,
                                    const struct pb_args *args) {
    (void)plan;
    return rounded(p, args, sum_wraps);
}

static enum pb_status run_integer_other_divisor(const struct pb_problem *p, void *plan,
                                                const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.op = p->op == PB_AVG_P ? PB_AVG_NP : PB_AVG_P;
    return right(&q, args);
}

static enum pb_status run_integer_override_ignored(const struct pb_problem *p, void *plan,
                                                   const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.div = 0;
    return right(&q, args);
}

const struct wrong_kernel wrong_integers[] = {
        WRONG(seed_0, signed_max, WRONG_VALUE),
        WRONG(integer_zero_padding, padded_signed_max, WRONG_VALUE),
        WRONG(lowest_is_127, signed_max, WRONG_VALUE),
        WRONG(other_sign, bytes, WRONG_VALUE),
        WRONG(later_index, max_with_indices, WRONG_VALUE),
        WRONG(truncating, average_of_bytes, WRONG_VALUE),
        WRONG(half_away, average_of_bytes, WRONG_VALUE),
        WRONG(half_up, average_of_bytes, WRONG_VALUE),
        WRONG(downwards, average_of_bytes, WRONG_VALUE),
        WRONG(not_saturated, windowed_average, WRONG_VALUE),
        WRONG(sum_saturates, average_of_bytes, WRONG_VALUE),
        WRONG(sum_wraps, average_of_bytes, WRONG_VALUE),
        WRONG(integer_other_divisor, windowed_average, WRONG_VALUE),
        WRONG(integer_override_ignored, windowed_average, WRONG_VALUE),
};
const int wrong_integer_count = sizeof wrong_integers / sizeof wrong_integers[0];
