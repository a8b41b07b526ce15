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

/* Whether a kernel wrote the element: where NaN is right, the poison would pass as a value. That is
 * a signalling NaN; arithmetic makes those quiet and no input holds one. */
static bool written(const struct pb_tensor *t, int64_t offset) {
    uint32_t bits = 0;
    if (t->dtype == PB_F32) memcpy(&bits, (const float *)t->data + offset, sizeof bits);
    const bool is_nan = (bits & 0x7fffffff) > 0x7f800000, quiet = bits >> 22 & 1;
    return !is_nan || quiet;
}

/* Counts what is wrong in one tensor, and keeps the first. */
static void compare_role(const struct pb_tensor *t, const struct pb_expected_tensor *expected,
                         struct pb_mismatch *found) {
    int64_t at[5] = {0};
    for (int64_t i = 0; i < expected->count; i++, oracle_step(t->dims, at)) {
        int64_t offset = oracle_offset(t, at);
        double got = oracle_load(t, offset);
        bool there = written(t, offset);
        if (there && matches(got, expected->value[i], expected->bound[i])) continue;
        if (found->wrong++) continue;
        memcpy(found->at, at, sizeof at);
        found->got = got;
        found->value = expected->value[i];
        found->bound = fabs(expected->bound[i]);
        found->unwritten = !there;
    }
}

bool pb_mismatch(const struct pb_problem *problem, const struct pb_args *args,
                 const struct pb_expected *expected, struct pb_mismatch *found) {
    *found = (struct pb_mismatch){0};
    for (int role = 0; role < PB_ROLES && !found->wrong; role++) {
        const struct pb_tensor *t = &args->tensor[role];
        const struct pb_expected_tensor *e = &expected->tensor[role];
        if (!pb_role_written(problem, (enum pb_role)role) || !t->data ||
            e->count != pb_tensor_count(t))
            continue;
        found->role = (enum pb_role)role;
        compare_role(t, e, found);
    }
    return found->wrong > 0;
}

enum pb_status pb_compare(const struct pb_problem *problem, const struct pb_args *args,
                          const struct pb_expected *expected) {
    struct pb_mismatch m;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &args->tensor[role];
        int64_t count = expected->tensor[role].count;
        if (pb_role_written(problem, (enum pb_role)role) && t->data && count != pb_tensor_count(t))
            return pb_fail(PB_PROVIDER, "%s has %" PRId64 " elements, %" PRId64 " are expected",
                           pb_role_name((enum pb_role)role), pb_tensor_count(t), count);
    }
    if (!pb_mismatch(problem, args, expected, &m)) return PB_OK;
    return pb_fail(PB_PROVIDER,
                   "%s[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
                   "] is %.9g, should be %.9g within %.3g; %" PRId64 " of %" PRId64 " wrong",
                   pb_role_name(m.role), m.at[0], m.at[1], m.at[2], m.at[3], m.at[4], m.got,
                   m.value, m.bound, m.wrong, expected->tensor[m.role].count);
}
