/* table.h: a run as a table on the terminal. */
#ifndef PB_TABLE_H
#define PB_TABLE_H

#include "results.h"

/* Per problem its kernels, fastest first: median, spread, rates, share of the machine's limit and
 * how many times faster than the naive method. A share above 1 is marked as an error. */
void pb_results_print(const struct pb_results *results, FILE *to);

/* The fastest result of a method ("naive", "im2col", "simd") for a problem; NULL if there is none. */
const struct pb_result *pb_result_best(const struct pb_results *results, const char *problem,
                                       const char *method);

/* The methods that plots and pages show, slowest first. */
enum { PB_METHODS = 3 };
extern const char *const pb_methods[PB_METHODS];

enum { PB_LABEL_SIZE = 128 };
/* A problem in words for a plot: "cifar:pool1 max nchw" where it has a name, else its text. */
const char *pb_shape_label(const char *problem, char label[PB_LABEL_SIZE]);

/* "12.3 ns", "4.56 us", … : three digits and a unit. */
const char *pb_time_text(double seconds, char text[16]);

#endif
