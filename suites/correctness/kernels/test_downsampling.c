/* Space to depth and blur by hand, on the oracle and on every kernel, channels first and last. */
#include "tools/given.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

/* `role` must be `values`. */
static void hold(const char *op, const char *dir, const char *descriptor,
                 const struct given *inputs, enum pb_role role, const double *values) {
    static const char *const layouts[] = {"nchw", "nhwc", "nChw16c"};
    for (int i = 0; i < 3; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "%s:%s:%s:%s", op, layouts[i], dir, descriptor);
        struct pb_trial trial = given_trial(text, inputs);
        given_expects(&trial, role, values, trial.expected.tensor[role].count);
        given_passes(&trial);
        pb_trial_end(&trial);
    }
}

static void forward(const char *op, const char *descriptor, const float *src,
                    const double *values) {
    hold(op, "fwd", descriptor, &(struct given){.src = src}, PB_DST, values);
}

static void backward(const char *op, const char *descriptor, const float *dst,
                     const double *values) {
    hold(op, "bwd", descriptor, &(struct given){.dst = dst}, PB_SRC, values);
}

/* ---- Space to depth -------------------------------------------------------------------------- */

static const float two_channels[] = {1, 2, 3, 4, 5, 6, 7, 8};

/* tensorflow/tensorflow#53291: space_to_depth and pixel_unshuffle differ where C is above 1. The
 * four positions of both channels; of the first channel, then of the second. */
Test(downsampling, tensorflow_53291_both_orders_of_two_channels) {
    forward("s2d", "mb1ic2ih2kh2", two_channels, (const double[]){1, 5, 2, 6, 3, 7, 4, 8});
    forward("s2d", "mb1ic2ih2kh2_crd", two_channels, (const double[]){1, 2, 3, 4, 5, 6, 7, 8});
}

Test(downsampling, one_channel_has_one_order) {
    const float x[] = {0, 1, 2, 3, 4, 5, 6, 7}; /* 2 x 4: two blocks */
    const double y[] = {0, 2, 1, 3, 4, 6, 5, 7};
    forward("s2d", "mb1ic1ih2iw4kh2kw2", x, y);
    forward("s2d", "mb1ic1ih2iw4kh2kw2_crd", x, y);
}

Test(downsampling, blocks_count_rows_before_columns) {
    const float x[] = {1, 2, 3, 4, 5, 6}; /* one block of 2 x 3, then of 3 x 2 */
    const double y[] = {1, 2, 3, 4, 5, 6};
    forward("s2d", "mb1ic1ih2iw3kh2kw3", x, y);
    forward("s2d", "mb1ic1ih3iw2kh3kw2", x, y);
    forward("s2d", "mb1ic1id2ih1iw3kd2kh1kw3", x, y);
}

Test(downsampling, its_gradient_goes_back) {
    const float y[] = {1, 2, 3, 4, 5, 6, 7, 8};
    backward("s2d", "mb1ic2ih2kh2", y, (const double[]){1, 3, 5, 7, 2, 4, 6, 8});
    backward("s2d", "mb1ic2ih2kh2_crd", y, (const double[]){1, 2, 3, 4, 5, 6, 7, 8});
}

Test(downsampling, values_that_are_no_numbers_move_too) {
    const float x[] = {NAN, -INFINITY, -0.0f, INFINITY, 0x1p-149f, 2, 3, 4};
    forward("s2d", "mb1ic2ih2kh2", x,
            (const double[]){NAN, 0x1p-149, -INFINITY, 2, -0.0, 3, INFINITY, 4});
}

/* ---- Blur ------------------------------------------------------------------------------------ */

/* A filter shows itself on an impulse. */
Test(downsampling, filters_are_rows_of_pascals_triangle) {
    static const double rows[7][7] = {
            {1},
            {1 / 2.0, 1 / 2.0},
            {1 / 4.0, 2 / 4.0, 1 / 4.0},
            {1 / 8.0, 3 / 8.0, 3 / 8.0, 1 / 8.0},
            {1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0},
            {1 / 32.0, 5 / 32.0, 10 / 32.0, 10 / 32.0, 5 / 32.0, 1 / 32.0},
            {1 / 64.0, 6 / 64.0, 15 / 64.0, 20 / 64.0, 15 / 64.0, 6 / 64.0, 1 / 64.0},
    };
    for (int k = 1; k <= 7; k++) {
        float x[13] = {0};
        char text[64];
        x[k - 1] = 1;
        snprintf(text, sizeof text, "mb1ic1iw%dkw%d", 2 * k - 1, k);
        forward("blur", text, x, rows[k - 1]);
    }
}

Test(downsampling, a_filter_of_two_axes_is_their_product) {
    float x[25] = {0};
    x[12] = 16;
    forward("blur", "mb1ic1ih5kh3", x, (const double[]){1, 2, 1, 2, 4, 2, 1, 2, 1});
    x[12] = 32;
    forward("blur", "mb1ic1ih5iw5kh2kw5sh2sw1ph0pw2", x,
            (const double[]){0, 0, 0, 0, 0, 2, 4, 6, 4, 2}); /* both mirrors end at the impulse */
}

/* kornia/kornia#426: even filters do not halve the input. Windows at -1, 1, 3 and 5 see
 * 2 | 1 2 3, 2 3 4 5, 4 5 6 7 and 6 7 8 | 7. */
Test(downsampling, kornia_426_even_filters_halve) {
    const float x[] = {1, 2, 3, 4, 5, 6, 7, 8};
    forward("blur", "mb1ic1iw8kw4sw2pw1", x, (const double[]){1.75, 3.5, 5.5, 7.25});
    forward("blur", "mb1ic1iw8ow4kw4sw2", x, (const double[]){1.75, 3.5, 5.5, 7.25});
    forward("blur", "mb1ic1iw8kw2sw2", x, (const double[]){1.5, 3.5, 5.5, 7.5});
}

/* 3 2 | 1 2 3 4 | 3 2: not 0, not 1 1, not 2 1. */
Test(downsampling, the_end_is_seen_once) {
    const float x[] = {1, 2, 3, 4};
    forward("blur", "mb1ic1iw4kw3pw1", x, (const double[]){1.5, 2, 3, 3.5});
    forward("blur", "mb1ic1iw4kw5pw2", x,
            (const double[]){(3 + 8 + 6 + 8 + 3) / 16.0, (2 + 4 + 12 + 12 + 4) / 16.0,
                             (1 + 8 + 18 + 16 + 3) / 16.0, (2 + 12 + 24 + 12 + 2) / 16.0});
    forward("blur", "mb1ic1iw4ow8kw1sw1pw3", x, (const double[]){4, 3, 2, 1, 2, 3, 4, 3});
}

/* Windows 1 | 0 1, 0 1 2 and 1 2 | 1. */
Test(downsampling, a_gradient_meets_its_reflection) {
    backward("blur", "mb1ic1iw3kw3pw1", (const float[]){4, 8, 16}, (const double[]){4, 14, 10});
    backward("blur", "mb1ic1iw5kw2sw3", (const float[]){4, 8}, (const double[]){2, 2, 0, 4, 4});
}

Test(downsampling, blur_of_infinities) {
    const float x[] = {1, INFINITY, 1, 1, -INFINITY, INFINITY, 1, NAN};
    forward("blur", "mb1ic1iw8kw2sw2", x, (const double[]){INFINITY, 1, NAN, NAN});
}

/* Weights sum to 1: what is constant stays, and nothing that is not overflows. */
Test(downsampling, blur_keeps_what_is_constant) {
    float x[81];
    double y[25];
    for (int i = 0; i < 81; i++) x[i] = 0x1.8p127f;
    for (int i = 0; i < 25; i++) y[i] = 0x1.8p127;
    for (int k = 1; k <= 7; k++) {
        char text[64];
        snprintf(text, sizeof text, "mb1ic1ih9oh5kh%dsh2ph%d", k, k / 2);
        forward("blur", text, x, y);
    }
}
