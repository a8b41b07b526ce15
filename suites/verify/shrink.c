/* The smallest problem that still fails: one number after the other is lowered for as long as the
 * kernel goes on failing. */
#include "common/clock.h"
#include "core/op_traits.h"
#include "verify/verification.h"
#include <string.h>

enum { MOST_TRIES = 400, SEEDS = 3 };
static const double MOST_SECONDS = 10, MOST_SECONDS_OF_A_CALL = 5;

struct shrink {
    const struct pb_verify *verify;
    struct pb_failure *failure; /* the smallest so far */
    int tries;
    double until;
};

/* ---- One try --------------------------------------------------------------------------------- */

struct attempt {
    struct pb_case now;
    bool crashed, found;
    struct pb_failure failure;
};

/* The case itself, then other data for it: what failed may have moved elsewhere. */
static bool attempt_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    (void)problem;
    *to = ((const struct attempt *)source)->now;
    if (number > 0) to->seed = (uint64_t)number;
    return true;
}

static void attempt_failed(void *arg, const struct pb_failure *failure) {
    struct attempt *attempt = arg;
    if (attempt->found || failure->hung || failure->crashed != attempt->crashed) return;
    attempt->failure = *failure;
    attempt->found = true;
}

/* Whether the kernel fails in the same way there; it is then the smallest so far. */
static bool still_fails(struct shrink *s, const struct pb_case *now, int threads) {
    struct attempt attempt = {.now = *now, .crashed = s->failure->crashed};
    const int counts[] = {1, threads};
    struct pb_tally tally = {0};
    if (s->tries >= MOST_TRIES || clock_seconds() > s->until) return false;
    if (pb_problem_check(&now->problem)) return false;
    const struct pb_verify one = {
            .often = true,
            .kernel = &s->failure->kernel,
            .kernels = 1,
            .cases = {.at = attempt_at, .source = &attempt, .problems = 1, .cases = SEEDS},
            .threads = counts,
            .thread_counts = threads > 1 ? 2 : 1,
            .workers = 1,
            .limit = s->verify->limit < MOST_SECONDS_OF_A_CALL ? s->verify->limit
                                                               : MOST_SECONDS_OF_A_CALL,
            .enough = 1,
            .failed = attempt_failed,
            .arg = &attempt,
    };
    s->tries++;
    if (pb_verify_run(&one, &tally) || !attempt.found) return false;
    attempt.failure.from = s->failure->from;
    *s->failure = attempt.failure;
    return true;
}

/* ---- Smaller problems ------------------------------------------------------------------------ */

enum { MB, G, IC, OC, DIV, CEIL, AXES, FIELDS_OF_AXIS = 6, FIELDS = AXES + 3 * FIELDS_OF_AXIS };

/* A field's value and the least that it may take. */
static int64_t value_of(const struct pb_problem *p, int field, int64_t *least) {
    *least = field == MB || field == G ? 1 : field == DIV || field == CEIL ? 0 : p->g;
    if (field < AXES) {
        const int64_t value[AXES] = {p->mb, p->g, p->ic, p->oc, p->div, p->ceil};
        return value[field];
    }
    const struct pb_axis *a = &p->axis[(field - AXES) / FIELDS_OF_AXIS];
    const int64_t value[FIELDS_OF_AXIS] = {a->i, a->o, a->k, a->s, a->p, a->d};
    int f = (field - AXES) % FIELDS_OF_AXIS;
    *least = f < 4;
    return value[f];
}

/* Makes the axis consistent again. Its outputs stay, or become those that leave the trailing
 * padding as it is. */
static void settle_axis(const struct pb_problem *p, struct pb_axis *a, bool keep) {
    int64_t span = (a->k - 1) * (a->d + 1) + 1, pr = a->pr;
    if (pb_is_global(p)) {
        a->k = a->i;
    } else if (pb_is_adaptive(p)) {
        a->pr = 0;
    } else if (pb_traits_of(p)->windows == PB_BLOCKS) {
        a->s = a->k;
        a->i = a->o * a->k;
    } else if (p->ceil) { /* rounded up, or one less */
        a->pr = a->p;
        a->o = (a->i + 2 * a->p - span + a->s - 1) / a->s + keep;
    } else {
        int64_t free = a->i + a->p + pr - span;
        if (!keep) a->o = free < 0 ? 1 : free / a->s + 1;
        a->pr = (a->o - 1) * a->s - a->i + span - a->p;
    }
}

static void set(struct pb_problem *p, int field, int64_t value, bool keep) {
    if (field == G) {
        p->ic = p->ic / p->g * value;
        p->oc = p->oc / p->g * value;
    }
    if (field < AXES) {
        int64_t *const place[AXES] = {&p->mb, &p->g, &p->ic, &p->oc, &p->div, NULL};
        if (field == CEIL)
            p->ceil = value;
        else
            *place[field] = value;
    } else {
        struct pb_axis *a = &p->axis[(field - AXES) / FIELDS_OF_AXIS];
        int64_t *const place[] = {&a->i, &a->o, &a->k, &a->s, &a->p, &a->d};
        *place[(field - AXES) % FIELDS_OF_AXIS] = value;
    }
    for (int a = 3 - p->rank; a < 3; a++)
        if (field >= AXES ? (field - AXES) / FIELDS_OF_AXIS == a : field == CEIL)
            settle_axis(p, &p->axis[a], keep);
    if (!pb_traits_of(p)->groups) p->oc = p->ic;
    if (pb_traits_of(p)->windows == PB_BLOCKS) p->oc = p->ic * p->d.k * p->h.k * p->w.k;
}

/* What a reader has to think about: windows and padding more than extents. It falls with each step,
 * so that the search ends. */
int64_t pb_verify_burden(const struct pb_problem *p) {
    int64_t sum = p->mb + p->g + p->ic + p->oc + 4 * (p->div + p->ceil);
    for (int i = 0; i < 3; i++) {
        const struct pb_axis *a = &p->axis[i];
        sum += a->i + a->o + 4 * (a->k + a->s + a->p + a->d) + 2 * (a->pr < 0 ? -a->pr : a->pr);
    }
    return sum;
}

/* The least, half of the way to it, one step less. */
static bool lower(struct shrink *s, int field) {
    int64_t least, value = value_of(&s->failure->now.problem, field, &least);
    const int64_t step = field == IC || field == OC ? least : 1;
    const int64_t tries[] = {least, (least + value) / 2 / step * step, value - step};
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
        for (int keep = 0; keep < 2 && tries[i] >= least && tries[i] < value; keep++) {
            struct pb_case now = s->failure->now;
            set(&now.problem, field, tries[i], keep);
            if (pb_verify_burden(&now.problem) < pb_verify_burden(&s->failure->now.problem) &&
                still_fails(s, &now, s->failure->threads))
                return true;
        }
    return false;
}

/* Takes the first axis away. */
static bool flatten(struct shrink *s) {
    struct pb_case now = s->failure->now;
    if (now.problem.rank == 1) return false;
    now.problem.axis[3 - now.problem.rank--] = (struct pb_axis){.i = 1, .o = 1, .k = 1, .s = 1};
    if (pb_traits_of(&now.problem)->windows == PB_BLOCKS)
        now.problem.oc = now.problem.ic * now.problem.h.k * now.problem.w.k;
    return still_fails(s, &now, s->failure->threads);
}

/* Plain data in a plain place on one thread, where that fails too. */
static void simplify(struct shrink *s) {
    struct pb_case now = s->failure->now;
    if (s->failure->threads > 1) still_fails(s, &now, 1);
    now = s->failure->now;
    now.placement = PB_ALIGNED;
    if (now.placement != s->failure->now.placement) still_fails(s, &now, s->failure->threads);
    now = s->failure->now;
    for (int family = 0; family < (int)s->failure->now.family; family++) {
        now.family = (enum pb_data_pattern)family;
        if (still_fails(s, &now, s->failure->threads)) break;
    }
}

void pb_verify_shrink(const struct pb_verify *verify, struct pb_failure *failure) {
    struct shrink s = {verify, failure, 0, clock_seconds() + MOST_SECONDS};
    if (failure->hung || failure->now.onnx) return;
    failure->now.problem.name[0] = 0;
    simplify(&s);
    bool smaller = true;
    while (smaller) {
        smaller = flatten(&s);
        for (int field = 0; field < FIELDS; field++)
            while (lower(&s, field)) smaller = true;
    }
}
