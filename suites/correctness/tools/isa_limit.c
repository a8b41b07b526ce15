/* The tests listen to POOLBENCH_ISA as the program does, so that no test knows the machine that it
 * was written on: POOLBENCH_ISA=scalar scripts/test.sh. */
#include "poolbench.h"
#include <stdio.h>
#include <stdlib.h>

/* Before Criterion's main, and so in every process of a test. */
__attribute__((constructor)) static void lower_isa(void) {
    const char *isa = getenv("POOLBENCH_ISA");
    if (!isa || !pb_isa_limit(isa)) return;
    fprintf(stderr, "poolbench_tests: %s\n", pb_error());
    exit(2);
}
