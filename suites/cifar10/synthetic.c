/* The built-in data set: ten classes of drawn textures and shapes that only spatial features tell
 * apart. Plain arithmetic only, so that every machine draws the same bytes. */
#include "cifar10/cifar10.h"
#include "reference.h"
#include <stdio.h>
#include <stdlib.h>

/* What a shape's function sees: the pixel from the shape's centre, in units of its radius; textures
 * take the pixel itself, and stripes of `width` pixels from `phase`. */
struct stroke {
    double u, v;
    int64_t x, y, width, phase_x, phase_y;
};

static bool odd(int64_t position, int64_t width) {
    return position / width % 2 == 1;
}

static double magnitude(double x) {
    return x < 0 ? -x : x;
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

static bool horizontal(const struct stroke *s) {
    return odd(s->y + s->phase_y, s->width);
}

static bool vertical(const struct stroke *s) {
    return odd(s->x + s->phase_x, s->width);
}

static bool diagonal(const struct stroke *s) {
    return odd(s->x + s->y + s->phase_x, s->width + 1);
}

static bool checker(const struct stroke *s) {
    return horizontal(s) != vertical(s);
}

static bool dots(const struct stroke *s) {
    int64_t pitch = 2 * s->width + 1;
    int64_t x = (s->x + s->phase_x) % pitch - s->width, y = (s->y + s->phase_y) % pitch - s->width;
    return 4 * (x * x + y * y) < 2 * s->width * s->width + 2;
}

static bool disc(const struct stroke *s) {
    return s->u * s->u + s->v * s->v < 1;
}

static bool ring(const struct stroke *s) {
    double r2 = s->u * s->u + s->v * s->v;
    return r2 < 1 && r2 > 0.45;
}

static bool square(const struct stroke *s) {
    double side = larger(magnitude(s->u), magnitude(s->v));
    return side < 1 && side > 0.65;
}

static bool cross(const struct stroke *s) {
    double u = magnitude(s->u), v = magnitude(s->v);
    return larger(u, v) < 1 && (u < 0.3 || v < 0.3);
}

static bool triangle(const struct stroke *s) {
    return s->v < 0.8 && magnitude(s->u) < (s->v + 1) * 0.55;
}

/* The label is the position in this table. */
static bool (*const draw[CIFAR_CLASSES])(const struct stroke *) = {
        horizontal, vertical, diagonal, checker, dots, disc, ring, square, cross, triangle};

enum { LEAST_CONTRAST = 150, NOISE = 24 };

/* Two colours that differ enough, in either order: neither brightness nor hue tells the class. */
static void pick_colours(struct pb_rng *rng, int64_t colour[2][CIFAR_CHANNELS]) {
    int64_t contrast;
    do {
        contrast = 0;
        for (int c = 0; c < CIFAR_CHANNELS; c++) {
            colour[0][c] = pb_rng_below(rng, 256);
            colour[1][c] = pb_rng_below(rng, 256);
            contrast += llabs(colour[0][c] - colour[1][c]);
        }
    } while (contrast < LEAST_CONTRAST);
}

static void draw_record(struct pb_rng *rng, uint8_t label, uint8_t *record) {
    int64_t colour[2][CIFAR_CHANNELS];
    pick_colours(rng, colour);
    double radius = 6 + 7 * pb_rng_unit(rng);
    double centre_x = 11 + 10 * pb_rng_unit(rng), centre_y = 11 + 10 * pb_rng_unit(rng);
    struct stroke stroke = {.width = 2 + pb_rng_below(rng, 4)};
    stroke.phase_x = pb_rng_below(rng, 4 * stroke.width);
    stroke.phase_y = pb_rng_below(rng, 4 * stroke.width);
    record[0] = label;
    for (int64_t i = 0; i < CIFAR_PLANE; i++) {
        stroke.x = i % CIFAR_SIDE, stroke.y = i / CIFAR_SIDE;
        stroke.u = ((double)stroke.x - centre_x) / radius;
        stroke.v = ((double)stroke.y - centre_y) / radius;
        bool inside = draw[label](&stroke);
        for (int c = 0; c < CIFAR_CHANNELS; c++) {
            int64_t noise = pb_rng_below(rng, 2 * NOISE + 1) - NOISE;
            int64_t value = colour[inside][c] + noise;
            record[1 + c * CIFAR_PLANE + i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
}

static enum pb_status draw_set(struct pb_rng *rng, int64_t count, struct cifar_set *set) {
    set->records = malloc((size_t)count * CIFAR_RECORD + 1);
    if (!set->records) return pb_fail(PB_NOMEM, "no memory for %lld images", (long long)count);
    set->count = count;
    for (int64_t i = 0; i < count; i++)
        draw_record(rng, (uint8_t)(i % CIFAR_CLASSES), set->records + i * CIFAR_RECORD);
    return PB_OK;
}

enum pb_status cifar_synthetic(uint64_t seed, int64_t train, int64_t test,
                               struct cifar_data *data) {
    struct pb_rng rng = {seed};
    *data = (struct cifar_data){.name = "synthetic"};
    enum pb_status status = draw_set(&rng, train, &data->train);
    if (status == PB_OK) status = draw_set(&rng, test, &data->test);
    if (status != PB_OK) cifar_free(data);
    return status;
}
