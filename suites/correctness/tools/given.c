#include "tools/given.h"
#include <criterion/criterion.h>
#include <math.h>

/* Offset of element i in logical order. */
static int64_t offset_of(const struct pb_tensor *t, int64_t i) {
    int64_t at[5];
    for (int axis = 4; axis >= 0; axis--) {
        at[axis] = i % t->dims[axis];
        i /= t->dims[axis];
    }
    return pb_offset(t, at[0], at[1], at[2], at[3], at[4]);
}

void given_fill(struct pb_tensor *tensor, const float *values) {
    for (int64_t i = 0; i < pb_tensor_count(tensor); i++) {
        int64_t at = offset_of(tensor, i);
        if (tensor->dtype == PB_S8)
            ((int8_t *)tensor->data)[at] = (int8_t)values[i];
        else if (tensor->dtype == PB_U8)
            ((uint8_t *)tensor->data)[at] = (uint8_t)values[i];
        else
            ((float *)tensor->data)[at] = values[i];
    }
}

struct pb_trial given_trial(const char *text, const struct given *values) {
    const float *by_role[PB_ROLES] = {[PB_SRC] = values->src,
                                      [PB_DST] = values->dst,
                                      [PB_WEIGHTS] = values->weights,
                                      [PB_BIAS] = values->bias,
                                      [PB_INPUT] = values->input};
    struct pb_problem problem;
    struct pb_trial trial;
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_trial_allocate(&trial, &problem), PB_OK, "%s", pb_error());
    for (int role = 0; role < PB_ROLES; role++) {
        struct pb_tensor *t = &trial.args.tensor[role];
        if (!t->data || pb_role_written(&problem, role)) continue;
        if (role == PB_INDICES) {
            for (int64_t i = 0; i < pb_tensor_count(t); i++)
                ((int64_t *)t->data)[offset_of(t, i)] = values->indices[i];
        } else if (by_role[role]) {
            given_fill(t, by_role[role]);
        } else {
            cr_assert_eq(role, PB_BIAS, "%s: %s is not given", text, pb_role_name(role));
            pb_buffer_free(&trial.buffer[role]);
            pb_buffer_free(&trial.copy[role]);
            t->data = NULL;
        }
    }
    cr_assert_eq(pb_trial_expect(&trial), PB_OK, "%s: %s", text, pb_error());
    return trial;
}

void given_expects(const struct pb_trial *trial, enum pb_role role, const double *values,
                   int64_t count) {
    const struct pb_expected_tensor *expected = &trial->expected.tensor[role];
    char text[PB_TEXT_SIZE];
    pb_problem_print(&trial->problem, text);
    cr_assert_eq(expected->count, count, "%s: %s has %lld elements", text, pb_role_name(role),
                 (long long)expected->count);
    for (int64_t i = 0; i < count; i++) {
        double got = expected->value[i];
        cr_expect(got == values[i] || (isnan(got) && isnan(values[i])),
                  "%s: %s[%lld] should be %.9g, the oracle says %.9g", text, pb_role_name(role),
                  (long long)i, values[i], got);
    }
}

void given_passes(struct pb_trial *trial) {
    char text[PB_TEXT_SIZE];
    int ran = 0;
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        if (!pb_kernel_runs(kernel, &trial->problem, NULL)) continue;
        cr_expect_eq(pb_trial_check(trial, kernel, false), PB_OK, "%s", pb_error());
        cr_expect_eq(pb_trial_check(trial, kernel, true), PB_OK, "%s", pb_error());
        ran++;
    }
    cr_expect_gt(ran, 0, "no kernel runs %s", pb_problem_print(&trial->problem, text));
}
