/* Measures the machine's limits. Every thread works on its own part; the best of several tries
 * counts, because whatever disturbs one only makes it slower. */
#include "roofline/limits.h"
#include "roofline/limits_simd.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Many short tries rather than few long ones: one of them passes undisturbed on a busy machine. */
enum { TRIES = 20 };
static const double TRY_SECONDS = 7e-4;

const struct pb_stream_mix pb_stream_mixes[PB_STREAM_MIXES] = {
        {"read", 1, 0}, {"16:1", 16, 1}, {"8:1", 8, 1}, {"4:1", 4, 1}, {"2:1", 2, 1},
        {"1:1", 1, 1},  {"1:2", 1, 2},   {"1:4", 1, 4}, {"1:8", 1, 8}, {"write", 0, 1},
};

/* What is measured: a stream, or multiply-adds where there are no blocks to move. */
struct work {
    struct pb_stream_mix mix;
    bool past;
};

/* One thread's memory. */
struct part {
    struct pb_buffer buffer;
    int64_t blocks;
};

static const struct pb_limits_loops *loops_of(unsigned isa) {
#if defined __x86_64__
    if (isa & PB_ISA_AVX512) return &pb_limits_avx512;
    if (isa & PB_ISA_AVX2) return &pb_limits_avx2;
#elif defined __aarch64__
    if (isa & PB_ISA_NEON) return &pb_limits_neon;
#endif
    (void)isa;
    return &pb_limits_scalar;
}

/* Does the work `turns` times and returns how much that was, in bytes or operations. What the loops
 * return goes to *sink, so that it is used. */
static double do_work(const struct pb_limits_loops *loops, const struct work *work,
                      struct part part, int64_t turns, volatile float *sink) {
    double amount = 0;
    int blocks = work->mix.reads + work->mix.writes;
    if (blocks == 0) {
        *sink = loops->fma(turns, &amount);
        return amount;
    }
    char *data = part.buffer.data;
    const struct pb_limits_stream stream = {
            .from = data,
            .to = data + part.blocks / blocks * work->mix.reads * PB_LIMITS_BLOCK,
            .steps = part.blocks / blocks,
            .reads = work->mix.reads,
            .writes = work->mix.writes,
            .past = work->past,
    };
    *sink = (float)loops->stream(&stream, turns);
    return (double)turns * (double)(stream.steps * blocks) * PB_LIMITS_BLOCK;
}

/* How many turns take TRY_SECONDS. */
static int64_t calibrate(const struct pb_limits_loops *loops, const struct work *work,
                         struct part part, volatile float *sink) {
    for (int64_t turns = 1;; turns *= 2) {
        double start = omp_get_wtime();
        do_work(loops, work, part, turns, sink);
        if (omp_get_wtime() - start >= TRY_SECONDS) return turns;
    }
}

/* Best rate over the team of threads. One try lasts from the first thread's start to the last
 * thread's end. */
static double best_rate(const struct pb_limits_loops *loops, const struct work *work,
                        const struct part *parts, int threads) {
    double first[TRIES], last[TRIES], amount[TRIES] = {0}, best = 0;
    int64_t turns = INT64_MAX;
    for (int i = 0; i < TRIES; i++) first[i] = INFINITY, last[i] = 0;
#pragma omp parallel num_threads(threads)
    {
        volatile float sink;
        struct part part = parts[omp_get_thread_num()];
        int64_t own = calibrate(loops, work, part, &sink);
#pragma omp critical
        if (own < turns) turns = own;
        for (int i = 0; i < TRIES; i++) {
#pragma omp barrier
            double start = omp_get_wtime(), done = do_work(loops, work, part, turns, &sink);
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

/* Parts for at least one step of the mix. */
static enum pb_status parts_begin(struct part *parts, int threads, int64_t working_set,
                                  int64_t least_blocks) {
    int64_t blocks = working_set / threads / PB_LIMITS_BLOCK;
    if (blocks < least_blocks) blocks = least_blocks;
    size_t bytes = (size_t)blocks * PB_LIMITS_BLOCK;
    int missing = 0;
    /* Each thread touches its part first, so that the part is in that thread's memory. */
#pragma omp parallel num_threads(threads) reduction(+ : missing)
    {
        struct part *part = &parts[omp_get_thread_num()];
        part->blocks = blocks;
        if (pb_buffer_alloc(&part->buffer, bytes))
            missing++;
        else
            memset(part->buffer.data, 0, bytes);
    }
    return missing ? pb_fail(PB_NOMEM, "no memory for a working set of %lld bytes",
                             (long long)working_set)
                   : PB_OK;
}

static void parts_end(struct part *parts, int threads) {
    for (int i = 0; parts && i < threads; i++) pb_buffer_free(&parts[i].buffer);
    free(parts);
}

enum pb_status pb_bandwidth_measure(const struct pb_stream_mix *mix, int64_t working_set,
                                    int threads, unsigned isa, double *bandwidth) {
    const struct pb_limits_loops *loops = loops_of(isa);
    struct work work = {.mix = *mix};
    struct part *parts = calloc((size_t)threads, sizeof *parts);
    enum pb_status status =
            parts ? parts_begin(parts, threads, working_set, mix->reads + mix->writes)
                  : pb_fail(PB_NOMEM, "no memory for %d threads", threads);
    if (status == PB_OK) {
        *bandwidth = best_rate(loops, &work, parts, threads);
        work.past = true;
        if (mix->writes) *bandwidth = fmax(*bandwidth, best_rate(loops, &work, parts, threads));
    }
    parts_end(parts, threads);
    return status;
}

enum pb_status pb_peak_measure(int threads, unsigned isa, double *flops) {
    const struct work work = {.mix = {"", 0, 0}};
    struct part *parts = calloc((size_t)threads, sizeof *parts);
    if (!parts) return pb_fail(PB_NOMEM, "no memory for %d threads", threads);
    *flops = best_rate(loops_of(isa), &work, parts, threads);
    parts_end(parts, threads);
    return PB_OK;
}

/* ---- The limits of problems ------------------------------------------------------------------ */

enum pb_status pb_limits_begin(struct pb_limits *limits, int threads, unsigned isa) {
    *limits = (struct pb_limits){.threads = threads, .isa = isa};
    return pb_peak_measure(threads, isa, &limits->peak);
}

/* The largest quarter power of two that is not above `bytes`. */
static int64_t round_down(double bytes) {
    return (int64_t)exp2(floor(4 * log2(fmax(bytes, 1))) / 4);
}

/* More than any cache holds. */
static int64_t beyond_caches(void) {
    const struct pb_caches caches = pb_caches();
    return 4 * (caches.l3 ? caches.l3 : caches.l2 ? caches.l2 : 16 << 20);
}

static enum pb_status bandwidth_at(struct pb_limits *limits, int64_t working_set, int mix,
                                   double *bandwidth) {
    size_t i = 0;
    while (i < limits->buckets && limits->bucket[i].working_set != working_set) i++;
    if (i == limits->buckets) {
        struct pb_limits_bucket *grown = realloc(limits->bucket, (i + 1) * sizeof *grown);
        if (!grown) return pb_fail(PB_NOMEM, "no memory for the machine's limits");
        limits->bucket = grown;
        limits->bucket[limits->buckets++] = (struct pb_limits_bucket){.working_set = working_set};
    }
    double *kept = &limits->bucket[i].bandwidth[mix];
    enum pb_status status = PB_OK;
    if (*kept == 0)
        status = pb_bandwidth_measure(&pb_stream_mixes[mix], working_set, limits->threads,
                                      limits->isa, kept);
    *bandwidth = *kept;
    return status;
}

/* The first mix with at least that share of writes, so that the one before it has less. */
static int pattern_of(double read, double written) {
    int i = 0;
    while (i < PB_STREAM_MIXES - 1 &&
           pb_stream_mixes[i].writes * (read + written) <
                   written * (pb_stream_mixes[i].reads + pb_stream_mixes[i].writes))
        i++;
    return i;
}

enum pb_status pb_limits_seconds(struct pb_limits *limits, double read, double written,
                                 double flops, bool cold, double *seconds) {
    double bytes = read + written, best = 0;
    int64_t working_set = cold ? beyond_caches() : round_down(bytes);
    int mix = pattern_of(read, written);
    enum pb_status status = PB_OK;
    for (int i = mix ? mix - 1 : 0; !status && i <= mix; i++) {
        double bandwidth = 0;
        status = bandwidth_at(limits, working_set, i, &bandwidth);
        best = fmax(best, bandwidth);
    }
    if (!status) *seconds = fmax(bytes / best, flops / limits->peak);
    return status;
}

const char *pb_level_name(enum pb_level level) {
    static const char *const names[] = {"l1", "l2", "l3", "memory"};
    return names[level];
}

/* A size of 0 is unknown: whatever may lie there or beyond is at no level. */
enum pb_level pb_level_of(const struct pb_caches *caches, int threads, int64_t working_set) {
    const int64_t sizes[] = {caches->l1d * threads, caches->l2 * threads, caches->l3};
    for (int level = PB_L1; level <= PB_L3; level++) {
        if (!sizes[level]) return PB_LEVELS;
        if (working_set <= sizes[level]) return (enum pb_level)level;
    }
    return PB_MEMORY;
}

double pb_limits_bandwidth(const struct pb_limits *limits, enum pb_level level) {
    const struct pb_caches caches = pb_caches();
    double best = 0;
    for (size_t i = 0; i < limits->buckets; i++)
        for (int p = 0; p < PB_STREAM_MIXES; p++)
            if (pb_level_of(&caches, limits->threads, limits->bucket[i].working_set) == level)
                best = fmax(best, limits->bucket[i].bandwidth[p]);
    return best;
}

void pb_limits_end(struct pb_limits *limits) {
    free(limits->bucket);
    *limits = (struct pb_limits){0};
}
