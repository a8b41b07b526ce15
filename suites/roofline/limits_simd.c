/* The loops that reach the machine's limits, in the compiler's generic vectors, so that one text
 * serves every ISA: the build compiles it once for the baseline and once per ISA, with LIMITS_TABLE
 * naming the table that it makes. */
#include "roofline/limits_simd.h"
#if defined __SSE2__
#include <immintrin.h>
#endif

#ifndef LIMITS_TABLE
#define LIMITS_TABLE pb_limits_scalar
#endif
#if defined __AVX512F__
#define VECTOR_BYTES 64
#elif defined __AVX__
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

typedef float vf __attribute__((vector_size(VECTOR_BYTES)));
typedef uint32_t vu __attribute__((vector_size(VECTOR_BYTES)));

enum {
    LANES = VECTOR_BYTES / 4,
    PER_BLOCK = PB_LIMITS_BLOCK / VECTOR_BYTES,
    STREAMS = 8, /* independent accumulators; divides PER_BLOCK */
    CHAINS = 12, /* of multiply-adds: above latency times ports, within 16 registers */
};

/* Writes past the caches, where the ISA has such a store. */
static inline void store_past(vu *to, vu value) {
#if defined __AVX512F__
    _mm512_stream_si512((__m512i *)to, (__m512i)value);
#elif defined __AVX__
    _mm256_stream_si256((__m256i *)to, (__m256i)value);
#elif defined __SSE2__
    _mm_stream_si128((__m128i *)to, (__m128i)value);
#else
    *to = value;
#endif
}

/* Orders those stores before what follows, and keeps the compiler from merging two turns. */
static inline void end_turn(void) {
#if defined __SSE2__
    _mm_sfence();
#endif
    __asm__ volatile("" ::: "memory");
}

/* Exclusive or, which no processor does slower than it loads. */
static inline const vu *read_blocks(const vu *from, int blocks, vu sum[STREAMS]) {
    for (const vu *end = from + (size_t)blocks * PER_BLOCK; from < end; from += STREAMS)
        for (int i = 0; i < STREAMS; i++) sum[i] ^= from[i];
    return from;
}

static inline vu *write_blocks(vu *to, int blocks, const vu sum[STREAMS]) {
    for (vu *end = to + (size_t)blocks * PER_BLOCK; to < end; to += STREAMS)
        for (int i = 0; i < STREAMS; i++) to[i] = sum[i];
    return to;
}

static inline vu *write_blocks_past(vu *to, int blocks, const vu sum[STREAMS]) {
    for (vu *end = to + (size_t)blocks * PER_BLOCK; to < end; to += STREAMS)
        for (int i = 0; i < STREAMS; i++) store_past(to + i, sum[i]);
    return to;
}

static uint32_t stream_all(const struct pb_limits_stream *stream, int64_t turns) {
    vu sum[STREAMS] = {{0}};
    for (int64_t turn = 0; turn < turns; turn++) {
        const vu *from = stream->from;
        vu *to = stream->to;
        for (int64_t step = 0; step < stream->steps; step++) {
            from = read_blocks(from, stream->reads, sum);
            if (stream->past)
                to = write_blocks_past(to, stream->writes, sum);
            else
                to = write_blocks(to, stream->writes, sum);
        }
        end_turn();
    }
    vu all = sum[0];
    for (int i = 1; i < STREAMS; i++) all ^= sum[i];
    uint32_t folded = 0;
    for (int i = 0; i < LANES; i++) folded ^= all[i];
    return folded;
}

static float fma_all(int64_t turns, double *flops) {
    /* The values converge to 2, so they stay normal numbers; volatile hides that they do. */
    volatile float half = 0.5f, one = 1.0f;
    vf acc[CHAINS], factor = {0}, addend = {0};
    factor += half, addend += one;
    for (int i = 0; i < CHAINS; i++) acc[i] = addend * (float)i;
    for (int64_t turn = 0; turn < turns; turn++)
        for (int i = 0; i < CHAINS; i++) acc[i] = acc[i] * factor + addend;
    *flops = 2.0 * (double)turns * CHAINS * LANES;
    vf all = acc[0];
    for (int i = 1; i < CHAINS; i++) all += acc[i];
    float sum = 0;
    for (int i = 0; i < LANES; i++) sum += all[i];
    return sum;
}

const struct pb_limits_loops LIMITS_TABLE = {stream_all, fma_all};
