/* The gradient of max pooling, channels-first: a plane is cleared and each window adds its gradient
 * where its index says. A plane belongs to one thread, so the order of the sums never changes. */
#include "window/window.h"
#include <string.h>

static bool can_do(const struct pb_problem *p) {
    return pb_is_max(p) && p->dir == PB_BWD && p->dtype == PB_F32 && p->layout == PB_NCHW &&
           window_overlaps_little(p);
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const int64_t plane = p->d.i * p->h.i * p->w.i, windows = p->d.o * p->h.o * p->w.o;
#pragma omp parallel for schedule(static)
    for (int64_t nc = 0; nc < p->mb * p->ic; nc++) {
        float *dx = (float *)args->src.data + nc * plane;
        const float *dy = (const float *)args->dst.data + nc * windows;
        const int64_t *indices = (const int64_t *)args->indices.data + nc * windows;
        memset(dx, 0, (size_t)plane * sizeof *dx);
        for (int64_t i = 0; i < windows; i++)
            if ((uint64_t)indices[i] < (uint64_t)plane) dx[indices[i]] += dy[i];
    }
    return PB_OK;
}

const struct pb_kernel maxpool_bwd_f32_nchw_scatter = {
        .name = "maxpool_bwd_f32_nchw_scatter",
        .method = "scatter",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
