/* Lp pooling, any layout and rank, straight from the contract. */
#include "lppool/lp_norm.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_LP && p->dir == PB_FWD && p->dtype == PB_F32;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    float *y = args->dst.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++) {
                        const struct lp_norm norm = lp_norm(p, &args->src, n, c, od, oh, ow);
                        y[pb_offset(&args->dst, n, c, od, oh, ow)] =
                                (float)(norm.largest * norm.root);
                    }
    return PB_OK;
}

const struct pb_kernel lppool_f32_naive = {
        .name = "lppool_f32_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
