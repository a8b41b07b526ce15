/* The rules of the contract (poolbench.h), each with the problems and data that decide it, so that
 * a kernel wrong in one is told by that one. */
#include "conformance/rule_checks.h"
#include "conformance/rule_data.h"
#include <stdio.h>

/* ---- The table ------------------------------------------------------------------------------- */

enum { DST = 1 << PB_DST, INDICES = 1 << PB_INDICES };

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
        {.id = "results",
         .sentence = "each output is what the operation says of its window, over one, two "
                     "and three axes",
         .cases = {{POOLS, EVERY_DIR, "mb2ic17iw35kw3sw2"},
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
        {.id = "axes",
         .sentence = "each axis has its own window, stride, padding and dilation",
         .pattern = PB_NEGATIVE,
         .cases = {{POOLS, EVERY_DIR, "mb1ic3ih9kh3sh1ph1dh0_iw14kw2sw3pw0dw1"},
                   {POOLS, EVERY_DIR, "mb1ic17ih11kh1sh4ph0dh0_iw9kw5sw2pw2dw0"},
                   {POOLS, EVERY_DIR, "mb1ic2id5ih6iw7kd1kh2kw3sd3sh2sw1pd0ph1pw0dd0dh1dw0"},
                   {GLOBALS, EVERY_DIR, "mb1ic3ih2iw11"},
                   {"conv", EVERY_DIR, "mb1ic3oc4ih9kh3sh1ph1dh0_iw14kw2sw3pw0dw1"},
                   {"conv", EVERY_DIR, "mb1ic2oc3id5ih6iw7kd1kh2kw3sd3sh2sw1pd0ph1pw0dd0dh1dw0"}}},
        {.id = "dilation",
         .sentence = "a dilated window skips positions, also where it reaches past the input",
         .cases = {{POOLS, EVERY_DIR, "mb1ic17ih11kh3ph2dh1"},
                   {POOLS, EVERY_DIR, "mb1ic3ih3kh3ph3dh2"},
                   {"conv", EVERY_DIR, "mb1ic5oc17ih11kh3ph2dh1"},
                   {"conv", EVERY_DIR, "mb1ic3oc2ih3kh3ph3dh2"}}},
        {.id = "groups",
         .sentence = "a group of output channels sees its group of input channels alone",
         .cases = {{"conv", EVERY_DIR, "g3mb2ic6oc9ih7kh3ph1"},
                   {"conv", EVERY_DIR, "g17mb1ic17oc17ih7kh3sh2ph1"},
                   {"conv", EVERY_DIR, "g2mb1ic34oc32ih4kh1"}}},
        {.id = "one_sided_padding",
         .sentence = "leading and trailing padding may differ, and input past the last "
                     "window is unread",
         .pattern = PB_NEGATIVE,
         .cases = {{POOLS, EVERY_DIR, "mb1ic17ih6oh3kh3sh2ph0"},
                   {POOLS, EVERY_DIR, "mb1ic3ih6oh3kh3sh2ph1"},
                   {POOLS, EVERY_DIR, "mb1ic3ih8oh2kh2sh1ph0"},
                   {POOLS, EVERY_DIR, "mb1ic3ih5oh6kh3sh1ph2"},
                   {"conv", EVERY_DIR, "mb1ic3oc17ih6oh3kh3sh2ph0"},
                   {"conv", EVERY_DIR, "mb1ic3oc4ih8oh2kh2sh1ph0"},
                   {"conv", EVERY_DIR, "mb1ic3oc4ih5oh6kh3sh1ph2"}}},
        {.id = "max_nan",
         .sentence = "a NaN in the window gives NaN",
         .roles = DST,
         .draw = rule_draw_few_nan,
         .cases = {{"max", FORWARD, "mb1ic19ih9kh3sh2"},
                   {"max", FORWARD, "mb1ic3ih4kh2_iw35kw2"},
                   {"max", FORWARD, "mb2ic3iw70kw2sw2"},
                   {"gmp", FORWARD, "mb3ic17ih3"},
                   {"adaptive_max", FORWARD, "mb1ic19ih7oh3_iw9ow4"}}},
        {.id = "max_padding",
         .sentence = "padding never wins, also over negative input",
         .roles = DST,
         .pattern = PB_NEGATIVE,
         .cases = {{"max", FORWARD, "mb1ic19ih9kh3sh2ph1"},
                   {"max", FORWARD, "mb1ic3ih5kh5ph2_iw35kw5pw2"},
                   {"max", FORWARD, "mb1ic3iw8kw3sw2pw1_ceil"},
                   {"max", FORWARD, "mb1ic2id3kd3pd1"}}},
        {.id = "max_lowest",
         .sentence = "a window of the lowest numbers gives the lowest, one of -Inf gives -Inf",
         .roles = DST,
         .draw = rule_draw_lowest,
         .cases = {{"max", FORWARD, "mb1ic17ih5kh2ph1"},
                   {"max", FORWARD, "mb1ic2iw35kw3pw1"},
                   {"gmp", FORWARD, "mb2ic17ih2iw1"},
                   {"adaptive_max", FORWARD, "mb1ic19ih7oh3_iw9ow4"}}},
        {.id = "max_tie",
         .sentence = "the first of equal maxima in row-major order gives the index",
         .roles = INDICES,
         .draw = rule_draw_three_numbers,
         .cases = {{"max", "fwd_idx", "mb1ic19ih9kh3sh2"},
                   {"max", "fwd_idx", "mb1ic3ih5kh3ph1_iw35kw3pw1"},
                   {"max", "fwd_idx", "mb1ic2id4kd2"},
                   {"gmp", "fwd_idx", "mb2ic17ih4"},
                   {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {.id = "max_infinite_tie",
         .sentence = "a window of -Inf has the index of its first position",
         .roles = INDICES,
         .draw = rule_draw_minus_infinity,
         .cases = {{"max", "fwd_idx", "mb1ic17ih5kh3sh2ph1"},
                   {"max", "fwd_idx", "mb1ic2iw35kw3"},
                   {"gmp", "fwd_idx", "mb1ic17ih3"},
                   {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {.id = "max_nan_tie",
         .sentence = "the last of several NaN gives the index",
         .roles = INDICES,
         .draw = rule_draw_many_nan,
         .cases = {{"max", "fwd_idx", "mb1ic19ih9kh3sh2"},
                   {"max", "fwd_idx", "mb1ic3ih5kh3ph1_iw35kw3pw1"},
                   {"gmp", "fwd_idx", "mb2ic17ih4"},
                   {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {.id = "indices",
         .sentence = "an index is flat over the positions (d, h, w) of its own channel",
         .roles = INDICES,
         .cases = {{"max", "fwd_idx", "mb2ic19ih4kh2_iw9kw2"},
                   {"max", "fwd_idx", "mb2ic3id3ih4iw5kd2kh2kw2"},
                   {"gmp", "fwd_idx", "mb2ic17ih3iw5"},
                   {"adaptive_max", "fwd_idx", "mb1ic19ih7oh3_iw9ow4"}}},
        {.id = "max_gradient",
         .sentence = "a gradient goes to the one position that its index names",
         .pattern = PB_TIES,
         .cases = {{"max", "bwd", "mb2ic17ih8kh2sh2"},
                   {"max", "bwd", "mb1ic3id4kd2sd2"},
                   {"gmp", "bwd", "mb2ic17ih3iw5"},
                   {"adaptive_max", "bwd", "mb1ic19ih7oh3_iw9ow4"}}},
        {.id = "max_empty_window",
         .sentence = "the maximum of a window without input is -Inf",
         .roles = DST,
         .cases = {{"max", FORWARD, "mb1ic17ih4kh2sh2ph2"},
                   {"max", FORWARD, "mb1ic3iw3kw2dw4pw3"}}},
        {.id = "max_empty_index",
         .sentence = "a window without input has index -1, and sends no gradient",
         .roles = INDICES | 1 << PB_SRC,
         .cases = {{"max", "fwd_idx bwd", "mb1ic17ih4kh2sh2ph2"},
                   {"max", "fwd_idx bwd", "mb1ic3iw3kw2dw4pw3"}}},
        {.id = "average_empty_window",
         .sentence = "the average of a window without input is 0, and sends no gradient",
         .cases = {{AVERAGES, "fwd bwd", "mb1ic17ih4kh2sh2ph2"},
                   {AVERAGES, "fwd", "mb1ic3iw3kw2dw4pw3"},
                   {"lp", "fwd bwd", "mb1ic17ih4kh2sh2ph2"}}},
        {.id = "avg_p_divisor",
         .sentence = "avg_p divides by the positions inside the input and its declared padding",
         .cases = {{"avg_p", "fwd bwd", "mb1ic17ih9kh3sh2ph1"},
                   {"avg_p", "fwd bwd", "mb1ic3ih6oh6kh4ph1_iw35ow35kw4pw1"},
                   {"avg_p", "fwd bwd", "mb1ic2id3kd3pd1"}}},
        {.id = "avg_np_divisor",
         .sentence = "avg_np divides by the positions inside the input",
         .cases = {{"avg_np", "fwd bwd", "mb1ic17ih9kh3sh2ph1"},
                   {"avg_np", "fwd bwd", "mb1ic3ih6oh6kh4ph1_iw35ow35kw4pw1"},
                   {"avg_np", "fwd bwd", "mb1ic2id3kd3pd1"}}},
        {.id = "ceil_overhang",
         .sentence = "an overhang made by ceil counts in no divisor and adds nothing",
         .cases = {{AVERAGES, "fwd bwd", "mb1ic17ih8kh3sh2_ceil"},
                   {AVERAGES, "fwd bwd", "mb1ic3ih8kh3sh2ph1_iw34kw3sw2pw1_ceil"},
                   {AVERAGES, "fwd bwd", "mb1ic2iw6kw4sw4_ceil"},
                   {"lp", "fwd bwd", "mb1ic17ih8kh3sh2_ceil"}}},
        {.id = "divisor_override",
         .sentence = "a divisor override replaces the divisor, whatever of the window lies "
                     "inside",
         .cases = {{AVERAGES, "fwd bwd", "mb1ic17ih9kh3sh2ph1_div7"},
                   {AVERAGES, "fwd bwd", "mb1ic3iw35kw2_div1"},
                   {AVERAGES, "fwd bwd", "mb1ic3ih6kh4sh2_ceil_div2"}}},
        {.id = "sum_nan",
         .sentence = "NaN and Inf come through a sum as IEEE 754 adds them",
         .pattern = PB_SPECIAL,
         .draw = rule_draw_not_finite,
         .cases = {{AVERAGES, "fwd bwd", "mb1ic17ih9kh3sh2ph1"},
                   {AVERAGES, "fwd bwd", "mb1ic3iw40kw4sw2"},
                   {"gap", "fwd bwd", "mb4ic17ih3"},
                   {"conv", "fwd bwd bwd_w", "mb1ic2oc17ih6kh2"},
                   {"adaptive_avg", "fwd bwd", "mb1ic17ih7oh3"},
                   {"blur", "fwd bwd", "mb1ic17ih8kh3sh2ph1"}}},
        {.id = "subnormals",
         .sentence = "subnormal numbers count",
         .draw = rule_draw_subnormal,
         .cases = {{POOLS, EVERY_DIR, "mb1ic17ih8kh2sh2"},
                   {GLOBALS, EVERY_DIR, "mb1ic17ih3"},
                   {"conv", "fwd bwd", "mb1ic3oc17ih5kh2"},
                   {"adaptive_avg", "fwd", "mb1ic17ih7oh3"}}},
        {.id = "accumulation",
         .sentence = "sums are in f32 or better, also long ones",
         .draw = rule_draw_large,
         .cases = {{AVERAGES, "fwd bwd", "mb1ic3ih20kh15"},
                   {"gap", "fwd", "mb1ic17ih255"},
                   {"conv", EVERY_DIR, "mb1ic64oc17ih6kh3"},
                   {"conv", EVERY_DIR, "mb8ic2oc3ih24kh3"},
                   {"adaptive_avg", "fwd", "mb1ic3ih40oh2"}}},
        {.id = "long_sums",
         .sentence = "a long sum is as right as one of blocks or pairs",
         .draw = rule_draw_alike,
         .cases = {{AVERAGES, "fwd", "mb1ic1ih1024kh1024"},
                   {AVERAGES, "fwd", "mb1ic3iw66000kw65999"},
                   {AVERAGES, "fwd", "mb1ic1id256kd256_ih256kh256_iw2kw1"},
                   {"lp", "fwd", "mb1ic1ih256kh256"},
                   {"gap", "fwd", "mb1ic1ih1024"},
                   {"gap", "fwd", "mb2ic17iw65537"},
                   {"adaptive_avg", "fwd", "mb1ic1ih1024oh1"},
                   {"adaptive_avg", "fwd", "mb1ic17iw200000ow2"},
                   {"adaptive_avg", "bwd", "mb1ic1iw1ow300000"},
                   {"conv", "bwd_w", "mb1ic1oc1iw300000kw1"}}},
        {.id = "cancellation",
         .sentence = "large numbers of both signs cancel without a trace of what is not in "
                     "the window",
         .draw = rule_draw_large_of_both_signs,
         .cases = {{AVERAGES, "fwd bwd", "mb1ic17ih9kh3"},
                   {"gap", "fwd", "mb2ic17ih5"},
                   {"conv", "fwd bwd", "mb1ic3oc17ih6kh3"}}},
        {.id = "lp",
         .sentence = "lp is (sum |x|^p)^(1/p), over negatives too, whole or fractional p",
         .cases = {{"lp", "fwd", "mb1ic17ih7kh3sh2ph1_pow1"},
                   {"lp", "fwd", "mb1ic3iw35kw3"},
                   {"lp", "fwd", "mb1ic17ih7kh3_pow3"},
                   {"lp", "fwd", "mb1ic3ih7kh2_pow1.5"},
                   {"lp", "fwd", "mb1ic3ih7kh2_pow0.5"}}},
        {.id = "lp_gradient",
         .sentence = "the gradient of lp is dy sign(x) (|x| / y)^(p-1), and 0 where x or y is 0",
         .pattern = PB_SPARSE,
         .cases = {{"lp", "bwd", "mb1ic17ih7kh3sh2ph1_pow1"},
                   {"lp", "bwd", "mb1ic3iw35kw3"},
                   {"lp", "bwd", "mb1ic17ih7kh3_pow3"},
                   {"lp", "bwd", "mb1ic3ih7kh2_pow1.5"}}},
        {.id = "lp_range",
         .sentence = "no power of lp overflows where the result does not",
         .draw = rule_draw_large_of_both_signs,
         .cases = {{"lp", "fwd", "mb1ic17ih7kh3sh2ph1"}, {"lp", "fwd", "mb1ic3iw35kw3_pow3"}}},
        {.id = "adaptive_windows",
         .sentence = "adaptive window o spans floor(o i / O) to ceil((o + 1) i / O) - 1",
         .cases = {{ADAPTIVE, EVERY_DIR, "mb1ic17ih7oh3_iw10ow4"},
                   {ADAPTIVE, EVERY_DIR, "mb1ic3ih3oh7_iw5ow5"},
                   {ADAPTIVE, EVERY_DIR, "mb1ic3ih9oh1_iw8ow2"}}},
        {.id = "s2d_order",
         .sentence = "channels of s2d are blocks kd, kh, kw, then ic; with crd ic, then kd, "
                     "kh, kw",
         .cases = {{"s2d", EVERY_DIR, "mb1ic3ih4kh2_iw6kw3"},
                   {"s2d", EVERY_DIR, "mb1ic3ih4kh2_iw6kw3_crd"}}},
        {.id = "blur_reflects",
         .sentence = "padding of blur reflects the input about its end positions",
         .cases = {{"blur", "fwd bwd", "mb1ic17ih8kh5sh2ph2"},
                   {"blur", "fwd bwd", "mb1ic3ih8oh8kh4_iw9ow9kw6"},
                   {"blur", "fwd bwd", "mb1ic3iw20kw7sw2pw3"}}},
        {.id = "integer_max",
         .sentence = "a maximum of 8 bits is exact, padding never wins, the first of equals "
                     "gives the index",
         .pattern = PB_SPECIAL,
         .cases = {{BYTE_MAXIMA, FORWARD, "mb1ic17ih7kh3sh2ph1"},
                   {BYTE_MAXIMA, FORWARD, "mb1ic3iw70kw3pw1"},
                   {"gmp:s8 gmp:u8", FORWARD, "mb2ic17ih3"}}},
        {.id = "integer_average",
         .sentence = "an average of 8 bits is of a sum that never overflows, rounded half "
                     "to even",
         .pattern = PB_TIES,
         .cases = {{BYTE_AVERAGES, "fwd", "mb1ic17ih8kh2sh2"},
                   {BYTE_AVERAGES, "fwd", "mb1ic3ih9kh3sh2ph1"},
                   {BYTE_AVERAGES, "fwd", "mb1ic3iw70kw4"},
                   {"gap:s8 gap:u8", "fwd", "mb3ic17ih2"}}},
        {.id = "integer_saturation",
         .sentence = "an average of 8 bits with a small divisor saturates",
         .cases = {{BYTE_AVERAGES, "fwd", "mb1ic17ih8kh2sh2_div1"},
                   {BYTE_AVERAGES, "fwd", "mb1ic3iw70kw4_div3"}}},
        {.id = "gradients_written",
         .sentence = "a gradient is written, not added to what was there, and 0 where no "
                     "window looks",
         .check = rule_check_over_numbers,
         .cases = {{POOLS, "bwd", "mb1ic17ih8kh2sh3"},
                   {POOLS, "bwd", "mb1ic3iw40kw3"},
                   {GLOBALS, "bwd", "mb1ic17ih3"},
                   {"conv", "bwd bwd_w", "mb1ic3oc17ih8kh2sh3"},
                   {"conv", "bwd bwd_w", "mb1ic17oc5ih5kh3ph1"},
                   {ADAPTIVE, "bwd", "mb1ic17ih7oh3"},
                   {"s2d", "bwd", "mb1ic3ih6kh2"},
                   {"blur", "bwd", "mb1ic17ih8kh3sh3"}}},
        {.id = "gradients_overlap",
         .sentence = "gradients of overlapping windows sum, in f32 or better",
         .draw = rule_draw_large,
         .cases = {{POOLS, "bwd", "mb1ic17ih9kh5"},
                   {POOLS, "bwd", "mb1ic3ih7kh3ph1_iw36kw5pw2"},
                   {POOLS, "bwd", "mb1ic2id5kd3"},
                   {"conv", "bwd", "mb1ic3oc17ih9kh5"},
                   {ADAPTIVE, "bwd", "mb1ic17ih7oh5"},
                   {"blur", "bwd", "mb1ic17ih8kh5ph2"}}},
        {.id = "bias",
         .sentence = "a convolution may be run without a bias",
         .check = rule_check_without_bias,
         .cases = {{"conv", "fwd bwd_w", "mb1ic3oc17ih6kh3"},
                   {"conv", "fwd bwd_w", "mb2ic17oc5ih4kh1"}}},
        {.id = "weights_at_setup",
         .sentence = "weights given at setup give what weights given at run do",
         .check = rule_check_constant_weights,
         .cases = {{"conv", "fwd bwd", "mb1ic3oc17ih6kh3"},
                   {"conv", "fwd bwd", "g2mb2ic34oc6ih5kh3sh2ph1"}}},
        {.id = "one_plan",
         .sentence = "a plan leaves nothing of one run in the next",
         .check = rule_check_one_plan,
         .cases = {ONE_OF_EACH}},
        {.id = "odd_addresses",
         .sentence = "buffers need no alignment beyond that of an element",
         .check = rule_check_odd_address,
         .cases = {ONE_OF_EACH}},
        {.id = "zero_batch",
         .sentence = "a batch of 0 is valid and writes nothing but a gradient of 0",
         .cases = {{POOLS, EVERY_DIR, "mb0ic17ih8kh2sh2"},
                   {GLOBALS, EVERY_DIR, "mb0ic3ih4"},
                   {"conv", EVERY_DIR, "mb0ic3oc17ih6kh3"},
                   {ADAPTIVE, EVERY_DIR, "mb0ic3ih4oh3"},
                   {"s2d blur", EVERY_DIR, "mb0ic3ih4kh2sh2"}}},
        {.id = "threads",
         .sentence = "the same bits at every number of threads",
         .check = rule_check_threads,
         .cases = {ONE_OF_EACH,
                   {POOLS, EVERY_DIR, "mb1ic3ih37kh3_iw41kw3"},
                   {GLOBALS, EVERY_DIR, "mb1ic40ih33"},
                   {"conv", EVERY_DIR, "mb3ic9oc40ih13kh3ph1"}}},
        {.id = "written_fully",
         .sentence = "every element of the outputs is written",
         .check = rule_check_written,
         .cases = {ONE_OF_EACH,
                   {POOLS, EVERY_DIR, "mb1ic33ih5kh2sh2_iw35kw2sw2"},
                   {POOLS, EVERY_DIR, "mb1ic3ih4kh2sh2ph2"}}},
        {.id = "written_inside",
         .sentence = "nothing but the outputs is written",
         .check = rule_check_outside,
         .cases = {ONE_OF_EACH,
                   {POOLS, EVERY_DIR, "mb1ic33ih5kh2sh2_iw35kw2sw2"},
                   {POOLS, EVERY_DIR, "mb0ic3ih4kh2sh2"}}},
        {.id = "inputs_unchanged",
         .sentence = "the inputs stay as they were",
         .check = rule_check_inputs,
         .cases = {ONE_OF_EACH}},
};

/* ---- Rows ------------------------------------------------------------------------------------ */

size_t row_check_rule_count(void) {
    return sizeof rules / sizeof *rules;
}

const char *row_check_rule_id(size_t rule) {
    return rules[rule].id;
}

const char *row_check_rule_sentence(size_t rule) {
    return rules[rule].sentence;
}

/* Another status than OK is our own failure; the kernel's are counted. */
static enum pb_status check(const struct pb_problem *problem, void *context) {
    struct rule_trial *c = context;
    enum pb_status status = rule_trial_begin(c, problem, 1);
    if (!status) {
        enum pb_status outcome = c->rule->check ? c->rule->check(c) : rule_check_values(c);
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
                            c->rule->check == rule_check_threads ? PB_WITH_THREADS
                                                                 : row_check_seen(&c->trial));
    }
    pb_trial_end(&c->trial);
    return status;
}

enum pb_status row_check_rule(size_t rule, const struct pb_kernel *kernel, enum pb_op op,
                              enum pb_layout layout, struct pb_finding *finding) {
    struct rule_trial trial = {.rule = &rules[rule], .kernel = kernel, .finding = finding};
    enum pb_status status = PB_OK;
    for (int i = 0; i < RULE_CASES && rules[rule].cases[i].ops && !status; i++)
        status = row_check_each(&rules[rule].cases[i], kernel, op, layout, check, &trial);
    return status;
}
