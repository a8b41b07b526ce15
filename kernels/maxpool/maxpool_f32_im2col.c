/* Max pooling by lowering: padding becomes -Inf, then each column's maximum, and for indices the
 * tap that has it. */
#include "window/im2col.h"
#include "core/scratch.h"
#include "window/window.h"
#include <math.h>

static bool can_do(const struct pb_problem *p) {
    return pb_is_max(p) && (p->dir == PB_FWD || p->dir == PB_FWD_IDX) && p->dtype == PB_F32 &&
           (p->layout == PB_NCHW || p->layout == PB_NHWC) && pb_im2col_fit(p);
}

/* Scratch holds the matrix and then the tap of each column's maximum. */
static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)constants;
    const struct pb_im2col_plan columns = pb_im2col_of(p);
    return pb_scratch_setup((columns.taps + 1) * columns.width, plan);
}

/* The maximum of each column; with `best_tap` also its row, -1 where nothing is above -Inf. */
static void column_maximum(const float *matrix, int64_t taps, int64_t width, float *y,
                           int32_t *best_tap) {
    for (int64_t i = 0; i < width; i++) y[i] = -INFINITY;
    if (best_tap)
        for (int64_t i = 0; i < width; i++) best_tap[i] = -1;
    for (int64_t k = 0; k < taps; k++, matrix += width) {
        if (best_tap)
            for (int64_t i = 0; i < width; i++) {
                const bool better = (matrix[i] > y[i]) | (matrix[i] != matrix[i]);
                best_tap[i] = better ? (int32_t)k : best_tap[i];
            }
        for (int64_t i = 0; i < width; i++) {
            const bool better = (matrix[i] > y[i]) | (matrix[i] != matrix[i]);
            y[i] = better ? matrix[i] : y[i];
        }
    }
}

/* The flat input position of a tap; of the window's first on the input for tap -1; -1 if none is.
 */
static int64_t position_of(const struct pb_problem *p, int64_t od, int64_t oh, int64_t ow,
                           int32_t tap) {
    const int64_t o[3] = {od, oh, ow};
    int64_t at[3];
    for (int a = 2; a >= 0; a--) {
        const struct pb_axis *axis = &p->axis[a];
        if (tap < 0) {
            const struct window_taps taps = window_taps(axis, o[a]);
            if (taps.count == 0) return -1;
            at[a] = taps.first;
        } else {
            at[a] = window_at(axis, o[a], tap % axis->k);
            tap = (int32_t)(tap / axis->k);
        }
    }
    return (at[0] * p->h.i + at[1]) * p->w.i + at[2];
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_scratch *scratch = plan;
    const struct pb_im2col_plan columns = pb_im2col_of(p);
#pragma omp parallel for collapse(2) schedule(static) num_threads(pb_scratch_threads(scratch))
    for (int64_t image = 0; image < columns.images; image++)
        for (int64_t s = 0; s < columns.strips; s++) {
            const struct pb_strip strip = pb_im2col_strip(p, &columns, image, s);
            const bool indexed = p->dir == PB_FWD_IDX;
            float *matrix = pb_scratch_mine(scratch);
            int32_t *tap = (int32_t *)(matrix + columns.taps * columns.width);
            pb_im2col(p, &columns, args->src.data, image, &strip, -INFINITY, matrix);
            column_maximum(matrix, columns.taps, strip.width, (float *)args->dst.data + strip.dst,
                           indexed ? tap : NULL);
            if (!indexed) continue;
            int64_t *indices = (int64_t *)args->indices.data + strip.dst;
            for (int64_t r = strip.first_row; r < strip.first_row + strip.rows; r++)
                for (int64_t ow = 0; ow < p->w.o; ow++)
                    for (int64_t c = 0; c < columns.channels; c++)
                        *indices++ = position_of(p, r / p->h.o, r % p->h.o, ow, *tap++);
        }
    return PB_OK;
}

const struct pb_kernel maxpool_f32_im2col = {
        .name = "maxpool_f32_im2col",
        .method = "im2col",
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = pb_scratch_done,
};
