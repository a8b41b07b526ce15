/* The problem descriptor: what text means, what is refused, and that print and parse agree. Every
 * expected number is worked out by hand. */
#include "reference.h"
#include "core/op_traits.h"
#include "tools/problem_text.h"
#include <criterion/criterion.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Test(problem, defaults) {
    struct pb_problem p = problem_of("max:ic3ih4kh2");
    cr_expect(p.op == PB_MAX && p.dir == PB_FWD && p.dtype == PB_F32 && p.layout == PB_NCHW);
    cr_expect(p.mb == 2 && p.g == 1 && p.ic == 3 && p.oc == 3 && p.rank == 2);
    cr_expect(!p.ceil && p.div == 0);
    cr_expect_str_eq(p.name, "");
    EXPECT_GEOMETRY({"max:ic3ih4kh2", 2, ABSENT, {4, 3, 2, 1, 0, 0, 0}, {4, 3, 2, 1, 0, 0, 0}});
}

Test(problem, every_prefix_field) {
    struct pb_problem p = problem_of("max:f32:nhwc:bwd:mb16ic64ih32oh16kh2sh2_n\"cifar:pool\"");
    cr_expect(p.op == PB_MAX && p.dir == PB_BWD && p.dtype == PB_F32 && p.layout == PB_NHWC);
    cr_expect(p.mb == 16 && p.ic == 64);
    cr_expect_str_eq(p.name, "\"cifar:pool\"", "the name is the rest of the line");
    p = problem_of("avg_np:s8:ic3iw4kw2");
    cr_expect(p.op == PB_AVG_NP && p.dtype == PB_S8 && p.layout == PB_NCHW && p.dir == PB_FWD);
    p = problem_of("max:fwd_idx:ic3iw4kw2");
    cr_expect(p.op == PB_MAX && p.dir == PB_FWD_IDX && p.dtype == PB_F32);
    p = problem_of("conv:nChw16c:bwd_w:ic16oc16iw4kw2");
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
        expect_problem_refused(rows[i].problem, rows[i].sentence);
    enum pb_op op;
    cr_expect_eq(pb_op_parse("pooling", &op), PB_INVALID);
    cr_expect_null(strstr(pb_error(), "did you mean"), "%s", pb_error());
    cr_expect_eq(pb_op_parse("", &op), PB_INVALID);
    cr_expect_null(strstr(pb_error(), "did you mean"), "%s", pb_error());
    char text[128];
    memset(text, 'm', sizeof text);
    memcpy(text + sizeof text - 12, ":ic3ih4kh2", 11);
    expect_problem_refused(text, "unknown operation 'mmm");
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

/* ---- lp's exponent --------------------------------------------------------------------------- */

Test(problem, power) {
    cr_expect_eq(problem_of("lp:ic1iw4kw2").power, 2);
    cr_expect_eq(problem_of("lp:ic1iw4kw2pow3").power, 3);
    cr_expect_eq(problem_of("lp:pow0.01_ic1iw4kw2").power, 0.01);
    cr_expect_eq(problem_of("lp:ic1_pow1.5iw4kw2sw2ceil").power, 1.5);
    cr_expect_eq(problem_of("lp:ic1iw4pow100kw2").power, 100);
    cr_expect_eq(problem_of("lp:ic1iw4kw2pow.5").power, 0.5);
    cr_expect_eq(problem_of("lp:ic1iw4kw2pow3.").power, 3);
    cr_expect_eq(problem_of("lp:ic1iw4kw2pow3_pow1").power, 1, "the last wins");
    cr_expect_eq(problem_of("max:ic1iw4kw2").power, 0);
    struct pb_problem p = problem_of("lp:ic1iw4kw2pow1.5pw1"); /* "pow" is no ow */
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
    expect_problem_refused("lp:ic1iw4kw2pow", "pow");
    expect_problem_refused("lp:ic1iw4kw2pow-2", "pow");
    expect_problem_refused("lp:ic1iw4kw2pow100.5", "pow");
    expect_problem_refused("max:ic1iw4kw2pow3", "pow");
    expect_problem_refused("avg_p:ic1iw4kw2pow2", "pow");
    expect_problem_refused("adaptive_max:ic1iw4ow2pow2", "pow");
    expect_problem_refused("lp:ic1iw4kw2div2", "div");
    expect_problem_refused("lp:fwd_idx:ic1iw4kw2", "fwd_idx");
    expect_problem_refused("lp:bwd_w:ic1iw4kw2", "bwd_w");
}

Test(problem, power_is_printed_so_that_it_reads_back) {
    static const double powers[] = {0.01, 0.1, 1.0 / 3, 0.5, 1, 1.5, 2, 3, 3.3, 12.345678, 100};
    struct pb_problem p = problem_of("lp:mb1ic1iw4kw2");
    char text[PB_TEXT_SIZE];
    cr_expect_str_eq(pb_problem_print(&p, text), "lp:f32:nchw:fwd:mb1ic1_iw4ow3kw2pw0");
    p.power = 1.5;
    cr_expect_str_eq(pb_problem_print(&p, text), "lp:f32:nchw:fwd:mb1ic1_iw4ow3kw2pw0_pow1.5");
    for (size_t i = 0; i < sizeof powers / sizeof powers[0]; i++) {
        p.power = powers[i];
        cr_expect_eq(problem_of(pb_problem_print(&p, text)).power, powers[i], "%s", text);
    }
}

Test(problem, groups_divisor_and_batch) {
    struct pb_problem p = problem_of("conv:g4mb0ic8oc12ih5kh3");
    cr_expect(p.g == 4 && p.mb == 0 && p.ic == 8 && p.oc == 12);
    cr_expect_eq(problem_of("avg_np:ic1iw4kw2div3").div, 3);
    cr_expect_eq(problem_of("avg_np:div3_ic1iw4kw2").div, 3);
    expect_problem_refused("conv:g3ic8oc12ih5kh3", "g");
    expect_problem_refused("conv:g5ic10oc12ih5kh3", "g");
    expect_problem_refused("conv:g0ic8oc12ih5kh3", "g");
}

Test(problem, fields_stand_in_their_order) {
    expect_problem_refused("max:nchw:f32:ic3ih4kh2", "'f32' is out of order");
    expect_problem_refused("max:bwd:nhwc:ic3ih4kh2", "'nhwc' is out of order");
    expect_problem_refused("max:f32:f32:ic3ih4kh2", "'f32' is out of order");
}

Test(problem, keys_in_any_order_and_the_last_wins) {
    struct pb_problem p = problem_of("max:kh2sh2_ih9ic7ic5_mb3kh3_");
    cr_expect(p.mb == 3 && p.ic == 5 && p.h.k == 3 && p.h.s == 2 && p.h.i == 9 && p.h.o == 4);
    cr_expect(p.w.k == 3 && p.w.s == 2 && p.w.i == 9 && p.w.o == 4);
}

Test(problem, name_is_the_rest_of_the_line) {
    struct pb_problem empty = problem_of("max:ic3ih4kh2n"),
                      rest = problem_of("max:ic3ih4kh2_nwhy: mb4 _x");
    cr_expect_str_eq(empty.name, "");
    cr_expect_str_eq(rest.name, "why: mb4 _x");
    char longest[PB_NAME_SIZE + 64] = "max:ic3ih4kh2n";
    size_t start = strlen(longest);
    memset(longest + start, 'x', PB_NAME_SIZE - 1);
    cr_expect_eq(strlen(problem_of(longest).name), PB_NAME_SIZE - 1);
    strcat(longest, "y");
    cr_expect(strlen(problem_of(longest).name) == PB_NAME_SIZE - 1 &&
              !strchr(problem_of(longest).name, 'y'));
    strcpy(longest + start + PB_NAME_SIZE - 2, "\u00e9"); /* is not cut in two */
    cr_expect_eq(strlen(problem_of(longest).name), PB_NAME_SIZE - 2);
}

Test(problem, what_is_missing_is_named) {
    expect_problem_refused("max:ih4kh2", "ic");
    expect_problem_refused("max:ic3kh2", "ih");
    expect_problem_refused("max:ic3ih4", "kh");
    expect_problem_refused("max:ic3", "spatial");
    expect_problem_refused("conv:ic3ih4kh2", "oc");
    expect_problem_refused("max:ic3ih4kh2sw3", "iw");
    expect_problem_refused("max:ic3id4kd2ih4kh2", "w");
    expect_problem_refused("gap:ic3", "spatial");
    expect_problem_refused("max:ic3ihkh2", "ih");
}

Test(problem, what_is_not_positive_is_named) {
    static const char *const keys[] = {"mb", "ic", "ih", "kh", "sh", "ph", "dh", "oh"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "max:ic3ih4kh2%s-1", keys[i]);
        expect_problem_refused(text, keys[i]);
    }
    expect_problem_refused("max:ic0ih4kh2", "ic");
    expect_problem_refused("max:ic3ih0iw4kh2kw2", "ih");
    expect_problem_refused("max:ic3ih4kh0", "kh");
    expect_problem_refused("max:ic3ih4kh2sh0", "sh");
    expect_problem_refused("conv:ic3oc0ih4kh2", "oc");
    expect_problem_refused("avg_p:ic3ih4kh2div-2", "div");
    expect_problem_refused("lp:ic3ih4kh2pow0", "pow");
    expect_problem_refused("avg_p:ic3ih4kh2pow0", "pow");
}

Test(problem, numbers_that_overflow_are_named) {
    expect_problem_refused("max:ic9223372036854775808ih4kh2", "ic");
    expect_problem_refused("max:ic3ih99999999999999999999kh2", "ih");
    expect_problem_refused("max:ic3ih4kh2mb99999999999999999999", "mb");
    expect_problem_refused("max:ic1iw9ow9223372036854775807kw2sw2pw0",
                           "extents of axis w overflow");
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
    expect_problem_refused("max:_ic3ih4kh2", "_");
    expect_problem_refused("max:ic3__ih4kh2", "_");
    expect_problem_refused("max:ic3ih4kh2zz9", "zz9");
    expect_problem_refused("max:ic3ih4kh2:", ":");
    expect_problem_refused("maxx:ic3ih4kh2", "maxx");
    expect_problem_refused("max:f31:ic3ih4kh2", "f31");
    expect_problem_refused("max", "max");
    expect_problem_refused("max:", "ic");
    expect_problem_refused("", "");
    expect_problem_refused(":", "");
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
    struct pb_problem p = problem_of("conv:mb16ic3oc64ih32kh3ph1");
    cr_expect_eq(pb_problem_macs(&p), INT64_C(28311552));
    p = problem_of("conv:g2mb1ic4oc6ih5kh3"); /* 6 x 3 x 3 outputs of 2 x 3 x 3 */
    cr_expect_eq(pb_problem_macs(&p), 972);
    p = problem_of("max:ic3ih4kh2");
    cr_expect_eq(pb_problem_macs(&p), 0);
}

/* A problem filled by hand is held to the same rules. */
static void spoiled(const char *what, struct pb_problem problem) {
    cr_expect_eq(pb_problem_check(&problem), PB_INVALID, "%s was accepted", what);
    cr_expect_str_not_empty(pb_error());
}

Test(problem, check_refuses_what_does_not_follow) {
    struct pb_problem good = problem_of("conv:g2ic4oc6ih9iw7kh3kw2sh2sw1ph1pw0"), p;
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
    good = problem_of("lp:ic4ih9kh3");
    SPOILED(p.power = 0);
    SPOILED(p.power = -1);
    SPOILED(p.power = 100.5);
    SPOILED(p.power = INFINITY);
    SPOILED(p.power = NAN);
    SPOILED(p.op = PB_MAX);
    good = problem_of("adaptive_max:ic4ih9oh3");
    SPOILED(p.h.k = 2);
    SPOILED(p.h.s = 2);
    SPOILED(p.h.p = 1);
    SPOILED(p.h.pr = 1);
    SPOILED(p.h.d = 1);
    SPOILED(p.h.o = 0);
    SPOILED(p.power = 2);
    good = problem_of("max:ic4ih9kh3");
    SPOILED(p.oc = 5);
    SPOILED(p.div = -1);
    SPOILED(p.crd = true);
    good = problem_of("s2d:ic4ih6kh3");
    SPOILED(p.oc = 4);
    SPOILED(p.oc = 35);
    SPOILED(p.h.s = 1);
    SPOILED(p.h.k = 2);
    SPOILED(p.w.pr = 1);
    good = problem_of("blur:ic4ih6kh3ph1");
    SPOILED(p.h.p = 6);
    SPOILED(p.w.d = 1);
    good = problem_of("max:bwd:ic4ih6kh3");
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
        struct pb_problem p = problem_of(rows[i].text);
        p.axis[rows[i].axis] = rows[i].to;
        cr_expect_eq(pb_problem_check(&p), PB_INVALID, "row %zu", i);
        cr_expect_str_eq(pb_error(), rows[i].sentence, "row %zu", i);
    }
}

/* ---- print and parse ------------------------------------------------------------------------- */

static bool has_dir(enum pb_op op, enum pb_dir dir) {
    if (dir == PB_FWD_IDX) return op == PB_MAX || op == PB_GMP || op == PB_ADAPTIVE_MAX;
    return dir != PB_BWD_W || op == PB_CONV;
}

static void expect_round_trip(const struct pb_problem *problem) {
    char text[PB_TEXT_SIZE], again[PB_TEXT_SIZE];
    cr_assert_eq(pb_problem_print(problem, text), text);
    struct pb_problem back = problem_of(text);
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
