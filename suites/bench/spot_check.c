/* A kernel is as right when it is timed as when it is checked. */
#include "bench/spot_check.h"
#include "common/float_state.h"
#include "common/process_state.h"
#include <stdio.h>

static bool is_input(const struct spot_check *spot, const struct pb_args *args, int role) {
    return pb_role_read(spot->problem, (enum pb_role)role) && args->tensor[role].data;
}

void spot_check_begin(struct spot_check *spot, const struct pb_problem *problem,
                      const struct pb_args *args) {
    *spot = (struct spot_check){.problem = problem};
    for (int role = 0; role < PB_ROLES; role++)
        if (is_input(spot, args, role)) spot->input[role] = pb_digest(&args->tensor[role]);
}

void spot_check_end(struct spot_check *spot) {
    pb_expected_free(&spot->expected);
    *spot = (struct spot_check){0};
}

void spot_check_poison(const struct spot_check *spot, const struct pb_args *args) {
    pb_poison_anew(spot->problem, args, pb_random_seed(), 1);
}

/* Puts in front of the last sentence when it was. */
static enum pb_status while_timed(enum pb_status status) {
    char sentence[1024];
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "while it was timed: %s", sentence);
}

enum pb_status spot_check_outputs(struct spot_check *spot, const struct pb_args *args,
                                  uint64_t digest) {
    enum pb_status status = PB_OK;
    if (pb_digest_outputs(spot->problem, args) == digest) return PB_OK;
    if (!spot->is_expected) status = pb_oracle(spot->problem, args, &spot->expected);
    if (status) return status;
    spot->is_expected = true;
    status = pb_compare(spot->problem, args, &spot->expected);
    return status ? while_timed(status) : PB_OK;
}

enum pb_status spot_check_inputs(const struct spot_check *spot, const struct pb_args *args) {
    for (int role = 0; role < PB_ROLES; role++) {
        if (!is_input(spot, args, role) || pb_digest(&args->tensor[role]) == spot->input[role])
            continue;
        enum pb_status status = pb_fill(spot->problem, args, PB_MIXED, 1);
        return status ? status
                      : pb_fail(PB_PROVIDER, "while it was timed: changed its input %s",
                                pb_role_name((enum pb_role)role));
    }
    return PB_OK;
}

void spot_check_note_process(void) {
    float_state_note();
    process_state_note();
}

enum pb_status spot_check_process(void) {
    char arithmetic[256], rest[256];
    const char *left = float_state_check_team(pb_threads(), arithmetic, sizeof arithmetic);
    const char *also = process_state_check(rest, sizeof rest);
    if (!left) left = also;
    return left ? pb_fail(PB_PROVIDER, "while it was timed: process_state: %s", left) : PB_OK;
}
