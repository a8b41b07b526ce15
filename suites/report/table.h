/* table.h: a run as a table on the terminal. */
#ifndef PB_TABLE_H
#define PB_TABLE_H

#include "results/results.h"

/* Per problem its kernels, fastest first: median, minimum, spread, rates, share of the machine's
 * limit, how many times faster than the naive method and, with its 95 % interval, than the best
 * peer. A share above 1 is marked as an error. */
enum pb_status pb_results_print(const struct pb_results *results, FILE *to);

/* How many problems there are. */
size_t pb_results_shapes(const struct pb_results *results);

/* The fastest result of any provider for a problem, reference implementations aside; NULL if there
 * is none. */
const struct pb_result *pb_result_best_peer(const struct pb_results *results, const char *problem);

/* The fastest result of a method or ISA (pb_result_is) for a problem; NULL if there is none. */
const struct pb_result *pb_result_best(const struct pb_results *results, const char *problem,
                                       const char *method);

/* How many times as fast as `slow` the method `fast` is, over the shapes that have both. */
struct pb_speedup {
    double mean, low, high; /* geometric mean and extremes */
    int shapes;             /* 0: no shape has both */
};
struct pb_speedup pb_results_speedup(const struct pb_results *results, const char *fast,
                                     const char *slow);

enum { PB_METHODS_MOST = 8 };
/* The methods of a run, each once: naive and im2col first. Returns how many. */
size_t pb_results_methods(const struct pb_results *results, const char *method[PB_METHODS_MOST]);

enum { PB_LABEL_SIZE = 128 };
/* A problem in words for a plot: "cifar:pool1 max nchw" where it has a name, else its text. */
const char *pb_shape_label(const char *problem, char label[PB_LABEL_SIZE]);

enum { PB_SIZES_SIZE = PB_TEXT_SIZE + 128 };
/* Where operation, layout and direction are known: "vgg16:pool1  1×64×224×224", minibatch, channels
 * and the input's extents; what has no name goes by its descriptor. */
const char *pb_sizes_label(const struct pb_problem *problem, char label[PB_SIZES_SIZE]);

/* "12.3 ns", "4.56 us", … : three digits and a unit. */
const char *pb_time_text(double seconds, char text[16]);

#endif
