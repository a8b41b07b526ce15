/* What the fields of an axis say about each other. */
#include "core/problem_axis.h"

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* K = (k-1)(d+1)+1; false on overflow. */
static bool window_span(int64_t k, int64_t d, int64_t *span) {
    return !__builtin_add_overflow(d, 1, &d) && !__builtin_mul_overflow(k - 1, d, span) &&
           !__builtin_add_overflow(*span, 1, span);
}

bool axis_trailing(const struct pb_axis *a, int64_t *pr) {
    int64_t span;
    return window_span(a->k, a->d, &span) && !__builtin_mul_overflow(a->o - 1, a->s, pr) &&
           !__builtin_add_overflow(*pr, span, pr) && !__builtin_sub_overflow(*pr, a->i, pr) &&
           !__builtin_sub_overflow(*pr, a->p, pr);
}

bool axis_room(const struct pb_axis *a, int64_t *room) {
    int64_t span;
    return window_span(a->k, a->d, &span) && !__builtin_mul_overflow(a->p, 2, room) &&
           !__builtin_add_overflow(*room, a->i, room) && !__builtin_sub_overflow(*room, span, room);
}

/* With ceil PyTorch's pooling_output_shape: rounded up, less a window that would start past the
 * input and its leading padding. */
bool axis_outputs(const struct pb_axis *a, bool ceil, int64_t *o) {
    int64_t room, start;
    if (!axis_room(a, &room)) return false;
    *o = floor_div(room, a->s) + 1;
    if (!ceil) return true;
    *o += room % a->s != 0;
    if (__builtin_mul_overflow(*o - 1, a->s, &start)) return false;
    if (start >= a->i + a->p) --*o;
    return true;
}

bool axis_block_channels(const struct pb_problem *p, int64_t *channels) {
    *channels = p->ic;
    for (int a = 0; a < 3; a++)
        if (__builtin_mul_overflow(*channels, p->axis[a].k, channels)) return false;
    return true;
}
