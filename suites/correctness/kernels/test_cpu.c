/* What the machine can run, and the mask that lowers it. Each test is a process of its own. */
#include "core/caches.h"
#include "poolbench.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {"scalar", "avx2", "avx512", "neon", "native"};
enum { NAMES = sizeof names / sizeof names[0] };

Test(cpu, native_is_what_was_detected) {
    if (!getenv("POOLBENCH_ISA")) cr_expect_eq(pb_isa(), pb_isa_detected());
    cr_assert_eq(pb_isa_limit("scalar"), PB_OK);
    cr_expect_eq(pb_isa(), 0);
    cr_assert_eq(pb_isa_limit("native"), PB_OK);
    cr_expect_eq(pb_isa(), pb_isa_detected());
}

Test(cpu, avx512_comes_with_avx2) {
    if (pb_isa_detected() & PB_ISA_AVX512) cr_expect(pb_isa_detected() & PB_ISA_AVX2);
    if ((pb_isa_detected() & PB_ISA_AVX2) == 0) return;
    cr_assert_eq(pb_isa_limit("avx2"), PB_OK);
    cr_expect_eq(pb_isa(), PB_ISA_AVX2);
}

Test(cpu, a_limit_never_raises) {
    for (int i = 0; i < NAMES; i++) {
        unsigned before = pb_isa();
        enum pb_status status = pb_isa_limit(names[i]);
        cr_expect_eq(pb_isa() & ~pb_isa_detected(), 0, "%s", names[i]);
        if (status) cr_expect_eq(pb_isa(), before, "%s failed and changed the limit", names[i]);
    }
}

Test(cpu, an_unknown_name_is_refused) {
    static const char *const unknown[] = {"sse9", "", "AVX2", "avx", "avx5123", "avx2 "};
    const unsigned before = pb_isa();
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        cr_expect_eq(pb_isa_limit(unknown[i]), PB_INVALID, "%s", unknown[i]);
        cr_expect(strstr(pb_error(), unknown[i]), "%s", pb_error());
        cr_expect_eq(pb_isa(), before);
    }
}

Test(cpu, a_level_that_the_machine_lacks_is_refused) {
    const char *absent = pb_isa_detected() & PB_ISA_NEON ? "avx2" : "neon";
    cr_expect_eq(pb_isa_limit(absent), PB_INVALID);
    cr_expect(strstr(pb_error(), absent), "%s", pb_error());
}

Test(cpu, names_of_levels) {
    cr_expect_str_eq(pb_isa_name(0), "scalar");
    cr_expect_str_eq(pb_isa_name(PB_ISA_AVX2), "avx2");
    cr_expect_str_eq(pb_isa_name(PB_ISA_AVX2 | PB_ISA_AVX512), "avx512");
    cr_expect_str_eq(pb_isa_name(PB_ISA_NEON), "neon");
}

Test(cpu, describes_the_machine) {
    struct pb_caches caches = pb_caches();
    cr_expect_str_not_empty(pb_cpu_name());
    cr_expect_str_not_empty(pb_blas_core());
    cr_expect(caches.l1d >= 0 && caches.l2 >= 0 && caches.l3 >= 0);
    if (caches.l1d && caches.l2) cr_expect_leq(caches.l1d, caches.l2);
}

static void write_cache(const char *folder, int index, const char *level, const char *type,
                        const char *size) {
    const char *const attributes[] = {"level", "type", "size"}, *const texts[] = {level, type,
                                                                                  size};
    char path[128];
    snprintf(path, sizeof path, "%s/index%d", folder, index);
    cr_assert_eq(mkdir(path, 0700), 0);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/index%d/%s", folder, index, attributes[i]);
        FILE *file = fopen(path, "w");
        cr_assert(file && fputs(texts[i], file) >= 0 && fclose(file) == 0);
    }
}

/* What one source does not tell is 0, so that the next is asked; where two tell they agree. */
Test(cpu, sizes_of_caches_come_from_three_sources) {
    char folder[] = "/tmp/poolbench-caches-XXXXXX", command[64];
    cr_assert_not_null(mkdtemp(folder));
    for (int level = 1; level <= 3; level++) cr_expect_eq(cache_size_of_folder(folder, level), 0);
    write_cache(folder, 0, "1\n", "Instruction\n", "64K\n");
    write_cache(folder, 1, "1\n", "Data\n", "48K\n");
    write_cache(folder, 2, "2\n", "Unified\n", "2M\n");
    write_cache(folder, 3, "3\n", "Unified\n", "0K\n");
    cr_expect_eq(cache_size_of_folder(folder, 1), 48 << 10);
    cr_expect_eq(cache_size_of_folder(folder, 2), 2 << 20);
    cr_expect_eq(cache_size_of_folder(folder, 3), 0);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
    for (int level = 1; level <= 3; level++) {
        const int64_t system_says =
                cache_size_of_folder("/sys/devices/system/cpu/cpu0/cache", level);
        const int64_t cpu_says = cache_size_of_cpuid(level);
        const int64_t library_says = cache_size_of_sysconf(level);
        cr_expect(cpu_says >= 0 && library_says >= 0);
        if (level < 3 && system_says && cpu_says) cr_expect_eq(system_says, cpu_says, "L%d", level);
    }
}

Test(cpu, threads) {
    for (int n = 1; n <= 3; n++) {
        pb_set_threads(n);
        cr_expect_eq(pb_threads(), n);
    }
    pb_set_threads(0);
    cr_expect_geq(pb_threads(), 1);
}

/* OpenBLAS 0.3.21 takes a processor newer than itself for a Haswell: half of its speed is lost. */
Test(cpu, a_core_of_openblas_that_uses_less_is_replaced) {
    const unsigned avx2 = PB_ISA_AVX2, avx512 = PB_ISA_AVX2 | PB_ISA_AVX512;
    cr_expect_str_eq(pb_blas_better("Haswell", avx512), "SkylakeX");
    cr_expect_str_eq(pb_blas_better("Zen", avx512), "SkylakeX");
    cr_expect_str_eq(pb_blas_better("Prescott", avx2), "Haswell");
    cr_expect_null(pb_blas_better("SkylakeX", avx512));
    cr_expect_null(pb_blas_better("Cooperlake", avx512));
    cr_expect_null(pb_blas_better("Haswell", avx2));
    cr_expect_null(pb_blas_better("Prescott", 0));
    cr_expect_null(pb_blas_better("neoversen1", PB_ISA_NEON));
}
