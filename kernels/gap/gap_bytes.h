/* gap_bytes.h: global average pooling of whole numbers, any layout and rank. A file says what an
 * `element` is, which is LOWEST and which HIGHEST, then includes this. */
#include "poolbench.h"
#include "core/rounding.h"

static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)plan;
    const element *x = args->src.data;
    element *y = args->dst.data;
#pragma omp parallel for collapse(2)
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++) {
            int64_t sum = 0; /* of more than 2^23 elements, maybe */
            for (int64_t id = 0; id < p->d.i; id++)
                for (int64_t ih = 0; ih < p->h.i; ih++)
                    for (int64_t iw = 0; iw < p->w.i; iw++)
                        sum += x[pb_offset(&args->src, n, c, id, ih, iw)];
            y[pb_offset(&args->dst, n, c, 0, 0, 0)] =
                    (element)rounded_average(sum, p->d.i * p->h.i * p->w.i, LOWEST, HIGHEST);
        }
    return PB_OK;
}
