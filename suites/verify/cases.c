/* Where cases come from: lists, draws, ONNX test cases. */
#include "common/onnx_cases.h"
#include "common/suites.h"
#include "verify/verification.h"

/* ---- Lists ----------------------------------------------------------------------------------- */

static bool list_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    const struct pb_case_list *list = source;
    bool picked = !list->patterns || list->patterns >> number & 1 ||
                  (list->in_turn && problem % PB_DATA_PATTERNS == number);
    if (list->family >= 0 ? number != list->family : !picked) return false;
    int64_t turn = (problem + number) % PB_PLACEMENTS;
    *to = (struct pb_case){
            .problem = list->problem[problem],
            .family = (enum pb_data_pattern)number,
            .placement = (enum pb_placement)(list->placement < 0 ? turn : list->placement),
            .seed = list->seed};
    return true;
}

struct pb_cases pb_cases_of_list(const struct pb_case_list *list) {
    return (struct pb_cases){
            .at = list_at, .source = list, .problems = list->count, .cases = PB_DATA_PATTERNS};
}

/* ---- Draws ----------------------------------------------------------------------------------- */

enum {
    MOST_DRAWS = 1000, /* of a problem, until a kernel accepts one */
    LONG = 16          /* one in as many is long in one place */
};

/* One that depends on all three numbers. */
static struct pb_rng rng_of(uint64_t seed, int64_t problem, int number) {
    struct pb_rng rng = {seed};
    rng.state = pb_rng_next(&rng) + (uint64_t)problem;
    rng.state = pb_rng_next(&rng) + (uint64_t)number;
    return rng;
}

static bool draw_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    const struct pb_case_draw *draw = source;
    struct pb_rng rng = rng_of(draw->seed, problem, number);
    enum pb_op op = (enum pb_op)pb_rng_below(&rng, PB_OPS);
    if (draw->op && pb_op_of_prefix(draw->op, &op)) return false;
    enum pb_dir dir = (enum pb_dir)pb_rng_below(&rng, PB_DIRS);
    *to = (struct pb_case){.family = (enum pb_data_pattern)pb_rng_below(&rng, PB_DATA_PATTERNS),
                           .placement = (enum pb_placement)pb_rng_below(&rng, PB_PLACEMENTS),
                           .seed = (uint64_t)pb_rng_below(&rng, INT32_MAX)};
    if (draw->family >= 0) to->family = (enum pb_data_pattern)draw->family;
    if (draw->placement >= 0) to->placement = (enum pb_placement)draw->placement;
    pb_problem_random(&rng, op, dir, &to->problem);
    if (pb_rng_below(&rng, LONG) == 0) pb_problem_random_long(&rng, &to->problem);
    if (draw->mb >= 0) to->problem.mb = draw->mb;
    if (pb_rng_below(&rng, 8) == 0)
        to->problem.dtype = pb_rng_below(&rng, 2) ? PB_S8 : PB_U8; /* drawn again if not taken */
    return !pb_problem_check(&to->problem) &&
           (!draw->op || pb_prefix_matches(draw->op, &to->problem));
}

struct pb_cases pb_cases_drawn(const struct pb_case_draw *draw, int64_t problems) {
    return (struct pb_cases){
            .at = draw_at, .source = draw, .problems = problems, .cases = MOST_DRAWS, .one = true};
}

/* ---- ONNX test cases ------------------------------------------------------------------------- */

static bool onnx_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    const struct pb_onnx_case *item = &((const struct pb_onnx_cases *)source)->item[problem];
    *to = (struct pb_case){.onnx = item->directory,
                           .onnx_set = item->set,
                           .problem.layout = number ? PB_NHWC : PB_NCHW};
    return true;
}

struct pb_cases pb_cases_of_onnx(const struct pb_onnx_cases *cases) {
    return (struct pb_cases){
            .at = onnx_at, .source = cases, .problems = (int64_t)cases->count, .cases = 2};
}
