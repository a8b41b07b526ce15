/* machine.h: what a result was measured on and with. */
#ifndef PB_MACHINE_H
#define PB_MACHINE_H

#include "poolbench.h"

enum { PB_CACHES_TEXT = 128 };
/* "L1d 32 KiB, L2 1 MiB, L3 unknown". */
const char *pb_caches_text(const struct pb_caches *caches, char text[PB_CACHES_TEXT]);

/* Calls `add` for every key: cpu, isa, isa_detected, data_caches, threads, compiler, flags,
 * blas_core, commit, version. */
void pb_machine_describe(void (*add)(const char *key, const char *value));

#endif
