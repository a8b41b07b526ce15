/* wrong_tools.h: what the files of wrong kernels share. */
#ifndef WRONG_TOOLS_H
#define WRONG_TOOLS_H

#include "wrong/wrong_kernels.h"
#include <stdlib.h>
#include <string.h>

/* Runs the naive kernel. */
static inline enum pb_status right(const struct pb_problem *p, const struct pb_args *args) {
    const struct pb_kernel *kernel = pb_select(p, "*_naive");
    void *plan = NULL;
    if (!kernel) return PB_UNSUPPORTED;
    enum pb_status status = kernel->setup(p, NULL, &plan);
    if (!status) status = kernel->run(p, plan, args);
    kernel->done(plan);
    return status;
}

/* Steps `at` (n, c, d, h, w) through the tensor in logical order; false past the last. Start with
 * first(t, at). */
static inline bool first(const struct pb_tensor *t, int64_t at[5]) {
    memset(at, 0, 5 * sizeof *at);
    return pb_tensor_count(t) > 0;
}

static inline bool next(const struct pb_tensor *t, int64_t at[5]) {
    for (int axis = 4; axis >= 0; axis--) {
        if (++at[axis] < t->dims[axis]) return true;
        at[axis] = 0;
    }
    return false;
}

static inline int64_t offset(const struct pb_tensor *t, const int64_t at[5]) {
    return pb_offset(t, at[0], at[1], at[2], at[3], at[4]);
}

/* The tensor that the problem writes: the first of them. */
static inline const struct pb_tensor *output(const struct pb_problem *p,
                                             const struct pb_args *args) {
    int role = 0;
    while (!pb_role_written(p, (enum pb_role)role)) role++;
    return &args->tensor[role];
}

/* A copy of a tensor's bytes, to free. */
static inline void *copied(const struct pb_tensor *t) {
    size_t bytes = pb_tensor_bytes(t);
    void *copy = malloc(bytes + 1);
    return copy ? memcpy(copy, t->data, bytes) : NULL;
}

/* Whether part of the window lies outside the input. */
static inline bool sees_padding(const struct pb_problem *p, const int64_t at[5]) {
    for (int a = 0; a < 3; a++) {
        const struct pb_axis *x = &p->axis[a];
        int64_t start = at[2 + a] * x->s - x->p, end = start + (x->k - 1) * (x->d + 1);
        if (start < 0 || end >= x->i) return true;
    }
    return false;
}

/* One line of a table: run_STEM, on the problems that `accepts` takes. */
#define WRONG(stem, accepts, kind)                                                                 \
    {                                                                                              \
        .kernel = {.name = "wrong_" #stem,                                                         \
                   .can_do = accepts,                                                              \
                   .setup = pb_setup_nothing,                                                      \
                   .run = run_##stem,                                                              \
                   .done = pb_done_nothing},                                                       \
        .defect = kind                                                                             \
    }

#endif
