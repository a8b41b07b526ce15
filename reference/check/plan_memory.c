/* Memory that a process holds: whether each run of a plan leaves some behind. */
#include "check/plan_runs.h"
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

/* A sanitizer's, where there is one; its memory is not malloc's. */
__attribute__((weak)) size_t __sanitizer_get_current_allocated_bytes(void);

enum { LEAST_GROWTH = 512 }; /* bytes in all that are no accident */

static int64_t address_space(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

struct plan_memory plan_memory_held(void) {
    if (__sanitizer_get_current_allocated_bytes)
        return (struct plan_memory){(int64_t)__sanitizer_get_current_allocated_bytes(), 0};
    int64_t pages = address_space(); /* reading it takes memory and gives it back */
    const struct mallinfo2 heap = mallinfo2();
    return (struct plan_memory){(int64_t)(heap.uordblks + heap.hblkhd), pages};
}

/* How much two numbers in a row grew; 0 where one of them did not. */
static int64_t growth(int64_t first, int64_t middle, int64_t last) {
    return middle > first && last > middle && last - first >= LEAST_GROWTH ? last - first : 0;
}

enum pb_status plan_memory_check(const struct plan_memory at[3], int runs) {
    int64_t heap = growth(at[0].heap, at[1].heap, at[2].heap);
    int64_t pages = growth(at[0].pages, at[1].pages, at[2].pages);
    int64_t most = heap > pages ? heap : pages;
    if (!most) return PB_OK;
    return pb_fail(PB_PROVIDER, "state: memory grows with the runs of a plan, by %lld bytes in %d",
                   (long long)most, runs);
}
