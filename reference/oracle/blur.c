/* The oracle of blur pooling, from its definition: a convolution of the reflected input, and its
 * gradient gathered over the places at which an input position is seen. */
#include "oracle/oracle.h"
#include <stdlib.h>

enum { LONGEST = 7 };

/* The weights of each axis: 1 blurred k - 1 times with its neighbour, (a + b) / 2. */
struct filter {
    double tap[3][LONGEST];
};

static struct filter filter_of(const struct pb_problem *p) {
    struct filter filter = {{{1}, {1}, {1}}};
    for (int axis = 0; axis < 3; axis++)
        for (int64_t k = 1; k < p->axis[axis].k; k++) {
            double *tap = filter.tap[axis];
            for (int64_t i = k; i > 0; i--) tap[i] = (tap[i] + tap[i - 1]) / 2;
            tap[0] /= 2;
        }
    return filter;
}

/* The input position that place `at` of the padded axis shows. */
static int64_t reflected(const struct pb_axis *a, int64_t at) {
    int64_t last = a->i - 1;
    return last - llabs(last - llabs(at));
}

/* Weights sum to 1: one of a single tap is 1, and what it gives is exact, unless more than one
 * gradient reaches a position, from the mirror too. */
static void settle(const struct pb_problem *p, const struct oracle_sum *sum,
                   struct pb_expected_tensor *to, int64_t element) {
    oracle_settle(sum, 1, to, element);
    if (p->d.k * p->h.k * p->w.k == 1 && sum->terms <= 1) to->bound[element] = 0;
}

static void blur_fwd(const struct pb_problem *p, const struct pb_args *args,
                     const struct filter *filter, struct pb_expected_tensor *dst) {
    const int64_t taps[5] = {1, 1, p->d.k, p->h.k, p->w.k};
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        struct oracle_sum sum = {0};
        int64_t at[5], k[5];
        oracle_unravel(i, args->dst.dims, at);
        for (int64_t tap = 0; tap < p->d.k * p->h.k * p->w.k; tap++) {
            int64_t in[5] = {at[0], at[1]};
            double weight = 1;
            oracle_unravel(tap, taps, k);
            for (int axis = 0; axis < 3; axis++) {
                const struct pb_axis *a = &p->axis[axis];
                in[2 + axis] = reflected(a, oracle_position(a, at[2 + axis], k[2 + axis]));
                weight *= filter->tap[axis][k[2 + axis]];
            }
            oracle_add_rounded(&sum, weight * oracle_element(&args->src, in));
        }
        settle(p, &sum, dst, i);
    }
}

/* The windows of an axis that see one input position: in itself, and in the mirror at each end. */
struct sightings {
    int count;
    int64_t output[3 * LONGEST];
    double weight[3 * LONGEST];
};

static void sight(const struct pb_axis *a, const double *filter, int64_t place,
                  struct sightings *seen) {
    for (int64_t o = oracle_first_output(a, place); o <= oracle_last_output(a, place); o++) {
        seen->output[seen->count] = o;
        seen->weight[seen->count++] = filter[oracle_tap(a, o, place)];
    }
}

static struct sightings sightings_of(const struct pb_axis *a, const double *filter, int64_t i) {
    struct sightings seen = {0};
    int64_t last = a->i - 1;
    sight(a, filter, i, &seen);
    if (i > 0 && i <= a->p) sight(a, filter, -i, &seen);
    if (i < last && last - i <= a->pr) sight(a, filter, 2 * last - i, &seen);
    return seen;
}

static void blur_bwd(const struct pb_problem *p, const struct pb_args *args,
                     const struct filter *filter, struct pb_expected_tensor *src) {
#pragma omp parallel for
    for (int64_t i = 0; i < src->count; i++) {
        struct oracle_sum sum = {0};
        struct sightings seen[3];
        int64_t in[5];
        oracle_unravel(i, args->src.dims, in);
        for (int axis = 0; axis < 3; axis++)
            seen[axis] = sightings_of(&p->axis[axis], filter->tap[axis], in[2 + axis]);
        for (int d = 0; d < seen[0].count; d++)
            for (int h = 0; h < seen[1].count; h++)
                for (int w = 0; w < seen[2].count; w++) {
                    int64_t at[5] = {in[0], in[1], seen[0].output[d], seen[1].output[h],
                                     seen[2].output[w]};
                    oracle_add_rounded(&sum, seen[0].weight[d] * seen[1].weight[h] *
                                                     seen[2].weight[w] *
                                                     oracle_element(&args->dst, at));
                }
        settle(p, &sum, src, i);
    }
}

enum pb_status oracle_blur(const struct pb_problem *problem, const struct pb_args *args,
                           struct pb_expected *expected) {
    struct filter filter = filter_of(problem);
    if (problem->dir == PB_FWD)
        blur_fwd(problem, args, &filter, &expected->tensor[PB_DST]);
    else
        blur_bwd(problem, args, &filter, &expected->tensor[PB_SRC]);
    return PB_OK;
}
