/* Views of an image with the channels last. */
#include "conv_view.h"
#include "conv_util.h"
#include <string.h>

enum { TILE = 16 }; /* of a transposition: a cache line either way */

int64_t conv_view_size(const struct conv_box *box, int64_t pixel) {
    int64_t size = pixel;
    for (int i = 0; i < 3; i++) size *= box->end[i] - box->first[i];
    return size;
}

struct conv_view conv_view_direct(const struct conv_image *image) {
    struct conv_view view = {.data = image->data + image->channel};
    int64_t stride = image->channels;
    for (int i = 2; i >= 0; i--) {
        view.stride[i] = stride;
        stride *= image->extent[i];
        view.box.end[i] = image->extent[i];
    }
    return view;
}

void conv_transpose(const float *from, int64_t from_stride, int64_t rows, int64_t columns,
                    float *to, int64_t to_stride) {
    for (int64_t row = 0; row < rows; row += TILE)
        for (int64_t column = 0; column < columns; column++) {
            const float *x = from + row * from_stride + column;
            float *y = to + column * to_stride + row;
            if (rows - row >= TILE)
                for (int64_t i = 0; i < TILE; i++) y[i] = x[i * from_stride];
            else
                for (int64_t i = 0; i < rows - row; i++) y[i] = x[i * from_stride];
        }
}

/* Positions [first, end) of one row of the image, its first at `row`. */
static void copy_row(const struct conv_image *image, int64_t row, int64_t first, int64_t end,
                     int64_t pixel, float *to) {
    int64_t channels = image->channels, count = image->count;
    if (image->layout == PB_NCHW) {
        int64_t plane = image->extent[0] * image->extent[1] * image->extent[2];
        conv_transpose(image->data + image->channel * plane + row + first, plane, count,
                       end - first, to, pixel);
        return;
    }
    const float *from = image->data + (row + first) * channels + image->channel;
    if (pixel == channels) {
        memcpy(to, from, (size_t)((end - first) * pixel) * sizeof *to);
        return;
    }
    for (int64_t w = first; w < end; w++, from += channels, to += pixel)
        for (int64_t c = 0; c < count; c++) to[c] = from[c];
}

struct conv_view conv_view_copy(const struct conv_image *image, const struct conv_box *box,
                                int64_t pixel, float *memory) {
    int64_t rows = box->end[1] - box->first[1], width = box->end[2] - box->first[2];
    int64_t first = conv_clamp(box->first[2], 0, image->extent[2]);
    int64_t end = conv_clamp(box->end[2], first, image->extent[2]);
    int64_t before = conv_clamp(first - box->first[2], 0, width),
            after = width - before - (end - first);
    float *to = memory;
    for (int64_t d = box->first[0]; d < box->end[0]; d++)
        for (int64_t h = box->first[1]; h < box->end[1]; h++, to += width * pixel) {
            int64_t row = (d * image->extent[1] + h) * image->extent[2];
            float *inside = to + before * pixel;
            memset(to, 0, (size_t)(before * pixel) * sizeof *to);
            if (pixel > image->count)
                memset(inside, 0, (size_t)((end - first) * pixel) * sizeof *to);
            copy_row(image, row, first, end, pixel, inside);
            memset(inside + (end - first) * pixel, 0, (size_t)(after * pixel) * sizeof *to);
        }
    return (struct conv_view){
            .data = memory, .box = *box, .stride = {rows * width * pixel, width * pixel, pixel}};
}
