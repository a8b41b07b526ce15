/* What a trial is made of: memory that says where it was hurt, and nothing left behind. */
#include "reference.h"
#include "tools/problem_text.h"
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static bool is_empty(const struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++)
        if (trial->buffer[role].base || trial->copy[role].base ||
            trial->expected.tensor[role].value || trial->args.tensor[role].data)
            return false;
    return true;
}

Test(trial, that_cannot_begin_leaves_nothing) {
    struct pb_problem p = problem_of("max:bwd:ic3ih8kh2sh2");
    struct pb_trial trial;
    p.dtype = PB_F16; /* a problem that nobody has test data for */
    cr_expect_neq(pb_trial_begin(&trial, &p, PB_MIXED, 1), PB_OK);
    cr_expect(is_empty(&trial));
    p.dtype = PB_F32;
    p.w.o = 99;
    cr_expect_eq(pb_trial_begin(&trial, &p, PB_MIXED, 1), PB_INVALID);
    cr_expect(is_empty(&trial));
}

Test(trial, that_ended_is_empty) {
    struct pb_problem p = problem_of("conv:ic3oc4ih8kh2");
    struct pb_trial trial;
    cr_assert_eq(pb_trial_begin(&trial, &p, PB_MIXED, 1), PB_OK, "%s", pb_error());
    cr_expect_not(is_empty(&trial));
    pb_trial_end(&trial);
    cr_expect(is_empty(&trial));
    pb_trial_end(&trial);
}

static enum pb_status set_up_nothing(const struct pb_problem *p, const struct pb_args *constants,
                                     void **plan) {
    (void)p;
    (void)constants;
    *plan = NULL;
    return PB_OK;
}

static enum pb_status write_nothing(const struct pb_problem *p, void *plan,
                                    const struct pb_args *args) {
    (void)p;
    (void)plan;
    (void)args;
    return PB_OK;
}

static void forget_nothing(void *plan) {
    (void)plan;
}

/* What outputs are poisoned with is a NaN itself. */
Test(trial, takes_no_poison_for_a_result) {
    static const struct pb_kernel idle = {
            .name = "idle", .setup = set_up_nothing, .run = write_nothing, .done = forget_nothing};
    struct pb_problem p = problem_of("max:mb1ic1iw1kw1");
    struct pb_trial trial;
    cr_assert_eq(pb_trial_allocate(&trial, &p), PB_OK, "%s", pb_error());
    *(float *)trial.args.src.data = NAN;
    cr_assert_eq(pb_trial_expect(&trial), PB_OK, "%s", pb_error());
    cr_expect_eq(pb_trial_check(&trial, &idle, false), PB_PROVIDER);
    pb_trial_end(&trial);
}

/* As often as kernels follow one another; that nothing leaks the sanitizers say. */
Test(trial, repeats_again) {
    const struct pb_problem p = problem_of("max:mb1ic3ih5kh2");
    const struct pb_kernel *kernel = pb_select(&p, "maxpool_f32_naive");
    struct pb_trial trial;
    cr_assert_eq(pb_trial_begin(&trial, &p, PB_MIXED, 1), PB_OK, "%s", pb_error());
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(pb_trial_check(&trial, kernel, false), PB_OK, "%s", pb_error());
        cr_expect_eq(pb_trial_repeat(&trial, kernel, false), PB_OK, "%s", pb_error());
    }
    pb_trial_end(&trial);
}

/* Of nChw16c the channels that fill up a block: a kernel may read them, so they are no accident. */
Test(trial, pads_the_blocks_of_its_inputs_with_zeros) {
    struct pb_problem p = problem_of("max:nChw16c:bwd:mb2ic3ih5kh2sh2");
    struct pb_trial trial;
    for (int family = 0; family < PB_DATA_PATTERNS; family++) {
        cr_assert_eq(pb_trial_begin(&trial, &p, (enum pb_data_pattern)family, 1), PB_OK, "%s",
                     pb_error());
        for (int role = 0; role < PB_ROLES; role++) {
            if (!pb_role_read(&p, (enum pb_role)role)) continue;
            const struct pb_tensor *t = &trial.args.tensor[role];
            size_t size = pb_dtype_size(t->dtype), lanes = pb_tensor_bytes(t) / size;
            static const char zeros[8];
            for (size_t i = 0; i < lanes; i++)
                if (i % 16 >= 3)
                    cr_expect_eq(memcmp((const char *)t->data + i * size, zeros, size), 0,
                                 "%s: lane %zu", pb_role_name((enum pb_role)role), i);
        }
        pb_trial_end(&trial);
    }
}

/* What decides whether a declared difference covers what was seen. */
Test(trial, knows_whether_its_data_is_special) {
    struct pb_problem p = problem_of("max:mb2ic3ih8kh2sh2"), u8 = problem_of("max:u8:ic3ih8kh2");
    struct pb_trial trial;
    for (int family = 0; family < PB_DATA_PATTERNS; family++) {
        bool special = family == PB_SPECIAL || family == PB_LANE || family == PB_INFINITE ||
                       family == PB_SUBNORMAL || family == PB_TIES; /* with -Inf, for max */
        cr_assert_eq(pb_trial_begin(&trial, &p, (enum pb_data_pattern)family, 1), PB_OK, "%s",
                     pb_error());
        cr_expect_eq(pb_trial_special(&trial), special, "%s",
                     pb_data_pattern_name((enum pb_data_pattern)family));
        pb_trial_end(&trial);
    }
    cr_assert_eq(pb_trial_begin(&trial, &u8, PB_MIXED, 1), PB_OK, "%s", pb_error());
    cr_expect_not(pb_trial_special(&trial));
    pb_trial_end(&trial);
}
