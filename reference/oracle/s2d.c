/* The oracle of space to depth, from its definition: an element's channel says where in its block
 * it stood, and the other way round. */
#include "oracle/oracle.h"

/* Sets in[] to the input element that output element `at` is. ONNX's SpaceToDepth and TensorFlow's
 * space_to_depth count channels fastest, PyTorch's pixel_unshuffle (crd) slowest. */
static void source_of(const struct pb_problem *p, const int64_t at[5], int64_t in[5]) {
    int64_t block[5] = {1, 1, p->d.k, p->h.k, p->w.k}, tap[5];
    int64_t taps = p->d.k * p->h.k * p->w.k;
    in[0] = at[0];
    in[1] = p->crd ? at[1] / taps : at[1] % p->ic;
    oracle_unravel(p->crd ? at[1] % taps : at[1] / p->ic, block, tap);
    for (int axis = 2; axis < 5; axis++) in[axis] = at[axis] * block[axis] + tap[axis];
}

static void s2d_fwd(const struct pb_problem *p, const struct pb_args *args,
                    struct pb_expected_tensor *dst) {
#pragma omp parallel for
    for (int64_t i = 0; i < dst->count; i++) {
        int64_t at[5], in[5];
        oracle_unravel(i, args->dst.dims, at);
        source_of(p, at, in);
        dst->value[i] = oracle_element(&args->src, in);
    }
}

/* Every input element is in one block: its gradient is that of the one output that took it. */
static void s2d_bwd(const struct pb_problem *p, const struct pb_args *args,
                    struct pb_expected_tensor *src) {
#pragma omp parallel for
    for (int64_t i = 0; i < pb_tensor_count(&args->dst); i++) {
        int64_t at[5], in[5], flat = 0;
        oracle_unravel(i, args->dst.dims, at);
        source_of(p, at, in);
        for (int axis = 0; axis < 5; axis++) flat = flat * args->src.dims[axis] + in[axis];
        src->value[flat] = oracle_element(&args->dst, at);
    }
}

enum pb_status oracle_s2d(const struct pb_problem *problem, const struct pb_args *args,
                          struct pb_expected *expected) {
    if (problem->dir == PB_FWD)
        s2d_fwd(problem, args, &expected->tensor[PB_DST]);
    else
        s2d_bwd(problem, args, &expected->tensor[PB_SRC]);
    return PB_OK;
}
