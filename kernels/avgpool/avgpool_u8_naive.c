/* Average pooling of u8, any layout and rank, straight from the contract. */
#include <stdint.h>
typedef uint8_t element;
enum { LOWEST = 0, HIGHEST = UINT8_MAX };
#include "avgpool/avgpool_bytes.h"

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == PB_U8;
}

const struct pb_kernel avgpool_u8_naive = {
        .name = "avgpool_u8_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
