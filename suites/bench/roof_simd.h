/* roof_simd.h: the loops that reach the machine's limits; roof_simd.c is built once per ISA. */
#ifndef PB_ROOF_SIMD_H
#define PB_ROOF_SIMD_H

#include <stddef.h>
#include <stdint.h>

/* Blocks of this size: `bytes` below is a multiple of it, and pointers are aligned to 64. */
enum { PB_ROOF_BLOCK = 512 };

/* Each goes `turns` times over its data. Reads and multiply-adds return something that depends on
 * all of them; *flops says how many operations the multiply-adds were. */
struct pb_roof_loops {
    uint32_t (*read)(const void *from, size_t bytes, int64_t turns);
    void (*write)(void *to, size_t bytes, int64_t turns);
    void (*copy)(void *restrict to, const void *restrict from, size_t bytes, int64_t turns);
    float (*fma)(int64_t turns, double *flops);
};

extern const struct pb_roof_loops pb_roof_scalar, pb_roof_avx2, pb_roof_avx512, pb_roof_neon;

#endif
