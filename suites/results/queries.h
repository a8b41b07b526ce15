/* queries.h: what a run holds: its shapes and methods, and the fastest on each shape. */
#ifndef PB_QUERIES_H
#define PB_QUERIES_H

#include "results/results.h"

/* Whether result `i` is the first of its problem; results of one problem are next to each other. */
bool pb_results_begins_shape(const struct pb_results *results, size_t i);
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

/* Of the medians, head / base, with its 95 % interval. */
struct pb_ratio {
    double ratio, low, high;
};
enum pb_status pb_result_ratio(const struct pb_result *base, const struct pb_result *head,
                               struct pb_ratio *ratio);

enum { PB_METHODS_MOST = 8 };
/* The methods of a run, each once: naive and im2col first. Returns how many. */
size_t pb_results_methods(const struct pb_results *results, const char *method[PB_METHODS_MOST]);

#endif
