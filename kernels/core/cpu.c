/* What this machine can run, and the mask that lowers it. */
#include "poolbench.h"
#include <omp.h>
#include <stdio.h>
#include <string.h>

/* Levels from the lowest; `bits` is what a caller who names the level lets kernels use. */
static const struct {
    const char *name;
    unsigned bits;
} levels[] = {
        {"scalar", 0},
        {"neon", PB_ISA_NEON},
        {"avx2", PB_ISA_AVX2},
        {"avx512", PB_ISA_AVX2 | PB_ISA_AVX512},
};
enum { LEVELS = sizeof levels / sizeof levels[0] };

static unsigned limit = ~0u;

unsigned pb_isa_detected(void) {
    unsigned isa = 0;
#if defined __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) isa |= PB_ISA_AVX2;
    if (isa && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        isa |= PB_ISA_AVX512;
#elif defined __aarch64__
    isa |= PB_ISA_NEON; /* part of the base architecture */
#endif
    return isa;
}

unsigned pb_isa(void) {
    return pb_isa_detected() & limit;
}

enum pb_status pb_isa_limit(const char *name) {
    if (!strcmp(name, "native")) {
        limit = ~0u;
        return PB_OK;
    }
    for (int i = 0; i < LEVELS; i++) {
        if (strcmp(name, levels[i].name)) continue;
        if (levels[i].bits & ~pb_isa_detected())
            return pb_fail(PB_INVALID, "ISA '%s': this machine has no more than %s", name,
                           pb_isa_name(pb_isa_detected()));
        limit = levels[i].bits;
        return PB_OK;
    }
    return pb_fail(PB_INVALID, "ISA '%s' is unknown (scalar, avx2, avx512, neon or native)", name);
}

const char *pb_isa_name(unsigned isa) {
    int best = 0;
    for (int i = 1; i < LEVELS; i++)
        if ((levels[i].bits & ~isa) == 0) best = i;
    return levels[best].name;
}

const char *pb_cpu_name(void) {
    static char name[128];
    char line[256];
    if (*name) return name;
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !value) continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    if (file) fclose(file);
    if (!*name) snprintf(name, sizeof name, "unknown %s processor", pb_isa_name(pb_isa_detected()));
    return name;
}

void pb_set_threads(int n) {
    omp_set_num_threads(n > 0 ? n : omp_get_num_procs());
}

int pb_threads(void) {
    return omp_get_max_threads();
}
