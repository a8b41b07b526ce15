/* tuning.h: writes measured choices to the tuning cache. */
#ifndef PB_TUNING_H
#define PB_TUNING_H

#include "results/results.h"

/* Adds the fastest of our own kernels of each problem to the tuning cache (tuning_cache.h), in
 * place of what it said of that problem, and makes the folder where there is none; a file of
 * another machine is replaced. *lost: the geometric mean of how much longer what pb_select takes
 * without the file would take, over *shapes problems. */
enum pb_status pb_tuning_cache_update(const struct pb_results *results, double *lost,
                                      size_t *shapes);

#endif
