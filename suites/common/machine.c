/* What a result was measured on and with. */
#include "common/machine.h"
#include "common/suites.h"
#include <stdio.h>

/* "32 KiB", "1.5 MiB". */
static void size_text(char *text, size_t size, int64_t bytes) {
    if (bytes >= 1 << 20)
        snprintf(text, size, "%g MiB", (double)bytes / (1 << 20));
    else
        snprintf(text, size, "%g KiB", (double)bytes / (1 << 10));
}

void pb_machine_describe(void (*add)(const char *key, const char *value)) {
    struct pb_caches caches = pb_caches();
    char l1[32], l2[32], l3[32], all[128], threads[16];
    size_text(l1, sizeof l1, caches.l1d);
    size_text(l2, sizeof l2, caches.l2);
    size_text(l3, sizeof l3, caches.l3);
    snprintf(all, sizeof all, "L1d %s, L2 %s, L3 %s", l1, l2, l3);
    snprintf(threads, sizeof threads, "%d", pb_threads());
    add("cpu", pb_cpu_name());
    add("isa", pb_isa_name(pb_isa()));
    add("isa_detected", pb_isa_name(pb_isa_detected()));
    add("data_caches", all);
    add("threads", threads);
    add("compiler", pb_build_compiler);
    add("flags", pb_build_flags);
    add("blas_core", pb_blas_core());
    add("version", pb_build_version);
    add("commit", pb_build_commit);
}
