/* What a problem makes any kernel do. */
#include "work.h"

double pb_problem_bytes(const struct pb_problem *problem) {
    double bytes = 0;
    for (int role = 0; role < PB_ROLES; role++) {
        if (!pb_role_used(problem, (enum pb_role)role)) continue;
        struct pb_tensor tensor = pb_tensor_of(problem, (enum pb_role)role, NULL);
        bytes += (double)pb_tensor_bytes(&tensor);
    }
    return bytes;
}

double pb_problem_flops(const struct pb_problem *problem) {
    if (problem->op == PB_CONV) return 2 * (double)pb_problem_macs(problem);
    double flops = (double)problem->mb * (double)problem->ic;
    for (int i = 0; i < 3; i++) flops *= (double)problem->axis[i].o * (double)problem->axis[i].k;
    return flops;
}
