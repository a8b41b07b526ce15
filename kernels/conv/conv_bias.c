/* Gradient of a convolution's bias. LANES sums run side by side, so that the compiler vectorises
 * them; long ones are made in halves, so that their error grows with the logarithm of their terms.
 */
#include "conv/conv_bias.h"
#include "window/window.h"

enum { LANES = 32 };

static float sum_run(const float *x, int64_t count) {
    float lane[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lane[l] += x[i + l];
    for (; i < count; i++) sum += x[i];
    for (int l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

static float sum_plane(const float *x, int64_t count) {
    if (count <= SUM_BLOCK * LANES) return sum_run(x, count);
    const int64_t half = count / 2 / LANES * LANES;
    return sum_plane(x, half) + sum_plane(x + half, count - half);
}

/* The planes of one channel in `images` images, `step` apart. */
static float sum_images(const float *x, int64_t images, int64_t step, int64_t plane) {
    if (images == 1) return sum_plane(x, plane);
    const int64_t half = images / 2;
    return sum_images(x, half, step, plane) +
           sum_images(x + half * step, images - half, step, plane);
}

static void nchw(const struct pb_problem *p, const float *dst, float *bias) {
    const int64_t plane = p->d.o * p->h.o * p->w.o;
#pragma omp parallel for
    for (int64_t c = 0; c < p->oc; c++)
        bias[c] = p->mb ? sum_images(dst + c * plane, p->mb, p->oc * plane, plane) : 0;
}

/* Of `count` channels, at most LANES, over `pixels` pixels that lie `step` apart. */
static void sum_pixels(const float *x, int64_t pixels, int64_t step, int64_t count, float *sum) {
    float lane[LANES] = {0};
    if (pixels > SUM_BLOCK) {
        const int64_t half = pixels / 2;
        sum_pixels(x, half, step, count, sum);
        sum_pixels(x + half * step, pixels - half, step, count, lane);
        for (int64_t l = 0; l < count; l++) sum[l] += lane[l];
        return;
    }
    if (count == LANES)
        for (int64_t i = 0; i < pixels; i++)
            for (int l = 0; l < LANES; l++) lane[l] += x[i * step + l];
    else
        for (int64_t i = 0; i < pixels; i++)
            for (int64_t l = 0; l < count; l++) lane[l] += x[i * step + l];
    for (int64_t l = 0; l < count; l++) sum[l] = lane[l];
}

static void nhwc(const struct pb_problem *p, const float *dst, float *bias) {
    const int64_t pixels = p->mb * p->d.o * p->h.o * p->w.o;
#pragma omp parallel for
    for (int64_t first = 0; first < p->oc; first += LANES) {
        const int64_t count = p->oc - first < LANES ? p->oc - first : LANES;
        sum_pixels(dst + first, pixels, p->oc, count, bias + first);
    }
}

void conv_bias_gradient(const struct pb_problem *p, const float *dst, float *bias) {
    if (p->layout == PB_NHWC)
        nhwc(p, dst, bias);
    else
        nchw(p, dst, bias);
}
