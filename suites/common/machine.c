/* What a result was measured on and with. */
#include "common/machine.h"
#include "common/suites.h"
#include <stdio.h>

/* "32 KiB", "1.5 MiB"; "unknown" of nothing. */
static const char *size_text(char text[32], int64_t bytes) {
    if (bytes >= 1 << 20)
        snprintf(text, 32, "%g MiB", (double)bytes / (1 << 20));
    else
        snprintf(text, 32, bytes > 0 ? "%g KiB" : "unknown", (double)bytes / (1 << 10));
    return text;
}

const char *pb_caches_text(const struct pb_caches *caches, char text[PB_CACHES_TEXT]) {
    char l1[32], l2[32], l3[32];
    snprintf(text, PB_CACHES_TEXT, "L1d %s, L2 %s, L3 %s", size_text(l1, caches->l1d),
             size_text(l2, caches->l2), size_text(l3, caches->l3));
    return text;
}

void pb_machine_describe(void (*add)(const char *key, const char *value)) {
    struct pb_caches caches = pb_caches();
    char all[PB_CACHES_TEXT], threads[16];
    snprintf(threads, sizeof threads, "%d", pb_threads());
    add("cpu", pb_cpu_name());
    add("isa", pb_isa_name(pb_isa()));
    add("isa_detected", pb_isa_name(pb_isa_detected()));
    add("data_caches", pb_caches_text(&caches, all));
    add("threads", threads);
    add("compiler", pb_build_compiler);
    add("flags", pb_build_flags);
    add("blas_core", pb_blas_core());
    add("version", pb_build_version);
    add("commit", pb_build_commit);
}
