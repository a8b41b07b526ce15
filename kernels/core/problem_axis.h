/* problem_axis.h: the fields of an axis as text has them, and what they say about each other. */
#ifndef PB_PROBLEM_AXIS_H
#define PB_PROBLEM_AXIS_H

#include "poolbench.h"

/* The fields that text gives, and their letters. */
enum { I, O, K, S, P, D, AXIS_FIELDS };
static const char axis_field_letters[] = "iokspd", axis_letters[] = "dhw";

/* (o-1)s - i + K - p, the trailing padding that the output implies; false on overflow. */
bool axis_trailing(const struct pb_axis *axis, int64_t *pr);
/* i + 2p - K, how far a window can move over the input and its padding; negative where it does not
 * fit. False on overflow. */
bool axis_room(const struct pb_axis *axis, int64_t *room);
/* The outputs that follow from the rest of an axis; false on overflow. */
bool axis_outputs(const struct pb_axis *axis, bool ceil, int64_t *o);
/* The channels that blocks of the input become; false on overflow. */
bool axis_block_channels(const struct pb_problem *problem, int64_t *channels);

#endif
