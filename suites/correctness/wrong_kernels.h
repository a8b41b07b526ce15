/* wrong_kernels.h: kernels that are wrong on purpose, each with one real defect, to see that the
 * harness catches it. */
#ifndef WRONG_KERNELS_H
#define WRONG_KERNELS_H

#include "poolbench.h"

/* What the sentence that catches a kernel must say. */
enum defect { WRONG_VALUE, WRITES_OUTSIDE, CHANGES_INPUT };

struct wrong_kernel {
    struct pb_kernel kernel;
    enum defect defect;
};

extern const struct wrong_kernel wrong_kernels[];
extern const int wrong_kernel_count;

#endif
