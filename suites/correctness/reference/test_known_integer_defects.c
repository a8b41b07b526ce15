/* Known defects of 8-bit integers: defects that real libraries had in their results, each with its
 * public address (repository#number), the smallest problem that shows it, and the right answer by
 * hand. Each is held by the oracle and by every kernel, channels first and channels last. */
#include "tools/given.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Holds `op` ("max:s8"), with indices unless they are NULL, on one descriptor. */
static void hold(const char *op, const char *descriptor, const float *src, const double *values,
                 const double *indices) {
    static const char *const layouts[] = {"nchw", "nhwc"};
    for (int i = 0; i < 2; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "%s:%s:%s:%s", op, layouts[i], indices ? "fwd_idx" : "fwd",
                 descriptor);
        struct pb_trial trial = given_trial(text, &(struct given){.src = src});
        given_expects(&trial, PB_DST, values, trial.expected.tensor[PB_DST].count);
        if (indices)
            given_expects(&trial, PB_INDICES, indices, trial.expected.tensor[PB_INDICES].count);
        given_passes(&trial);
        pb_trial_end(&trial);
    }
}

static void both_averages(const char *dtype, const char *descriptor, const float *src,
                          const double *values) {
    static const char *const ops[] = {"avg_p", "avg_np"};
    for (int i = 0; i < 2; i++) {
        char op[32];
        snprintf(op, sizeof op, "%s:%s", ops[i], dtype);
        hold(op, descriptor, src, values, NULL);
    }
}

/* A global pool of `count` elements, all of that value. */
static void hold_constant(const char *op, int count, float value) {
    char descriptor[64];
    float *src = malloc((size_t)count * sizeof *src);
    cr_assert_not_null(src);
    for (int i = 0; i < count; i++) src[i] = value;
    snprintf(descriptor, sizeof descriptor, "mb1ic1iw%d", count);
    hold(op, descriptor, src, (const double[]){value}, NULL);
    free(src);
}

/* ---- Maxima ---------------------------------------------------------------------------------- */

/* oneDNN commit d4457d95: a maximum seeded with FLT_MIN, then with 0; benchdnn's pool.cpp: cuDNN
 * gives -127 */
Test(known_integer_defects, onednn_d4457d95_cudnn_maximum_of_the_lowest) {
    const float lowest[] = {-128, -128, -128, -128}, negative[] = {-7, -5, -100, -6};
    hold("max:s8", "mb1ic1ih2kh2", lowest, (const double[]){-128}, (const double[]){0});
    hold("max:s8", "mb1ic1ih2kh2", negative, (const double[]){-5}, (const double[]){1});
    hold("gmp:s8", "mb1ic1ih2", lowest, (const double[]){-128}, (const double[]){0});
    hold("gmp:s8", "mb1ic1ih2", negative, (const double[]){-5}, (const double[]){1});
}

/* benchdnn's pool.cpp: -127; the lowest that there is, and no index */
Test(known_integer_defects, cudnn_windows_of_padding_only) {
    const double windows[] = {-1, 0, 1, -1};
    hold("max:s8", "mb1ic1iw2kw1pw1", (const float[]){-128, -3},
         (const double[]){-128, -128, -3, -128}, windows);
    hold("max:u8", "mb1ic1iw2kw1pw1", (const float[]){0, 3}, (const double[]){0, 0, 3, 0}, windows);
}

/* tinygrad/tinygrad#7726: a padding of -Inf makes floats of integers */
Test(known_integer_defects, tinygrad_7726_padding_keeps_the_type) {
    const float s8[] = {-9, -8, -7, -128}, u8[] = {0, 255, 128, 127};
    struct pb_trial trial = given_trial("max:s8:mb1ic1ih2kh3ph1", &(struct given){.src = s8});
    cr_expect_eq(trial.args.dst.dtype, PB_S8);
    cr_expect_eq(pb_tensor_bytes(&trial.args.dst), 4);
    pb_trial_end(&trial);
    hold("max:s8", "mb1ic1ih2kh3ph1", s8, (const double[]){-7, -7, -7, -7},
         (const double[]){2, 2, 2, 2});
    hold("max:s8", "mb1ic1ih2kh2ph1", s8, (const double[]){-9, -8, -8, -7, -7, -8, -7, -7, -128},
         (const double[]){0, 1, 1, 2, 2, 1, 2, 2, 3});
    hold("max:u8", "mb1ic1ih2kh3ph1", u8, (const double[]){255, 255, 255, 255},
         (const double[]){1, 1, 1, 1});
}

/* ---- Averages -------------------------------------------------------------------------------- */

/* apache/tvm#20298: truncated */
Test(known_integer_defects, tvm_20298_averages_are_rounded) {
    const float x[] = {1, 2, 3, -1, -2, -3}; /* 2; -2; and of two 1.5, -1.5 */
    both_averages("s8", "mb1ic1iw6kw3sw3", x, (const double[]){2, -2});
    both_averages("s8", "mb1ic1iw2kw2", (const float[]){1, 2}, (const double[]){2});
    both_averages("s8", "mb1ic1iw2kw2", (const float[]){-1, -2}, (const double[]){-2});
    both_averages("s8", "mb1ic1iw3kw3", (const float[]){2, 2, 1}, (const double[]){2});
    both_averages("s8", "mb1ic1iw3kw3", (const float[]){-2, -2, -1}, (const double[]){-2});
    both_averages("u8", "mb1ic1iw3kw3", (const float[]){255, 254, 255}, (const double[]){255});
}

/* apache/tvm#20298: a sum of 17 x 17 that leaves 16 bits; ours leave 32 bits, signed and not */
Test(known_integer_defects, tvm_20298_sums_are_wide_enough, .timeout = 60) {
    hold_constant("gap:s8", 17 * 17, 127);
    hold_constant("gap:s8", 17 * 17, -128);
    hold_constant("gap:u8", 17 * 17, 255);
    hold_constant("gap:u8", 8421505 + 1, 255);
    hold_constant("gap:u8", 16843009 + 1, 255);
    both_averages("s8", "mb1ic1iw2kw2", (const float[]){127, 127}, (const double[]){127});
    both_averages("s8", "mb1ic1iw2kw2", (const float[]){-128, -128}, (const double[]){-128});
    both_averages("u8", "mb1ic1iw2kw2", (const float[]){255, 255}, (const double[]){255});
}

/* uxlfoundation/oneDNN#560: half to even in vector code, half away from 0 in the reference */
Test(known_integer_defects, onednn_560_half_to_even) {
    const float s8[] = {0, 1, 1, 2, 2, 3, 0, -1, -1, -2, -2, -3, 127, 126, -128, -127};
    const float u8[] = {0, 1, 1, 2, 2, 3, 254, 255, 253, 254, 128, 127};
    both_averages("s8", "mb1ic1iw16kw2sw2", s8, (const double[]){0, 2, 2, 0, -2, -2, 126, -128});
    both_averages("u8", "mb1ic1iw12kw2sw2", u8, (const double[]){0, 2, 2, 254, 254, 128});
    hold("gap:s8", "mb1ic8iw2", s8, (const double[]){0, 2, 2, 0, -2, -2, 126, -128}, NULL);
    hold("gap:u8", "mb1ic6iw2", u8, (const double[]){0, 2, 2, 254, 254, 128}, NULL);
}

/* ARM-software/ML-KWS-for-MCU#103: an average that leaves 8 bits wraps */
Test(known_integer_defects, ml_kws_103_averages_saturate) {
    const float s8[] = {127, 127, -128, -128, 100, 27, 100, 28};
    both_averages("s8", "mb1ic1iw8kw2sw2_div1", s8, (const double[]){127, -128, 127, 127});
    both_averages("u8", "mb1ic1iw4kw2sw2_div1", (const float[]){255, 255, 128, 127},
                  (const double[]){255, 255});
}

/* Padding counts or does not, in whole numbers as in floats. */
Test(known_integer_defects, divisors) {
    const float x[] = {9, 9, 9, 9};
    hold("avg_p:u8", "mb1ic1ih2kh2ph1", x, (const double[]){2, 4, 2, 4, 9, 4, 2, 4, 2}, NULL);
    hold("avg_np:u8", "mb1ic1ih2kh2ph1", x, (const double[]){9, 9, 9, 9, 9, 9, 9, 9, 9}, NULL);
    hold("avg_np:s8", "mb1ic1iw2kw1pw1", x, (const double[]){0, 9, 9, 0}, NULL);
    hold("avg_p:s8", "mb1ic1iw2kw1pw1", x, (const double[]){0, 9, 9, 0}, NULL);
}

/* ---- What there is not ----------------------------------------------------------------------- */

Test(known_integer_defects, nothing_else_is_there) {
    static const char *const texts[] = {"conv:s8:ic3oc3ih4kh2", "lp:u8:ic3ih4kh2",
                                        "s2d:s8:ic3ih4kh2", "max:s32:ic3ih4kh2"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pb_problem problem;
        struct pb_trial trial = {0};
        cr_assert_eq(pb_problem_parse(texts[i], &problem), PB_OK, "%s", pb_error());
        cr_expect_null(pb_select(&problem, NULL));
        cr_expect(strstr(pb_error(), "no kernel"), "%s", pb_error());
        cr_expect_eq(pb_trial_begin(&trial, &problem, PB_MIXED, 1), PB_UNSUPPORTED, "%s", texts[i]);
        cr_expect_str_not_empty(pb_error());
    }
}
