/* A plug-in to copy: global max pooling of channels-last f32.
 *     cc -O3 -fopenmp -shared -fPIC -fvisibility=hidden -I kernels example.c -o example.so
 *     poolbench verify --provider example.so --kernel 'example_*' */
#include "provider_abi.h"
#include <math.h>

static const struct pb_host *host;

static enum pb_status start(const struct pb_host *lent) {
    host = lent;
    return PB_OK;
}

static const char *version(void) {
    return "1.0";
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GMP && p->dir == PB_FWD && p->dtype == PB_F32 && p->layout == PB_NHWC;
}

/* A library makes its operator here and packs weights; both go into *plan. */
static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)constants;
    *plan = NULL;
    return can_do(p) ? PB_OK : host->fail(PB_UNSUPPORTED, "example: only gmp, f32, nhwc, fwd");
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const int64_t channels = p->ic, positions = p->d.i * p->h.i * p->w.i;
    const float *x = args->src.data;
    float *y = args->dst.data;
    (void)plan;
#pragma omp parallel for num_threads(host->threads())
    for (int64_t i = 0; i < p->mb * channels; i++) {
        const float *first = x + i / channels * positions * channels + i % channels;
        float most = -INFINITY;
        for (int64_t at = 0; at < positions; at++) {
            float value = first[at * channels];
            if (value > most || isnan(value)) most = value;
        }
        y[i] = most;
    }
    return PB_OK;
}

static void done(void *plan) {
    (void)plan;
}

static const struct pb_kernel kernels[] = {{"example_gmp_f32_nhwc", 0, can_do, setup, run, done}};

const struct pb_provider pb_provider = {.abi = PB_ABI,
                                        .name = "example",
                                        .start = start,
                                        .version = version,
                                        .kernels = kernels,
                                        .kernel_count = 1};
