/* im2col and col2im in both layouts. */
#include "conv/conv_im2col.h"
#include "conv/conv_util.h"
#include "window/window.h"
#include <limits.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATRIX_FLOATS = 1 << 17,  /* of a band: half of a common L2 */
    PARTIAL_FLOATS = 1 << 22, /* of all partial sums, where the weights are not larger */
    MOST_CHUNKS = 16,
    FEWEST_CHUNKS = 4,
};

/* Of one row: its bytes for 4096 threads count in an int64. */
static const int64_t MOST_FLOATS = INT64_MAX >> 14;

bool conv_im2col_fits(const struct pb_problem *p) {
    int64_t taps = p->ic / p->g * p->d.k * p->h.k * p->w.k, pixels = p->d.o * p->h.o * p->w.o;
    return (p->layout == PB_NCHW || p->layout == PB_NHWC) && taps <= INT_MAX && pixels <= INT_MAX &&
           p->oc <= INT_MAX && taps * p->w.o <= MOST_FLOATS;
}

enum pb_status conv_im2col_setup(const struct pb_problem *p, const struct pb_args *constants,
                                 void **result) {
    (void)constants;
    struct conv_im2col_plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pb_fail(PB_NOMEM, "no memory for the plan of a convolution");
    plan->taps = p->ic / p->g * p->d.k * p->h.k * p->w.k;
    plan->pixels = p->d.o * p->h.o * p->w.o;
    plan->outputs = p->oc / p->g;
    int64_t rows = p->d.o * p->h.o;
    plan->bands = conv_divide_up(rows, conv_clamp(MATRIX_FLOATS / (plan->taps * p->w.o), 1, rows));
    plan->rows = conv_divide_up(rows, plan->bands);
    plan->bands = conv_divide_up(rows, plan->rows);
    plan->threads = pb_threads();
    plan->matrix_size = conv_lines(plan->taps * plan->rows * p->w.o);
    plan->matrix = conv_floats(plan->threads * plan->matrix_size);
    if (p->dir == PB_BWD_W) {
        int64_t weights = p->oc * plan->taps, most = PARTIAL_FLOATS / weights;
        plan->chunks = conv_clamp(most, FEWEST_CHUNKS, MOST_CHUNKS);
        plan->chunks = conv_clamp(plan->chunks, 1, p->mb * plan->bands);
        plan->partial = conv_floats(plan->chunks * weights);
    }
    if (!plan->matrix || (p->dir == PB_BWD_W && !plan->partial)) {
        conv_im2col_done(plan);
        return pb_fail(PB_NOMEM, "no memory for the lowered input of a convolution");
    }
    *result = plan;
    return PB_OK;
}

void conv_im2col_done(void *data) {
    struct conv_im2col_plan *plan = data;
    if (!plan) return;
    free(plan->matrix);
    free(plan->partial);
    free(plan);
}

struct conv_band conv_im2col_band(const struct pb_problem *p, const struct conv_im2col_plan *plan,
                                  int64_t n, int64_t g, int64_t position) {
    int64_t row = position * plan->rows, left = p->d.o * p->h.o - row;
    return (struct conv_band){n, g, row, left < plan->rows ? left : plan->rows};
}

int64_t conv_im2col_dst(const struct pb_problem *p, const struct conv_im2col_plan *plan,
                        const struct conv_band *band) {
    int64_t pixel = band->row * p->w.o, channel = band->g * plan->outputs;
    return p->layout == PB_NHWC ? (band->n * plan->pixels + pixel) * p->oc + channel
                                : (band->n * p->oc + channel) * plan->pixels + pixel;
}

int conv_im2col_threads(const struct conv_im2col_plan *plan) {
    int threads = pb_threads();
    return threads < plan->threads ? threads : plan->threads;
}

/* ---- the walk that im2col and col2im share --------------------------------------------------- */

/* A run of the matrix: `before` elements of padding, `count` that lie `step` apart in src, `after`
 * of padding. */
struct run {
    int64_t matrix, src, step;
    int64_t before, count, after;
};
typedef void visit_run(const struct run *run, const float *from, float *to);

/* Row of src (over d and h) that tap (kd, kh) of row `row` of dst reads; -1 if it is padding. */
static int64_t source_row(const struct pb_problem *p, int64_t row, int64_t kd, int64_t kh) {
    int64_t id = window_input(&p->d, row / p->h.o, kd), ih = window_input(&p->h, row % p->h.o, kh);
    return id < 0 || ih < 0 ? -1 : id * p->h.i + ih;
}

/* taps x pixels: a run is a tap along one row of dst. */
static inline void walk_nchw(const struct pb_problem *p, const struct conv_band *b,
                             visit_run *visit, const float *from, float *to) {
    int64_t channels = p->ic / p->g, plane = p->d.i * p->h.i * p->w.i, matrix = 0;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t kd = 0; kd < p->d.k; kd++)
            for (int64_t kh = 0; kh < p->h.k; kh++)
                for (int64_t kw = 0; kw < p->w.k; kw++) {
                    struct window_range on = window_of_tap(&p->w, kw);
                    int64_t start = window_at(&p->w, on.first, kw);
                    for (int64_t row = 0; row < b->rows; row++, matrix += p->w.o) {
                        int64_t at = source_row(p, b->row + row, kd, kh);
                        struct run run = {.matrix = matrix, .step = p->w.s, .before = p->w.o};
                        if (at >= 0 && on.first < on.end) {
                            run.before = on.first;
                            run.count = on.end - on.first;
                            run.after = p->w.o - on.end;
                            run.src = (b->n * p->ic + b->g * channels + c) * plane + at * p->w.i +
                                      start;
                        }
                        visit(&run, from, to);
                    }
                }
}

/* pixels x taps: a run is the channels of one position, or of a whole row of the window where these
 * lie side by side. */
static inline void walk_nhwc(const struct pb_problem *p, const struct conv_band *b,
                             visit_run *visit, const float *from, float *to) {
    int64_t channels = p->ic / p->g, image = p->d.i * p->h.i * p->w.i, matrix = 0;
    int64_t positions = p->g == 1 && p->w.d == 0 ? p->w.k : 1;
    for (int64_t row = b->row; row < b->row + b->rows; row++)
        for (int64_t ow = 0; ow < p->w.o; ow++)
            for (int64_t kd = 0; kd < p->d.k; kd++)
                for (int64_t kh = 0; kh < p->h.k; kh++) {
                    int64_t at = source_row(p, row, kd, kh);
                    for (int64_t kw = 0; kw < p->w.k; kw += positions) {
                        int64_t start = window_at(&p->w, ow, kw);
                        int64_t first = conv_clamp(-start, 0, positions);
                        int64_t end = conv_clamp(p->w.i - start, first, positions);
                        struct run run = {
                                .matrix = matrix, .step = 1, .before = positions * channels};
                        if (at >= 0 && first < end) {
                            run.before = first * channels;
                            run.count = (end - first) * channels;
                            run.after = (positions - end) * channels;
                            run.src = (b->n * image + at * p->w.i + start + first) * p->ic +
                                      b->g * channels;
                        }
                        visit(&run, from, to);
                        matrix += positions * channels;
                    }
                }
}

static inline void im2col_run(const struct run *run, const float *src, float *matrix) {
    float *to = matrix + run->matrix;
    const float *from = src + run->src;
    memset(to, 0, (size_t)run->before * sizeof *to);
    to += run->before;
    if (run->step == 1)
        memcpy(to, run->count ? from : src, (size_t)run->count * sizeof *to);
    else
        for (int64_t i = 0; i < run->count; i++) to[i] = from[i * run->step];
    memset(to + run->count, 0, (size_t)run->after * sizeof *to);
}

static inline void col2im_run(const struct run *run, const float *matrix, float *src) {
    const float *from = matrix + run->matrix + run->before;
    float *to = src + run->src;
    if (run->step == 1)
        for (int64_t i = 0; i < run->count; i++) to[i] += from[i];
    else
        for (int64_t i = 0; i < run->count; i++) to[i * run->step] += from[i];
}

void conv_im2col(const struct pb_problem *p, const struct conv_band *band, const float *src,
                 float *matrix) {
    if (p->layout == PB_NHWC)
        walk_nhwc(p, band, im2col_run, src, matrix);
    else
        walk_nchw(p, band, im2col_run, src, matrix);
}

void conv_col2im(const struct pb_problem *p, const struct conv_band *band, const float *matrix,
                 float *src) {
    if (p->layout == PB_NHWC)
        walk_nhwc(p, band, col2im_run, matrix, src);
    else
        walk_nchw(p, band, col2im_run, matrix, src);
}
