/* Each runs the naive kernel and spoils what its one rule speaks of. */
#include "wrong/rule_breakers.h"
#include "wrong/wrong_tools.h"
#include <float.h>
#include <math.h>

/* ---- Which problems -------------------------------------------------------------------------- */

static bool any(const struct pb_problem *p) {
    return p->dtype == PB_F32 && p->layout != PB_NCHW16C && pb_select(p, "*_naive") != NULL;
}

static bool forward(const struct pb_problem *p) {
    return any(p) && (p->dir == PB_FWD || p->dir == PB_FWD_IDX);
}

static bool max_forward(const struct pb_problem *p) {
    return forward(p) && pb_is_max(p);
}

static bool max_indices(const struct pb_problem *p) {
    return any(p) && pb_is_max(p) && p->dir == PB_FWD_IDX;
}

static bool average_forward(const struct pb_problem *p) {
    return forward(p) && (p->op == PB_AVG_P || p->op == PB_AVG_NP || p->op == PB_GAP);
}

static bool average(const struct pb_problem *p) {
    return any(p) && (p->op == PB_AVG_P || p->op == PB_AVG_NP);
}

static bool backward(const struct pb_problem *p) {
    return any(p) && p->dir == PB_BWD;
}

static bool conv(const struct pb_problem *p) {
    return any(p) && p->op == PB_CONV;
}

static bool conv_forward(const struct pb_problem *p) {
    return conv(p) && p->dir == PB_FWD;
}

/* ---- Elements -------------------------------------------------------------------------------- */

static void spoil(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_tensor y = *output(p, args);
    if (pb_tensor_count(&y)) *(float *)y.data += 1;
}

struct window {
    bool empty;
    int64_t first_nan; /* of several; -1: none */
    int64_t first;     /* position with input; -1: none */
};

/* What stands in the window of output `at` (n, c, d, h, w). */
static struct window look(const struct pb_problem *p, const struct pb_args *args,
                          const int64_t at[5]) {
    struct window found = {true, -1, -1};
    for (int64_t tap = 0; tap < p->d.k * p->h.k * p->w.k; tap++) {
        const int64_t k[3] = {tap / (p->h.k * p->w.k), tap / p->w.k % p->h.k, tap % p->w.k};
        int64_t in[3];
        bool inside = true;
        for (int a = 0; a < 3; a++) {
            const struct pb_axis *x = &p->axis[a];
            in[a] = at[2 + a] * x->s - x->p + k[a] * (x->d + 1);
            inside = inside && in[a] >= 0 && in[a] < x->i;
        }
        if (!inside) continue;
        int64_t flat = (in[0] * p->h.i + in[1]) * p->w.i + in[2];
        const int64_t from[5] = {at[0], at[1], in[0], in[1], in[2]};
        float v = ((const float *)args->src.data)[offset(&args->src, from)];
        if (isnan(v) && found.first_nan < 0) found.first_nan = flat;
        if (found.empty) found.first = flat;
        found.empty = false;
    }
    return found;
}

/* Calls `change` for every output with what stands in its window. */
static enum pb_status changed(const struct pb_problem *p, const struct pb_args *args,
                              void (*change)(const struct window *, float *value, int64_t *index)) {
    const struct pb_tensor *y = &args->dst;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = !status && first(y, at); more; more = next(y, at)) {
        struct window window = look(p, args, at);
        int64_t place = offset(y, at), none;
        int64_t *index = p->dir == PB_FWD_IDX ? (int64_t *)args->indices.data + place : &none;
        change(&window, (float *)y->data + place, index);
    }
    return status;
}

/* ---- Maxima ---------------------------------------------------------------------------------- */

static void ignore_nan(const struct window *w, float *value, int64_t *index) {
    (void)index;
    if (w->first_nan >= 0) *value = 0;
}

static void take_first_nan(const struct window *w, float *value, int64_t *index) {
    (void)value;
    if (w->first_nan >= 0) *index = w->first_nan;
}

/* As pytorch/pytorch#1465 */
static void lose_index_of_infinity(const struct window *w, float *value, int64_t *index) {
    if (!w->empty && *value == -INFINITY) *index = -1;
}

/* As openvinotoolkit/openvino#35935 */
static void start_from_lowest(const struct window *w, float *value, int64_t *index) {
    (void)index;
    if (!w->empty && *value == -INFINITY) *value = -FLT_MAX;
}

static void empty_is_0(const struct window *w, float *value, int64_t *index) {
    (void)index;
    if (w->empty) *value = 0;
}

static void empty_has_index_0(const struct window *w, float *value, int64_t *index) {
    (void)value;
    if (w->empty) *index = 0;
}

static void empty_is_nan(const struct window *w, float *value, int64_t *index) {
    (void)index;
    if (w->empty) *value = NAN;
}

#define CHANGED(name)                                                                              \
    static enum pb_status run_##name(const struct pb_problem *p, void *plan,                       \
                                     const struct pb_args *args) {                                 \
        (void)plan;                                                                                \
        return changed(p, args, name);                                                             \
    }
CHANGED(ignore_nan)
CHANGED(take_first_nan)
CHANGED(lose_index_of_infinity)
CHANGED(start_from_lowest)
CHANGED(empty_is_0)
CHANGED(empty_has_index_0)
CHANGED(empty_is_nan)

/* The element that is largest without its sign, with its sign. */
static enum pb_status run_largest_magnitude(const struct pb_problem *p, void *plan,
                                            const struct pb_args *args) {
    (void)plan;
    struct pb_args least = *args;
    size_t inputs = pb_tensor_bytes(&args->src) / sizeof(float);
    size_t outputs = pb_tensor_bytes(&args->dst) / sizeof(float);
    float *negated = least.src.data = malloc(inputs * sizeof(float) + 1);
    float *lowest = least.dst.data = malloc(outputs * sizeof(float) + 1), *y = args->dst.data;
    enum pb_status status = negated && lowest ? PB_OK : PB_NOMEM;
    for (size_t i = 0; !status && i < inputs; i++) negated[i] = -((float *)args->src.data)[i];
    if (!status) status = right(p, &least);
    if (!status) status = right(p, args);
    for (size_t i = 0; !status && i < outputs; i++)
        if (isfinite(lowest[i]) && fabsf(lowest[i]) > fabsf(y[i])) y[i] = -lowest[i];
    free(negated);
    free(lowest);
    return status;
}

/* ---- Sums ------------------------------------------------------------------------------------ */

static enum pb_status run_ceil_counts(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    if (p->ceil && !p->div) q.div = p->d.k * p->h.k * p->w.k;
    return right(&q, args);
}

static enum pb_status run_override_ignored(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.div = 0;
    return right(&q, args);
}

static enum pb_status each_output(const struct pb_problem *p, const struct pb_args *args,
                                  float (*change)(float)) {
    enum pb_status status = right(p, args);
    struct pb_tensor y = *output(p, args);
    float *value = y.data;
    for (int64_t i = 0; !status && i < pb_tensor_count(&y); i++) value[i] = change(value[i]);
    return status;
}

static float nan_is_infinite(float y) {
    return isnan(y) ? INFINITY : y;
}

static float flushed(float y) {
    return fabsf(y) < FLT_MIN ? 0 : y;
}

static float with_a_trace(float y) {
    return fabsf(y) > 1e25f ? y * 1.001f : y;
}

#define EACH_OUTPUT(name)                                                                          \
    static enum pb_status run_##name(const struct pb_problem *p, void *plan,                       \
                                     const struct pb_args *args) {                                 \
        (void)plan;                                                                                \
        return each_output(p, args, name);                                                         \
    }
EACH_OUTPUT(nan_is_infinite)
EACH_OUTPUT(flushed)
EACH_OUTPUT(with_a_trace)

/* Adds what was there, where it was a number. */
static enum pb_status run_added(const struct pb_problem *p, void *plan,
                                const struct pb_args *args) {
    (void)plan;
    struct pb_tensor y = *output(p, args);
    size_t bytes = pb_tensor_bytes(&y);
    float *value = y.data, *before = malloc(bytes + 1);
    if (!before) return PB_NOMEM;
    memcpy(before, value, bytes);
    enum pb_status status = right(p, args);
    for (int64_t i = 0; !status && i < pb_tensor_count(&y); i++)
        if (isfinite(before[i])) value[i] += before[i];
    free(before);
    return status;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

static enum pb_status run_bias_needed(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    if (!args->bias.data) spoil(p, args);
    return status;
}

/* The last group sees the input of the first. */
static enum pb_status run_groups_confused(const struct pb_problem *p, void *plan,
                                          const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    if (p->g > 1) spoil(p, args);
    return status;
}

static int packed;
static enum pb_status setup_weights(const struct pb_problem *p, const struct pb_args *constants,
                                    void **plan) {
    (void)p;
    *plan = constants ? &packed : NULL;
    return PB_OK;
}

static enum pb_status run_weights(const struct pb_problem *p, void *plan,
                                  const struct pb_args *args) {
    enum pb_status status = right(p, args);
    if (plan) spoil(p, args);
    return status;
}

static enum pb_status setup_counter(const struct pb_problem *p, const struct pb_args *constants,
                                    void **plan) {
    (void)p, (void)constants;
    *plan = calloc(1, sizeof(int));
    return *plan ? PB_OK : PB_NOMEM;
}

static enum pb_status run_counted(const struct pb_problem *p, void *plan,
                                  const struct pb_args *args) {
    enum pb_status status = right(p, args);
    if ((*(int *)plan)++ > 0) spoil(p, args);
    return status;
}

static enum pb_status run_aligned(const struct pb_problem *p, void *plan,
                                  const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    if ((uintptr_t)args->src.data % 64) spoil(p, args);
    return status;
}

static enum pb_status run_no_batch(const struct pb_problem *p, void *plan,
                                   const struct pb_args *args) {
    (void)plan;
    return p->mb ? right(p, args) : pb_fail(PB_INVALID, "a batch of 0");
}

static enum pb_status run_threads(const struct pb_problem *p, void *plan,
                                  const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    if (pb_threads() == 5) spoil(p, args);
    return status;
}

#define BREAKER(list, stem, accepts)                                                               \
    {                                                                                              \
        .rules = list, .kernel = {                                                                 \
            .name = #stem,                                                                         \
            .can_do = accepts,                                                                     \
            .setup = pb_setup_nothing,                                                             \
            .run = run_##stem,                                                                     \
            .done = pb_done_nothing                                                                \
        }                                                                                          \
    }

const struct rule_breaker rule_breakers[] = {
        BREAKER("max_nan", ignore_nan, max_forward),
        BREAKER("max_nan_tie", take_first_nan, max_indices),
        BREAKER("max_infinite_tie", lose_index_of_infinity, max_indices),
        BREAKER("max_lowest", start_from_lowest, max_forward),
        BREAKER("max_empty_window", empty_is_0, max_forward),
        BREAKER("max_empty_index", empty_has_index_0, max_indices),
        BREAKER("results axes dilation one_sided_padding max_nan max_padding max_empty_window "
                "one_plan odd_addresses",
                largest_magnitude, max_forward),
        BREAKER("average_empty_window", empty_is_nan, average_forward),
        BREAKER("ceil_overhang", ceil_counts, average),
        BREAKER("divisor_override", override_ignored, average),
        BREAKER("sum_nan", nan_is_infinite, average_forward),
        BREAKER("subnormals", flushed, average_forward),
        BREAKER("cancellation", with_a_trace, average_forward),
        BREAKER("gradients_written written_fully", added, backward),
        BREAKER("bias", bias_needed, conv_forward),
        BREAKER("groups weights_at_setup", groups_confused, conv_forward),
        BREAKER("odd_addresses", aligned, any),
        BREAKER("zero_batch written_inside", no_batch, any),
        BREAKER("threads", threads, any),
        {.rules = "weights_at_setup",
         .kernel = {.name = "weights",
                    .can_do = conv,
                    .setup = setup_weights,
                    .run = run_weights,
                    .done = pb_done_nothing}},
        {.rules = "one_plan",
         .kernel = {.name = "counted",
                    .can_do = any,
                    .setup = setup_counter,
                    .run = run_counted,
                    .done = free}},
};
const size_t rule_breaker_count = sizeof rule_breakers / sizeof *rule_breakers;
