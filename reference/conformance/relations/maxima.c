/* Metamorphic relations of maxima. */
#include "conformance/relations/relations.h"
#include "oracle/oracle.h"
#include <math.h>
#include <stdlib.h>

/* Lowers m at every output whose window holds input `in` to v; a NaN stays. */
static void lower_at(const struct relation_tensors *t, const int64_t in[5], double v, double *m) {
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

enum pb_status relation_check_minimum(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng) {
    struct relation_tensors t = {0};
    double *least = NULL;
    enum pb_status status = relation_make(&t, &p);
    if (status) goto cleanup;
    relation_draw(&t, PB_SRC, rng);
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
    status = relation_run(kernel, &t);
    for (int64_t i = 0; i < t.count[PB_DST] && !status; i++)
        status = relation_agree("-max(-x) and min(x)", i, -t.value[PB_DST][i], least[i], 0);
cleanup:
    free(least);
    relation_forget(&t);
    return status;
}

enum pb_status relation_check_join(const struct pb_kernel *kernel, struct pb_problem p,
                                   struct pb_rng *rng) {
    struct relation_tensors x = {0}, y = {0}, both = {0};
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_make(&y, &p);
    if (!status) status = relation_make(&both, &p);
    if (status) goto cleanup;
    relation_draw(&x, PB_SRC, rng);
    relation_draw(&y, PB_SRC, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++)
        both.value[PB_SRC][i] = fmax(x.value[PB_SRC][i], y.value[PB_SRC][i]);
    status = relation_run(kernel, &x);
    if (!status) status = relation_run(kernel, &y);
    if (!status) status = relation_run(kernel, &both);
    for (int64_t i = 0; i < x.count[PB_DST] && !status; i++)
        status = relation_agree("the maximum of the larger and the larger maximum", i,
                                both.value[PB_DST][i], fmax(x.value[PB_DST][i], y.value[PB_DST][i]),
                                0);
cleanup:
    relation_forget(&x);
    relation_forget(&y);
    relation_forget(&both);
    return status;
}

enum pb_status relation_check_offset(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng) {
    struct relation_tensors x = {0}, raised = {0};
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_make(&raised, &p);
    if (status) goto cleanup;
    relation_draw(&x, PB_SRC, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++)
        raised.value[PB_SRC][i] = x.value[PB_SRC][i] + 1000;
    status = relation_run(kernel, &x);
    if (!status) status = relation_run(kernel, &raised);
    for (int64_t i = 0; i < x.count[PB_DST]; i++) x.value[PB_DST][i] += 1000;
    if (!status) status = relation_agree_all(&x, &raised);
cleanup:
    relation_forget(&x);
    relation_forget(&raised);
    return status;
}

enum pb_status relation_check_first(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng) {
    struct relation_tensors x = {0}, ordered = {0};
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_make(&ordered, &p);
    if (status) goto cleanup;
    int64_t positions = p.d.i * p.h.i * p.w.i;
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        x.value[PB_SRC][i] = (double)pb_rng_below(rng, 3) - 1;
        ordered.value[PB_SRC][i] = x.value[PB_SRC][i] * (double)positions - (double)(i % positions);
    }
    status = relation_run(kernel, &x);
    if (!status) status = relation_run(kernel, &ordered);
    for (int64_t i = 0; i < x.count[PB_INDICES] && !status; i++)
        status = relation_agree("indices with ties and in order", i, x.value[PB_INDICES][i],
                                ordered.value[PB_INDICES][i], 0);
cleanup:
    relation_forget(&x);
    relation_forget(&ordered);
    return status;
}

double relation_picked(const struct relation_tensors *t, const double *src, int64_t output,
                       double index) {
    const int64_t *o = t->shape[PB_INDICES].dims;
    int64_t positions = t->problem.d.i * t->problem.h.i * t->problem.w.i;
    int64_t channel = output / (o[2] * o[3] * o[4]);
    if (index < 0 || index >= (double)positions) return -INFINITY;
    return src[channel * positions + (int64_t)index];
}

enum pb_status relation_check_picked(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng) {
    struct relation_tensors x = {0};
    enum pb_status status = relation_make(&x, &p);
    if (!status) {
        relation_draw(&x, PB_SRC, rng);
        status = relation_run(kernel, &x);
    }
    for (int64_t i = 0; i < x.count[PB_DST] && !status; i++)
        status = relation_agree("the maximum and the value at its index", i, x.value[PB_DST][i],
                                relation_picked(&x, x.value[PB_SRC], i, x.value[PB_INDICES][i]), 0);
    relation_forget(&x);
    return status;
}
