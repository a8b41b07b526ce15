/* stateful.h: kernels that are right the first time that anybody looks, and their right twins: the
 * same code without the fault. */
#ifndef STATEFUL_H
#define STATEFUL_H

#include "poolbench.h"

struct stateful_fault {
    const char *name;
    const char *words;   /* that the sentence says which catches it */
    const char *problem; /* where it shows; NULL: anywhere */
    bool of_process;     /* what it leaves changed is the process, in any call */
    bool of_malloc;      /* seen with the C library's malloc only, not with a sanitizer's */
};
extern const struct stateful_fault stateful_faults[];
extern const size_t stateful_fault_count;

/* In which call a kernel does to the process what it does. */
enum stateful_when { STATEFUL_RUN, STATEFUL_SETUP, STATEFUL_DONE, STATEFUL_CAN_DO, STATEFUL_CALLS };

/* The kernel with that fault, or its twin. There is one at a time in a process and those that are
 * copied from it. */
const struct pb_kernel *stateful_kernel(size_t fault, bool faulty, enum stateful_when when);

#endif
