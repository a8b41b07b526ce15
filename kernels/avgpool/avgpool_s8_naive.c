/* Average pooling of s8, any layout and rank, straight from the contract. */
#include <stdint.h>
typedef int8_t element;
enum { LOWEST = INT8_MIN, HIGHEST = INT8_MAX };
#include "avgpool/avgpool_bytes.h"

static bool can_do(const struct pb_problem *p) {
    const bool average = p->op == PB_AVG_P || p->op == PB_AVG_NP;
    return average && p->dir == PB_FWD && p->dtype == PB_S8;
}

const struct pb_kernel avgpool_s8_naive = {
        .name = "avgpool_s8_naive",
        .method = "naive",
        .can_do = can_do,
        .setup = pb_setup_nothing,
        .run = run,
        .done = pb_done_nothing,
};
