/* machine.h: what a result was measured on and with. */
#ifndef PB_MACHINE_H
#define PB_MACHINE_H

/* Calls `add` for every key: cpu, isa, isa_detected, data_caches, threads, compiler, flags,
 * blas_core, commit, version. */
void pb_machine_describe(void (*add)(const char *key, const char *value));

#endif
