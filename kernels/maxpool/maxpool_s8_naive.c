/* Max pooling of s8, global too, with and without indices, any layout and rank, straight from the
 * contract. */
#include <stdint.h>
typedef int8_t element;
enum { LOWEST = INT8_MIN };
#include "maxpool/maxpool_bytes.h"

static bool can_do(const struct pb_problem *p) {
    return pb_is_max(p) && (p->dir == PB_FWD || p->dir == PB_FWD_IDX) && p->dtype == PB_S8;
}

const struct pb_kernel maxpool_s8_naive = {
        .name = "maxpool_s8_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
