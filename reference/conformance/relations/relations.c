/* Metamorphic relations between the results of a kernel; the idea is of Chen, Cheung and Yiu,
 * "Metamorphic testing: a new approach for generating next test cases", HKUST-CS98-01, 1998.
 * Results are compared within the sum of the bounds that the oracle derives for the two sides; its
 * values are not used. */
#include "conformance/relations/relations.h"
#include "core/op_traits.h"
#include <stdio.h>

/* ---- What a relation covers ------------------------------------------------------------------ */

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

/* ---- The table ------------------------------------------------------------------------------- */

const struct pb_relation pb_relations[] = {
        {.id = "relation_minimum",
         .sentence = "-max(-x) is the least of each window",
         .source = "a negation reverses the order of numbers",
         .covers = window_max,
         .nonfinite = true,
         .check = relation_check_minimum},
        {.id = "relation_join",
         .sentence = "the maximum of the larger of x and y is the larger of the maxima",
         .source = "a dilation commutes with the supremum (Serra, Image Analysis and Mathematical "
                   "Morphology, 1982); max pooling is a dilation by its window, subsampled",
         .covers = relation_max_forward,
         .check = relation_check_join},
        {.id = "relation_offset",
         .sentence = "input raised by a constant raises the maximum by it, at the same index",
         .source = "max(x + c) = max(x) + c; whole numbers below 2^24 add exactly",
         .covers = relation_max_forward,
         .check = relation_check_offset},
        {.id = "relation_picked",
         .sentence = "the maximum is the value at its index",
         .source = "the definition of the index",
         .covers = relation_max_indices,
         .check = relation_check_picked},
        {.id = "relation_first",
         .sentence = "indices of ties are those of values in which earlier is larger",
         .source = "max_tie orders by value, then position, and so does N x - position where the "
                   "values are whole and N exceeds every position",
         .covers = relation_max_indices,
         .check = relation_check_first},
        {.id = "relation_scale",
         .sentence = "4 times the input gives 4 times the output, to the bit",
         .source = "max, sums and lp are homogeneous; a power of two changes the exponent alone, "
                   "so that every rounding (IEEE 754) commutes with it",
         .covers = every,
         .check = relation_check_scale},
        {.id = "relation_linear",
         .sentence = "averages, convolutions, blocks, blurs and all gradients are linear",
         .source = "each result is a sum of inputs times what does not depend on them: A(2x - y) = "
                   "2Ax - Ay",
         .covers = is_linear,
         .check = relation_check_linear},
        {.id = "relation_adjoint",
         .sentence = "a gradient is the adjoint of its operation: <A x, y> = <x, A' y>",
         .source = "the chain rule: the gradient of <A x, y> is A' y; as the dot-product test of "
                   "Claerbout, Earth Soundings Analysis, 1992",
         .covers = has_adjoint,
         .check = relation_check_adjoint},
        {.id = "relation_difference",
         .sentence = "the gradients of max and lp are quotients of finite differences",
         .source = "the derivative along v: (L(x + hv) - L(x - hv)) / 2h tends to <L'(x), v>, and "
                   "equals it while no step changes which element is largest",
         .covers = has_difference,
         .check = relation_check_difference},
        {.id = "relation_whole",
         .sentence =
                 "gap and gmp are avg and max, and adaptive with one output, over the whole input",
         .source = "the definitions: each has one window, and it spans the input",
         .covers = pools_forward,
         .check = relation_check_whole},
        {.id = "relation_box",
         .sentence = "a convolution with a box of ones is avg_p times its divisor",
         .source = "the definition of a convolution, with g = ic and every weight 1, is a sum over "
                   "the window",
         .covers = conv_or_sum,
         .check = relation_check_box},
        {.id = "relation_product",
         .sentence = "a convolution with a window of 1 is a product of matrices",
         .source = "the definition with one tap: a product over channels at each position (Lin, "
                   "Chen, Yan, Network in Network, 2014)",
         .covers = is_conv,
         .check = relation_check_product},
        {.id = "relation_groups",
         .sentence = "a grouped convolution is one convolution for each group",
         .source = "the definition of groups (Krizhevsky, Sutskever, Hinton, ImageNet "
                   "Classification, 2012, section 3.2)",
         .covers = is_conv,
         .check = relation_check_groups},
        {.id = "relation_layouts",
         .sentence = "channels first and channels last give the same values",
         .source = "the definitions name elements by n, c, d, h, w and not by their address",
         .covers = every,
         .nonfinite = true,
         .check = relation_check_layouts},
        {.id = "relation_channels",
         .sentence = "channels in another order give outputs in that order",
         .source = "no definition depends on the number of a channel; a convolution sums over "
                   "them, so its weights are reordered alike",
         .covers = keeps_channels,
         .check = relation_check_channels},
        {.id = "relation_batch",
         .sentence = "images in another order give outputs in that order",
         .source = "no definition mixes images; the gradient of weights is a sum over them",
         .covers = every,
         .check = relation_check_batch},
        {.id = "relation_mirror",
         .sentence = "a mirror image gives the mirror image",
         .source = "i to I - 1 - i in the definitions swaps leading and trailing padding, and "
                   "mirrors the weights",
         .covers = keeps_channels,
         .check = relation_check_mirror},
        {.id = "relation_shift",
         .sentence = "input shifted by the stride gives output shifted by one",
         .source = "position o s - p + k (d + 1): o + 1 of x reads what o of x moved by s reads",
         .covers = is_windowed_forward,
         .check = relation_check_shift},
};
const size_t pb_relation_count = sizeof pb_relations / sizeof *pb_relations;

/* ---- A row ----------------------------------------------------------------------------------- */

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
