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
        [PB_MAX] = {"max", PB_STRIDED, PB_LARGEST, &indexed, .ceil = true, .integers = true},
        [PB_AVG_P] = {"avg_p", PB_STRIDED, PB_AVERAGE, &plain, .ceil = true, .div = true, .integers = true},
        [PB_AVG_NP] = {"avg_np", PB_STRIDED, PB_AVERAGE, &plain, .ceil = true, .div = true, .integers = true},
        [PB_LP] = {"lp", PB_STRIDED, PB_NORM, &with_input, .ceil = true, .power = true},
        [PB_GAP] = {"gap", PB_WHOLE, PB_AVERAGE, &plain, .integers = true},
        [PB_GMP] = {"gmp", PB_WHOLE, PB_LARGEST, &indexed, .integers = true},
        [PB_CONV] = {"conv", PB_STRIDED, PB_PRODUCTS, &weighted, .groups = true},
        [PB_ADAPTIVE_MAX] = {"adaptive_max", PB_ADAPTIVE, PB_LARGEST, &indexed},
        [PB_ADAPTIVE_AVG] = {"adaptive_avg", PB_ADAPTIVE, PB_AVERAGE, &plain},
        [PB_S2D] = {"s2d", PB_BLOCKS, PB_MOVED, &plain, .crd = true},
        [PB_BLUR] = {"blur", PB_STRIDED, PB_FILTERED, &plain},
};
/* clang-format on */

const struct pb_op_traits *pb_op_traits(enum pb_op op) {
    return &traits[op];
}
