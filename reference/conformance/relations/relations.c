/* The laws: what the results of a kernel have to do with each other. Results are compared within
 * the sum of the bounds that the oracle derives for the two sides; its values are not used. */
#include "conformance/relations/relations.h"
#include <stdio.h>

/* ---- What a law covers
 * ---------------------------------------------------------------------------- */

bool law_forward(const struct pb_problem *p) {
    return p->dir == PB_FWD || p->dir == PB_FWD_IDX;
}

static bool is_average(const struct pb_problem *p) {
    return p->op == PB_AVG_P || p->op == PB_AVG_NP || p->op == PB_GAP;
}

static bool is_global(const struct pb_problem *p) {
    return p->op == PB_GAP || p->op == PB_GMP;
}

static bool every(const struct pb_problem *p) {
    (void)p;
    return true;
}

static bool window_max(const struct pb_problem *p) {
    return pb_is_max(p) && law_forward(p);
}

bool law_max_forward(const struct pb_problem *p) {
    return pb_has_indices(p) && law_forward(p);
}

bool law_max_indices(const struct pb_problem *p) {
    return pb_has_indices(p) && p->dir == PB_FWD_IDX;
}

/* What is not linear, forward or backward. */
static bool has_difference(const struct pb_problem *p) {
    return (pb_has_indices(p) || p->op == PB_LP) && p->dir != PB_FWD_IDX;
}

static bool is_linear_operation(const struct pb_problem *p) {
    return is_average(p) || p->op == PB_CONV || p->op == PB_ADAPTIVE_AVG || p->op == PB_S2D ||
           p->op == PB_BLUR;
}

static bool is_linear(const struct pb_problem *p) {
    return is_linear_operation(p) || p->dir == PB_BWD;
}

static bool has_adjoint(const struct pb_problem *p) {
    return is_linear_operation(p) || (pb_has_indices(p) && p->dir == PB_BWD);
}

/* Blocks become channels by a rule of their own. */
static bool keeps_channels(const struct pb_problem *p) {
    return p->op != PB_S2D;
}

static bool is_conv(const struct pb_problem *p) {
    return p->op == PB_CONV;
}

static bool conv_or_sum(const struct pb_problem *p) {
    return p->dir == PB_FWD && (p->op == PB_CONV || p->op == PB_AVG_P);
}

static bool is_windowed_forward(const struct pb_problem *p) {
    return law_forward(p) && !is_global(p) && !law_is_adaptive(p);
}

static bool pools_forward(const struct pb_problem *p) {
    return law_forward(p) && (is_average(p) || pb_is_max(p) || law_is_adaptive(p));
}

/* ---- The table
 * ------------------------------------------------------------------------------------ */

const struct pb_law pb_laws[] = {
        {"law_minimum", "-max(-x) is the least of each window", window_max, true, law_hold_minimum},
        {"law_join", "the maximum of the larger of x and y is the larger of the maxima",
         law_max_forward, false, law_hold_join},
        {"law_offset", "input raised by a constant raises the maximum by it, at the same index",
         law_max_forward, false, law_hold_offset},
        {"law_picked", "the maximum is the value at its index", law_max_indices, false,
         law_hold_picked},
        {"law_first", "indices of ties are those of values in which earlier is larger",
         law_max_indices, false, law_hold_first},
        {"law_scale", "4 times the input gives 4 times the output, to the bit", every, false,
         law_hold_scale},
        {"law_linear", "averages, convolutions, blocks, blurs and all gradients are linear",
         is_linear, false, law_hold_linear},
        {"law_adjoint", "a gradient is the adjoint of its operation: <A x, y> = <x, A' y>",
         has_adjoint, false, law_hold_adjoint},
        {"law_difference", "the gradients of max and lp are quotients of finite differences",
         has_difference, false, law_hold_difference},
        {"law_whole",
         "gap and gmp are avg and max, and adaptive with one output, over the whole input",
         pools_forward, false, law_hold_whole},
        {"law_box", "a convolution with a box of ones is avg_p times its divisor", conv_or_sum,
         false, law_hold_box},
        {"law_product", "a convolution with a window of 1 is a product of matrices", is_conv, false,
         law_hold_product},
        {"law_groups", "a grouped convolution is one convolution for each group", is_conv, false,
         law_hold_groups},
        {"law_layouts", "channels first and channels last give the same values", every, true,
         law_hold_layouts},
        {"law_channels", "channels in another order give outputs in that order", keeps_channels,
         false, law_hold_channels},
        {"law_batch", "images in another order give outputs in that order", every, false,
         law_hold_batch},
        {"law_mirror", "a mirror image gives the mirror image", keeps_channels, false,
         law_hold_mirror},
        {"law_shift", "input shifted by the stride gives output shifted by one",
         is_windowed_forward, false, law_hold_shift},
};
const size_t pb_law_count = sizeof pb_laws / sizeof *pb_laws;

/* ---- A row
 * ---------------------------------------------------------------------------------------- */

/* How many random problems of a direction decide it, and how many are drawn at most to find as many
 * that the kernel accepts. */
enum { DECIDING = 6, DRAWS = 60 };

enum pb_status judging_law(const struct pb_law *law, const struct pb_kernel *kernel, enum pb_op op,
                           enum pb_layout layout, struct pb_finding *finding) {
    for (int dir = 0; dir < PB_DIRS; dir++) {
        struct pb_rng rng = {(uint64_t)(op * PB_DIRS + dir)};
        for (int draws = 0, held = 0; draws < DRAWS && held < DECIDING; draws++) {
            struct pb_problem p;
            pb_problem_random(&rng, op, (enum pb_dir)dir, &p);
            p.layout = layout;
            p.mb = p.mb ? p.mb : 1;
            if (pb_problem_check(&p) || !law->covers(&p) || !law_accepts(kernel, &p)) continue;
            struct pb_rng data = {rng.state};
            enum pb_status status = law->hold(kernel, p, &data);
            if (status == PB_UNSUPPORTED) continue;
            if (status == PB_NOMEM || status == PB_INVALID) return status;
            if (status) {
                char text[PB_TEXT_SIZE], sentence[PB_SENTENCE_SIZE];
                snprintf(sentence, sizeof sentence, "%s", pb_error());
                status = pb_fail(status, "%s: %s: from %s", kernel->name, sentence,
                                 pb_problem_print(&p, text));
            }
            judging_count(finding, status, kernel, &p,
                          law->nonfinite ? PB_WITH_SPECIAL : PB_ALWAYS);
            held++;
        }
    }
    return PB_OK;
}
