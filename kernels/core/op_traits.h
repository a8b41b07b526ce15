/* op_traits.h: what there is to say about an operation, once. What asks what kind of operation a
 * problem has asks this table; a new operation is a row of it. */
#ifndef PB_OP_TRAITS_H
#define PB_OP_TRAITS_H

#include "poolbench.h"

/* What the windows of an axis follow from. */
enum pb_windows {
    PB_STRIDED,  /* k, s, p and d */
    PB_WHOLE,    /* i: there is one, over all of it */
    PB_ADAPTIVE, /* i and o */
    PB_BLOCKS,   /* k: they lie side by side and fill i */
};

/* What becomes of the elements of a window. */
enum pb_reduction {
    PB_LARGEST,  /* of a channel */
    PB_AVERAGE,  /* of a channel */
    PB_NORM,     /* of a channel */
    PB_FILTERED, /* a channel's, with weights that the operation knows, the input reflected */
    PB_PRODUCTS, /* of all channels of a group, with weights that it is given */
    PB_MOVED,    /* nothing: they become channels */
};

/* By direction, the tensors that it reads and writes, as bits of enum pb_role. A direction in which
 * nothing is written is one that it has not. */
struct pb_op_tensors {
    unsigned reads[PB_DIRS], writes[PB_DIRS];
};

struct pb_op_traits {
    const char *name;
    enum pb_windows windows;
    enum pb_reduction reduction;
    const struct pb_op_tensors *tensors;
    /* Fields of struct pb_problem that it takes. */
    bool ceil, div, power, groups, crd;
    bool integers; /* has a meaning for s8 and u8, forward */
};

const struct pb_op_traits *pb_op_traits(enum pb_op op);

static inline const struct pb_op_traits *pb_traits_of(const struct pb_problem *problem) {
    return pb_op_traits(problem->op);
}
static inline bool pb_is_adaptive(const struct pb_problem *problem) {
    return pb_traits_of(problem)->windows == PB_ADAPTIVE;
}
static inline bool pb_is_global(const struct pb_problem *problem) {
    return pb_traits_of(problem)->windows == PB_WHOLE;
}
/* An average whose windows do not adapt. */
static inline bool pb_is_average(const struct pb_problem *problem) {
    return pb_traits_of(problem)->reduction == PB_AVERAGE && !pb_is_adaptive(problem);
}
/* Whether its result is a linear function of its input. */
static inline bool pb_is_linear(const struct pb_problem *problem) {
    const enum pb_reduction reduction = pb_traits_of(problem)->reduction;
    return reduction != PB_LARGEST && reduction != PB_NORM;
}
static inline bool pb_is_forward(const struct pb_problem *problem) {
    return problem->dir == PB_FWD || problem->dir == PB_FWD_IDX;
}
/* Channels of the input that one output draws from. */
static inline int64_t pb_channels_summed(const struct pb_problem *problem) {
    return pb_traits_of(problem)->reduction == PB_PRODUCTS ? problem->ic / problem->g : 1;
}

#endif
