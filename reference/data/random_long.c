/* Random problems that are long in one place: beyond the powers of two at which code breaks. */
#include "reference.h"
#include "core/op_traits.h"

static int64_t between(struct pb_rng *rng, int64_t low, int64_t high) {
    return low + pb_rng_below(rng, high - low + 1);
}

/* About 2^8 to 2^16, and half as much again. */
static int64_t length(struct pb_rng *rng) {
    int64_t power = (int64_t)1 << between(rng, 8, 16);
    return pb_rng_below(rng, 3) ? power + between(rng, -1, 17) : power + power / 2 + 1;
}

static void one(struct pb_axis *a, int64_t i, int64_t k, int64_t s, int64_t p, int64_t d) {
    int64_t span = (k - 1) * (d + 1) + 1;
    if (i + p < span) i = span - p;
    *a = (struct pb_axis){.i = i, .o = (i + p - span) / s + 1, .k = k, .s = s, .p = p, .d = d};
    a->pr = (a->o - 1) * s - i + span - p;
}

static void long_adaptive(struct pb_rng *rng, int64_t n, struct pb_axis *a) {
    const int64_t few = between(rng, 1, 3), others[] = {few, n / 2 + 1, n - 1, n, n + 1};
    int64_t other = others[pb_rng_below(rng, sizeof others / sizeof others[0])];
    bool shrinks = pb_rng_below(rng, 2);
    *a = (struct pb_axis){.i = shrinks ? n : other, .o = shrinks ? other : n, .k = 1, .s = 1};
}

/* In its extent, window, stride, padding or dilation. */
static void long_axis(struct pb_rng *rng, const struct pb_problem *p, int64_t n,
                      struct pb_axis *a) {
    const struct pb_op_traits *traits = pb_traits_of(p);
    int64_t few = between(rng, 1, 3);
    if (traits->windows == PB_WHOLE) {
        *a = (struct pb_axis){.i = n, .o = 1, .k = n, .s = 1};
    } else if (traits->windows == PB_ADAPTIVE) {
        long_adaptive(rng, n, a);
    } else if (traits->windows == PB_BLOCKS) {
        int64_t k = pb_rng_below(rng, 2) ? few : n, o = k == n ? few : n;
        *a = (struct pb_axis){.i = k * o, .o = o, .k = k, .s = k};
    } else {
        switch (traits->reduction == PB_FILTERED ? 0 : pb_rng_below(rng, 5)) {
        case 0:
            one(a, n, few, between(rng, 1, 2), 0, 0);
            break;
        case 1:
            if (traits->reduction == PB_PRODUCTS) /* a plain gradient tries all taps everywhere */
                one(a, few, n, 1, n - few, 0);
            else
                one(a, n + few - 1, n, 1, 0, 0);
            break;
        case 2:
            one(a, n + few, few, n, 0, 0);
            break;
        case 3:
            one(a, few, few, 1, n, 0);
            break;
        default:
            one(a, n + few, 2, 1, 0, n - 1);
        }
    }
}

void pb_problem_random_long(struct pb_rng *rng, struct pb_problem *p) {
    const struct pb_op_traits *traits = pb_traits_of(p);
    int64_t n = length(rng), place = pb_rng_below(rng, 4);
    p->mb = place == 0 ? n : 1;
    p->g = p->ic = p->oc = 1;
    if (place == 1) p->ic = n;
    if (!traits->groups) {
        p->oc = p->ic;
    } else if (place == 1) { /* inputs, outputs or both, each its own group */
        const int64_t either = pb_rng_below(rng, 3);
        p->ic = either == 1 ? 1 : n;
        p->oc = either == 0 ? 1 : n;
        p->g = either == 2 ? n : 1;
    }
    p->ceil = false;
    int64_t axis = 2 - pb_rng_below(rng, p->rank);
    for (int a = 3 - p->rank; a < 3; a++) {
        one(&p->axis[a], 1, 1, 1, 0, 0);
        if (a == axis && place >= 2) long_axis(rng, p, n, &p->axis[a]);
        if (traits->windows == PB_BLOCKS) p->oc *= p->axis[a].k;
    }
}
