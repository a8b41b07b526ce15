/* Metamorphic relations of operations that are each other. */
#include "conformance/relations/relations.h"
#include <stdlib.h>
#include <string.h>

/* The whole input as one window: of a window that is given, or follows. */
static void widen(struct pb_problem *p) {
    p->ceil = false;
    p->div = 0;
    for (int a = 0; a < 3; a++) {
        int64_t i = p->axis[a].i;
        p->axis[a] = (struct pb_axis){.i = i, .o = 1, .k = relation_is_adaptive(p) ? 1 : i, .s = 1};
    }
}

enum pb_status relation_check_whole(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng) {
    static const enum pb_op same[PB_OPS] = {
            [PB_GAP] = PB_AVG_NP,       [PB_GMP] = PB_MAX,    [PB_MAX] = PB_GMP,
            [PB_AVG_P] = PB_GAP,        [PB_AVG_NP] = PB_GAP, [PB_ADAPTIVE_MAX] = PB_GMP,
            [PB_ADAPTIVE_AVG] = PB_GAP,
    };
    struct relation_tensors a = {0}, b = {0};
    struct pb_problem other = p;
    other.op = same[p.op];
    widen(&p);
    widen(&other);
    enum pb_status status = relation_make(&a, &p);
    if (!status) status = relation_make(&b, &other);
    if (!status) status = relation_draw_inputs(&a, rng);
    if (!status) {
        relation_copy_input(&b, &a, PB_SRC);
        status = relation_run(kernel, &a);
    }
    if (!status) status = relation_run(relation_naive(&other), &b);
    if (!status) status = relation_agree_all(&a, &b);
    relation_forget(&a);
    relation_forget(&b);
    return status;
}

enum pb_status relation_check_box(const struct pb_kernel *kernel, struct pb_problem p,
                                  struct pb_rng *rng) {
    struct relation_tensors conv = {0}, sum = {0};
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
        of_pool = relation_naive(&pool);
    else
        of_conv = relation_naive(&box);
    enum pb_status status = relation_make_linear(&conv, &box);
    if (!status) status = relation_make_linear(&sum, &pool);
    if (status) goto cleanup;
    relation_draw(&sum, PB_SRC, rng);
    relation_copy_input(&conv, &sum, PB_SRC);
    for (int64_t i = 0; i < conv.count[PB_WEIGHTS]; i++) conv.value[PB_WEIGHTS][i] = 1;
    status = relation_run(of_conv, &conv);
    if (!status) status = relation_run(of_pool, &sum);
    if (!status) status = relation_agree_all(&conv, &sum);
cleanup:
    relation_forget(&conv);
    relation_forget(&sum);
    return status;
}

/* Each position on its own: dst = w src, src = dst w, w = sum of dst src. */
static void multiply(struct relation_tensors *t, double *to) {
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

enum pb_status relation_check_product(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng) {
    struct relation_tensors t = {0};
    double *product = NULL;
    enum pb_role out = relation_result(&p);
    for (int a = 0; a < 3; a++)
        p.axis[a] = (struct pb_axis){.i = p.axis[a].i, .o = p.axis[a].i, .k = 1, .s = 1};
    enum pb_status status = relation_make_linear(&t, &p);
    if (!status) status = relation_draw_inputs(&t, rng);
    if (!status) status = relation_run(kernel, &t);
    if (status) goto cleanup;
    product = calloc((size_t)t.count[out] + 1, sizeof *product);
    status = product ? PB_OK : pb_fail(PB_NOMEM, "no memory for a product");
    if (status) goto cleanup;
    multiply(&t, product);
    for (int64_t i = 0; i < t.count[out] && !status; i++)
        status = relation_agree("the convolution and the product of matrices", i, t.value[out][i],
                                product[i], t.bound[out][i]);
cleanup:
    free(product);
    relation_forget(&t);
    return status;
}

/* Copies group `j` of a tensor of `groups`; of weights along o, of the rest along channels. */
static void copy_group(const struct relation_tensors *from, struct relation_tensors *to,
                       enum pb_role role, int64_t groups, int64_t j) {
    if (!from->value[role]) return;
    bool by_output = role == PB_WEIGHTS || role == PB_BIAS;
    const int64_t *dims = from->shape[role].dims;
    int64_t batches = by_output ? 1 : dims[0], part = from->count[role] / groups;
    for (int64_t n = 0; n < batches; n++)
        memcpy(to->value[role] + n * part / batches,
               from->value[role] + (n * groups + j) * part / batches,
               (size_t)(part / batches) * sizeof(double));
}

enum pb_status relation_check_groups(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng) {
    struct relation_tensors all = {0}, one = {0}, part = {0};
    bool depthwise = pb_rng_below(rng, 2);
    p.mb = p.mb ? p.mb : 1;
    p.g = depthwise ? 17 : 3;
    p.ic = p.g * (depthwise ? 1 : 2);
    p.oc = p.g * (depthwise ? 1 : 1 + pb_rng_below(rng, 6));
    struct pb_problem alone = p;
    alone.g = 1;
    alone.ic /= p.g;
    alone.oc /= p.g;
    enum pb_status status = relation_make(&all, &p);
    if (!status) status = relation_draw_inputs(&all, rng);
    if (!status) status = relation_run(kernel, &all);
    for (int64_t j = 0; j < p.g && !status; j++) {
        status = relation_make(&one, &alone);
        if (!status) status = relation_make(&part, &alone);
        for (int role = 0; role < PB_ROLES && !status; role++)
            copy_group(&all, pb_role_read(&p, (enum pb_role)role) ? &one : &part,
                       (enum pb_role)role, p.g, j);
        if (!status) status = relation_run(relation_naive(&alone), &one);
        if (!status) status = relation_agree_all(&one, &part);
        relation_forget(&one);
        relation_forget(&part);
    }
    relation_forget(&all);
    return status;
}
