/* conv_bias.h: the gradient of a convolution's bias, the sum of dst over all but its channels. */
#ifndef PB_CONV_BIAS_H
#define PB_CONV_BIAS_H

#include "poolbench.h"

/* nchw and nhwc. The order of the sums does not depend on the number of threads. */
void conv_bias_gradient(const struct pb_problem *problem, const float *dst, float *bias);

#endif
