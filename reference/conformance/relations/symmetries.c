/* Metamorphic relations of symmetry: layouts, channels, images, mirrors, shifts. */
#include "conformance/relations/relations.h"
#include "oracle/oracle.h"
#include <math.h>
#include <stdlib.h>

enum pb_status relation_check_layouts(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng) {
    struct relation_tensors a = {0}, b = {0};
    struct pb_problem other = p;
    enum pb_role in = p.dir == PB_BWD ? PB_DST : PB_SRC;
    other.layout = p.layout == PB_NCHW ? PB_NHWC : PB_NCHW;
    enum pb_status status = relation_make(&a, &p);
    if (!status) status = relation_make(&b, &other);
    if (!status) status = relation_draw_inputs(&a, rng);
    if (status) goto cleanup;
    for (int64_t i = 0; i < a.count[in]; i++) {
        if (pb_rng_below(rng, 41) == 0) a.value[in][i] = NAN;
        if (relation_max_forward(&p) && pb_rng_below(rng, 3) == 0) a.value[in][i] = 0;
        if (p.op == PB_LP && relation_forward(&p)) a.value[in][i] *= ldexp(1, 100);
    }
    for (int64_t i = 0; i < a.count[PB_INPUT]; i++)
        if (pb_rng_below(rng, 4)) a.value[PB_INPUT][i] = 0;
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_read(&p, (enum pb_role)role)) relation_copy_input(&b, &a, (enum pb_role)role);
    status = relation_run(kernel, &a);
    if (!status) status = relation_run(relation_naive(&other), &b);
    if (!status) status = relation_agree_all(&a, &b);
cleanup:
    relation_forget(&a);
    relation_forget(&b);
    return status;
}

/* Turns axes around, of those whose bit is set. */
static void turn(struct relation_tensors *t, enum pb_role role, unsigned axes) {
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
static enum pb_status hold_turned(const struct pb_kernel *kernel, struct relation_tensors *x,
                                  const struct pb_problem *mirrored, unsigned axes,
                                  unsigned of_weights, unsigned of_bias) {
    struct relation_tensors y = {0};
    enum pb_status status = relation_make(&y, mirrored);
    if (!status) status = relation_run(kernel, x);
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
            relation_copy_input(&y, x, (enum pb_role)role);
    }
    if (!status) status = relation_run(kernel, &y);
    if (!status) status = relation_agree_all(x, &y);
    relation_forget(&y);
    return status;
}

enum pb_status relation_check_channels(const struct pb_kernel *kernel, struct pb_problem p,
                                       struct pb_rng *rng) {
    struct relation_tensors x = {0};
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_draw_inputs(&x, rng);
    if (!status) status = hold_turned(kernel, &x, &p, 1u << 1, 1u << 0 | 1u << 1, 1u << 0);
    relation_forget(&x);
    return status;
}

enum pb_status relation_check_batch(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng) {
    struct relation_tensors x = {0};
    p.mb = 3;
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_draw_inputs(&x, rng);
    if (!status) status = hold_turned(kernel, &x, &p, 1u << 0, 0, 0);
    relation_forget(&x);
    return status;
}

enum pb_status relation_check_mirror(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng) {
    struct relation_tensors x = {0};
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
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_draw_inputs(&x, rng);
    for (int64_t i = 0; !status && relation_max_forward(&p) && i < x.count[PB_SRC]; i++)
        x.value[PB_SRC][i] = (double)((i * 7919 + 3) % 104729);
    if (!status) status = hold_turned(kernel, &x, &mirrored, 7u << 2, 7u << 2, 0);
    relation_forget(&x);
    return status;
}

/* Whether output o of the axis sees only input that is still there once it is moved by a stride. */
static bool inner(const struct pb_axis *a, int64_t o) {
    return o + 1 < a->o && o * a->s - a->p >= 0 &&
           (o + 1) * a->s - a->p + (a->k - 1) * (a->d + 1) < a->i;
}

enum pb_status relation_check_shift(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng) {
    struct relation_tensors x = {0}, moved = {0};
    int axis = 3 - p.rank + (int)pb_rng_below(rng, p.rank);
    const struct pb_axis *along = &p.axis[axis];
    int64_t stride[3] = {p.h.i * p.w.i, p.w.i, 1};
    enum pb_status status = relation_make(&x, &p);
    if (!status) status = relation_make(&moved, &p);
    if (!status) status = relation_draw_inputs(&x, rng);
    if (status) goto cleanup;
    relation_copy_input(&moved, &x, PB_WEIGHTS);
    relation_copy_input(&moved, &x, PB_BIAS);
    relation_draw(&moved, PB_SRC, rng);
    for (int64_t i = 0; i < x.count[PB_SRC]; i++) {
        int64_t at[5];
        oracle_unravel(i, x.shape[PB_SRC].dims, at);
        if (at[2 + axis] + along->s < along->i)
            moved.value[PB_SRC][i] = x.value[PB_SRC][i + along->s * stride[axis]];
    }
    status = relation_run(kernel, &x);
    if (!status) status = relation_run(kernel, &moved);
    for (int64_t i = 0; i < x.count[PB_DST] && !status; i++) {
        int64_t at[5], *o = x.shape[PB_DST].dims;
        oracle_unravel(i, o, at);
        if (!inner(along, at[2 + axis])) continue;
        int64_t next = i + (axis == 0 ? o[3] * o[4] : axis == 1 ? o[4] : 1);
        status = relation_agree("a window and its neighbour before the shift", i,
                                moved.value[PB_DST][i], x.value[PB_DST][next],
                                fabs(moved.bound[PB_DST][i]) + fabs(x.bound[PB_DST][next]));
        if (!status && x.value[PB_INDICES] && x.value[PB_INDICES][next] >= 0)
            status = relation_agree("an index and its neighbour's before the shift", i,
                                    moved.value[PB_INDICES][i] + (double)(along->s * stride[axis]),
                                    x.value[PB_INDICES][next], 0);
    }
cleanup:
    relation_forget(&x);
    relation_forget(&moved);
    return status;
}
