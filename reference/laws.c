/* The laws: what the results of a kernel have to do with each other. Data are whole numbers, small
 * enough that sums of products are exact in f32 in any order (convolution), or that only the
 * division rounds (averages). Results are compared within the sum of the bounds that the oracle
 * derives for the two sides; its values are not used. */
#include "judging.h"
#include "oracle.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Runs ------------------------------------------------------------------------------------ */

/* The tensors of one run in logical order, and how far each output may be off. The arrays are NULL
 * where the problem has no such tensor; a bias may be taken away. */
struct tensors {
    struct pb_problem problem;
    struct pb_tensor shape[PB_ROLES];
    double *value[PB_ROLES], *bound[PB_ROLES];
    int64_t count[PB_ROLES];
};

static void forget(struct tensors *t) {
    for (int role = 0; role < PB_ROLES; role++) {
        free(t->value[role]);
        free(t->bound[role]);
    }
    *t = (struct tensors){0};
}

/* Zeroes. After a failure call forget. */
static enum pb_status make(struct tensors *t, const struct pb_problem *problem) {
    *t = (struct tensors){.problem = *problem};
    enum pb_status status = pb_problem_check(problem);
    for (int role = 0; role < PB_ROLES && !status; role++) {
        if (!pb_role_used(problem, (enum pb_role)role)) continue;
        t->shape[role] = pb_tensor_of(problem, (enum pb_role)role, NULL);
        t->count[role] = pb_tensor_count(&t->shape[role]);
        t->value[role] = calloc((size_t)t->count[role] + 1, sizeof(double));
        t->bound[role] = calloc((size_t)t->count[role] + 1, sizeof(double));
        if (!t->value[role] || !t->bound[role]) status = pb_fail(PB_NOMEM, "no memory for a law");
    }
    return status;
}

/* The same without a bias, so that a convolution is linear. */
static enum pb_status make_linear(struct tensors *t, const struct pb_problem *problem) {
    enum pb_status status = make(t, problem);
    if (status || !pb_role_read(problem, PB_BIAS)) return status;
    free(t->value[PB_BIAS]);
    free(t->bound[PB_BIAS]);
    t->value[PB_BIAS] = t->bound[PB_BIAS] = NULL;
    t->count[PB_BIAS] = 0;
    return PB_OK;
}

static bool accepts(const struct pb_kernel *kernel, const struct pb_problem *problem) {
    return kernel && (kernel->isa & ~pb_isa()) == 0 && kernel->can_do(problem);
}

static const struct pb_kernel *naive(const struct pb_problem *problem) {
    return pb_select(problem, "*_naive");
}

/* Takes the outputs of a trial, and how far they may be off. */
static enum pb_status take(struct tensors *t, const struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *from = &trial->args.tensor[role];
        if (!pb_role_written(&t->problem, (enum pb_role)role) || !t->value[role]) continue;
        for (int64_t i = 0; i < t->count[role]; i++) {
            uint32_t bits = 0;
            if (from->dtype == PB_F32) memcpy(&bits, judging_place(from, i), sizeof bits);
            if (bits == ORACLE_POISON)
                return pb_fail(PB_PROVIDER, "%s is left unwritten",
                               pb_role_name((enum pb_role)role));
            t->value[role][i] = judging_get(from, i);
            t->bound[role][i] = trial->expected.tensor[role].bound[i];
        }
    }
    return PB_OK;
}

/* Runs the kernel on the inputs in `t` and keeps its outputs there. UNSUPPORTED where the kernel
 * does not accept the problem. */
static enum pb_status run(const struct pb_kernel *kernel, struct tensors *t) {
    struct pb_trial trial = {0};
    if (!accepts(kernel, &t->problem)) return pb_fail(PB_UNSUPPORTED, "not accepted");
    enum pb_status status = pb_trial_allocate(&trial, &t->problem);
    for (int role = 0; role < PB_ROLES && !status; role++) {
        struct pb_tensor *to = &trial.args.tensor[role];
        if (!to->data || pb_role_written(&t->problem, (enum pb_role)role)) continue;
        memset(to->data, 0, trial.buffer[role].bytes);
        for (int64_t i = 0; i < t->count[role]; i++) judging_set(to, i, t->value[role][i]);
        if (!t->value[role]) to->data = NULL;
    }
    if (!status) status = pb_oracle(&t->problem, &trial.args, &trial.expected);
    if (!status) {
        pb_poison(&t->problem, &trial.args);
        status = judging_run(kernel, &t->problem, NULL, &trial.args);
    }
    if (!status) status = take(t, &trial);
    pb_trial_end(&trial);
    return status;
}

static bool is_adaptive(const struct pb_problem *p) {
    return p->op == PB_ADAPTIVE_MAX || p->op == PB_ADAPTIVE_AVG;
}

/* ---- Data ------------------------------------------------------------------------------------ */

/* How many terms a sum of the problem may have. */
static double terms(const struct pb_problem *p) {
    double taps = (double)(p->d.k * p->h.k * p->w.k);
    if (is_adaptive(p))
        for (int a = 0; a < 3; a++) taps *= (double)(p->axis[a].i / p->axis[a].o + 2);
    if (p->dir == PB_BWD_W) return (double)(p->mb * p->d.o * p->h.o * p->w.o) + 1;
    if (p->op != PB_CONV) return taps;
    return taps * (double)(p->dir == PB_BWD ? p->oc / p->g : p->ic / p->g);
}

/* Whole numbers from -A to A: A at most 3 for weights, else so that sums stay far below 2^24. */
static void draw(struct tensors *t, enum pb_role role, struct pb_rng *rng) {
    double most = floor(ldexp(1, 21) / (3 * terms(&t->problem)));
    int64_t a = role == PB_WEIGHTS || (t->problem.dir == PB_BWD_W && role == PB_DST)
                        ? 3
                        : (int64_t)fmax(1, fmin(most, 999));
    for (int64_t i = 0; i < t->count[role]; i++)
        t->value[role][i] = (double)(pb_rng_below(rng, 2 * a + 1) - a);
}

/* The indices that the naive kernel finds in whole numbers, few enough to tie where `ties`. */
static enum pb_status draw_indices(struct tensors *t, bool ties, struct pb_rng *rng,
                                   struct tensors *forward) {
    struct pb_problem problem = t->problem;
    problem.dir = PB_FWD_IDX;
    enum pb_status status = make(forward, &problem);
    if (status) return status;
    draw(forward, PB_SRC, rng);
    for (int64_t i = 0; ties && i < forward->count[PB_SRC]; i++)
        forward->value[PB_SRC][i] = fmod(forward->value[PB_SRC][i], 2);
    status = run(naive(&problem), forward);
    for (int64_t i = 0; !status && i < t->count[PB_INDICES]; i++)
        t->value[PB_INDICES][i] = forward->value[PB_INDICES][i];
    return status;
}

/* Draws everything that the problem reads. */
static enum pb_status draw_inputs(struct tensors *t, struct pb_rng *rng) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES && !status; role++) {
        if (!pb_role_read(&t->problem, (enum pb_role)role) || !t->value[role]) continue;
        if (role == PB_INDICES) {
            struct tensors forward = {0};
            status = draw_indices(t, true, rng, &forward);
            forget(&forward);
        } else {
            draw(t, (enum pb_role)role, rng);
        }
    }
    return status;
}

/* 0 … count - 1 in random order (inside-out shuffle, Knuth, TAOCP 2, 3.4.2). */
static void draw_permutation(double *value, int64_t count, struct pb_rng *rng) {
    for (int64_t i = 0; i < count; i++) {
        int64_t j = pb_rng_below(rng, i + 1);
        value[i] = value[j];
        value[j] = (double)i;
    }
}

static void copy_input(struct tensors *to, const struct tensors *from, enum pb_role role) {
    if (from->value[role])
        memcpy(to->value[role], from->value[role], (size_t)from->count[role] * sizeof(double));
}

/* The tensor that the operation is linear in, and its first output. */
static enum pb_role variable(const struct pb_problem *p) {
    return p->dir == PB_BWD || p->dir == PB_BWD_W ? PB_DST : PB_SRC;
}

static enum pb_role result(const struct pb_problem *p) {
    return p->dir == PB_BWD ? PB_SRC : p->dir == PB_BWD_W ? PB_WEIGHTS : PB_DST;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static bool near(double a, double b, double bound) {
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= bound;
}

/* OK where the two are as near as the bound; else says which element of what is not. */
static enum pb_status agree(const char *what, int64_t element, double a, double b, double bound) {
    if (near(a, b, fabs(bound))) return PB_OK;
    return pb_fail(PB_PROVIDER, "%s, element %lld: %.9g on one side, %.9g on the other", what,
                   (long long)element, a, b);
}

/* Every output of two runs on problems of the same shapes. */
static enum pb_status agree_all(const struct tensors *a, const struct tensors *b) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES; role++)
        for (int64_t i = 0;
             pb_role_written(&a->problem, (enum pb_role)role) && i < a->count[role] && !status; i++)
            status = agree(pb_role_name((enum pb_role)role), i, a->value[role][i],
                           b->value[role][i], fabs(a->bound[role][i]) + fabs(b->bound[role][i]));
    return status;
}

/* ---- What a law covers ----------------------------------------------------------------------- */

static bool forward(const struct pb_problem *p) {
    return p->dir == PB_FWD || p->dir == PB_FWD_IDX;
}

static bool is_average(const struct pb_problem *p) {
    return p->op == PB_AVG_P || p->op == PB_AVG_NP || p->op == PB_GAP;
}

static bool is_global(const struct pb_problem *p) {
    return p->op == PB_GAP || p->op == PB_GMP;
}

static bool every(const struct pb_problem *p) {
    (void)p;
    return true;
}

static bool window_max(const struct pb_problem *p) {
    return pb_is_max(p) && forward(p);
}

static bool max_forward(const struct pb_problem *p) {
    return pb_has_indices(p) && forward(p);
}

static bool max_indices(const struct pb_problem *p) {
    return pb_has_indices(p) && p->dir == PB_FWD_IDX;
}

/* What is not linear, forward or backward. */
static bool has_difference(const struct pb_problem *p) {
    return (pb_has_indices(p) || p->op == PB_LP) && p->dir != PB_FWD_IDX;
}

static bool is_linear_operation(const struct pb_problem *p) {
    return is_average(p) || p->op == PB_CONV || p->op == PB_ADAPTIVE_AVG || p->op == PB_S2D ||
           p->op == PB_BLUR;
}

static bool is_linear(const struct pb_problem *p) {
    return is_linear_operation(p) || p->dir == PB_BWD;
}

static bool has_adjoint(const struct pb_problem *p) {
    return is_linear_operation(p) || (pb_has_indices(p) && p->dir == PB_BWD);
}

/* Blocks become channels by a rule of their own. */
static bool keeps_channels(const struct pb_problem *p) {
    return p->op != PB_S2D;
}

static bool is_conv(const struct pb_problem *p) {
    return p->op == PB_CONV;
}

static bool conv_or_sum(const struct pb_problem *p) {
    return p->dir == PB_FWD && (p->op == PB_CONV || p->op == PB_AVG_P);
}

static bool is_windowed_forward(const struct pb_problem *p) {
    return forward(p) && !is_global(p) && !is_adaptive(p);
}

static bool pools_forward(const struct pb_problem *p) {
    return forward(p) && (is_average(p) || pb_is_max(p) || is_adaptive(p));
}

/* ---- Maxima ---------------------------------------------------------------------------------- */

/* Lowers m at every output whose window holds input `in` to v; a NaN stays. */
static void lower_at(const struct tensors *t, const int64_t in[5], double v, double *m) {
    const struct pb_problem *p = &t->problem;
    const int64_t *o = t->shape[PB_DST].dims;
    for (int64_t tap = 0; tap < p->d.k * p->h.k * p->w.k; tap++) {
        int64_t k[3] = {tap / (p->h.k * p->w.k), tap / p->w.k % p->h.k, tap % p->w.k}, at[3];
        bool held = true;
        for (int a = 0; a < 3; a++) {
            int64_t start = in[2 + a] + p->axis[a].p - k[a] * (p->axis[a].d + 1);
            at[a] = start / p->axis[a].s;
            held = held && start >= 0 && start % p->axis[a].s == 0 && at[a] < o[2 + a];
        }
        if (!held) continue;
        double *least = &m[(((in[0] * o[1] + in[1]) * o[2] + at[0]) * o[3] + at[1]) * o[4] + at[2]];
        if (isnan(v) || v < *least) *least = v;
    }
}

/* The least of each window, from each input to the windows that hold it. */
static enum pb_status hold_minimum(const struct pb_kernel *kernel, struct pb_problem p,
                                   struct pb_rng *rng) {
    struct tensors t = {0};
    double *least = NULL;
    enum pb_status status = make(&t, &p);
    if (status) goto cleanup;
    draw(&t, PB_SRC, rng);
    for (int64_t i = 0; i < t.count[PB_SRC]; i++)
        if (pb_rng_below(rng, 29) == 0) t.value[PB_SRC][i] = NAN;
    least = malloc((size_t)(t.count[PB_DST] + 1) * sizeof *least);
    status = least ? PB_OK : pb_fail(PB_NOMEM, "no memory for the least of each window");
    if (status) goto cleanup;
    for (int64_t i = 0; i < t.count[PB_DST]; i++) least[i] = INFINITY;
    for (int64_t i = 0; i < t.count[PB_SRC]; i++) {
        int64_t in[5];
        oracle_unravel(i, t.shape[PB_SRC].dims, in);
        lower_at(&t, in, t.value[PB_SRC][i], least);
        t.value[PB_SRC][i] = -t.value[PB_SRC][i];
    }
    status = run(kernel, &t);
    for (int64_t i = 0; i < t.count[PB_DST] && !status; i++)
        status = agree("-max(-x) and min(x)", i, -t.value[PB_DST][i], least[i], 0);
cleanup:
    free(least);
    forget(&t);
    return status;
}

/* K(x or y) = K(x) or K(y), where or takes the larger of each pair. */
static enum pb_status hold_join(const struct pb_kernel *kernel, struct pb_problem p,
                                struct pb_rng *rng) {
    struct tensors x = {0}, y = {0}, both = {0};
    enum pb_status status = make(&x, &p);
    if (!status) status = make(&y, &p);
    if (!status) status = make(&both, &p);
    if (status) goto cleanup;
    draw(&x, PB_SRC, rng);
    draw(&y, PB_SRC, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++)
        both.value[PB_SRC][i] = fmax(x.value[PB_SRC][i], y.value[PB_SRC][i]);
    status = run(kernel, &x);
    if (!status) status = run(kernel, &y);
    if (!status) status = run(kernel, &both);
    for (int64_t i = 0; i < x.count[PB_DST] && !status; i++)
        status = agree("the maximum of the larger and the larger maximum", i, both.value[PB_DST][i],
                       fmax(x.value[PB_DST][i], y.value[PB_DST][i]), 0);
cleanup:
    forget(&x);
    forget(&y);
    forget(&both);
    return status;
}

/* Every value raised by 1000: every result too, at the same positions. */
static enum pb_status hold_offset(const struct pb_kernel *kernel, struct pb_problem p,
                                  struct pb_rng *rng) {
    struct tensors x = {0}, raised = {0};
    enum pb_status status = make(&x, &p);
    if (!status) status = make(&raised, &p);
    if (status) goto cleanup;
    draw(&x, PB_SRC, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++)
        raised.value[PB_SRC][i] = x.value[PB_SRC][i] + 1000;
    status = run(kernel, &x);
    if (!status) status = run(kernel, &raised);
    for (int64_t i = 0; i < x.count[PB_DST]; i++) x.value[PB_DST][i] += 1000;
    if (!status) status = agree_all(&x, &raised);
cleanup:
    forget(&x);
    forget(&raised);
    return status;
}

/* Where values tie the first gives the index: as if each were raised by less than the distance
 * between two values, the more the earlier it stands. */
static enum pb_status hold_first(const struct pb_kernel *kernel, struct pb_problem p,
                                 struct pb_rng *rng) {
    struct tensors x = {0}, ordered = {0};
    enum pb_status status = make(&x, &p);
    if (!status) status = make(&ordered, &p);
    if (status) goto cleanup;
    int64_t positions = p.d.i * p.h.i * p.w.i;
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        x.value[PB_SRC][i] = (double)pb_rng_below(rng, 3) - 1;
        ordered.value[PB_SRC][i] = x.value[PB_SRC][i] * (double)positions - (double)(i % positions);
    }
    status = run(kernel, &x);
    if (!status) status = run(kernel, &ordered);
    for (int64_t i = 0; i < x.count[PB_INDICES] && !status; i++)
        status = agree("indices with ties and in order", i, x.value[PB_INDICES][i],
                       ordered.value[PB_INDICES][i], 0);
cleanup:
    forget(&x);
    forget(&ordered);
    return status;
}

/* The value at the index; -Inf where there is none. */
static double picked(const struct tensors *t, const double *src, int64_t output, double index) {
    const int64_t *o = t->shape[PB_INDICES].dims;
    int64_t positions = t->problem.d.i * t->problem.h.i * t->problem.w.i;
    int64_t channel = output / (o[2] * o[3] * o[4]);
    if (index < 0 || index >= (double)positions) return -INFINITY;
    return src[channel * positions + (int64_t)index];
}

static enum pb_status hold_picked(const struct pb_kernel *kernel, struct pb_problem p,
                                  struct pb_rng *rng) {
    struct tensors x = {0};
    enum pb_status status = make(&x, &p);
    if (!status) {
        draw(&x, PB_SRC, rng);
        status = run(kernel, &x);
    }
    for (int64_t i = 0; i < x.count[PB_DST] && !status; i++)
        status = agree("the maximum and the value at its index", i, x.value[PB_DST][i],
                       picked(&x, x.value[PB_SRC], i, x.value[PB_INDICES][i]), 0);
    forget(&x);
    return status;
}

/* ---- Linear operations ----------------------------------------------------------------------- */

/* K(4 x) = 4 K(x), to the bit: scaling by a power of two commutes with every rounding (but not with
 * a power, of lp). */
static enum pb_status hold_scale(const struct pb_kernel *kernel, struct pb_problem p,
                                 struct pb_rng *rng) {
    struct tensors x = {0}, scaled = {0};
    enum pb_role in = variable(&p), out = result(&p);
    enum pb_status status = make_linear(&x, &p);
    if (!status) status = make_linear(&scaled, &p);
    if (!status) status = draw_inputs(&x, rng);
    if (status) goto cleanup;
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_read(&p, (enum pb_role)role)) copy_input(&scaled, &x, (enum pb_role)role);
    for (int64_t i = 0; i < x.count[in]; i++) scaled.value[in][i] *= 4;
    status = run(kernel, &x);
    if (!status) status = run(kernel, &scaled);
    for (int64_t i = 0; i < x.count[out] && !status; i++)
        status = agree("the result of 4 x and 4 times that of x", i, scaled.value[out][i],
                       4 * x.value[out][i],
                       p.op == PB_LP ? 4 * x.bound[out][i] + scaled.bound[out][i] : 0);
    for (int64_t i = 0; max_indices(&p) && i < x.count[PB_INDICES] && !status; i++)
        status = agree("the indices of 4 x and of x", i, scaled.value[PB_INDICES][i],
                       x.value[PB_INDICES][i], 0);
cleanup:
    forget(&x);
    forget(&scaled);
    return status;
}

/* K(2 x - y) = 2 K(x) - K(y). */
static enum pb_status hold_linear(const struct pb_kernel *kernel, struct pb_problem p,
                                  struct pb_rng *rng) {
    struct tensors x = {0}, y = {0}, sum = {0};
    enum pb_role in = variable(&p), out = result(&p);
    enum pb_status status = make(&x, &p);
    if (!status) status = make(&y, &p);
    if (!status) status = make(&sum, &p);
    if (!status) status = draw_inputs(&x, rng);
    if (status) goto cleanup;
    for (int role = 0; role < PB_ROLES; role++) {
        if (!pb_role_read(&p, (enum pb_role)role)) continue;
        copy_input(&y, &x, (enum pb_role)role);
        copy_input(&sum, &x, (enum pb_role)role);
    }
    draw(&y, in, rng);
    for (int64_t i = 0; i < x.count[in]; i++)
        sum.value[in][i] = 2 * x.value[in][i] - y.value[in][i];
    status = run(kernel, &x);
    if (!status) status = run(kernel, &y);
    if (!status) status = run(kernel, &sum);
    for (int64_t i = 0; i < x.count[out] && !status; i++)
        status = agree("the result of 2 x - y and 2 of x less that of y", i, sum.value[out][i],
                       2 * x.value[out][i] - y.value[out][i],
                       fabs(sum.bound[out][i]) + 2 * fabs(x.bound[out][i]) + fabs(y.bound[out][i]));
cleanup:
    forget(&x);
    forget(&y);
    forget(&sum);
    return status;
}

/* Adds the product of an output (with its bound) and an input: <a, b>. */
struct product {
    double value, bound, magnitude;
};

static void add_product(struct product *to, const struct tensors *out, const double *with,
                        enum pb_role role) {
    for (int64_t i = 0; i < out->count[role]; i++) {
        double term = out->value[role][i] * with[i];
        to->value += term;
        to->magnitude += fabs(term);
        to->bound += fabs(out->bound[role][i] * with[i]);
    }
}

static enum pb_status agree_products(const char *what, const struct product *a,
                                     const struct product *b) {
    double rounding = ldexp(a->magnitude + b->magnitude, -40); /* of these sums, in double */
    return agree(what, 0, a->value, b->value, a->bound + b->bound + rounding);
}

/* <x picked at the indices, y> = <x, K(y)>. */
static enum pb_status hold_max_adjoint(const struct pb_kernel *kernel, struct pb_problem p,
                                       struct pb_rng *rng) {
    struct tensors back = {0}, picks = {0}, x = {0};
    struct product there = {0}, here = {0};
    enum pb_status status = make(&back, &p);
    if (!status) status = draw_indices(&back, true, rng, &picks);
    if (!status) status = make(&x, &picks.problem);
    if (status) goto cleanup;
    draw(&x, PB_SRC, rng);
    draw(&back, PB_DST, rng);
    status = run(kernel, &back);
    for (int64_t i = 0; i < back.count[PB_DST]; i++)
        if (back.value[PB_INDICES][i] >= 0)
            there.value += back.value[PB_DST][i] *
                           picked(&back, x.value[PB_SRC], i, back.value[PB_INDICES][i]);
    add_product(&here, &back, x.value[PB_SRC], PB_SRC);
    if (!status) status = agree_products("<x at the indices, y> and <x, bwd(y)>", &there, &here);
cleanup:
    forget(&back);
    forget(&picks);
    forget(&x);
    return status;
}

/* <fwd(x), y> = <x, bwd(y)>, and = <w, bwd_w(x, y)>, of the kernel and the naive one of the other
 * direction. */
static enum pb_status hold_adjoint(const struct pb_kernel *kernel, struct pb_problem p,
                                   struct pb_rng *rng) {
    if (pb_has_indices(&p)) return hold_max_adjoint(kernel, p, rng);
    struct pb_problem ahead = p, behind = p;
    struct tensors fwd = {0}, bwd = {0};
    struct product there = {0}, here = {0};
    if (p.dir == PB_FWD)
        behind.dir = PB_BWD;
    else
        ahead.dir = PB_FWD;
    enum pb_role written = result(&behind);
    enum pb_status status = make_linear(&fwd, &ahead);
    if (!status) status = make_linear(&bwd, &behind);
    if (status) goto cleanup;
    draw(&bwd, PB_DST, rng);
    draw(&fwd, PB_SRC, rng);
    if (p.op == PB_CONV) draw(&fwd, PB_WEIGHTS, rng);
    for (int role = 0; role < PB_ROLES; role++)
        if (role != PB_DST && pb_role_read(&behind, (enum pb_role)role))
            copy_input(&bwd, &fwd, (enum pb_role)role);
    status = run(p.dir == PB_FWD ? kernel : naive(&ahead), &fwd);
    if (!status) status = run(p.dir == PB_FWD ? naive(&behind) : kernel, &bwd);
    if (status) goto cleanup;
    add_product(&there, &fwd, bwd.value[PB_DST], PB_DST);
    add_product(&here, &bwd, fwd.value[written], written);
    status = agree_products("<fwd(x), y> and <x, its gradient of y>", &there, &here);
cleanup:
    forget(&fwd);
    forget(&bwd);
    return status;
}

/* (L(x + v/4) - L(x - v/4)) / (1/2) = <bwd(y), v> with L = <fwd, y>. Values are whole and differ,
 * so that no step changes which is the largest: the difference is exact. */
static enum pb_status hold_max_difference(const struct pb_kernel *kernel, struct pb_problem p,
                                          struct pb_rng *rng) {
    struct pb_problem ahead = p, behind = p;
    struct tensors x = {0}, up = {0}, down = {0}, back = {0};
    struct product rise = {0}, slope = {0};
    ahead.dir = p.dir == PB_FWD ? PB_FWD : PB_FWD_IDX;
    behind.dir = PB_BWD;
    struct pb_problem indexed = ahead;
    indexed.dir = PB_FWD_IDX;
    enum pb_status status = make(&x, &indexed);
    if (!status) status = make(&up, &ahead);
    if (!status) status = make(&down, &ahead);
    if (!status) status = make(&back, &behind);
    if (status) goto cleanup;
    draw_permutation(x.value[PB_SRC], x.count[PB_SRC], rng);
    draw(&back, PB_DST, rng);
    status = run(naive(&indexed), &x);
    if (status) goto cleanup;
    copy_input(&back, &x, PB_INDICES);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        double v = (double)(pb_rng_below(rng, 3) - 1);
        up.value[PB_SRC][i] = x.value[PB_SRC][i] + v / 4;
        down.value[PB_SRC][i] = x.value[PB_SRC][i] - v / 4;
    }
    status = run(p.dir == PB_FWD ? kernel : naive(&ahead), &up);
    if (!status) status = run(p.dir == PB_FWD ? kernel : naive(&ahead), &down);
    if (!status) status = run(p.dir == PB_FWD ? naive(&behind) : kernel, &back);
    if (status) goto cleanup;
    for (int64_t i = 0; i < up.count[PB_DST]; i++)
        if (back.value[PB_INDICES][i] >= 0)
            rise.value += 2 * (up.value[PB_DST][i] - down.value[PB_DST][i]) * back.value[PB_DST][i];
    for (int64_t i = 0; i < x.count[PB_SRC]; i++)
        x.value[PB_SRC][i] = 2 * (up.value[PB_SRC][i] - down.value[PB_SRC][i]);
    add_product(&slope, &back, x.value[PB_SRC], PB_SRC);
    status = agree_products("the difference quotient and <bwd(y), v>", &rise, &slope);
cleanup:
    forget(&x);
    forget(&up);
    forget(&down);
    forget(&back);
    return status;
}

/* L(x + h v) - L(x - h v) of a forward kernel, over 2 h, with L = <fwd, y>; x stands in `at`. */
static enum pb_status quotient(const struct pb_kernel *kernel, const struct tensors *at,
                               const double *v, const double *y, double h, struct product *to) {
    struct tensors t = {0};
    enum pb_status status = PB_OK;
    for (int sign = -1; sign <= 1 && !status; sign += 2) {
        status = make(&t, &at->problem);
        for (int64_t i = 0; !status && i < t.count[PB_SRC]; i++)
            t.value[PB_SRC][i] = at->value[PB_SRC][i] + sign * h * v[i];
        if (!status) status = run(kernel, &t);
        for (int64_t i = 0; !status && i < t.count[PB_DST]; i++) {
            to->value += sign * t.value[PB_DST][i] * y[i] / (2 * h);
            to->magnitude += fabs(t.value[PB_DST][i] * y[i]) / (2 * h);
            to->bound += fabs(t.bound[PB_DST][i] * y[i]) / (2 * h);
        }
        forget(&t);
    }
    return status;
}

/* Of lp the quotient is inexact: its error falls as h^2, so that of h is a third of what it differs
 * by from that of 2 h, and less than all of it where h^4 counts. Values are whole and not 0, away
 * from where lp bends. */
static enum pb_status hold_lp_difference(const struct pb_kernel *kernel, struct pb_problem p,
                                         struct pb_rng *rng) {
    struct pb_problem ahead = p, behind = p;
    struct tensors x = {0}, back = {0};
    struct product coarse = {0}, fine = {0}, slope = {0};
    const double h = ldexp(1, -5);
    double *v = NULL;
    ahead.dir = PB_FWD;
    behind.dir = PB_BWD;
    enum pb_status status = make(&x, &ahead);
    if (!status) status = make(&back, &behind);
    if (status) goto cleanup;
    v = malloc((size_t)(x.count[PB_SRC] + 1) * sizeof *v);
    status = v ? PB_OK : pb_fail(PB_NOMEM, "no memory for a direction");
    if (status) goto cleanup;
    draw(&back, PB_DST, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        double magnitude = (double)(2 + pb_rng_below(rng, 7));
        x.value[PB_SRC][i] = pb_rng_below(rng, 2) ? magnitude : -magnitude;
        back.value[PB_INPUT][i] = x.value[PB_SRC][i];
        v[i] = (double)(pb_rng_below(rng, 3) - 1);
    }
    status = quotient(p.dir == PB_FWD ? kernel : naive(&ahead), &x, v, back.value[PB_DST], 2 * h,
                      &coarse);
    if (!status)
        status = quotient(p.dir == PB_FWD ? kernel : naive(&ahead), &x, v, back.value[PB_DST], h,
                          &fine);
    if (!status) status = run(p.dir == PB_FWD ? naive(&behind) : kernel, &back);
    if (status) goto cleanup;
    add_product(&slope, &back, v, PB_SRC);
    slope.bound += fabs(fine.value - coarse.value) + coarse.bound;
    status = agree_products("the difference quotient and <bwd(y), v>", &fine, &slope);
cleanup:
    free(v);
    forget(&x);
    forget(&back);
    return status;
}

static enum pb_status hold_difference(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng) {
    return p.op == PB_LP ? hold_lp_difference(kernel, p, rng) : hold_max_difference(kernel, p, rng);
}

/* ---- Operations that are each other ---------------------------------------------------------- */

/* The whole input as one window: of a window that is given, or follows. */
static void widen(struct pb_problem *p) {
    p->ceil = false;
    p->div = 0;
    for (int a = 0; a < 3; a++) {
        int64_t i = p->axis[a].i;
        p->axis[a] = (struct pb_axis){.i = i, .o = 1, .k = is_adaptive(p) ? 1 : i, .s = 1};
    }
}

/* gap and gmp are avg and max with a window as large as the input, and adaptive with one output. */
static enum pb_status hold_whole(const struct pb_kernel *kernel, struct pb_problem p,
                                 struct pb_rng *rng) {
    static const enum pb_op same[PB_OPS] = {
            [PB_GAP] = PB_AVG_NP,       [PB_GMP] = PB_MAX,    [PB_MAX] = PB_GMP,
            [PB_AVG_P] = PB_GAP,        [PB_AVG_NP] = PB_GAP, [PB_ADAPTIVE_MAX] = PB_GMP,
            [PB_ADAPTIVE_AVG] = PB_GAP,
    };
    struct tensors a = {0}, b = {0};
    struct pb_problem other = p;
    other.op = same[p.op];
    widen(&p);
    widen(&other);
    enum pb_status status = make(&a, &p);
    if (!status) status = make(&b, &other);
    if (!status) status = draw_inputs(&a, rng);
    if (!status) {
        copy_input(&b, &a, PB_SRC);
        status = run(kernel, &a);
    }
    if (!status) status = run(naive(&other), &b);
    if (!status) status = agree_all(&a, &b);
    forget(&a);
    forget(&b);
    return status;
}

/* avg_p with divisor 1 is a convolution of each channel with ones. */
static enum pb_status hold_box(const struct pb_kernel *kernel, struct pb_problem p,
                               struct pb_rng *rng) {
    struct tensors conv = {0}, sum = {0};
    const struct pb_kernel *of_conv = kernel, *of_pool = kernel;
    p.ceil = false;
    for (int a = 0; a < 3; a++) { /* no overhang of ceil: it is padding like any other */
        struct pb_axis *x = &p.axis[a];
        x->pr = (x->o - 1) * x->s - x->i + (x->k - 1) * (x->d + 1) + 1 - x->p;
    }
    struct pb_problem box = p, pool = p;
    box.op = PB_CONV;
    box.g = box.oc = p.ic;
    box.div = 0;
    pool.op = PB_AVG_P;
    pool.g = 1;
    pool.oc = p.ic;
    pool.div = 1;
    if (p.op == PB_CONV)
        of_pool = naive(&pool);
    else
        of_conv = naive(&box);
    enum pb_status status = make_linear(&conv, &box);
    if (!status) status = make_linear(&sum, &pool);
    if (status) goto cleanup;
    draw(&sum, PB_SRC, rng);
    copy_input(&conv, &sum, PB_SRC);
    for (int64_t i = 0; i < conv.count[PB_WEIGHTS]; i++) conv.value[PB_WEIGHTS][i] = 1;
    status = run(of_conv, &conv);
    if (!status) status = run(of_pool, &sum);
    if (!status) status = agree_all(&conv, &sum);
cleanup:
    forget(&conv);
    forget(&sum);
    return status;
}

/* Each position on its own: dst = w src, src = dst w, w = sum of dst src. */
static void multiply(struct tensors *t, double *to) {
    const struct pb_problem *p = &t->problem;
    int64_t positions = p->d.i * p->h.i * p->w.i, ic = p->ic / p->g, oc = p->oc / p->g;
    const double *src = t->value[PB_SRC], *dst = t->value[PB_DST], *w = t->value[PB_WEIGHTS];
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t o = 0; o < p->oc; o++)
            for (int64_t i = 0; i < ic; i++)
                for (int64_t x = 0; x < positions; x++) {
                    int64_t in = (n * p->ic + o / oc * ic + i) * positions + x;
                    int64_t out = (n * p->oc + o) * positions + x;
                    if (p->dir == PB_FWD)
                        to[out] += w[o * ic + i] * src[in];
                    else if (p->dir == PB_BWD)
                        to[in] += w[o * ic + i] * dst[out];
                    else
                        to[o * ic + i] += dst[out] * src[in];
                }
}

/* A convolution with a window of 1 is a product of matrices. */
static enum pb_status hold_product(const struct pb_kernel *kernel, struct pb_problem p,
                                   struct pb_rng *rng) {
    struct tensors t = {0};
    double *product = NULL;
    enum pb_role out = result(&p);
    for (int a = 0; a < 3; a++)
        p.axis[a] = (struct pb_axis){.i = p.axis[a].i, .o = p.axis[a].i, .k = 1, .s = 1};
    enum pb_status status = make_linear(&t, &p);
    if (!status) status = draw_inputs(&t, rng);
    if (!status) status = run(kernel, &t);
    if (status) goto cleanup;
    product = calloc((size_t)t.count[out] + 1, sizeof *product);
    status = product ? PB_OK : pb_fail(PB_NOMEM, "no memory for a product");
    if (status) goto cleanup;
    multiply(&t, product);
    for (int64_t i = 0; i < t.count[out] && !status; i++)
        status = agree("the convolution and the product of matrices", i, t.value[out][i],
                       product[i], t.bound[out][i]);
cleanup:
    free(product);
    forget(&t);
    return status;
}

/* Copies group `j` of a tensor of `groups`; of weights along o, of the rest along channels. */
static void copy_group(const struct tensors *from, struct tensors *to, enum pb_role role,
                       int64_t groups, int64_t j) {
    if (!from->value[role]) return;
    bool by_output = role == PB_WEIGHTS || role == PB_BIAS;
    const int64_t *dims = from->shape[role].dims;
    int64_t batches = by_output ? 1 : dims[0], part = from->count[role] / groups;
    for (int64_t n = 0; n < batches; n++)
        memcpy(to->value[role] + n * part / batches,
               from->value[role] + (n * groups + j) * part / batches,
               (size_t)(part / batches) * sizeof(double));
}

/* Each group is a convolution of its own. */
static enum pb_status hold_groups(const struct pb_kernel *kernel, struct pb_problem p,
                                  struct pb_rng *rng) {
    struct tensors all = {0}, one = {0}, part = {0};
    bool depthwise = pb_rng_below(rng, 2);
    p.mb = p.mb ? p.mb : 1;
    p.g = depthwise ? 17 : 3;
    p.ic = p.g * (depthwise ? 1 : 2);
    p.oc = p.g * (depthwise ? 1 : 1 + pb_rng_below(rng, 6));
    struct pb_problem alone = p;
    alone.g = 1;
    alone.ic /= p.g;
    alone.oc /= p.g;
    enum pb_status status = make(&all, &p);
    if (!status) status = draw_inputs(&all, rng);
    if (!status) status = run(kernel, &all);
    for (int64_t j = 0; j < p.g && !status; j++) {
        status = make(&one, &alone);
        if (!status) status = make(&part, &alone);
        for (int role = 0; role < PB_ROLES && !status; role++)
            copy_group(&all, pb_role_read(&p, (enum pb_role)role) ? &one : &part,
                       (enum pb_role)role, p.g, j);
        if (!status) status = run(naive(&alone), &one);
        if (!status) status = agree_all(&one, &part);
        forget(&one);
        forget(&part);
    }
    forget(&all);
    return status;
}

/* ---- Symmetries ------------------------------------------------------------------------------ */

/* The naive kernel in the other layout, also where there are NaN and ties, and for lp values whose
 * powers overflow and windows of zeros. */
static enum pb_status hold_layouts(const struct pb_kernel *kernel, struct pb_problem p,
                                   struct pb_rng *rng) {
    struct tensors a = {0}, b = {0};
    struct pb_problem other = p;
    enum pb_role in = p.dir == PB_BWD ? PB_DST : PB_SRC;
    other.layout = p.layout == PB_NCHW ? PB_NHWC : PB_NCHW;
    enum pb_status status = make(&a, &p);
    if (!status) status = make(&b, &other);
    if (!status) status = draw_inputs(&a, rng);
    if (status) goto cleanup;
    for (int64_t i = 0; i < a.count[in]; i++) {
        if (pb_rng_below(rng, 41) == 0) a.value[in][i] = NAN;
        if (max_forward(&p) && pb_rng_below(rng, 3) == 0) a.value[in][i] = 0;
        if (p.op == PB_LP && forward(&p)) a.value[in][i] *= ldexp(1, 100);
    }
    for (int64_t i = 0; i < a.count[PB_INPUT]; i++)
        if (pb_rng_below(rng, 4)) a.value[PB_INPUT][i] = 0;
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_read(&p, (enum pb_role)role)) copy_input(&b, &a, (enum pb_role)role);
    status = run(kernel, &a);
    if (!status) status = run(naive(&other), &b);
    if (!status) status = agree_all(&a, &b);
cleanup:
    forget(&a);
    forget(&b);
    return status;
}

/* Turns axes around, of those whose bit is set. */
static void turn(struct tensors *t, enum pb_role role, unsigned axes) {
    const int64_t *dims = t->shape[role].dims;
    double *turned = malloc((size_t)(t->count[role] + 1) * sizeof *turned);
    double *bound = malloc((size_t)(t->count[role] + 1) * sizeof *bound);
    for (int64_t i = 0; turned && bound && i < t->count[role]; i++) {
        int64_t at[5], to = 0;
        oracle_unravel(i, dims, at);
        for (int a = 0; a < 5; a++)
            to = to * dims[a] + (axes & 1u << a ? dims[a] - 1 - at[a] : at[a]);
        turned[to] = t->value[role][i];
        bound[to] = t->bound[role][i];
    }
    free(t->value[role]);
    free(t->bound[role]);
    t->value[role] = turned;
    t->bound[role] = bound;
}

/* What K gives of inputs turned around is what it gives of the inputs, turned around. `axes` says
 * which axes of data turn, `of_weights` and `of_bias` which of those. `mirrored` is the problem of
 * the turned data. */
static enum pb_status hold_turned(const struct pb_kernel *kernel, struct tensors *x,
                                  const struct pb_problem *mirrored, unsigned axes,
                                  unsigned of_weights, unsigned of_bias) {
    struct tensors y = {0};
    enum pb_status status = make(&y, mirrored);
    if (!status) status = run(kernel, x);
    for (int role = 0; role < PB_ROLES && !status; role++) {
        if (!x->value[role]) continue;
        unsigned turns = role == PB_WEIGHTS ? of_weights : role == PB_BIAS ? of_bias : axes;
        if (role == PB_INDICES && (axes & ~3u)) { /* positions turn as well */
            double last = (double)(mirrored->d.i * mirrored->h.i * mirrored->w.i - 1);
            for (int64_t i = 0; i < x->count[role]; i++)
                if (x->value[role][i] >= 0) x->value[role][i] = last - x->value[role][i];
        }
        turn(x, (enum pb_role)role, turns);
        if (!x->value[role] || !x->bound[role])
            status = pb_fail(PB_NOMEM, "no memory to turn a tensor");
        else if (pb_role_read(mirrored, (enum pb_role)role))
            copy_input(&y, x, (enum pb_role)role);
    }
    if (!status) status = run(kernel, &y);
    if (!status) status = agree_all(x, &y);
    forget(&y);
    return status;
}

/* Channels, and those of weights, in the opposite order. */
static enum pb_status hold_channels(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng) {
    struct tensors x = {0};
    enum pb_status status = make(&x, &p);
    if (!status) status = draw_inputs(&x, rng);
    if (!status) status = hold_turned(kernel, &x, &p, 1u << 1, 1u << 0 | 1u << 1, 1u << 0);
    forget(&x);
    return status;
}

/* Images in the opposite order; the gradient of weights, a sum over them, stays. */
static enum pb_status hold_batch(const struct pb_kernel *kernel, struct pb_problem p,
                                 struct pb_rng *rng) {
    struct tensors x = {0};
    p.mb = 3;
    enum pb_status status = make(&x, &p);
    if (!status) status = draw_inputs(&x, rng);
    if (!status) status = hold_turned(kernel, &x, &p, 1u << 0, 0, 0);
    forget(&x);
    return status;
}

/* The mirror image, with leading and trailing padding swapped. Values differ, so that no tie has
 * another first. */
static enum pb_status hold_mirror(const struct pb_kernel *kernel, struct pb_problem p,
                                  struct pb_rng *rng) {
    struct tensors x = {0};
    if (p.ceil) return pb_fail(PB_UNSUPPORTED, "ceil has no mirror image");
    for (int a = 0; a < 3; a++) {
        struct pb_axis *axis = &p.axis[a];
        if (axis->pr >= 0) continue;
        axis->i += axis->pr; /* what is left unread is left away */
        axis->pr = 0;
        if (axis->i < 1) return pb_fail(PB_UNSUPPORTED, "nothing is read");
    }
    struct pb_problem mirrored = p;
    for (int a = 0; a < 3; a++) {
        mirrored.axis[a].p = p.axis[a].pr;
        mirrored.axis[a].pr = p.axis[a].p;
    }
    if (pb_problem_check(&p) || pb_problem_check(&mirrored))
        return pb_fail(PB_UNSUPPORTED, "the mirror image is no problem");
    enum pb_status status = make(&x, &p);
    if (!status) status = draw_inputs(&x, rng);
    for (int64_t i = 0; !status && max_forward(&p) && i < x.count[PB_SRC]; i++)
        x.value[PB_SRC][i] = (double)((i * 7919 + 3) % 104729);
    if (!status) status = hold_turned(kernel, &x, &mirrored, 7u << 2, 7u << 2, 0);
    forget(&x);
    return status;
}

/* Whether output o of the axis sees only input that is still there once it is moved by a stride. */
static bool inner(const struct pb_axis *a, int64_t o) {
    return o + 1 < a->o && o * a->s - a->p >= 0 &&
           (o + 1) * a->s - a->p + (a->k - 1) * (a->d + 1) < a->i;
}

/* Input moved by the stride along one axis: windows that lie inside give what their neighbours
 * gave. */
static enum pb_status hold_shift(const struct pb_kernel *kernel, struct pb_problem p,
                                 struct pb_rng *rng) {
    struct tensors x = {0}, moved = {0};
    int axis = 3 - p.rank + (int)pb_rng_below(rng, p.rank);
    const struct pb_axis *along = &p.axis[axis];
    int64_t stride[3] = {p.h.i * p.w.i, p.w.i, 1};
    enum pb_status status = make(&x, &p);
    if (!status) status = make(&moved, &p);
    if (!status) status = draw_inputs(&x, rng);
    if (status) goto cleanup;
    copy_input(&moved, &x, PB_WEIGHTS);
    copy_input(&moved, &x, PB_BIAS);
    draw(&moved, PB_SRC, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        int64_t at[5];
        oracle_unravel(i, x.shape[PB_SRC].dims, at);
        if (at[2 + axis] + along->s < along->i)
            moved.value[PB_SRC][i] = x.value[PB_SRC][i + along->s * stride[axis]];
    }
    status = run(kernel, &x);
    if (!status) status = run(kernel, &moved);
    for (int64_t i = 0; i < x.count[PB_DST] && !status; i++) {
        int64_t at[5], *o = x.shape[PB_DST].dims;
        oracle_unravel(i, o, at);
        if (!inner(along, at[2 + axis])) continue;
        int64_t next = i + (axis == 0 ? o[3] * o[4] : axis == 1 ? o[4] : 1);
        status = agree("a window and its neighbour before the shift", i, moved.value[PB_DST][i],
                       x.value[PB_DST][next],
                       fabs(moved.bound[PB_DST][i]) + fabs(x.bound[PB_DST][next]));
        if (!status && x.value[PB_INDICES] && x.value[PB_INDICES][next] >= 0)
            status = agree("an index and its neighbour's before the shift", i,
                           moved.value[PB_INDICES][i] + (double)(along->s * stride[axis]),
                           x.value[PB_INDICES][next], 0);
    }
cleanup:
    forget(&x);
    forget(&moved);
    return status;
}

/* ---- The table ------------------------------------------------------------------------------- */

const struct pb_law pb_laws[] = {
        {"law_minimum", "-max(-x) is the least of each window", window_max, true, hold_minimum},
        {"law_join", "the maximum of the larger of x and y is the larger of the maxima",
         max_forward, false, hold_join},
        {"law_offset", "input raised by a constant raises the maximum by it, at the same index",
         max_forward, false, hold_offset},
        {"law_picked", "the maximum is the value at its index", max_indices, false, hold_picked},
        {"law_first", "indices of ties are those of values in which earlier is larger", max_indices,
         false, hold_first},
        {"law_scale", "4 times the input gives 4 times the output, to the bit", every, false,
         hold_scale},
        {"law_linear", "averages, convolutions, blocks, blurs and all gradients are linear",
         is_linear, false, hold_linear},
        {"law_adjoint", "a gradient is the adjoint of its operation: <A x, y> = <x, A' y>",
         has_adjoint, false, hold_adjoint},
        {"law_difference", "the gradients of max and lp are quotients of finite differences",
         has_difference, false, hold_difference},
        {"law_whole",
         "gap and gmp are avg and max, and adaptive with one output, over the whole input",
         pools_forward, false, hold_whole},
        {"law_box", "a convolution with a box of ones is avg_p times its divisor", conv_or_sum,
         false, hold_box},
        {"law_product", "a convolution with a window of 1 is a product of matrices", is_conv, false,
         hold_product},
        {"law_groups", "a grouped convolution is one convolution for each group", is_conv, false,
         hold_groups},
        {"law_layouts", "channels first and channels last give the same values", every, true,
         hold_layouts},
        {"law_channels", "channels in another order give outputs in that order", keeps_channels,
         false, hold_channels},
        {"law_batch", "images in another order give outputs in that order", every, false,
         hold_batch},
        {"law_mirror", "a mirror image gives the mirror image", keeps_channels, false, hold_mirror},
        {"law_shift", "input shifted by the stride gives output shifted by one",
         is_windowed_forward, false, hold_shift},
};
const size_t pb_law_count = sizeof pb_laws / sizeof *pb_laws;

/* ---- A row ----------------------------------------------------------------------------------- */

/* How many random problems of a direction decide it, and how many are drawn at most to find as many
 * that the kernel accepts. */
enum { DECIDING = 6, DRAWS = 60 };

enum pb_status judging_law(const struct pb_law *law, const struct pb_kernel *kernel, enum pb_op op,
                           enum pb_layout layout, struct pb_finding *finding) {
    for (int dir = 0; dir < PB_DIRS; dir++) {
        struct pb_rng rng = {(uint64_t)(op * PB_DIRS + dir)};
        for (int draws = 0, held = 0; draws < DRAWS && held < DECIDING; draws++) {
            struct pb_problem p;
            pb_problem_random(&rng, op, (enum pb_dir)dir, &p);
            p.layout = layout;
            p.mb = p.mb ? p.mb : 1;
            if (pb_problem_check(&p) || !law->covers(&p) || !accepts(kernel, &p)) continue;
            struct pb_rng data = {rng.state};
            enum pb_status status = law->hold(kernel, p, &data);
            if (status == PB_UNSUPPORTED) continue;
            if (status == PB_NOMEM || status == PB_INVALID) return status;
            if (status) {
                char text[PB_TEXT_SIZE], sentence[PB_SENTENCE_SIZE];
                snprintf(sentence, sizeof sentence, "%s", pb_error());
                status = pb_fail(status, "%s: %s: from %s", kernel->name, sentence,
                                 pb_problem_print(&p, text));
            }
            judging_count(finding, status, kernel, &p,
                          law->nonfinite ? PB_WITH_SPECIAL : PB_ALWAYS);
            held++;
        }
    }
    return PB_OK;
}
