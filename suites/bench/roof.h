/* roof.h: what this machine can do at best, so that a kernel's time can be put beside it. */
#ifndef PB_ROOF_H
#define PB_ROOF_H

#include "poolbench.h"

/* Bytes per second of streams over a working set; a copy counts what it reads and what it writes,
 * and half of the set is its destination. */
struct pb_bandwidth {
    double read, write, copy;
};

/* Best of several measurements with `threads` threads, each over its own part of the set, with the
 * widest vectors in `isa`. NOMEM where the set does not fit memory. */
enum pb_status pb_bandwidth_measure(int64_t working_set, int threads, unsigned isa,
                                    struct pb_bandwidth *bandwidth);

/* Single-precision multiply-adds, two operations each, per second. */
enum pb_status pb_peak_measure(int threads, unsigned isa, double *flops);

/* The limits at one thread count and ISA (pb_isa_detected() for the machine's own); the working
 * sets that were measured are kept. */
struct pb_roof {
    int threads;
    unsigned isa;
    double peak;
    struct pb_roof_bucket {
        int64_t working_set;
        struct pb_bandwidth bandwidth;
    } * bucket;
    size_t buckets;
};

enum pb_status pb_roof_begin(struct pb_roof *roof, int threads, unsigned isa);
/* The time below which no code can move `bytes` and compute `flops`: the longer of bytes / best
 * bandwidth at that working set and flops / peak. The set is rounded down by less than a fifth, to
 * a size with more bandwidth rather than less. */
enum pb_status pb_roof_seconds(struct pb_roof *roof, double bytes, double flops, double *seconds);
void pb_roof_end(struct pb_roof *roof); /* accepts a zeroed one */

#endif
