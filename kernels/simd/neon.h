/* neon.h: the vocabulary of simd.h in 4 lanes, for AArch64's Advanced SIMD. A mask is a vector
 * whose lanes are all ones or zero. */
#ifndef PB_SIMD_NEON_H
#define PB_SIMD_NEON_H

#include <arm_neon.h>
#include <stdint.h>

#define SIMD_BITS PB_ISA_NEON
#define SIMD_REGISTERS 32
enum { VL = 4 };
typedef float32x4_t vf;
typedef int32x4_t vi;
typedef uint32x4_t vm;

static inline vi vi_set1(int32_t i) {
    return vdupq_n_s32(i);
}
static inline vi vi_iota(void) {
    return vcombine_s32(vcreate_s32((uint64_t)1 << 32), vcreate_s32((uint64_t)3 << 32 | 2));
}
static inline vm vm_first(int64_t n) {
    return vcgtq_s32(vi_set1(n >= VL ? VL : (int32_t)n), vi_iota());
}
static inline vm vm_or(vm a, vm b) {
    return vorrq_u32(a, b);
}

static inline vf v_set1(float x) {
    return vdupq_n_f32(x);
}
static inline vf v_load(const float *p) {
    return vld1q_f32(p);
}
static inline void v_store(float *p, vf v) {
    vst1q_f32(p, v);
}
static inline vf v_load_n(const float *p, int64_t n, float fill) {
    if (n >= VL) return v_load(p);
    vf v = vsetq_lane_f32(p[0], v_set1(fill), 0);
    if (n > 1) v = vsetq_lane_f32(p[1], v, 1);
    if (n > 2) v = vsetq_lane_f32(p[2], v, 2);
    return v;
}
static inline void v_store_n(float *p, vf v, int64_t n) {
    if (n >= VL) {
        v_store(p, v);
        return;
    }
    p[0] = vgetq_lane_f32(v, 0);
    if (n > 1) p[1] = vgetq_lane_f32(v, 1);
    if (n > 2) p[2] = vgetq_lane_f32(v, 2);
}
static inline vf v_load_even(const float *p, int64_t n, float fill) {
    if (n >= VL)
        return vcombine_f32(vuzp1_f32(vld1_f32(p), vld1_f32(p + 2)),
                            vuzp2_f32(vld1_f32(p + 3), vld1_f32(p + 5)));
    vf v = vsetq_lane_f32(p[0], v_set1(fill), 0);
    if (n > 1) v = vsetq_lane_f32(p[2], v, 1);
    if (n > 2) v = vsetq_lane_f32(p[4], v, 2);
    return v;
}
static inline vf v_even(vf a, vf b) {
    return vuzp1q_f32(a, b);
}
static inline vf v_odd(vf a, vf b) {
    return vuzp2q_f32(a, b);
}
static inline void v_store_zip(float *p, vf a, vf b, int64_t n) {
    v_store_n(p, vzip1q_f32(a, b), n);
    if (n > VL) v_store_n(p + VL, vzip2q_f32(a, b), n - VL);
}

static inline vf v_add(vf a, vf b) {
    return vaddq_f32(a, b);
}
static inline vf v_mul(vf a, vf b) {
    return vmulq_f32(a, b);
}
static inline vf v_div(vf a, vf b) {
    return vdivq_f32(a, b);
}
static inline vf v_fma(vf a, vf b, vf c) {
    return vfmaq_f32(c, a, b);
}
static inline vf v_max(vf a, vf b) {
    return vmaxq_f32(a, b);
}
static inline float v_sum(vf v) {
    return vaddvq_f32(v);
}
static inline vm v_gt(vf a, vf b) {
    return vcgtq_f32(a, b);
}
static inline vm v_nan(vf a) {
    return vmvnq_u32(vceqq_f32(a, a));
}
static inline vf v_select(vm m, vf a, vf b) {
    return vbslq_f32(m, a, b);
}

static inline vi vi_load(const int32_t *p) {
    return vld1q_s32(p);
}
static inline vi vi_add(vi a, vi b) {
    return vaddq_s32(a, b);
}
static inline vi vi_mul(vi a, vi b) {
    return vmulq_s32(a, b);
}
static inline vi vi_select(vm m, vi a, vi b) {
    return vbslq_s32(m, a, b);
}
static inline int64x2_t neon_low64(vi v) {
    return vmovl_s32(vget_low_s32(v));
}
static inline int64x2_t neon_high64(vi v) {
    return vmovl_high_s32(v);
}
static inline void vi_store64_n(int64_t *p, vi v, int64_t n) {
    if (n >= 2)
        vst1q_s64(p, neon_low64(v));
    else
        vst1q_lane_s64(p, neon_low64(v), 0);
    if (n >= VL)
        vst1q_s64(p + 2, neon_high64(v));
    else if (n > 2)
        vst1q_lane_s64(p + 2, neon_high64(v), 0);
}
static inline vm vi_eq64_n(const int64_t *p, vi v, int64_t n) {
    const int64x2_t zero = vdupq_n_s64(0);
    const int64x2_t p0 = n >= 2 ? vld1q_s64(p) : vld1q_lane_s64(p, zero, 0);
    const int64x2_t p1 = n >= VL ? vld1q_s64(p + 2) : n > 2 ? vld1q_lane_s64(p + 2, zero, 0) : zero;
    const vm equal = vcombine_u32(vmovn_u64(vceqq_s64(p0, neon_low64(v))),
                                  vmovn_u64(vceqq_s64(p1, neon_high64(v))));
    return vandq_u32(equal, vm_first(n));
}

#endif
