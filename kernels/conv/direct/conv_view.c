/* Views of an image with the channels last. */
#include "conv/direct/conv_view.h"
#include "conv/conv_util.h"
#include <string.h>

enum { TILE = 16 }; /* of a transposition, either way: the floats of a cache line */

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

typedef float quad __attribute__((vector_size(16)));

static inline quad load(const float *p) {
    quad q;
    memcpy(&q, p, sizeof q);
    return q;
}

static inline void store(float *p, quad q) {
    memcpy(p, &q, sizeof q);
}

static inline void transpose_quads(const float *from, int64_t from_stride, float *to,
                                   int64_t to_stride) {
    quad a = load(from), b = load(from + from_stride), c = load(from + 2 * from_stride),
         d = load(from + 3 * from_stride);
    quad ac = __builtin_shufflevector(a, c, 0, 4, 1, 5),
         bd = __builtin_shufflevector(b, d, 0, 4, 1, 5);
    store(to, __builtin_shufflevector(ac, bd, 0, 4, 1, 5));
    store(to + to_stride, __builtin_shufflevector(ac, bd, 2, 6, 3, 7));
    ac = __builtin_shufflevector(a, c, 2, 6, 3, 7), bd = __builtin_shufflevector(b, d, 2, 6, 3, 7);
    store(to + 2 * to_stride, __builtin_shufflevector(ac, bd, 0, 4, 1, 5));
    store(to + 3 * to_stride, __builtin_shufflevector(ac, bd, 2, 6, 3, 7));
}

/* A tile goes by way of one that lies dense, so that each cache line is read in one go and written
 * in one go: lines that lie a power of two apart share few sets of the cache. */
static inline void transpose_tile(const float *from, int64_t from_stride, int64_t rows,
                                  int64_t columns, float *to, int64_t to_stride) {
    float dense[TILE * TILE];
    int64_t height = rows / 4 * 4, width = columns / 4 * 4;
    for (int64_t row = 0; row < height; row += 4)
        for (int64_t column = 0; column < width; column += 4)
            transpose_quads(from + row * from_stride + column, from_stride,
                            dense + column * TILE + row, TILE);
    for (int64_t column = 0; column < width; column++)
        memcpy(to + column * to_stride, dense + column * TILE, (size_t)height * sizeof *to);
    for (int64_t row = 0; row < rows; row++)
        for (int64_t column = row < height ? width : 0; column < columns; column++)
            to[column * to_stride + row] = from[row * from_stride + column];
}

void conv_transpose(const float *from, int64_t from_stride, int64_t rows, int64_t columns,
                    float *to, int64_t to_stride) {
    for (int64_t row = 0; row < rows; row += TILE)
        for (int64_t column = 0; column < columns; column += TILE) {
            const float *x = from + row * from_stride + column;
            float *y = to + column * to_stride + row;
            int64_t height = conv_clamp(rows - row, 0, TILE);
            int64_t width = conv_clamp(columns - column, 0, TILE);
            if (height == TILE && width == TILE) /* the usual case, with constants */
                transpose_tile(x, from_stride, TILE, TILE, y, to_stride);
            else
                transpose_tile(x, from_stride, height, width, y, to_stride);
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
    if (pixel == count && count == channels) { /* the image has no other channels than the group */
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
