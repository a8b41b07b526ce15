/* A trial: one problem, its buffers, and what must come out of them. */
#include "reference.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static enum pb_status allocate(struct pb_trial *trial, enum pb_role role) {
    struct pb_tensor *t = &trial->args.tensor[role];
    if (!pb_role_used(&trial->problem, role)) return PB_OK;
    *t = pb_tensor_of(&trial->problem, role, NULL);
    size_t bytes = pb_tensor_bytes(t);
    enum pb_status status = pb_buffer_alloc(&trial->buffer[role], bytes);
    if (!status && !pb_role_written(&trial->problem, role))
        status = pb_buffer_alloc(&trial->copy[role], bytes);
    t->data = trial->buffer[role].data;
    return status;
}

enum pb_status pb_trial_allocate(struct pb_trial *trial, const struct pb_problem *problem) {
    *trial = (struct pb_trial){.problem = *problem};
    enum pb_status status = pb_problem_check(problem);
    for (int role = 0; role < PB_ROLES && !status; role++) status = allocate(trial, role);
    return status;
}

enum pb_status pb_trial_expect(struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++)
        if (trial->copy[role].data)
            memcpy(trial->copy[role].data, trial->buffer[role].data, trial->copy[role].bytes);
    return pb_oracle(&trial->problem, &trial->args, &trial->expected);
}

enum pb_status pb_trial_begin(struct pb_trial *trial, const struct pb_problem *problem,
                              enum pb_family family, uint64_t seed) {
    enum pb_status status = pb_trial_allocate(trial, problem);
    if (!status) status = pb_fill(problem, &trial->args, family, seed);
    if (!status) status = pb_trial_expect(trial);
    if (status) pb_trial_end(trial);
    return status;
}

/* Guards and inputs as they were. */
static enum pb_status check_memory(const struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &trial->buffer[role], *copy = &trial->copy[role];
        if (buffer->base && !pb_buffer_intact(buffer))
            return pb_fail(PB_PROVIDER, "wrote outside %s", pb_role_name(role));
        if (copy->base && memcmp(copy->data, buffer->data, copy->bytes) != 0)
            return pb_fail(PB_PROVIDER, "changed its input %s", pb_role_name(role));
    }
    return PB_OK;
}

enum pb_status pb_trial_check(struct pb_trial *trial, const struct pb_kernel *kernel,
                              bool constants) {
    const struct pb_problem *problem = &trial->problem;
    void *plan = NULL;
    enum pb_status status = kernel->setup(problem, constants ? &trial->args : NULL, &plan);
    if (!status) {
        pb_poison(problem, &trial->args);
        status = kernel->run(problem, plan, &trial->args);
        if (!status) status = check_memory(trial);
        if (!status) status = pb_compare(problem, &trial->args, &trial->expected);
        kernel->done(plan);
    }
    if (!status) return PB_OK;
    char sentence[1024], text[PB_TEXT_SIZE];
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "%s: %s: %s", kernel->name, sentence, pb_problem_print(problem, text));
}

bool pb_trial_special(const struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *copy = &trial->copy[role];
        if (!copy->data || trial->args.tensor[role].dtype != PB_F32) continue;
        const float *x = copy->data;
        for (size_t i = 0; i < copy->bytes / sizeof *x; i++)
            if (!isnormal(x[i]) && x[i] != 0) return true;
    }
    return false;
}

void pb_trial_end(struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        pb_buffer_free(&trial->buffer[role]);
        pb_buffer_free(&trial->copy[role]);
    }
    pb_expected_free(&trial->expected);
    *trial = (struct pb_trial){0};
}
