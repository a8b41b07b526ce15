/* One plan, run so often that what each run leaves behind adds up. */
#include "check/plan_runs.h"
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

/* A sanitizer's, where there is one; its memory is not malloc's. */
__attribute__((weak)) size_t __sanitizer_get_current_allocated_bytes(void);

enum {
    FIRST_RUNS = PB_MANY_RUNS / 5, /* what a kernel keeps for all further runs is there by then */
    LEAST_GROWTH = 512,            /* bytes in all that are no accident */
};

struct held {
    int64_t heap, pages; /* bytes that malloc gave out; of address space */
};

static int64_t address_space(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%ld", &pages) != 1) pages = 0;
    if (file) fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static struct held held(void) {
    if (__sanitizer_get_current_allocated_bytes)
        return (struct held){(int64_t)__sanitizer_get_current_allocated_bytes(), 0};
    int64_t pages = address_space(); /* reading it takes memory and gives it back */
    const struct mallinfo2 heap = mallinfo2();
    return (struct held){(int64_t)(heap.uordblks + heap.hblkhd), pages};
}

/* How much two numbers in a row grew; 0 where one of them did not. */
static int64_t growth(int64_t first, int64_t middle, int64_t last) {
    return middle > first && last > middle && last - first >= LEAST_GROWTH ? last - first : 0;
}

static enum pb_status check_growth(const struct held at[3]) {
    int64_t heap = growth(at[0].heap, at[1].heap, at[2].heap);
    int64_t pages = growth(at[0].pages, at[1].pages, at[2].pages);
    int64_t most = heap > pages ? heap : pages;
    if (!most) return PB_OK;
    return pb_fail(PB_PROVIDER, "state: memory grows with the runs of a plan, by %lld bytes in %d",
                   (long long)most, PB_MANY_RUNS - FIRST_RUNS);
}

enum pb_status pb_trial_many(struct pb_trial *trial, const struct pb_kernel *kernel,
                             bool constants) {
    struct plan_runs r = {.trial = trial, .kernel = kernel, .constants = constants};
    struct held at[3] = {0};
    enum pb_status status = plan_runs_begin(&r);
    for (int i = 1; !status && i < PB_MANY_RUNS; i++) {
        status = plan_runs_unseen(&r);
        if (i == FIRST_RUNS) at[0] = held();
        if (i == (FIRST_RUNS + PB_MANY_RUNS) / 2) at[1] = held();
    }
    if (!status) status = plan_runs_again(&r);
    if (!status) {
        at[2] = held();
        status = check_growth(at);
    }
    return plan_runs_end(&r, status);
}
