/* conv_view.h: a box of one image and group with the channels last, as the SIMD convolutions read
 * it: either where it lies, or copied, with the padding in w made explicit. */
#ifndef PB_CONV_VIEW_H
#define PB_CONV_VIEW_H

#include "conv/direct/conv_pass.h"

/* Element (d, h, w, c) of the box lies at data + (d - first[0]) stride[0] + … + c. */
struct conv_view {
    const float *data;
    struct conv_box box;
    int64_t stride[3];
};

/* One image's group of a dense tensor with `channels` in all, the group's from `channel` on. */
struct conv_image {
    const float *data; /* of the image */
    enum pb_layout layout;
    int64_t extent[3];
    int64_t channels, channel, count;
};

/* Elements from `view.stride[2]` = `pixel` floats apart (pixel >= count) in a copy of the box. */
int64_t conv_view_size(const struct conv_box *box, int64_t pixel);
/* The image where it lies; nhwc only. */
struct conv_view conv_view_direct(const struct conv_image *image);
/* A copy in `memory`, which holds conv_view_size floats. In d and h the box lies within the image;
 * in w what lies outside becomes 0, as do the `pixel` - count floats behind the channels. */
struct conv_view conv_view_copy(const struct conv_image *image, const struct conv_box *box,
                                int64_t pixel, float *memory);
/* The address of position (d, h, w). */
static inline const float *conv_view_at(const struct conv_view *v, int64_t d, int64_t h,
                                        int64_t w) {
    return v->data + (d - v->box.first[0]) * v->stride[0] + (h - v->box.first[1]) * v->stride[1] +
           (w - v->box.first[2]) * v->stride[2];
}

/* to[column * to_stride + row] = from[row * from_stride + column]. */
void conv_transpose(const float *from, int64_t from_stride, int64_t rows, int64_t columns,
                    float *to, int64_t to_stride);

#endif
