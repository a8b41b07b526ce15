/* Measures the machine's limits. Every thread works on its own part; the best of several tries
 * counts, because whatever disturbs one only makes it slower. */
#include "roof.h"
#include "roof_simd.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>

/* Many short tries rather than few long ones: one of them passes undisturbed on a busy machine. */
enum { TRIES = 20 };
static const double TRY_SECONDS = 7e-4;

enum what { READ, WRITE, COPY, FMA };

/* One thread's part of a measurement. */
struct part {
    char *data;
    size_t bytes;
};

static const struct pb_roof_loops *loops_of(unsigned isa) {
#if defined __x86_64__
    if (isa & PB_ISA_AVX512) return &pb_roof_avx512;
    if (isa & PB_ISA_AVX2) return &pb_roof_avx2;
#elif defined __aarch64__
    if (isa & PB_ISA_NEON) return &pb_roof_neon;
#endif
    (void)isa;
    return &pb_roof_scalar;
}

/* Does the work `turns` times and returns how much that was, in bytes or operations. What reads
 * and multiply-adds return goes to *sink, so that it is used. */
static double work(const struct pb_roof_loops *loops, enum what what, struct part part,
                   int64_t turns, volatile float *sink) {
    double amount = (double)turns * (double)part.bytes;
    size_t half = part.bytes / 2;
    switch (what) {
    case READ:
        *sink = (float)loops->read(part.data, part.bytes, turns);
        break;
    case WRITE:
        loops->write(part.data, part.bytes, turns);
        break;
    case COPY:
        loops->copy(part.data + half, part.data, half, turns);
        break;
    case FMA:
        *sink = loops->fma(turns, &amount);
        break;
    }
    return amount;
}

/* How many turns take TRY_SECONDS. */
static int64_t calibrate(const struct pb_roof_loops *loops, enum what what, struct part part,
                         volatile float *sink) {
    for (int64_t turns = 1;; turns *= 2) {
        double start = omp_get_wtime();
        work(loops, what, part, turns, sink);
        if (omp_get_wtime() - start >= TRY_SECONDS) return turns;
    }
}

/* Best rate over the team of threads. One try lasts from the first thread's start to the last
 * thread's end. */
static double best_rate(const struct pb_roof_loops *loops, enum what what, const struct part *parts,
                        int threads) {
    double first[TRIES], last[TRIES], amount[TRIES] = {0}, best = 0;
    int64_t turns = INT64_MAX;
    for (int i = 0; i < TRIES; i++) first[i] = INFINITY, last[i] = 0;
#pragma omp parallel num_threads(threads)
    {
        volatile float sink;
        struct part part = parts[omp_get_thread_num()];
        int64_t own = calibrate(loops, what, part, &sink);
#pragma omp critical
        if (own < turns) turns = own;
        for (int i = 0; i < TRIES; i++) {
#pragma omp barrier
            double start = omp_get_wtime(), done = work(loops, what, part, turns, &sink);
            double end = omp_get_wtime();
#pragma omp critical
            {
                first[i] = fmin(first[i], start);
                last[i] = fmax(last[i], end);
                amount[i] += done;
            }
        }
    }
    for (int i = 0; i < TRIES; i++) best = fmax(best, amount[i] / (last[i] - first[i]));
    return best;
}

static enum pb_status parts_begin(struct part *parts, int threads, int64_t working_set) {
    size_t bytes = (size_t)(working_set / threads) / (2 * PB_ROOF_BLOCK) * (2 * PB_ROOF_BLOCK);
    if (bytes == 0) bytes = 2 * PB_ROOF_BLOCK;
    int missing = 0;
    /* Each thread touches its part first, so that the part is in that thread's memory. */
#pragma omp parallel num_threads(threads) reduction(+ : missing)
    {
        struct part *part = &parts[omp_get_thread_num()];
        part->bytes = bytes;
        part->data = aligned_alloc(64, bytes);
        if (part->data)
            pb_roof_scalar.write(part->data, bytes, 1);
        else
            missing++;
    }
    return missing ? pb_fail(PB_NOMEM, "no memory for a working set of %lld bytes",
                             (long long)working_set)
                   : PB_OK;
}

static void parts_end(struct part *parts, int threads) {
    for (int i = 0; parts && i < threads; i++) free(parts[i].data);
    free(parts);
}

enum pb_status pb_bandwidth_measure(int64_t working_set, int threads, unsigned isa,
                                    struct pb_bandwidth *bandwidth) {
    const struct pb_roof_loops *loops = loops_of(isa);
    struct part *parts = calloc((size_t)threads, sizeof *parts);
    enum pb_status status = parts ? parts_begin(parts, threads, working_set)
                                  : pb_fail(PB_NOMEM, "no memory for %d threads", threads);
    if (status == PB_OK)
        *bandwidth = (struct pb_bandwidth){
                .read = best_rate(loops, READ, parts, threads),
                .write = best_rate(loops, WRITE, parts, threads),
                .copy = best_rate(loops, COPY, parts, threads),
        };
    parts_end(parts, threads);
    return status;
}

enum pb_status pb_peak_measure(int threads, unsigned isa, double *flops) {
    struct part *parts = calloc((size_t)threads, sizeof *parts);
    if (!parts) return pb_fail(PB_NOMEM, "no memory for %d threads", threads);
    *flops = best_rate(loops_of(isa), FMA, parts, threads);
    parts_end(parts, threads);
    return PB_OK;
}

enum pb_status pb_roof_begin(struct pb_roof *roof, int threads, unsigned isa) {
    *roof = (struct pb_roof){.threads = threads, .isa = isa};
    return pb_peak_measure(threads, isa, &roof->peak);
}

/* The largest quarter power of two that is not above `bytes`. */
static int64_t round_down(double bytes) {
    return (int64_t)exp2(floor(4 * log2(fmax(bytes, 1))) / 4);
}

static enum pb_status bandwidth_at(struct pb_roof *roof, int64_t working_set,
                                   const struct pb_bandwidth **bandwidth) {
    for (size_t i = 0; i < roof->buckets; i++)
        if (roof->bucket[i].working_set == working_set) {
            *bandwidth = &roof->bucket[i].bandwidth;
            return PB_OK;
        }
    struct pb_roof_bucket *grown = realloc(roof->bucket, (roof->buckets + 1) * sizeof *grown);
    if (!grown) return pb_fail(PB_NOMEM, "no memory for the machine's limits");
    roof->bucket = grown;
    struct pb_roof_bucket *bucket = &grown[roof->buckets];
    bucket->working_set = working_set;
    enum pb_status status =
            pb_bandwidth_measure(working_set, roof->threads, roof->isa, &bucket->bandwidth);
    if (status != PB_OK) return status;
    roof->buckets++;
    *bandwidth = &bucket->bandwidth;
    return PB_OK;
}

enum pb_status pb_roof_seconds(struct pb_roof *roof, double bytes, double flops, double *seconds) {
    const struct pb_bandwidth *bandwidth = NULL;
    enum pb_status status = bandwidth_at(roof, round_down(bytes), &bandwidth);
    if (status != PB_OK) return status;
    double best = fmax(bandwidth->read, fmax(bandwidth->write, bandwidth->copy));
    *seconds = fmax(bytes / best, flops / roof->peak);
    return PB_OK;
}

void pb_roof_end(struct pb_roof *roof) {
    free(roof->bucket);
    *roof = (struct pb_roof){0};
}
