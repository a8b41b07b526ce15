/* regressions.h: what changed beyond noise between two recorded runs. */
#ifndef PB_REGRESSIONS_H
#define PB_REGRESSIONS_H

#include "results/results.h"

/* MISSING: only base has it. BROKEN: base has times, head an error. NEW: only head has it. */
enum pb_verdict { PB_SLOWER, PB_FASTER, PB_SAME, PB_MISSING, PB_BROKEN, PB_NEW, PB_VERDICTS };
const char *pb_verdict_name(enum pb_verdict verdict);

/* One benchmark of either file. Ratios are head / base, so that above 1 is slower. */
struct pb_change {
    const char *name; /* belongs to the results */
    enum pb_verdict verdict;
    double base, head;       /* median seconds; 0 where the file has none */
    double ratio, low, high; /* of the medians, with the ends of its 95 % interval */
    double p;                /* two-sided Mann-Whitney U test */
};

struct pb_changes {
    struct pb_change *item;
    size_t count, verdicts[PB_VERDICTS];
    size_t common; /* in both files, with times */
    size_t few;    /* of them, with too few repetitions for the test to show any difference */
};

/* SLOWER needs both: p below 0.05, and the whole 95 % interval of the ratio above 1 + `min_effect`
 * (0.05 is 5 %); FASTER the mirror image, the interval below 1 / (1 + `min_effect`). The interval
 * keeps a gate over many benchmarks quiet: of a hundred p, five are below 0.05 by chance.
 * What failed in base is not looked for in head. */
enum pb_status pb_changes_find(const struct pb_results *base, const struct pb_results *head,
                               double min_effect, struct pb_changes *changes);
void pb_changes_free(struct pb_changes *changes);

/* Calls `warn` for every key of the context that makes two runs hard to compare and differs. */
void pb_context_differences(const struct pb_results *base, const struct pb_results *head,
                            void (*warn)(void *arg, const char *key, const char *base_value,
                                         const char *head_value),
                            void *arg);

#endif
