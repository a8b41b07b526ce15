/* Random problems: small, so that many run in a second, and nasty, so that edges, tails, uneven
 * padding and empty windows are common. */
#include "reference.h"
#include "core/op_traits.h"
#include <string.h>

#define PICK(rng, ...)                                                                             \
    (((const int64_t[]){__VA_ARGS__})[pb_rng_below(                                                \
            rng, (int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))])

static int64_t between(struct pb_rng *rng, int64_t low, int64_t high) {
    return low + pb_rng_below(rng, high - low + 1);
}

/* PyTorch's ceil_mode: rounded up, less the last window where it starts past the input and its
 * leading padding. */
static int64_t ceil_output(const struct pb_axis *a, int64_t span) {
    int64_t o = (a->i + 2 * a->p - span + a->s - 1) / a->s + 1;
    return (o - 1) * a->s >= a->i + a->p ? o - 1 : o;
}

/* 1, a prime, about the width of a vector, or anything. */
static int64_t random_extent(struct pb_rng *rng, int64_t longest) {
    int64_t extent = between(rng, 1, longest);
    int64_t prime = PICK(rng, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 61);
    int64_t vector = PICK(rng, 4, 8, 16, 32, 64) + between(rng, -1, 1);
    int64_t kind = pb_rng_below(rng, 8);
    if (kind == 0) extent = 1;
    if (kind == 1) extent = prime;
    if (kind >= 2 && kind <= 4) extent = vector;
    return extent <= longest ? extent : between(rng, 1, longest);
}

/* None, the usual, as much as the window and more (which leaves windows empty), or just that. */
static int64_t random_padding(struct pb_rng *rng, int64_t span) {
    switch (pb_rng_below(rng, 8)) {
    case 0:
    case 1:
    case 2:
        return 0;
    case 3:
    case 4:
    case 5:
        return between(rng, 0, span / 2);
    case 6:
        return between(rng, 0, span + 1);
    default:
        return between(rng, span - 1, span);
    }
}

static void random_axis(struct pb_rng *rng, int64_t longest, bool ceil, struct pb_axis *a) {
    a->k = PICK(rng, 1, 2, 2, 3, 3, 3, 4, 5, 7, 9);
    a->s = pb_rng_below(rng, 6) ? PICK(rng, 1, 1, 2, 2, 2, 3, 4) : a->k + between(rng, 0, 3);
    a->d = PICK(rng, 0, 0, 0, 0, 1, 2, 4);
    int64_t span = (a->k - 1) * (a->d + 1) + 1;
    a->i = random_extent(rng, longest);
    a->p = random_padding(rng, span);
    if (ceil) {
        int64_t shortest = span - 2 * a->p; /* the window fits once */
        if (a->i < shortest) a->i = shortest;
        a->o = ceil_output(a, span);
        a->pr = a->p;
        return;
    }
    /* Behind the input: as in front, nothing, its own, or input left unread. */
    int64_t own = random_padding(rng, span), unread = -between(rng, 0, a->i / 2);
    const int64_t behind[] = {a->p, a->p, 0, own, unread};
    int64_t pr = behind[pb_rng_below(rng, 5)];
    if (a->i + a->p + pr < span) pr = span - a->i - a->p;
    a->o = (a->i + a->p + pr - span) / a->s + 1;
    a->pr = (a->o - 1) * a->s - a->i + span - a->p;
}

static void random_blocks(struct pb_rng *rng, int64_t longest, struct pb_axis *a) {
    a->k = a->s = PICK(rng, 1, 2, 2, 2, 3, 4);
    a->o = between(rng, 1, longest / a->k > 0 ? longest / a->k : 1);
    a->i = a->o * a->k;
}

/* Padding up to all that the input can reflect. */
static void random_filter(struct pb_rng *rng, int64_t longest, struct pb_axis *a) {
    a->k = PICK(rng, 1, 2, 3, 3, 4, 5, 6, 7);
    a->s = PICK(rng, 1, 2, 2, 2, 3, 4);
    a->i = between(rng, (a->k + 1) / 2 + 1, longest + 1);
    a->p = between(rng, 0, a->k / 2);
    int64_t end = between(rng, 0, a->k / 2);
    if (a->i + a->p + end < a->k) end = a->k - a->i - a->p;
    a->o = (a->i + a->p + end - a->k) / a->s + 1;
    a->pr = (a->o - 1) * a->s - a->i + a->k - a->p;
}

static void random_channels(struct pb_rng *rng, struct pb_problem *p) {
    p->ic = p->oc = PICK(rng, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33);
    if (!pb_traits_of(p)->groups) return;
    switch (pb_rng_below(rng, 4)) {
    case 0: /* depthwise, of one or two outputs a channel */
        p->g = p->ic;
        p->oc = p->ic * PICK(rng, 1, 1, 1, 2);
        return;
    case 1:
        p->g = PICK(rng, 2, 3, 8, 17);
        p->ic = p->g * (p->g > 3 ? PICK(rng, 1, 2, 3) : PICK(rng, 1, 2, 3, 7, 8, 9, 16, 17));
        p->oc = p->g * (p->g > 3 ? PICK(rng, 1, 2, 3) : PICK(rng, 1, 2, 3, 7, 8, 9, 16, 17));
        return;
    default:
        p->oc = PICK(rng, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33);
    }
}

void pb_problem_random(struct pb_rng *rng, enum pb_op op, enum pb_dir dir,
                       struct pb_problem *problem) {
    const struct pb_op_traits *traits = pb_op_traits(op);
    memset(problem, 0, sizeof *problem);
    problem->op = op;
    problem->dir = dir;
    problem->dtype = PB_F32;
    problem->layout = PICK(rng, PB_NCHW, PB_NCHW, PB_NCHW, PB_NHWC, PB_NHWC, PB_NHWC, PB_NCHW16C);
    problem->rank = (int)PICK(rng, 1, 2, 2, 2, 2, 3);
    problem->mb = PICK(rng, 0, 1, 1, 1, 1, 2, 2, 3, 3, 5);
    problem->g = 1;
    random_channels(rng, problem);
    problem->ceil = traits->ceil && pb_rng_below(rng, 4) == 0;
    problem->crd = traits->crd && pb_rng_below(rng, 2);
    if (traits->div && pb_rng_below(rng, 6) == 0) problem->div = between(rng, 1, 9);
    if (traits->power) problem->power = (double)PICK(rng, 2, 2, 4, 6, 8, 10, 14, 1) / 4 + 0.5;
    for (int a = 0; a < 3; a++) {
        /* The last axis is long, as that is where vectors run in nchw. */
        int64_t longest = problem->rank == 1 ? 70 : problem->rank == 2 ? 12 : 6;
        if (a == 2 && problem->rank > 1) longest = traits->reduction == PB_PRODUCTS ? 18 : 34;
        struct pb_axis *axis = &problem->axis[a];
        *axis = (struct pb_axis){.i = 1, .o = 1, .k = 1, .s = 1};
        if (a < 3 - problem->rank) continue;
        if (traits->windows == PB_WHOLE)
            axis->i = axis->k = random_extent(rng, longest);
        else if (traits->windows == PB_ADAPTIVE)
            *axis = (struct pb_axis){.i = random_extent(rng, longest),
                                     .o = random_extent(rng, longest),
                                     .k = 1,
                                     .s = 1};
        else if (traits->windows == PB_BLOCKS)
            random_blocks(rng, longest, axis);
        else if (traits->reduction == PB_FILTERED)
            random_filter(rng, longest, axis);
        else
            random_axis(rng, longest, problem->ceil, axis);
        if (traits->windows == PB_BLOCKS) problem->oc *= axis->k;
    }
}
