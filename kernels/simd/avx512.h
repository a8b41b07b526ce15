/* avx512.h: the vocabulary of simd.h in 16 lanes, for AVX-512 F, BW, DQ and VL. */
#ifndef PB_SIMD_AVX512_H
#define PB_SIMD_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#define SIMD_BITS (PB_ISA_AVX512 | PB_ISA_AVX2)
#define SIMD_REGISTERS 32
enum { VL = 16 };
typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;

static inline vm vm_first(int64_t n) {
    return n >= VL ? (vm)0xffff : (vm)((1u << n) - 1);
}
static inline vm vm_or(vm a, vm b) {
    return _kor_mask16(a, b);
}

static inline vf v_set1(float x) {
    return _mm512_set1_ps(x);
}
static inline vf v_load(const float *p) {
    return _mm512_loadu_ps(p);
}
static inline void v_store(float *p, vf v) {
    _mm512_storeu_ps(p, v);
}
static inline vf v_load_n(const float *p, int64_t n, float fill) {
    if (n >= VL) return v_load(p);
    return _mm512_mask_loadu_ps(v_set1(fill), vm_first(n), p);
}
static inline void v_store_n(float *p, vf v, int64_t n) {
    if (n >= VL)
        v_store(p, v);
    else
        _mm512_mask_storeu_ps(p, vm_first(n), v);
}
static inline vf v_even(vf a, vf b) {
    const vi even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_permutex2var_ps(a, even, b);
}
static inline vf v_odd(vf a, vf b) {
    const vi odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    return _mm512_permutex2var_ps(a, odd, b);
}
static inline vf v_load_even(const float *p, int64_t n, float fill) {
    const uint32_t span = n >= VL ? 0x7fffffff : (1u << (2 * n - 1)) - 1;
    const vf low = _mm512_maskz_loadu_ps((__mmask16)span, p);
    const vf high = span >> 16 ? _mm512_maskz_loadu_ps((__mmask16)(span >> 16), p + 16) : low;
    return _mm512_mask_mov_ps(v_set1(fill), vm_first(n), v_even(low, high));
}
static inline void v_store_zip(float *p, vf a, vf b, int64_t n) {
    const vi low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const vi high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    v_store_n(p, _mm512_permutex2var_ps(a, low, b), n);
    if (n > VL) v_store_n(p + VL, _mm512_permutex2var_ps(a, high, b), n - VL);
}

static inline vf v_add(vf a, vf b) {
    return _mm512_add_ps(a, b);
}
static inline vf v_mul(vf a, vf b) {
    return _mm512_mul_ps(a, b);
}
static inline vf v_div(vf a, vf b) {
    return _mm512_div_ps(a, b);
}
static inline vf v_fma(vf a, vf b, vf c) {
    return _mm512_fmadd_ps(a, b, c);
}
/* VMAXPS gives its second operand where either is NaN, so only a NaN in the first is lost: b, whose
 * test is then not in the chain of a maximum that is kept in a. */
static inline vf v_max(vf a, vf b) {
    return _mm512_mask_max_ps(b, _mm512_cmp_ps_mask(b, b, _CMP_ORD_Q), b, a);
}
static inline float v_sum(vf v) {
    return _mm512_reduce_add_ps(v);
}
static inline vm v_gt(vf a, vf b) {
    return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
}
static inline vm v_nan(vf a) {
    return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
}
static inline vf v_select(vm m, vf a, vf b) {
    return _mm512_mask_blend_ps(m, b, a);
}

static inline vi vi_set1(int32_t i) {
    return _mm512_set1_epi32(i);
}
static inline vi vi_iota(void) {
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
static inline vi vi_load(const int32_t *p) {
    return _mm512_loadu_si512(p);
}
static inline vi vi_add(vi a, vi b) {
    return _mm512_add_epi32(a, b);
}
static inline vi vi_mul(vi a, vi b) {
    return _mm512_mullo_epi32(a, b);
}
static inline vi vi_select(vm m, vi a, vi b) {
    return _mm512_mask_blend_epi32(m, b, a);
}
static inline __m512i avx512_low64(vi v) {
    return _mm512_cvtepi32_epi64(_mm512_castsi512_si256(v));
}
static inline __m512i avx512_high64(vi v) {
    return _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(v, 1));
}
static inline void vi_store64_n(int64_t *p, vi v, int64_t n) {
    const vm m = vm_first(n);
    if (n >= 8)
        _mm512_storeu_si512(p, avx512_low64(v));
    else
        _mm512_mask_storeu_epi64(p, (__mmask8)m, avx512_low64(v));
    if (n >= VL)
        _mm512_storeu_si512(p + 8, avx512_high64(v));
    else if (n > 8)
        _mm512_mask_storeu_epi64(p + 8, (__mmask8)(m >> 8), avx512_high64(v));
}
static inline vm vi_eq64_n(const int64_t *p, vi v, int64_t n) {
    const vm m = vm_first(n);
    const __mmask8 m0 = (__mmask8)m, m1 = (__mmask8)(m >> 8);
    const unsigned low =
            _mm512_mask_cmpeq_epi64_mask(m0, _mm512_maskz_loadu_epi64(m0, p), avx512_low64(v));
    if (n <= 8) return (vm)low;
    const unsigned high =
            _mm512_mask_cmpeq_epi64_mask(m1, _mm512_maskz_loadu_epi64(m1, p + 8), avx512_high64(v));
    return (vm)(low | high << 8);
}

#endif
