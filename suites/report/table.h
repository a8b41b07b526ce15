/* table.h: a run as tables on the terminal. */
#ifndef PB_TABLE_H
#define PB_TABLE_H

#include "results/results.h"
#include <stdio.h>

/* Per problem its kernels, fastest first: median, minimum, spread, rates, share of the machine's
 * limit, how many times faster than the naive method and, with its 95 % interval, than the best
 * peer. A share above 1 is marked as an error. */
enum pb_status pb_results_print(const struct pb_results *results, FILE *to);

/* How we compare with the best peer, by operation, layout and direction (peer_groups.h); nothing
 * where there is no peer. */
enum pb_status pb_groups_print(const struct pb_results *results, FILE *to);

#endif
