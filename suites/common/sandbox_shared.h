/* sandbox_shared.h: what the two sides of a sandbox share; for sandbox.c and sandbox_work.c. */
#ifndef SANDBOX_SHARED_H
#define SANDBOX_SHARED_H

#include "common/sandbox.h"
#include <stdatomic.h>

struct sandbox_shared {
    _Atomic int64_t step;  /* number of the current one: a sign of life, */
    _Atomic int64_t calls; /* as this is */
    _Atomic bool inside;   /* a step */
    _Atomic bool returned;
    bool ours;
    const char *where, *left; /* at the same address on both sides */
    double seconds;
    int threads;
    struct sandbox_fault fault;
};

/* Whether a thread of it, but that one, runs or would if it could: on a processor, from a disk. */
bool sandbox_wants_to_run(pid_t process, pid_t except);

/* What one process leaves behind, and how another finds it; in sandbox_left.c. */
void sandbox_left_begin(void);       /* in the process that works, before its work */
const char *sandbox_left_find(void); /* there, after some of it: words; NULL: nothing */
void sandbox_left_adopt(void);       /* in the parent: orphans become its own children */
void sandbox_left_end(const pid_t *boxes, size_t count); /* ends children that are none of these */

/* The copy's whole life. */
_Noreturn void sandbox_work(struct sandbox_shared *shared, int output, pid_t parent,
                            void (*work)(void *arg), void *arg);

#endif
