/* Max pooling of u8, global too, with and without indices, any layout and rank, straight from the
 * contract. */
#include <stdint.h>
typedef uint8_t element;
enum { LOWEST = 0 };
#include "maxpool/maxpool_bytes.h"

static bool can_do(const struct pb_problem *p) {
    return pb_is_max(p) && (p->dir == PB_FWD || p->dir == PB_FWD_IDX) && p->dtype == PB_U8;
}

const struct pb_kernel maxpool_u8_naive = {
        .name = "maxpool_u8_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
