/* The table of kernels: names, order, selection. */
#include "tools/shape_list.h"
#include <criterion/criterion.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *last_word(const char *name) {
    return strrchr(name, '_') + 1;
}

static bool has_word(const char *name, const char *word) {
    char bare[256], framed[64];
    snprintf(bare, sizeof bare, "_%s_", name);
    snprintf(framed, sizeof framed, "_%s_", word);
    return strstr(bare, framed) != NULL;
}

Test(registry, names_are_unique) {
    cr_assert_gt(pb_kernel_count(), 0);
    for (size_t i = 0; i < pb_kernel_count(); i++)
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(pb_kernel_at(i)->name, pb_kernel_at(j)->name);
}

Test(registry, every_entry_is_whole) {
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        cr_expect(kernel->can_do && kernel->setup && kernel->run && kernel->done, "%s",
                  kernel->name);
        kernel->done(NULL);
    }
}

/* The last word is the ISA that the entry asks for, else the method. */
Test(registry, the_last_word_is_the_isa_or_the_method) {
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        const char *word = last_word(kernel->name);
        cr_assert_not_null(kernel->method, "%s has no method", kernel->name);
        cr_expect_str_eq(word, kernel->isa ? pb_isa_name(kernel->isa) : kernel->method);
    }
}

/* A method is an algorithm whatever the ISA. */
Test(registry, methods_are_words_of_their_own) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char *const isas[] = {"simd", "scalar", "avx2", "avx512", "neon"};
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const char *method = pb_kernel_method(pb_kernel_at(i));
        cr_expect(*method && strspn(method, letters) == strlen(method), "'%s'", method);
        for (size_t k = 0; k < sizeof isas / sizeof *isas; k++) cr_expect_str_neq(method, isas[k]);
    }
}

Test(registry, kernels_are_found_by_method_and_by_isa) {
    const struct pb_kernel own = {.name = "x_avx2", .method = "direct", .isa = PB_ISA_AVX2};
    const struct pb_kernel plain = {.name = "x_naive", .method = "naive"};
    cr_expect_str_eq(pb_kernel_isa_name(&own), "avx2");
    cr_expect(pb_kernel_is(&own, "direct") && pb_kernel_is(&own, "avx2"));
    cr_expect(pb_kernel_is(&own, "simd") && !pb_kernel_is(&own, "scalar"));
    cr_expect(pb_kernel_is(&plain, "naive") && pb_kernel_is(&plain, "scalar"));
    cr_expect_not(pb_kernel_is(&plain, "simd") || pb_kernel_is(&plain, "avx2"));
}

static bool file_exists(const char *name) {
    char pattern[PATH_MAX];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/kernels/*/%s.c", pb_source_dir, name);
    bool exists = glob(pattern, 0, NULL, &found) == 0;
    globfree(&found);
    return exists;
}

/* Takes the word of the type out of a name. */
static void drop_type(char *name) {
    for (int type = 0; type < PB_DTYPES; type++) {
        char word[16], *at;
        int length = snprintf(word, sizeof word, "_%s_", pb_dtype_name((enum pb_dtype)type));
        if ((at = strstr(name, word))) memmove(at, at + length - 1, strlen(at + length - 1) + 1);
    }
}

/* The file says the same words, without the type where it is built for each of several;
 * NAME_simd.c holds one entry per ISA. */
Test(registry, every_kernel_has_a_file_of_its_name) {
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        char of_one_type[128], typed[128];
        snprintf(of_one_type, sizeof of_one_type, "%.*s%s",
                 (int)(last_word(kernel->name) - kernel->name), kernel->name,
                 kernel->isa ? "simd" : kernel->method);
        strcpy(typed, of_one_type);
        drop_type(typed);
        cr_expect(file_exists(of_one_type) || file_exists(typed), "neither %s.c nor %s.c is there",
                  of_one_type, typed);
    }
}

/* What the name's words promise, a kernel accepts nothing beside. */
Test(registry, kernels_accept_what_their_name_says) {
    struct pb_problems list = basic_shapes();
    for (size_t k = 0; k < pb_kernel_count(); k++) {
        const struct pb_kernel *kernel = pb_kernel_at(k);
        const char *name = kernel->name;
        /* can_do is compiled for the kernel's ISA too */
        for (size_t i = 0; !(kernel->isa & ~pb_isa_detected()) && i < list.count; i++) {
            struct pb_problem p = list.item[i];
            if (!kernel->can_do(&p)) continue;
            bool max = pb_is_max(&p), average = p.op == PB_AVG_P || p.op == PB_AVG_NP;
            cr_expect_eq(has_word(name, "maxpool"), max, "%s", name);
            cr_expect_eq(has_word(name, "avgpool"), average, "%s", name);
            cr_expect_eq(has_word(name, "gap"), p.op == PB_GAP, "%s", name);
            cr_expect_eq(has_word(name, "conv"), p.op == PB_CONV, "%s", name);
            cr_expect_eq(has_word(name, "s2d"), p.op == PB_S2D, "%s", name);
            cr_expect_eq(has_word(name, "blur"), p.op == PB_BLUR, "%s", name);
            cr_expect_eq(has_word(name, "lppool"), p.op == PB_LP, "%s", name);
            cr_expect_eq(has_word(name, "adaptive_max"), p.op == PB_ADAPTIVE_MAX, "%s", name);
            cr_expect_eq(has_word(name, "adaptive_avg"), p.op == PB_ADAPTIVE_AVG, "%s", name);
            cr_expect_eq(has_word(name, "bwd"), p.dir == PB_BWD || p.dir == PB_BWD_W, "%s", name);
            cr_expect_eq(has_word(name, "bwd_w"), p.dir == PB_BWD_W, "%s", name);
            if (p.layout != PB_NCHW) cr_expect(!has_word(name, "nchw"), "%s", name);
            if (p.layout != PB_NHWC) cr_expect(!has_word(name, "nhwc"), "%s", name);
            for (int dtype = 0; dtype < PB_DTYPES; dtype++) {
                p.dtype = (enum pb_dtype)dtype;
                bool accepted = kernel->can_do(&p);
                cr_expect_eq(accepted, has_word(name, pb_dtype_name(p.dtype)), "%s and %s", name,
                             pb_dtype_name(p.dtype));
            }
        }
    }
    pb_problems_free(&list);
}

/* But for what the model knows better, and never a reference in the place of another. */
Test(registry, selects_the_first_that_accepts) {
    struct pb_problems list = basic_shapes();
    size_t others = 0;
    for (size_t i = 0; i < list.count; i++) {
        const struct pb_kernel *first = NULL;
        for (size_t k = pb_kernel_count(); k-- > 0;)
            if (pb_kernel_runs(pb_kernel_at(k), &list.item[i], NULL)) first = pb_kernel_at(k);
        const struct pb_kernel *selected = pb_select(&list.item[i], NULL);
        cr_assert(selected && pb_kernel_runs(selected, &list.item[i], NULL), "%s", pb_error());
        others += selected != first;
        if (selected != first) cr_expect_str_neq(pb_kernel_method(selected), "naive");
    }
    cr_expect_lt(others, list.count / 10);
    pb_problems_free(&list);
}

/* The reference is there for every f32 problem, in every layout, and stands last. */
Test(registry, naive_accepts_everything_and_is_last) {
    static const enum pb_op ops[] = {PB_MAX, PB_AVG_P,        PB_AVG_NP,       PB_GAP, PB_CONV,
                                     PB_LP,  PB_ADAPTIVE_MAX, PB_ADAPTIVE_AVG, PB_S2D, PB_BLUR};
    struct pb_rng rng = {.state = 1};
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
        for (int dir = 0; dir < PB_DIRS; dir++)
            for (int n = 0; n < 100; n++) {
                struct pb_problem p;
                pb_problem_random(&rng, ops[i], (enum pb_dir)dir, &p);
                if (pb_problem_check(&p)) break; /* a direction that the operation lacks */
                char text[PB_TEXT_SIZE];
                const struct pb_kernel *last = NULL;
                for (size_t k = 0; k < pb_kernel_count(); k++)
                    if (pb_kernel_runs(pb_kernel_at(k), &p, NULL)) last = pb_kernel_at(k);
                cr_assert(last, "nothing accepts %s", pb_problem_print(&p, text));
                cr_expect_str_eq(pb_kernel_method(last), "naive", "%s", pb_problem_print(&p, text));
            }
}

Test(registry, glob_narrows_the_choice) {
    struct pb_problem p;
    cr_assert_eq(pb_problem_parse("max:ic3ih4kh2", &p), PB_OK);
    const struct pb_kernel *kernel = pb_select(&p, "*_naive");
    cr_assert_not_null(kernel);
    cr_expect_str_eq(pb_kernel_method(kernel), "naive");
    cr_expect_eq(pb_select(&p, kernel->name), kernel);
    cr_expect_null(pb_select(&p, "no_such_kernel"));
    cr_expect(strstr(pb_error(), "no_such_kernel"), "%s", pb_error());
    cr_expect_null(pb_select(&p, "conv*"));
    cr_expect_null(pb_select(&p, ""));
}

Test(registry, the_isa_mask_is_respected) {
    static const char *const levels[] = {"scalar", "avx2", "avx512", "neon"};
    struct pb_problems list = basic_shapes();
    for (size_t l = 0; l < sizeof levels / sizeof levels[0]; l++) {
        if (pb_isa_limit(levels[l])) continue;
        for (size_t i = 0; i < list.count; i++) {
            const struct pb_kernel *kernel = pb_select(&list.item[i], NULL);
            cr_expect(kernel && (kernel->isa & ~pb_isa()) == 0, "%s", levels[l]);
        }
        for (size_t k = 0; k < pb_kernel_count(); k++)
            for (size_t i = 0; i < list.count; i++)
                if (pb_kernel_at(k)->isa & ~pb_isa())
                    cr_expect(!pb_kernel_runs(pb_kernel_at(k), &list.item[i], NULL));
    }
    pb_problems_free(&list);
}

/* Where the model knows better than the order of the table. */
Test(registry, what_is_slow_for_a_problem_is_passed_over) {
    static const struct {
        const char *problem, *slow;
    } cases[] = {
            {"gap:mb2ic64ih7", "gap_f32_nchw_avx512"},
            {"conv:mb1ic3ih299oc32kh3sh2", "conv_f32_avx*"},
            {"conv:bwd_w:mb1ic1024ih14oc2048kh1sh2", "conv_bwd_w_f32_avx*"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pb_problem p;
        cr_assert_eq(pb_problem_parse(cases[i].problem, &p), PB_OK, "%s", pb_error());
        const struct pb_kernel *selected = pb_select(&p, NULL);
        const struct pb_kernel *asked = pb_select(&p, cases[i].slow);
        cr_assert_not_null(selected, "%s", pb_error());
        cr_expect_neq(selected, asked, "%s", selected->name);
        cr_expect_str_neq(pb_kernel_method(selected), "naive", "%s", cases[i].problem);
        if (asked) cr_expect_eq(pb_select(&p, asked->name), asked, "it runs where it is named");
    }
}
