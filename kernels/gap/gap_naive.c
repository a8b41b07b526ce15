/* Global average pooling, any layout and rank, straight from the contract. */
#include "elem/elem.h"

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_GAP && p->dir == PB_FWD && p->dtype == ELEM_DTYPE;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const elem *x = args->src.data;
    elem *y = args->dst.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++) {
            elem_sum sum = 0;
            for (int64_t id = 0; id < p->d.i; id++)
                for (int64_t ih = 0; ih < p->h.i; ih++)
                    for (int64_t iw = 0; iw < p->w.i; iw++)
                        sum += elem_widen(x[pb_offset(&args->src, n, c, id, ih, iw)]);
            y[pb_offset(&args->dst, n, c, 0, 0, 0)] = elem_average(sum, p->d.i * p->h.i * p->w.i);
        }
    return PB_OK;
}

const struct pb_kernel ELEM_KERNEL(gap, naive) = {
        .name = ELEM_NAME(gap, naive),
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
