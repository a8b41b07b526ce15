/* Adaptive pooling: windows that follow from input and output, by numbers worked out by hand. */
#include "tools/given.h"
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define VALUES(...) ((const float[]){__VA_ARGS__})
#define ARE(...)                                                                                   \
    ((const double[]){__VA_ARGS__}), sizeof((const double[]){__VA_ARGS__}) / sizeof(double)

static void forward(const char *text, const float *src, const double *dst, size_t count) {
    struct pb_trial trial = given_trial(text, &(struct given){.src = src});
    given_expects(&trial, PB_DST, dst, (int64_t)count);
    given_passes(&trial);
    pb_trial_end(&trial);
}

static void indices(const char *text, const float *src, const double *dst, size_t count,
                    const double *index, size_t index_count) {
    struct pb_trial trial = given_trial(text, &(struct given){.src = src});
    given_expects(&trial, PB_DST, dst, (int64_t)count);
    given_expects(&trial, PB_INDICES, index, (int64_t)index_count);
    given_passes(&trial);
    pb_trial_end(&trial);
}

static void gradient(const char *text, const float *dst, const int64_t *index, const double *src,
                     size_t count) {
    struct pb_trial trial = given_trial(text, &(struct given){.dst = dst, .indices = index});
    given_expects(&trial, PB_SRC, src, (int64_t)count);
    given_passes(&trial);
    pb_trial_end(&trial);
}

/* ---- Windows --------------------------------------------------------------------------------- */

Test(adaptive, output_divides_input) {
    forward("adaptive_avg:mb1ic1iw6ow3", VALUES(1, 3, 5, 7, 9, 11), ARE(2, 6, 10));
    indices("adaptive_max:fwd_idx:mb1ic1iw6ow3", VALUES(3, 1, 5, 7, 9, 11), ARE(3, 7, 11),
            ARE(0, 3, 5));
}

/* 5 onto 3: positions 0 1, 1 2 3 and 3 4. */
Test(adaptive, output_does_not_divide_input) {
    forward("adaptive_avg:mb1ic1iw5ow3", VALUES(1, 3, 5, 10, 20), ARE(2, 6, 15));
    indices("adaptive_max:fwd_idx:mb1ic1iw5ow3", VALUES(1, 9, 5, 3, 0), ARE(9, 9, 3), ARE(1, 1, 3));
}

/* 2 onto 5: 0, 0, 0 1, 1, 1. */
Test(adaptive, output_above_input) {
    forward("adaptive_avg:mb1ic1iw2ow5", VALUES(2, 4), ARE(2, 2, 3, 4, 4));
    indices("adaptive_max:nhwc:fwd_idx:mb1ic1iw2ow5", VALUES(2, 4), ARE(2, 2, 4, 4, 4),
            ARE(0, 0, 1, 1, 1));
}

Test(adaptive, output_is_one_or_the_input) {
    forward("adaptive_avg:mb1ic2ih2oh1", VALUES(1, 2, 3, 6, -1, -2, -3, -6), ARE(3, -3));
    forward("adaptive_max:mb1ic2ih2oh1", VALUES(1, 2, 3, 6, -1, -2, -3, -6), ARE(6, -1));
    forward("adaptive_avg:mb1ic1ih2oh2", VALUES(1, 2, 3, 6), ARE(1, 2, 3, 6));
}

/* 2 x 3 onto 1 x 2: columns 0 1 and 1 2. */
Test(adaptive, each_axis_has_windows_of_its_own) {
    const float *x = VALUES(1, 2, 3, 4, 5, 6);
    forward("adaptive_avg:mb1ic1ih2iw3oh1ow2", x, ARE(3, 4));
    indices("adaptive_max:fwd_idx:mb1ic1ih2iw3oh1ow2", x, ARE(5, 6), ARE(4, 5));
    forward("adaptive_avg:mb1ic1ih3iw2oh2ow1", x, ARE(2.5, 4.5));
    indices("adaptive_max:fwd_idx:mb1ic1id2ih1iw3od1oh1ow2", x, ARE(5, 6), ARE(4, 5));
}

/* ---- Max ------------------------------------------------------------------------------------- */

Test(adaptive, max_takes_the_first_of_equals_and_the_last_nan) {
    indices("adaptive_max:fwd_idx:mb1ic1ih2oh1", VALUES(3, 7, 7, 7), ARE(7), ARE(1));
    indices("adaptive_max:fwd_idx:mb1ic1iw5ow3", VALUES(NAN, 9, NAN, 1, 2), ARE(NAN, NAN, 2),
            ARE(0, 2, 4));
    indices("adaptive_max:fwd_idx:mb1ic1iw2ow1", VALUES(-INFINITY, -INFINITY), ARE(-INFINITY),
            ARE(0));
}

Test(adaptive, average_of_infinities) {
    forward("adaptive_avg:mb1ic1iw5ow3", VALUES(INFINITY, 1, 1, 1, NAN), ARE(INFINITY, 1, NAN));
    forward("adaptive_avg:mb1ic1iw2ow1", VALUES(INFINITY, -INFINITY), ARE(NAN));
}

/* ---- Gradients ------------------------------------------------------------------------------- */

Test(adaptive, gradients_of_an_average_are_shares) {
    gradient("adaptive_avg:bwd:mb1ic1iw5ow3", VALUES(2, 6, 10), NULL, ARE(1, 3, 2, 7, 5));
    gradient("adaptive_avg:nhwc:bwd:mb1ic1iw2ow5", VALUES(1, 2, 4, 8, 16), NULL, ARE(5, 26));
}

Test(adaptive, gradients_of_a_max_go_where_it_was) {
    gradient("adaptive_max:bwd:mb1ic1iw5ow3", VALUES(2, 6, 10), (const int64_t[]){1, 1, 3},
             ARE(0, 8, 0, 10, 0));
    gradient("adaptive_max:bwd:mb1ic1ih2iw3oh1ow2", VALUES(2, 6), (const int64_t[]){4, 5},
             ARE(0, 0, 0, 0, 2, 6));
}

Test(adaptive, an_index_outside_its_window_is_refused) {
    static const int64_t wrong[][3] = {{2, 1, 3},  {0, 0, 3},         {0, 1, 2},        {0, 4, 3},
                                       {-1, 1, 3}, {0, INT64_MAX, 3}, {INT64_MIN, 1, 3}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct pb_problem problem;
        struct pb_trial trial;
        cr_assert_eq(pb_problem_parse("adaptive_max:bwd:mb1ic1iw5ow3", &problem), PB_OK);
        cr_assert_eq(pb_trial_allocate(&trial, &problem), PB_OK);
        given_fill(&trial.args.dst, VALUES(1, 2, 3));
        memcpy(trial.args.indices.data, wrong[i], sizeof wrong[i]);
        cr_expect_eq(pb_trial_expect(&trial), PB_INVALID, "row %zu", i);
        cr_expect(strstr(pb_error(), "outside its window"), "%s", pb_error());
        pb_trial_end(&trial);
    }
}

/* ---- Known defects of real libraries; the address is repo#n ---------------------------------- */

/* pytorch/pytorch#190064: first value 12, from windows of 3 x 3 */
Test(adaptive, known_defect_first_window_of_5x5_onto_3x3_is_2x2) {
    float x[25];
    for (int i = 0; i < 25; i++) x[i] = (float)i;
    indices("adaptive_max:fwd_idx:mb1ic1ih5oh3", x, ARE(6, 8, 9, 16, 18, 19, 21, 23, 24),
            ARE(6, 8, 9, 16, 18, 19, 21, 23, 24));
}

/* ---- Bound ----------------------------------------------------------------------------------- */

/* One gradient is handed on, not added to anything. */
Test(adaptive, a_gradient_of_a_single_max_is_exact) {
    struct pb_trial trial =
            given_trial("adaptive_max:bwd:mb1ic1iw2ow2",
                        &(struct given){.dst = VALUES(2, 6), .indices = (const int64_t[]){0, 1}});
    given_fill(&trial.args.src, VALUES(2, 6));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_OK);
    given_fill(&trial.args.src, VALUES(2, nextafterf(6, 7)));
    cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    pb_trial_end(&trial);
}

Test(adaptive, an_average_is_held_to_its_magnitude) {
    struct pb_trial trial =
            given_trial("adaptive_avg:mb1ic1iw3ow1", &(struct given){.src = VALUES(1, 2, 4)});
    static const float right[] = {7.0f / 3, 0x1.2aaaacp+1f}, wrong[] = {2.3333f, 0, NAN, 7, 3.5f};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        given_fill(&trial.args.dst, &right[i]);
        cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_OK);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        given_fill(&trial.args.dst, &wrong[i]);
        cr_expect_eq(pb_compare(&trial.problem, &trial.args, &trial.expected), PB_PROVIDER);
    }
    pb_trial_end(&trial);
}
