/* limits.h: what this machine can do at best, so that a kernel's time can be put beside it. */
#ifndef PB_LIMITS_H
#define PB_LIMITS_H

#include "poolbench.h"

/* How a stream goes over memory: so many blocks read for so many written. Sorted from reads alone
 * to writes alone. */
struct pb_stream_mix {
    const char *name;
    int reads, writes;
};
enum { PB_STREAM_MIXES = 10 };
extern const struct pb_stream_mix pb_stream_mixes[PB_STREAM_MIXES];

/* Bytes per second, read and written together, of that mix over a working set: the best of
 * several measurements with `threads` threads, each over its own part of the set, with the widest
 * vectors in `isa`, with and without non-temporal stores. NOMEM where the set does not fit memory.
 */
enum pb_status pb_bandwidth_measure(const struct pb_stream_mix *mix, int64_t working_set,
                                    int threads, unsigned isa, double *bandwidth);

/* Single-precision multiply-adds, two operations each, per second. */
enum pb_status pb_peak_measure(int threads, unsigned isa, double *flops);

/* The limits at one thread count and ISA (pb_isa_detected() for the machine's own); what was
 * measured is kept. */
struct pb_limits {
    int threads;
    unsigned isa;
    double peak;
    struct pb_limits_bucket {
        int64_t working_set;
        double bandwidth[PB_STREAM_MIXES]; /* 0: not measured yet */
    } * bucket;
    size_t buckets;
};

enum pb_status pb_limits_begin(struct pb_limits *limits, int threads, unsigned isa);
/* The time below which no code can read and write so many bytes and compute `flops`: the longer of
 * bytes / bandwidth and flops / peak. The bandwidth is that of the two mixes next to the
 * problem's own, whichever is better, at a working set of all those bytes, or in a `cold` session
 * at one that no cache holds. The set is rounded down by less than a fifth, to a size with more
 * bandwidth rather than less. */
enum pb_status pb_limits_seconds(struct pb_limits *limits, double read, double written,
                                 double flops, bool cold, double *seconds);
/* Where a working set lies, each thread's part in its own L1 or L2. */
enum pb_level { PB_L1, PB_L2, PB_L3, PB_MEMORY, PB_LEVELS };
const char *pb_level_name(enum pb_level level); /* "l1", …, "memory" */
/* PB_LEVELS where a cache of unknown size (0) leaves it open. */
enum pb_level pb_level_of(const struct pb_caches *caches, int threads, int64_t working_set);
/* The best bandwidth measured so far at working sets of that level; 0 where there was none. */
double pb_limits_bandwidth(const struct pb_limits *limits, enum pb_level level);
void pb_limits_end(struct pb_limits *limits); /* accepts a zeroed one */

#endif
