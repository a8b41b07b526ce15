/* Each runs the naive kernel, on the problem as it is or on one made wrong, and may then spoil what
 * came out. */
#include "wrong/wrong_tools.h"
#include <float.h>
#include <math.h>

/* ---- Elements -------------------------------------------------------------------------------- */

static float *element(const struct pb_tensor *t, const int64_t at[5]) {
    return (float *)t->data + offset(t, at);
}

static int64_t *index_at(const struct pb_args *args, const int64_t at[5]) {
    return (int64_t *)args->indices.data + offset(&args->indices, at);
}

/* ---- Which problems -------------------------------------------------------------------------- */

static bool every_type(const struct pb_problem *p) {
    return pb_select(p, "*_naive") != NULL;
}

static bool any(const struct pb_problem *p) {
    return p->dtype == PB_F32 && every_type(p);
}

static bool forward(const struct pb_problem *p) {
    return any(p) && (p->dir == PB_FWD || p->dir == PB_FWD_IDX);
}

static bool gradient(const struct pb_problem *p) {
    return any(p) && (p->dir == PB_BWD || p->dir == PB_BWD_W);
}

/* Pooling and convolution: input may be cut off, and windows moved, without reading past it. */
static bool pads_with_nothing(const struct pb_problem *p) {
    return any(p) && p->op != PB_S2D && p->op != PB_BLUR;
}

static bool cuttable_forward(const struct pb_problem *p) {
    return forward(p) && pads_with_nothing(p);
}

static bool adaptive(const struct pb_problem *p) {
    return p->op == PB_ADAPTIVE_MAX || p->op == PB_ADAPTIVE_AVG;
}

/* The window counts: not in global and adaptive pooling, nor where a gradient follows indices. */
static bool windowed(const struct pb_problem *p) {
    return pads_with_nothing(p) && p->op != PB_GAP && p->op != PB_GMP && !adaptive(p) &&
           !(p->op == PB_MAX && p->dir == PB_BWD);
}

static bool max_forward(const struct pb_problem *p) {
    return forward(p) && p->op == PB_MAX;
}

static bool tap_indices(const struct pb_problem *p) {
    return any(p) && pb_is_max(p) && p->dir == PB_FWD_IDX;
}

static bool max_indices(const struct pb_problem *p) {
    return any(p) && p->dir == PB_FWD_IDX;
}

static bool adaptive_indices(const struct pb_problem *p) {
    return max_indices(p) && adaptive(p);
}

static bool adaptive_forward(const struct pb_problem *p) {
    return forward(p) && adaptive(p);
}

/* Where outputs are fewer than inputs. */
static bool adaptive_shrinking(const struct pb_problem *p) {
    bool shrinks = true;
    for (int a = 0; a < 3; a++) shrinks = shrinks && p->axis[a].o <= p->axis[a].i;
    return any(p) && adaptive(p) && p->dir == PB_FWD && shrinks;
}

/* |x|^p is not x^p. */
static bool lp_of_signs(const struct pb_problem *p) {
    return forward(p) && p->op == PB_LP && fmod(p->power, 2) != 0;
}

static bool lp_ceil(const struct pb_problem *p) {
    return forward(p) && p->op == PB_LP && p->ceil;
}

static bool lp_forward(const struct pb_problem *p) {
    return forward(p) && p->op == PB_LP;
}

static bool lp_gradient(const struct pb_problem *p) {
    return any(p) && p->op == PB_LP && p->dir == PB_BWD;
}

static bool max_backward(const struct pb_problem *p) {
    return any(p) && p->op == PB_MAX && p->dir == PB_BWD;
}

static bool average(const struct pb_problem *p) {
    return any(p) && (p->op == PB_AVG_P || p->op == PB_AVG_NP);
}

static bool sum_forward(const struct pb_problem *p) {
    return forward(p) && !pb_has_indices(p);
}

static bool conv_forward(const struct pb_problem *p) {
    return any(p) && p->op == PB_CONV && p->dir == PB_FWD;
}

static bool weight_gradient(const struct pb_problem *p) {
    return any(p) && p->op == PB_CONV && p->dir == PB_BWD_W;
}

/* ---- Padding and seeds ----------------------------------------------------------------------- */

static enum pb_status run_zero_padding(const struct pb_problem *p, void *plan,
                                       const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        float *y = element(&args->dst, at);
        if (sees_padding(p, at) && *y < 0) *y = 0;
    }
    return status;
}

/* As oneDNN commit d4457d95: the maximum starts from the smallest positive number. */
static enum pb_status run_positive_seed(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        float *y = element(&args->dst, at);
        if (*y < FLT_MIN) *y = FLT_MIN;
    }
    return status;
}

/* The input with every NaN replaced by what does not count: as a comparison that NaN loses. */
static enum pb_status run_nan_dropped(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    struct pb_args changed = *args;
    float *data = changed.src.data = copied(&args->src);
    if (!data) return PB_NOMEM;
    for (size_t i = 0; i < pb_tensor_bytes(&args->src) / sizeof *data; i++)
        if (isnan(data[i])) data[i] = p->op == PB_MAX ? -INFINITY : 0;
    enum pb_status status = right(p, &changed);
    free(data);
    return status;
}

/* ---- Edges ----------------------------------------------------------------------------------- */

/* The last input column is never seen. */
static enum pb_status run_right_edge(const struct pb_problem *p, void *plan,
                                     const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    if (q.w.i > 1) q.w.i--, q.w.pr++;
    return right(&q, args);
}

/* The channels (nhwc) or columns (nchw) that fill no vector of 8 stay as they were. */
static enum pb_status run_skipped_tail(const struct pb_problem *p, void *plan,
                                       const struct pb_args *args) {
    (void)plan;
    const struct pb_tensor *y = output(p, args);
    int axis = p->layout == PB_NHWC ? 1 : 4;
    size_t size = pb_dtype_size(y->dtype);
    char *before = copied(y);
    if (!before) return PB_NOMEM;
    enum pb_status status = right(p, args);
    int64_t at[5], tail = y->dims[axis] / 8 * 8;
    for (bool more = first(y, at); more; more = next(y, at)) {
        size_t byte = (size_t)offset(y, at) * size;
        if (at[axis] >= tail) memcpy((char *)y->data + byte, before + byte, size);
    }
    free(before);
    return status;
}

static enum pb_status run_untouched(const struct pb_problem *p, void *plan,
                                    const struct pb_args *args) {
    (void)plan;
    const struct pb_tensor *y = output(p, args);
    size_t size = pb_dtype_size(y->dtype), count = pb_tensor_bytes(y) / size;
    char *middle = (char *)y->data + count / 2 * size, before[8];
    if (count) memcpy(before, middle, size);
    enum pb_status status = right(p, args);
    if (count) memcpy(middle, before, size);
    return status;
}

static enum pb_status run_all_zeros(const struct pb_problem *p, void *plan,
                                    const struct pb_args *args) {
    (void)plan;
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_written(p, (enum pb_role)role) && args->tensor[role].data)
            memset(args->tensor[role].data, 0, pb_tensor_bytes(&args->tensor[role]));
    return PB_OK;
}

static enum pb_status run_past_the_end(const struct pb_problem *p, void *plan,
                                       const struct pb_args *args) {
    (void)plan;
    const struct pb_tensor *y = output(p, args);
    enum pb_status status = right(p, args);
    ((char *)y->data)[pb_tensor_bytes(y)] = 1;
    return status;
}

static enum pb_status run_before_the_start(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    ((char *)output(p, args)->data)[-1] = 1;
    return status;
}

/* The input is scratch space, put back but for a bit of its first element. */
static enum pb_status run_input_changed(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    const struct pb_tensor *x = pb_role_written(p, PB_SRC) ? &args->dst : &args->src;
    enum pb_status status = right(p, args);
    if (pb_tensor_count(x)) ((unsigned char *)x->data)[0] ^= 0x80;
    return status;
}

/* ---- Parameters ------------------------------------------------------------------------------ */

/* Window, stride, padding and dilation of h used for w and the other way round. */
static enum pb_status run_transposed(const struct pb_problem *p, void *plan,
                                     const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    if (p->op != PB_CONV) { /* weights keep their shape */
        q.h.k = p->w.k;
        q.w.k = p->h.k;
    }
    q.h.s = p->w.s, q.h.p = p->w.p, q.h.d = p->w.d;
    q.w.s = p->h.s, q.w.p = p->h.p, q.w.d = p->h.d;
    return right(&q, args);
}

static enum pb_status run_stride_for_padding(const struct pb_problem *p, void *plan,
                                             const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    for (int a = 3 - p->rank; a < 3; a++)
        if (p->axis[a].p > 0) {
            q.axis[a].s = p->axis[a].p;
            q.axis[a].p = p->axis[a].s;
        }
    return right(&q, args);
}

/* Trailing padding used as the leading one. */
static enum pb_status run_padding_at_the_wrong_end(const struct pb_problem *p, void *plan,
                                                   const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    for (int a = 0; a < 3; a++)
        if (p->axis[a].pr > 0) q.axis[a].p = p->axis[a].pr;
    return right(&q, args);
}

static enum pb_status run_dilation_ignored(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.d.d = q.h.d = q.w.d = 0;
    return right(&q, args);
}

/* Data read and written as if channels stood where the other layout has them. */
static enum pb_status run_layout_ignored(const struct pb_problem *p, void *plan,
                                         const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    struct pb_args changed = {0};
    q.layout = p->layout == PB_NCHW ? PB_NHWC : PB_NCHW;
    for (int role = 0; role < PB_ROLES; role++)
        changed.tensor[role] = pb_tensor_of(&q, (enum pb_role)role, args->tensor[role].data);
    changed.dst = args->dst;
    changed.weights = args->weights;
    changed.indices = args->indices;
    return right(&q, &changed);
}

/* ---- Averages -------------------------------------------------------------------------------- */

static enum pb_status run_other_divisor(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.op = p->op == PB_AVG_P ? PB_AVG_NP : PB_AVG_P;
    return right(&q, args);
}

/* As pytorch/pytorch#183528: an overhang made by ceil counts. */
static enum pb_status run_whole_window_divisor(const struct pb_problem *p, void *plan,
                                               const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    if (!q.div) q.div = p->d.k * p->h.k * p->w.k;
    return right(&q, args);
}

/* As pytorch/executorch#18616. */
static enum pb_status run_override_ignored(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.div = 0;
    return right(&q, args);
}

/* The result as a 16-bit float holds it. */
static enum pb_status run_half_precision(const struct pb_problem *p, void *plan,
                                         const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        float *y = element(&args->dst, at);
        int exponent;
        float mantissa = frexpf(*y, &exponent);
        if (isfinite(*y)) *y = ldexpf(roundf(ldexpf(mantissa, 11)), exponent - 11);
    }
    return status;
}

/* ---- Maxima, their indices and gradients ----------------------------------------------------- */

static enum pb_status run_one_bit_off(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at))
        *element(&args->dst, at) = nextafterf(*element(&args->dst, at), 0);
    return status;
}

/* The flat position of the last element of the window that equals the maximum. */
static int64_t last_equal(const struct pb_problem *p, const struct pb_args *args,
                          const int64_t at[5]) {
    int64_t found = -1, lo[3];
    for (int a = 0; a < 3; a++) lo[a] = at[2 + a] * p->axis[a].s - p->axis[a].p;
    for (int64_t kd = 0; kd < p->d.k; kd++)
        for (int64_t kh = 0; kh < p->h.k; kh++)
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t d = lo[0] + kd * (p->d.d + 1), h = lo[1] + kh * (p->h.d + 1),
                        w = lo[2] + kw * (p->w.d + 1);
                if (d < 0 || d >= p->d.i || h < 0 || h >= p->h.i || w < 0 || w >= p->w.i) continue;
                int64_t in[5] = {at[0], at[1], d, h, w};
                if (*element(&args->src, in) == *element(&args->dst, at))
                    found = (d * p->h.i + h) * p->w.i + w;
            }
    return found;
}

static enum pb_status run_last_tie(const struct pb_problem *p, void *plan,
                                   const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int64_t last = last_equal(p, args, at);
        if (last >= 0) *index_at(args, at) = last;
    }
    return status;
}

/* As tensorflow/tensorflow#22025: positions counted through the whole tensor. */
static enum pb_status run_index_in_tensor(const struct pb_problem *p, void *plan,
                                          const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5], channel = p->d.i * p->h.i * p->w.i;
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at))
        *index_at(args, at) += (at[0] * p->ic + at[1]) * channel;
    return status;
}

/* As pytorch/pytorch#197596: the column counted before the row. */
static enum pb_status run_index_transposed(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5], plane = p->h.i * p->w.i;
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int64_t *i = index_at(args, at);
        if (*i < 0) continue;
        int64_t h = *i % plane / p->w.i, w = *i % p->w.i;
        *i = *i / plane * plane + w * p->h.i + h;
    }
    return status;
}

/* As pytorch/executorch#21686: what was in the gradient's buffer is added to. */
static enum pb_status run_accumulated(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    const struct pb_tensor *y = output(p, args);
    float *before = copied(y);
    if (!before) return PB_NOMEM;
    enum pb_status status = right(p, args);
    for (size_t i = 0; i < pb_tensor_bytes(y) / sizeof(float); i++)
        ((float *)y->data)[i] += before[i];
    free(before);
    return status;
}

/* Where windows overlap the last gradient stays alone. */
static enum pb_status run_overlap_overwritten(const struct pb_problem *p, void *plan,
                                              const struct pb_args *args) {
    (void)plan;
    int64_t at[5];
    memset(args->src.data, 0, pb_tensor_bytes(&args->src));
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int64_t i = *index_at(args, at);
        if (i < 0) continue;
        int64_t in[5] = {at[0], at[1], i / (p->h.i * p->w.i), i / p->w.i % p->h.i, i % p->w.i};
        *element(&args->src, in) = *element(&args->dst, at);
    }
    return PB_OK;
}

/* ---- Lp -------------------------------------------------------------------------------------- */

/* Steps `in` through the positions that the window of output `at` holds; false past the last. Start
 * with *tap = 0. */
static bool next_in_window(const struct pb_problem *p, const int64_t at[5], int64_t *tap,
                           int64_t in[5]) {
    for (int64_t count = p->d.k * p->h.k * p->w.k; *tap < count;) {
        int64_t k[3] = {*tap / p->w.k / p->h.k, *tap / p->w.k % p->h.k, *tap % p->w.k};
        bool inside = true;
        ++*tap;
        in[0] = at[0], in[1] = at[1];
        for (int a = 0; a < 3; a++) {
            const struct pb_axis *x = &p->axis[a];
            in[2 + a] = at[2 + a] * x->s - x->p + k[a] * (x->d + 1);
            inside = inside && in[2 + a] >= 0 && in[2 + a] < x->i;
        }
        if (inside) return true;
    }
    return false;
}

/* As pytorch/pytorch#184037: x^p, and so NaN for a negative sum. */
static enum pb_status run_signs_kept(const struct pb_problem *p, void *plan,
                                     const struct pb_args *args) {
    (void)plan;
    int64_t at[5], in[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        double sum = 0;
        for (int64_t tap = 0; next_in_window(p, at, &tap, in);)
            sum += pow(*element(&args->src, in), p->power);
        *element(&args->dst, at) = (float)pow(sum, 1 / p->power);
    }
    return PB_OK;
}

/* As onnx's own reference implementation: the sum of a window that reaches past the input is its
 * average times the positions of a whole one. */
static enum pb_status run_overhang_counted(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5], in[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        double whole = (double)(p->d.k * p->h.k * p->w.k), held = 0;
        for (int64_t tap = 0; next_in_window(p, at, &tap, in);) held++;
        if (held > 0) *element(&args->dst, at) *= (float)pow(whole / held, 1 / p->power);
    }
    return status;
}

/* The sum without its root. */
static enum pb_status run_root_forgotten(const struct pb_problem *p, void *plan,
                                         const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at))
        *element(&args->dst, at) = powf(*element(&args->dst, at), (float)p->power);
    return status;
}

/* x^p summed in f32 as it is: beyond f32 where the result is not. */
static enum pb_status run_powers_overflow(const struct pb_problem *p, void *plan,
                                          const struct pb_args *args) {
    (void)plan;
    int64_t at[5], in[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        float sum = 0, power = (float)p->power;
        for (int64_t tap = 0; next_in_window(p, at, &tap, in);)
            sum += powf(fabsf(*element(&args->src, in)), power);
        *element(&args->dst, at) = powf(sum, 1 / power);
    }
    return PB_OK;
}

/* As pytorch/pytorch#6765: 0 / 0 where a window holds nothing but 0. */
static enum pb_status run_zeros_divided(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5], in[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        float largest = 0;
        for (int64_t tap = 0; next_in_window(p, at, &tap, in);)
            largest = fmaxf(largest, fabsf(*element(&args->input, in)));
        for (int64_t tap = 0; largest == 0 && next_in_window(p, at, &tap, in);)
            *element(&args->src, in) = NAN;
    }
    return status;
}

/* The gradient of |x|^p without the sign. */
static enum pb_status run_sign_forgotten(const struct pb_problem *p, void *plan,
                                         const struct pb_args *args) {
    (void)plan;
    struct pb_args changed = *args;
    float *x = changed.input.data = copied(&args->input);
    if (!x) return PB_NOMEM;
    for (size_t i = 0; i < pb_tensor_bytes(&args->input) / sizeof *x; i++) x[i] = fabsf(x[i]);
    enum pb_status status = right(p, &changed);
    free(x);
    return status;
}

/* ---- Adaptive windows ------------------------------------------------------------------------ */

/* As pytorch/pytorch#190064: windows of one size, i - (o - 1) s with s = i / o rounded down. */
static enum pb_status run_fixed_windows(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.op = p->op == PB_ADAPTIVE_MAX ? PB_MAX : PB_AVG_NP;
    for (int a = 0; a < 3; a++) {
        struct pb_axis *x = &q.axis[a];
        x->s = x->i / x->o;
        x->k = x->i - (x->o - 1) * x->s;
    }
    return right(&q, args);
}

/* Where window o begins and, with its end rounded down too, ends. */
static void short_window(const struct pb_axis *a, int64_t o, int64_t *begin, int64_t *end) {
    *begin = o * a->i / a->o;
    *end = (o + 1) * a->i / a->o;
    if (*end == *begin) ++*end;
}

static enum pb_status run_ends_rounded_down(const struct pb_problem *p, void *plan,
                                            const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5], begin[3], end[3];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        double largest = -INFINITY, sum = 0, count = 0;
        for (int a = 0; a < 3; a++) short_window(&p->axis[a], at[2 + a], &begin[a], &end[a]);
        for (int64_t d = begin[0]; d < end[0]; d++)
            for (int64_t h = begin[1]; h < end[1]; h++)
                for (int64_t w = begin[2]; w < end[2]; w++) {
                    double x = *element(&args->src, (int64_t[]){at[0], at[1], d, h, w});
                    largest = fmax(largest, x);
                    sum += x;
                    count++;
                }
        *element(&args->dst, at) = (float)(p->op == PB_ADAPTIVE_MAX ? largest : sum / count);
    }
    return status;
}

/* Positions counted from the window's first, in rows as wide as the window. */
static enum pb_status run_index_in_window(const struct pb_problem *p, void *plan,
                                          const struct pb_args *args) {
    (void)plan;
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int64_t *i = index_at(args, at), rest = *i, size = 1;
        *i = 0;
        for (int a = 2; a >= 0; a--) {
            const struct pb_axis *x = &p->axis[a];
            int64_t begin = at[2 + a] * x->i / x->o;
            *i += (rest % x->i - begin) * size;
            rest /= x->i;
            size *= ((at[2 + a] + 1) * x->i - 1) / x->o + 1 - begin;
        }
    }
    return status;
}

/* ---- Convolution ----------------------------------------------------------------------------- */

static enum pb_status run_bias_forgotten(const struct pb_problem *p, void *plan,
                                         const struct pb_args *args) {
    (void)plan;
    struct pb_args changed = *args;
    changed.bias.data = NULL;
    return right(p, &changed);
}

static enum pb_status run_last_image_forgotten(const struct pb_problem *p, void *plan,
                                               const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    if (q.mb > 0) q.mb--;
    return right(&q, args);
}

const struct wrong_kernel wrong_kernels[] = {
        WRONG(zero_padding, max_forward, WRONG_VALUE),
        WRONG(positive_seed, max_forward, WRONG_VALUE),
        WRONG(nan_dropped, forward, WRONG_VALUE),
        WRONG(right_edge, cuttable_forward, WRONG_VALUE),
        WRONG(skipped_tail, every_type, WRONG_VALUE),
        WRONG(untouched, every_type, WRONG_VALUE),
        WRONG(all_zeros, every_type, WRONG_VALUE),
        WRONG(past_the_end, every_type, WRITES_OUTSIDE),
        WRONG(before_the_start, every_type, WRITES_OUTSIDE),
        WRONG(input_changed, every_type, CHANGES_INPUT),
        WRONG(transposed, windowed, WRONG_VALUE),
        WRONG(stride_for_padding, windowed, WRONG_VALUE),
        WRONG(padding_at_the_wrong_end, windowed, WRONG_VALUE),
        WRONG(dilation_ignored, windowed, WRONG_VALUE),
        WRONG(layout_ignored, forward, WRONG_VALUE),
        WRONG(other_divisor, average, WRONG_VALUE),
        WRONG(whole_window_divisor, average, WRONG_VALUE),
        WRONG(override_ignored, average, WRONG_VALUE),
        WRONG(half_precision, sum_forward, WRONG_VALUE),
        WRONG(one_bit_off, max_forward, WRONG_VALUE),
        WRONG(last_tie, tap_indices, WRONG_VALUE),
        WRONG(index_in_tensor, max_indices, WRONG_VALUE),
        WRONG(index_transposed, max_indices, WRONG_VALUE),
        WRONG(accumulated, gradient, WRONG_VALUE),
        WRONG(overlap_overwritten, max_backward, WRONG_VALUE),
        WRONG(signs_kept, lp_of_signs, WRONG_VALUE),
        WRONG(overhang_counted, lp_ceil, WRONG_VALUE),
        WRONG(root_forgotten, lp_forward, WRONG_VALUE),
        WRONG(powers_overflow, lp_forward, WRONG_VALUE),
        WRONG(zeros_divided, lp_gradient, WRONG_VALUE),
        WRONG(sign_forgotten, lp_gradient, WRONG_VALUE),
        WRONG(fixed_windows, adaptive_shrinking, WRONG_VALUE),
        WRONG(ends_rounded_down, adaptive_forward, WRONG_VALUE),
        WRONG(index_in_window, adaptive_indices, WRONG_VALUE),
        WRONG(bias_forgotten, conv_forward, WRONG_VALUE),
        WRONG(last_image_forgotten, weight_gradient, WRONG_VALUE),
};
const int wrong_kernel_count = sizeof wrong_kernels / sizeof wrong_kernels[0];
