/* Sizes of the data caches. Containers and virtual machines hide the system's own list, and
 * emulators the processor's, so three sources are asked. */
#include "core/caches.h"
#include "poolbench.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#if defined __x86_64__
#include <cpuid.h>
#endif

int64_t cache_size_of_folder(const char *folder, int level) {
    for (int index = 0; index < 8; index++) {
        char path[256], kind[2], text[3][32] = {"", "", ""};
        static const char *const name[] = {"level", "type", "size"};
        for (int i = 0; i < 3; i++) {
            snprintf(path, sizeof path, "%s/index%d/%s", folder, index, name[i]);
            FILE *file = fopen(path, "r");
            if (file && !fgets(text[i], sizeof text[i], file)) text[i][0] = 0;
            if (file) fclose(file);
        }
        long long size;
        if (atoi(text[0]) != level || *text[1] == 'I') continue;
        if (sscanf(text[2], "%lld%1[KM]", &size, kind) == 2 && size > 0)
            return size << (*kind == 'K' ? 10 : 20);
    }
    return 0;
}

/* The leaf in which Intel, or AMD since Zen, lists caches: one a subleaf, as many ways, partitions,
 * bytes and sets as the fields say, and one more of each. */
int64_t cache_size_of_cpuid(int level) {
#if defined __x86_64__
    enum { INTEL = 4, AMD_HIGHEST = 0x80000000, AMD_FEATURES = 0x80000001, AMD = 0x8000001d };
    const unsigned topology_extensions = 1u << 22;
    unsigned a, b, c, d, leaf = INTEL;
    if ((unsigned)__get_cpuid_max((unsigned)AMD_HIGHEST, NULL) >= (unsigned)AMD &&
        __get_cpuid((unsigned)AMD_FEATURES, &a, &b, &c, &d) && (c & topology_extensions))
        leaf = (unsigned)AMD;
    else if (__get_cpuid_max(0, NULL) < INTEL)
        return 0;
    for (unsigned subleaf = 0; subleaf < 8; subleaf++) {
        __cpuid_count(leaf, subleaf, a, b, c, d);
        const unsigned type = a & 31; /* 0: the end, 2: instructions */
        if (type == 0) break;
        if (type != 2 && (int)(a >> 5 & 7) == level)
            return (int64_t)((b >> 22) + 1) * ((b >> 12 & 1023) + 1) * ((b & 4095) + 1) *
                   ((int64_t)c + 1);
    }
#else
    (void)level;
#endif
    return 0;
}

int64_t cache_size_of_sysconf(int level) {
#if defined _SC_LEVEL1_DCACHE_SIZE
    static const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE,
                                _SC_LEVEL3_CACHE_SIZE};
    const long size = sysconf(names[level - 1]);
    return size > 0 ? size : 0;
#else
    (void)level;
    return 0;
#endif
}

/* sysconf comes last: it adds up a processor's separate L3 caches. */
static int64_t cache_size(int level) {
    int64_t size = cache_size_of_folder("/sys/devices/system/cpu/cpu0/cache", level);
    if (!size) size = cache_size_of_cpuid(level);
    return size ? size : cache_size_of_sysconf(level);
}

struct pb_caches pb_caches(void) {
    return (struct pb_caches){.l1d = cache_size(1), .l2 = cache_size(2), .l3 = cache_size(3)};
}
