/* Adam, in the order of operations of torch.optim.Adam. */
#include "cifar10/adam.h"
#include <math.h>
#include <string.h>

static const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

enum pb_status adam_create(double rate, int64_t count, struct adam *adam) {
    *adam = (struct adam){.rate = rate, .count = count};
    size_t bytes = (size_t)count * sizeof(float);
    enum pb_status status = pb_buffer_alloc(&adam->mean, bytes);
    if (status == PB_OK) status = pb_buffer_alloc(&adam->square, bytes);
    if (status != PB_OK) return adam_free(adam), status;
    memset(adam->mean.data, 0, bytes);
    memset(adam->square.data, 0, bytes);
    return PB_OK;
}

void adam_free(struct adam *adam) {
    pb_buffer_free(&adam->mean);
    pb_buffer_free(&adam->square);
    *adam = (struct adam){0};
}

void adam_step(struct adam *adam, float *restrict values, const float *restrict grads) {
    float *restrict mean = adam->mean.data, *restrict square = adam->square.data;
    const double steps = (double)++adam->steps;
    const float rate = (float)(adam->rate / (1 - pow(beta1, steps)));
    const float root = (float)sqrt(1 - pow(beta2, steps));
    const float keep1 = (float)beta1, take1 = (float)(1 - beta1);
    const float keep2 = (float)beta2, take2 = (float)(1 - beta2), small = (float)epsilon;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < adam->count; i++) {
        mean[i] = mean[i] * keep1 + grads[i] * take1;
        square[i] = square[i] * keep2 + grads[i] * grads[i] * take2;
        values[i] -= rate * (mean[i] / (sqrtf(square[i]) / root + small));
    }
}
