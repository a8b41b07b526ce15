/* The operators of ONNX that pool, convolve or downsample: which of our problems they are, and
 * which of them are out of scope, and why. */
#include "onnx/graph.h"
#include <string.h>

enum {
    FILTER = ONNX_KERNEL_SHAPE | ONNX_STRIDES | ONNX_PADS,
    WINDOW = FILTER | ONNX_AUTO_PAD | ONNX_DILATIONS,
    POOL = WINDOW | ONNX_CEIL_MODE,
    MAX_POOL = POOL | ONNX_STORAGE_ORDER,
    AVERAGE_POOL = POOL | ONNX_COUNT_INCLUDE_PAD,
    DIVIDED_POOL = AVERAGE_POOL | ONNX_DIVISOR_OVERRIDE,
    CONV = WINDOW | ONNX_GROUP,
    BLOCKS = ONNX_BLOCKSIZE | ONNX_MODE,
    NONE = ONNX_NO_ROLE,
};

static const char transposed[] = "transposed convolution is not among the operations";
static const char quantised[] = "quantised operators are not among the operations";
static const char unpooling[] = "unpooling is not among the operations";
static const char regions[] = "the windows of regions of interest are data, not a problem";
static const char deformed[] = "the windows of a deformable convolution are data, not a problem";
static const char columns[] = "columns that become an image are a transposed convolution's";

/* clang-format off */
static const struct onnx_operator operators[] = {
    {"", "MaxPool", NULL, PB_MAX, PB_FWD, false, MAX_POOL,
     {PB_SRC, NONE, NONE}, {PB_DST, PB_INDICES, NONE}},
    {"", "AveragePool", NULL, PB_AVG_NP, PB_FWD, false, AVERAGE_POOL,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "LpPool", NULL, PB_LP, PB_FWD, false, POOL | ONNX_P,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "GlobalMaxPool", NULL, PB_GMP, PB_FWD, true, 0,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "GlobalAveragePool", NULL, PB_GAP, PB_FWD, true, 0,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "GlobalLpPool", NULL, PB_LP, PB_FWD, true, ONNX_P,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "Conv", NULL, PB_CONV, PB_FWD, false, CONV,
     {PB_SRC, PB_WEIGHTS, PB_BIAS}, {PB_DST, NONE, NONE}},
    {"", "SpaceToDepth", NULL, PB_S2D, PB_FWD, false, ONNX_BLOCKSIZE,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"", "DepthToSpace", NULL, PB_S2D, PB_BWD, false, BLOCKS,
     {PB_DST, NONE, NONE}, {PB_SRC, NONE, NONE}},

    {"com.microsoft", "MaxPoolGrad", NULL, PB_MAX, PB_BWD, false, MAX_POOL,
     {PB_DST, PB_INDICES, NONE}, {PB_SRC, NONE, NONE}},
    {"com.microsoft", "AveragePoolGrad", NULL, PB_AVG_NP, PB_BWD, false, AVERAGE_POOL,
     {PB_DST, NONE, NONE}, {PB_SRC, NONE, NONE}},
    {"com.microsoft", "ConvGrad", NULL, PB_CONV, PB_BWD, false, CONV,
     {PB_DST, PB_SRC, PB_WEIGHTS}, {PB_SRC, PB_WEIGHTS, PB_BIAS}},

    {"poolbench", "AveragePool", NULL, PB_AVG_NP, PB_FWD, false, DIVIDED_POOL,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"poolbench", "AveragePoolGrad", NULL, PB_AVG_NP, PB_BWD, false, DIVIDED_POOL,
     {PB_DST, NONE, NONE}, {PB_SRC, NONE, NONE}},
    {"poolbench", "GlobalAveragePoolGrad", NULL, PB_GAP, PB_BWD, true, 0,
     {PB_DST, NONE, NONE}, {PB_SRC, NONE, NONE}},
    {"poolbench", "LpPool", NULL, PB_LP, PB_FWD, false, POOL | ONNX_P,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"poolbench", "LpPoolGrad", NULL, PB_LP, PB_BWD, false, POOL | ONNX_P,
     {PB_DST, PB_INPUT, NONE}, {PB_SRC, NONE, NONE}},
    {"poolbench", "AdaptiveMaxPool", NULL, PB_ADAPTIVE_MAX, PB_FWD, false, 0,
     {PB_SRC, NONE, NONE}, {PB_DST, PB_INDICES, NONE}},
    {"poolbench", "AdaptiveMaxPoolGrad", NULL, PB_ADAPTIVE_MAX, PB_BWD, false, 0,
     {PB_DST, PB_INDICES, NONE}, {PB_SRC, NONE, NONE}},
    {"poolbench", "AdaptiveAveragePool", NULL, PB_ADAPTIVE_AVG, PB_FWD, false, 0,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"poolbench", "AdaptiveAveragePoolGrad", NULL, PB_ADAPTIVE_AVG, PB_BWD, false, 0,
     {PB_DST, NONE, NONE}, {PB_SRC, NONE, NONE}},
    {"poolbench", "SpaceToDepth", NULL, PB_S2D, PB_FWD, false, BLOCKS,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"poolbench", "Blur", NULL, PB_BLUR, PB_FWD, false, FILTER,
     {PB_SRC, NONE, NONE}, {PB_DST, NONE, NONE}},
    {"poolbench", "BlurGrad", NULL, PB_BLUR, PB_BWD, false, FILTER,
     {PB_DST, NONE, NONE}, {PB_SRC, NONE, NONE}},

    {.domain = "", .type = "ConvTranspose", .out_of_scope = transposed},
    {.domain = "", .type = "DeformConv", .out_of_scope = deformed},
    {.domain = "", .type = "Col2Im", .out_of_scope = columns},
    {.domain = "", .type = "ConvInteger", .out_of_scope = quantised},
    {.domain = "", .type = "QLinearConv", .out_of_scope = quantised},
    {.domain = "com.microsoft", .type = "QLinearConv", .out_of_scope = quantised},
    {.domain = "com.microsoft", .type = "QLinearAveragePool", .out_of_scope = quantised},
    {.domain = "com.microsoft", .type = "QLinearGlobalAveragePool", .out_of_scope = quantised},
    {.domain = "", .type = "MaxUnpool", .out_of_scope = unpooling},
    {.domain = "", .type = "MaxRoiPool", .out_of_scope = regions},
    {.domain = "", .type = "RoiAlign", .out_of_scope = regions},
};
/* clang-format on */

const struct onnx_operator *onnx_operator_of(const Onnx__NodeProto *node) {
    const char *domain = onnx_text(node->domain), *type = onnx_text(node->op_type);
    if (strcmp(domain, "ai.onnx") == 0) domain = "";
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (!strcmp(domain, operators[i].domain) && !strcmp(type, operators[i].type))
            return &operators[i];
    return NULL;
}
