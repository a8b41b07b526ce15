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

/* Of every operation; of s2d and blur alone; of 8-bit integers alone; in how averages are summed. */
extern const struct wrong_kernel wrong_kernels[], wrong_downsamplers[], wrong_integers[],
        wrong_sums[];
extern const int wrong_kernel_count, wrong_downsampler_count, wrong_integer_count, wrong_sum_count;

/* Built like those that are wrong, but for their one defect: the harness must let them pass. */
extern const struct pb_kernel right_blur, right_integer_average, right_sum;

#endif
