/* Thread affinity. */
#include "bench/pin.h"
#include <omp.h>
#include <sched.h>
#include <stdio.h>

static cpu_set_t allowed;
static int pinned; /* how many threads */

/* The processor of thread `number`: the number-th that is allowed. */
static int processor(int number) {
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && number-- == 0) return cpu;
    return -1;
}

static void pin(int number) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor(number), &one);
    sched_setaffinity(0, sizeof one, &one);
}

void pin_threads(int threads) {
    pinned = 0;
    if (sched_getaffinity(0, sizeof allowed, &allowed) || CPU_COUNT(&allowed) < threads) return;
    pinned = threads;
#pragma omp parallel num_threads(threads)
    pin(omp_get_thread_num());
}

void pin_release(void) {
    if (pinned) sched_setaffinity(0, sizeof allowed, &allowed);
}

void pin_again(void) {
    if (pinned) pin(0);
}

const char *pin_text(char *text, size_t size) {
    size_t used = 0;
    snprintf(text, size, "free");
    for (int i = 0; i < pinned && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%d", i ? " " : "", processor(i));
    return text;
}
