/* Refuses problems that no kernel may be asked. */
#include "core/op_traits.h"
#include "core/problem_axis.h"

static const double LEAST_POWER = 0.01, MOST_POWER = 100; /* printed without an exponent */
static const int64_t LONGEST_FILTER = 7;                  /* of blur */

/* Of an axis with its padding: no tensor is that long, and products of two stay far from overflow's
 * edge where they are checked. */
static const int64_t LONGEST = (int64_t)1 << 40;

/* What the operation itself asks of an axis whose extents are sane. */
static enum pb_status check_axis_of(const struct pb_problem *p, const struct pb_axis *a,
                                    char letter) {
    const struct pb_op_traits *traits = pb_traits_of(p);
    const bool adaptive = traits->windows == PB_ADAPTIVE;
    const bool filter = traits->reduction == PB_FILTERED;
    int64_t product;
    if (traits->windows == PB_WHOLE && (a->k != a->i || a->o != 1 || a->s != 1 || a->p || a->d))
        return pb_fail(PB_INVALID, "a global pool takes the whole axis %c", letter);
    if (adaptive && (a->k != 1 || a->s != 1 || a->p || a->d))
        return pb_fail(PB_INVALID, "adaptive windows follow from i%c and o%c", letter, letter);
    if (adaptive && __builtin_mul_overflow(a->i, a->o + 1, &product))
        return pb_fail(PB_INVALID, "i%c times o%c overflows int64", letter, letter);
    if (traits->windows == PB_BLOCKS &&
        (a->s != a->k || a->i % a->k || a->o != a->i / a->k || a->p || a->d))
        return pb_fail(PB_INVALID, "%s cuts axis %c into whole blocks of k%c", traits->name, letter,
                       letter);
    if (filter && (a->k > LONGEST_FILTER || a->d))
        return pb_fail(PB_INVALID, "k%c = %lld: %s has dense filters of 1 to %lld taps", letter,
                       (long long)a->k, traits->name, (long long)LONGEST_FILTER);
    if (filter && (a->p >= a->i || a->pr >= a->i))
        return pb_fail(PB_INVALID, "axis %c: a padding of %lld cannot reflect an input of %lld",
                       letter, (long long)(a->p > a->pr ? a->p : a->pr), (long long)a->i);
    return PB_OK;
}

static enum pb_status check_axis(const struct pb_problem *p, int axis) {
    const struct pb_axis *a = &p->axis[axis];
    char letter = axis_letters[axis];
    int64_t pr, end;
    if (a->i < 1) return pb_fail(PB_INVALID, "i%c = %lld is below 1", letter, (long long)a->i);
    if (a->o < 1) return pb_fail(PB_INVALID, "o%c = %lld is below 1", letter, (long long)a->o);
    if (a->k < 1) return pb_fail(PB_INVALID, "k%c = %lld is below 1", letter, (long long)a->k);
    if (a->s < 1) return pb_fail(PB_INVALID, "s%c = %lld is below 1", letter, (long long)a->s);
    if (a->p < 0) return pb_fail(PB_INVALID, "p%c = %lld is negative", letter, (long long)a->p);
    if (a->d < 0) return pb_fail(PB_INVALID, "d%c = %lld is negative", letter, (long long)a->d);
    /* Bounds every position that a kernel computes, with room for sums and small multiples. */
    if (!axis_trailing(a, &pr) || __builtin_add_overflow(pr, a->p, &end) ||
        __builtin_add_overflow(end, a->i, &end) || end > LONGEST || a->i > LONGEST ||
        a->o > LONGEST || a->p > LONGEST || a->s > LONGEST || a->d > LONGEST)
        return pb_fail(PB_INVALID, "axis %c reaches beyond %lld positions", letter,
                       (long long)LONGEST);
    if (p->ceil && (!axis_outputs(a, true, &end) || end != a->o))
        return pb_fail(PB_INVALID, "o%c = %lld is not what ceil gives", letter, (long long)a->o);
    if (a->pr != (pb_is_adaptive(p) ? 0 : p->ceil ? a->p : pr))
        return pb_fail(PB_INVALID, "o%c = %lld does not follow from the other extents", letter,
                       (long long)a->o);
    if (p->rank < 3 - axis && (a->i != 1 || a->o != 1 || a->k != 1 || a->s != 1 || a->p || a->d))
        return pb_fail(PB_INVALID, "axis %c is set in a %d-D problem", letter, p->rank);
    return check_axis_of(p, a, letter);
}

/* Multiplies into *product; false on overflow. */
static bool multiply(int64_t *product, int64_t factor) {
    return !__builtin_mul_overflow(*product, factor, product);
}

/* What a problem has whatever its operation. */
static enum pb_status check_counts(const struct pb_problem *p) {
    if ((unsigned)p->op >= PB_OPS || (unsigned)p->dir >= PB_DIRS ||
        (unsigned)p->dtype >= PB_DTYPES || (unsigned)p->layout >= PB_LAYOUTS)
        return pb_fail(PB_INVALID, "the operation, direction, data type or layout is unknown");
    if (p->rank < 1 || p->rank > 3) return pb_fail(PB_INVALID, "rank %d is not 1 to 3", p->rank);
    if (p->mb < 0) return pb_fail(PB_INVALID, "mb = %lld is negative", (long long)p->mb);
    if (p->ic < 1) return pb_fail(PB_INVALID, "ic = %lld is below 1", (long long)p->ic);
    if (p->oc < 1) return pb_fail(PB_INVALID, "oc = %lld is below 1", (long long)p->oc);
    if (p->g < 1) return pb_fail(PB_INVALID, "g = %lld is below 1", (long long)p->g);
    if (p->ic % p->g || p->oc % p->g)
        return pb_fail(PB_INVALID, "g = %lld does not divide ic and oc", (long long)p->g);
    return PB_OK;
}

/* Fields that the operation does not take, and directions that it has not. */
static enum pb_status check_fields(const struct pb_problem *p) {
    const struct pb_op_traits *traits = pb_traits_of(p);
    if (!traits->groups && traits->windows != PB_BLOCKS && (p->oc != p->ic || p->g != 1))
        return pb_fail(PB_INVALID, "%s has oc = ic and no groups", traits->name);
    if (pb_dtype_is_integer(p->dtype) && !pb_is_forward(p))
        return pb_fail(PB_INVALID, "%s has no gradient (%s)", pb_dtype_name(p->dtype),
                       pb_dir_name(p->dir));
    if (!traits->tensors->writes[p->dir])
        return pb_fail(PB_INVALID, "%s has no %s (%s)", traits->name,
                       p->dir == PB_FWD_IDX ? "indices" : "weights", pb_dir_name(p->dir));
    if (p->ceil && !traits->ceil) return pb_fail(PB_INVALID, "%s has no ceil mode", traits->name);
    if (p->div < 0 || (p->div && !traits->div))
        return pb_fail(PB_INVALID, "div %lld: only an average has a divisor, and it is positive",
                       (long long)p->div);
    if (traits->power ? !(p->power >= LEAST_POWER && p->power <= MOST_POWER) : p->power != 0)
        return pb_fail(PB_INVALID, "pow %g: only lp has an exponent, from %g to %g", p->power,
                       LEAST_POWER, MOST_POWER);
    if (p->crd && !traits->crd)
        return pb_fail(PB_INVALID, "crd: only s2d has a channel order, not %s", traits->name);
    return PB_OK;
}

enum pb_status pb_problem_check(const struct pb_problem *p) {
    enum pb_status status = check_counts(p);
    if (!status) status = check_fields(p);
    if (status) return status;
    /* Bytes of the largest type, channels padded to a block: nothing below can overflow then. A
     * tensor of an empty batch has strides like any other. */
    int64_t src = 8, dst = 8, weights = 8, macs = 1, channels, batch = p->mb ? p->mb : 1;
    int64_t inputs = pb_channels_summed(p);
    bool fits = !__builtin_add_overflow(p->ic, 16, &channels) && multiply(&src, channels) &&
                !__builtin_add_overflow(p->oc, 16, &channels) && multiply(&dst, channels) &&
                multiply(&src, batch) && multiply(&dst, batch) && multiply(&weights, p->oc) &&
                multiply(&weights, inputs) && multiply(&macs, batch) && multiply(&macs, p->oc) &&
                multiply(&macs, inputs);
    for (int a = 0; a < 3; a++) {
        status = check_axis(p, a);
        if (status) return status;
        fits = fits && multiply(&src, p->axis[a].i) && multiply(&dst, p->axis[a].o) &&
               multiply(&weights, p->axis[a].k) && multiply(&macs, p->axis[a].o) &&
               multiply(&macs, p->axis[a].k);
    }
    if (!fits) return pb_fail(PB_INVALID, "the size of a tensor or the work overflows int64");
    if (pb_traits_of(p)->windows == PB_BLOCKS &&
        (!axis_block_channels(p, &channels) || p->oc != channels || p->g != 1))
        return pb_fail(PB_INVALID, "oc = %lld is not what the blocks of %s give", (long long)p->oc,
                       pb_op_name(p->op));
    return PB_OK;
}

int64_t pb_problem_macs(const struct pb_problem *p) {
    if (pb_traits_of(p)->reduction != PB_PRODUCTS) return 0;
    return p->mb * p->oc * pb_channels_summed(p) * p->d.o * p->h.o * p->w.o * p->d.k * p->h.k *
           p->w.k;
}
