/* The rules of the contract (poolbench.h), each with the problems and data that decide it, so that
 * a kernel wrong in one is told by that one. */
#include "conformance/row_checks.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Data ------------------------------------------------------------------------------------ */

/* Draws a value; pb_fill's families know none of these. */
typedef double drawing(struct pb_rng *rng);

static double few_nan(struct pb_rng *rng) {
    return pb_rng_below(rng, 9) ? 2 * pb_rng_unit(rng) - 1 : NAN;
}

static double many_nan(struct pb_rng *rng) {
    return pb_rng_below(rng, 2) ? 2 * pb_rng_unit(rng) - 1 : NAN;
}

static double three_numbers(struct pb_rng *rng) {
    return (double)(pb_rng_below(rng, 3) - 1);
}

static double minus_infinity(struct pb_rng *rng) {
    (void)rng;
    return -INFINITY;
}

static double lowest(struct pb_rng *rng) {
    return pb_rng_below(rng, 3) ? -FLT_MAX : -INFINITY;
}

static double not_finite(struct pb_rng *rng) {
    switch (pb_rng_below(rng, 20)) {
    case 0:
        return INFINITY;
    case 1:
        return -INFINITY;
    case 2:
        return NAN;
    default:
        return 2 * pb_rng_unit(rng) - 1;
    }
}

static double subnormal(struct pb_rng *rng) {
    return ldexp((double)(1 + pb_rng_below(rng, 1000)), -149);
}

/* Sums of them pass 2^11 and 2^16 soon: what a 16-bit sum cannot hold. */
static double large(struct pb_rng *rng) {
    return (double)(500 + pb_rng_below(rng, 500));
}

static double large_of_both_signs(struct pb_rng *rng) {
    double magnitude = (double)(1 + pb_rng_below(rng, 4)) * ldexp(1, 100);
    return pb_rng_below(rng, 2) ? magnitude : -magnitude;
}

/* ---- Rules ----------------------------------------------------------------------------------- */

/* How a rule is decided. */
enum look {
    AT_VALUES,      /* outputs are as expected */
    AT_WEIGHTS,     /* … with the weights given at setup */
    AT_NO_BIAS,     /* … without the bias */
    AT_SUMS,        /* … over outputs that held numbers before, which must not be added to */
    AT_ONE_PLAN,    /* … three times with one plan, on two sets of data */
    AT_ODD_ADDRESS, /* … with every buffer one element past an aligned address */
    AT_THREADS,     /* outputs have the same bits whatever the number of threads */
    AT_UNWRITTEN,   /* no element of the outputs stays as it was */
    AT_OUTSIDE,     /* what stands around the outputs and inputs stays as it was */
    AT_INPUTS,      /* the inputs stay as they were */
};

enum {
    DST = 1 << PB_DST,
    INDICES = 1 << PB_INDICES,
    EVERY_ROLE = (1 << PB_ROLES) - 1,
    CASES_MOST = 20,
};

struct row_check_rule {
    const char *id, *sentence;
    enum look look;
    unsigned roles;              /* that are looked at, a bit for each */
    enum pb_data_pattern family; /* of the data, */
    drawing *draw;               /* unless this draws src (in bwd, dst) */
    struct row_check_case cases[CASES_MOST];
};

#define FORWARD "fwd fwd_idx"
#define EVERY_DIR "fwd fwd_idx bwd bwd_w"
#define AVERAGES "avg_p avg_np"
#define POOLS "max avg_p avg_np lp"
#define ADAPTIVE "adaptive_max adaptive_avg"
#define BYTE_MAXIMA "max:s8 max:u8"
#define BYTE_GLOBALS "gap:s8 gap:u8 gmp:s8 gmp:u8"
#define BYTE_AVERAGES "avg_p:s8 avg_p:u8 avg_np:s8 avg_np:u8"
#define GLOBALS "gap gmp"

/* One of each kind, for what has nothing to do with the operation. */
#define ONE_OF_EACH                                                                                \
    {POOLS, EVERY_DIR, "mb2ic17ih7kh3sh2ph1"}, {GLOBALS, EVERY_DIR, "mb2ic17ih7iw5"},              \
            {"conv", EVERY_DIR, "mb2ic5oc18ih7kh3sh2ph1"},                                         \
            {"conv", EVERY_DIR, "mb1ic17oc3iw9kw1"},                                               \
            {ADAPTIVE, EVERY_DIR, "mb2ic17ih7oh3_iw5ow7"},                                         \
            {"s2d", EVERY_DIR, "mb2ic3ih6kh2_iw9kw3"}, {"blur", EVERY_DIR, "mb2ic17ih8kh3sh2ph1"}, \
            {BYTE_MAXIMA " " BYTE_AVERAGES, FORWARD, "mb2ic17ih7kh3sh2ph1"}, {                     \
        BYTE_GLOBALS, FORWARD, "mb2ic17ih7iw5"                                                     \
    }

static const struct row_check_rule rules[] = {
        {"results",
         "each output is what the operation says of its window, over one, two and three axes",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{POOLS, EVERY_DIR, "mb2ic17iw35kw3sw2"},
          {POOLS, EVERY_DIR, "mb1ic3ih8kh2sh2_iw34kw2sw2"},
          {POOLS, EVERY_DIR, "mb1ic16id4ih4iw9kd2kh2kw3sd2sh2sw3"},
          {GLOBALS, EVERY_DIR, "mb2ic3iw9"},
          {GLOBALS, EVERY_DIR, "mb2ic17ih5iw7"},
          {GLOBALS, EVERY_DIR, "mb1ic16id2ih3iw5"},
          {"conv", EVERY_DIR, "mb2ic3oc17iw20kw3sw2"},
          {"conv", EVERY_DIR, "mb1ic17oc16ih7kh3"},
          {"conv", EVERY_DIR, "mb1ic4oc5id4ih5iw6kd2kh3kw2"},
          {ADAPTIVE, EVERY_DIR, "mb2ic17iw35ow8"},
          {ADAPTIVE, EVERY_DIR, "mb1ic3ih5oh3_iw34ow5"},
          {ADAPTIVE, EVERY_DIR, "mb1ic16id4od3ih5oh2_iw9ow4"},
          {"s2d", EVERY_DIR, "mb2ic3iw10kw2"},
          {"s2d", EVERY_DIR, "mb1ic17ih4kh2_iw6kw3"},
          {"s2d", EVERY_DIR, "mb1ic3id2ih4iw6kd2kh2kw2_crd"},
          {"blur", EVERY_DIR, "mb2ic17iw35kw4sw2"},
          {"blur", EVERY_DIR, "mb1ic3ih8kh3_iw34kw5sw2"}}},
        {"axes",
         "each axis has its own window, stride, padding and dilation",
         AT_VALUES,
         EVERY_ROLE,
         PB_NEGATIVE,
         NULL,
         {{POOLS, EVERY_DIR, "mb1ic3ih9kh3sh1ph1dh0_iw14kw2sw3pw0dw1"},
          {POOLS, EVERY_DIR, "mb1ic17ih11kh1sh4ph0dh0_iw9kw5sw2pw2dw0"},
          {POOLS, EVERY_DIR, "mb1ic2id5ih6iw7kd1kh2kw3sd3sh2sw1pd0ph1pw0dd0dh1dw0"},
          {GLOBALS, EVERY_DIR, "mb1ic3ih2iw11"},
          {"conv", EVERY_DIR, "mb1ic3oc4ih9kh3sh1ph1dh0_iw14kw2sw3pw0dw1"},
          {"conv", EVERY_DIR, "mb1ic2oc3id5ih6iw7kd1kh2kw3sd3sh2sw1pd0ph1pw0dd0dh1dw0"}}},
        {"dilation",
         "a dilated window skips positions, also where it reaches past the input",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{POOLS, EVERY_DIR, "mb1ic17ih11kh3ph2dh1"},
          {POOLS, EVERY_DIR, "mb1ic3ih3kh3ph3dh2"},
          {"conv", EVERY_DIR, "mb1ic5oc17ih11kh3ph2dh1"},
          {"conv", EVERY_DIR, "mb1ic3oc2ih3kh3ph3dh2"}}},
        {"groups",
         "a group of output channels sees its group of input channels alone",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"conv", EVERY_DIR, "g3mb2ic6oc9ih7kh3ph1"},
          {"conv", EVERY_DIR, "g17mb1ic17oc17ih7kh3sh2ph1"},
          {"conv", EVERY_DIR, "g2mb1ic34oc32ih4kh1"}}},
        {"one_sided_padding",
         "leading and trailing padding may differ, and input past the last window is unread",
         AT_VALUES,
         EVERY_ROLE,
         PB_NEGATIVE,
         NULL,
         {{POOLS, EVERY_DIR, "mb1ic17ih6oh3kh3sh2ph0"},
          {POOLS, EVERY_DIR, "mb1ic3ih6oh3kh3sh2ph1"},
          {POOLS, EVERY_DIR, "mb1ic3ih8oh2kh2sh1ph0"},
          {POOLS, EVERY_DIR, "mb1ic3ih5oh6kh3sh1ph2"},
          {"conv", EVERY_DIR, "mb1ic3oc17ih6oh3kh3sh2ph0"},
          {"conv", EVERY_DIR, "mb1ic3oc4ih8oh2kh2sh1ph0"},
          {"conv", EVERY_DIR, "mb1ic3oc4ih5oh6kh3sh1ph2"}}},
        {"max_nan",
         "a NaN in the window gives NaN",
         AT_VALUES,
         DST,
         PB_MIXED,
         few_nan,
         {{"max", FORWARD, "mb1ic19ih9kh3sh2"},
          {"max", FORWARD, "mb1ic3ih4kh2_iw35kw2"},
          {"max", FORWARD, "mb2ic3iw70kw2sw2"},
          {"gmp", FORWARD, "mb3ic17ih3"},
          {"adaptive_max", FORWARD, "mb1ic19ih7oh3_iw9ow4"}}},
        {"max_padding",
         "padding never wins, also over negative input",
         AT_VALUES,
         DST,
         PB_NEGATIVE,
         NULL,
         {{"max", FORWARD, "mb1ic19ih9kh3sh2ph1"},
          {"max", FORWARD, "mb1ic3ih5kh5ph2_iw35kw5pw2"},
          {"max", FORWARD, "mb1ic3iw8kw3sw2pw1_ceil"},
          {"max", FORWARD, "mb1ic2id3kd3pd1"}}},
        {"max_lowest",
         "a window of the lowest numbers gives the lowest, one of -Inf gives -Inf",
         AT_VALUES,
         DST,
         PB_MIXED,
         lowest,
         {{"max", FORWARD, "mb1ic17ih5kh2ph1"},
          {"max", FORWARD, "mb1ic2iw35kw3pw1"},
          {"gmp", FORWARD, "mb2ic17ih2iw1"},
          {"adaptive_max", FORWARD, "mb1ic19ih7oh3_iw9ow4"}}},
        {"max_tie",
         "the first of equal maxima in row-major order gives the index",
         AT_VALUES,
         INDICES,
         PB_MIXED,
         three_numbers,
         {{"max", "fwd_idx", "mb1ic19ih9kh3sh2"},
          {"max", "fwd_idx", "mb1ic3ih5kh3ph1_iw35kw3pw1"},
          {"max", "fwd_idx", "mb1ic2id4kd2"},
          {"gmp", "fwd_idx", "mb2ic17ih4"},
          {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {"max_infinite_tie",
         "a window of -Inf has the index of its first position",
         AT_VALUES,
         INDICES,
         PB_MIXED,
         minus_infinity,
         {{"max", "fwd_idx", "mb1ic17ih5kh3sh2ph1"},
          {"max", "fwd_idx", "mb1ic2iw35kw3"},
          {"gmp", "fwd_idx", "mb1ic17ih3"},
          {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {"max_nan_tie",
         "the last of several NaN gives the index",
         AT_VALUES,
         INDICES,
         PB_MIXED,
         many_nan,
         {{"max", "fwd_idx", "mb1ic19ih9kh3sh2"},
          {"max", "fwd_idx", "mb1ic3ih5kh3ph1_iw35kw3pw1"},
          {"gmp", "fwd_idx", "mb2ic17ih4"},
          {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {"indices",
         "an index is flat over the positions (d, h, w) of its own channel",
         AT_VALUES,
         INDICES,
         PB_MIXED,
         NULL,
         {{"max", "fwd_idx", "mb2ic19ih4kh2_iw9kw2"},
          {"max", "fwd_idx", "mb2ic3id3ih4iw5kd2kh2kw2"},
          {"gmp", "fwd_idx", "mb2ic17ih3iw5"},
          {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {"max_gradient",
         "a gradient goes to the one position that its index names",
         AT_VALUES,
         EVERY_ROLE,
         PB_TIES,
         NULL,
         {{"max", "bwd", "mb2ic17ih8kh2sh2"},
          {"max", "bwd", "mb1ic3id4kd2sd2"},
          {"gmp", "bwd", "mb2ic17ih3iw5"},
          {"adaptive_max", "bwd", "mb1ic19ih7oh3_iw9ow4"}}},
        {"max_empty_window",
         "the maximum of a window without input is -Inf",
         AT_VALUES,
         DST,
         PB_MIXED,
         NULL,
         {{"max", FORWARD, "mb1ic17ih4kh2sh2ph2"}, {"max", FORWARD, "mb1ic3iw3kw2dw4pw3"}}},
        {"max_empty_index",
         "a window without input has index -1, and sends no gradient",
         AT_VALUES,
         INDICES | 1 << PB_SRC,
         PB_MIXED,
         NULL,
         {{"max", "fwd_idx bwd", "mb1ic17ih4kh2sh2ph2"},
          {"max", "fwd_idx bwd", "mb1ic3iw3kw2dw4pw3"}}},
        {"average_empty_window",
         "the average of a window without input is 0, and sends no gradient",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{AVERAGES, "fwd bwd", "mb1ic17ih4kh2sh2ph2"},
          {AVERAGES, "fwd", "mb1ic3iw3kw2dw4pw3"},
          {"lp", "fwd bwd", "mb1ic17ih4kh2sh2ph2"}}},
        {"avg_p_divisor",
         "avg_p divides by the positions inside the input and its declared padding",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"avg_p", "fwd bwd", "mb1ic17ih9kh3sh2ph1"},
          {"avg_p", "fwd bwd", "mb1ic3ih6oh6kh4ph1_iw35ow35kw4pw1"},
          {"avg_p", "fwd bwd", "mb1ic2id3kd3pd1"}}},
        {"avg_np_divisor",
         "avg_np divides by the positions inside the input",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"avg_np", "fwd bwd", "mb1ic17ih9kh3sh2ph1"},
          {"avg_np", "fwd bwd", "mb1ic3ih6oh6kh4ph1_iw35ow35kw4pw1"},
          {"avg_np", "fwd bwd", "mb1ic2id3kd3pd1"}}},
        {"ceil_overhang",
         "an overhang made by ceil counts in no divisor and adds nothing",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{AVERAGES, "fwd bwd", "mb1ic17ih8kh3sh2_ceil"},
          {AVERAGES, "fwd bwd", "mb1ic3ih8kh3sh2ph1_iw34kw3sw2pw1_ceil"},
          {AVERAGES, "fwd bwd", "mb1ic2iw6kw4sw4_ceil"},
          {"lp", "fwd bwd", "mb1ic17ih8kh3sh2_ceil"}}},
        {"divisor_override",
         "a divisor override replaces the divisor, whatever of the window lies inside",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{AVERAGES, "fwd bwd", "mb1ic17ih9kh3sh2ph1_div7"},
          {AVERAGES, "fwd bwd", "mb1ic3iw35kw2_div1"},
          {AVERAGES, "fwd bwd", "mb1ic3ih6kh4sh2_ceil_div2"}}},
        {"sum_nan",
         "NaN and Inf come through a sum as IEEE 754 adds them",
         AT_VALUES,
         EVERY_ROLE,
         PB_SPECIAL,
         not_finite,
         {{AVERAGES, "fwd bwd", "mb1ic17ih9kh3sh2ph1"},
          {"gap", "fwd bwd", "mb4ic17ih3"},
          {"conv", "fwd bwd bwd_w", "mb1ic2oc17ih6kh2"},
          {"adaptive_avg", "fwd bwd", "mb1ic17ih7oh3"},
          {"blur", "fwd bwd", "mb1ic17ih8kh3sh2ph1"}}},
        {"subnormals",
         "subnormal numbers count",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         subnormal,
         {{POOLS, EVERY_DIR, "mb1ic17ih8kh2sh2"},
          {GLOBALS, EVERY_DIR, "mb1ic17ih3"},
          {"conv", "fwd bwd", "mb1ic3oc17ih5kh2"},
          {"adaptive_avg", "fwd", "mb1ic17ih7oh3"}}},
        {"accumulation",
         "sums are in f32 or better, also long ones",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         large,
         {{AVERAGES, "fwd bwd", "mb1ic3ih20kh15"},
          {"gap", "fwd", "mb1ic17ih255"},
          {"conv", EVERY_DIR, "mb1ic64oc17ih6kh3"},
          {"conv", EVERY_DIR, "mb8ic2oc3ih24kh3"},
          {"adaptive_avg", "fwd", "mb1ic3ih40oh2"}}},
        {"cancellation",
         "large numbers of both signs cancel without a trace of what is not in the window",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         large_of_both_signs,
         {{AVERAGES, "fwd bwd", "mb1ic17ih9kh3"},
          {"gap", "fwd", "mb2ic17ih5"},
          {"conv", "fwd bwd", "mb1ic3oc17ih6kh3"}}},
        {"lp",
         "lp is (sum |x|^p)^(1/p), over negatives too, whole or fractional p",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"lp", "fwd", "mb1ic17ih7kh3sh2ph1_pow1"},
          {"lp", "fwd", "mb1ic3iw35kw3"},
          {"lp", "fwd", "mb1ic17ih7kh3_pow3"},
          {"lp", "fwd", "mb1ic3ih7kh2_pow1.5"},
          {"lp", "fwd", "mb1ic3ih7kh2_pow0.5"}}},
        {"lp_gradient",
         "the gradient of lp is dy sign(x) (|x| / y)^(p-1), and 0 where x or y is 0",
         AT_VALUES,
         EVERY_ROLE,
         PB_SPARSE,
         NULL,
         {{"lp", "bwd", "mb1ic17ih7kh3sh2ph1_pow1"},
          {"lp", "bwd", "mb1ic3iw35kw3"},
          {"lp", "bwd", "mb1ic17ih7kh3_pow3"},
          {"lp", "bwd", "mb1ic3ih7kh2_pow1.5"}}},
        {"lp_range",
         "no power of lp overflows where the result does not",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         large_of_both_signs,
         {{"lp", "fwd", "mb1ic17ih7kh3sh2ph1"}, {"lp", "fwd", "mb1ic3iw35kw3_pow3"}}},
        {"adaptive_windows",
         "adaptive window o spans floor(o i / O) to ceil((o + 1) i / O) - 1",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{ADAPTIVE, EVERY_DIR, "mb1ic17ih7oh3_iw10ow4"},
          {ADAPTIVE, EVERY_DIR, "mb1ic3ih3oh7_iw5ow5"},
          {ADAPTIVE, EVERY_DIR, "mb1ic3ih9oh1_iw8ow2"}}},
        {"s2d_order",
         "channels of s2d are blocks kd, kh, kw, then ic; with crd ic, then kd, kh, kw",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"s2d", EVERY_DIR, "mb1ic3ih4kh2_iw6kw3"},
          {"s2d", EVERY_DIR, "mb1ic3ih4kh2_iw6kw3_crd"}}},
        {"blur_reflects",
         "padding of blur reflects the input about its end positions",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"blur", "fwd bwd", "mb1ic17ih8kh5sh2ph2"},
          {"blur", "fwd bwd", "mb1ic3ih8oh8kh4_iw9ow9kw6"},
          {"blur", "fwd bwd", "mb1ic3iw20kw7sw2pw3"}}},
        {"integer_max",
         "a maximum of 8 bits is exact, padding never wins, the first of equals gives the index",
         AT_VALUES,
         EVERY_ROLE,
         PB_SPECIAL,
         NULL,
         {{BYTE_MAXIMA, FORWARD, "mb1ic17ih7kh3sh2ph1"},
          {BYTE_MAXIMA, FORWARD, "mb1ic3iw70kw3pw1"},
          {"gmp:s8 gmp:u8", FORWARD, "mb2ic17ih3"}}},
        {"integer_average",
         "an average of 8 bits is of a sum that never overflows, rounded half to even",
         AT_VALUES,
         EVERY_ROLE,
         PB_TIES,
         NULL,
         {{BYTE_AVERAGES, "fwd", "mb1ic17ih8kh2sh2"},
          {BYTE_AVERAGES, "fwd", "mb1ic3ih9kh3sh2ph1"},
          {BYTE_AVERAGES, "fwd", "mb1ic3iw70kw4"},
          {"gap:s8 gap:u8", "fwd", "mb3ic17ih2"}}},
        {"integer_saturation",
         "an average of 8 bits with a small divisor saturates",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{BYTE_AVERAGES, "fwd", "mb1ic17ih8kh2sh2_div1"},
          {BYTE_AVERAGES, "fwd", "mb1ic3iw70kw4_div3"}}},
        {"gradients_written",
         "a gradient is written, not added to what was there, and 0 where no window looks",
         AT_SUMS,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{POOLS, "bwd", "mb1ic17ih8kh2sh3"},
          {POOLS, "bwd", "mb1ic3iw40kw3"},
          {GLOBALS, "bwd", "mb1ic17ih3"},
          {"conv", "bwd bwd_w", "mb1ic3oc17ih8kh2sh3"},
          {"conv", "bwd bwd_w", "mb1ic17oc5ih5kh3ph1"},
          {ADAPTIVE, "bwd", "mb1ic17ih7oh3"},
          {"s2d", "bwd", "mb1ic3ih6kh2"},
          {"blur", "bwd", "mb1ic17ih8kh3sh3"}}},
        {"gradients_overlap",
         "gradients of overlapping windows sum, in f32 or better",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         large,
         {{POOLS, "bwd", "mb1ic17ih9kh5"},
          {POOLS, "bwd", "mb1ic3ih7kh3ph1_iw36kw5pw2"},
          {POOLS, "bwd", "mb1ic2id5kd3"},
          {"conv", "bwd", "mb1ic3oc17ih9kh5"},
          {ADAPTIVE, "bwd", "mb1ic17ih7oh5"},
          {"blur", "bwd", "mb1ic17ih8kh5ph2"}}},
        {"bias",
         "a convolution may be run without a bias",
         AT_NO_BIAS,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"conv", "fwd bwd_w", "mb1ic3oc17ih6kh3"}, {"conv", "fwd bwd_w", "mb2ic17oc5ih4kh1"}}},
        {"weights_at_setup",
         "weights given at setup give what weights given at run do",
         AT_WEIGHTS,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{"conv", "fwd bwd", "mb1ic3oc17ih6kh3"},
          {"conv", "fwd bwd", "g2mb2ic34oc6ih5kh3sh2ph1"}}},
        {"one_plan",
         "a plan leaves nothing of one run in the next",
         AT_ONE_PLAN,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {ONE_OF_EACH}},
        {"odd_addresses",
         "buffers need no alignment beyond that of an element",
         AT_ODD_ADDRESS,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {ONE_OF_EACH}},
        {"zero_batch",
         "a batch of 0 is valid and writes nothing but a gradient of 0",
         AT_VALUES,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {{POOLS, EVERY_DIR, "mb0ic17ih8kh2sh2"},
          {GLOBALS, EVERY_DIR, "mb0ic3ih4"},
          {"conv", EVERY_DIR, "mb0ic3oc17ih6kh3"},
          {ADAPTIVE, EVERY_DIR, "mb0ic3ih4oh3"},
          {"s2d blur", EVERY_DIR, "mb0ic3ih4kh2sh2"}}},
        {"threads",
         "the same bits at every number of threads",
         AT_THREADS,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {ONE_OF_EACH,
          {POOLS, EVERY_DIR, "mb1ic3ih37kh3_iw41kw3"},
          {GLOBALS, EVERY_DIR, "mb1ic40ih33"},
          {"conv", EVERY_DIR, "mb3ic9oc40ih13kh3ph1"}}},
        {"written_fully",
         "every element of the outputs is written",
         AT_UNWRITTEN,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {ONE_OF_EACH,
          {POOLS, EVERY_DIR, "mb1ic33ih5kh2sh2_iw35kw2sw2"},
          {POOLS, EVERY_DIR, "mb1ic3ih4kh2sh2ph2"}}},
        {"written_inside",
         "nothing but the outputs is written",
         AT_OUTSIDE,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {ONE_OF_EACH,
          {POOLS, EVERY_DIR, "mb1ic33ih5kh2sh2_iw35kw2sw2"},
          {POOLS, EVERY_DIR, "mb0ic3ih4kh2sh2"}}},
        {"inputs_unchanged",
         "the inputs stay as they were",
         AT_INPUTS,
         EVERY_ROLE,
         PB_MIXED,
         NULL,
         {ONE_OF_EACH}},
};

size_t row_check_rule_count(void) {
    return sizeof rules / sizeof *rules;
}
const char *row_check_rule_id(size_t rule) {
    return rules[rule].id;
}
const char *row_check_rule_sentence(size_t rule) {
    return rules[rule].sentence;
}

/* ---- One check ------------------------------------------------------------------------------- */

struct check {
    const struct row_check_rule *rule;
    const struct pb_kernel *kernel;
    struct pb_finding *finding;
    struct pb_trial trial;
};

static bool written(const struct check *c, int role) {
    return pb_role_written(&c->trial.problem, (enum pb_role)role) &&
           c->trial.args.tensor[role].data;
}

/* Draws the data; what the rule does not draw is of its family. */
static enum pb_status begin(struct check *c, const struct pb_problem *problem, uint64_t seed) {
    struct pb_rng rng = {seed};
    int drawn = problem->dir == PB_BWD ? PB_DST : PB_SRC;
    enum pb_status status = pb_trial_allocate(&c->trial, problem);
    if (!status) status = pb_fill(problem, &c->trial.args, c->rule->family, seed);
    if (status) return status;
    const struct pb_tensor *t = &c->trial.args.tensor[drawn];
    for (int64_t i = 0; c->rule->draw && i < pb_tensor_count(t); i++)
        row_check_set(t, i, c->rule->draw(&rng));
    if (c->rule->look == AT_NO_BIAS) c->trial.args.bias.data = NULL;
    return pb_trial_expect(&c->trial);
}

/* Compares the roles that the rule looks at. */
static enum pb_status compare(const struct check *c, const struct pb_args *args) {
    struct pb_args seen = *args;
    for (int role = 0; role < PB_ROLES; role++)
        if (!(c->rule->roles & 1u << role)) seen.tensor[role].data = NULL;
    return pb_compare(&c->trial.problem, &seen, &c->trial.expected);
}

static enum pb_status at_values(struct check *c) {
    const struct pb_args *args = &c->trial.args;
    pb_poison(&c->trial.problem, args);
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem,
                                          c->rule->look == AT_WEIGHTS ? args : NULL, args);
    return status ? status : compare(c, args);
}

static enum pb_status at_sums(struct check *c) {
    const struct pb_args *args = &c->trial.args;
    for (int role = 0; role < PB_ROLES; role++)
        for (int64_t i = 0; written(c, role) && i < pb_tensor_count(&args->tensor[role]); i++)
            row_check_set(&args->tensor[role], i, 3);
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem, NULL, args);
    return status ? status : compare(c, args);
}

static enum pb_status at_one_plan(struct check *c) {
    const struct pb_problem *problem = &c->trial.problem;
    struct check other = *c;
    void *plan = NULL;
    enum pb_status status = begin(&other, problem, 2);
    if (!status) status = c->kernel->setup(problem, NULL, &plan);
    for (int run = 0; run < 3 && !status; run++) {
        struct check *now = run == 1 ? &other : c;
        pb_poison(problem, &now->trial.args);
        status = c->kernel->run(problem, plan, &now->trial.args);
        if (!status) status = compare(now, &now->trial.args);
    }
    c->kernel->done(plan);
    pb_trial_end(&other.trial);
    return status;
}

static enum pb_status at_odd_address(struct check *c) {
    struct pb_args moved = c->trial.args;
    struct pb_buffer buffer[PB_ROLES] = {0};
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES && !status; role++) {
        struct pb_tensor *t = &moved.tensor[role];
        size_t bytes = pb_tensor_bytes(t), step = pb_dtype_size(t->dtype);
        if (!t->data) continue;
        status = pb_buffer_alloc(&buffer[role], bytes + step);
        if (status) break;
        t->data = (char *)buffer[role].data + step;
        memcpy(t->data, c->trial.args.tensor[role].data, bytes);
    }
    if (!status) {
        pb_poison(&c->trial.problem, &moved);
        status = row_check_run(c->kernel, &c->trial.problem, NULL, &moved);
    }
    if (!status) status = compare(c, &moved);
    for (int role = 0; role < PB_ROLES; role++) pb_buffer_free(&buffer[role]);
    return status;
}

/* The bytes of every output, one after the other, after a run over `before` in each; to free. */
static unsigned char *outputs(struct check *c, int before, size_t *bytes, enum pb_status *status) {
    const struct pb_args *args = &c->trial.args;
    *bytes = 0;
    for (int role = 0; role < PB_ROLES; role++)
        if (written(c, role)) {
            memset(args->tensor[role].data, before, c->trial.buffer[role].bytes);
            *bytes += c->trial.buffer[role].bytes;
        }
    unsigned char *all = malloc(*bytes + 1), *at = all;
    if (!all) {
        *status = pb_fail(PB_NOMEM, "no memory for %zu bytes of outputs", *bytes);
        return NULL;
    }
    *status = row_check_run(c->kernel, &c->trial.problem, NULL, args);
    for (int role = 0; role < PB_ROLES; role++)
        if (written(c, role)) {
            memcpy(at, args->tensor[role].data, c->trial.buffer[role].bytes);
            at += c->trial.buffer[role].bytes;
        }
    return all;
}

static enum pb_status at_threads(struct check *c) {
    enum { MOST = 5 };
    int before = pb_threads();
    size_t bytes;
    enum pb_status status;
    pb_set_threads(1);
    unsigned char *one = outputs(c, 0x5a, &bytes, &status);
    for (int threads = 2; threads <= MOST && !status; threads++) {
        pb_set_threads(threads);
        unsigned char *more = outputs(c, 0x5a, &bytes, &status);
        if (!status && memcmp(one, more, bytes) != 0)
            status = pb_fail(PB_PROVIDER, "1 and %d threads give different bits", threads);
        free(more);
    }
    pb_set_threads(before);
    free(one);
    return status;
}

/* An element is unwritten where two runs leave two different contents as they were. */
static enum pb_status at_unwritten(struct check *c) {
    size_t bytes;
    enum pb_status status;
    unsigned char *a = outputs(c, 0x5a, &bytes, &status), *b = NULL;
    if (!status) b = outputs(c, 0xa5, &bytes, &status);
    const unsigned char *a_at = a, *b_at = b;
    for (int role = 0; role < PB_ROLES && !status; role++) {
        const struct pb_tensor *t = &c->trial.args.tensor[role];
        size_t size = pb_dtype_size(t->dtype);
        if (!written(c, role)) continue;
        for (int64_t i = 0; i < pb_tensor_count(t) && !status; i++) {
            struct pb_tensor of_a = *t, of_b = *t;
            unsigned char pattern[2][8];
            memset(pattern[0], 0x5a, size);
            memset(pattern[1], 0xa5, size);
            of_a.data = (void *)a_at;
            of_b.data = (void *)b_at;
            if (memcmp(row_check_place(&of_a, i), pattern[0], size) == 0 &&
                memcmp(row_check_place(&of_b, i), pattern[1], size) == 0)
                status = pb_fail(PB_PROVIDER, "left element %lld of %s unwritten", (long long)i,
                                 pb_role_name((enum pb_role)role));
        }
        a_at += c->trial.buffer[role].bytes;
        b_at += c->trial.buffer[role].bytes;
    }
    free(a);
    free(b);
    return status;
}

static enum pb_status at_outside(struct check *c) {
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem, NULL, &c->trial.args);
    for (int role = 0; role < PB_ROLES && !status; role++)
        if (c->trial.buffer[role].base && !pb_buffer_intact(&c->trial.buffer[role]))
            status = pb_fail(PB_PROVIDER, "wrote outside %s", pb_role_name((enum pb_role)role));
    return status;
}

static enum pb_status at_inputs(struct check *c) {
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem, NULL, &c->trial.args);
    for (int role = 0; role < PB_ROLES && !status; role++) {
        const struct pb_buffer *copy = &c->trial.copy[role];
        if (copy->base && memcmp(copy->data, c->trial.buffer[role].data, copy->bytes) != 0)
            status = pb_fail(PB_PROVIDER, "changed its input %s", pb_role_name((enum pb_role)role));
    }
    return status;
}

static enum pb_status (*const looks[])(struct check *) = {
        [AT_VALUES] = at_values,   [AT_WEIGHTS] = at_values,      [AT_NO_BIAS] = at_values,
        [AT_SUMS] = at_sums,       [AT_ONE_PLAN] = at_one_plan,   [AT_ODD_ADDRESS] = at_odd_address,
        [AT_THREADS] = at_threads, [AT_UNWRITTEN] = at_unwritten, [AT_OUTSIDE] = at_outside,
        [AT_INPUTS] = at_inputs,
};

/* ---- A rule ---------------------------------------------------------------------------------- */

static enum pb_status hold(const struct pb_problem *problem, void *context) {
    struct check *c = context;
    enum pb_status status = begin(c, problem, 1);
    if (!status) {
        enum pb_status outcome = looks[c->rule->look](c);
        if (outcome == PB_NOMEM) {
            status = outcome;
        } else if (outcome) {
            char text[PB_TEXT_SIZE], sentence[PB_SENTENCE_SIZE];
            snprintf(sentence, sizeof sentence, "%s", pb_error());
            outcome = pb_fail(outcome, "%s: %s: %s", c->kernel->name, sentence,
                              pb_problem_print(problem, text));
        }
        if (!status)
            row_check_count(c->finding, outcome, c->kernel, problem,
                            c->rule->look == AT_THREADS ? PB_WITH_THREADS
                                                        : row_check_seen(&c->trial));
    }
    pb_trial_end(&c->trial);
    return status;
}

enum pb_status row_check_rule(size_t rule, const struct pb_kernel *kernel, enum pb_op op,
                              enum pb_layout layout, struct pb_finding *finding) {
    struct check check = {.rule = &rules[rule], .kernel = kernel, .finding = finding};
    enum pb_status status = PB_OK;
    for (int i = 0; i < CASES_MOST && rules[rule].cases[i].ops && !status; i++)
        status = row_check_each(&rules[rule].cases[i], kernel, op, layout, hold, &check);
    return status;
}
