/* Averages whose sums are made in a wrong way, on windows of input alone, which lie in one piece. */
#include "wrong/wrong_tools.h"

struct range {
    int64_t first, end;
};

static struct range range_of(const struct pb_problem *p, const struct pb_axis *a, int64_t o) {
    if (p->op == PB_ADAPTIVE_AVG)
        return (struct range){o * a->i / a->o, ((o + 1) * a->i - 1) / a->o + 1};
    const int64_t start = o * a->s - a->p, end = start + a->k;
    return (struct range){start > 0 ? start : 0, end < a->i ? end : a->i};
}

/* ---- Which problems -------------------------------------------------------------------------- */

static bool average(const struct pb_problem *p) {
    const bool op =
            p->op == PB_AVG_P || p->op == PB_AVG_NP || p->op == PB_GAP || p->op == PB_ADAPTIVE_AVG;
    bool plain = op && p->dir == PB_FWD && p->dtype == PB_F32 && !p->div;
    for (int a = 0; a < 3; a++)
        plain = plain && p->axis[a].d == 0 && p->axis[a].p == 0 && p->axis[a].pr <= 0;
    return plain && p->layout != PB_NCHW16C;
}

static int64_t terms(const struct pb_problem *p) {
    int64_t count = 1;
    for (int a = 0; a < 3; a++) {
        const struct range range = range_of(p, &p->axis[a], 0);
        count *= range.end - range.first;
    }
    return count;
}

static bool long_average(const struct pb_problem *p) {
    return average(p) && terms(p) >= 1 << 16;
}

static bool average_of_a_million(const struct pb_problem *p) {
    return average(p) && terms(p) >= 1 << 20;
}

/* Windows of several along one axis. */
static bool average_along_a_row(const struct pb_problem *p) {
    return average(p) && (p->op == PB_AVG_P || p->op == PB_AVG_NP) && p->rank == 1 && p->w.o > 1 &&
           p->w.k > 1;
}

/* ---- A window at a time ---------------------------------------------------------------------- */

typedef float sum_of(const float *x, int64_t count);

/* Copies the window of output `at`; returns its elements. */
static int64_t take_window(const struct pb_problem *p, const struct pb_tensor *src,
                           const int64_t at[5], float *to) {
    const struct range d = range_of(p, &p->d, at[2]), h = range_of(p, &p->h, at[3]);
    const struct range w = range_of(p, &p->w, at[4]);
    const float *x = src->data;
    int64_t count = 0;
    for (int64_t id = d.first; id < d.end; id++)
        for (int64_t ih = h.first; ih < h.end; ih++)
            for (int64_t iw = w.first; iw < w.end; iw++)
                to[count++] = x[pb_offset(src, at[0], at[1], id, ih, iw)];
    return count;
}

static enum pb_status each_window(const struct pb_problem *p, const struct pb_args *args,
                                  sum_of *sum) {
    float *window = malloc((size_t)(p->d.i * p->h.i * p->w.i) * sizeof *window);
    int64_t at[5];
    if (!window) return PB_NOMEM;
    for (bool more = first(&args->dst, at); more; more = next(&args->dst, at)) {
        const int64_t count = take_window(p, &args->src, at, window);
        ((float *)args->dst.data)[offset(&args->dst, at)] = sum(window, count) / (float)count;
    }
    free(window);
    return PB_OK;
}

/* As microsoft/onnxruntime#12043: from some length on what is added is rounded away. */
static float running(const float *x, int64_t count) {
    float sum = 0;
    for (int64_t i = 0; i < count; i++) sum += x[i];
    return sum;
}

static float in_halves(const float *x, int64_t count) {
    if (count <= 512) return running(x, count);
    return in_halves(x, count / 2) + in_halves(x + count / 2, count - count / 2);
}

static enum pb_status run_running_sum(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    return each_window(p, args, running);
}

static enum pb_status run_sum_in_halves(const struct pb_problem *p, void *plan,
                                        const struct pb_args *args) {
    (void)plan;
    return each_window(p, args, in_halves);
}

static enum pb_status run_mean_5_percent_off(const struct pb_problem *p, void *plan,
                                             const struct pb_args *args) {
    (void)plan;
    enum pb_status status = each_window(p, args, in_halves);
    float *y = args->dst.data;
    for (int64_t i = 0; !status && i < pb_tensor_count(&args->dst); i++) y[i] *= 1.05f;
    return status;
}

/* ---- A row at a time ------------------------------------------------------------------------- */

/* As pytorch/pytorch#180115: the sums of the first elements of the row, and their differences. */
static void prefix_sums(const struct pb_problem *p, const float *x, float *sum) {
    float prefix = 0;
    for (int64_t o = 0; o < p->w.o; o++) sum[o] = 0;
    for (int64_t i = 0; i < p->w.i; i++) {
        for (int64_t o = 0; o < p->w.o; o++)
            if (range_of(p, &p->w, o).first == i) sum[o] -= prefix;
        prefix += x[i];
        for (int64_t o = 0; o < p->w.o; o++)
            if (range_of(p, &p->w, o).end == i + 1) sum[o] += prefix;
    }
}

/* The sum of the window before, with what came in added and what left taken away. */
static void sliding_sum(const struct pb_problem *p, const float *x, float *sum) {
    struct range before = {0, 0};
    float now = 0;
    for (int64_t o = 0; o < p->w.o; o++) {
        const struct range range = range_of(p, &p->w, o);
        for (int64_t i = before.end; i < range.end; i++) now += x[i];
        for (int64_t i = before.first; i < range.first; i++) now -= x[i];
        sum[o] = now;
        before = range;
    }
}

static enum pb_status each_row(const struct pb_problem *p, const struct pb_args *args,
                               void (*row)(const struct pb_problem *, const float *, float *)) {
    float *x = malloc((size_t)(p->w.i + p->w.o) * sizeof *x), *sum = x + p->w.i;
    if (!x) return PB_NOMEM;
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++) {
            for (int64_t i = 0; i < p->w.i; i++)
                x[i] = ((const float *)args->src.data)[pb_offset(&args->src, n, c, 0, 0, i)];
            row(p, x, sum);
            for (int64_t o = 0; o < p->w.o; o++)
                ((float *)args->dst.data)[pb_offset(&args->dst, n, c, 0, 0, o)] =
                        sum[o] / (float)p->w.k;
        }
    free(x);
    return PB_OK;
}

static enum pb_status run_prefix_sums(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    return each_row(p, args, prefix_sums);
}

static enum pb_status run_sliding_sum(const struct pb_problem *p, void *plan,
                                      const struct pb_args *args) {
    (void)plan;
    return each_row(p, args, sliding_sum);
}

/* ---- The tables ------------------------------------------------------------------------------ */

const struct wrong_kernel wrong_sums[] = {
        WRONG(mean_5_percent_off, average_of_a_million, WRONG_VALUE),
        WRONG(running_sum, long_average, WRONG_VALUE),
        WRONG(prefix_sums, average_along_a_row, WRONG_VALUE),
        WRONG(sliding_sum, average_along_a_row, WRONG_VALUE),
};
const int wrong_sum_count = sizeof wrong_sums / sizeof wrong_sums[0];

const struct pb_kernel right_sum = {.name = "right_sum",
                                    .can_do = average,
                                    .setup = pb_setup_nothing,
                                    .run = run_sum_in_halves,
                                    .done = pb_done_nothing};
