/* Whether a trial fits into this machine's memory. Where memory is promised and not there, the
 * system would end the program in the middle of a problem. */
#include "reference.h"
#include <unistd.h>

/* Bytes of one trial. */
static double bytes_of(const struct pb_problem *problem) {
    double need = 0;
    for (int r = 0; r < PB_ROLES; r++) {
        enum pb_role role = (enum pb_role)r;
        if (!pb_role_used(problem, role)) continue;
        struct pb_tensor t = pb_tensor_of(problem, role, NULL);
        double bytes = (double)pb_tensor_bytes(&t);
        /* Of an output: the tensor, in two processes, what the first run left in it and what each
         * of a plan's did, then the oracle's values and bounds. Of an input: the tensor, in two
         * processes, a copy between them, and the oracle's. */
        need += pb_role_written(problem, role)
                        ? (3 + PB_PLAN_RUNS) * bytes +
                                  2 * sizeof(double) * (double)pb_tensor_count(&t)
                        : 4 * bytes;
    }
    return need;
}

static double room(void) {
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 2;
}

enum pb_status pb_trial_fits(const struct pb_problem *problem) {
    double need = bytes_of(problem);
    char text[PB_TEXT_SIZE];
    if (need <= room()) return PB_OK;
    return pb_fail(PB_UNSUPPORTED,
                   "%s: a trial needs %.0f GB, half of this machine's memory is %.0f GB",
                   pb_problem_print(problem, text), need * 1e-9, room() * 1e-9);
}

bool pb_trials_fit(const struct pb_problem *problem) {
    return 2 * bytes_of(problem) <= room();
}
