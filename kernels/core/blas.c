/* OpenBLAS's choice of a core, checked against what the processor offers. */
#include "poolbench.h"
#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *pb_blas_core(void) {
    return openblas_get_corename();
}

/* Cores of OpenBLAS 0.3 that use AVX-512, and those that use at least AVX2 (its
 * driver/others/dynamic.c, gotoblas_corename). */
static const char *const avx512_cores[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
static const char *const avx2_cores[] = {"Haswell", "Zen", "Excavator"};

static bool contains(const char *const *names, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (!strcasecmp(names[i], name)) return true;
    return false;
}

const char *pb_blas_better(const char *core, unsigned isa) {
    bool has_avx512 = contains(avx512_cores, sizeof avx512_cores / sizeof *avx512_cores, core);
    bool has_avx2 =
            has_avx512 || contains(avx2_cores, sizeof avx2_cores / sizeof *avx2_cores, core);
    if ((isa & PB_ISA_AVX512) && !has_avx512) return "SkylakeX";
    if ((isa & PB_ISA_AVX2) && !has_avx2) return "Haswell";
    return NULL;
}

void pb_blas_fit(char **argv) {
    const char *better = pb_blas_better(pb_blas_core(), pb_isa_detected());
    if (!better || getenv("OPENBLAS_CORETYPE")) return;
    if (setenv("OPENBLAS_CORETYPE", better, 0)) return;
    execv("/proc/self/exe", argv); /* on failure: run on with the slower core, which is recorded */
}
