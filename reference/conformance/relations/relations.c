/* The relations: what the results of a kernel have to do with each other. Results are compared
 * within the sum of the bounds that the oracle derives for the two sides; its values are not used.
 */
#include "conformance/relations/relations.h"
#include "core/op_traits.h"
#include <stdio.h>

/* ---- What a relation covers
 * ---------------------------------------------------------------------------- */

bool relation_forward(const struct pb_problem *p) {
    return pb_is_forward(p);
}

static bool every(const struct pb_problem *p) {
    (void)p;
    return true;
}

static bool window_max(const struct pb_problem *p) {
    return pb_is_max(p) && relation_forward(p);
}

bool relation_max_forward(const struct pb_problem *p) {
    return pb_has_indices(p) && relation_forward(p);
}

bool relation_max_indices(const struct pb_problem *p) {
    return pb_has_indices(p) && p->dir == PB_FWD_IDX;
}

/* What is not linear, forward or backward. */
static bool has_difference(const struct pb_problem *p) {
    return !pb_is_linear(p) && p->dir != PB_FWD_IDX;
}

static bool is_linear(const struct pb_problem *p) {
    return pb_is_linear(p) || p->dir == PB_BWD;
}

static bool has_adjoint(const struct pb_problem *p) {
    return pb_is_linear(p) || (pb_has_indices(p) && p->dir == PB_BWD);
}

/* Blocks become channels by a rule of their own. */
static bool keeps_channels(const struct pb_problem *p) {
    return pb_traits_of(p)->windows != PB_BLOCKS;
}

static bool is_conv(const struct pb_problem *p) {
    return p->op == PB_CONV;
}

static bool conv_or_sum(const struct pb_problem *p) {
    return p->dir == PB_FWD && (p->op == PB_CONV || p->op == PB_AVG_P);
}

static bool is_windowed_forward(const struct pb_problem *p) {
    return relation_forward(p) && !pb_is_global(p) && !relation_is_adaptive(p);
}

static bool pools_forward(const struct pb_problem *p) {
    return relation_forward(p) && (pb_is_average(p) || pb_is_max(p) || relation_is_adaptive(p));
}

/* ---- The table
 * ------------------------------------------------------------------------------------ */

const struct pb_relation pb_relations[] = {
        {"relation_minimum", "-max(-x) is the least of each window", window_max, true,
         relation_check_minimum},
        {"relation_join", "the maximum of the larger of x and y is the larger of the maxima",
         relation_max_forward, false, relation_check_join},
        {"relation_offset",
         "input raised by a constant raises the maximum by it, at the same index",
         relation_max_forward, false, relation_check_offset},
        {"relation_picked", "the maximum is the value at its index", relation_max_indices, false,
         relation_check_picked},
        {"relation_first", "indices of ties are those of values in which earlier is larger",
         relation_max_indices, false, relation_check_first},
        {"relation_scale", "4 times the input gives 4 times the output, to the bit", every, false,
         relation_check_scale},
        {"relation_linear", "averages, convolutions, blocks, blurs and all gradients are linear",
         is_linear, false, relation_check_linear},
        {"relation_adjoint", "a gradient is the adjoint of its operation: <A x, y> = <x, A' y>",
         has_adjoint, false, relation_check_adjoint},
        {"relation_difference", "the gradients of max and lp are quotients of finite differences",
         has_difference, false, relation_check_difference},
        {"relation_whole",
         "gap and gmp are avg and max, and adaptive with one output, over the whole input",
         pools_forward, false, relation_check_whole},
        {"relation_box", "a convolution with a box of ones is avg_p times its divisor", conv_or_sum,
         false, relation_check_box},
        {"relation_product", "a convolution with a window of 1 is a product of matrices", is_conv,
         false, relation_check_product},
        {"relation_groups", "a grouped convolution is one convolution for each group", is_conv,
         false, relation_check_groups},
        {"relation_layouts", "channels first and channels last give the same values", every, true,
         relation_check_layouts},
        {"relation_channels", "channels in another order give outputs in that order",
         keeps_channels, false, relation_check_channels},
        {"relation_batch", "images in another order give outputs in that order", every, false,
         relation_check_batch},
        {"relation_mirror", "a mirror image gives the mirror image", keeps_channels, false,
         relation_check_mirror},
        {"relation_shift", "input shifted by the stride gives output shifted by one",
         is_windowed_forward, false, relation_check_shift},
};
const size_t pb_relation_count = sizeof pb_relations / sizeof *pb_relations;

/* ---- A row
 * ---------------------------------------------------------------------------------------- */

/* How many random problems of a direction decide it, and how many are drawn at most to find as many
 * that the kernel accepts. */
enum { DECIDING = 6, DRAWS = 60 };

enum pb_status row_check_relation(const struct pb_relation *relation,
                                  const struct pb_kernel *kernel, enum pb_op op,
                                  enum pb_layout layout, struct pb_finding *finding) {
    for (int dir = 0; dir < PB_DIRS; dir++) {
        struct pb_rng rng = {(uint64_t)(op * PB_DIRS + dir)};
        for (int draws = 0, held = 0; draws < DRAWS && held < DECIDING; draws++) {
            struct pb_problem p;
            pb_problem_random(&rng, op, (enum pb_dir)dir, &p);
            p.layout = layout;
            p.mb = p.mb ? p.mb : 1;
            if (pb_problem_check(&p) || !relation->covers(&p) || !relation_accepts(kernel, &p))
                continue;
            struct pb_rng data = {rng.state};
            enum pb_status status = relation->check(kernel, p, &data);
            if (status == PB_UNSUPPORTED) continue;
            if (status == PB_NOMEM || status == PB_INVALID) return status;
            if (status) {
                char text[PB_TEXT_SIZE], sentence[PB_SENTENCE_SIZE];
                snprintf(sentence, sizeof sentence, "%s", pb_error());
                status = pb_fail(status, "%s: %s: from %s", kernel->name, sentence,
                                 pb_problem_print(&p, text));
            }
            row_check_count(finding, status, kernel, &p,
                            relation->nonfinite ? PB_WITH_SPECIAL : PB_ALWAYS);
            held++;
        }
    }
    return PB_OK;
}
