/* Known defects: defects that real libraries had in their results, each with its public address
 * (owner/repo#number), the smallest problem that shows it, and the right answer by hand. Where
 * libraries disagree about what is right the contract decides (poolbench.h).
 *
 * To add one: its cases, its line in the table at the end, its line in
 * suites/correctness/reference/test_known_defects.c. */
#include "conformance/conformance.h"

#define FORWARD "fwd fwd_idx"
#define EVERY "fwd fwd_idx bwd bwd_w"
#define AVERAGES "avg_p avg_np"

/* ---- Window geometry ------------------------------------------------------------------------- */

static const struct pb_defect_case ceil_with_window_1[] = {
        {"max", FORWARD, "mb1ic1ih6kh1sh2_iw7kw1sw2_ceil",
         .tensor = {[PB_SRC] = "0:41",
                    [PB_DST] = "0 2 4 6 14 16 18 20 28 30 32 34",
                    [PB_INDICES] = "0 2 4 6 14 16 18 20 28 30 32 34"}},
        {AVERAGES, "fwd", "mb1ic1ih6kh1sh2_iw7kw1sw2_ceil",
         .tensor = {[PB_SRC] = "0:41", [PB_DST] = "0 2 4 6 14 16 18 20 28 30 32 34"}},
};

static const struct pb_defect_case ceil_k3_s4[] = {
        {"max", FORWARD, "mb1ic1ih8kh3sh4_iw10kw3sw4_ceil",
         .tensor = {[PB_SRC] = "0:79",
                    [PB_DST] = "22 26 29 62 66 69",
                    [PB_INDICES] = "22 26 29 62 66 69"}},
};

static const struct pb_defect_case ceil_k2_s2_p1[] = {
        {"max", FORWARD, "mb1ic1iw17kw2sw2pw1_ceil",
         .tensor = {[PB_SRC] = "0:16", [PB_DST] = "0:16:2", [PB_INDICES] = "0:16:2"}},
};

static const struct pb_defect_case index_inside_the_padding[] = {
        {"max", FORWARD, "mb1ic1iw5kw2sw2pw1_ceil",
         .tensor = {[PB_SRC] = "0:4", [PB_DST] = "0 2 4", [PB_INDICES] = "0 2 4"}},
};

static const struct pb_defect_case ceil_k3_s3_p1[] = {
        {"avg_np", "fwd", "mb1ic1ih5kh3sh3ph1_ceil",
         .tensor = {[PB_SRC] = "0:24", [PB_DST] = "3 5.5 15.5 18"}},
        {"max", "fwd", "mb1ic1ih5kh3sh3ph1_ceil",
         .tensor = {[PB_SRC] = "0:24", [PB_DST] = "6 9 21 24"}},
};

static const struct pb_defect_case window_4_over_1[] = {
        {"max", "fwd", "mb1ic1iw1kw4_ceil", .refused = "ow"},
};

static const struct pb_defect_case window_2_over_1[] = {
        {"max", "fwd", "mb1ic1ih1iw4kh2kw2", .refused = "oh"},
};

static const struct pb_defect_case window_larger_than_the_padded_input[] = {
        {"max", "fwd", "mb1ic1ih16kh2sh2_iw1kw2sw2", .refused = "ow"},
        {"max", "fwd", "mb1ic1ih1kh2sh2_iw4kw2sw2", .refused = "oh"},
        {"avg_p", "fwd", "mb1ic1iw4kw7sw4pw1", .refused = "ow"},
        {"lp", "fwd", "mb1ic1iw4kw3sw9dw2_ceil", .refused = "ow"},
        {"blur", "fwd", "mb1ic1ih2kh5sh4ph1", .refused = "oh"},
        {"conv", "bwd_w", "mb1ic1oc1id2ih3iw3kd3kh3kw3sd2", .refused = "od"},
};

static const struct pb_defect_case enormous_windows[] = {
        {"max", "fwd", "mb1ic1iw4kw10000000000000000000", .refused = "kw"},
        {"avg_np", "fwd", "mb1ic1ih4kh100000000000000000000000000000000000000", .refused = "kh"},
        {"conv", "fwd", "mb1ic1oc1iw4kw9223372036854775807dw1", .refused = "w"},
};

/* A window of 1 x 2 x 3 ones, padded by 0, 1 and 2. */
static const struct pb_defect_case padding_of_three_axes[] = {
        {"avg_p", "fwd", "mb1ic1id2ih2iw2kd1kh2kw3pd0ph1pw2",
         .tensor = {[PB_SRC] = "1", [PB_DST] = "1/6 1/3 1/3 1/6 1/3 2/3 2/3 1/3 1/6 1/3 1/3 1/6"}},
        {"max", FORWARD, "mb1ic1id1ih1iw2kd1kh2kw3pd0ph1pw2",
         .tensor = {[PB_SRC] = "-1 -2", [PB_DST] = "-1 -1 -1 -2", [PB_INDICES] = "0 0 0 1"}},
};

static const struct pb_defect_case same_padding_below_0[] = {
        {"max", "fwd", "mb1ic1iw500ow50kw5sw10", .refused = "pw"},
        {"max", FORWARD, "mb1ic1iw500ow50kw5sw10pw0",
         .tensor = {[PB_SRC] = "0:499", [PB_DST] = "4:494:10", [PB_INDICES] = "4:494:10"}},
};

static const struct pb_defect_case dilated_depthwise[] = {
        {"conv", "fwd", "g2mb1ic2oc2ih136oh65kh3sh2ph0dh2",
         .tensor = {[PB_SRC] = "1", [PB_WEIGHTS] = "1", [PB_DST] = "9"}},
        {"conv", EVERY, .descriptor = "g3mb1ic3oc3ih17kh3sh2dh2"},
};

static const struct pb_defect_case average_ceil_k4_s4[] = {
        {AVERAGES, "fwd", "mb1ic1iw6kw4sw4_ceil",
         .tensor = {[PB_SRC] = "1:6", [PB_DST] = "2.5 5.5"}},
};

static const struct pb_defect_case same_lower_k2_s2_of_5[] = {
        {"max", FORWARD, "mb1ic1iw5ow3kw2sw2pw1",
         .tensor = {[PB_SRC] = "1:5", [PB_DST] = "1 3 5", [PB_INDICES] = "0 2 4"}},
};

static const struct pb_defect_case padding_of_one_axis[] = {
        {"max", FORWARD, "mb1ic1ih4oh3kh2ph0_iw4ow5kw2pw1",
         .tensor = {[PB_SRC] = "1:16",
                    [PB_DST] = "5 6 7 8 8 9 10 11 12 12 13 14 15 16 16",
                    [PB_INDICES] = "4 5 6 7 7 8 9 10 11 11 12 13 14 15 15"}},
};

/* Windows of rows 0-1, 1-3, 3-4 and columns likewise. */
static const struct pb_defect_case adaptive_windows_overlap[] = {
        {"adaptive_max", FORWARD, "mb1ic1ih5oh3",
         .tensor = {[PB_SRC] = "0:24",
                    [PB_DST] = "6 8 9 16 18 19 21 23 24",
                    [PB_INDICES] = "6 8 9 16 18 19 21 23 24"}},
};

/* ---- Divisor --------------------------------------------------------------------------------- */

static const struct pb_defect_case ceil_overhang_does_not_count[] = {
        {"avg_p", "fwd", "mb1ic1ih4kh3sh2ph1_ceil",
         .tensor = {[PB_SRC] = "1:16", [PB_DST] = "14/9 30/9 2 57/9 11 6 4.5 7.5 16/4"}},
};

static const struct pb_defect_case ceil_k2_s3[] = {
        {AVERAGES, "fwd", "mb1ic1ih7kh2sh3_ceil",
         .tensor = {[PB_SRC] = "0:48", [PB_DST] = "4 7 9.5 25 28 30.5 42.5 45.5 48"}},
};

static const struct pb_defect_case trailing_padding_counts_in_both_axes[] = {
        {"avg_p", "fwd", "mb1ic1ih2oh2kh2ph0",
         .tensor = {[PB_SRC] = "1", [PB_DST] = "1 .5 .5 .25"}},
};

static const struct pb_defect_case same_lower_k5[] = {
        {"avg_p", "fwd", "mb1ic1iw6ow3kw5sw2pw2",
         .tensor = {[PB_SRC] = "1", [PB_DST] = "3/5 1 4/5"}},
        {"avg_np", "fwd", "mb1ic1iw6ow3kw5sw2pw2",
         .tensor = {[PB_SRC] = "1:6", [PB_DST] = "2 3 4.5"}},
};

static const struct pb_defect_case ceil_window_past_the_input[] = {
        {AVERAGES, "fwd", "mb1ic1ih8kh3sh3_iw8kw3sw4_ceil",
         .tensor = {[PB_SRC] = "1", [PB_DST] = "1*6"}},
};

static const struct pb_defect_case divisor_override[] = {
        {AVERAGES, "fwd", "mb1ic1ih2kh2_div8", .tensor = {[PB_SRC] = "1", [PB_DST] = ".5"}},
        {"avg_np", "fwd", "mb1ic1ih2kh2ph1_div2",
         .tensor = {[PB_SRC] = "1", [PB_DST] = ".5 1 .5 1 2 1 .5 1 .5"}},
};

static const struct pb_defect_case ceil_average_backward[] = {
        {AVERAGES, "bwd", "mb1ic1iw5kw3sw3_ceil",
         .tensor = {[PB_DST] = "1", [PB_SRC] = "1/3*3 .5 .5"}},
};

static const struct pb_defect_case global_pool_takes_no_padding[] = {
        {"gap", "fwd", "mb1ic1ih4ph1", .refused = "global"},
        {"gmp", "fwd", "mb1ic1ih4ph1", .refused = "global"},
};

static const struct pb_defect_case average_without_padding_at_the_edge[] = {
        {"avg_np", "fwd", "mb1ic1ih3kh3ph1", .tensor = {[PB_SRC] = "1", [PB_DST] = "1*9"}},
};

/* ---- Padding value, NaN, Inf ----------------------------------------------------------------- */

static const struct pb_defect_case padding_of_negative_input[] = {
        {"max", FORWARD, "mb1ic1ih4kh3sh2ph1",
         .tensor = {[PB_SRC] = "-1 -2 -3 -4", [PB_DST] = "-1 -2 -1 -2", [PB_INDICES] = "0 1 4 5"}},
};

/* -FLT_MAX = -(2^128 - 2^104) */
static const struct pb_defect_case maximum_of_the_lowest[] = {
        {"max", FORWARD, "mb1ic1ih2kh2",
         .tensor = {[PB_SRC] = "-340282346638528859811704183484516925440",
                    [PB_DST] = "-340282346638528859811704183484516925440",
                    [PB_INDICES] = "0"}},
};

static const struct pb_defect_case windows_of_padding_only[] = {
        {"max", FORWARD, "mb1ic1ih2kh2sh2ph2",
         .tensor = {[PB_SRC] = "-1 -2 -3 -4",
                    [PB_DST] = "-inf*4 -1 -inf*4",
                    [PB_INDICES] = "-1*4 0 -1*4"}},
        {"avg_np", "fwd", "mb1ic1ih2kh2sh2ph2",
         .tensor = {[PB_SRC] = "-1 -2 -3 -4", [PB_DST] = "0*4 -2.5 0*4"}},
};

static const struct pb_defect_case all_nan[] = {
        {"max", FORWARD, "mb1ic1ih2kh2",
         .tensor = {[PB_SRC] = "nan", [PB_DST] = "nan", [PB_INDICES] = "3"}},
};

static const struct pb_defect_case nan_in_every_channel[] = {
        {"max", FORWARD, "mb1ic19ih2kh2",
         .tensor = {[PB_SRC] = "0 nan 2 3", [PB_DST] = "nan*19", [PB_INDICES] = "1*19"}},
        {"gmp", "fwd", "mb1ic19ih2", .tensor = {[PB_SRC] = "0 nan 2 3", [PB_DST] = "nan*19"}},
};

static const struct pb_defect_case nan_wherever_it_stands[] = {
        {"max", FORWARD, "mb1ic1iw9kw3sw3",
         .tensor = {[PB_SRC] = "1 nan 2 nan 1 2 1 2 nan",
                    [PB_DST] = "nan*3",
                    [PB_INDICES] = "1 3 8"}},
        {AVERAGES, "fwd", "mb1ic1iw9kw3sw3",
         .tensor = {[PB_SRC] = "1 nan 2 nan 1 2 1 2 nan", [PB_DST] = "nan*3"}},
};

static const struct pb_defect_case index_of_all_minus_infinity[] = {
        {"max", FORWARD, "mb1ic2ih2kh2",
         .tensor = {[PB_SRC] = "-inf*4 nan*4", [PB_DST] = "-inf nan", [PB_INDICES] = "0 3"}},
        {"max", "bwd", "mb1ic2ih2kh2",
         .tensor = {[PB_DST] = "1", [PB_INDICES] = "0 3", [PB_SRC] = "1 0*6 1"}},
};

static const struct pb_defect_case lowest_of_integers[] = {
        {"max:s8", "fwd", "mb1ic1ih2kh2", .tensor = {[PB_SRC] = "-128", [PB_DST] = "-128"}},
        {"max:u8", "fwd", "mb1ic1ih2kh2", .tensor = {[PB_SRC] = "0", [PB_DST] = "0"}},
        {"max:s8", "fwd", "mb1ic1iw1kw1pw1", .tensor = {[PB_SRC] = "-128", [PB_DST] = "-128"}},
};

static const struct pb_defect_case padding_of_integers[] = {
        {"max:s8", "fwd", "mb1ic1ih2kh2ph1",
         .tensor = {[PB_SRC] = "-1 -2 -3 -4", [PB_DST] = "-1 -1 -2 -1 -1 -2 -3 -3 -4"}},
};

static const struct pb_defect_case lp_of_zeros_and_negatives[] = {
        {"lp", "bwd", "mb1ic1ih2kh2",
         .tensor = {[PB_DST] = "1", [PB_INPUT] = "0", [PB_SRC] = "0*4"}},
        {"lp", "fwd", "mb1ic1iw2kw2_pow1.5", .tensor = {[PB_SRC] = "-1 0", [PB_DST] = "1"}},
        {"lp", "fwd", "mb1ic1iw2kw2", .tensor = {[PB_SRC] = "-3 4", [PB_DST] = "5"}},
};

static const struct pb_defect_case lp_ceil[] = {
        {"lp", "fwd", "mb1ic1iw5kw2sw2_ceil",
         .tensor = {[PB_SRC] = "3 4 3 4 5", [PB_DST] = "5 5 5"}},
};

/* ---- Precision ------------------------------------------------------------------------------- */

/* Those of 16-bit floats as a sum that is kept in 16 bits would show them over f32 data. */
static const struct pb_defect_case global_average_of_4096_ones[] = {
        {"gap", "fwd", "mb1ic3ih64", .tensor = {[PB_SRC] = "1", [PB_DST] = "1"}},
};

static const struct pb_defect_case average_of_255_by_255[] = {
        {AVERAGES, "fwd", "mb1ic1ih255kh255", .tensor = {[PB_SRC] = ".5", [PB_DST] = ".5"}},
        {"gap", "fwd", "mb1ic1ih255", .tensor = {[PB_SRC] = ".5", [PB_DST] = ".5"}},
};

static const struct pb_defect_case sum_beyond_65504[] = {
        {"gap", "fwd", "mb1ic3ih64", .tensor = {[PB_SRC] = "100", [PB_DST] = "100"}},
        {AVERAGES, "fwd", "mb1ic1ih32kh32", .tensor = {[PB_SRC] = "100", [PB_DST] = "100"}},
};

/* The float next to 0.1: a running sum of a million gives an average of 0.10096. */
#define TENTH "0.100000001490116119384765625"
static const struct pb_defect_case running_sum_of_a_million[] = {
        {AVERAGES, "fwd", "mb1ic1ih1000kh1000", .tensor = {[PB_SRC] = TENTH, [PB_DST] = TENTH}},
        {"gap", "fwd", "mb1ic1ih1000", .tensor = {[PB_SRC] = TENTH, [PB_DST] = TENTH}},
        {"adaptive_avg", "fwd", "mb1ic1ih1000oh1", .tensor = {[PB_SRC] = TENTH, [PB_DST] = TENTH}},
};

static const struct pb_defect_case zeros_after_large_values[] = {
        {AVERAGES, "fwd", "mb1ic1iw18064kw2sw2",
         .tensor = {[PB_SRC] = "3400000*18000 0*64", [PB_DST] = "3400000*9000 0*32"}},
};

#define BYTE_AVERAGES "avg_p:s8 avg_np:s8 avg_p:u8 avg_np:u8"

/* 1.5, 0.5, -1.5 and -0.5; a sum of 289 times the highest. */
static const struct pb_defect_case integer_averages[] = {
        {"avg_p:s8 avg_np:s8", "fwd", "mb1ic1iw8kw2sw2",
         .tensor = {[PB_SRC] = "1 2 1 0 -1 -2 -1 0", [PB_DST] = "2 0 -2 0"}},
        {BYTE_AVERAGES, "fwd", "mb1ic1ih17kh17", .tensor = {[PB_SRC] = "127", [PB_DST] = "127"}},
};

static const struct pb_defect_case half_to_even[] = {
        {BYTE_AVERAGES, "fwd", "mb1ic1iw8kw2sw2",
         .tensor = {[PB_SRC] = "2 3 3 4 4 5 5 6", [PB_DST] = "2 4 4 6"}},
};

static const struct pb_defect_case averages_saturate[] = {
        {"avg_p:s8 avg_np:s8", "fwd", "mb1ic1iw4kw2sw2_div1",
         .tensor = {[PB_SRC] = "127 127 -128 -128", [PB_DST] = "127 -128"}},
        {"avg_p:u8 avg_np:u8", "fwd", "mb1ic1iw4kw2sw2_div1",
         .tensor = {[PB_SRC] = "255 255 0 0", [PB_DST] = "255 0"}},
};

/* ---- Indices, backward ----------------------------------------------------------------------- */

static const struct pb_defect_case indices_start_anew_in_each_channel[] = {
        {"max", FORWARD, "mb2ic2ih2kh2",
         .tensor = {[PB_SRC] = "0:15", [PB_DST] = "3 7 11 15", [PB_INDICES] = "3*4"}},
};

static const struct pb_defect_case ties[] = {
        {"max", FORWARD, "mb1ic1ih2kh2",
         .tensor = {[PB_SRC] = "1", [PB_DST] = "1", [PB_INDICES] = "0"}},
        {"max", "bwd", "mb1ic1ih2kh2",
         .tensor = {[PB_DST] = "1", [PB_INDICES] = "0", [PB_SRC] = "1 0 0 0"}},
};

static const struct pb_defect_case overlapping_windows[] = {
        {"max", FORWARD, "mb1ic1iw5kw2",
         .tensor = {[PB_SRC] = "5 3 1 2 5", [PB_DST] = "5 3 2 5", [PB_INDICES] = "0 1 3 4"}},
        {"max", "bwd", "mb1ic1iw5kw2",
         .tensor = {[PB_DST] = "1", [PB_INDICES] = "0 1 3 4", [PB_SRC] = "1 1 0 1 1"}},
};

static const struct pb_defect_case input_that_no_window_holds[] = {
        {"max", "bwd", "mb1ic1iw5kw1sw2",
         .tensor = {[PB_DST] = "1", [PB_INDICES] = "0 2 4", [PB_SRC] = "1 0 1 0 1"}},
        {"avg_p", "bwd", "mb1ic1iw5kw1sw2", .tensor = {[PB_DST] = "1", [PB_SRC] = "1 0 1 0 1"}},
};

static const struct pb_defect_case average_backward_with_padding[] = {
        {"avg_p", "bwd", "mb1ic3ih2kh3ph1", .tensor = {[PB_DST] = "1", [PB_SRC] = "4/9*12"}},
        {"avg_np", "bwd", "mb1ic3ih2kh3ph1", .tensor = {[PB_DST] = "1", [PB_SRC] = "1*12"}},
};

static const struct pb_defect_case index_counts_columns_within_rows[] = {
        {"max", FORWARD, "mb1ic1ih2kh2_iw3kw3",
         .tensor = {[PB_SRC] = "0 1 2 9 3 4", [PB_DST] = "9", [PB_INDICES] = "3"}},
};

static const struct pb_defect_case dilation_2[] = {
        {"max", EVERY, .descriptor = "mb2ic3ih9kh3dh1_iw7kw2dw1"},
};

/* With padding counted a window of 2 at the edge gives half, in one axis as in two. */
static const struct pb_defect_case one_axis_divides_as_two[] = {
        {"avg_p", "fwd", "mb1ic1iw2kw2pw1", .tensor = {[PB_SRC] = "1", [PB_DST] = ".5 1 .5"}},
        {"avg_p", "fwd", "mb1ic1ih1kh1ph0_iw2kw2pw1",
         .tensor = {[PB_SRC] = "1", [PB_DST] = ".5 1 .5"}},
        {"avg_np", "fwd", "mb1ic1iw2kw2pw1", .tensor = {[PB_SRC] = "1", [PB_DST] = "1*3"}},
        {"avg_np", "fwd", "mb1ic1ih1kh1ph0_iw2kw2pw1",
         .tensor = {[PB_SRC] = "1", [PB_DST] = "1*3"}},
};

/* ---- Sizes, and shapes on which vector code and lowering went wrong -------------------------- */

/* The second: sizes whose product is past 2^64 are refused, not taken modulo 2^32. */
static const struct pb_defect_case dilation_beyond_the_input[] = {
        {"max", FORWARD, "mb1ic1iw3kw2dw4pw2",
         .tensor = {[PB_SRC] = "0:2", [PB_DST] = "-inf*2", [PB_INDICES] = "-1*2"}},
        {"max", "fwd", "mb4294967296ic4294967296ih4kh2", .refused = "overflows"},
};

static const struct pb_defect_case strides_differ[] = {
        {"max", FORWARD, "mb1ic1ih4kh1sh2_iw6kw1sw3",
         .tensor = {[PB_SRC] = "0:23", [PB_DST] = "0 3 12 15", [PB_INDICES] = "0 3 12 15"}},
};

static const struct pb_defect_case last_column[] = {
        {"max", EVERY, .descriptor = "mb1ic2ih5kh2sh2_iw13kw2sw2"},
        {"max avg_p", EVERY, .descriptor = "mb1ic2ih61kh3sh2"},
};

static const struct pb_defect_case padding_with_tiny_output[] = {
        {"max avg_p avg_np", EVERY, .descriptor = "mb1ic16ih4oh1kh8sh128ph2_iw1ow1kw8sw1pw3"},
};

static const struct pb_defect_case convolution_1x1_with_stride[] = {
        {"conv", "fwd", "mb1ic1oc1ih3kh1sh2",
         .tensor = {[PB_SRC] = "1:9", [PB_WEIGHTS] = "1", [PB_DST] = "1 3 7 9"}},
};

static const struct pb_defect_case same_padding_of_an_even_extent[] = {
        {"conv", EVERY, .descriptor = "mb1ic20oc20ih14oh7kh3sh2ph0"},
};

/* SAME_UPPER of 6 with window 3 and stride 2 pads the tail alone, SAME_LOWER the head. */
static const struct pb_defect_case same_upper_pads_the_tail[] = {
        {"max", FORWARD, "mb1ic1iw6ow3kw3sw2pw0",
         .tensor = {[PB_SRC] = "1:6", [PB_DST] = "3 5 6", [PB_INDICES] = "2 4 5"}},
        {"max", FORWARD, "mb1ic1iw6ow3kw3sw2pw1",
         .tensor = {[PB_SRC] = "1:6", [PB_DST] = "2 4 6", [PB_INDICES] = "1 3 5"}},
        {"conv", "fwd", "mb1ic1oc1iw6ow3kw3sw2pw0",
         .tensor = {[PB_SRC] = "1:6", [PB_WEIGHTS] = "1", [PB_DST] = "6 12 11"}},
};

/* Ones under ones: how many of the 7 taps lie inside. */
static const struct pb_defect_case same_padding_of_224_k7_s2[] = {
        {"conv", "fwd", "mb1ic1oc1iw224ow112kw7sw2",
         .tensor = {[PB_SRC] = "1", [PB_WEIGHTS] = "1", [PB_DST] = "5 7*109 6 4"}},
        {"conv", "fwd", "mb1ic1oc1iw224ow112kw7sw2pw3",
         .tensor = {[PB_SRC] = "1", [PB_WEIGHTS] = "1", [PB_DST] = "4 6 7*109 5"}},
};

/* ---- Blocks and filters ---------------------------------------------------------------------- */

static const struct pb_defect_case two_orders_of_channels[] = {
        {"s2d", "fwd", "mb1ic2ih2kh2", .tensor = {[PB_SRC] = "0:7", [PB_DST] = "0 4 1 5 2 6 3 7"}},
        {"s2d", "fwd", "mb1ic2ih2kh2_crd", .tensor = {[PB_SRC] = "0:7", [PB_DST] = "0:7"}},
};

static const struct pb_defect_case even_filters_halve[] = {
        {"blur", "fwd", "mb1ic1ih8oh4kh4sh2", .tensor = {[PB_SRC] = "1", [PB_DST] = "1*16"}},
        {"blur", "fwd", "mb1ic1ih8oh4kh2sh2", .tensor = {[PB_SRC] = "1", [PB_DST] = "1*16"}},
};

/* ---- The table ------------------------------------------------------------------------------- */

#define CASES(array) .cases = array, .count = sizeof array / sizeof *array

static const char f16_only[] = "16-bit floats only, which no kernel here has";

const struct pb_known_defect pb_known_defects[] = {
        {"pytorch_45357_paddle_51542_ceil_with_window_1",
         "pytorch/pytorch#45357, PaddlePaddle/Paddle#51542",
         "ceil of window 1, stride 2 makes a row of -Inf, or a division by 0",
         CASES(ceil_with_window_1)},
        {"pytorch_xla_2583_ceil_k3_s4", "pytorch/xla#2583",
         "ceil of window 3, stride 4 makes a row of -Inf", CASES(ceil_k3_s4)},
        {"tvm_18641_ceil_k2_s2_p1", "apache/tvm#18641", "ceil of 17 gives 10 outputs, not 9",
         CASES(ceil_k2_s2_p1)},
        {"burn_5791_index_inside_the_padding", "tracel-ai/burn#5791",
         "ceil of 5 gives 4 outputs, the last with an index inside the padding",
         CASES(index_inside_the_padding)},
        {"webnn_935_ceil_k3_s3_p1", "webmachinelearning/webnn#935",
         "a window of overhang alone gives 0 or -Inf by library", CASES(ceil_k3_s3_p1)},
        {"pytorch_88464_window_wider_than_the_input", "pytorch/pytorch#88464",
         "ceil of a window wider than the input has size -2",
         .outside = "the descriptor is refused before a kernel is asked", CASES(window_4_over_1)},
        {"pytorch_168246_window_2_over_height_1", "pytorch/pytorch#168246",
         "a window of height 2 over height 1 returns garbage",
         .outside = "the descriptor is refused before a kernel is asked", CASES(window_2_over_1)},
        {"pytorch_22337_window_larger_than_the_padded_input", "pytorch/pytorch#22337",
         "an output length by a division that truncates towards 0 yields an output",
         .outside = "the descriptor is refused before a kernel is asked",
         CASES(window_larger_than_the_padded_input)},
        {"tensorflow_61642_61778_enormous_windows", "tensorflow/tensorflow#61642, #61778",
         "a window of 1e19 or 1e38 ends the process",
         .outside = "the descriptor is refused before a kernel is asked", CASES(enormous_windows)},
        {"tvm_4738_padding_of_three_axes", "apache/tvm#4738",
         "pooling over three axes ignores the padding of height and width",
         CASES(padding_of_three_axes)},
        {"onnxruntime_10086_same_padding_below_0", "microsoft/onnxruntime#10086",
         "SAME of 500 with window 5, stride 10 pads by -5", CASES(same_padding_below_0)},
        {"tensorflow_57128_dilated_depthwise", "tensorflow/tensorflow#57128",
         "a dilated depthwise convolution is one row short", CASES(dilated_depthwise)},
        {"pytorch_190064_adaptive_windows_overlap", "pytorch/pytorch#190064",
         "the first adaptive maximum of 5 x 5 to 3 x 3 is 12, not 6",
         CASES(adaptive_windows_overlap)},
        {"onnx_average_ceil_k4_s4", "onnx/onnx (reference implementation)",
         "an average splits the overhang of ceil onto the head: [2, 4.5]",
         CASES(average_ceil_k4_s4)},
        {"onnx_same_lower_k2_s2_of_5", "onnx/onnx (reference implementation)",
         "SAME_LOWER of 5 gives 2 outputs, not 3", CASES(same_lower_k2_s2_of_5)},
        {"onnx_padding_of_one_axis", "onnx/onnx (reference implementation)",
         "pads [0,1,0,1] give 4 x 4, not 3 x 5", CASES(padding_of_one_axis)},
        {"pytorch_183528_onnxruntime_29629_ceil_overhang_does_not_count",
         "pytorch/pytorch#183528, microsoft/onnxruntime#29629",
         "the overhang of ceil counts in the divisor: the corner is 16/9",
         CASES(ceil_overhang_does_not_count)},
        {"coremltools_2844_ceil_k2_s3", "apple/coremltools#2844",
         "the overhang of ceil counts in the divisor: 4.75 at the right edge", CASES(ceil_k2_s3)},
        {"onnxruntime_27375_trailing_padding_counts_in_both_axes", "microsoft/onnxruntime#27375",
         "trailing padding of height is not counted: [[1, .5], [1, .5]]",
         CASES(trailing_padding_counts_in_both_axes)},
        {"onnxruntime_24681_same_lower_k5", "microsoft/onnxruntime#24681",
         "SAME_LOWER of window 5 ignores the trailing padding", CASES(same_lower_k5)},
        {"onnxruntime_6543_ceil_window_past_the_input", "microsoft/onnxruntime#6543",
         "ceil makes a column of NaN", CASES(ceil_window_past_the_input)},
        {"executorch_18616_divisor_override", "pytorch/executorch#18616",
         "the divisor override is ignored where padding does not count", CASES(divisor_override)},
        {"pytorch_198119_ceil_average_backward", "pytorch/pytorch#198119",
         "the gradient of a window that overhangs is divided by 3, not 2",
         CASES(ceil_average_backward)},
        {"mxnet_9714_global_pool_takes_no_padding", "apache/mxnet#9714",
         "a global pool honours a padding",
         .outside = "the descriptor is refused before a kernel is asked",
         CASES(global_pool_takes_no_padding)},
        {"jax_11874_average_without_padding_at_the_edge", "jax-ml/jax#11874",
         "the sum as average times window overcounts at the edges",
         CASES(average_without_padding_at_the_edge)},
        {"mxnet_2753_padding_of_negative_input", "apache/mxnet#2753",
         "padding wins over negative input: 0", CASES(padding_of_negative_input)},
        {"onednn_d4457d95_maximum_of_the_lowest", "uxlfoundation/oneDNN@d4457d95",
         "a maximum starts from FLT_MIN, then from 0", CASES(maximum_of_the_lowest)},
        {"onnx_windows_of_padding_only", "onnx/onnx (reference implementation)",
         "windows of padding alone give 0 with two axes, NaN with one",
         CASES(windows_of_padding_only)},
        {"pytorch_7645_openvino_35935_all_nan",
         "pytorch/pytorch#7645, openvinotoolkit/openvino#35935",
         "the maximum of NaN alone is -FLT_MAX", CASES(all_nan)},
        {"tensorflow_125965_nan_in_every_channel", "tensorflow/tensorflow#125965",
         "vector lanes and the tail disagree about NaN: [NaN, NaN, 3]",
         CASES(nan_in_every_channel)},
        {"onnx_nan_wherever_it_stands", "onnx/onnx (reference implementation)",
         "a NaN counts or not by where it stands", CASES(nan_wherever_it_stands)},
        {"pytorch_1465_40131_index_of_all_minus_infinity", "pytorch/pytorch#1465, #40131",
         "the index of all -Inf or NaN stays -1, and backward writes there",
         CASES(index_of_all_minus_infinity)},
        {"onednn_benchdnn_lowest_of_integers", "uxlfoundation/oneDNN (benchdnn's pool.cpp)",
         "the maximum of the lowest s8 is -127, not -128", CASES(lowest_of_integers)},
        {"tinygrad_7726_padding_of_integers", "tinygrad/tinygrad#7726",
         "a padded maximum of integers is padded with -Inf and changes type",
         CASES(padding_of_integers)},
        {"pytorch_6765_184037_lp_of_zeros_and_negatives", "pytorch/pytorch#6765, #184037",
         "the gradient of lp is NaN at zeros, a fractional power NaN over negatives",
         CASES(lp_of_zeros_and_negatives)},
        {"onnx_lp_ceil", "onnx/onnx (reference implementation)",
         "lp multiplies by what ceil overhangs: 7.07, not 5", CASES(lp_ceil)},
        {"candle_3719_f16_global_average", "huggingface/candle#3719",
         "the f16 average of 64 x 64 ones is 0.5", CASES(global_average_of_4096_ones)},
        {"miopen_2109_f16_average_of_255", "ROCm/MIOpen#2109",
         "an f16 average of 255 x 255 comes to 0.03, not 0.5", CASES(average_of_255_by_255)},
        {"ncnn_2698_f16_sum_beyond_65504", "Tencent/ncnn#2698", "an f16 sum beyond 65504 overflows",
         CASES(sum_beyond_65504)},
        {"pytorch_180115_zeros_after_large_values", "pytorch/pytorch#180115",
         "averages by differences of prefix sums: negative after large values",
         CASES(zeros_after_large_values)},
        {"onnxruntime_12043_running_sum_stalls", "microsoft/onnxruntime#12043",
         "a running sum in f32 stalls: the mean of 25 million ones is 0.67",
         CASES(running_sum_of_a_million)},
        {"tvm_20298_integer_averages", "apache/tvm#20298",
         "averages of integers truncate, and their sum overflows", CASES(integer_averages)},
        {"onednn_560_half_to_even", "uxlfoundation/oneDNN#560",
         "averages of integers round half to even or away from 0 by code path",
         CASES(half_to_even)},
        {"ml_kws_103_averages_saturate", "ARM-software/ML-KWS-for-MCU#103",
         "an average of 8 bits wraps around", CASES(averages_saturate)},
        {"tensorflow_22025_indices_start_anew_in_each_channel", "tensorflow/tensorflow#22025",
         "the index counts the batch on one device and not on another",
         CASES(indices_start_anew_in_each_channel)},
        {"theano_5404_ties", "Theano/Theano#5404",
         "the gradient goes to one of equal maxima, or to all", CASES(ties)},
        {"ocannl_512_overlapping_windows", "ahrefs/ocannl#512",
         "the gradient of overlapping windows is [1, 2, 0, 0, 1]", CASES(overlapping_windows)},
        {"executorch_21686_input_that_no_window_holds", "pytorch/executorch#21686",
         "the gradient's buffer is never zeroed, where no window looks",
         CASES(input_that_no_window_holds)},
        {"pytorch_188344_average_backward_with_padding", "pytorch/pytorch#188344",
         "the gradient of a padded average is wrong channels-last",
         CASES(average_backward_with_padding)},
        {"pytorch_34934_f16_overlapping_backward", "pytorch/pytorch#34934",
         "f16 gradients of overlapping windows are summed in f16", .outside = f16_only},
        {"pytorch_197596_index_counts_columns_within_rows", "pytorch/pytorch#197596",
         "row and column of an index are swapped", CASES(index_counts_columns_within_rows)},
        {"pytorch_76432_dilation", "pytorch/pytorch#76432", "dilation 2 disagrees between devices",
         CASES(dilation_2)},
        {"onnxruntime_27903_unchecked_indices", "microsoft/onnxruntime#27903",
         "indices from a file are not checked, and the gradient is written to the heap",
         .outside = "the program refuses such indices before a kernel is asked (run)"},
        {"ggml_one_axis_divides_as_two", "ggml-org/ggml (ops.cpp)",
         "an average divides by the valid count over one axis, by the window over two",
         CASES(one_axis_divides_as_two)},
        {"pytorch_68418_offsets_past_32_bits", "pytorch/pytorch#68418",
         "(190, 64, 64, 2933): positions overflow 32 bits",
         .outside = "a tensor of 9 GB: its offsets alone are held, by the test of this name"},
        {"xnnpack_53cffb59_7a39ad84_dilation_beyond_the_input",
         "google/XNNPACK@53cffb59, @7a39ad84",
         "a dilation beyond the input wraps the index, a large size 32 bits",
         CASES(dilation_beyond_the_input)},
        {"nnpack_16_strides_differ", "Maratyszcza/NNPACK#16",
         "the stride of height is used along width", CASES(strides_differ)},
        {"ncnn_220_anakin_210_last_column", "Tencent/ncnn#220, PaddlePaddle/Anakin#210",
         "the last column is wrong where vectors do not fit", CASES(last_column)},
        {"onednn_47823563_padding_with_tiny_output", "uxlfoundation/oneDNN@47823563",
         "padding is wrong where the output is tiny", CASES(padding_with_tiny_output)},
        {"tensorflow_1868_1x1_convolution_with_stride", "tensorflow/tensorflow#1868",
         "a 1 x 1 convolution as a matrix product ignores its stride",
         CASES(convolution_1x1_with_stride)},
        {"ncnn_1283_same_padding_of_an_even_extent", "Tencent/ncnn#1283",
         "SAME padding of a lowered 3 x 3 convolution: pixel 40 is wrong",
         CASES(same_padding_of_an_even_extent)},
        {"onnxruntime_27249_same_upper_pads_the_tail", "microsoft/onnxruntime#27249",
         "SAME_UPPER with a stride pads the head", CASES(same_upper_pads_the_tail)},
        {"tensornets_25_same_padding_of_224_k7_s2", "taehoonlee/tensornets#25",
         "SAME of 224 with window 7, stride 2 pads (3, 3), not (2, 3)",
         CASES(same_padding_of_224_k7_s2)},
        {"tensorflow_53291_two_orders_of_channels", "tensorflow/tensorflow#53291",
         "space to depth and pixel unshuffle order channels differently",
         CASES(two_orders_of_channels)},
        {"kornia_426_even_filters_halve", "kornia/kornia#426",
         "a blur with a filter of even size does not halve the output", CASES(even_filters_halve)},
};
const size_t pb_known_defect_count = sizeof pb_known_defects / sizeof *pb_known_defects;
