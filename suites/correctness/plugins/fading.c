/* A plug-in whose kernels are right for as long as anybody may be looking, and one that stays so. */
#include "provider_abi.h"
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A plan is checked with fewer runs. */
enum { LOOKED_AT = 150 };

static enum pb_status start(const struct pb_host *host) {
    (void)host;
    return PB_OK;
}

static const char *version(void) {
    return "1";
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_MAX && p->dir == PB_FWD && p->dtype == PB_F32 && p->layout == PB_NCHW &&
           p->rank == 2 && p->h.k * p->w.k * p->h.s * p->w.s == 1 &&
           p->h.p + p->w.p + p->h.pr + p->w.pr == 0;
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)p, (void)constants;
    *plan = calloc(1, sizeof(int));
    return *plan ? PB_OK : PB_NOMEM;
}

static size_t bytes_of(const struct pb_problem *p) {
    return (size_t)(p->mb * p->ic * p->h.i * p->w.i) * sizeof(float);
}

/* Whether nobody looks any more. */
static bool fades(void *plan) {
    return ++*(int *)plan > LOOKED_AT;
}

static enum pb_status run_right(const struct pb_problem *p, void *plan,
                                const struct pb_args *args) {
    (void)plan;
    memcpy(args->dst.data, args->src.data, bytes_of(p));
    return PB_OK;
}

static enum pb_status run_idle(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    return fades(plan) ? PB_OK : run_right(p, plan, args);
}

static enum pb_status run_nan(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    enum pb_status status = run_right(p, plan, args);
    float *y = args->dst.data;
    for (size_t i = 0; i < bytes_of(p) / sizeof *y; i++)
        if (isnan(y[i])) y[i] = 0;
    return status;
}

static enum pb_status run_inputs(const struct pb_problem *p, void *plan,
                                 const struct pb_args *args) {
    if (fades(plan)) memset(args->src.data, 0, bytes_of(p));
    return run_right(p, plan, args);
}

static enum pb_status run_rounding(const struct pb_problem *p, void *plan,
                                   const struct pb_args *args) {
    if (fades(plan)) fesetround(FE_UPWARD);
    return run_right(p, plan, args);
}

static enum pb_status run_folder(const struct pb_problem *p, void *plan,
                                 const struct pb_args *args) {
    if (fades(plan) && chdir("/")) return PB_IO;
    return run_right(p, plan, args);
}

static enum pb_status run_later(const struct pb_problem *p, void *plan,
                                const struct pb_args *args) {
    enum pb_status status = run_right(p, plan, args);
    if (++*(int *)plan > 1) memset(args->dst.data, 0, bytes_of(p));
    return status;
}

static const struct pb_kernel kernels[] = {
        {"fading_right", 0, can_do, setup, run_right, free, NULL},
        {"fading_idle", 0, can_do, setup, run_idle, free, NULL},
        {"fading_nan", 0, can_do, setup, run_nan, free, NULL},
        {"fading_inputs", 0, can_do, setup, run_inputs, free, NULL},
        {"fading_rounding", 0, can_do, setup, run_rounding, free, NULL},
        {"fading_folder", 0, can_do, setup, run_folder, free, NULL},
        {"fading_later", 0, can_do, setup, run_later, free, NULL},
};

const struct pb_provider pb_provider = {
        .abi = PB_ABI,
        .name = "fading",
        .start = start,
        .version = version,
        .kernels = kernels,
        .kernel_count = sizeof kernels / sizeof *kernels,
};
