/* im2col.h: lowering of pooling windows into column matrices, for the im2col method. A channels-
 * first tensor is lowered as mb * ic channels-last images of one channel. */
#ifndef PB_IM2COL_H
#define PB_IM2COL_H

#include "poolbench.h"

/* An image's output rows are lowered strip by strip, so that a strip's matrix stays in cache. */
struct pb_im2col_plan {
    int64_t images, channels;
    int64_t taps;   /* rows of the matrix: taps of a window */
    int64_t rows;   /* output rows (od, oh) of a strip */
    int64_t strips; /* of an image; the last may have fewer rows */
    int64_t width;  /* columns of a full strip: rows * ow * channels */
};
struct pb_im2col_plan pb_im2col_of(const struct pb_problem *problem);
/* Whether the matrix's extents are such as BLAS can count. */
bool pb_im2col_fit(const struct pb_problem *problem);

/* One strip of one image: its output rows, its matrix's columns, and its first output element
 * counted from the start of dst. */
struct pb_strip {
    int64_t first_row, rows, width, dst;
};
struct pb_strip pb_im2col_strip(const struct pb_problem *problem,
                                const struct pb_im2col_plan *columns, int64_t image, int64_t strip);

/* Writes the strip's matrix, taps x width, dense: row k holds what lies under tap k of each window,
 * `fill` where that is padding. */
void pb_im2col(const struct pb_problem *problem, const struct pb_im2col_plan *columns,
               const float *src, int64_t image, const struct pb_strip *strip, float fill,
               float *matrix);

#endif
