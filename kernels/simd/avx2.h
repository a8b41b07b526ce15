/* avx2.h: the vocabulary of simd.h in 8 lanes, for AVX2 with FMA. A mask is a vector whose lanes
 * are all ones or zero. */
#ifndef PB_SIMD_AVX2_H
#define PB_SIMD_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#define SIMD_BITS PB_ISA_AVX2
#define SIMD_REGISTERS 16
enum { VL = 8 };
typedef __m256 vf;
typedef __m256i vi;
typedef __m256 vm;

static inline vi vi_set1(int32_t i) {
    return _mm256_set1_epi32(i);
}
static inline vi vi_iota(void) {
    return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}
static inline __m256i avx2_first(int64_t n) {
    return _mm256_cmpgt_epi32(vi_set1(n >= VL ? VL : (int32_t)n), vi_iota());
}
static inline vm vm_first(int64_t n) {
    return _mm256_castsi256_ps(avx2_first(n));
}
static inline vm vm_or(vm a, vm b) {
    return _mm256_or_ps(a, b);
}

static inline vf v_set1(float x) {
    return _mm256_set1_ps(x);
}
static inline vf v_load(const float *p) {
    return _mm256_loadu_ps(p);
}
static inline void v_store(float *p, vf v) {
    _mm256_storeu_ps(p, v);
}
static inline vf v_load_n(const float *p, int64_t n, float fill) {
    if (n >= VL) return v_load(p);
    return _mm256_blendv_ps(v_set1(fill), _mm256_maskload_ps(p, avx2_first(n)), vm_first(n));
}
static inline void v_store_n(float *p, vf v, int64_t n) {
    if (n >= VL)
        v_store(p, v);
    else
        _mm256_maskstore_ps(p, avx2_first(n), v);
}
/* VSHUFPS picks within 128-bit halves; swapping the middle quarters puts its picks in order. */
static inline vf avx2_in_order(vf v) {
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(v), 0xd8));
}
static inline vf v_even(vf a, vf b) {
    return avx2_in_order(_mm256_shuffle_ps(a, b, 0x88));
}
static inline vf v_odd(vf a, vf b) {
    return avx2_in_order(_mm256_shuffle_ps(a, b, 0xdd));
}
static inline vf v_load_even(const float *p, int64_t n, float fill) {
    vf low, high; /* p[0 … 7] and p[7 … 14] */
    if (n >= VL) {
        low = v_load(p);
        high = v_load(p + 7);
    } else {
        low = _mm256_maskload_ps(p, avx2_first(2 * n - 1));
        high = n > 4 ? _mm256_maskload_ps(p + 7, avx2_first(2 * n - 8)) : low;
    }
    const vf all = avx2_in_order(_mm256_shuffle_ps(low, high, 0xd8));
    return n >= VL ? all : _mm256_blendv_ps(v_set1(fill), all, vm_first(n));
}
static inline void v_store_zip(float *p, vf a, vf b, int64_t n) {
    const vf low = _mm256_unpacklo_ps(a, b), high = _mm256_unpackhi_ps(a, b);
    v_store_n(p, _mm256_permute2f128_ps(low, high, 0x20), n);
    if (n > VL) v_store_n(p + VL, _mm256_permute2f128_ps(low, high, 0x31), n - VL);
}

static inline vf v_add(vf a, vf b) {
    return _mm256_add_ps(a, b);
}
static inline vf v_mul(vf a, vf b) {
    return _mm256_mul_ps(a, b);
}
static inline vf v_div(vf a, vf b) {
    return _mm256_div_ps(a, b);
}
static inline vf v_fma(vf a, vf b, vf c) {
    return _mm256_fmadd_ps(a, b, c);
}
static inline vm v_nan(vf a) {
    return _mm256_cmp_ps(a, a, _CMP_UNORD_Q);
}
/* VMAXPS gives its second operand where either is NaN, so only a NaN in the first is lost: b, whose
 * test is then not in the chain of a maximum that is kept in a. All ones is a NaN again. */
static inline vf v_max(vf a, vf b) {
    return _mm256_or_ps(_mm256_max_ps(b, a), v_nan(b));
}
static inline float v_sum(vf v) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
static inline vm v_gt(vf a, vf b) {
    return _mm256_cmp_ps(a, b, _CMP_GT_OQ);
}
static inline vf v_select(vm m, vf a, vf b) {
    return _mm256_blendv_ps(b, a, m);
}

static inline vi vi_load(const int32_t *p) {
    return _mm256_loadu_si256((const __m256i *)p);
}
static inline vi vi_add(vi a, vi b) {
    return _mm256_add_epi32(a, b);
}
static inline vi vi_mul(vi a, vi b) {
    return _mm256_mullo_epi32(a, b);
}
static inline vi vi_select(vm m, vi a, vi b) {
    return _mm256_blendv_epi8(b, a, _mm256_castps_si256(m));
}
static inline __m256i avx2_low64(vi v) {
    return _mm256_cvtepi32_epi64(_mm256_castsi256_si128(v));
}
static inline __m256i avx2_high64(vi v) {
    return _mm256_cvtepi32_epi64(_mm256_extracti128_si256(v, 1));
}
static inline void vi_store64_n(int64_t *p, vi v, int64_t n) {
    long long *to = (long long *)p;
    const vi m = avx2_first(n);
    if (n >= 4)
        _mm256_storeu_si256((__m256i *)to, avx2_low64(v));
    else
        _mm256_maskstore_epi64(to, avx2_low64(m), avx2_low64(v));
    if (n >= VL)
        _mm256_storeu_si256((__m256i *)(to + 4), avx2_high64(v));
    else if (n > 4)
        _mm256_maskstore_epi64(to + 4, avx2_high64(m), avx2_high64(v));
}
static inline vm vi_eq64_n(const int64_t *p, vi v, int64_t n) {
    const long long *from = (const long long *)p;
    const vi m = avx2_first(n);
    const __m256i low =
            _mm256_cmpeq_epi64(_mm256_maskload_epi64(from, avx2_low64(m)), avx2_low64(v));
    const __m256i high =
            n <= 4 ? low
                   : _mm256_cmpeq_epi64(_mm256_maskload_epi64(from + 4, avx2_high64(m)),
                                        avx2_high64(v));
    /* The lower halves of the eight results, back in order; lanes from n on are cleared. */
    const vf both = _mm256_shuffle_ps(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high), 0x88);
    return _mm256_and_ps(avx2_in_order(both), _mm256_castsi256_ps(m));
}

#endif
