/* Each thread's part of a plan's memory. */
#include "core/scratch.h"
#include <criterion/criterion.h>
#include <omp.h>
#include <stdint.h>

Test(scratch, parts_are_whole_aligned_and_apart) {
    enum { THREADS = 3 };
    pb_set_threads(THREADS);
    for (int64_t count = 0; count < 70; count++) {
        float *part[THREADS] = {NULL};
        void *plan;
        cr_assert_eq(pb_scratch_setup(count, &plan), PB_OK, "%s", pb_error());
        cr_expect_eq(pb_scratch_threads(plan), THREADS);
#pragma omp parallel num_threads(THREADS)
        part[omp_get_thread_num()] = pb_scratch_mine(plan);
        for (int i = 0; i < THREADS; i++) {
            cr_expect_eq((uintptr_t)part[i] % 64, 0);
            if (i) cr_expect_geq(part[i] - part[i - 1], count, "%lld floats", (long long)count);
        }
        pb_scratch_done(plan);
    }
}

/* A plan serves as many threads as it was made for. */
Test(scratch, has_no_more_threads_than_parts) {
    void *plan;
    pb_set_threads(2);
    cr_assert_eq(pb_scratch_setup(10, &plan), PB_OK, "%s", pb_error());
    pb_set_threads(1);
    cr_expect_eq(pb_scratch_threads(plan), 1);
    pb_set_threads(7);
    cr_expect_eq(pb_scratch_threads(plan), 2);
    pb_scratch_done(plan);
    pb_scratch_done(NULL);
}

Test(scratch, too_large_is_refused) {
    void *plan = &plan;
    pb_set_threads(4);
    cr_expect_eq(pb_scratch_setup(INT64_MAX, &plan), PB_NOMEM);
    cr_expect_null(plan);
    cr_expect_eq(pb_scratch_setup(INT64_MAX / 16, &plan), PB_NOMEM);
    cr_expect_eq(pb_scratch_setup(INT64_MAX / 64, &plan), PB_NOMEM);
    cr_expect_null(plan);
}
