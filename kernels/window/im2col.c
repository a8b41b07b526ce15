/* Lowering of pooling windows into column matrices. */
#include "window/im2col.h"
#include "window/window.h"
#include <limits.h>
#include <string.h>

enum { STRIP_COLUMNS = 2048 };

struct pb_im2col_plan pb_im2col_of(const struct pb_problem *p) {
    const bool last = p->layout == PB_NHWC;
    const int64_t rows = p->d.o * p->h.o;
    struct pb_im2col_plan columns = {
            .images = last ? p->mb : p->mb * p->ic,
            .channels = last ? p->ic : 1,
            .taps = p->d.k * p->h.k * p->w.k,
    };
    columns.rows = STRIP_COLUMNS / (p->w.o * columns.channels);
    if (columns.rows < 1) columns.rows = 1;
    if (columns.rows > rows) columns.rows = rows;
    columns.strips = (rows + columns.rows - 1) / columns.rows;
    columns.width = columns.rows * p->w.o * columns.channels;
    return columns;
}

bool pb_im2col_fit(const struct pb_problem *p) {
    const struct pb_im2col_plan columns = pb_im2col_of(p);
    return columns.taps <= INT_MAX && columns.width <= INT_MAX;
}

struct pb_strip pb_im2col_strip(const struct pb_problem *p, const struct pb_im2col_plan *columns,
                                int64_t image, int64_t strip) {
    const int64_t all = p->d.o * p->h.o, first = strip * columns->rows;
    const int64_t rows = all - first < columns->rows ? all - first : columns->rows;
    const int64_t row = p->w.o * columns->channels;
    return (struct pb_strip){first, rows, rows * row, (image * all + first) * row};
}

static void fill_pixels(float *to, int64_t count, float fill) {
    for (int64_t i = 0; i < count; i++) to[i] = fill;
}

/* Copies `pixels` pixels that lie s apart. */
static void copy_pixels(float *to, const float *from, int64_t pixels, int64_t s, int64_t channels) {
    if (s == 1)
        memcpy(to, from, (size_t)(pixels * channels) * sizeof *to);
    else if (channels == 1)
        for (int64_t i = 0; i < pixels; i++) to[i] = from[i * s];
    else
        for (int64_t i = 0; i < pixels; i++)
            memcpy(to + i * channels, from + i * s * channels, (size_t)channels * sizeof *to);
}

/* What lies under tap kw of the windows of one output row, whose other taps lie on input row
 * (id, ih); either is -1 on padding. */
static void lower_row(const struct pb_problem *p, const float *image, int64_t channels, int64_t id,
                      int64_t ih, int64_t kw, float fill, float *to) {
    struct window_range on = {0, 0};
    if (id >= 0 && ih >= 0) on = window_of_tap(&p->w, kw);
    if (on.first == on.end) {
        fill_pixels(to, p->w.o * channels, fill);
        return;
    }
    const int64_t iw = window_at(&p->w, on.first, kw);
    fill_pixels(to, on.first * channels, fill);
    copy_pixels(to + on.first * channels, image + ((id * p->h.i + ih) * p->w.i + iw) * channels,
                on.end - on.first, p->w.s, channels);
    fill_pixels(to + on.end * channels, (p->w.o - on.end) * channels, fill);
}

void pb_im2col(const struct pb_problem *p, const struct pb_im2col_plan *columns, const float *src,
               int64_t image, const struct pb_strip *strip, float fill, float *matrix) {
    const int64_t channels = columns->channels;
    src += image * p->d.i * p->h.i * p->w.i * channels;
    for (int64_t kd = 0; kd < p->d.k; kd++)
        for (int64_t kh = 0; kh < p->h.k; kh++)
            for (int64_t kw = 0; kw < p->w.k; kw++)
                for (int64_t r = 0; r < strip->rows; r++, matrix += p->w.o * channels) {
                    const int64_t od = (strip->first_row + r) / p->h.o;
                    const int64_t oh = (strip->first_row + r) % p->h.o;
                    lower_row(p, src, channels, window_input(&p->d, od, kd),
                              window_input(&p->h, oh, kh), kw, fill, matrix);
                }
}
