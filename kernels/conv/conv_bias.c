/* Gradient of a convolution's bias. LANES sums run side by side, so that the compiler vectorises
 * them. */
#include "conv/conv_bias.h"

enum { LANES = 32 };

static float sum_plane(const float *x, int64_t count) {
    float lane[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int l = 0; l < LANES; l++) lane[l] += x[i + l];
    for (; i < count; i++) sum += x[i];
    for (int l = 0; l < LANES; l++) sum += lane[l];
    return sum;
}

static void nchw(const struct pb_problem *p, const float *dst, float *bias) {
    int64_t plane = p->d.o * p->h.o * p->w.o;
#pragma omp parallel for
    for (int64_t c = 0; c < p->oc; c++) {
        bias[c] = 0;
        for (int64_t n = 0; n < p->mb; n++)
            bias[c] += sum_plane(dst + (n * p->oc + c) * plane, plane);
    }
}

static void nhwc(const struct pb_problem *p, const float *dst, float *bias) {
    int64_t pixels = p->mb * p->d.o * p->h.o * p->w.o;
#pragma omp parallel for
    for (int64_t first = 0; first < p->oc; first += LANES) {
        int64_t count = p->oc - first < LANES ? p->oc - first : LANES;
        float lane[LANES] = {0};
        if (count == LANES)
            for (int64_t i = 0; i < pixels; i++)
                for (int l = 0; l < LANES; l++) lane[l] += dst[i * p->oc + first + l];
        else
            for (int64_t i = 0; i < pixels; i++)
                for (int64_t l = 0; l < count; l++) lane[l] += dst[i * p->oc + first + l];
        for (int64_t l = 0; l < count; l++) bias[first + l] = lane[l];
    }
}

void conv_bias_gradient(const struct pb_problem *p, const float *dst, float *bias) {
    if (p->layout == PB_NHWC)
        nhwc(p, dst, bias);
    else
        nchw(p, dst, bias);
}
