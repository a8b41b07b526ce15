/* beyond_limit.h: times that no machine can have. */
#ifndef PB_BEYOND_LIMIT_H
#define PB_BEYOND_LIMIT_H

#include <jansson.h>

/* A kernel that is faster than the machine's measured limit by more than measuring errs does not do
 * its work. */
#define BEYOND_LIMIT 1.25

/* Makes errors of the repetitions of each benchmark whose median is more than BEYOND_LIMIT times as
 * fast as the limit allows, in Google Benchmark's JSON. One whose label says that its algorithm does
 * fewer operations than are counted, as Winograd's, stays. */
void pb_refuse_beyond_limit(json_t *results);

#endif
