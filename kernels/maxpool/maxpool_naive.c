/* Max pooling, global too, with and without indices, any layout and rank, straight from the
 * contract. */
#include "elem/elem.h"
#include "window/window.h"

/* The best element of one window and its flat position; -1 if the window holds none. */
static elem_acc window_max(const struct pb_problem *p, const struct pb_tensor *src, int64_t n,
                           int64_t c, int64_t od, int64_t oh, int64_t ow, int64_t *index) {
    const elem *x = src->data;
    elem_acc best = elem_lowest();
    *index = -1;
    for (int64_t kd = 0; kd < p->d.k; kd++) {
        int64_t id = window_input(&p->d, od, kd);
        if (id < 0) continue;
        for (int64_t kh = 0; kh < p->h.k; kh++) {
            int64_t ih = window_input(&p->h, oh, kh);
            if (ih < 0) continue;
            for (int64_t kw = 0; kw < p->w.k; kw++) {
                int64_t iw = window_input(&p->w, ow, kw);
                if (iw < 0) continue;
                elem_acc v = elem_widen(x[pb_offset(src, n, c, id, ih, iw)]);
                if (*index < 0 || v > best || elem_is_nan(v)) {
                    best = v;
                    *index = (id * p->h.i + ih) * p->w.i + iw;
                }
            }
        }
    }
    return best;
}

static bool can_do(const struct pb_problem *p) {
    return pb_is_max(p) && (p->dir == PB_FWD || p->dir == PB_FWD_IDX) && p->dtype == ELEM_DTYPE;
}

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    elem *y = args->dst.data;
    int64_t *indices = p->dir == PB_FWD_IDX ? args->indices.data : NULL;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t od = 0; od < p->d.o; od++)
                for (int64_t oh = 0; oh < p->h.o; oh++)
                    for (int64_t ow = 0; ow < p->w.o; ow++) {
                        int64_t at = pb_offset(&args->dst, n, c, od, oh, ow), index;
                        y[at] = elem_narrow(window_max(p, &args->src, n, c, od, oh, ow, &index));
                        if (indices) indices[pb_offset(&args->indices, n, c, od, oh, ow)] = index;
                    }
    return PB_OK;
}

const struct pb_kernel ELEM_KERNEL(maxpool, naive) = {
        .name = ELEM_NAME(maxpool, naive),
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
