/* limits_simd.h: the loops that reach the machine's limits; limits_simd.c is built once per ISA. */
#ifndef PB_LIMITS_SIMD_H
#define PB_LIMITS_SIMD_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a block; pointers are aligned to 64. */
enum { PB_LIMITS_BLOCK = 512 };

/* One stream: `steps` times, `reads` blocks that are read and `writes` blocks that are written. */
struct pb_limits_stream {
    const void *from;
    void *to;
    int64_t steps;
    int reads, writes;
    bool past; /* writes go past the caches (non-temporal stores) */
};

/* Each goes `turns` times over its work, and returns something that depends on all that was read or
 * computed; *flops says how many operations the multiply-adds were. */
struct pb_limits_loops {
    uint32_t (*stream)(const struct pb_limits_stream *stream, int64_t turns);
    float (*fma)(int64_t turns, double *flops);
};

extern const struct pb_limits_loops pb_limits_scalar, pb_limits_avx2, pb_limits_avx512,
        pb_limits_neon;

#endif
