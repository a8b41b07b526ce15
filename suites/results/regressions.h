/* regressions.h: what changed beyond noise between two recorded runs. */
#ifndef PB_REGRESSIONS_H
#define PB_REGRESSIONS_H

#include "results/results.h"

/* MISSING: only base has it. BROKEN: base has times, head an error. NEW: only head has times.
 * NOT_JUDGED: both have it, but times of both that could show a difference are not there. */
enum pb_verdict {
    PB_SLOWER,
    PB_FASTER,
    PB_SAME,
    PB_MISSING,
    PB_BROKEN,
    PB_NEW,
    PB_NOT_JUDGED,
    PB_VERDICTS
};
const char *pb_verdict_name(enum pb_verdict verdict);

/* One benchmark of either file. Ratios are head / base, so that above 1 is slower. */
struct pb_change {
    const char *name; /* belongs to the results */
    enum pb_verdict verdict;
    double base, head;       /* median seconds; 0 where the file has none */
    double ratio, low, high; /* of the medians, with the ends of its 95 % interval */
    double p;                /* two-sided Mann-Whitney U test */
    char why[160];           /* it is not judged; else "" */
    bool suspect;            /* not judged, but head's least time is more than 1.5 times base's */
};

struct pb_changes {
    struct pb_change *item;
    size_t count, verdicts[PB_VERDICTS];
    size_t both;     /* named in both files */
    size_t common;   /* of them, with times in both */
    size_t few;      /* of them, with too few repetitions for the test to show any difference */
    size_t suspects; /* of them, those that look slower all the same */
};

/* SLOWER needs both: p below 0.05, and the whole 95 % interval of the ratio above 1 + `min_effect`
 * (0.05 is 5 %); FASTER the mirror image, the interval below 1 / (1 + `min_effect`). The interval
 * keeps a gate over many benchmarks quiet: of a hundred p, five are below 0.05 by chance. */
enum pb_status pb_changes_find(const struct pb_results *base, const struct pb_results *head,
                               double min_effect, struct pb_changes *changes);
/* "not judged (why)", or the verdict's name. */
const char *pb_change_verdict(const struct pb_change *change, char text[192]);
void pb_changes_free(struct pb_changes *changes);

/* Calls `warn` for every key of the context that makes two runs hard to compare and differs: the
 * machine, by its processor and its name, and what the program was built with. */
void pb_context_differences(const struct pb_results *base, const struct pb_results *head,
                            void (*warn)(void *arg, const char *key, const char *base_value,
                                         const char *head_value),
                            void *arg);

/* How the program was built, from the flags that it recorded: "optimised", "not optimised" or "with
 * sanitizers"; "not recorded" without flags. Google Benchmark's library_build_type is the
 * library's. */
const char *pb_build_kind(const struct pb_results *results);

#endif
