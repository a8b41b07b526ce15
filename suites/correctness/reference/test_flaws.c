/* The default lists of `verify` are held to kernels that are right but beyond a size, or but where
 * parameters meet: each is caught, in each operation, type, direction and layout that has the
 * flaw. */
#include "core/op_traits.h"
#include "tools/shape_list.h"
#include "verify/suite_lists.h"
#include "verify/verification.h"
#include "wrong/flaws.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum { LAYOUTS_OF_LISTS = 2 }; /* nchw and nhwc */

struct found {
    bool by[PB_OPS][PB_DTYPES][PB_DIRS][PB_LAYOUTS];
};

static int flaw_count(void) {
    return size_flaw_count + count_flaw_count + combination_flaw_count;
}

static const struct flaw *flaw_at(int number) {
    if (number < size_flaw_count) return &size_flaws[number];
    number -= size_flaw_count;
    if (number < count_flaw_count) return &count_flaws[number];
    return &combination_flaws[number - count_flaw_count];
}

/* Where parameters meet the layout is one of them, and any will do. */
static bool by_layout(int number) {
    return number < size_flaw_count + count_flaw_count;
}

static bool caught(const struct pb_kernel *kernel, const struct pb_case *now) {
    struct pb_trial trial = {0};
    enum pb_status status =
            pb_trial_begin_at(&trial, &now->problem, now->family, now->placement, now->seed);
    cr_assert_eq(status, PB_OK, "%s", pb_error());
    status = pb_trial_check(&trial, kernel, false);
    pb_trial_end(&trial);
    cr_assert(status == PB_OK || status == PB_PROVIDER, "%s", pb_error());
    return status != PB_OK;
}

/* What one list catches, on the data that it has. */
static void try_list(const struct pb_suite_list *list, const struct flaw *flaw, bool layouts,
                     struct found *found) {
    const struct pb_kernel kernel = flaw_kernel(flaw);
    struct pb_problems problems = {0};
    cr_assert_eq(pb_suite_list_read(list, &problems), PB_OK, "%s", pb_error());
    const struct pb_case_list of = {.problem = problems.item,
                                    .count = (int64_t)problems.count,
                                    .family = -1,
                                    .placement = -1,
                                    .seed = 1,
                                    .patterns = list->patterns,
                                    .in_turn = list->in_turn};
    const struct pb_cases cases = pb_cases_of_list(&of);
    for (int64_t i = 0; i < cases.problems; i++) {
        const struct pb_problem *p = &problems.item[i];
        if (!flaw_takes(flaw, p) || !flaw_shows(flaw, p)) continue;
        bool *known = &found->by[p->op][p->dtype][p->dir][layouts ? p->layout : PB_NCHW];
        struct pb_case now;
        for (int number = 0; number < cases.cases && !*known; number++)
            *known = cases.at(cases.source, i, number, &now) && caught(&kernel, &now);
    }
    pb_problems_free(&problems);
}

/* A problem of that kind, the smallest; false where there is none. */
static bool kind(int op, int dtype, int dir, int layout, struct pb_problem *p) {
    const struct pb_op_traits *traits = pb_op_traits((enum pb_op)op);
    const struct pb_axis one = {.i = 1, .o = 1, .k = 1, .s = 1};
    *p = (struct pb_problem){.op = (enum pb_op)op,
                             .dtype = (enum pb_dtype)dtype,
                             .dir = (enum pb_dir)dir,
                             .layout = (enum pb_layout)layout,
                             .rank = 1,
                             .mb = 1,
                             .g = 1,
                             .ic = 1,
                             .oc = 1,
                             .d = one,
                             .h = one,
                             .w = one,
                             .power = traits->power ? 2 : 0};
    return !pb_problem_check(p);
}

static void free_numbers(struct criterion_test_params *params) {
    cr_free(params->params);
}

ParameterizedTestParameters(flaws, are_caught_by_default) {
    int *number = cr_malloc((size_t)flaw_count() * sizeof *number);
    for (int i = 0; i < flaw_count(); i++) number[i] = i;
    return cr_make_param_array(int, number, (size_t)flaw_count(), free_numbers);
}

ParameterizedTest(int *number, flaws, are_caught_by_default, .timeout = 300) {
    const struct flaw *flaw = flaw_at(*number);
    bool layouts = by_layout(*number);
    struct found found = {0};
    for (const struct pb_suite_list *list = pb_suite_lists; list->file; list++)
        if (list->suites >> PB_SUITE_DEFAULT & 1) try_list(list, flaw, layouts, &found);
    int kinds = 0;
    for (int op = 0; op < PB_OPS; op++)
        for (int dtype = 0; dtype < PB_DTYPES; dtype++)
            for (int dir = 0; dir < PB_DIRS; dir++)
                for (int layout = 0; layout < (layouts ? LAYOUTS_OF_LISTS : 1); layout++) {
                    struct pb_problem p;
                    if (!kind(op, dtype, dir, layout, &p) || !flaw_takes(flaw, &p)) continue;
                    kinds++;
                    cr_expect(found.by[op][dtype][dir][layout], "%s was not caught in %s %s %s %s",
                              flaw->name, pb_op_name(p.op), pb_dtype_name(p.dtype),
                              pb_dir_name(p.dir), layouts ? pb_layout_name(p.layout) : "");
                }
    cr_expect_gt(kinds, 0, "%s is the flaw of nothing", flaw->name);
}

/* Without its flaw the kernel passes, so that the flaw is what it is caught for. */
static bool nowhere(const struct pb_problem *p) {
    (void)p;
    return false;
}

Test(flaws, are_right_elsewhere, .timeout = 300) {
    struct flaw none = combination_flaws[0];
    int64_t held = 0;
    none.name = "right";
    none.ops = "max avg_p avg_np lp conv blur s2d gap gmp adaptive_max adaptive_avg";
    none.shows = nowhere;
    const struct pb_kernel kernel = flaw_kernel(&none);
    struct pb_problems list = basic_shapes();
    for (size_t i = 0; i < list.count; i += 7) {
        const struct pb_case now = {.problem = list.item[i], .family = PB_SPECIAL, .seed = 1};
        if (!kernel.can_do(&now.problem)) continue;
        held++;
        cr_expect_not(caught(&kernel, &now), "%s", pb_error());
    }
    cr_expect_gt(held, 100);
    pb_problems_free(&list);
}
