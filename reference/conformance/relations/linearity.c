/* Metamorphic relations of linear operations and of gradients. */
#include "conformance/relations/relations.h"
#include <math.h>
#include <stdlib.h>

enum pb_status relation_check_scale(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng) {
    struct relation_tensors x = {0}, scaled = {0};
    enum pb_role in = relation_variable(&p), out = relation_result(&p);
    enum pb_status status = relation_make_linear(&x, &p);
    if (!status) status = relation_make_linear(&scaled, &p);
    if (!status) status = relation_draw_inputs(&x, rng);
    if (status) goto cleanup;
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_read(&p, (enum pb_role)role))
            relation_copy_input(&scaled, &x, (enum pb_role)role);
    for (int64_t i = 0; i < x.count[in]; i++) scaled.value[in][i] *= 4;
    status = relation_run(kernel, &x);
    if (!status) status = relation_run(kernel, &scaled);
    for (int64_t i = 0; i < x.count[out] && !status; i++)
        status = relation_agree("the result of 4 x and 4 times that of x", i, scaled.value[out][i],
                                4 * x.value[out][i],
                                p.op == PB_LP ? 4 * x.bound[out][i] + scaled.bound[out][i] : 0);
    for (int64_t i = 0; relation_max_indices(&p) && i < x.count[PB_INDICES] && !status; i++)
        status = relation_agree("the indices of 4 x and of x", i, scaled.value[PB_INDICES][i],
                                x.value[PB_INDICES][i], 0);
cleanup:
    relation_forget(&x);
    relation_forget(&scaled);
    return status;
}

enum pb_status relation_check_linear(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng) {
    struct relation_tensors x = {0}, y = {0}, sum = {0};
    enum pb_role in = relation_variable(&p), out = relation_result(&p);
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_make(&y, &p);
    if (!status) status = relation_make(&sum, &p);
    if (!status) status = relation_draw_inputs(&x, rng);
    if (status) goto cleanup;
    for (int role = 0; role < PB_ROLES; role++) {
        if (!pb_role_read(&p, (enum pb_role)role)) continue;
        relation_copy_input(&y, &x, (enum pb_role)role);
        relation_copy_input(&sum, &x, (enum pb_role)role);
    }
    relation_draw(&y, in, rng);
    for (int64_t i = 0; i < x.count[in]; i++)
        sum.value[in][i] = 2 * x.value[in][i] - y.value[in][i];
    status = relation_run(kernel, &x);
    if (!status) status = relation_run(kernel, &y);
    if (!status) status = relation_run(kernel, &sum);
    for (int64_t i = 0; i < x.count[out] && !status; i++)
        status = relation_agree("the result of 2 x - y and 2 of x less that of y", i,
                                sum.value[out][i], 2 * x.value[out][i] - y.value[out][i],
                                fabs(sum.bound[out][i]) + 2 * fabs(x.bound[out][i]) +
                                        fabs(y.bound[out][i]));
cleanup:
    relation_forget(&x);
    relation_forget(&y);
    relation_forget(&sum);
    return status;
}

/* Adds the product of an output (with its bound) and an input: <a, b>. */
struct product {
    double value, bound, magnitude;
};

static void add_product(struct product *to, const struct relation_tensors *out, const double *with,
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
    return relation_agree(what, 0, a->value, b->value, a->bound + b->bound + rounding);
}

/* <x picked at the indices, y> = <x, K(y)>. */
static enum pb_status hold_max_adjoint(const struct pb_kernel *kernel, struct pb_problem p,
                                       struct pb_rng *rng) {
    struct relation_tensors back = {0}, picks = {0}, x = {0};
    struct product there = {0}, here = {0};
    enum pb_status status = relation_make(&back, &p);
    if (!status) status = relation_draw_indices(&back, true, rng, &picks);
    if (!status) status = relation_make(&x, &picks.problem);
    if (status) goto cleanup;
    relation_draw(&x, PB_SRC, rng);
    relation_draw(&back, PB_DST, rng);
    status = relation_run(kernel, &back);
    for (int64_t i = 0; i < back.count[PB_DST]; i++)
        if (back.value[PB_INDICES][i] >= 0)
            there.value += back.value[PB_DST][i] *
                           relation_picked(&back, x.value[PB_SRC], i, back.value[PB_INDICES][i]);
    add_product(&here, &back, x.value[PB_SRC], PB_SRC);
    if (!status) status = agree_products("<x at the indices, y> and <x, bwd(y)>", &there, &here);
cleanup:
    relation_forget(&back);
    relation_forget(&picks);
    relation_forget(&x);
    return status;
}

enum pb_status relation_check_adjoint(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng) {
    if (pb_has_indices(&p)) return hold_max_adjoint(kernel, p, rng);
    struct pb_problem ahead = p, behind = p;
    struct relation_tensors fwd = {0}, bwd = {0};
    struct product there = {0}, here = {0};
    if (p.dir == PB_FWD)
        behind.dir = PB_BWD;
    else
        ahead.dir = PB_FWD;
    enum pb_role written = relation_result(&behind);
    enum pb_status status = relation_make_linear(&fwd, &ahead);
    if (!status) status = relation_make_linear(&bwd, &behind);
    if (status) goto cleanup;
    relation_draw(&bwd, PB_DST, rng);
    relation_draw(&fwd, PB_SRC, rng);
    if (p.op == PB_CONV) relation_draw(&fwd, PB_WEIGHTS, rng);
    for (int role = 0; role < PB_ROLES; role++)
        if (role != PB_DST && pb_role_read(&behind, (enum pb_role)role))
            relation_copy_input(&bwd, &fwd, (enum pb_role)role);
    status = relation_run(p.dir == PB_FWD ? kernel : relation_naive(&ahead), &fwd);
    if (!status) status = relation_run(p.dir == PB_FWD ? relation_naive(&behind) : kernel, &bwd);
    if (status) goto cleanup;
    add_product(&there, &fwd, bwd.value[PB_DST], PB_DST);
    add_product(&here, &bwd, fwd.value[written], written);
    status = agree_products("<fwd(x), y> and <x, its gradient of y>", &there, &here);
cleanup:
    relation_forget(&fwd);
    relation_forget(&bwd);
    return status;
}

/* (L(x + v/4) - L(x - v/4)) / (1/2) = <bwd(y), v> with L = <fwd, y>. Values are whole and differ,
 * so that no step changes which is the largest: the difference is exact. */
static enum pb_status hold_max_difference(const struct pb_kernel *kernel, struct pb_problem p,
                                          struct pb_rng *rng) {
    struct pb_problem ahead = p, behind = p;
    struct relation_tensors x = {0}, up = {0}, down = {0}, back = {0};
    struct product rise = {0}, slope = {0};
    ahead.dir = p.dir == PB_FWD ? PB_FWD : PB_FWD_IDX;
    behind.dir = PB_BWD;
    struct pb_problem indexed = ahead;
    indexed.dir = PB_FWD_IDX;
    enum pb_status status = relation_make(&x, &indexed);
    if (!status) status = relation_make(&up, &ahead);
    if (!status) status = relation_make(&down, &ahead);
    if (!status) status = relation_make(&back, &behind);
    if (status) goto cleanup;
    relation_draw_permutation(x.value[PB_SRC], x.count[PB_SRC], rng);
    relation_draw(&back, PB_DST, rng);
    status = relation_run(relation_naive(&indexed), &x);
    if (status) goto cleanup;
    relation_copy_input(&back, &x, PB_INDICES);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        double v = (double)(pb_rng_below(rng, 3) - 1);
        up.value[PB_SRC][i] = x.value[PB_SRC][i] + v / 4;
        down.value[PB_SRC][i] = x.value[PB_SRC][i] - v / 4;
    }
    status = relation_run(p.dir == PB_FWD ? kernel : relation_naive(&ahead), &up);
    if (!status) status = relation_run(p.dir == PB_FWD ? kernel : relation_naive(&ahead), &down);
    if (!status) status = relation_run(p.dir == PB_FWD ? relation_naive(&behind) : kernel, &back);
    if (status) goto cleanup;
    for (int64_t i = 0; i < up.count[PB_DST]; i++)
        if (back.value[PB_INDICES][i] >= 0)
            rise.value += 2 * (up.value[PB_DST][i] - down.value[PB_DST][i]) * back.value[PB_DST][i];
    for (int64_t i = 0; i < x.count[PB_SRC]; i++)
        x.value[PB_SRC][i] = 2 * (up.value[PB_SRC][i] - down.value[PB_SRC][i]);
    add_product(&slope, &back, x.value[PB_SRC], PB_SRC);
    status = agree_products("the difference quotient and <bwd(y), v>", &rise, &slope);
cleanup:
    relation_forget(&x);
    relation_forget(&up);
    relation_forget(&down);
    relation_forget(&back);
    return status;
}

/* L(x + h v) - L(x - h v) of a forward kernel, over 2 h, with L = <fwd, y>; x stands in `at`. */
static enum pb_status quotient(const struct pb_kernel *kernel, const struct relation_tensors *at,
                               const double *v, const double *y, double h, struct product *to) {
    struct relation_tensors t = {0};
    enum pb_status status = PB_OK;
    for (int sign = -1; sign <= 1 && !status; sign += 2) {
        status = relation_make(&t, &at->problem);
        for (int64_t i = 0; !status && i < t.count[PB_SRC]; i++)
            t.value[PB_SRC][i] = at->value[PB_SRC][i] + sign * h * v[i];
        if (!status) status = relation_run(kernel, &t);
        for (int64_t i = 0; !status && i < t.count[PB_DST]; i++) {
            to->value += sign * t.value[PB_DST][i] * y[i] / (2 * h);
            to->magnitude += fabs(t.value[PB_DST][i] * y[i]) / (2 * h);
            to->bound += fabs(t.bound[PB_DST][i] * y[i]) / (2 * h);
        }
        relation_forget(&t);
    }
    return status;
}

/* Of lp the quotient is inexact: its error falls as h^2, so that of h is a third of what it differs
 * by from that of 2 h, and less than all of it where h^4 counts. Values are whole and not 0, away
 * from where lp bends. */
static enum pb_status hold_lp_difference(const struct pb_kernel *kernel, struct pb_problem p,
                                         struct pb_rng *rng) {
    struct pb_problem ahead = p, behind = p;
    struct relation_tensors x = {0}, back = {0};
    struct product coarse = {0}, fine = {0}, slope = {0};
    const double h = ldexp(1, -5);
    double *v = NULL;
    ahead.dir = PB_FWD;
    behind.dir = PB_BWD;
    enum pb_status status = relation_make(&x, &ahead);
    if (!status) status = relation_make(&back, &behind);
    if (status) goto cleanup;
    v = malloc((size_t)(x.count[PB_SRC] + 1) * sizeof *v);
    status = v ? PB_OK : pb_fail(PB_NOMEM, "no memory for a direction");
    if (status) goto cleanup;
    relation_draw(&back, PB_DST, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        double magnitude = (double)(2 + pb_rng_below(rng, 7));
        x.value[PB_SRC][i] = pb_rng_below(rng, 2) ? magnitude : -magnitude;
        back.value[PB_INPUT][i] = x.value[PB_SRC][i];
        v[i] = (double)(pb_rng_below(rng, 3) - 1);
    }
    status = quotient(p.dir == PB_FWD ? kernel : relation_naive(&ahead), &x, v, back.value[PB_DST],
                      2 * h, &coarse);
    if (!status)
        status = quotient(p.dir == PB_FWD ? kernel : relation_naive(&ahead), &x, v,
                          back.value[PB_DST], h, &fine);
    if (!status) status = relation_run(p.dir == PB_FWD ? relation_naive(&behind) : kernel, &back);
    if (status) goto cleanup;
    add_product(&slope, &back, v, PB_SRC);
    slope.bound += fabs(fine.value - coarse.value) + coarse.bound;
    status = agree_products("the difference quotient and <bwd(y), v>", &fine, &slope);
cleanup:
    free(v);
    relation_forget(&x);
    relation_forget(&back);
    return status;
}

enum pb_status relation_check_difference(const struct pb_kernel *kernel, struct pb_problem p,
                                         struct pb_rng *rng) {
    return p.op == PB_LP ? hold_lp_difference(kernel, p, rng) : hold_max_difference(kernel, p, rng);
}
