/* What a problem makes any kernel do. */
#include "roofline/work.h"
#include "core/op_traits.h"

double pb_problem_bytes(const struct pb_problem *problem) {
    double bytes = 0;
    for (int role = 0; role < PB_ROLES; role++) {
        if (!pb_role_used(problem, (enum pb_role)role)) continue;
        struct pb_tensor tensor = pb_tensor_of(problem, (enum pb_role)role, NULL);
        bytes += (double)pb_tensor_bytes(&tensor);
    }
    return bytes;
}

/* The positions of all windows of an axis together, those that overlap more than once. */
static int64_t covered(const struct pb_problem *problem, const struct pb_axis *a) {
    if (!pb_is_adaptive(problem)) return a->o * a->k;
    int64_t count = 0;
    for (int64_t o = 0; o < a->o; o++) count += ((o + 1) * a->i - 1) / a->o + 1 - o * a->i / a->o;
    return count;
}

double pb_problem_flops(const struct pb_problem *problem) {
    const enum pb_reduction reduction = pb_traits_of(problem)->reduction;
    if (reduction == PB_PRODUCTS) return 2 * (double)pb_problem_macs(problem);
    if (reduction == PB_MOVED) return 0;
    double flops = (double)problem->mb * (double)problem->ic;
    for (int i = 0; i < 3; i++) flops *= (double)covered(problem, &problem->axis[i]);
    return reduction == PB_FILTERED ? 2 * flops : flops;
}

/* ---- The least ------------------------------------------------------------------------------- */

/* Counts along one axis. A window, an input and an output are products of their axes, so what is
 * touched in all of them is the product of what is touched along each. */
struct touched {
    int64_t inputs;  /* positions inside some window */
    int64_t outputs; /* windows with some input */
    int64_t taps;    /* positions of the window that meet input somewhere */
    int64_t pairs;   /* of an output and a tap, where the tap is not padding */
};

static int64_t floor_div(int64_t a, int64_t b) { /* b > 0 */
    return a / b - (a % b < 0);
}

static int64_t at_least_0(int64_t value) {
    return value > 0 ? value : 0;
}

/* Of the windows that can hold input position x, whether one has a tap there. */
static bool is_touched(const struct pb_axis *a, int64_t x) {
    int64_t last = floor_div(x + a->p, a->s);
    if (last >= a->o) last = a->o - 1;
    for (int64_t o = last; o >= 0; o--) {
        int64_t distance = x + a->p - o * a->s; /* from the window's first tap */
        if (distance > (a->k - 1) * (a->d + 1)) return false;
        if (distance % (a->d + 1) == 0) return true;
    }
    return false;
}

/* The same of the places before and past the input that show x reflected about the ends. */
static bool is_touched_in_mirror(const struct pb_axis *a, int64_t x) {
    int64_t to_end = a->i - 1 - x;
    return (x <= a->p && is_touched(a, -x)) || (to_end <= a->pr && is_touched(a, x + 2 * to_end));
}

/* Whether the window of output o has a tap inside the input. */
static bool has_input(const struct pb_axis *a, int64_t o) {
    int64_t start = o * a->s - a->p, step = a->d + 1;
    int64_t first = start >= 0 ? 0 : floor_div(-start + step - 1, step);
    return first < a->k && start + first * step < a->i;
}

static struct touched touched_of(const struct pb_problem *problem, int axis) {
    const struct pb_axis *a = &problem->axis[axis];
    struct touched t = {0};
    if (pb_is_adaptive(problem)) /* all, somewhere */
        return (struct touched){
                .inputs = a->i, .outputs = a->o, .taps = 1, .pairs = covered(problem, a)};
    bool mirror = pb_traits_of(problem)->reduction ==
                  PB_FILTERED; /* what reaches past the input falls back on it */
    for (int64_t x = 0; x < a->i; x++)
        t.inputs += is_touched(a, x) || (mirror && is_touched_in_mirror(a, x));
    for (int64_t o = 0; o < a->o; o++) t.outputs += mirror || has_input(a, o);
    for (int64_t k = 0; k < a->k; k++) {
        int64_t at = k * (a->d + 1) - a->p; /* of output 0 */
        int64_t first = at >= 0 ? 0 : floor_div(-at + a->s - 1, a->s);
        int64_t end = at_least_0(floor_div(a->i - 1 - at, a->s) + 1);
        int64_t outputs = at_least_0((end < a->o ? end : a->o) - first);
        t.taps += outputs > 0;
        t.pairs += outputs;
    }
    return t;
}

/* Positions that a kernel must read of one tensor, for each image and channel (for weights, each
 * pair of channels). */
static double least_positions(const struct pb_problem *problem, enum pb_role role) {
    double count = 1;
    for (int i = 0; i < 3; i++) {
        struct touched t = touched_of(problem, i);
        count *= role == PB_SRC || role == PB_INPUT ? (double)t.inputs
                 : role == PB_WEIGHTS               ? (double)t.taps
                 : role == PB_BIAS                  ? 1
                                                    : (double)t.outputs;
    }
    return count;
}

struct pb_traffic pb_least_traffic(const struct pb_problem *problem) {
    struct pb_traffic traffic = {0};
    for (int i = 0; i < PB_ROLES; i++) {
        enum pb_role role = (enum pb_role)i;
        if (!pb_role_used(problem, role)) continue;
        struct pb_tensor t = pb_tensor_of(problem, role, NULL);
        double size = (double)pb_dtype_size(t.dtype);
        if (pb_role_written(problem, role))
            traffic.written += (double)pb_tensor_count(&t) * size;
        else if (problem->mb) /* an empty batch reads nothing, not even weights */
            traffic.read += (double)(t.dims[0] * t.dims[1]) * least_positions(problem, role) * size;
    }
    return traffic;
}

/* Taps of a window; of adaptive ones only whether there are several. Where outputs are more than
 * inputs they share windows, with next to nothing to add or compare: 0. */
static double least_window(const struct pb_problem *problem, const struct pb_axis *a) {
    if (!pb_is_adaptive(problem)) return (double)a->k;
    return a->o < a->i ? 2 : a->o == a->i ? 1 : 0;
}

double pb_least_flops(const struct pb_problem *problem) {
    double pairs = 1, inputs = 1, window = 1, images = (double)problem->mb;
    for (int i = 0; i < 3; i++) {
        struct touched t = touched_of(problem, i);
        pairs *= (double)t.pairs;
        inputs *= (double)t.inputs;
        window *= least_window(problem, &problem->axis[i]);
    }
    const enum pb_reduction reduction = pb_traits_of(problem)->reduction;
    if (reduction == PB_PRODUCTS)
        return 2 * images * (double)problem->oc * (double)pb_channels_summed(problem) * pairs;
    if (reduction == PB_MOVED || pb_dtype_is_integer(problem->dtype)) return 0;
    return pb_is_forward(problem) && window > 1 ? images * (double)problem->ic * inputs : 0;
}
