/* Holds a kernel's outputs to what the oracle expects. */
#include "reference.h"
#include "oracle/oracle.h"
#include <inttypes.h>
#include <string.h>

/* Written so that NaN on either side and an infinite `got` fail unless they are expected. */
static bool matches(double got, double value, double bound) {
    if (bound < 0 && !isfinite(got)) return true;
    if (isnan(value)) return isnan(got);
    if (isinf(value)) return got == value;
    return fabs(got - value) <= fabs(bound);
}

/* Whether a kernel wrote the element: where NaN is right, the poison would pass as a value. */
static bool written(const struct pb_tensor *t, int64_t offset) {
    uint32_t bits = 0;
    if (t->dtype == PB_F32) memcpy(&bits, (const float *)t->data + offset, sizeof bits);
    return bits != ORACLE_POISON;
}

static enum pb_status compare_role(const struct pb_tensor *t, const char *role,
                                   const struct pb_expected_tensor *expected) {
    int64_t wrong = 0, first[5] = {0};
    double first_got = 0, first_value = 0, first_bound = 0;
    for (int64_t i = 0; i < expected->count; i++) {
        int64_t at[5];
        oracle_unravel(i, t->dims, at);
        int64_t offset = oracle_offset(t, at);
        double got = oracle_load(t, offset);
        if (written(t, offset) && matches(got, expected->value[i], expected->bound[i])) continue;
        if (wrong++) continue;
        memcpy(first, at, sizeof first);
        first_got = got;
        first_value = expected->value[i];
        first_bound = expected->bound[i];
    }
    if (!wrong) return PB_OK;
    return pb_fail(PB_PROVIDER,
                   "%s[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
                   "] is %.9g, should be %.9g within %.3g; %" PRId64 " of %" PRId64 " wrong",
                   role, first[0], first[1], first[2], first[3], first[4], first_got, first_value,
                   fabs(first_bound), wrong, expected->count);
}

enum pb_status pb_compare(const struct pb_problem *problem, const struct pb_args *args,
                          const struct pb_expected *expected) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &args->tensor[role];
        const struct pb_expected_tensor *e = &expected->tensor[role];
        if (!pb_role_written(problem, role) || !t->data) continue;
        if (e->count != pb_tensor_count(t))
            return pb_fail(PB_PROVIDER, "%s has %" PRId64 " elements, %" PRId64 " are expected",
                           pb_role_name(role), pb_tensor_count(t), e->count);
        enum pb_status status = compare_role(t, pb_role_name(role), e);
        if (status) return status;
    }
    return PB_OK;
}
