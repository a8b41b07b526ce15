/* sandbox_shared.h: what the two sides of a sandbox share; for sandbox.c and sandbox_work.c. */
#ifndef SANDBOX_SHARED_H
#define SANDBOX_SHARED_H

#include "common/sandbox.h"
#include <stdatomic.h>

struct sandbox_shared {
    _Atomic int64_t step; /* number of the current one: a sign of life */
    _Atomic bool inside;  /* one */
    _Atomic bool returned;
    const char *where; /* at the same address on both sides */
    double seconds;
    int threads;
    struct sandbox_fault fault;
};

/* The copy's whole life. */
_Noreturn void sandbox_work(struct sandbox_shared *shared, int output, pid_t parent,
                            void (*work)(void *arg), void *arg);

#endif
