/* The runs that relations compare, their data, and how near results must be. Data are whole
 * numbers, small enough that sums of products are exact in f32 in any order (convolution), or that
 * only the division rounds (averages). */
#include "conformance/relations/relations.h"
#include "core/op_traits.h"
#include "oracle/oracle.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Runs ------------------------------------------------------------------------------------ */

void relation_forget(struct relation_tensors *t) {
    for (int role = 0; role < PB_ROLES; role++) {
        free(t->value[role]);
        free(t->bound[role]);
    }
    *t = (struct relation_tensors){0};
}

enum pb_status relation_make(struct relation_tensors *t, const struct pb_problem *problem) {
    *t = (struct relation_tensors){.problem = *problem};
    enum pb_status status = pb_problem_check(problem);
    for (int role = 0; role < PB_ROLES && !status; role++) {
        if (!pb_role_used(problem, (enum pb_role)role)) continue;
        t->shape[role] = pb_tensor_of(problem, (enum pb_role)role, NULL);
        t->count[role] = pb_tensor_count(&t->shape[role]);
        t->value[role] = calloc((size_t)t->count[role] + 1, sizeof(double));
        t->bound[role] = calloc((size_t)t->count[role] + 1, sizeof(double));
        if (!t->value[role] || !t->bound[role])
            status = pb_fail(PB_NOMEM, "no memory for a relation");
    }
    return status;
}

enum pb_status relation_make_linear(struct relation_tensors *t, const struct pb_problem *problem) {
    enum pb_status status = relation_make(t, problem);
    if (status || !pb_role_read(problem, PB_BIAS)) return status;
    free(t->value[PB_BIAS]);
    free(t->bound[PB_BIAS]);
    t->value[PB_BIAS] = t->bound[PB_BIAS] = NULL;
    t->count[PB_BIAS] = 0;
    return PB_OK;
}

bool relation_accepts(const struct pb_kernel *kernel, const struct pb_problem *problem) {
    return kernel && (kernel->isa & ~pb_isa()) == 0 && kernel->can_do(problem);
}

const struct pb_kernel *relation_naive(const struct pb_problem *problem) {
    return pb_select(problem, "*_naive");
}

/* Takes the outputs of a trial, and how far they may be off. */
static enum pb_status take(struct relation_tensors *t, const struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *from = &trial->args.tensor[role];
        if (!pb_role_written(&t->problem, (enum pb_role)role) || !t->value[role]) continue;
        for (int64_t i = 0; i < t->count[role]; i++) {
            uint32_t bits = 0;
            if (from->dtype == PB_F32) memcpy(&bits, row_check_place(from, i), sizeof bits);
            if (bits == ORACLE_POISON)
                return pb_fail(PB_PROVIDER, "%s is left unwritten",
                               pb_role_name((enum pb_role)role));
            t->value[role][i] = row_check_get(from, i);
            t->bound[role][i] = trial->expected.tensor[role].bound[i];
        }
    }
    return PB_OK;
}

enum pb_status relation_run(const struct pb_kernel *kernel, struct relation_tensors *t) {
    struct pb_trial trial = {0};
    if (!relation_accepts(kernel, &t->problem)) return pb_fail(PB_UNSUPPORTED, "not accepted");
    enum pb_status status = pb_trial_allocate(&trial, &t->problem);
    for (int role = 0; role < PB_ROLES && !status; role++) {
        struct pb_tensor *to = &trial.args.tensor[role];
        if (!to->data || pb_role_written(&t->problem, (enum pb_role)role)) continue;
        memset(to->data, 0, trial.buffer[role].bytes);
        for (int64_t i = 0; i < t->count[role]; i++) row_check_set(to, i, t->value[role][i]);
        if (!t->value[role]) to->data = NULL;
    }
    if (!status) status = pb_oracle(&t->problem, &trial.args, &trial.expected);
    if (!status) {
        pb_poison(&t->problem, &trial.args);
        status = row_check_run(kernel, &t->problem, NULL, &trial.args);
    }
    if (!status) status = take(t, &trial);
    pb_trial_end(&trial);
    return status;
}

bool relation_is_adaptive(const struct pb_problem *p) {
    return pb_is_adaptive(p);
}

/* ---- Data ------------------------------------------------------------------------------------ */

/* How many terms a sum of the problem may have. */
static double terms(const struct pb_problem *p) {
    double taps = (double)(p->d.k * p->h.k * p->w.k);
    if (relation_is_adaptive(p))
        for (int a = 0; a < 3; a++) taps *= (double)p->axis[a].i / (double)p->axis[a].o + 2;
    if (p->dir == PB_BWD_W) return (double)(p->mb * p->d.o * p->h.o * p->w.o) + 1;
    if (!pb_traits_of(p)->groups) return taps;
    return taps * (double)(p->dir == PB_BWD ? p->oc / p->g : p->ic / p->g);
}

void relation_draw(struct relation_tensors *t, enum pb_role role, struct pb_rng *rng) {
    double most = floor(ldexp(1, 21) / (3 * terms(&t->problem)));
    int64_t a = role == PB_WEIGHTS || (t->problem.dir == PB_BWD_W && role == PB_DST)
                        ? 3
                        : (int64_t)fmax(1, fmin(most, 999));
    for (int64_t i = 0; i < t->count[role]; i++)
        t->value[role][i] = (double)(pb_rng_below(rng, 2 * a + 1) - a);
}

enum pb_status relation_draw_indices(struct relation_tensors *t, bool ties, struct pb_rng *rng,
                                     struct relation_tensors *forward) {
    struct pb_problem problem = t->problem;
    problem.dir = PB_FWD_IDX;
    enum pb_status status = relation_make(forward, &problem);
    if (status) return status;
    relation_draw(forward, PB_SRC, rng);
    for (int64_t i = 0; ties && i < forward->count[PB_SRC]; i++)
        forward->value[PB_SRC][i] = fmod(forward->value[PB_SRC][i], 2);
    status = relation_run(relation_naive(&problem), forward);
    for (int64_t i = 0; !status && i < t->count[PB_INDICES]; i++)
        t->value[PB_INDICES][i] = forward->value[PB_INDICES][i];
    return status;
}

enum pb_status relation_draw_inputs(struct relation_tensors *t, struct pb_rng *rng) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES && !status; role++) {
        if (!pb_role_read(&t->problem, (enum pb_role)role) || !t->value[role]) continue;
        if (role == PB_INDICES) {
            struct relation_tensors forward = {0};
            status = relation_draw_indices(t, true, rng, &forward);
            relation_forget(&forward);
        } else {
            relation_draw(t, (enum pb_role)role, rng);
        }
    }
    return status;
}

void relation_draw_permutation(double *value, int64_t count, struct pb_rng *rng) {
    for (int64_t i = 0; i < count; i++) {
        int64_t j = pb_rng_below(rng, i + 1);
        value[i] = value[j];
        value[j] = (double)i;
    }
}

void relation_copy_input(struct relation_tensors *to, const struct relation_tensors *from,
                         enum pb_role role) {
    if (from->value[role])
        memcpy(to->value[role], from->value[role], (size_t)from->count[role] * sizeof(double));
}

enum pb_role relation_variable(const struct pb_problem *p) {
    return p->dir == PB_BWD || p->dir == PB_BWD_W ? PB_DST : PB_SRC;
}

enum pb_role relation_result(const struct pb_problem *p) {
    return p->dir == PB_BWD ? PB_SRC : p->dir == PB_BWD_W ? PB_WEIGHTS : PB_DST;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static bool near(double a, double b, double bound) {
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= bound;
}

enum pb_status relation_agree(const char *what, int64_t element, double a, double b, double bound) {
    if (near(a, b, fabs(bound))) return PB_OK;
    return pb_fail(PB_PROVIDER, "%s, element %lld: %.9g on one side, %.9g on the other", what,
                   (long long)element, a, b);
}

enum pb_status relation_agree_all(const struct relation_tensors *a,
                                  const struct relation_tensors *b) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES; role++)
        for (int64_t i = 0;
             pb_role_written(&a->problem, (enum pb_role)role) && i < a->count[role] && !status; i++)
            status = relation_agree(pb_role_name((enum pb_role)role), i, a->value[role][i],
                                    b->value[role][i],
                                    fabs(a->bound[role][i]) + fabs(b->bound[role][i]));
    return status;
}
