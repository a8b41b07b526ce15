/* Global average pooling channels-last: vectors of channels over every pixel. */
#include "window/pool_nhwc.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_FWD && p->dtype == ELEM_DTYPE && p->layout == PB_NHWC;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t channels = p->ic, block = 8 * VL, pixels = p->d.i * p->h.i * p->w.i;
    const float share = 1 / (float)pixels;
#pragma omp parallel for collapse(2) schedule(static)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t first = 0; first < channels; first += block) {
            const float *x = (const float *)args->src.data + n * pixels * channels;
            float *y = (float *)args->dst.data + n * channels;
            const struct pool_taps t = {.x = x, .d = 1, .h = 1, .w = pixels, .stride_w = channels};
            if (first + block <= channels)
                pool_window(&t, first, VL, y + first, 8, false, share);
            else
                for (int64_t c = first; c < channels; c += VL)
                    pool_window(&t, c, channels - c, y + c, 1, false, share);
        }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(ELEM_KERNEL(gap, nhwc)) = {
        .name = SIMD_NAME(ELEM_KERNEL(gap, nhwc)),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
