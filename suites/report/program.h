/* program.h: runs gnuplot and Python. */
#ifndef PB_PROGRAM_H
#define PB_PROGRAM_H

#include "poolbench.h"
#include <stdio.h>

struct program {
    char *const *argv;    /* argv[0] is looked for on PATH where it has no slash; NULL ends it */
    const char *folder;   /* to run in; NULL: here */
    FILE *input, *output; /* flushed, in place of the standard ones; NULL: those */
};
/* Waits until the program has ended; *outcome is its exit status, 128 + N where signal N ended it.
 * IO where it cannot be started. */
enum pb_status program_run(const struct program *program, int *outcome);

#endif
