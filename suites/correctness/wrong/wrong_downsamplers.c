/* Kernels of s2d and blur that are wrong on purpose. */
#include "wrong/wrong_tools.h"

static bool s2d(const struct pb_problem *p) {
    return p->op == PB_S2D && p->dtype == PB_F32;
}

static bool blur(const struct pb_problem *p) {
    return p->op == PB_BLUR && p->dtype == PB_F32;
}

static bool blur_backward(const struct pb_problem *p) {
    return blur(p) && p->dir == PB_BWD;
}

/* ---- Space to depth -------------------------------------------------------------------------- */

/* As tensorflow/tensorflow#53291: the channel order of the other library. */
static enum pb_status run_other_order(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    q.crd = !p->crd;
    return right(&q, args);
}

/* The positions of a block counted column by column, or from its end. */
static enum pb_status permuted(const struct pb_problem *p, const struct pb_args *args,
                               int64_t (*position)(const struct pb_problem *p, int64_t position)) {
    struct pb_args changed = *args;
    int64_t at[5], taps = p->d.k * p->h.k * p->w.k;
    float *there = changed.dst.data = copied(&args->dst), *y = args->dst.data;
    if (!there) return PB_NOMEM;
    enum pb_status status = p->dir == PB_FWD ? right(p, &changed) : PB_OK;
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        int64_t from[5] = {at[0], at[1], at[2], at[3], at[4]};
        if (p->crd)
            from[1] = at[1] / taps * taps + position(p, at[1] % taps);
        else
            from[1] = position(p, at[1] / p->ic) * p->ic + at[1] % p->ic;
        if (p->dir == PB_FWD)
            y[offset(&args->dst, at)] = there[offset(&args->dst, from)];
        else
            there[offset(&args->dst, from)] = y[offset(&args->dst, at)];
    }
    if (p->dir == PB_BWD) status = right(p, &changed);
    free(there);
    return status;
}

static int64_t by_columns(const struct pb_problem *p, int64_t position) {
    int64_t plane = p->h.k * p->w.k, h = position % plane / p->w.k, w = position % p->w.k;
    return position / plane * plane + (p->h.k == p->w.k ? w * p->h.k + h : position % plane);
}

static int64_t from_the_end(const struct pb_problem *p, int64_t position) {
    return p->d.k * p->h.k * p->w.k - 1 - position;
}

static enum pb_status run_block_by_columns(const struct pb_problem *p, void *plan,
                                           const struct pb_args *args) {
    (void)plan;
    return permuted(p, args, by_columns);
}

static enum pb_status run_block_from_the_end(const struct pb_problem *p, void *plan,
                                             const struct pb_args *args) {
    (void)plan;
    return permuted(p, args, from_the_end);
}

/* ---- Blur: its padding ----------------------------------------------------------------------- */

/* The input position that is seen at `at`, outside 0 … i - 1; negative: none, it counts as 0. */
typedef int64_t seen_at(const struct pb_axis *a, int64_t at);

static int64_t reflected(const struct pb_axis *a, int64_t at) {
    return at < 0 ? -at : 2 * (a->i - 1) - at;
}

static int64_t nothing(const struct pb_axis *a, int64_t at) {
    (void)a, (void)at;
    return -1;
}

static int64_t end_repeated(const struct pb_axis *a, int64_t at) {
    return at < 0 ? 0 : a->i - 1;
}

/* NumPy's "symmetric": the end is seen twice. */
static int64_t reflected_behind_the_end(const struct pb_axis *a, int64_t at) {
    return at < 0 ? -at - 1 : 2 * a->i - 1 - at;
}

static int64_t wrapped(const struct pb_axis *a, int64_t at) {
    return at < 0 ? at + a->i : at - a->i;
}

/* The same problem on an input that has its padding already. */
static struct pb_problem padded(const struct pb_problem *p, enum pb_op op) {
    struct pb_problem q = *p;
    q.op = op;
    for (int axis = 0; axis < 3; axis++) {
        struct pb_axis *a = &q.axis[axis];
        int64_t after = a->pr > 0 ? a->pr : 0;
        a->i += a->p + after;
        a->pr -= after;
        a->p = 0;
    }
    return q;
}

/* Sets in[] to what is seen at `at` of the padded input; false where there is nothing. */
static bool see(const struct pb_problem *p, const int64_t at[5], seen_at *outside, int64_t in[5]) {
    in[0] = at[0];
    in[1] = at[1];
    for (int axis = 0; axis < 3; axis++) {
        const struct pb_axis *a = &p->axis[axis];
        int64_t place = at[2 + axis] - a->p;
        in[2 + axis] = place < 0 || place >= a->i ? outside(a, place) : place;
        if (in[2 + axis] < 0) return false;
    }
    return true;
}

/* The naive kernel of `op` over an input that is padded in memory; a gradient is folded back. */
static enum pb_status on_padded(const struct pb_problem *p, const struct pb_args *args,
                                enum pb_op op, seen_at *outside) {
    struct pb_problem q = padded(p, op);
    struct pb_args changed = *args;
    int64_t at[5], in[5];
    changed.src = pb_tensor_of(&q, PB_SRC, NULL);
    float *src = changed.src.data = calloc(pb_tensor_bytes(&changed.src) + 1, 1);
    float *x = args->src.data;
    if (!src) return PB_NOMEM;
    if (p->dir == PB_FWD)
        for (bool more = first(&changed.src, at); more; more = next(&changed.src, at))
            if (see(p, at, outside, in)) src[offset(&changed.src, at)] = x[offset(&args->src, in)];
    enum pb_status status = right(&q, &changed);
    if (p->dir == PB_BWD) {
        memset(x, 0, pb_tensor_bytes(&args->src));
        for (bool more = first(&changed.src, at); more; more = next(&changed.src, at))
            if (see(p, at, outside, in)) x[offset(&args->src, in)] += src[offset(&changed.src, at)];
    }
    free(src);
    return status;
}

static enum pb_status run_blur(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    return on_padded(p, args, PB_BLUR, reflected);
}

const struct pb_kernel right_blur = {
        .name = "right_blur",
        .can_do = blur,
        .setup = pb_setup_nothing,
        .run = run_blur,
        .done = pb_done_nothing,
};

static enum pb_status run_blur_zero_padding(const struct pb_problem *p, void *plan,
                                            const struct pb_args *args) {
    (void)plan;
    return on_padded(p, args, PB_BLUR, nothing);
}

static enum pb_status run_blur_end_repeated(const struct pb_problem *p, void *plan,
                                            const struct pb_args *args) {
    (void)plan;
    return on_padded(p, args, PB_BLUR, end_repeated);
}

static enum pb_status run_blur_symmetric(const struct pb_problem *p, void *plan,
                                         const struct pb_args *args) {
    (void)plan;
    return on_padded(p, args, PB_BLUR, reflected_behind_the_end);
}

static enum pb_status run_blur_wrapped(const struct pb_problem *p, void *plan,
                                       const struct pb_args *args) {
    (void)plan;
    return on_padded(p, args, PB_BLUR, wrapped);
}

/* An even filter cannot stand in the middle: it stands one further than it should. */
static enum pb_status run_blur_padding_at_the_other_end(const struct pb_problem *p, void *plan,
                                                        const struct pb_args *args) {
    (void)plan;
    struct pb_problem q = *p;
    for (int axis = 0; axis < 3; axis++) {
        struct pb_axis *a = &q.axis[axis];
        if (a->pr < 0) continue;
        a->p = p->axis[axis].pr;
        a->pr = p->axis[axis].p;
    }
    return right(&q, args);
}

/* ---- Blur: its filter ------------------------------------------------------------------------ */

/* Every tap counts the same. */
static enum pb_status run_blur_box(const struct pb_problem *p, void *plan,
                                   const struct pb_args *args) {
    (void)plan;
    return on_padded(p, args, PB_AVG_NP, reflected);
}

/* Pascal's row as it is, 1 2 1, not over 4. */
static enum pb_status run_blur_not_normalised(const struct pb_problem *p, void *plan,
                                              const struct pb_args *args) {
    (void)plan;
    const struct pb_tensor *y = output(p, args);
    enum pb_status status = right(p, args);
    int64_t at[5];
    for (bool more = first(y, at); more; more = next(y, at))
        ((float *)y->data)[offset(y, at)] *= (float)(1 << (p->d.k + p->h.k + p->w.k - 3));
    return status;
}

/* The last position of the gradient, where it is seen in the mirror, has only its own share. */
static enum pb_status run_blur_last_not_summed(const struct pb_problem *p, void *plan,
                                               const struct pb_args *args) {
    (void)plan;
    struct pb_args changed = *args;
    int64_t at[5];
    float *alone = changed.src.data = copied(&args->src), *dx = args->src.data;
    if (!alone) return PB_NOMEM;
    enum pb_status status = right(p, args);
    if (!status) status = on_padded(p, &changed, PB_BLUR, nothing);
    for (bool more = first(&args->src, at); more; more = next(&args->src, at))
        if (at[4] == p->w.i - 2) dx[offset(&args->src, at)] = alone[offset(&args->src, at)];
    free(alone);
    return status;
}

const struct wrong_kernel wrong_downsamplers[] = {
        WRONG(other_order, s2d, WRONG_VALUE),
        WRONG(block_by_columns, s2d, WRONG_VALUE),
        WRONG(block_from_the_end, s2d, WRONG_VALUE),
        WRONG(blur_zero_padding, blur, WRONG_VALUE),
        WRONG(blur_end_repeated, blur, WRONG_VALUE),
        WRONG(blur_symmetric, blur, WRONG_VALUE),
        WRONG(blur_wrapped, blur, WRONG_VALUE),
        WRONG(blur_padding_at_the_other_end, blur, WRONG_VALUE),
        WRONG(blur_box, blur, WRONG_VALUE),
        WRONG(blur_not_normalised, blur, WRONG_VALUE),
        WRONG(blur_last_not_summed, blur_backward, WRONG_VALUE),
};
const int wrong_downsampler_count = sizeof wrong_downsamplers / sizeof wrong_downsamplers[0];
