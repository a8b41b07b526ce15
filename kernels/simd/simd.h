/* simd.h: the vocabulary that the *_simd.c files are written in. The build compiles each of them
 * once per ISA with SIMD_HEADER naming that ISA's header, which defines:
 *
 *   SIMD_BITS                 the enum pb_isa bits that a kernel built with it needs
 *   SIMD_REGISTERS            vector registers; for #if too
 *   VL                        lanes (float and int32)
 *   vf, vi, vm                vectors of float and of int32, a mask of lanes
 *   v_set1(x) vi_set1(i)      every lane
 *   vi_iota()                 0, 1, 2, …
 *   v_load(p) v_store(p, v)   VL elements, any alignment
 *   v_load_n(p, n, fill)      the first n elements, `fill` elsewhere; reads no further
 *   v_store_n(p, v, n)        the first n lanes; writes no further
 *   v_load_even(p, n, fill)   p[0], p[2], … p[2(n-1)], `fill` elsewhere; reads no further
 *   v_even(a, b) v_odd(a, b)  every second lane, from 0 or from 1: VL / 2 of a, then of b
 *   v_store_zip(p, a, b, n)   a[0], b[0], a[1], b[1] … up to n elements in all (n to 2 VL)
 *   v_add v_mul v_div(a, b)   a + b, a b, a / b
 *   v_fma(a, b, c)            a b + c
 *   v_max(a, b)               NaN if either is NaN; fastest with the running maximum in a
 *   v_sum(v)                  sum of the lanes, in a fixed order
 *   v_gt(a, b) v_nan(a)       a > b (false with NaN); a is NaN
 *   vm_first(n) vm_or(a, b)   the first n lanes; union of masks
 *   v_select(m, a, b) vi_select(m, a, b)   m ? a : b by lane
 *   vi_load(p)                VL int32
 *   vi_add vi_mul(a, b)       low 32 bits
 *   vi_store64_n(p, v, n)     the first n lanes widened to int64
 *   vi_eq64_n(p, v, n)        lane i: p[i] == v[i] for int64 p; false from n on
 *
 * A count n is at least 1; VL and more mean every lane, at the speed of the form without a count,
 * so that `for (i = 0; i < n; i += VL) v_store_n(p + i, …, n - i)` has body and tail in one.
 * This header adds what follows from these:
 *
 *   v_load_stride(p, s, n, fill)   p[0], p[s], … p[(n-1)s], `fill` elsewhere; reads no further
 */
#ifndef PB_SIMD_H
#define PB_SIMD_H

#include <stdint.h>
#include SIMD_HEADER

/* A file that is built per type too has the vocabulary of elem.h; v_load and its like know one. */
#ifdef ELEM_HEADER
#include "elem/elem.h"
_Static_assert(ELEM_DTYPE == PB_F32, "the vectors of simd.h are loaded from and stored to float");
#endif

#define SIMD_PASTE_(a, b) a##_##b
#define SIMD_PASTE(a, b) SIMD_PASTE_(a, b)
#define SIMD_STRING_(a) #a
#define SIMD_STRING(a) SIMD_STRING_(a)
/* The symbol and the text of a kernel's name: SIMD_KERNEL(maxpool_bwd_f32_nhwc) is
 * maxpool_bwd_f32_nhwc_avx2 in the build for AVX2; of a file that is built per type,
 * SIMD_KERNEL(ELEM_KERNEL(maxpool, nhwc)) is maxpool_f32_nhwc_avx2 in that for f32 and AVX2. */
#define SIMD_KERNEL(stem) SIMD_PASTE(stem, SIMD_ISA)
#define SIMD_NAME(stem) SIMD_STRING(SIMD_KERNEL(stem))

static inline vf v_load_stride(const float *p, int64_t s, int64_t n, float fill) {
    if (s == 1) return v_load_n(p, n, fill);
    if (s == 2) return v_load_even(p, n, fill);
    float lane[VL];
    for (int i = 0; i < VL; i++) lane[i] = i < n ? p[i * s] : fill;
    return v_load(lane);
}

#endif
