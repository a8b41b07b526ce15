/* conv_im2col.h: convolution as matrix products. A band of output rows of one image and group is
 * lowered to a matrix with the input that each output pixel reads: taps x pixels in nchw, pixels x
 * taps in nhwc, so that weights and dst are used as they lie. A tap is an input channel at a
 * window position, in the order of the weights. */
#ifndef PB_CONV_LOWER_H
#define PB_CONV_LOWER_H

#include "poolbench.h"

/* The plan of the im2col kernels. Bands and chunks follow from the problem alone, never from the
 * number of threads. */
struct conv_im2col_plan {
    int64_t taps;    /* ic/g kd kh kw */
    int64_t pixels;  /* od oh ow */
    int64_t outputs; /* oc/g */
    int64_t rows;    /* of dst (od oh) in a band; the last band may have fewer */
    int64_t bands;   /* of an image */
    int threads;     /* that have a matrix */
    float *matrix;   /* threads x (taps x rows ow) */
    int64_t matrix_size;
    int64_t chunks; /* bwd_w: sums that are made apart and then added in order */
    float *partial; /* bwd_w: chunks x weights */
};

struct conv_band {
    int64_t n, g;
    int64_t row, rows; /* of dst, counted over od and oh */
};

/* Whether the matrix products fit the int of CBLAS and the layout is one of the two. */
bool conv_im2col_fits(const struct pb_problem *problem);
/* The setup and done of the three kernels. */
enum pb_status conv_im2col_setup(const struct pb_problem *problem, const struct pb_args *constants,
                                 void **plan);
void conv_im2col_done(void *plan);

/* The band at `position` of an image. */
struct conv_band conv_im2col_band(const struct pb_problem *problem,
                                  const struct conv_im2col_plan *plan, int64_t n, int64_t g,
                                  int64_t position);
/* First element of a band in dst. */
int64_t conv_im2col_dst(const struct pb_problem *problem, const struct conv_im2col_plan *plan,
                        const struct conv_band *band);
/* im2col: writes the whole matrix of a band; padding is 0. */
void conv_im2col(const struct pb_problem *problem, const struct conv_band *band, const float *src,
                 float *matrix);
/* col2im: adds the matrix of a band to src; what lies on padding is dropped. */
void conv_col2im(const struct pb_problem *problem, const struct conv_band *band,
                 const float *matrix, float *src);

/* Threads for a parallel region around BLAS: no more than have a matrix. */
int conv_im2col_threads(const struct conv_im2col_plan *plan);

#endif
