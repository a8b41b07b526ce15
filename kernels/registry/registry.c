/* The one table of kernels, best first, reference last. To add a variant, add its line: K(stem)
 * for a file that is built once, SIMD(K, stem) for one that is built per ISA, TYPED(K, stem) for
 * one whose types the build lists. */
#include "poolbench.h"
#include "built_kernels.h" /* made by CMakeLists.txt */
#include "registry/provider.h"
#include <fnmatch.h>
#include <string.h>

#define TYPED(K, stem) TYPED_##stem(K)

/* clang-format off */
#define KERNELS(K) \
    TYPED(K, maxpool_nhwc_simd) \
    TYPED(K, maxpool_nchw_pairs_simd) \
    TYPED(K, maxpool_nchw_simd) \
    TYPED(K, maxpool_idx_nhwc_simd) \
    TYPED(K, maxpool_idx_nchw_simd) \
    K(maxpool_f32_im2col) \
    TYPED(K, maxpool_naive) \
    SIMD(K, maxpool_bwd_f32_nhwc) \
    K(maxpool_bwd_f32_nchw_scatter) \
    K(maxpool_bwd_f32_naive) \
    TYPED(K, avgpool_nhwc_simd) \
    TYPED(K, avgpool_nchw_pairs_simd) \
    TYPED(K, avgpool_nchw_simd) \
    K(avgpool_f32_im2col) \
    TYPED(K, avgpool_naive) \
    SIMD(K, avgpool_bwd_f32_nhwc) \
    SIMD(K, avgpool_bwd_f32_nchw) \
    K(avgpool_bwd_f32_naive) \
    TYPED(K, gap_nhwc_simd) \
    TYPED(K, gap_nchw_simd) \
    K(gap_f32_im2col) \
    TYPED(K, gap_naive) \
    SIMD(K, gap_bwd_f32_nhwc) \
    SIMD(K, gap_bwd_f32_nchw) \
    K(gap_bwd_f32_naive) \
    K(lppool_f32_naive) \
    K(lppool_bwd_f32_naive) \
    K(adaptive_max_f32_naive) \
    K(adaptive_max_bwd_f32_naive) \
    K(adaptive_avg_f32_naive) \
    K(adaptive_avg_bwd_f32_naive) \
    SIMD(K, conv_f32) \
    K(conv_f32_im2col) \
    K(conv_f32_naive) \
    SIMD(K, conv_bwd_f32) \
    K(conv_bwd_f32_im2col) \
    K(conv_bwd_f32_naive) \
    SIMD(K, conv_bwd_w_f32) \
    K(conv_bwd_w_f32_im2col) \
    K(conv_bwd_w_f32_naive) \
    K(s2d_f32_naive) \
    K(s2d_bwd_f32_naive) \
    K(blur_f32_naive) \
    K(blur_bwd_f32_naive)
/* clang-format on */

#define DECLARE(name) extern const struct pb_kernel name;
#define ADDRESS(name) &name,
KERNELS(DECLARE)
static const struct pb_kernel *const table[] = {KERNELS(ADDRESS)};

enum { OWN = sizeof table / sizeof table[0] };

size_t pb_kernel_count(void) {
    return OWN + provider_kernel_count();
}

const struct pb_kernel *pb_kernel_at(size_t position) {
    return position < OWN ? table[position] : provider_kernel_at(position - OWN);
}

bool pb_kernel_runs(const struct pb_kernel *kernel, const struct pb_problem *problem,
                    const char *glob) {
    return (kernel->isa & ~pb_isa()) == 0 && (!glob || fnmatch(glob, kernel->name, 0) == 0) &&
           kernel->can_do(problem);
}

const char *pb_kernel_method(const struct pb_kernel *kernel) {
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    return provider ? provider->name : kernel->method;
}

const char *pb_kernel_isa_name(const struct pb_kernel *kernel) {
    return !kernel->isa && pb_kernel_provider(kernel) ? "" : pb_isa_name(kernel->isa);
}

bool pb_kernel_is(const struct pb_kernel *kernel, const char *word) {
    return strcmp(word, pb_kernel_method(kernel)) == 0 ||
           strcmp(word, pb_kernel_isa_name(kernel)) == 0 ||
           (strcmp(word, "simd") == 0 && kernel->isa);
}
