/* Flaws where parameters meet that are right each for itself. */
#include "wrong/flaws.h"
#include "wrong/wrong_tools.h"
#include <math.h>

enum { BACK = 1 << PB_BWD, BACK_W = 1 << PB_BWD_W };
#define AVERAGES "avg_p avg_np"
#define POOLS "max avg_p avg_np lp"
#define STRIDED POOLS " conv"

/* ---- Where ----------------------------------------------------------------------------------- */

/* Of any axis that the problem has. */
static bool any_axis(const struct pb_problem *p, bool (*is)(const struct pb_axis *)) {
    for (int a = 3 - p->rank; a < 3; a++)
        if (is(&p->axis[a])) return true;
    return false;
}

static bool all_axes(const struct pb_problem *p, bool (*is)(const struct pb_axis *)) {
    for (int a = 3 - p->rank; a < 3; a++)
        if (!is(&p->axis[a])) return false;
    return true;
}

static bool strides_and_dilates(const struct pb_axis *a) {
    return a->s > 1 && a->d > 0 && a->k > 1;
}

static bool common_factor(const struct pb_axis *a) {
    return a->k > 1 && a->d > 0 && a->s % (a->d + 1) == 0;
}

static bool above_3(const struct pb_axis *a) {
    return a->k > 3;
}

static bool is_the_input(const struct pb_axis *a) {
    return a->k == a->i && a->o == 1;
}

static bool dilates(const struct pb_axis *a) {
    return a->d > 0 && a->k > 1;
}

static bool trails(const struct pb_axis *a) {
    return a->pr > a->p;
}

static bool pads(const struct pb_axis *a) {
    return a->p > 0;
}

static bool k4s3(const struct pb_axis *a) {
    return a->k == 4 && a->s == 3;
}

static bool k7s3(const struct pb_axis *a) {
    return a->k == 7 && a->s == 3;
}

static bool k5s3p1(const struct pb_axis *a) {
    return a->k == 5 && a->s == 3 && a->p == 1;
}

static bool stride_above(const struct pb_axis *a) {
    return a->k == 2 && a->s > a->k && a->o > 1;
}

static bool strides(const struct pb_axis *a) {
    return a->s > 1;
}

static bool is_31(const struct pb_axis *a) {
    return a->k == 31;
}

static bool above_9(const struct pb_axis *a) {
    return a->o * 9 < a->i;
}

static bool stride_of_2_dilation_of_1(const struct pb_problem *p) {
    return p->rank == 2 && p->w.s == 2 && p->w.d == 1 && p->w.k > 1;
}

static bool stride_with_dilation(const struct pb_problem *p) {
    return any_axis(p, strides_and_dilates);
}

static bool stride_with_common_factor(const struct pb_problem *p) {
    return any_axis(p, common_factor);
}

static bool large_window_in_3d(const struct pb_problem *p) {
    return p->rank == 3 && any_axis(p, above_3);
}

static bool window_of_31_in_3d(const struct pb_problem *p) {
    return p->rank == 3 && any_axis(p, is_31);
}

static bool divisor_of_whole_input(const struct pb_problem *p) {
    return p->div > 0 && all_axes(p, is_the_input);
}

static bool divisor_with_ceil(const struct pb_problem *p) {
    return p->div > 0 && p->ceil;
}

static bool dilated_average(const struct pb_problem *p) {
    return !p->div && any_axis(p, dilates);
}

static bool trailing_padding(const struct pb_problem *p) {
    return !p->div && any_axis(p, trails);
}

static bool ceil_and_padding(const struct pb_problem *p) {
    return !p->div && p->ceil && any_axis(p, pads);
}

static bool window_of_4_stride_of_3(const struct pb_problem *p) {
    return any_axis(p, k4s3);
}

static bool window_of_7_stride_of_3(const struct pb_problem *p) {
    return any_axis(p, k7s3);
}

static bool window_of_5_stride_of_3(const struct pb_problem *p) {
    return any_axis(p, k5s3p1);
}

static bool grouped_stride_above_window(const struct pb_problem *p) {
    return p->rank == 3 && p->g == 3 && any_axis(p, stride_above);
}

static bool many_channels_narrow(const struct pb_problem *p) {
    return p->rank == 1 && p->w.s > 1 && p->ic > 16 && p->w.i < 17;
}

static bool grouped_and_strided(const struct pb_problem *p) {
    return p->g > 1 && any_axis(p, strides);
}

static bool depthwise_stride_of_2(const struct pb_problem *p) {
    return p->g > 1 && p->g == p->ic && p->g == p->oc && p->w.s == 2;
}

static bool grouped_1x1_even(const struct pb_problem *p) {
    return p->g > 1 && p->d.k * p->h.k * p->w.k == 1 && p->ic / p->g % 2 == 0;
}

static bool blocked_tail(const struct pb_problem *p) {
    return p->layout == PB_NCHW16C && p->ic % 16 == 1 && p->rank == 3;
}

static bool odd_power_in_3d(const struct pb_problem *p) {
    return p->rank == 3 && fmod(p->power, 2) == 1;
}

static bool ratio_above_9_in_2d(const struct pb_problem *p) {
    return p->rank > 1 && any_axis(p, above_9);
}

static bool ceil_and_dilation(const struct pb_problem *p) {
    return p->ceil && any_axis(p, dilates);
}

/* ---- How ------------------------------------------------------------------------------------- */

static enum pb_status run_undilated(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = *p;
    for (int a = 0; a < 3; a++) {
        q.axis[a].pr -= (q.axis[a].k - 1) * q.axis[a].d;
        q.axis[a].d = 0;
    }
    return right(&q, args);
}

static enum pb_status run_at_most_3_taps(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = *p;
    for (int a = 0; a < 3; a++) {
        struct pb_axis *x = &q.axis[a];
        if (x->k <= 3) continue;
        x->pr -= (x->k - 3) * (x->d + 1);
        x->k = 3;
    }
    return right(&q, args);
}

static enum pb_status run_without_divisor(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = *p;
    q.div = 0;
    return right(&q, args);
}

/* The holes of a window count. */
static enum pb_status run_divided_by_span(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = *p;
    q.div = 1;
    for (int a = 0; a < 3; a++) q.div *= (q.axis[a].k - 1) * (q.axis[a].d + 1) + 1;
    return right(&q, args);
}

static enum pb_status run_symmetric(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = *p;
    for (int a = 0; a < 3; a++)
        if (q.axis[a].pr > q.axis[a].p) q.axis[a].pr = q.axis[a].p;
    return right(&q, args);
}

/* Divides by the whole window at the edges, too. */
static enum pb_status run_divided_by_window(const struct pb_problem *p,
                                            const struct pb_args *args) {
    struct pb_problem q = *p;
    q.div = p->d.k * p->h.k * p->w.k;
    return right(&q, args);
}

/* The answer of an earlier divisor for the same window. */
static enum pb_status run_first_divisor(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_problem q = *p;
    q.div = p->div == 1 ? 3 : 1;
    return right(&q, args);
}

static bool has_divisor(const struct pb_problem *p) {
    return p->div > 0;
}

/* A 3-D path for one window width drops NaN. */
static bool width_of_3_in_3d(const struct pb_problem *p) {
    return p->rank == 3 && p->w.k == 3;
}

static enum pb_status run_without_nan(const struct pb_problem *p, const struct pb_args *args) {
    struct pb_args changed = *args;
    float *data = changed.src.data = copied(&args->src);
    if (!data) return PB_NOMEM;
    for (size_t i = 0; i < pb_tensor_bytes(&args->src) / sizeof *data; i++)
        if (isnan(data[i])) data[i] = -INFINITY;
    enum pb_status status = right(p, &changed);
    free(data);
    return status;
}

/* ---- The table ------------------------------------------------------------------------------- */

#define FLAW(where, operations, directions, how, address)                                          \
    {                                                                                              \
        .name = "wrong_" #where, .record = address, .ops = operations, .dirs = directions,         \
        .shows = where, .run = how                                                                 \
    }

const struct flaw combination_flaws[] = {
        FLAW(stride_of_2_dilation_of_1, STRIDED, EVERY_DIR, NULL, NULL),
        FLAW(stride_with_dilation, POOLS, FORWARD_DIRS, run_undilated, NULL),
        FLAW(stride_with_common_factor, STRIDED, EVERY_DIR, NULL, "pytorch/pytorch#15501"),
        FLAW(large_window_in_3d, POOLS, FORWARD_DIRS, run_at_most_3_taps, NULL),
        FLAW(window_of_31_in_3d, STRIDED, EVERY_DIR, NULL, NULL),
        FLAW(has_divisor, AVERAGES, EVERY_DIR, run_first_divisor, "pytorch/pytorch#94348"),
        FLAW(divisor_of_whole_input, AVERAGES, EVERY_DIR, run_without_divisor,
             "tenstorrent/tt-torch#1247"),
        FLAW(divisor_with_ceil, AVERAGES, EVERY_DIR, run_without_divisor, NULL),
        FLAW(dilated_average, AVERAGES, EVERY_DIR, run_divided_by_span, "llvm/torch-mlir#4671"),
        FLAW(trailing_padding, "avg_p", EVERY_DIR, run_symmetric, "ROCm/AMDMIGraphX#5007"),
        FLAW(ceil_and_padding, "avg_p", EVERY_DIR, run_divided_by_window, "iree-org/iree#24580"),
        FLAW(ceil_and_dilation, POOLS, EVERY_DIR, NULL, NULL),
        FLAW(window_of_4_stride_of_3, STRIDED, BACK, NULL, "ROCm/MIOpen#575"),
        FLAW(window_of_7_stride_of_3, STRIDED, BACK, NULL, "ROCm/MIOpen#575"),
        FLAW(window_of_5_stride_of_3, STRIDED, BACK, NULL, "pytorch/pytorch#25101"),
        FLAW(grouped_stride_above_window, "conv", BACK_W, NULL, "pytorch/pytorch#68868"),
        FLAW(many_channels_narrow, "conv", BACK, NULL, "fujitsu/oneDNN#43"),
        FLAW(grouped_and_strided, "conv", BACK, NULL, "ml-explore/mlx#3800"),
        FLAW(depthwise_stride_of_2, "conv", EVERY_DIR, NULL, "opencv/opencv#23151"),
        FLAW(grouped_1x1_even, "conv", BACK_W, NULL, "ROCm/composable_kernel#2478"),
        FLAW(blocked_tail, STRIDED, EVERY_DIR, NULL, NULL),
        FLAW(odd_power_in_3d, "lp", EVERY_DIR, NULL, NULL),
        FLAW(ratio_above_9_in_2d, "adaptive_max adaptive_avg", EVERY_DIR, NULL, NULL),
        {.name = "wrong_nan_in_3d",
         .record = "pytorch/pytorch#39903",
         .ops = "max",
         .dirs = FORWARD_DIRS,
         .f32_only = true,
         .shows = width_of_3_in_3d,
         .run = run_without_nan},
};
const int combination_flaw_count = sizeof combination_flaws / sizeof combination_flaws[0];
