/* peer_groups.h: a run with peers, summed up by operation, layout and direction. */
#ifndef PB_PEER_GROUPS_H
#define PB_PEER_GROUPS_H

#include "results/results.h"
#include <stdio.h>

/* Shapes of one operation, layout and direction that we and a peer were timed on. */
struct pb_group {
    enum pb_op op;
    enum pb_layout layout;
    enum pb_dir dir;
    size_t shapes;
    double mean, worst; /* of best peer / ours: the geometric mean, and the least */
    double medians;     /* the geometric mean, of medians instead of least times */
    struct pb_problem worst_shape;
    double lost; /* geometric mean of ours / our fastest variant */
};

/* Sums up the run's comparisons (peer_comparison.h). In *groups, owned by the caller, by operation,
 * layout and direction; none where no peer was timed. */
enum pb_status pb_groups_find(const struct pb_results *results, struct pb_group **groups,
                              size_t *count);
/* As a table; nothing where there is no group. */
enum pb_status pb_groups_print(const struct pb_results *results, FILE *to);

#endif
