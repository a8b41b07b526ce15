/* The table of operations. */
#include "core/op_traits.h"

enum {
    SRC = 1 << PB_SRC,
    DST = 1 << PB_DST,
    WEIGHTS = 1 << PB_WEIGHTS,
    BIAS = 1 << PB_BIAS,
    INDICES = 1 << PB_INDICES,
    INPUT = 1 << PB_INPUT,
};

/* Data forward, gradients back. */
static const struct pb_op_tensors plain = {
        .reads = {[PB_FWD] = SRC, [PB_BWD] = DST},
        .writes = {[PB_FWD] = DST, [PB_BWD] = SRC},
};
static const struct pb_op_tensors indexed = {
        .reads = {[PB_FWD] = SRC, [PB_FWD_IDX] = SRC, [PB_BWD] = DST | INDICES},
        .writes = {[PB_FWD] = DST, [PB_FWD_IDX] = DST | INDICES, [PB_BWD] = SRC},
};
static const struct pb_op_tensors with_input = {
        .reads = {[PB_FWD] = SRC, [PB_BWD] = DST | INPUT},
        .writes = {[PB_FWD] = DST, [PB_BWD] = SRC},
};
static const struct pb_op_tensors weighted = {
        .reads =
                {[PB_FWD] = SRC | WEIGHTS | BIAS, [PB_BWD] = DST | WEIGHTS, [PB_BWD_W] = SRC | DST},
        .writes = {[PB_FWD] = DST, [PB_BWD] = SRC, [PB_BWD_W] = WEIGHTS | BIAS},
};

/* clang-format off */
static const struct pb_op_traits traits[PB_OPS] = {
        [PB_MAX] = {.name = "max", .windows = PB_STRIDED, .reduction = PB_LARGEST, .tensors = &indexed, .ceil = true, .integers = true},
        [PB_AVG_P] = {.name = "avg_p", .windows = PB_STRIDED, .reduction = PB_AVERAGE, .tensors = &plain, .ceil = true, .div = true, .integers = true},
        [PB_AVG_NP] = {.name = "avg_np", .windows = PB_STRIDED, .reduction = PB_AVERAGE, .tensors = &plain, .ceil = true, .div = true, .integers = true},
        [PB_LP] = {.name = "lp", .windows = PB_STRIDED, .reduction = PB_NORM, .tensors = &with_input, .ceil = true, .power = true},
        [PB_GAP] = {.name = "gap", .windows = PB_WHOLE, .reduction = PB_AVERAGE, .tensors = &plain, .integers = true},
        [PB_GMP] = {.name = "gmp", .windows = PB_WHOLE, .reduction = PB_LARGEST, .tensors = &indexed, .integers = true},
        [PB_CONV] = {.name = "conv", .windows = PB_STRIDED, .reduction = PB_PRODUCTS, .tensors = &weighted, .groups = true},
        [PB_ADAPTIVE_MAX] = {.name = "adaptive_max", .windows = PB_ADAPTIVE, .reduction = PB_LARGEST, .tensors = &indexed},
        [PB_ADAPTIVE_AVG] = {.name = "adaptive_avg", .windows = PB_ADAPTIVE, .reduction = PB_AVERAGE, .tensors = &plain},
        [PB_S2D] = {.name = "s2d", .windows = PB_BLOCKS, .reduction = PB_MOVED, .tensors = &plain, .crd = true},
        [PB_BLUR] = {.name = "blur", .windows = PB_STRIDED, .reduction = PB_FILTERED, .tensors = &plain},
};
/* clang-format on */

const struct pb_op_traits *pb_op_traits(enum pb_op op) {
    return &traits[op];
}
