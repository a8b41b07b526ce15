/* The harness is held to kernels that are wrong on purpose: each is caught, and for
 * what it does. */
#include "tools/shape_list.h"
#include "wrong/wrong_kernels.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>
#include <unistd.h>

/* What the report says first: where the memory was hurt, else the element that is wrong. */
static bool says(enum defect defect, const char *sentence) {
    bool outside = strstr(sentence, "wrote outside"),
         changed = strstr(sentence, "changed its input");
    bool value = strstr(sentence, "should be");
    return outside == (defect == WRITES_OUTSIDE) && changed == (defect == CHANGES_INPUT) &&
           value == (defect == WRONG_VALUE);
}

static int wrong_count(void) {
    return wrong_kernel_count + wrong_downsampler_count + wrong_integer_count + wrong_sum_count;
}

static const struct wrong_kernel *wrong_at(int number) {
    if (number < wrong_kernel_count) return &wrong_kernels[number];
    number -= wrong_kernel_count;
    if (number < wrong_downsampler_count) return &wrong_downsamplers[number];
    number -= wrong_downsampler_count;
    return number < wrong_integer_count ? &wrong_integers[number]
                                        : &wrong_sums[number - wrong_integer_count];
}

static void free_numbers(struct criterion_test_params *params) {
    cr_free(params->params);
}

ParameterizedTestParameters(wrong_kernels, are_caught) {
    int *number = cr_malloc((size_t)wrong_count() * sizeof *number);
    for (int i = 0; i < wrong_count(); i++) number[i] = i;
    return cr_make_param_array(int, number, (size_t)wrong_count(), free_numbers);
}

/* A placement with guard bytes on the side of the first tensor that is written where the kernel
 * writes: that is seen in them, and does not trap. */
static enum pb_placement with_guards(const struct pb_problem *problem, const char *kernel) {
    int role = 0, placement = 0;
    while (!pb_role_written(problem, (enum pb_role)role)) role++;
    struct pb_tensor t = pb_tensor_of(problem, (enum pb_role)role, NULL);
    size_t bytes = pb_tensor_bytes(&t), page = (size_t)sysconf(_SC_PAGESIZE);
    for (bool found = false; !found; placement++) {
        struct pb_buffer buffer;
        cr_assert_lt(placement, PB_PLACEMENTS);
        cr_assert_eq(pb_buffer_alloc_at(&buffer, bytes, (enum pb_placement)placement,
                                        pb_dtype_size(t.dtype)),
                     PB_OK);
        uintptr_t edge = (uintptr_t)buffer.data + (strstr(kernel, "past_the_end") ? bytes : 0);
        found = edge % page != 0;
        pb_buffer_free(&buffer);
    }
    return (enum pb_placement)(placement - 1);
}

static bool caught(const struct wrong_kernel *wrong, const struct pb_problem *problem,
                   enum pb_data_pattern family) {
    struct pb_trial trial = {0};
    enum pb_status status =
            pb_trial_begin_at(&trial, problem, family, with_guards(problem, wrong->kernel.name), 1);
    cr_assert_eq(status, PB_OK, "%s", pb_error());
    status = pb_trial_check(&trial, &wrong->kernel, false);
    pb_trial_end(&trial);
    if (status == PB_OK) return false;
    cr_expect_eq(status, PB_PROVIDER, "%s: status %d: %s", wrong->kernel.name, status, pb_error());
    cr_expect(says(wrong->defect, pb_error()), "%s", pb_error());
    cr_expect(strstr(pb_error(), wrong->kernel.name), "%s", pb_error());
    return true;
}

ParameterizedTest(int *number, wrong_kernels, are_caught, .timeout = 120) {
    const struct wrong_kernel *wrong = wrong_at(*number);
    struct pb_problems list = basic_shapes();
    bool accepted[PB_OPS][PB_DTYPES][PB_DIRS][PB_LAYOUTS] = {0};
    bool found[PB_OPS][PB_DTYPES][PB_DIRS][PB_LAYOUTS] = {0};
    for (size_t i = 0; i < list.count; i++) {
        const struct pb_problem *p = &list.item[i];
        if (!wrong->kernel.can_do(p)) continue;
        accepted[p->op][p->dtype][p->dir][p->layout] = true;
        bool *known = &found[p->op][p->dtype][p->dir][p->layout];
        for (int family = 0; family < PB_DATA_PATTERNS && !*known; family++)
            *known = caught(wrong, p, (enum pb_data_pattern)family);
    }
    /* in each operation, type, direction and layout that it is wrong in */
    bool any = false;
    for (int i = 0; i < PB_OPS * PB_DTYPES * PB_DIRS * PB_LAYOUTS; i++) {
        int layout = i % PB_LAYOUTS, dir = i / PB_LAYOUTS % PB_DIRS;
        int dtype = i / PB_LAYOUTS / PB_DIRS % PB_DTYPES, op = i / PB_LAYOUTS / PB_DIRS / PB_DTYPES;
        if (!accepted[op][dtype][dir][layout]) continue;
        any = true;
        cr_expect(found[op][dtype][dir][layout], "%s was not caught in %s %s %s %s",
                  wrong->kernel.name, pb_op_name((enum pb_op)op),
                  pb_dtype_name((enum pb_dtype)dtype), pb_dir_name((enum pb_dir)dir),
                  pb_layout_name((enum pb_layout)layout));
    }
    cr_expect(any, "%s accepts nothing in the list", wrong->kernel.name);
    pb_problems_free(&list);
}

/* What hurts memory or leaves an element is caught on every problem, not on some. */
Test(wrong_kernels, are_caught_everywhere) {
    static const char *const always[] = {"wrong_past_the_end", "wrong_before_the_start",
                                         "wrong_input_changed", "wrong_untouched"};
    struct pb_problems list = basic_shapes();
    for (int k = 0; k < wrong_kernel_count; k++)
        for (size_t a = 0; a < sizeof always / sizeof always[0]; a++) {
            if (strcmp(wrong_kernels[k].kernel.name, always[a])) continue;
            for (size_t i = 0; i < list.count; i++) {
                char text[PB_TEXT_SIZE];
                if (list.item[i].mb == 0 || !wrong_kernels[k].kernel.can_do(&list.item[i]))
                    continue;
                cr_expect(caught(&wrong_kernels[k], &list.item[i], PB_MIXED), "%s passed: %s",
                          always[a], pb_problem_print(&list.item[i], text));
            }
        }
    pb_problems_free(&list);
}

/* What only lacks the defect is not caught, so that the defect is what the others
 * are caught for. */
static void expect_right(const struct pb_kernel *kernel) {
    struct pb_problems list = basic_shapes();
    int held = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (!kernel->can_do(&list.item[i])) continue;
        for (int family = 0; family < PB_DATA_PATTERNS; family++, held++) {
            struct pb_trial trial = {0};
            enum pb_status status =
                    pb_trial_begin(&trial, &list.item[i], (enum pb_data_pattern)family, 1);
            cr_assert_eq(status, PB_OK, "%s", pb_error());
            cr_expect_eq(pb_trial_check(&trial, kernel, false), PB_OK, "%s", pb_error());
            pb_trial_end(&trial);
        }
    }
    cr_expect_gt(held, 100, "%s was held to %d trials", kernel->name, held);
    pb_problems_free(&list);
}

Test(wrong_kernels, are_right_without_their_defect, .timeout = 60) {
    expect_right(&right_blur);
    expect_right(&right_integer_average);
    expect_right(&right_sum);
}

static enum pb_status run_fails(const struct pb_problem *p, void *plan,
                                const struct pb_args *args) {
    (void)p, (void)plan, (void)args;
    return pb_fail(PB_NOMEM, "no memory for anything");
}

/* A kernel that fails says so itself; it is not wrong. */
Test(wrong_kernels, a_failing_kernel_keeps_its_status) {
    struct pb_kernel kernel = wrong_kernels[0].kernel;
    struct pb_problem problem;
    struct pb_trial trial = {0};
    kernel.run = run_fails;
    cr_assert_eq(pb_problem_parse("max:ic3ih4kh2", &problem), PB_OK);
    cr_assert_eq(pb_trial_begin(&trial, &problem, PB_MIXED, 1), PB_OK);
    cr_expect_eq(pb_trial_check(&trial, &kernel, false), PB_NOMEM);
    cr_expect(strstr(pb_error(), "no memory for anything"), "%s", pb_error());
    pb_trial_end(&trial);
}

/* What one kernel hurt is mended before the next is held to it. */
Test(wrong_kernels, do_not_spoil_the_trial_for_others) {
    struct pb_problem problem;
    struct pb_trial trial = {0};
    cr_assert_eq(pb_problem_parse("avg_p:ic3ih5kh2", &problem), PB_OK);
    cr_assert_eq(pb_trial_begin_at(&trial, &problem, PB_MIXED, PB_ODD, 1), PB_OK);
    for (int k = 0; k < wrong_kernel_count; k++) {
        if (wrong_kernels[k].defect == WRONG_VALUE) continue;
        cr_expect_eq(pb_trial_check(&trial, &wrong_kernels[k].kernel, false), PB_PROVIDER);
        const struct pb_kernel *right = pb_select(&problem, "*_naive");
        cr_expect_eq(pb_trial_check(&trial, right, false), PB_OK, "%s", pb_error());
    }
    pb_trial_end(&trial);
}
