/* Flaws of what is counted: taps, positions and edges that do not fit into what they are kept in. */
#include "wrong/flaws.h"
#include "wrong/wrong_tools.h"
#include <math.h>

/* ---- Windows that end too early -------------------------------------------------------------- */

/* The problem with no more than so many taps along an axis. */
static struct pb_problem cut(const struct pb_problem *p, int64_t most) {
    struct pb_problem q = *p;
    for (int axis = 0; axis < 3; axis++) {
        struct pb_axis *a = &q.axis[axis];
        if (a->k <= most) continue;
        a->pr -= (a->k - most) * (a->d + 1);
        a->k = most;
    }
    return q;
}

static int64_t longest(const struct pb_problem *p) {
    int64_t taps = p->w.k > p->h.k ? p->w.k : p->h.k;
    return taps > p->d.k ? taps : p->d.k;
}

static enum pb_status run_cut_at_64(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = cut(p, 64);
    return right(&q, args);
}

static enum pb_status run_cut_at_255(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = cut(p, 255);
    return right(&q, args);
}

/* ---- Indices --------------------------------------------------------------------------------- */

static enum pb_status change_indices(const struct pb_problem *p, const struct pb_args *args,
                                     int64_t (*change)(const struct pb_problem *p,
                                                       const int64_t at[5], int64_t index)) {
    enum pb_status status = right(p, args);
    const struct pb_tensor *t = &args->indices;
    int64_t at[5];
    for (bool more = first(t, at); more; more = next(t, at)) {
        int64_t *index = (int64_t *)t->data + offset(t, at);
        *index = change(p, at, *index);
    }
    return status;
}

/* As a float of 16 bits keeps whole numbers: 11 bits of them. */
static int64_t in_half(const struct pb_problem *p, const int64_t at[5], int64_t index) {
    (void)p, (void)at;
    int64_t step = 1;
    while (index / step >= 2048) step *= 2;
    return index / step * step;
}

static int64_t in_16_bits(const struct pb_problem *p, const int64_t at[5], int64_t index) {
    (void)p, (void)at;
    return index & 0xffff;
}

/* The tap of the window along the last axis, kept in 8 bits. */
static int64_t tap_in_8_bits(const struct pb_problem *p, const int64_t at[5], int64_t index) {
    if (index < 0 || p->w.k == 1) return index;
    int64_t start = at[4] * p->w.s - p->w.p, x = index % p->w.i;
    int64_t tap = (x - start) / (p->w.d + 1);
    return index - (tap - (tap & 0xff)) * (p->w.d + 1);
}

static enum pb_status run_index_in_half(const struct pb_problem *p, const struct pb_args *args) {
    return change_indices(p, args, in_half);
}

static enum pb_status run_index_in_16_bits(const struct pb_problem *p, const struct pb_args *args) {
    return change_indices(p, args, in_16_bits);
}

static enum pb_status run_tap_in_8_bits(const struct pb_problem *p, const struct pb_args *args) {
    return change_indices(p, args, tap_in_8_bits);
}

/* A gradient that reads its indices so. */
static enum pb_status run_gradient_in_16_bits(const struct pb_problem *p,
                                              const struct pb_args *args) {
    struct pb_args changed = *args;
    int64_t at[5], *data = changed.indices.data = copied(&args->indices);
    if (!data) return PB_NOMEM;
    for (bool more = first(&args->indices, at); more; more = next(&args->indices, at)) {
        int64_t *index = data + offset(&args->indices, at);
        if (*index >= 0) *index &= 0xffff;
    }
    enum pb_status status = right(p, &changed);
    free(data);
    return status;
}

static int64_t positions(const struct pb_problem *p) {
    return p->d.i * p->h.i * p->w.i;
}

static int64_t row(const struct pb_problem *p) {
    return p->w.k;
}

/* ---- Adaptive edges -------------------------------------------------------------------------- */

struct edges {
    int64_t first, end;
};

static struct edges in_f32(int64_t i, int64_t o, int64_t outputs) {
    float ratio = (float)i / (float)outputs;
    return (struct edges){(int64_t)floorf((float)o * ratio),
                          (int64_t)ceilf((float)(o + 1) * ratio)};
}

static struct edges in_int32(int64_t i, int64_t o, int64_t outputs) {
    return (struct edges){(int32_t)(uint32_t)(o * i) / outputs,
                          ((int32_t)(uint32_t)((o + 1) * i) + outputs - 1) / outputs};
}

static struct edges end_down(int64_t i, int64_t o, int64_t outputs) {
    int64_t start = o * i / outputs, end = (o + 1) * i / outputs;
    return (struct edges){start, end > start ? end : start + 1};
}

static struct edges at_most_9(int64_t i, int64_t o, int64_t outputs) {
    int64_t start = o * i / outputs, end = ((o + 1) * i + outputs - 1) / outputs;
    return (struct edges){start, end - start > 9 ? start + 9 : end};
}

static struct edges inside(struct edges e, int64_t i) {
    if (e.first < 0 || e.first >= i) e.first = i - 1;
    if (e.end <= e.first || e.end > i) e.end = e.first + 1;
    return e;
}

/* Forward, along the edges that `rule` has. */
static enum pb_status run_edges(const struct pb_problem *p, const struct pb_args *args,
                                struct edges (*rule)(int64_t i, int64_t o, int64_t outputs)) {
    const bool max = p->op == PB_ADAPTIVE_MAX;
    int64_t at[5];
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        struct edges e[3];
        int64_t in[5] = {at[0], at[1]}, best = -1, count = 0;
        double value = max ? -INFINITY : 0;
        for (int a = 0; a < 3; a++)
            e[a] = inside(rule(p->axis[a].i, at[2 + a], p->axis[a].o), p->axis[a].i);
        for (in[2] = e[0].first; in[2] < e[0].end; in[2]++)
            for (in[3] = e[1].first; in[3] < e[1].end; in[3]++)
                for (in[4] = e[2].first; in[4] < e[2].end; in[4]++, count++) {
                    float x = ((const float *)args->src.data)[offset(&args->src, in)];
                    if (!max)
                        value += (double)x;
                    else if (best < 0 || (double)x > value || isnan(x)) {
                        value = (double)x;
                        best = (in[2] * p->h.i + in[3]) * p->w.i + in[4];
                    }
                }
        ((float *)args->dst.data)[offset(&args->dst, at)] =
                (float)(max ? value : value / (double)count);
        if (p->dir == PB_FWD_IDX)
            ((int64_t *)args->indices.data)[offset(&args->indices, at)] = best;
    }
    return PB_OK;
}

static enum pb_status run_edges_in_f32(const struct pb_problem *p, const struct pb_args *args) {
    return run_edges(p, args, in_f32);
}

static enum pb_status run_edges_in_int32(const struct pb_problem *p, const struct pb_args *args) {
    return run_edges(p, args, in_int32);
}

static enum pb_status run_end_down(const struct pb_problem *p, const struct pb_args *args) {
    return run_edges(p, args, end_down);
}

static enum pb_status run_at_most_9(const struct pb_problem *p, const struct pb_args *args) {
    return run_edges(p, args, at_most_9);
}

static int64_t outputs(const struct pb_problem *p) {
    return p->w.o;
}

static int64_t products(const struct pb_problem *p) {
    return p->w.i * p->w.o;
}

static int64_t ratio(const struct pb_problem *p) {
    return p->w.i / p->w.o;
}

/* ---- The table ------------------------------------------------------------------------------- */

#define ADAPTIVE "adaptive_max adaptive_avg"

const struct flaw count_flaws[] = {
        {.name = "wrong_window_cut_at_64",
         .record = "FlagOpen/FlagGems#4924",
         .ops = "max avg_p avg_np lp",
         .dirs = FORWARD_DIRS,
         .size = longest,
         .above = 64,
         .run = run_cut_at_64},
        {.name = "wrong_window_cut_at_255",
         .ops = "max avg_p avg_np lp",
         .dirs = FORWARD_DIRS,
         .size = longest,
         .above = 255,
         .run = run_cut_at_255},
        {.name = "wrong_index_in_half",
         .record = "opencv/opencv#15996",
         .ops = "max gmp adaptive_max",
         .dirs = 1 << PB_FWD_IDX,
         .size = positions,
         .above = 2048,
         .run = run_index_in_half},
        {.name = "wrong_index_in_16_bits",
         .ops = "max gmp adaptive_max",
         .dirs = 1 << PB_FWD_IDX,
         .size = positions,
         .above = 65536,
         .run = run_index_in_16_bits},
        {.name = "wrong_tap_in_8_bits",
         .record = "uxlfoundation/oneDNN#2386",
         .ops = "max gmp",
         .dirs = 1 << PB_FWD_IDX,
         .size = row,
         .above = 256,
         .run = run_tap_in_8_bits},
        {.name = "wrong_gradient_in_16_bits",
         .ops = "max gmp adaptive_max",
         .dirs = 1 << PB_BWD,
         .size = positions,
         .above = 65536,
         .run = run_gradient_in_16_bits},
        {.name = "wrong_adaptive_edges_in_f32",
         .record = "pytorch/pytorch#84010",
         .ops = ADAPTIVE,
         .dirs = FORWARD_DIRS,
         .size = outputs,
         .above = 256,
         .run = run_edges_in_f32},
        {.name = "wrong_adaptive_edges_in_int32",
         .record = "pytorch/pytorch#176784",
         .ops = ADAPTIVE,
         .dirs = FORWARD_DIRS,
         .size = products,
         .above = INT32_MAX,
         .run = run_edges_in_int32},
        {.name = "wrong_adaptive_end_down",
         .record = "FlagOpen/FlagGems#4915",
         .ops = ADAPTIVE,
         .dirs = FORWARD_DIRS,
         .size = outputs,
         .above = 1,
         .run = run_end_down},
        {.name = "wrong_adaptive_ratio_above_9",
         .ops = ADAPTIVE,
         .dirs = FORWARD_DIRS,
         .size = ratio,
         .above = 9,
         .run = run_at_most_9},
};
const int count_flaw_count = sizeof count_flaws / sizeof count_flaws[0];
