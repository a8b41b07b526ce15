/* peer_groups.h: a run with peers, summed up by operation, layout and direction. */
#ifndef PB_PEER_GROUPS_H
#define PB_PEER_GROUPS_H

#include "results/results.h"
#include "results/statistics.h"

/* Shapes of one operation, layout and direction that we and a peer were timed on. */
struct pb_group {
    enum pb_op op;
    enum pb_layout layout;
    enum pb_dir dir;
    size_t shapes;
    struct pb_geometric_mean ratio;   /* best peer / ours, of least times; `low` is the worst */
    struct pb_geometric_mean medians; /* the same of medians */
    struct pb_geometric_mean lost;    /* ours / our fastest variant */
    struct pb_problem worst_shape;
};

/* Sums up the run's comparisons (peer_comparison.h). In *groups, owned by the caller, by operation,
 * layout and direction; none where no peer was timed. */
enum pb_status pb_groups_find(const struct pb_results *results, struct pb_group **groups,
                              size_t *count);

#endif
