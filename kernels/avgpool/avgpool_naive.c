/* Average pooling, any layout and rank, straight from the contract. */
#include "elem/elem.h"
#include "window/window.h"

static elem_sum window_sum(const struct pb_problem *p, const struct pb_tensor *src, int64_t n,
                           int64_t c, int64_t od, int64_t oh, int64_t ow) {
    const elem *x = src->data;
    elem_sum sum = 0;
    for (int64_t kd = 0; kd < p->d.k; kd++) {
        int64_t id = window_input(&p->d, od, kd);
        if (id < 0) continue;
        for (int64_t kh = 0; kh < p->h.k; kh++) {
            int64_t ih = window_input(&p->h, oh, kh);
            if (ih < 0) continue;
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t iw = window_input(&p->w, ow, kw);
                if (iw < 0) continue;
                sum += elem_widen(x[pb_offset(src, n, c, id, ih, iw)]);
            }
        }
    }
    return sum;
}

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == ELEM_DTYPE;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    elem *y = args->dst.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++)
                        y[pb_offset(&args->dst, n, c, od, oh, ow)] =
                                elem_average(window_sum(p, &args->src, n, c, od, oh, ow),
                                             window_positions(p, od, oh, ow));
    return PB_OK;
}

const struct pb_kernel ELEM_KERNEL(avgpool, naive) = {
        .name = ELEM_NAME(avgpool, naive),
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
