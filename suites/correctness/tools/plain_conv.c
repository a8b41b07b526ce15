#include "tools/plain_conv.h"
#include <math.h>

static double element(const struct pb_tensor *t, const int64_t at[5]) {
    return ((const float *)t->data)[pb_offset(t, at[0], at[1], at[2], at[3], at[4])];
}

static int64_t flat(const struct pb_tensor *t, const int64_t at[5]) {
    int64_t position = 0;
    for (int axis = 0; axis < 5; axis++) position = position * t->dims[axis] + at[axis];
    return position;
}

static void add(struct plain_sum *sum, long double term) {
    sum->value += term;
    if (isfinite(term)) sum->magnitude += fabsl(term);
    sum->terms++;
}

/* The next tuple below `dims`, the last number fastest; false behind the last. */
static bool next(int64_t at[], const int64_t dims[], int count) {
    for (int i = count - 1; i >= 0; i--) {
        if (++at[i] < dims[i]) return true;
        at[i] = 0;
    }
    return false;
}

/* The input position of tap `k` of output `o`, of each axis; false where one is padding. */
static bool position(const struct pb_problem *p, const int64_t o[3], const int64_t k[3],
                     int64_t to[3]) {
    bool inside = true;
    for (int a = 0; a < 3; a++) {
        const struct pb_axis *x = &p->axis[a];
        to[a] = o[a] * x->s - x->p + k[a] * (x->d + 1);
        inside &= to[a] >= 0 && to[a] < x->i;
    }
    return inside;
}

/* The three tensors are bound by one product,
 *   dst[n, o, x] += src[n, g I + i, x s - p + k (d + 1)] weights[o, i, k]
 * for every image n, output channel o of group g, position x, input channel i of the group's I, and
 * tap k whose position is no padding. Each direction sums the product of the two that it reads. */
static void add_products(const struct pb_problem *p, const struct pb_args *args, enum pb_role role,
                         struct plain_sum *sum) {
    enum { N, O, I, X, K = X + 3, ALL = K + 3 };
    int64_t ic = p->ic / p->g, oc = p->oc / p->g, at[ALL] = {0};
    const int64_t dims[ALL] = {p->mb, p->oc, ic, p->d.o, p->h.o, p->w.o, p->d.k, p->h.k, p->w.k};
    do {
        int64_t dst[5] = {at[N], at[O], at[X], at[X + 1], at[X + 2]};
        int64_t weights[5] = {at[O], at[I], at[K], at[K + 1], at[K + 2]};
        int64_t src[5] = {at[N], at[O] / oc * ic + at[I]};
        if (!position(p, &at[X], &at[K], &src[2])) continue;
        long double x = role == PB_SRC ? 1 : element(&args->src, src);
        long double y = role == PB_DST ? 1 : element(&args->dst, dst);
        long double w = role == PB_WEIGHTS ? 1 : element(&args->weights, weights);
        int64_t to = role == PB_SRC   ? flat(&args->src, src)
                     : role == PB_DST ? flat(&args->dst, dst)
                                      : flat(&args->weights, weights);
        add(&sum[to], x * y * w);
    } while (next(at, dims, ALL));
}

/* Forward the bias is added to its channel; its gradient is the sum of that channel. */
static void add_bias(const struct pb_args *args, enum pb_role role, struct plain_sum *sum) {
    int64_t at[5] = {0};
    do {
        if (role == PB_DST)
            add(&sum[flat(&args->dst, at)], ((const float *)args->bias.data)[at[1]]);
        else
            add(&sum[at[1]], element(&args->dst, at));
    } while (next(at, args->dst.dims, 5));
}

void plain_conv(const struct pb_problem *p, const struct pb_args *args, enum pb_role role,
                struct plain_sum *sum) {
    if (p->mb == 0) return;
    if (role != PB_BIAS) add_products(p, args, role, sum);
    if (role == PB_BIAS || (role == PB_DST && args->bias.data)) add_bias(args, role, sum);
}
