/* The oracle's convolution. The tensors are first copied to dense arrays in which the channels that
 * one sum runs over stand side by side; positions stay explicit. */
#include "oracle/oracle.h"
#include <stdlib.h>

/* A dense copy of a tensor with axis 1 innermost: n, d, h, w, c. */
struct grid {
    float *data;
    int64_t channels, size[3];
};

static enum pb_status copy_grid(struct grid *grid, const struct pb_tensor *t, bool swap) {
    int64_t count = pb_tensor_count(t), at[5];
    int outer = swap ? 1 : 0, inner = swap ? 0 : 1;
    grid->data = malloc((size_t)(count > 0 ? count : 1) * sizeof(float));
    if (!grid->data) return pb_fail(PB_NOMEM, "no memory for a copy of a tensor");
    grid->channels = t->dims[inner];
    for (int axis = 0; axis < 3; axis++) grid->size[axis] = t->dims[2 + axis];
    float *to = grid->data;
    for (at[outer] = 0; at[outer] < t->dims[outer]; at[outer]++)
        for (at[2] = 0; at[2] < t->dims[2]; at[2]++)
            for (at[3] = 0; at[3] < t->dims[3]; at[3]++)
                for (at[4] = 0; at[4] < t->dims[4]; at[4]++)
                    for (at[inner] = 0; at[inner] < t->dims[inner]; at[inner]++)
                        *to++ = ((const float *)t->data)[oracle_offset(t, at)];
    return PB_OK;
}

/* The channels at one position. */
static const float *at_grid(const struct grid *g, int64_t n, int64_t d, int64_t h, int64_t w) {
    return g->data + (((n * g->size[0] + d) * g->size[1] + h) * g->size[2] + w) * g->channels;
}

/* How many taps from kw on, whose input position is iw, have channels that follow each other in the
 * grids of input and weights. */
static int64_t run_of(const struct pb_problem *p, int64_t kw, int64_t iw) {
    if (p->g > 1 || p->w.d > 0) return 1;
    return p->w.k - kw < p->w.i - iw ? p->w.k - kw : p->w.i - iw;
}

static void add_products(struct oracle_sum *sum, const float *a, const float *b, int64_t n) {
    double value = 0, magnitude = 0;
#pragma omp simd reduction(+ : value, magnitude)
    for (int64_t i = 0; i < n; i++) {
        double product = (double)a[i] * (double)b[i];
        value += product;
        magnitude += oracle_finite_magnitude(product);
    }
    sum->value += value;
    sum->magnitude += magnitude;
    sum->terms += n;
}

/* dst[n, oc, o] = bias[oc] + sum over taps and the group's ic of src[n, ic, o s - p + k (d + 1)]
 * weights[oc, ic, k]; padding adds no term. */
static void conv_fwd(const struct pb_problem *p, const struct grid *src, const struct grid *weights,
                     const struct pb_args *args, struct pb_expected_tensor *dst) {
    int64_t ic = p->ic / p->g, oc = p->oc / p->g;
    const float *bias = args->bias.data;
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        struct oracle_sum sum = {0};
        int64_t at[5];
        oracle_unravel(i, args->dst.dims, at);
        for (int64_t kd = 0; kd < p->d.k; kd++) {
            int64_t id = oracle_position(&p->d, at[2], kd);
            if (id < 0 || id >= p->d.i) continue;
            for (int64_t kh = 0; kh < p->h.k; kh++) {
                int64_t ih = oracle_position(&p->h, at[3], kh);
                if (ih < 0 || ih >= p->h.i) continue;
                for (int64_t kw = 0, run = 1; kw < p->w.k; kw += run) {
                    int64_t iw = oracle_position(&p->w, at[4], kw);
                    run = 1;
                    if (iw < 0 || iw >= p->w.i) continue;
                    run = run_of(p, kw, iw);
                    add_products(&sum, at_grid(src, at[0], id, ih, iw) + at[1] / oc * ic,
                                 at_grid(weights, at[1], kd, kh, kw), run * ic);
                }
            }
        }
        int64_t products = sum.terms;
        if (bias) oracle_add(&sum, bias[at[1]]);
        oracle_settle(&sum, 1, dst, i);
        if (products == 0) dst->bound[i] = 0;
    }
}

/* src[n, ic, i] = sum over the outputs whose tap reads i and the group's oc of dst[n, oc, o]
 * weights[oc, ic, k]. */
static void conv_bwd(const struct pb_problem *p, const struct grid *dst, const struct grid *weights,
                     const struct pb_args *args, struct pb_expected_tensor *src) {
    const struct pb_axis *d = &p->d, *h = &p->h, *w = &p->w;
    int64_t ic = p->ic / p->g, oc = p->oc / p->g;
#pragma omp parallel for
    for (int64_t i = 0; i < src->count; i++) {
        struct oracle_sum sum = {0};
        int64_t at[5];
        oracle_unravel(i, args->src.dims, at);
        int64_t group = at[1] / ic;
        for (int64_t od = oracle_first_output(d, at[2]); od <= oracle_last_output(d, at[2]); od++) {
            int64_t kd = oracle_tap(d, od, at[2]);
            if (kd < 0) continue;
            for (int64_t oh = oracle_first_output(h, at[3]); oh <= oracle_last_output(h, at[3]);
                 oh++) {
                int64_t kh = oracle_tap(h, oh, at[3]);
                if (kh < 0) continue;
                for (int64_t ow = oracle_first_output(w, at[4]); ow <= oracle_last_output(w, at[4]);
                     ow++) {
                    int64_t kw = oracle_tap(w, ow, at[4]);
                    if (kw < 0) continue;
                    add_products(&sum, at_grid(dst, at[0], od, oh, ow) + group * oc,
                                 at_grid(weights, at[1] % ic, kd, kh, kw) + group * oc, oc);
                }
            }
        }
        oracle_settle(&sum, 1, src, i);
    }
}

/* Adds gradient * x[i] to sum i, for i in 0 … n - 1. */
static void add_scaled(double *value, double *magnitude, double gradient, const float *x,
                       int64_t n) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        double product = gradient * (double)x[i];
        value[i] += product;
        magnitude[i] += oracle_finite_magnitude(product);
    }
}

/* weights[oc, ic, k] = sum over n and the outputs whose tap k is no padding of dst[n, oc, o]
 * src[n, ic, o s - p + k (d + 1)]. One call sums one oc, kd and kh (`at`) for every kw and ic of
 * the group; terms[kw] counts. */
static void sum_weights(const struct pb_problem *p, const struct grid *src, const struct grid *dst,
                        const int64_t at[5], double *value, double *magnitude, int64_t *terms) {
    int64_t ic = p->ic / p->g, first = at[0] / (p->oc / p->g) * ic;
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t od = 0; od < p->d.o; od++) {
            int64_t id = oracle_position(&p->d, od, at[2]);
            if (id < 0 || id >= p->d.i) continue;
            for (int64_t oh = 0; oh < p->h.o; oh++) {
                int64_t ih = oracle_position(&p->h, oh, at[3]);
                if (ih < 0 || ih >= p->h.i) continue;
                for (int64_t ow = 0; ow < p->w.o; ow++)
                    for (int64_t kw = 0, run = 1; kw < p->w.k; kw += run) {
                        int64_t iw = oracle_position(&p->w, ow, kw);
                        run = 1;
                        if (iw < 0 || iw >= p->w.i) continue;
                        run = run_of(p, kw, iw);
                        add_scaled(value + kw * ic, magnitude + kw * ic,
                                   at_grid(dst, n, od, oh, ow)[at[0]],
                                   at_grid(src, n, id, ih, iw) + first, run * ic);
                        for (int64_t k = kw; k < kw + run; k++) terms[k]++;
                    }
            }
        }
}

static enum pb_status conv_bwd_w(const struct pb_problem *p, const struct grid *src,
                                 const struct grid *dst, struct pb_expected_tensor *weights) {
    int64_t ic = p->ic / p->g, kw = p->w.k, rows = p->oc * p->d.k * p->h.k;
    double *value = calloc((size_t)(rows * kw * ic), sizeof *value);
    double *magnitude = calloc((size_t)(rows * kw * ic), sizeof *magnitude);
    int64_t *terms = calloc((size_t)(rows * kw), sizeof *terms);
    if (value && magnitude && terms) {
#pragma omp parallel for
        for (int64_t row = 0; row < rows; row++) {
            int64_t dims[5] = {p->oc, 1, p->d.k, p->h.k, 1}, at[5];
            oracle_unravel(row, dims, at);
            sum_weights(p, src, dst, at, value + row * kw * ic, magnitude + row * kw * ic,
                        terms + row * kw);
        }
        for (int64_t i = 0; i < weights->count; i++) { /* o, i, d, h, w; the sums o, d, h, w, i */
            int64_t dims[5] = {p->oc, ic, p->d.k, p->h.k, kw}, at[5];
            oracle_unravel(i, dims, at);
            int64_t tap = ((at[0] * p->d.k + at[2]) * p->h.k + at[3]) * kw + at[4];
            struct oracle_sum sum = {.value = value[tap * ic + at[1]],
                                     .magnitude = magnitude[tap * ic + at[1]],
                                     .terms = terms[tap]};
            oracle_settle(&sum, 1, weights, i);
        }
    }
    enum pb_status status = value && magnitude && terms
                                    ? PB_OK
                                    : pb_fail(PB_NOMEM, "no memory for the sums of the weights");
    free(value);
    free(magnitude);
    free(terms);
    return status;
}

/* bias[oc] = sum over n and o of dst[n, oc, o]. */
static void bias_bwd(const struct pb_problem *p, const struct grid *dst,
                     struct pb_expected_tensor *bias) {
    int64_t positions = p->mb * p->d.o * p->h.o * p->w.o;
    for (int64_t c = 0; c < bias->count; c++) {
        struct oracle_sum sum = {0};
        for (int64_t i = 0; i < positions; i++) oracle_add(&sum, dst->data[i * p->oc + c]);
        oracle_settle(&sum, 1, bias, c);
    }
}

enum pb_status oracle_conv(const struct pb_problem *problem, const struct pb_args *args,
                           struct pb_expected *expected) {
    struct grid src = {0}, dst = {0}, weights = {0};
    enum pb_status status = PB_OK;
    if (problem->dir == PB_FWD) {
        status = copy_grid(&src, &args->src, false);
        if (!status) status = copy_grid(&weights, &args->weights, false);
        if (!status) conv_fwd(problem, &src, &weights, args, &expected->tensor[PB_DST]);
    } else if (problem->dir == PB_BWD) {
        status = copy_grid(&dst, &args->dst, false);
        if (!status) status = copy_grid(&weights, &args->weights, true);
        if (!status) conv_bwd(problem, &dst, &weights, args, &expected->tensor[PB_SRC]);
    } else if (problem->dir == PB_BWD_W) {
        status = copy_grid(&src, &args->src, false);
        if (!status) status = copy_grid(&dst, &args->dst, false);
        if (!status) status = conv_bwd_w(problem, &src, &dst, &expected->tensor[PB_WEIGHTS]);
        if (!status) bias_bwd(problem, &dst, &expected->tensor[PB_BIAS]);
    } else {
        status = pb_fail(PB_UNSUPPORTED, "the oracle has no conv in direction %s",
                         pb_dir_name(problem->dir));
    }
    free(src.data);
    free(dst.data);
    free(weights.data);
    return status;
}
