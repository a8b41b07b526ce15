/* The loops that reach the machine's limits, in the compiler's generic vectors, so that one text
 * serves every ISA: the build compiles it once for the baseline and once per ISA, with ROOF
 * naming the table that it makes. */
#include "roof_simd.h"

#ifndef ROOF
#define ROOF pb_roof_scalar
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
    PER_BLOCK = PB_ROOF_BLOCK / VECTOR_BYTES,
    STREAMS = 8, /* independent accumulators of a read; divides PER_BLOCK */
    CHAINS = 12, /* of multiply-adds: above latency times ports, within 16 registers */
};

/* Keeps the compiler from seeing a fill or a copy as a whole, which it would make a library call.
 */
#define BARRIER() __asm__ volatile("" ::: "memory")

/* Exclusive or, which no processor does slower than it loads. */
static uint32_t read_all(const void *from, size_t bytes, int64_t turns) {
    vu sum[STREAMS] = {{0}};
    const vu *begin = from, *end = begin + bytes / sizeof *begin;
    for (int64_t turn = 0; turn < turns; turn++) {
        for (const vu *v = begin; v < end; v += STREAMS)
            for (int i = 0; i < STREAMS; i++) sum[i] ^= v[i];
        BARRIER();
    }
    vu all = sum[0];
    for (int i = 1; i < STREAMS; i++) all ^= sum[i];
    uint32_t folded = 0;
    for (int i = 0; i < LANES; i++) folded ^= all[i];
    return folded;
}

static void write_all(void *to, size_t bytes, int64_t turns) {
    vu *begin = to, *end = begin + bytes / sizeof *begin;
    const vu zero = {0};
    for (int64_t turn = 0; turn < turns; turn++)
        for (vu *v = begin; v < end; v += PER_BLOCK)
            for (int i = 0; i < PER_BLOCK; i++) {
                v[i] = zero;
                BARRIER();
            }
}

static void copy_all(void *restrict to, const void *restrict from, size_t bytes, int64_t turns) {
    const vu *begin = from, *end = begin + bytes / sizeof *begin;
    for (int64_t turn = 0; turn < turns; turn++) {
        vu *w = to;
        for (const vu *v = begin; v < end; v += PER_BLOCK, w += PER_BLOCK)
            for (int i = 0; i < PER_BLOCK; i++) {
                w[i] = v[i];
                BARRIER();
            }
    }
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

const struct pb_roof_loops ROOF = {read_all, write_all, copy_all, fma_all};
