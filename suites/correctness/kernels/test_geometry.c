/* Outputs, padding and windows of a problem: what is deduced, what is taken as given, what is refused.
 * Every expected number is worked out by hand. */
#include "reference.h"
#include "tools/problem_text.h"
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

Test(geometry, axes_are_copied_to_absent_ones) {
    EXPECT_GEOMETRY(
            {"max:ic1iw9kw3sw2pw1", 1, ABSENT, ABSENT, {9, 5, 3, 2, 1, 1, 0}},
            {"max:ic1ih9kh3sh2ph1", 2, ABSENT, {9, 5, 3, 2, 1, 1, 0}, {9, 5, 3, 2, 1, 1, 0}},
            {"max:ic1ih9kh3sh2ph1dh1", 2, ABSENT, {9, 4, 3, 2, 1, 1, 1}, {9, 4, 3, 2, 1, 1, 1}},
            {"max:ic1ih9iw4kh3kw2", 2, ABSENT, {9, 7, 3, 1, 0, 0, 0}, {4, 3, 2, 1, 0, 0, 0}},
            {"max:ic1id6kd2sd2",
             3,
             {6, 3, 2, 2, 0, 0, 0},
             {6, 3, 2, 2, 0, 0, 0},
             {6, 3, 2, 2, 0, 0, 0}},
            {"max:ic1id6ih5iw4kd3kh2kw1sd2sh1sw3pd1ph0pw0",
             3,
             {6, 3, 3, 2, 1, 0, 0},
             {5, 4, 2, 1, 0, 0, 0},
             {4, 2, 1, 3, 0, 0, 0}});
}

/* o = (i - K + 2p) / s + 1, rounded down; the trailing padding follows. */
Test(geometry, output_is_deduced) {
    EXPECT_GEOMETRY({"max:ic1iw7kw2sw2", 1, ABSENT, ABSENT, {7, 3, 2, 2, 0, -1, 0}},
                    {"max:ic1iw10kw3sw4", 1, ABSENT, ABSENT, {10, 2, 3, 4, 0, -3, 0}},
                    {"max:ic1iw7kw3pw1dw1", 1, ABSENT, ABSENT, {7, 5, 3, 1, 1, 1, 1}},
                    {"max:ic1iw3kw5pw1", 1, ABSENT, ABSENT, {3, 1, 5, 1, 1, 1, 0}});
}

/* -1 / 2 is 0 in C, and would make one output. The sentence names the output, the window and the
 * input. (pytorch/pytorch#22337) */
Test(geometry, an_output_that_the_input_does_not_give_is_refused) {
    static const struct {
        const char *text, *field;
    } rows[] = {
            {"max:ic1iw1kw2sw2", "window kw spans 2, but with its padding iw has only 1; no ow"},
            {"max:mb1ic1ih16kh2sh2_iw1kw2sw2", "no ow"},
            {"max:mb1ic1ih1kh2sh2_iw4kw2sw2", "no oh"},
            {"max:fwd_idx:ic1ih1kh2sh2", "no oh"},
            {"max:s8:nhwc:ic1ih1kh2sh2", "no oh"},
            {"max:bwd:ic1iw3kw6sw9pw1", "no ow"},
            {"avg_p:ic1iw1kw2sw2", "no ow"},
            {"avg_p:ic1iw4kw7sw4pw1", "window kw spans 7, but with its padding iw has only 6"},
            {"avg_np:ic1iw4kw3sw9dw2", "window kw spans 7, but with its padding iw has only 4"},
            {"lp:ic1iw1kw2sw2", "no ow"},
            {"blur:ic1ih2kh5sh4ph1", "no oh"},
            {"conv:ic1oc1ih2kh3sh2", "no oh"},
            {"conv:bwd_w:ic1oc1ih9kh3_iw2kw3sw2", "no ow"},
            {"conv:nhwc:bwd:g2ic2oc2ih9kh3_iw4kw2sw7dw5", "no ow"},
            {"max:ic1id1kd2sd2ih4kh2iw4kw2", "no od"},
            {"avg_np:ic1id4kd2ih4kh2iw1kw2sw3", "no ow"},
            {"conv:ic1oc1id2kd3sd2", "no od"},
            {"max:ic1iw3kw4sw4ceil", "no ow"},
            {"avg_p:ic1iw3kw4sw2ceil", "no ow"},
            {"lp:ic1ih3kh2sh2dh2ceil", "no oh"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_problem_refused(rows[i].text, rows[i].field);
    problem_of("blur:ic1ih3kh5ph1");
}

/* Where it is given, the trailing padding follows from it. */
Test(geometry, an_output_that_is_given_may_reach_past_the_input) {
    EXPECT_GEOMETRY({"max:ic1iw1ow1kw2sw2pw0", 1, ABSENT, ABSENT, {1, 1, 2, 2, 0, 1, 0}},
                    {"max:ic1iw1ow1kw4sw2", 1, ABSENT, ABSENT, {1, 1, 4, 2, 1, 2, 0}},
                    {"conv:ic1oc1iw2ow2kw3sw2pw0", 1, ABSENT, ABSENT, {2, 2, 3, 2, 0, 3, 0}},
                    {"avg_np:ic1iw3ow1kw4sw4pw0ceil", 1, ABSENT, ABSENT, {3, 1, 4, 4, 0, 0, 0}});
}

/* tensorflow/tensorflow#61642, #61778: a window of 1e19 or 1e38 ends the process */
Test(geometry, enormous_windows_are_refused) {
    static const char *const ops[] = {"max", "avg_p", "avg_np", "lp", "blur", "conv"};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        const char *channels = strcmp(ops[i], "conv") ? "ic1" : "ic1oc1";
        char text[PB_TEXT_SIZE];
#define ENORMOUS(rest, field)                                                                      \
    (snprintf(text, sizeof text, "%s:%s%s", ops[i], channels, rest),                               \
     expect_problem_refused(text, field))
        ENORMOUS("iw4kw10000000000000000000", "'kw10000000000000000000' is out of range");
        ENORMOUS("ih4kh100000000000000000000000000000000000000", "is out of range");
        ENORMOUS("iw4kw1e19", "'e19'");
        ENORMOUS("iw4kw9223372036854775807", "no ow");
        ENORMOUS("iw4kw4611686018427387905dw1", "axis w");
        ENORMOUS("iw4kw3dw9223372036854775807", "axis w");
        ENORMOUS("iw4kw2pw9223372036854775807", "axis w");
        ENORMOUS("iw4ow1kw9223372036854775807", "axis w");
        ENORMOUS("id4kd9223372036854775807", "no od");
#undef ENORMOUS
    }
    expect_problem_refused("gap:ic1iw10000000000000000000", "out of range");
    expect_problem_refused("adaptive_avg:ic1iw4ow10000000000000000000", "out of range");
    expect_problem_refused("s2d:ic1iw4kw10000000000000000000", "out of range");
}

Test(geometry, a_divisor_of_0_is_refused) {
    expect_problem_refused("avg_p:ic3ih4kh2div0", "div is 0");
    expect_problem_refused("avg_np:bwd:div0_ic3ih4kh2", "div is 0");
    expect_problem_refused("avg_p:ic3ih4kh2div2_div0", "div is 0");
    expect_problem_refused("max:ic3ih4kh2div0", "div is 0");
    cr_expect_eq(problem_of("avg_p:ic3ih4kh2div0_div2").div, 2);
    cr_expect_eq(problem_of("avg_p:ic3ih4kh2").div, 0);
}

/* p = ((o-1)s - i + K) / 2 with C's division. */
Test(geometry, padding_is_deduced) {
    EXPECT_GEOMETRY({"conv:ic3oc64iw224ow112kw7sw2", 1, ABSENT, ABSENT, {224, 112, 7, 2, 2, 3, 0}},
                    {"max:ic1iw8ow4kw1sw2", 1, ABSENT, ABSENT, {8, 4, 1, 2, 0, -1, 0}},
                    {"max:ic1iw8ow8kw3dw1", 1, ABSENT, ABSENT, {8, 8, 3, 1, 2, 2, 1}},
                    {"max:ic1iw8ow9kw2", 1, ABSENT, ABSENT, {8, 9, 2, 1, 1, 1, 0}});
    expect_problem_refused("max:ic1iw10ow3kw2sw2", "pw"); /* (4 - 10 + 2) / 2 = -2 */
}

Test(geometry, output_and_padding_are_taken_as_given) {
    EXPECT_GEOMETRY({"max:ic1iw8ow4kw2sw2pw1", 1, ABSENT, ABSENT, {8, 4, 2, 2, 1, -1, 0}},
                    {"max:ic1iw8ow2kw2sw1pw0", 1, ABSENT, ABSENT, {8, 2, 2, 1, 0, -5, 0}},
                    {"max:ic1iw4ow9kw2sw1pw3", 1, ABSENT, ABSENT, {4, 9, 2, 1, 3, 3, 0}});
}

Test(geometry, ceil_rounds_up_and_declares_equal_padding) {
    EXPECT_GEOMETRY({"max:ic1iw6kw3sw2ceil", 1, ABSENT, ABSENT, {6, 3, 3, 2, 0, 0, 0}},
                    {"max:ceil_ic1iw7kw3sw2pw1", 1, ABSENT, ABSENT, {7, 4, 3, 2, 1, 1, 0}},
                    {"max:ic1iw8kw3sw2pw1ceil", 1, ABSENT, ABSENT, {8, 5, 3, 2, 1, 1, 0}});
    cr_expect(problem_of("avg_p:ic1iw8kw3sw2pw1ceil").ceil);
}

/* Known defects of real libraries; the address is repo#n. */

/* pytorch/pytorch#45357, PaddlePaddle/Paddle#51542: 4 x 4 with a row of -Inf, or a division by 0 */
Test(geometry, known_defect_ceil_k1_s2_drops_the_window_past_the_input) {
    EXPECT_GEOMETRY({"max:ic1ih6iw7kh1kw1sh2sw2ceil",
                     2,
                     ABSENT,
                     {6, 3, 1, 2, 0, 0, 0},
                     {7, 4, 1, 2, 0, 0, 0}},
                    {"avg_p:ic1ih6iw7kh1kw1sh2sw2ceil",
                     2,
                     ABSENT,
                     {6, 3, 1, 2, 0, 0, 0},
                     {7, 4, 1, 2, 0, 0, 0}});
}

/* pytorch/xla#2583: a row of -Inf */
Test(geometry, known_defect_ceil_k3_s4_drops_the_window_past_the_input) {
    EXPECT_GEOMETRY({"max:ic1ih8iw10kh3kw3sh4sw4ceil",
                     2,
                     ABSENT,
                     {8, 2, 3, 4, 0, 0, 0},
                     {10, 3, 3, 4, 0, 0, 0}});
}

/* apache/tvm#18641: 10 */
Test(geometry, known_defect_ceil_k2_s2_p1_of_17_is_9) {
    EXPECT_GEOMETRY({"max:ic1iw17kw2sw2pw1ceil", 1, ABSENT, ABSENT, {17, 9, 2, 2, 1, 1, 0}});
}

/* tracel-ai/burn#5791: 4, with an index inside the padding */
Test(geometry, known_defect_ceil_k2_s2_p1_of_5_is_3) {
    EXPECT_GEOMETRY({"max:ic1iw5kw2sw2pw1ceil", 1, ABSENT, ABSENT, {5, 3, 2, 2, 1, 1, 0}});
}

/* webmachinelearning/webnn#935: 3, with 0 or -Inf in the last */
Test(geometry, known_defect_ceil_k3_s3_p1_of_5_is_2) {
    EXPECT_GEOMETRY(
            {"max:ic1ih5kh3sh3ph1ceil", 2, ABSENT, {5, 2, 3, 3, 1, 1, 0}, {5, 2, 3, 3, 1, 1, 0}});
}

/* pytorch/pytorch#88464: an output of size -2 */
Test(geometry, known_defect_ceil_of_a_window_wider_than_the_input_is_refused) {
    expect_problem_refused("max:ic1iw1kw4ceil", "ow");
}

/* pytorch/pytorch#168246: garbage */
Test(geometry, known_defect_window_2_over_height_1_is_refused) {
    expect_problem_refused("max:ic1ih1iw4kh2kw2", "oh");
}

/* apache/tvm#4738: the padding of h and w ignored */
Test(geometry, known_defect_three_axes_keep_their_own_padding) {
    EXPECT_GEOMETRY({"avg_p:ic1id4ih4iw4kd3kh3kw3pd0ph1pw2",
                     3,
                     {4, 2, 3, 1, 0, 0, 0},
                     {4, 4, 3, 1, 1, 1, 0},
                     {4, 6, 3, 1, 2, 2, 0}});
}

/* tensorflow/tensorflow#57128: 64 */
Test(geometry, known_defect_dilated_depthwise_136_is_65) {
    EXPECT_GEOMETRY({"conv:g2ic2oc2ih136kh3sh2dh2",
                     2,
                     ABSENT,
                     {136, 65, 3, 2, 0, -1, 2},
                     {136, 65, 3, 2, 0, -1, 2}});
}

/* taehoonlee/tensornets#25: pads (3, 3) */
Test(geometry, known_defect_same_padding_of_224_k7_s2_is_2_and_3) {
    struct pb_problem p = problem_of("conv:ic3oc64ih224oh112kh7sh2");
    cr_expect(p.h.p == 2 && p.h.pr == 3 && p.w.p == 2 && p.w.pr == 3);
}

Test(geometry, global_pooling_takes_the_whole_input) {
    EXPECT_GEOMETRY(
            {"gap:ic64ih8", 2, ABSENT, {8, 1, 8, 1, 0, 0, 0}, {8, 1, 8, 1, 0, 0, 0}},
            {"gap:mb1ic128ih16iw7", 2, ABSENT, {16, 1, 16, 1, 0, 0, 0}, {7, 1, 7, 1, 0, 0, 0}},
            {"gmp:ic3iw5", 1, ABSENT, ABSENT, {5, 1, 5, 1, 0, 0, 0}});
}

/* ---- Adaptive windows ------------------------------------------------------------------------ */

Test(geometry, adaptive_windows_follow_from_input_and_output) {
    EXPECT_GEOMETRY(
            {"adaptive_max:ic3ih5oh3", 2, ABSENT, {5, 3, 1, 1, 0, 0, 0}, {5, 3, 1, 1, 0, 0, 0}},
            {"adaptive_avg:ow9_iw4ic3", 1, ABSENT, ABSENT, {4, 9, 1, 1, 0, 0, 0}},
            {"adaptive_avg:ic3ih5iw7oh3ow1",
             2,
             ABSENT,
             {5, 3, 1, 1, 0, 0, 0},
             {7, 1, 1, 1, 0, 0, 0}},
            {"adaptive_max:bwd:ic3id4od2",
             3,
             {4, 2, 1, 1, 0, 0, 0},
             {4, 2, 1, 1, 0, 0, 0},
             {4, 2, 1, 1, 0, 0, 0}});
    struct pb_problem p = problem_of("adaptive_max:fwd_idx:mb1ic3ih5iw7oh3ow9");
    char text[PB_TEXT_SIZE];
    cr_expect_str_eq(pb_problem_print(&p, text),
                     "adaptive_max:f32:nchw:fwd_idx:mb1ic3_ih5oh3_iw7ow9");
}

Test(geometry, adaptive_takes_no_window_of_its_own) {
    expect_problem_refused("adaptive_max:ic3ih5", "oh");
    expect_problem_refused("adaptive_max:ic3oh5", "ih");
    expect_problem_refused("adaptive_avg:ic3ih5oh0", "oh");
    expect_problem_refused("adaptive_max:ic1iw1099511627776ow16777216",
                           "overflows int64"); /* 2^40 x 2^24 */
    expect_problem_refused("adaptive_avg:ic3ih5oh3iw5", "ow");
    expect_problem_refused("adaptive_avg:ic3", "spatial");
    expect_problem_refused("adaptive_max:ic3ih5oh3kh2", "ih and oh");
    expect_problem_refused("adaptive_max:ic3ih5oh3kh1", "ih and oh");
    expect_problem_refused("adaptive_avg:ic3ih5oh3sh2", "ih and oh");
    expect_problem_refused("adaptive_avg:ic3iw5ow3pw1", "iw and ow");
    expect_problem_refused("adaptive_avg:ic3iw5ow3dw1", "iw and ow");
    expect_problem_refused("adaptive_avg:ic3ih5oh3ceil", "ceil");
    expect_problem_refused("adaptive_avg:ic3ih5oh3div2", "div");
    expect_problem_refused("adaptive_avg:fwd_idx:ic3ih5oh3", "fwd_idx");
    expect_problem_refused("adaptive_max:bwd_w:ic3ih5oh3", "bwd_w");
    expect_problem_refused("adaptive_avg:ic1iw1099511627776ow1099511627776", "overflow");
}

/* ---- s2d, blur, integers --------------------------------------------------------------------- */

Test(geometry, blocks_become_channels) {
    EXPECT_GEOMETRY({"s2d:ic3ih4kh2", 2, ABSENT, {4, 2, 2, 2, 0, 0, 0}, {4, 2, 2, 2, 0, 0, 0}},
                    {"s2d:ic3ih6oh3kh2sh2ph0_iw8kw4",
                     2,
                     ABSENT,
                     {6, 3, 2, 2, 0, 0, 0},
                     {8, 2, 4, 4, 0, 0, 0}},
                    {"s2d:bwd:ic3iw9kw3_crd", 1, ABSENT, ABSENT, {9, 3, 3, 3, 0, 0, 0}},
                    {"s2d:ic3id4ih6iw5kd2kh3kw1",
                     3,
                     {4, 2, 2, 2, 0, 0, 0},
                     {6, 2, 3, 3, 0, 0, 0},
                     {5, 5, 1, 1, 0, 0, 0}});
    cr_expect_eq(problem_of("s2d:ic3ih6iw8kh2kw4").oc, 24);
    cr_expect_eq(problem_of("s2d:ic3id4ih6iw5kd2kh3kw1").oc, 18);
    cr_expect_not(problem_of("s2d:ic3ih4kh2").crd);
    cr_expect(problem_of("s2d:crd_ic3ih4kh2").crd && problem_of("s2d:ic3crd_ih4kh2n").crd);
    char text[PB_TEXT_SIZE];
    struct pb_problem p = problem_of("s2d:nhwc:bwd:mb1ic3ih6iw8kh2kw4crd_n why");
    cr_expect_str_eq(pb_problem_print(&p, text), "s2d:f32:nhwc:bwd:mb1ic3_ih6kh2_iw8kw4_crd_n why");
}

Test(geometry, blocks_are_whole) {
    expect_problem_refused("s2d:ic3ih5kh2", "axis h");
    expect_problem_refused("s2d:ic3iw4kw8", "axis w");
    expect_problem_refused("s2d:ic3ih4kh2sh1sw3_iw4kw2", "axis w");
    expect_problem_refused("s2d:ic3ih4kh2sh4", "axis h");
    expect_problem_refused("s2d:ic3ih4oh3kh2", "axis h");
    expect_problem_refused("s2d:ic3ih4kh2ph1", "axis h");
    expect_problem_refused("s2d:ic3ih4kh2dh1", "axis h");
    expect_problem_refused("s2d:ic3ih4", "kh");
    expect_problem_refused("s2d:ic3kh2", "ih");
    expect_problem_refused("s2d:ic3ih4kh2ceil", "ceil");
    expect_problem_refused("s2d:ic3ih4kh2div2", "div");
    expect_problem_refused("s2d:fwd_idx:ic3ih4kh2", "fwd_idx");
    expect_problem_refused("s2d:bwd_w:ic3ih4kh2", "bwd_w");
    expect_problem_refused("s2d:ic3oc12ih4kh2", "oc12");
    expect_problem_refused("s2d:ic3id1099511627776kd1099511627776_ih1099511627776kh1099511627776"
                           "_iw1099511627776kw1099511627776",
                           "overflow");
    expect_problem_refused("max:ic3ih4kh2crd", "crd");
}

Test(geometry, blur_is_a_window_over_reflected_input) {
    EXPECT_GEOMETRY(
            {"blur:ic1ih8kh3sh2ph1", 2, ABSENT, {8, 4, 3, 2, 1, 0, 0}, {8, 4, 3, 2, 1, 0, 0}},
            {"blur:ic1iw8ow8kw4", 1, ABSENT, ABSENT, {8, 8, 4, 1, 1, 2, 0}},
            {"blur:bwd:ic1iw4kw7pw3", 1, ABSENT, ABSENT, {4, 4, 7, 1, 3, 3, 0}},
            {"blur:ic1iw10kw3sw4", 1, ABSENT, ABSENT, {10, 2, 3, 4, 0, -3, 0}});
    /* half of the input for every filter */
    for (int k = 1; k <= 7; k++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "blur:ic1ih8kh%dsh2ph%d", k, (k - 1) / 2);
        struct pb_problem p = problem_of(text);
        cr_expect(p.h.o == 4 && p.w.o == 4, "%s", text);
    }
    char text[PB_TEXT_SIZE];
    struct pb_problem p = problem_of("blur:mb1ic3ih8kh3sh2ph1");
    cr_expect_str_eq(pb_problem_print(&p, text), "blur:f32:nchw:fwd:mb1ic3_ih8oh4kh3sh2ph1");
}

Test(geometry, blur_reflects_less_than_its_input_and_has_7_taps_at_most) {
    expect_problem_refused("blur:ic1iw16kw8", "kw");
    expect_problem_refused("blur:ic1iw16kw3dw1", "kw");
    expect_problem_refused("blur:ic1iw3kw7pw3", "axis w");
    expect_problem_refused("blur:ic1ih1kh3ph1", "axis h");
    expect_problem_refused("blur:ic1iw4ow8kw2sw1pw0", "axis w"); /* 4 past the end, 3 at most */
    expect_problem_refused("blur:ic1iw8kw3ceil", "ceil");
    expect_problem_refused("blur:ic1iw8kw3div2", "div");
    expect_problem_refused("blur:ic1iw8kw3crd", "crd");
    expect_problem_refused("blur:fwd_idx:ic1iw8kw3", "fwd_idx");
    expect_problem_refused("blur:bwd_w:ic1iw8kw3", "bwd_w");
}

Test(geometry, integers_have_no_gradient) {
    static const char *const types[] = {"s8", "u8", "s32", "s64"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "max:%s:bwd:ic3ih4kh2", types[i]);
        expect_problem_refused(text, types[i]);
        snprintf(text, sizeof text, "conv:%s:bwd_w:ic3oc3ih4kh2", types[i]);
        expect_problem_refused(text, types[i]);
        snprintf(text, sizeof text, "max:%s:fwd_idx:ic3ih4kh2", types[i]);
        problem_of(text);
    }
    problem_of("max:bf16:bwd:ic3ih4kh2");
}
