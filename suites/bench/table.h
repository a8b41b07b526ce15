/* table.h: a run as a table on the terminal. */
#ifndef PB_TABLE_H
#define PB_TABLE_H

#include "results.h"

/* Per problem its kernels, fastest first: median, spread, rates, share of the machine's limit and
 * how many times faster than the naive method. A share above 1 is marked as an error. */
void pb_results_print(const struct pb_results *results, FILE *to);

/* The result of the naive method for the same problem as `result`; NULL if there is none. */
const struct pb_result *pb_result_naive(const struct pb_results *results,
                                        const struct pb_result *result);

/* "12.3 ns", "4.56 us", … : three digits and a unit. */
const char *pb_time_text(double seconds, char text[16]);

#endif
