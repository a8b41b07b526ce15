/* The notebook's worked examples, on the oracle and on every kernel that accepts them. */
#include "tools/given.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const layouts[] = {"nchw", "nhwc"};

/* Pools a 4 x 4 input with window 2 and stride 2, in both layouts. */
static void pool_4x4(const char *op, const char *dir, const float src[16], const double dst[4],
                     const double *indices) {
    for (int i = 0; i < 2; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "%s:%s:%s:mb1ic1ih4kh2sh2", op, layouts[i], dir);
        struct pb_trial trial = given_trial(text, &(struct given){.src = src});
        given_expects(&trial, PB_DST, dst, 4);
        if (indices) given_expects(&trial, PB_INDICES, indices, 4);
        given_passes(&trial);
        pb_trial_end(&trial);
    }
}

static const float first[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const float second[16] = {1, 3, 5, 7, 2, 4, 6, 8, 1, 7, 3, 9, 2, 5, 4, 6};

Test(worked_examples, max_of_1_to_16) {
    pool_4x4("max", "fwd", first, (const double[]){6, 8, 14, 16}, NULL);
}

Test(worked_examples, max_of_1_to_16_with_indices) {
    pool_4x4("max", "fwd_idx", first, (const double[]){6, 8, 14, 16},
             (const double[]){5, 7, 13, 15});
}

Test(worked_examples, average_of_1_to_16) {
    pool_4x4("avg_p", "fwd", first, (const double[]){3.5, 5.5, 11.5, 13.5}, NULL);
    pool_4x4("avg_np", "fwd", first, (const double[]){3.5, 5.5, 11.5, 13.5}, NULL);
}

Test(worked_examples, max_of_the_second_input) {
    pool_4x4("max", "fwd", second, (const double[]){4, 8, 7, 9}, NULL);
}

Test(worked_examples, max_of_the_second_input_with_indices) {
    pool_4x4("max", "fwd_idx", second, (const double[]){4, 8, 7, 9}, (const double[]){5, 7, 9, 11});
}

Test(worked_examples, average_of_the_second_input) {
    pool_4x4("avg_p", "fwd", second, (const double[]){2.5, 6.5, 3.75, 5.5}, NULL);
    pool_4x4("avg_np", "fwd", second, (const double[]){2.5, 6.5, 3.75, 5.5}, NULL);
}

/* ---- 512 -> 256 -> 128 -> 64 -> 32 ----------------------------------------------------------- */

enum { CHANNELS = 3, START = 512, END = 32, BLOCK = START / END };

static float value_at(int64_t c, int64_t h, int64_t w) {
    return (float)((h * 37 + w * 101 + c * 11) % 257) - 128;
}

/* Four steps with one kernel, each reading what the last wrote; false where it does not run. */
static bool halve(const struct pb_kernel *kernel, const char *op, const char *layout,
                  struct pb_trial *trial) {
    struct pb_buffer src;
    size_t bytes = sizeof(float) * CHANNELS * START * START;
    cr_assert_eq(pb_buffer_alloc(&src, bytes), PB_OK);
    bool runs = true;
    for (int64_t size = START; runs && size > END; size /= 2) {
        char text[PB_TEXT_SIZE];
        struct pb_problem problem;
        snprintf(text, sizeof text, "%s:%s:mb1ic%dih%lldkh2sh2", op, layout, CHANNELS,
                 (long long)size);
        cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
        runs = pb_kernel_runs(kernel, &problem, NULL);
        if (!runs) break;
        cr_assert_eq(problem.h.o, size / 2);
        struct pb_tensor x = pb_tensor_of(&problem, PB_SRC, src.data);
        for (int64_t i = 0; size == START && i < pb_tensor_count(&x); i++) {
            int64_t c = i / START / START, h = i / START % START, w = i % START;
            ((float *)x.data)[pb_offset(&x, 0, c, 0, h, w)] = value_at(c, h, w);
        }
        cr_assert_eq(pb_trial_allocate(trial, &problem), PB_OK, "%s", pb_error());
        memcpy(trial->args.src.data, src.data, trial->buffer[PB_SRC].bytes);
        cr_assert_eq(pb_trial_expect(trial), PB_OK, "%s", pb_error());
        cr_expect_eq(pb_trial_check(trial, kernel, false), PB_OK, "%s", pb_error());
        memcpy(src.data, trial->args.dst.data, trial->buffer[PB_DST].bytes);
        if (size / 2 > END) pb_trial_end(trial);
    }
    pb_buffer_free(&src);
    return runs;
}

/* The four steps together are one pooling over blocks of 16 x 16. */
static void halve_on_every_kernel(const char *op, bool max) {
    int ran = 0;
    for (size_t i = 0; i < pb_kernel_count() * 2; i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i / 2);
        struct pb_trial trial = {0};
        if (!halve(kernel, op, layouts[i % 2], &trial)) continue;
        ran++;
        for (int64_t o = 0; o < CHANNELS * END * END; o++) {
            int64_t c = o / END / END, oh = o / END % END, ow = o % END;
            double most = -INFINITY, sum = 0;
            for (int64_t h = oh * BLOCK; h < (oh + 1) * BLOCK; h++)
                for (int64_t w = ow * BLOCK; w < (ow + 1) * BLOCK; w++) {
                    most = fmax(most, value_at(c, h, w));
                    sum += value_at(c, h, w);
                }
            double value = max ? most : sum / (BLOCK * BLOCK);
            const struct pb_tensor *y = &trial.args.dst;
            double got = ((const float *)y->data)[pb_offset(y, 0, c, 0, oh, ow)];
            cr_assert(fabs(got - value) <= (max ? 0 : 1e-4), "%s: %g, should be %g", kernel->name,
                      got, value);
        }
        pb_trial_end(&trial);
    }
    cr_expect_gt(ran, 0, "no kernel runs %s", op);
}

Test(worked_examples, max_512_256_128_64_32) {
    halve_on_every_kernel("max", true);
}

Test(worked_examples, average_512_256_128_64_32) {
    halve_on_every_kernel("avg_p", false);
    halve_on_every_kernel("avg_np", false);
}

/* ---- 128 x 16 x 16 -> 128 -------------------------------------------------------------------- */

Test(worked_examples, gap_of_128x16x16) {
    static float src[128 * 16 * 16];
    double dst[128];
    for (int i = 0; i < 128 * 16 * 16; i++) src[i] = (float)(i / 256) + (i % 2 ? 0.5f : -0.5f);
    for (int c = 0; c < 128; c++) dst[c] = c;
    for (int i = 0; i < 2; i++) {
        char text[PB_TEXT_SIZE];
        snprintf(text, sizeof text, "gap:%s:mb1ic128ih16", layouts[i]);
        struct pb_trial trial = given_trial(text, &(struct given){.src = src});
        cr_expect_eq(pb_tensor_count(&trial.args.dst), 128);
        given_expects(&trial, PB_DST, dst, 128);
        given_passes(&trial);
        pb_trial_end(&trial);
    }
}
