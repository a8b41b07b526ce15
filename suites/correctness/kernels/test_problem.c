/* The problem descriptor: what text means, what is refused, and that print and parse agree. Every
 * expected number is worked out by hand. */
#include "reference.h"
#include "core/op_traits.h"
#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct pb_problem parsed(const char *text) {
    struct pb_problem problem;
    memset(&problem, 0, sizeof problem);
    enum pb_status status = pb_problem_parse(text, &problem);
    cr_assert_eq(status, PB_OK, "%s: %s", text, pb_error());
    return problem;
}

static void refused(const char *text, const char *field) {
    struct pb_problem before, problem;
    memset(&problem, 0x5a, sizeof problem);
    memcpy(&before, &problem, sizeof problem);
    cr_expect_eq(pb_problem_parse(text, &problem), PB_INVALID, "%s was accepted", text);
    cr_expect(strstr(pb_error(), field), "%s: \"%s\" does not name %s", text, pb_error(), field);
    cr_expect_eq(memcmp(&before, &problem, sizeof problem), 0, "%s: problem was written", text);
}

static void expect_axis(const char *text, const char *name, struct pb_axis got,
                        struct pb_axis want) {
    cr_expect(got.i == want.i && got.o == want.o && got.k == want.k && got.s == want.s &&
                      got.p == want.p && got.pr == want.pr && got.d == want.d,
              "%s: axis %s is i%" PRId64 " o%" PRId64 " k%" PRId64 " s%" PRId64 " p%" PRId64
              " pr%" PRId64 " d%" PRId64,
              text, name, got.i, got.o, got.k, got.s, got.p, got.pr, got.d);
}

#define ABSENT                                                                                     \
    { 1, 1, 1, 1, 0, 0, 0 }
static const struct pb_axis absent = ABSENT;

struct geometry {
    const char *text;
    int rank;
    struct pb_axis d, h, w; /* i, o, k, s, p, pr, d */
};

static void expect_geometry(const struct geometry *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct pb_problem problem = parsed(rows[i].text);
        cr_expect_eq(problem.rank, rows[i].rank, "%s: rank %d", rows[i].text, problem.rank);
        expect_axis(rows[i].text, "d", problem.d, rows[i].rank > 2 ? rows[i].d : absent);
        expect_axis(rows[i].text, "h", problem.h, rows[i].rank > 1 ? rows[i].h : absent);
        expect_axis(rows[i].text, "w", problem.w, rows[i].w);
    }
}

#define EXPECT_GEOMETRY(...)                                                                       \
    do {                                                                                           \
        static const struct geometry rows[] = {__VA_ARGS__};                                       \
        expect_geometry(rows, sizeof rows / sizeof rows[0]);                                       \
    } while (0)

Test(problem, defaults) {
    struct pb_problem p = parsed("max:ic3ih4kh2");
    cr_expect(p.op == PB_MAX && p.dir == PB_FWD && p.dtype == PB_F32 && p.layout == PB_NCHW);
    cr_expect(p.mb == 2 && p.g == 1 && p.ic == 3 && p.oc == 3 && p.rank == 2);
    cr_expect(!p.ceil && p.div == 0);
    cr_expect_str_eq(p.name, "");
    EXPECT_GEOMETRY({"max:ic3ih4kh2", 2, ABSENT, {4, 3, 2, 1, 0, 0, 0}, {4, 3, 2, 1, 0, 0, 0}});
}

Test(problem, every_prefix_field) {
    struct pb_problem p = parsed("max:f32:nhwc:bwd:mb16ic64ih32oh16kh2sh2_n\"cifar:pool\"");
    cr_expect(p.op == PB_MAX && p.dir == PB_BWD && p.dtype == PB_F32 && p.layout == PB_NHWC);
    cr_expect(p.mb == 16 && p.ic == 64);
    cr_expect_str_eq(p.name, "\"cifar:pool\"", "the name is the rest of the line");
    p = parsed("avg_np:s8:ic3iw4kw2");
    cr_expect(p.op == PB_AVG_NP && p.dtype == PB_S8 && p.layout == PB_NCHW && p.dir == PB_FWD);
    p = parsed("max:fwd_idx:ic3iw4kw2");
    cr_expect(p.op == PB_MAX && p.dir == PB_FWD_IDX && p.dtype == PB_F32);
    p = parsed("conv:nChw16c:bwd_w:ic16oc16iw4kw2");
    cr_expect(p.op == PB_CONV && p.layout == PB_NCHW16C && p.dir == PB_BWD_W);
}

/* What was expected, and what the word nearly is. */
Test(problem, a_word_that_is_none_is_explained) {
    static const struct {
        const char *problem, *sentence;
    } rows[] = {
            {"max:f32:nhcw:ic3ih4kh2", "unknown layout 'nhcw' (expected nchw, nhwc or nChw16c); "
                                       "did you mean 'nhwc'?"},
            {"max:NCHW16c:ic3ih4kh2", "did you mean 'nChw16c'?"},
            {"max:f23:ic3ih4kh2",
             "unknown data type 'f23' (expected f32, f16, bf16, s8, u8, s32 or "
             "s64); did you mean 'f32'?"},
            {"max:fwd_ix:ic3ih4kh2", "unknown direction 'fwd_ix' (expected fwd, fwd_idx, bwd or "
                                     "bwd_w); did you mean 'fwd_idx'?"},
            {"avg:ic3ih4kh2", "did you mean 'avg_p'?"},
            {"cnv:ic3ih4kh2", "did you mean 'conv'?"},
            {"max:frobnicate:ic3ih4kh2",
             "unknown data type, layout or direction 'frobnicate' (expected f32, f16, bf16, s8, "
             "u8, "
             "s32 or s64; nchw, nhwc or nChw16c; fwd, fwd_idx, bwd or bwd_w)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refused(rows[i].problem, rows[i].sentence);
    enum pb_op op;
    cr_expect_eq(pb_op_parse("pooling", &op), PB_INVALID);
    cr_expect_null(strstr(pb_error(), "did you mean"), "%s", pb_error());
    cr_expect_eq(pb_op_parse("", &op), PB_INVALID);
    cr_expect_null(strstr(pb_error(), "did you mean"), "%s", pb_error());
    char text[128];
    memset(text, 'm', sizeof text);
    memcpy(text + sizeof text - 12, ":ic3ih4kh2", 11);
    refused(text, "unknown operation 'mmm");
}

/* What kernels and plug-ins ask inline is what the table of operations says. */
Test(problem, traits_and_predicates_agree) {
    for (int op = 0; op < PB_OPS; op++) {
        const struct pb_problem p = {.op = (enum pb_op)op, .dir = PB_FWD_IDX};
        const struct pb_op_traits *traits = pb_traits_of(&p);
        bool largest = traits->reduction == PB_LARGEST;
        cr_expect_eq(pb_is_max(&p), largest && !pb_is_adaptive(&p), "%s", traits->name);
        cr_expect_eq(pb_has_indices(&p), largest, "%s", traits->name);
        cr_expect_eq(pb_role_written(&p, PB_INDICES), largest, "%s", traits->name);
        cr_expect(traits->tensors->writes[PB_FWD] & 1u << PB_DST, "%s", traits->name);
        cr_expect(traits->tensors->writes[PB_BWD] & 1u << PB_SRC, "%s", traits->name);
        for (int dir = 0; dir < PB_DIRS; dir++)
            cr_expect_eq(traits->tensors->reads[dir] & traits->tensors->writes[dir], 0u, "%s %s",
                         traits->name, pb_dir_name((enum pb_dir)dir));
    }
}

Test(problem, axes_are_copied_to_absent_ones) {
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
Test(problem, output_is_deduced) {
    EXPECT_GEOMETRY({"max:ic1iw7kw2sw2", 1, ABSENT, ABSENT, {7, 3, 2, 2, 0, -1, 0}},
                    {"max:ic1iw10kw3sw4", 1, ABSENT, ABSENT, {10, 2, 3, 4, 0, -3, 0}},
                    {"max:ic1iw7kw3pw1dw1", 1, ABSENT, ABSENT, {7, 5, 3, 1, 1, 1, 1}},
                    {"max:ic1iw3kw5pw1", 1, ABSENT, ABSENT, {3, 1, 5, 1, 1, 1, 0}});
}

/* -1 / 2 is 0 in C, and would make one output. The sentence names the output, the window and the
 * input. (pytorch/pytorch#22337) */
Test(problem, an_output_that_the_input_does_not_give_is_refused) {
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
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) refused(rows[i].text, rows[i].field);
    parsed("blur:ic1ih3kh5ph1");
}

/* Where it is given, the trailing padding follows from it. */
Test(problem, an_output_that_is_given_may_reach_past_the_input) {
    EXPECT_GEOMETRY({"max:ic1iw1ow1kw2sw2pw0", 1, ABSENT, ABSENT, {1, 1, 2, 2, 0, 1, 0}},
                    {"max:ic1iw1ow1kw4sw2", 1, ABSENT, ABSENT, {1, 1, 4, 2, 1, 2, 0}},
                    {"conv:ic1oc1iw2ow2kw3sw2pw0", 1, ABSENT, ABSENT, {2, 2, 3, 2, 0, 3, 0}},
                    {"avg_np:ic1iw3ow1kw4sw4pw0ceil", 1, ABSENT, ABSENT, {3, 1, 4, 4, 0, 0, 0}});
}

/* tensorflow/tensorflow#61642, #61778: a window of 1e19 or 1e38 ends the process */
Test(problem, enormous_windows_are_refused) {
    static const char *const ops[] = {"max", "avg_p", "avg_np", "lp", "blur", "conv"};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        const char *channels = strcmp(ops[i], "conv") ? "ic1" : "ic1oc1";
        char text[PB_TEXT_SIZE];
#define ENORMOUS(rest, field)                                                                      \
    (snprintf(text, sizeof text, "%s:%s%s", ops[i], channels, rest), refused(text, field))
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
    refused("gap:ic1iw10000000000000000000", "out of range");
    refused("adaptive_avg:ic1iw4ow10000000000000000000", "out of range");
    refused("s2d:ic1iw4kw10000000000000000000", "out of range");
}

Test(problem, a_divisor_of_0_is_refused) {
    refused("avg_p:ic3ih4kh2div0", "div is 0");
    refused("avg_np:bwd:div0_ic3ih4kh2", "div is 0");
    refused("avg_p:ic3ih4kh2div2_div0", "div is 0");
    refused("max:ic3ih4kh2div0", "div is 0");
    cr_expect_eq(parsed("avg_p:ic3ih4kh2div0_div2").div, 2);
    cr_expect_eq(parsed("avg_p:ic3ih4kh2").div, 0);
}

/* p = ((o-1)s - i + K) / 2 with C's division. */
Test(problem, padding_is_deduced) {
    EXPECT_GEOMETRY({"conv:ic3oc64iw224ow112kw7sw2", 1, ABSENT, ABSENT, {224, 112, 7, 2, 2, 3, 0}},
                    {"max:ic1iw8ow4kw1sw2", 1, ABSENT, ABSENT, {8, 4, 1, 2, 0, -1, 0}},
                    {"max:ic1iw8ow8kw3dw1", 1, ABSENT, ABSENT, {8, 8, 3, 1, 2, 2, 1}},
                    {"max:ic1iw8ow9kw2", 1, ABSENT, ABSENT, {8, 9, 2, 1, 1, 1, 0}});
    refused("max:ic1iw10ow3kw2sw2", "pw"); /* (4 - 10 + 2) / 2 = -2 */
}

Test(problem, output_and_padding_are_taken_as_given) {
    EXPECT_GEOMETRY({"max:ic1iw8ow4kw2sw2pw1", 1, ABSENT, ABSENT, {8, 4, 2, 2, 1, -1, 0}},
                    {"max:ic1iw8ow2kw2sw1pw0", 1, ABSENT, ABSENT, {8, 2, 2, 1, 0, -5, 0}},
                    {"max:ic1iw4ow9kw2sw1pw3", 1, ABSENT, ABSENT, {4, 9, 2, 1, 3, 3, 0}});
}

Test(problem, ceil_rounds_up_and_declares_equal_padding) {
    EXPECT_GEOMETRY({"max:ic1iw6kw3sw2ceil", 1, ABSENT, ABSENT, {6, 3, 3, 2, 0, 0, 0}},
                    {"max:ceil_ic1iw7kw3sw2pw1", 1, ABSENT, ABSENT, {7, 4, 3, 2, 1, 1, 0}},
                    {"max:ic1iw8kw3sw2pw1ceil", 1, ABSENT, ABSENT, {8, 5, 3, 2, 1, 1, 0}});
    cr_expect(parsed("avg_p:ic1iw8kw3sw2pw1ceil").ceil);
}

/* Known defects of real libraries; the address is repo#n. */

/* pytorch/pytorch#45357, PaddlePaddle/Paddle#51542: 4 x 4 with a row of -Inf, or a division by 0 */
Test(problem, known_defect_ceil_k1_s2_drops_the_window_past_the_input) {
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
Test(problem, known_defect_ceil_k3_s4_drops_the_window_past_the_input) {
    EXPECT_GEOMETRY({"max:ic1ih8iw10kh3kw3sh4sw4ceil",
                     2,
                     ABSENT,
                     {8, 2, 3, 4, 0, 0, 0},
                     {10, 3, 3, 4, 0, 0, 0}});
}

/* apache/tvm#18641: 10 */
Test(problem, known_defect_ceil_k2_s2_p1_of_17_is_9) {
    EXPECT_GEOMETRY({"max:ic1iw17kw2sw2pw1ceil", 1, ABSENT, ABSENT, {17, 9, 2, 2, 1, 1, 0}});
}

/* tracel-ai/burn#5791: 4, with an index inside the padding */
Test(problem, known_defect_ceil_k2_s2_p1_of_5_is_3) {
    EXPECT_GEOMETRY({"max:ic1iw5kw2sw2pw1ceil", 1, ABSENT, ABSENT, {5, 3, 2, 2, 1, 1, 0}});
}

/* webmachinelearning/webnn#935: 3, with 0 or -Inf in the last */
Test(problem, known_defect_ceil_k3_s3_p1_of_5_is_2) {
    EXPECT_GEOMETRY(
            {"max:ic1ih5kh3sh3ph1ceil", 2, ABSENT, {5, 2, 3, 3, 1, 1, 0}, {5, 2, 3, 3, 1, 1, 0}});
}

/* pytorch/pytorch#88464: an output of size -2 */
Test(problem, known_defect_ceil_of_a_window_wider_than_the_input_is_refused) {
    refused("max:ic1iw1kw4ceil", "ow");
}

/* pytorch/pytorch#168246: garbage */
Test(problem, known_defect_window_2_over_height_1_is_refused) {
    refused("max:ic1ih1iw4kh2kw2", "oh");
}

/* apache/tvm#4738: the padding of h and w ignored */
Test(problem, known_defect_three_axes_keep_their_own_padding) {
    EXPECT_GEOMETRY({"avg_p:ic1id4ih4iw4kd3kh3kw3pd0ph1pw2",
                     3,
                     {4, 2, 3, 1, 0, 0, 0},
                     {4, 4, 3, 1, 1, 1, 0},
                     {4, 6, 3, 1, 2, 2, 0}});
}

/* tensorflow/tensorflow#57128: 64 */
Test(problem, known_defect_dilated_depthwise_136_is_65) {
    EXPECT_GEOMETRY({"conv:g2ic2oc2ih136kh3sh2dh2",
                     2,
                     ABSENT,
                     {136, 65, 3, 2, 0, -1, 2},
                     {136, 65, 3, 2, 0, -1, 2}});
}

/* taehoonlee/tensornets#25: pads (3, 3) */
Test(problem, known_defect_same_padding_of_224_k7_s2_is_2_and_3) {
    struct pb_problem p = parsed("conv:ic3oc64ih224oh112kh7sh2");
    cr_expect(p.h.p == 2 && p.h.pr == 3 && p.w.p == 2 && p.w.pr == 3);
}

Test(problem, global_pooling_takes_the_whole_input) {
    EXPECT_GEOMETRY(
            {"gap:ic64ih8", 2, ABSENT, {8, 1, 8, 1, 0, 0, 0}, {8, 1, 8, 1, 0, 0, 0}},
            {"gap:mb1ic128ih16iw7", 2, ABSENT, {16, 1, 16, 1, 0, 0, 0}, {7, 1, 7, 1, 0, 0, 0}},
            {"gmp:ic3iw5", 1, ABSENT, ABSENT, {5, 1, 5, 1, 0, 0, 0}});
}

/* ---- lp's exponent --------------------------------------------------------------------------- */

Test(problem, power) {
    cr_expect_eq(parsed("lp:ic1iw4kw2").power, 2);
    cr_expect_eq(parsed("lp:ic1iw4kw2pow3").power, 3);
    cr_expect_eq(parsed("lp:pow0.01_ic1iw4kw2").power, 0.01);
    cr_expect_eq(parsed("lp:ic1_pow1.5iw4kw2sw2ceil").power, 1.5);
    cr_expect_eq(parsed("lp:ic1iw4pow100kw2").power, 100);
    cr_expect_eq(parsed("lp:ic1iw4kw2pow.5").power, 0.5);
    cr_expect_eq(parsed("lp:ic1iw4kw2pow3.").power, 3);
    cr_expect_eq(parsed("lp:ic1iw4kw2pow3_pow1").power, 1, "the last wins");
    cr_expect_eq(parsed("max:ic1iw4kw2").power, 0);
    struct pb_problem p = parsed("lp:ic1iw4kw2pow1.5pw1"); /* "pow" is no ow */
    cr_expect(p.w.o == 5 && p.w.p == 1 && p.power == 1.5);
}

Test(problem, power_is_a_decimal_from_0_01_to_100) {
    static const char *const wrong[] = {"pow",    "pow.",     "pow-2",  "pow+2",   "powinf",
                                        "pow_2",  "pownan",   "powe1",  "pow 2",   "pow0.0",
                                        "pow0",   "pow0.009", "pow101", "pow1e-1", "pow1e1",
                                        "pow0x2", "pow1.2.3"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[PB_TEXT_SIZE];
        struct pb_problem problem;
        snprintf(text, sizeof text, "lp:ic1iw4kw2%s", wrong[i]);
        cr_expect_eq(pb_problem_parse(text, &problem), PB_INVALID, "%s was accepted", text);
        cr_expect_str_not_empty(pb_error());
    }
    refused("lp:ic1iw4kw2pow", "pow");
    refused("lp:ic1iw4kw2pow-2", "pow");
    refused("lp:ic1iw4kw2pow100.5", "pow");
    refused("max:ic1iw4kw2pow3", "pow");
    refused("avg_p:ic1iw4kw2pow2", "pow");
    refused("adaptive_max:ic1iw4ow2pow2", "pow");
    refused("lp:ic1iw4kw2div2", "div");
    refused("lp:fwd_idx:ic1iw4kw2", "fwd_idx");
    refused("lp:bwd_w:ic1iw4kw2", "bwd_w");
}

Test(problem, power_is_printed_so_that_it_reads_back) {
    static const double powers[] = {0.01, 0.1, 1.0 / 3, 0.5, 1, 1.5, 2, 3, 3.3, 12.345678, 100};
    struct pb_problem p = parsed("lp:mb1ic1iw4kw2");
    char text[PB_TEXT_SIZE];
    cr_expect_str_eq(pb_problem_print(&p, text), "lp:f32:nchw:fwd:mb1ic1_iw4ow3kw2pw0");
    p.power = 1.5;
    cr_expect_str_eq(pb_problem_print(&p, text), "lp:f32:nchw:fwd:mb1ic1_iw4ow3kw2pw0_pow1.5");
    for (size_t i = 0; i < sizeof powers / sizeof powers[0]; i++) {
        p.power = powers[i];
        cr_expect_eq(parsed(pb_problem_print(&p, text)).power, powers[i], "%s", text);
    }
}

/* ---- Adaptive windows ------------------------------------------------------------------------ */

Test(problem, adaptive_windows_follow_from_input_and_output) {
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
    struct pb_problem p = parsed("adaptive_max:fwd_idx:mb1ic3ih5iw7oh3ow9");
    char text[PB_TEXT_SIZE];
    cr_expect_str_eq(pb_problem_print(&p, text),
                     "adaptive_max:f32:nchw:fwd_idx:mb1ic3_ih5oh3_iw7ow9");
}

Test(problem, adaptive_takes_no_window_of_its_own) {
    refused("adaptive_max:ic3ih5", "oh");
    refused("adaptive_max:ic3oh5", "ih");
    refused("adaptive_avg:ic3ih5oh0", "oh");
    refused("adaptive_max:ic1iw1099511627776ow16777216", "overflows int64"); /* 2^40 x 2^24 */
    refused("adaptive_avg:ic3ih5oh3iw5", "ow");
    refused("adaptive_avg:ic3", "spatial");
    refused("adaptive_max:ic3ih5oh3kh2", "ih and oh");
    refused("adaptive_max:ic3ih5oh3kh1", "ih and oh");
    refused("adaptive_avg:ic3ih5oh3sh2", "ih and oh");
    refused("adaptive_avg:ic3iw5ow3pw1", "iw and ow");
    refused("adaptive_avg:ic3iw5ow3dw1", "iw and ow");
    refused("adaptive_avg:ic3ih5oh3ceil", "ceil");
    refused("adaptive_avg:ic3ih5oh3div2", "div");
    refused("adaptive_avg:fwd_idx:ic3ih5oh3", "fwd_idx");
    refused("adaptive_max:bwd_w:ic3ih5oh3", "bwd_w");
    refused("adaptive_avg:ic1iw1099511627776ow1099511627776", "overflow");
}

Test(problem, groups_divisor_and_batch) {
    struct pb_problem p = parsed("conv:g4mb0ic8oc12ih5kh3");
    cr_expect(p.g == 4 && p.mb == 0 && p.ic == 8 && p.oc == 12);
    cr_expect_eq(parsed("avg_np:ic1iw4kw2div3").div, 3);
    cr_expect_eq(parsed("avg_np:div3_ic1iw4kw2").div, 3);
    refused("conv:g3ic8oc12ih5kh3", "g");
    refused("conv:g5ic10oc12ih5kh3", "g");
    refused("conv:g0ic8oc12ih5kh3", "g");
}

Test(problem, fields_stand_in_their_order) {
    refused("max:nchw:f32:ic3ih4kh2", "'f32' is out of order");
    refused("max:bwd:nhwc:ic3ih4kh2", "'nhwc' is out of order");
    refused("max:f32:f32:ic3ih4kh2", "'f32' is out of order");
}

Test(problem, keys_in_any_order_and_the_last_wins) {
    struct pb_problem p = parsed("max:kh2sh2_ih9ic7ic5_mb3kh3_");
    cr_expect(p.mb == 3 && p.ic == 5 && p.h.k == 3 && p.h.s == 2 && p.h.i == 9 && p.h.o == 4);
    cr_expect(p.w.k == 3 && p.w.s == 2 && p.w.i == 9 && p.w.o == 4);
}

Test(problem, name_is_the_rest_of_the_line) {
    struct pb_problem empty = parsed("max:ic3ih4kh2n"), rest = parsed("max:ic3ih4kh2_nwhy: mb4 _x");
    cr_expect_str_eq(empty.name, "");
    cr_expect_str_eq(rest.name, "why: mb4 _x");
    char longest[PB_NAME_SIZE + 64] = "max:ic3ih4kh2n";
    size_t start = strlen(longest);
    memset(longest + start, 'x', PB_NAME_SIZE - 1);
    cr_expect_eq(strlen(parsed(longest).name), PB_NAME_SIZE - 1);
    strcat(longest, "x");
    refused(longest, "name");
}

Test(problem, what_is_missing_is_named) {
    refused("max:ih4kh2", "ic");
    refused("max:ic3kh2", "ih");
    refused("max:ic3ih4", "kh");
    refused("max:ic3", "spatial");
    refused("conv:ic3ih4kh2", "oc");
    refused("max:ic3ih4kh2sw3", "iw");
    refused("max:ic3id4kd2ih4kh2", "w");
    refused("gap:ic3", "spatial");
    refused("max:ic3ihkh2", "ih");
}

Test(problem, what_is_not_positive_is_named) {
    static const char *const keys[] = {"mb", "ic", "ih", "kh", "sh", "ph", "dh", "oh"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "max:ic3ih4kh2%s-1", keys[i]);
        refused(text, keys[i]);
    }
    refused("max:ic0ih4kh2", "ic");
    refused("max:ic3ih0iw4kh2kw2", "ih");
    refused("max:ic3ih4kh0", "kh");
    refused("max:ic3ih4kh2sh0", "sh");
    refused("conv:ic3oc0ih4kh2", "oc");
    refused("avg_p:ic3ih4kh2div-2", "div");
    refused("lp:ic3ih4kh2pow0", "pow");
    refused("avg_p:ic3ih4kh2pow0", "pow");
}

Test(problem, numbers_that_overflow_are_named) {
    refused("max:ic9223372036854775808ih4kh2", "ic");
    refused("max:ic3ih99999999999999999999kh2", "ih");
    refused("max:ic3ih4kh2mb99999999999999999999", "mb");
    refused("max:ic1iw9ow9223372036854775807kw2sw2pw0", "extents of axis w overflow");
    /* each fits, their product does not */
    char text[PB_TEXT_SIZE];
    static const char *const products[] = {
            "max:mb4294967296ic4294967296ih4kh2",
            "max:mb1ic1ih4611686018427387904kh2",
            "conv:ic4294967296oc4294967296ih4kh4",
            "max:ic1iw9223372036854775807kw2pw9223372036854775807",
            "max:ic1iw4kw9223372036854775807dw9223372036854775807",
            "max:ic1iw9ow9223372036854775807kw2sw9223372036854775807",
            "max:mb1ic2305843009213693952iw1kw1",
    };
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++) {
        snprintf(text, sizeof text, "%s", products[i]);
        struct pb_problem problem;
        cr_expect_eq(pb_problem_parse(text, &problem), PB_INVALID, "%s was accepted", text);
        cr_expect_str_not_empty(pb_error());
    }
}

Test(problem, what_is_not_the_grammar_is_refused) {
    refused("max:_ic3ih4kh2", "_");
    refused("max:ic3__ih4kh2", "_");
    refused("max:ic3ih4kh2zz9", "zz9");
    refused("max:ic3ih4kh2:", ":");
    refused("maxx:ic3ih4kh2", "maxx");
    refused("max:f31:ic3ih4kh2", "f31");
    refused("max", "max");
    refused("max:", "ic");
    refused("", "");
    refused(":", "");
}

Test(problem, directions_that_an_operation_lacks_are_refused) {
    static const char *const texts[] = {
            "max:bwd_w:ic3ih4kh2", "avg_p:fwd_idx:ic3ih4kh2", "avg_np:bwd_w:ic3ih4kh2",
            "gap:fwd_idx:ic3ih4",  "gap:bwd_w:ic3ih4",        "conv:fwd_idx:ic3oc3ih4kh2",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pb_problem problem;
        cr_expect_neq(pb_problem_parse(texts[i], &problem), PB_OK, "%s", texts[i]);
    }
}

Test(problem, multiply_adds) {
    /* 16 x 64 x 32 x 32 outputs of 3 x 3 x 3 products */
    cr_expect_eq(pb_problem_macs(&(struct pb_problem){0}), 0);
    struct pb_problem p = parsed("conv:mb16ic3oc64ih32kh3ph1");
    cr_expect_eq(pb_problem_macs(&p), INT64_C(28311552));
    p = parsed("conv:g2mb1ic4oc6ih5kh3"); /* 6 x 3 x 3 outputs of 2 x 3 x 3 */
    cr_expect_eq(pb_problem_macs(&p), 972);
    p = parsed("max:ic3ih4kh2");
    cr_expect_eq(pb_problem_macs(&p), 0);
}

/* A problem filled by hand is held to the same rules. */
static void spoiled(const char *what, struct pb_problem problem) {
    cr_expect_eq(pb_problem_check(&problem), PB_INVALID, "%s was accepted", what);
    cr_expect_str_not_empty(pb_error());
}

Test(problem, check_refuses_what_does_not_follow) {
    struct pb_problem good = parsed("conv:g2ic4oc6ih9iw7kh3kw2sh2sw1ph1pw0"), p;
    cr_expect_eq(pb_problem_check(&good), PB_OK, "%s", pb_error());
#define SPOILED(change) (p = good, (change), spoiled(#change, p))
    SPOILED(p.op = PB_OPS);
    SPOILED(p.dir = PB_DIRS);
    SPOILED(p.dtype = PB_DTYPES);
    SPOILED(p.layout = PB_LAYOUTS);
    SPOILED(p.rank = 0);
    SPOILED(p.rank = 4);
    SPOILED(p.mb = -1);
    SPOILED(p.g = 0);
    SPOILED(p.g = 3);
    SPOILED(p.ic = 0);
    SPOILED(p.oc = -6);
    SPOILED(p.h.i = 0);
    SPOILED(p.h.o = 0);
    SPOILED(p.h.o = 6);
    SPOILED(p.w.k = 0);
    SPOILED(p.w.s = 0);
    SPOILED(p.w.s = -1);
    SPOILED(p.w.p = -1);
    SPOILED(p.w.pr = 1);
    SPOILED(p.w.d = -1);
    SPOILED(p.d.i = 2);
    SPOILED(p.mb = INT64_MAX);
    SPOILED(p.ceil = true);
    good = parsed("lp:ic4ih9kh3");
    SPOILED(p.power = 0);
    SPOILED(p.power = -1);
    SPOILED(p.power = 100.5);
    SPOILED(p.power = INFINITY);
    SPOILED(p.power = NAN);
    SPOILED(p.op = PB_MAX);
    good = parsed("adaptive_max:ic4ih9oh3");
    SPOILED(p.h.k = 2);
    SPOILED(p.h.s = 2);
    SPOILED(p.h.p = 1);
    SPOILED(p.h.pr = 1);
    SPOILED(p.h.d = 1);
    SPOILED(p.h.o = 0);
    SPOILED(p.power = 2);
    good = parsed("max:ic4ih9kh3");
    SPOILED(p.oc = 5);
    SPOILED(p.div = -1);
    SPOILED(p.crd = true);
    good = parsed("s2d:ic4ih6kh3");
    SPOILED(p.oc = 4);
    SPOILED(p.oc = 35);
    SPOILED(p.h.s = 1);
    SPOILED(p.h.k = 2);
    SPOILED(p.w.pr = 1);
    good = parsed("blur:ic4ih6kh3ph1");
    SPOILED(p.h.p = 6);
    SPOILED(p.w.d = 1);
    good = parsed("max:bwd:ic4ih6kh3");
    SPOILED(p.dtype = PB_S8);
#undef SPOILED
}

/* Where every extent follows from the others, but not from the operation. */
Test(problem, check_names_what_an_operation_does_not_have) {
    static const struct {
        const char *text, *sentence;
        int axis;
        struct pb_axis to; /* i, o, k, s, p, pr, d */
    } rows[] = {
            {"gap:ic4iw6", "a global pool takes the whole axis w", 2, {6, 2, 5, 1, 0, 0, 0}},
            {"gmp:ic4ih6", "a global pool takes the whole axis h", 1, {6, 1, 5, 1, 0, -1, 0}},
            {"s2d:ic4iw6kw3", "s2d cuts axis w into whole blocks of kw", 2, {7, 2, 3, 3, 0, -1, 0}},
            {"s2d:ic4iw6kw3", "s2d cuts axis w into whole blocks of kw", 2, {6, 4, 3, 1, 0, 0, 0}},
            {"max:ic4ih6kh3", "axis d is set in a 2-D problem", 0, {2, 2, 1, 1, 0, 0, 0}},
            {"max:ic4iw6kw3", "axis h is set in a 1-D problem", 1, {4, 1, 4, 1, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_problem p = parsed(rows[i].text);
        p.axis[rows[i].axis] = rows[i].to;
        cr_expect_eq(pb_problem_check(&p), PB_INVALID, "row %zu", i);
        cr_expect_str_eq(pb_error(), rows[i].sentence, "row %zu", i);
    }
}

/* ---- s2d, blur, integers --------------------------------------------------------------------- */

Test(problem, blocks_become_channels) {
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
    cr_expect_eq(parsed("s2d:ic3ih6iw8kh2kw4").oc, 24);
    cr_expect_eq(parsed("s2d:ic3id4ih6iw5kd2kh3kw1").oc, 18);
    cr_expect_not(parsed("s2d:ic3ih4kh2").crd);
    cr_expect(parsed("s2d:crd_ic3ih4kh2").crd && parsed("s2d:ic3crd_ih4kh2n").crd);
    char text[PB_TEXT_SIZE];
    struct pb_problem p = parsed("s2d:nhwc:bwd:mb1ic3ih6iw8kh2kw4crd_n why");
    cr_expect_str_eq(pb_problem_print(&p, text), "s2d:f32:nhwc:bwd:mb1ic3_ih6kh2_iw8kw4_crd_n why");
}

Test(problem, blocks_are_whole) {
    refused("s2d:ic3ih5kh2", "axis h");
    refused("s2d:ic3iw4kw8", "axis w");
    refused("s2d:ic3ih4kh2sh1sw3_iw4kw2", "axis w");
    refused("s2d:ic3ih4kh2sh4", "axis h");
    refused("s2d:ic3ih4oh3kh2", "axis h");
    refused("s2d:ic3ih4kh2ph1", "axis h");
    refused("s2d:ic3ih4kh2dh1", "axis h");
    refused("s2d:ic3ih4", "kh");
    refused("s2d:ic3kh2", "ih");
    refused("s2d:ic3ih4kh2ceil", "ceil");
    refused("s2d:ic3ih4kh2div2", "div");
    refused("s2d:fwd_idx:ic3ih4kh2", "fwd_idx");
    refused("s2d:bwd_w:ic3ih4kh2", "bwd_w");
    refused("s2d:ic3oc12ih4kh2", "oc12");
    refused("s2d:ic3id1099511627776kd1099511627776_ih1099511627776kh1099511627776"
            "_iw1099511627776kw1099511627776",
            "overflow");
    refused("max:ic3ih4kh2crd", "crd");
}

Test(problem, blur_is_a_window_over_reflected_input) {
    EXPECT_GEOMETRY(
            {"blur:ic1ih8kh3sh2ph1", 2, ABSENT, {8, 4, 3, 2, 1, 0, 0}, {8, 4, 3, 2, 1, 0, 0}},
            {"blur:ic1iw8ow8kw4", 1, ABSENT, ABSENT, {8, 8, 4, 1, 1, 2, 0}},
            {"blur:bwd:ic1iw4kw7pw3", 1, ABSENT, ABSENT, {4, 4, 7, 1, 3, 3, 0}},
            {"blur:ic1iw10kw3sw4", 1, ABSENT, ABSENT, {10, 2, 3, 4, 0, -3, 0}});
    /* half of the input for every filter */
    for (int k = 1; k <= 7; k++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "blur:ic1ih8kh%dsh2ph%d", k, (k - 1) / 2);
        struct pb_problem p = parsed(text);
        cr_expect(p.h.o == 4 && p.w.o == 4, "%s", text);
    }
    char text[PB_TEXT_SIZE];
    struct pb_problem p = parsed("blur:mb1ic3ih8kh3sh2ph1");
    cr_expect_str_eq(pb_problem_print(&p, text), "blur:f32:nchw:fwd:mb1ic3_ih8oh4kh3sh2ph1");
}

Test(problem, blur_reflects_less_than_its_input_and_has_7_taps_at_most) {
    refused("blur:ic1iw16kw8", "kw");
    refused("blur:ic1iw16kw3dw1", "kw");
    refused("blur:ic1iw3kw7pw3", "axis w");
    refused("blur:ic1ih1kh3ph1", "axis h");
    refused("blur:ic1iw4ow8kw2sw1pw0", "axis w"); /* 4 past the end, 3 at most */
    refused("blur:ic1iw8kw3ceil", "ceil");
    refused("blur:ic1iw8kw3div2", "div");
    refused("blur:ic1iw8kw3crd", "crd");
    refused("blur:fwd_idx:ic1iw8kw3", "fwd_idx");
    refused("blur:bwd_w:ic1iw8kw3", "bwd_w");
}

Test(problem, integers_have_no_gradient) {
    static const char *const types[] = {"s8", "u8", "s32", "s64"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "max:%s:bwd:ic3ih4kh2", types[i]);
        refused(text, types[i]);
        snprintf(text, sizeof text, "conv:%s:bwd_w:ic3oc3ih4kh2", types[i]);
        refused(text, types[i]);
        snprintf(text, sizeof text, "max:%s:fwd_idx:ic3ih4kh2", types[i]);
        parsed(text);
    }
    parsed("max:bf16:bwd:ic3ih4kh2");
}

/* ---- print and parse ------------------------------------------------------------------------- */

static bool has_dir(enum pb_op op, enum pb_dir dir) {
    if (dir == PB_FWD_IDX) return op == PB_MAX || op == PB_GMP || op == PB_ADAPTIVE_MAX;
    return dir != PB_BWD_W || op == PB_CONV;
}

static void expect_round_trip(const struct pb_problem *problem) {
    char text[PB_TEXT_SIZE], again[PB_TEXT_SIZE];
    cr_assert_eq(pb_problem_print(problem, text), text);
    struct pb_problem back = parsed(text);
    cr_expect(back.op == problem->op && back.dir == problem->dir && back.dtype == problem->dtype &&
                      back.layout == problem->layout && back.rank == problem->rank,
              "%s", text);
    cr_expect(back.mb == problem->mb && back.g == problem->g && back.ic == problem->ic &&
                      back.oc == problem->oc && back.ceil == problem->ceil &&
                      back.div == problem->div && back.power == problem->power &&
                      back.crd == problem->crd,
              "%s", text);
    cr_expect_str_eq(back.name, problem->name);
    for (int a = 0; a < 3; a++)
        expect_axis(text, &"d\0h\0w"[2 * a], back.axis[a], problem->axis[a]);
    cr_expect_str_eq(pb_problem_print(&back, again), text);
}

Test(problem, round_trip_of_generated_problems) {
    struct pb_rng rng = {.state = 2};
    int count = 0;
    for (int op = 0; op < PB_OPS; op++)
        for (int dir = 0; dir < PB_DIRS; dir++)
            for (int i = 0; i < 60 && has_dir(op, dir); i++, count++) {
                struct pb_problem problem;
                pb_problem_random(&rng, op, dir, &problem);
                cr_assert_eq(pb_problem_check(&problem), PB_OK, "%s", pb_error());
                problem.dtype = pb_rng_below(&rng, PB_DTYPES);
                if (pb_problem_check(&problem))
                    problem.dtype = PB_F32; /* no gradient in integers */
                if (i % 2) snprintf(problem.name, sizeof problem.name, "made:%d of it_", i);
                expect_round_trip(&problem);
            }
    cr_expect_geq(count, 500);
}

/* Texts with a byte or two changed: refused with a sentence, or a problem that round-trips. */
Test(problem, damaged_text_never_crashes) {
    static const char bytes[] = "0123456789_-:nmbicohwksdpge \x7f\xff";
    struct pb_rng rng = {.state = 3};
    int accepted = 0;
    for (int i = 0; i < 20000; i++) {
        struct pb_problem problem, damaged;
        char text[PB_TEXT_SIZE];
        pb_problem_random(&rng, pb_rng_below(&rng, PB_OPS), PB_FWD, &problem);
        pb_problem_print(&problem, text);
        int64_t length = (int64_t)strlen(text);
        for (int64_t n = 1 + pb_rng_below(&rng, 2); n > 0; n--)
            text[pb_rng_below(&rng, length)] = bytes[pb_rng_below(&rng, sizeof bytes)];
        if (pb_problem_parse(text, &damaged)) {
            cr_expect_str_not_empty(pb_error());
        } else {
            expect_round_trip(&damaged);
            accepted++;
        }
    }
    cr_expect(accepted > 100 && accepted < 19900, "%d of 20000 were accepted", accepted);
}
