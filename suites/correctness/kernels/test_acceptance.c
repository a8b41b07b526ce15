/* Which kernels accept what: a kernel that takes less than it used to is tested less, and one that
 * takes more than it can hold breaks where nobody looks. Nothing is computed here. */
#include "common/suites.h"
#include "tools/problem_text.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* A kernel's file; the versions of one for several ISAs are all "…_simd". */
static void without_isa(const struct pb_kernel *kernel, char name[128]) {
    const char *last = strrchr(kernel->name, '_') + 1;
    snprintf(name, 128, "%.*s%s", (int)(last - kernel->name), kernel->name,
             kernel->isa ? "simd" : last);
}

/* can_do is compiled for its kernel's ISA too: another machine's is not called. */
static bool runs_here(const struct pb_kernel *kernel) {
    return !(kernel->isa & ~pb_isa_detected());
}

/* Every operation, direction and layout on a shape that nothing stands against, and all those in
 * these rows that accept it, best first. A kernel that is in no row is not asked about. */
static const struct {
    const char *ops, *dirs, *layout, *kernels;
} accepted[] = {
        {"max", "fwd", "nchw",
         "maxpool_f32_nchw_pairs_simd maxpool_f32_nchw_simd maxpool_f32_im2col maxpool_f32_naive"},
        {"gmp", "fwd", "nchw", "maxpool_f32_nchw_simd maxpool_f32_im2col maxpool_f32_naive"},
        {"max gmp", "fwd", "nhwc", "maxpool_f32_nhwc_simd maxpool_f32_im2col maxpool_f32_naive"},
        {"max gmp", "fwd_idx", "nchw",
         "maxpool_idx_f32_nchw_simd maxpool_f32_im2col maxpool_f32_naive"},
        {"max gmp", "fwd_idx", "nhwc",
         "maxpool_idx_f32_nhwc_simd maxpool_f32_im2col maxpool_f32_naive"},
        {"max gmp", "fwd fwd_idx", "nChw16c", "maxpool_f32_naive"},
        {"max gmp", "bwd", "nchw", "maxpool_bwd_f32_nchw_scatter maxpool_bwd_f32_naive"},
        {"max gmp", "bwd", "nhwc", "maxpool_bwd_f32_nhwc_simd maxpool_bwd_f32_naive"},
        {"max gmp", "bwd", "nChw16c", "maxpool_bwd_f32_naive"},
        {"avg_p avg_np", "fwd", "nchw",
         "avgpool_f32_nchw_pairs_simd avgpool_f32_nchw_simd avgpool_f32_im2col avgpool_f32_naive"},
        {"avg_p avg_np", "fwd", "nhwc",
         "avgpool_f32_nhwc_simd avgpool_f32_im2col avgpool_f32_naive"},
        {"avg_p avg_np", "fwd", "nChw16c", "avgpool_f32_naive"},
        {"avg_p avg_np", "bwd", "nchw", "avgpool_bwd_f32_nchw_simd avgpool_bwd_f32_naive"},
        {"avg_p avg_np", "bwd", "nhwc", "avgpool_bwd_f32_nhwc_simd avgpool_bwd_f32_naive"},
        {"avg_p avg_np", "bwd", "nChw16c", "avgpool_bwd_f32_naive"},
        {"gap", "fwd", "nchw", "gap_f32_nchw_simd gap_f32_im2col gap_f32_naive"},
        {"gap", "fwd", "nhwc", "gap_f32_nhwc_simd gap_f32_im2col gap_f32_naive"},
        {"gap", "fwd", "nChw16c", "gap_f32_naive"},
        {"gap", "bwd", "nchw", "gap_bwd_f32_nchw_simd gap_bwd_f32_naive"},
        {"gap", "bwd", "nhwc", "gap_bwd_f32_nhwc_simd gap_bwd_f32_naive"},
        {"gap", "bwd", "nChw16c", "gap_bwd_f32_naive"},
        {"conv", "fwd", "nchw nhwc", "conv_f32_simd conv_f32_im2col conv_f32_naive"},
        {"conv", "fwd", "nChw16c", "conv_f32_naive"},
        {"conv", "bwd", "nchw nhwc", "conv_bwd_f32_simd conv_bwd_f32_im2col conv_bwd_f32_naive"},
        {"conv", "bwd", "nChw16c", "conv_bwd_f32_naive"},
        {"conv", "bwd_w", "nchw nhwc",
         "conv_bwd_w_f32_simd conv_bwd_w_f32_im2col conv_bwd_w_f32_naive"},
        {"conv", "bwd_w", "nChw16c", "conv_bwd_w_f32_naive"},
        {"lp", "fwd", "nchw nhwc nChw16c", "lppool_f32_naive"},
        {"lp", "bwd", "nchw nhwc nChw16c", "lppool_bwd_f32_naive"},
        {"adaptive_max", "fwd fwd_idx", "nchw nhwc nChw16c", "adaptive_max_f32_naive"},
        {"adaptive_max", "bwd", "nchw nhwc nChw16c", "adaptive_max_bwd_f32_naive"},
        {"adaptive_avg", "fwd", "nchw nhwc nChw16c", "adaptive_avg_f32_naive"},
        {"adaptive_avg", "bwd", "nchw nhwc nChw16c", "adaptive_avg_bwd_f32_naive"},
        {"s2d", "fwd", "nchw nhwc nChw16c", "s2d_f32_naive"},
        {"s2d", "bwd", "nchw nhwc nChw16c", "s2d_bwd_f32_naive"},
        {"blur", "fwd", "nchw nhwc nChw16c", "blur_f32_naive"},
        {"blur", "bwd", "nchw nhwc nChw16c", "blur_bwd_f32_naive"},
        {"max:s8 gmp:s8", "fwd fwd_idx", "nchw nhwc nChw16c", "maxpool_s8_naive"},
        {"max:u8 gmp:u8", "fwd fwd_idx", "nchw nhwc nChw16c", "maxpool_u8_naive"},
        {"avg_p:s8 avg_np:s8", "fwd", "nchw nhwc nChw16c", "avgpool_s8_naive"},
        {"avg_p:u8 avg_np:u8", "fwd", "nchw nhwc nChw16c", "avgpool_u8_naive"},
        {"gap:s8", "fwd", "nchw nhwc nChw16c", "gap_s8_naive"},
        {"gap:u8", "fwd", "nchw nhwc nChw16c", "gap_u8_naive"},
};

/* Calls `check` for each problem that the words of a row make. */
static void each_of_row(size_t row, void (*check)(const char *text, const char *kernels)) {
    char ops[64], dirs[64], layouts[64], text[PB_TEXT_SIZE];
    char *at_op, *at_dir, *at_layout;
    snprintf(ops, sizeof ops, "%s", accepted[row].ops);
    for (char *op = strtok_r(ops, " ", &at_op); op; op = strtok_r(NULL, " ", &at_op)) {
        bool global = !strncmp(op, "gap", 3) || !strncmp(op, "gmp", 3);
        const char *shape = !strcmp(op, "conv")           ? "oc32ih8kh3"
                            : !strncmp(op, "adaptive", 8) ? "ih8oh3"
                            : !strncmp(op, "s2d", 3)      ? "ih8kh2"
                            : global                      ? "ih8"
                                                          : "ih8kh2sh2";
        snprintf(dirs, sizeof dirs, "%s", accepted[row].dirs);
        for (char *dir = strtok_r(dirs, " ", &at_dir); dir; dir = strtok_r(NULL, " ", &at_dir)) {
            snprintf(layouts, sizeof layouts, "%s", accepted[row].layout);
            for (char *layout = strtok_r(layouts, " ", &at_layout); layout;
                 layout = strtok_r(NULL, " ", &at_layout)) {
                snprintf(text, sizeof text, "%s:%s:%s:mb2ic32%s", op, layout, dir, shape);
                check(text, accepted[row].kernels);
            }
        }
    }
}

static bool has_word(const char *words, const char *word) {
    char framed[1024], framed_word[160];
    snprintf(framed, sizeof framed, " %s ", words);
    snprintf(framed_word, sizeof framed_word, " %s ", word);
    return strstr(framed, framed_word) != NULL;
}

static bool is_in_rows(const char *kernel) {
    for (size_t row = 0; row < sizeof accepted / sizeof accepted[0]; row++)
        if (has_word(accepted[row].kernels, kernel)) return true;
    return false;
}

/* The names of those in the rows that accept the problem, best first. */
static const char *accepting(const char *text, char names[1024]) {
    struct pb_problem p = problem_of(text);
    char last[128] = "", name[128];
    size_t used = 0;
    names[0] = '\0';
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        without_isa(pb_kernel_at(k), name);
        if (!runs_here(pb_kernel_at(k)) || !pb_kernel_at(k)->can_do(&p)) continue;
        if (!strcmp(name, last) || !is_in_rows(name)) continue;
        used += (size_t)snprintf(names + used, 1024 - used, "%s%s", used ? " " : "", name);
        memcpy(last, name, sizeof last);
    }
    return names;
}

static void check_accepting(const char *text, const char *kernels) {
    char names[1024];
    cr_expect_str_eq(accepting(text, names), kernels, "%s is accepted by %s, not by %s", text,
                     names, kernels);
}

Test(acceptance, of_each_operation_direction_and_layout) {
    for (size_t row = 0; row < sizeof accepted / sizeof accepted[0]; row++)
        each_of_row(row, check_accepting);
}

/* No ISA of a file takes less than another. */
static void check_isas(const char *text, const char *kernels) {
    (void)kernels;
    struct pb_problem p = problem_of(text);
    char name[128], other[128];
    for (size_t k = 1; k < pb_kernel_count(); k++) {
        without_isa(pb_kernel_at(k), name);
        without_isa(pb_kernel_at(k - 1), other);
        if (!strcmp(name, other) && runs_here(pb_kernel_at(k)) && runs_here(pb_kernel_at(k - 1)))
            cr_expect_eq(pb_kernel_at(k)->can_do(&p), pb_kernel_at(k - 1)->can_do(&p), "%s: %s",
                         name, text);
    }
}

Test(acceptance, is_the_same_at_every_isa) {
    for (size_t row = 0; row < sizeof accepted / sizeof accepted[0]; row++)
        each_of_row(row, check_isas);
}

/* ---- Limits ---------------------------------------------------------------------------------- */

/* Pairs of the largest that is accepted and of one more. 3 x 5 x 143165576 = 2^31 - 8. */

struct limit {
    const char *kernel; /* without its ISA */
    const char *most, *more;
};

static const struct limit limits[] = {
        /* positions in 32-bit lanes */
        {"maxpool_idx_f32_nchw_simd", "max:nchw:fwd_idx:ic1iw2147483647kw1",
         "max:nchw:fwd_idx:ic1iw2147483648kw1"},
        {"maxpool_idx_f32_nchw_simd", "max:nchw:fwd_idx:ic1id3ih5iw143165576kd1kh1kw1sd2sh2sw2",
         "max:nchw:fwd_idx:ic1id3ih5iw143165577kd1kh1kw1sd2sh2sw2"},
        {"maxpool_idx_f32_nhwc_simd", "max:nhwc:fwd_idx:ic1iw2147483647kw1",
         "max:nhwc:fwd_idx:ic1iw2147483648kw1"},
        {"maxpool_idx_f32_nhwc_simd", "max:nhwc:fwd_idx:ic1id3ih5iw143165576kd1kh1kw1sd2sh2sw2",
         "max:nhwc:fwd_idx:ic1id3ih5iw143165577kd1kh1kw1sd2sh2sw2"},
        {"maxpool_bwd_f32_nhwc_simd", "max:nhwc:bwd:ic1iw2147483647kw1",
         "max:nhwc:bwd:ic1iw2147483648kw1"},
        {"maxpool_bwd_f32_nhwc_simd", "max:nhwc:bwd:ic1id3ih5iw143165576kd1kh1kw1sd2sh2sw2",
         "max:nhwc:bwd:ic1id3ih5iw143165577kd1kh1kw1sd2sh2sw2"},
        /* sizes that BLAS takes as int */
        {"gap_f32_im2col", "gap:ic1iw2147483647", "gap:ic1iw2147483648"},
        {"gap_f32_im2col", "gap:ic1id3ih5iw143165576", "gap:ic1id3ih5iw143165577"},
        {"gap_f32_im2col", "gap:nhwc:ic2147483647iw1", "gap:nhwc:ic2147483648iw1"},
        {"maxpool_f32_im2col", "max:ic1iw2147483647kw2147483647",
         "max:ic1iw2147483648kw2147483648"},
        {"maxpool_f32_im2col", "max:ic1id3ih5iw143165576kd3kh5kw143165576",
         "max:ic1id3ih5iw143165577kd3kh5kw143165577"},
        {"maxpool_f32_im2col", "max:nhwc:ic2147483647iw1kw1", "max:nhwc:ic2147483648iw1kw1"},
        /* sums of blocks, and then of blocks of blocks */
        {"avgpool_f32_im2col", "avg_p:ic1iw262144kw262144", "avg_p:ic1iw262145kw262145"},
        {"avgpool_f32_im2col", "avg_np:nhwc:ic2147483647iw1kw1", "avg_np:nhwc:ic2147483648iw1kw1"},
        {"conv_f32_im2col", "conv:ic2147483647oc1iw1kw1", "conv:ic2147483648oc1iw1kw1"},
        {"conv_f32_im2col", "conv:g2ic14oc2id3ih5iw20452225kd3kh5kw20452225",
         "conv:g2ic14oc2id3ih5iw20452226kd3kh5kw20452226"},
        {"conv_f32_im2col", "conv:ic1oc1iw2147483647kw1", "conv:ic1oc1iw2147483648kw1"},
        {"conv_f32_im2col", "conv:ic1oc1id3ih5iw143165576kd1kh1kw1",
         "conv:ic1oc1id3ih5iw143165577kd1kh1kw1"},
        {"conv_f32_im2col", "conv:ic1oc2147483647iw1kw1", "conv:ic1oc2147483648iw1kw1"},
        {"conv_bwd_f32_im2col", "conv:bwd:ic1oc1iw2147483647kw1", "conv:bwd:ic1oc1iw2147483648kw1"},
        {"conv_bwd_w_f32_im2col", "conv:bwd_w:ic1oc1iw2147483647kw1",
         "conv:bwd_w:ic1oc1iw2147483648kw1"},
        /* windows that reach 2^20 positions beyond the input */
        {"maxpool_f32_nchw_simd", "max:ic1iw1ow1kw1048577pw1048576",
         "max:ic1iw1ow1kw1048578pw1048577"},
        {"maxpool_f32_nchw_simd", "max:ic1iw1ow1048577kw1pw0", "max:ic1iw1ow1048578kw1pw0"},
        {"maxpool_f32_nchw_simd", "max:ic1iw1ow2kw1sw1048576pw0", "max:ic1iw1ow2kw1sw1048577pw0"},
        {"maxpool_f32_nchw_simd", "max:ic1iw1ow1kw2dw1048575pw0", "max:ic1iw1ow1kw2dw1048576pw0"},
        {"maxpool_f32_nchw_simd", "max:ic1iw9ow1048577kw9pw0", "max:ic1iw9ow1048578kw9pw0"},
        {"maxpool_f32_nchw_simd", "max:ic1ih1oh2kh1sh1048576ph0iw1ow1kw1",
         "max:ic1ih1oh2kh1sh1048577ph0iw1ow1kw1"},
        {"maxpool_f32_nchw_simd", "max:ic1id1od2kd1sd1048576pd0ih1kh1iw1kw1",
         "max:ic1id1od2kd1sd1048577pd0ih1kh1iw1kw1"},
        {"maxpool_idx_f32_nchw_simd", "max:fwd_idx:ic1iw1ow1kw2dw1048575pw0",
         "max:fwd_idx:ic1iw1ow1kw2dw1048576pw0"},
        {"avgpool_f32_nchw_simd", "avg_np:ic1iw1ow1kw2dw1048575pw0",
         "avg_np:ic1iw1ow1kw2dw1048576pw0"},
        {"avgpool_bwd_f32_nchw_simd", "avg_np:bwd:ic1iw1ow1kw2dw1048575pw0",
         "avg_np:bwd:ic1iw1ow1kw2dw1048576pw0"},
        {"conv_f32_simd", "conv:ic1oc1iw1ow1kw2dw1048575pw0", "conv:ic1oc1iw1ow1kw2dw1048576pw0"},
        {"conv_bwd_f32_simd", "conv:bwd:ic32oc1iw1ow1kw2dw1048575pw0",
         "conv:bwd:ic32oc1iw1ow1kw2dw1048576pw0"},
        {"conv_bwd_w_f32_simd", "conv:bwd_w:ic1oc1iw1ow1kw2dw1048575pw0",
         "conv:bwd_w:ic1oc1iw1ow1kw2dw1048576pw0"},
        /* pairs of columns, all on the input; the other axes are free */
        {"maxpool_f32_nchw_pairs_simd", "max:ic1ih9kh3sh1ph1iw8kw2sw2", "max:ic1iw8kw3sw2"},
        {"maxpool_f32_nchw_pairs_simd", "max:ic1iw9kw2sw2", "max:ic1iw9kw2sw2ceil"},
        {"maxpool_f32_nchw_pairs_simd", "max:ic1iw8kw2sw2", "max:ic1iw8kw2sw1"},
        {"avgpool_f32_nchw_pairs_simd", "avg_p:ic1iw8kw2sw2", "avg_p:ic1iw8kw2sw2pw1"},
        {"avgpool_f32_nchw_pairs_simd", "avg_np:ic1iw8kw2sw2", "avg_np:ic1iw8kw2sw2dw1"},
        /* sums that are made of blocks, or that are not longer than one */
        {"avgpool_f32_nchw_simd", "avg_p:ic1iw262144kw262144", "avg_p:ic1iw262145kw262145"},
        {"avgpool_f32_nchw_simd", "avg_p:ic1ih262144kh262144_iw3kw3",
         "avg_p:ic1ih262145kh262145_iw3kw3"},
        {"avgpool_f32_nchw_simd", "avg_np:ic1id2kd2ih131072kh131072_iw3kw3",
         "avg_np:ic1id2kd2ih131073kh131073_iw3kw3"},
        {"avgpool_f32_nchw_pairs_simd", "avg_p:ic1id8kd8ih64kh64_iw2kw2sw2",
         "avg_p:ic1id8kd8ih65kh65_iw2kw2sw2"},
        {"avgpool_bwd_f32_nchw_simd", "avg_p:bwd:ic1ih1024kh512_iw1024kw512",
         "avg_p:bwd:ic1ih1024kh512_iw1024kw513"},
        {"avgpool_bwd_f32_nchw_simd", "avg_p:bwd:ic1id64kd8ih128kh64_iw3kw3",
         "avg_p:bwd:ic1id64kd8ih130kh65_iw3kw3"},
        {"avgpool_bwd_f32_nhwc_simd", "avg_p:nhwc:bwd:ic1ih64kh16_iw64kw32",
         "avg_p:nhwc:bwd:ic1ih64kh16_iw66kw33"},
        {"avgpool_bwd_f32_nhwc_simd", "avg_p:nhwc:bwd:ic1iw9000kw1024sw2",
         "avg_p:nhwc:bwd:ic1iw9000kw1025sw2"},
        {"maxpool_bwd_f32_nhwc_simd", "max:nhwc:bwd:ic1iw1024kw512", "max:nhwc:bwd:ic1iw1026kw513"},
        {"maxpool_bwd_f32_nchw_scatter", "max:bwd:ic1iw1024kw512", "max:bwd:ic1iw1026kw513"},
        /* passes of a convolution's gradient: one for each product of strides */
        {"conv_bwd_f32_simd", "conv:bwd:ic32oc1iw4kw1sw1024", "conv:bwd:ic32oc1iw4kw1sw1025"},
        {"conv_bwd_f32_simd", "conv:bwd:ic32oc1ih4iw4kh1kw1sh32sw32",
         "conv:bwd:ic32oc1ih4iw4kh1kw1sh32sw33"},
        {"conv_bwd_f32_simd", "conv:bwd:ic32oc1id4ih4iw4kd1kh1kw1sd4sh16sw16",
         "conv:bwd:ic32oc1id4ih4iw4kd1kh1kw1sd1048576sh1048576sw16777216"},
};

/* Whether the kernels of that name accept the problem; they must agree. */
static bool accepts(const char *kernel, const char *text) {
    struct pb_problem p = problem_of(text);
    char name[128];
    int of = 0, yes = 0;
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        without_isa(pb_kernel_at(k), name);
        if (strcmp(name, kernel) || !runs_here(pb_kernel_at(k))) continue;
        of++;
        yes += pb_kernel_at(k)->can_do(&p);
    }
    cr_expect(yes == 0 || yes == of, "%s: %d of %d accept %s", kernel, yes, of, text);
    return yes > 0;
}

static bool exists(const char *kernel) {
    char name[128];
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        without_isa(pb_kernel_at(k), name);
        if (!strcmp(name, kernel) && runs_here(pb_kernel_at(k))) return true;
    }
    return false;
}

Test(acceptance, ends_where_a_kernel_ends) {
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        const struct limit *limit = &limits[i];
        if (!exists(limit->kernel)) continue; /* a processor for which there is no SIMD */
        cr_expect(accepts(limit->kernel, limit->most), "%s: %s", limit->kernel, limit->most);
        cr_expect_not(accepts(limit->kernel, limit->more), "%s: %s", limit->kernel, limit->more);
    }
}

/* The gradient of few channels is left to im2col: with half a vector of them or fewer. */
static void check_lanes(const char *kernel, const char *text, bool accepted_it) {
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        if (strcmp(pb_kernel_at(k)->name, kernel) || !runs_here(pb_kernel_at(k))) continue;
        struct pb_problem p = problem_of(text);
        cr_expect_eq(pb_kernel_at(k)->can_do(&p), accepted_it, "%s: %s", kernel, text);
    }
}

Test(acceptance, of_few_channels) {
    check_lanes("conv_bwd_f32_avx2", "conv:bwd:ic4oc8ih8kh3", false);
    check_lanes("conv_bwd_f32_avx2", "conv:bwd:ic5oc8ih8kh3", true);
    check_lanes("conv_bwd_f32_avx2", "conv:bwd:g2ic4oc8ih8kh3", true);
    check_lanes("conv_bwd_f32_avx512", "conv:bwd:ic8oc8ih8kh3", false);
    check_lanes("conv_bwd_f32_avx512", "conv:bwd:ic9oc8ih8kh3", true);
    check_lanes("conv_bwd_f32_avx512", "conv:bwd:g2ic4oc8ih8kh3", true);
    check_lanes("conv_bwd_f32_neon", "conv:bwd:ic2oc8ih8kh3", false);
    check_lanes("conv_bwd_f32_neon", "conv:bwd:ic3oc8ih8kh3", true);
}
