/* A trial: one problem, its buffers, and what must come out of them. */
#include "check/plan_runs.h"
#include "oracle/oracle.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum pb_status allocate(struct pb_trial *trial, enum pb_role role,
                               enum pb_placement placement, bool copied) {
    struct pb_tensor *t = &trial->args.tensor[role];
    if (!pb_role_used(&trial->problem, role)) return PB_OK;
    *t = pb_tensor_of(&trial->problem, role, NULL);
    size_t bytes = pb_tensor_bytes(t);
    enum pb_status status =
            pb_buffer_alloc_at(&trial->buffer[role], bytes, placement, pb_dtype_size(t->dtype));
    if (!status && copied && !pb_role_written(&trial->problem, role))
        status = pb_buffer_alloc(&trial->copy[role], bytes);
    t->data = trial->buffer[role].data;
    return status;
}

static enum pb_status allocate_all(struct pb_trial *trial, const struct pb_problem *problem,
                                   enum pb_placement placement, bool copied) {
    *trial = (struct pb_trial){.problem = *problem};
    enum pb_status status = pb_problem_check(problem);
    for (int role = 0; role < PB_ROLES && !status; role++)
        status = allocate(trial, (enum pb_role)role, placement, copied);
    return status;
}

enum pb_status pb_trial_allocate(struct pb_trial *trial, const struct pb_problem *problem) {
    return allocate_all(trial, problem, PB_ALIGNED, !plans_run_elsewhere());
}

enum pb_status pb_trial_expect(struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++)
        if (trial->copy[role].data)
            memcpy(trial->copy[role].data, trial->buffer[role].data, trial->copy[role].bytes);
    return pb_oracle(&trial->problem, &trial->args, &trial->expected);
}

enum pb_status pb_trial_begin_at(struct pb_trial *trial, const struct pb_problem *problem,
                                 enum pb_data_pattern family, enum pb_placement placement,
                                 uint64_t seed) {
    enum pb_status status = allocate_all(trial, problem, placement, !plans_run_elsewhere());
    if (!status) status = pb_fill(problem, &trial->args, family, seed);
    if (!status) status = pb_trial_expect(trial);
    if (status) pb_trial_end(trial);
    return status;
}

enum pb_status pb_trial_begin(struct pb_trial *trial, const struct pb_problem *problem,
                              enum pb_data_pattern family, uint64_t seed) {
    return pb_trial_begin_at(trial, problem, family, PB_ALIGNED, seed);
}

enum pb_status pb_trial_begin_other(struct pb_trial *other, const struct pb_trial *trial,
                                    uint64_t seed) {
    enum pb_status status = allocate_all(other, &trial->problem, PB_ODD, !plans_run_elsewhere());
    for (int role = 0; role < PB_ROLES; role++)
        if (!trial->args.tensor[role].data) other->args.tensor[role].data = NULL;
    if (!status) status = pb_fill(&trial->problem, &other->args, PB_MIXED, seed);
    if (!status) status = pb_trial_expect(other);
    if (status) pb_trial_end(other);
    return status;
}

enum pb_status pb_trial_begin_given(struct pb_trial *trial, const struct pb_problem *problem,
                                    enum pb_placement placement, const struct pb_args *given) {
    enum pb_status status = allocate_all(trial, problem, placement, false);
    for (int role = 0; !status && role < PB_ROLES; role++) {
        struct pb_buffer *buffer = &trial->buffer[role];
        void *data = given->tensor[role].data;
        if (!buffer->data) continue;
        if (!data) {
            pb_buffer_free(buffer);
            trial->args.tensor[role].data = NULL;
        } else if (!pb_role_written(problem, (enum pb_role)role)) {
            memcpy(buffer->data, data, buffer->bytes);
            trial->copy[role] = (struct pb_buffer){.data = data, .bytes = buffer->bytes};
        }
    }
    if (status) pb_trial_end(trial);
    return status;
}

bool pb_trial_special(const struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *input = &trial->buffer[role];
        if (!pb_role_read(&trial->problem, (enum pb_role)role) || !input->data ||
            trial->args.tensor[role].dtype != PB_F32)
            continue;
        const float *x = input->data;
        for (size_t i = 0; i < input->bytes / sizeof *x; i++)
            if (!isnormal(x[i]) && x[i] != 0) return true;
    }
    return false;
}

void pb_trial_end(struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        pb_buffer_free(&trial->buffer[role]);
        pb_buffer_free(&trial->copy[role]);
        pb_buffer_free(&trial->left[role]);
        free(trial->kept[role]);
    }
    pb_buffer_free(&trial->call);
    pb_expected_free(&trial->expected);
    pb_expected_free(&trial->mixed);
    *trial = (struct pb_trial){0};
}
