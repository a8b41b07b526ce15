/* The calls of a kernel that prepares nothing. */
#include "poolbench.h"

enum pb_status pb_setup_nothing(const struct pb_problem *problem, const struct pb_args *constants,
                                void **plan) {
    (void)problem, (void)constants;
    *plan = NULL;
    return PB_OK;
}

void pb_done_nothing(void *plan) {
    (void)plan;
}
