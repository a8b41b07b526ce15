/* conv_engine.h: runs the passes of a convolution (conv_pass.h) with SIMD: the setup, run and done
 * of conv_f32 and conv_bwd_f32. */
#ifndef PB_CONV_ENGINE_H
#define PB_CONV_ENGINE_H

#include "poolbench.h"
#include "simd/simd.h"

#define conv_engine_setup SIMD_KERNEL(conv_engine_setup)
#define conv_engine_run SIMD_KERNEL(conv_engine_run)
#define conv_engine_done SIMD_KERNEL(conv_engine_done)

enum pb_status conv_engine_setup(const struct pb_problem *problem, const struct pb_args *constants,
                                 void **plan);
enum pb_status conv_engine_run(const struct pb_problem *problem, void *plan,
                               const struct pb_args *args);
void conv_engine_done(void *plan);

#endif
