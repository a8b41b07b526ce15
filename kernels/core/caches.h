/* caches.h: who tells how large the data caches are. */
#ifndef PB_CACHES_H
#define PB_CACHES_H

#include <stdint.h>

/* The data cache of that level, 1 to 3, as the first core sees it, in bytes; 0 where that source
 * does not say. `folder` is Linux's /sys/devices/system/cpu/cpu0/cache. */
int64_t cache_size_of_folder(const char *folder, int level);
int64_t cache_size_of_cpuid(int level);
int64_t cache_size_of_sysconf(int level);

#endif
