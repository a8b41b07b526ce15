/* Memory for each thread of a run. */
#include "core/scratch.h"
#include <omp.h>
#include <stdlib.h>

enum { LINE = 64 / sizeof(float) };

enum pb_status pb_scratch_setup(int64_t count, void **plan) {
    const int threads = pb_threads();
    int64_t rounded, bytes;
    *plan = NULL;
    if (__builtin_add_overflow(count, LINE - 1, &rounded) ||
        __builtin_mul_overflow(rounded, threads * (int64_t)sizeof(float), &bytes))
        return pb_fail(PB_NOMEM, "scratch of %lld floats a thread does not fit in memory",
                       (long long)count);
    struct pb_scratch *scratch = malloc(sizeof *scratch);
    rounded = rounded / LINE * LINE;
    float *data = aligned_alloc(64, (size_t)(rounded * threads) * sizeof *data);
    if (!scratch || !data) {
        free(scratch);
        free(data);
        return pb_fail(PB_NOMEM, "no memory for scratch of %lld floats a thread", (long long)count);
    }
    *scratch = (struct pb_scratch){.threads = threads, .count = rounded, .data = data};
    *plan = scratch;
    return PB_OK;
}

void pb_scratch_done(void *plan) {
    struct pb_scratch *scratch = plan;
    if (!scratch) return;
    free(scratch->data);
    free(scratch);
}

int pb_scratch_threads(const struct pb_scratch *scratch) {
    const int now = pb_threads();
    return now < scratch->threads ? now : scratch->threads;
}

void pb_lone_blas(void) {
    omp_set_num_threads(1);
}

float *pb_scratch_mine(const struct pb_scratch *scratch) {
    return scratch->data + omp_get_thread_num() * scratch->count;
}
