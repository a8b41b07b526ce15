/* peer_comparison.h: ours against the best peer, on each problem of a run that has both.
 *
 * Comparisons are decided by least times. Whatever else runs on a machine only ever makes a call
 * longer (Chen and Revels, Robust benchmarking in noisy environments, HPEC 2016), and where half of
 * the repetitions fall into slow moments the medians of two runs differ by a tenth and more while
 * the least times agree. The medians are kept beside them. */
#ifndef PB_PEER_COMPARISON_H
#define PB_PEER_COMPARISON_H

#include "results/results.h"

struct pb_peer_comparison {
    struct pb_problem problem;
    /* What is selected of ours, as the run says, or in a run that does not say it as pb_select does
     * here; the fastest of a provider that is no reference implementation; our own fastest. */
    const struct pb_result *ours, *peer, *fastest;
    double ratio;   /* of the least times, peer / ours: above 1 ours is faster */
    double medians; /* the same of the medians */
};

/* In *comparisons, owned by the caller, by operation, direction, layout and ratio; none where no
 * peer was timed. */
enum pb_status pb_peer_comparisons_find(const struct pb_results *results,
                                        struct pb_peer_comparison **comparisons, size_t *count);

/* How many of the comparisons are of the first one's operation and direction and follow it;
 * with `layout` of its layout, too. There is at least one. */
size_t pb_peer_comparisons_alike(const struct pb_peer_comparison *comparisons, size_t count,
                                 bool layout);
/* The geometric mean of their ratios. */
double pb_peer_comparisons_mean(const struct pb_peer_comparison *comparisons, size_t count);

enum { PB_PEERS_MOST = 8 };
/* The providers that were the best peer of a comparison, each once, by name. Returns how many. */
size_t pb_peer_comparisons_peers(const struct pb_peer_comparison *comparisons, size_t count,
                                 const char *peer[PB_PEERS_MOST]);

#endif
