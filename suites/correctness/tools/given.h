/* given.h: trials over numbers that a test writes down. */
#ifndef PB_GIVEN_H
#define PB_GIVEN_H

#include "reference.h"

/* A trial of the problem `text` with the inputs in `values`, each in logical order (n, c, d, h, w);
 * what the problem does not read may be NULL, and a bias that is NULL is left out. Fails the test
 * where that is not possible. */
struct given {
    const float *src, *dst, *weights, *bias, *input;
    const int64_t *indices;
};
struct pb_trial given_trial(const char *text, const struct given *values);

/* Writes `count` values, one for each element in logical order. */
void given_fill(struct pb_tensor *tensor, const float *values);

/* Fails the test unless the oracle expects exactly these values of `role`. */
void given_expects(const struct pb_trial *trial, enum pb_role role, const double *values,
                   int64_t count);

/* Holds every kernel that runs to the trial, and fails where none runs. */
void given_passes(struct pb_trial *trial);

#endif
