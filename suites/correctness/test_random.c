/* Every kernel over seeded random problems of each operation and direction. */
#include "shape_list.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

static const struct {
    enum pb_op op;
    enum pb_dir dir;
    enum pb_dtype dtype;
} kinds[] = {
        {PB_MAX, PB_FWD, PB_F32},
        {PB_MAX, PB_FWD_IDX, PB_F32},
        {PB_MAX, PB_BWD, PB_F32},
        {PB_AVG_P, PB_FWD, PB_F32},
        {PB_AVG_P, PB_BWD, PB_F32},
        {PB_AVG_NP, PB_FWD, PB_F32},
        {PB_AVG_NP, PB_BWD, PB_F32},
        {PB_GAP, PB_FWD, PB_F32},
        {PB_GAP, PB_BWD, PB_F32},
        {PB_GMP, PB_FWD, PB_F32},
        {PB_GMP, PB_FWD_IDX, PB_F32},
        {PB_GMP, PB_BWD, PB_F32},
        {PB_CONV, PB_FWD, PB_F32},
        {PB_CONV, PB_BWD, PB_F32},
        {PB_CONV, PB_BWD_W, PB_F32},
        {PB_LP, PB_FWD, PB_F32},
        {PB_LP, PB_BWD, PB_F32},
        {PB_ADAPTIVE_MAX, PB_FWD, PB_F32},
        {PB_ADAPTIVE_MAX, PB_FWD_IDX, PB_F32},
        {PB_ADAPTIVE_MAX, PB_BWD, PB_F32},
        {PB_ADAPTIVE_AVG, PB_FWD, PB_F32},
        {PB_ADAPTIVE_AVG, PB_BWD, PB_F32},
        {PB_S2D, PB_FWD, PB_F32},
        {PB_S2D, PB_BWD, PB_F32},
        {PB_BLUR, PB_FWD, PB_F32},
        {PB_BLUR, PB_BWD, PB_F32},
        {PB_MAX, PB_FWD, PB_S8},
        {PB_MAX, PB_FWD_IDX, PB_S8},
        {PB_AVG_P, PB_FWD, PB_S8},
        {PB_AVG_NP, PB_FWD, PB_S8},
        {PB_GAP, PB_FWD, PB_S8},
        {PB_GMP, PB_FWD_IDX, PB_S8},
        {PB_MAX, PB_FWD, PB_U8},
        {PB_MAX, PB_FWD_IDX, PB_U8},
        {PB_AVG_P, PB_FWD, PB_U8},
        {PB_AVG_NP, PB_FWD, PB_U8},
        {PB_GAP, PB_FWD, PB_U8},
        {PB_GMP, PB_FWD_IDX, PB_U8},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], PROBLEMS = 320 };

ParameterizedTestParameters(random_problems, are_right) {
    return shares();
}

ParameterizedTest(int *share, random_problems, are_right, .timeout = 120) {
    for (int kind = 0; kind < KINDS; kind++)
        for (int i = *share; i < PROBLEMS; i += SHARES) {
            struct pb_problem problem;
            uint64_t seed = (uint64_t)(kind * PROBLEMS + i);
            struct pb_rng rng = {.state = seed};
            pb_problem_random(&rng, kinds[kind].op, kinds[kind].dir, &problem);
            problem.dtype = kinds[kind].dtype;
            enum pb_family family = (enum pb_family)pb_rng_below(&rng, PB_FAMILIES);
            char text[PB_TEXT_SIZE];
            cr_assert_eq(pb_problem_check(&problem), PB_OK, "%s", pb_error());
            cr_expect_gt(hold_kernels(&problem, family, seed), 0, "no kernel accepts %s",
                         pb_problem_print(&problem, text));
        }
}
