/* A trial: one problem, its buffers, and what must come out of them. */
#include "oracle/oracle.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum pb_status allocate(struct pb_trial *trial, enum pb_role role,
                               enum pb_placement placement) {
    struct pb_tensor *t = &trial->args.tensor[role];
    if (!pb_role_used(&trial->problem, role)) return PB_OK;
    *t = pb_tensor_of(&trial->problem, role, NULL);
    size_t bytes = pb_tensor_bytes(t);
    enum pb_status status =
            pb_buffer_alloc_at(&trial->buffer[role], bytes, placement, pb_dtype_size(t->dtype));
    if (!status && !pb_role_written(&trial->problem, role))
        status = pb_buffer_alloc(&trial->copy[role], bytes);
    t->data = trial->buffer[role].data;
    return status;
}

static enum pb_status allocate_all(struct pb_trial *trial, const struct pb_problem *problem,
                                   enum pb_placement placement) {
    *trial = (struct pb_trial){.problem = *problem};
    enum pb_status status = pb_problem_check(problem);
    for (int role = 0; role < PB_ROLES && !status; role++)
        status = allocate(trial, (enum pb_role)role, placement);
    return status;
}

enum pb_status pb_trial_allocate(struct pb_trial *trial, const struct pb_problem *problem) {
    return allocate_all(trial, problem, PB_ALIGNED);
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
    enum pb_status status = allocate_all(trial, problem, placement);
    if (!status) status = pb_fill(problem, &trial->args, family, seed);
    if (!status) status = pb_trial_expect(trial);
    if (status) pb_trial_end(trial);
    return status;
}

enum pb_status pb_trial_begin(struct pb_trial *trial, const struct pb_problem *problem,
                              enum pb_data_pattern family, uint64_t seed) {
    return pb_trial_begin_at(trial, problem, family, PB_ALIGNED, seed);
}

/* Guards and inputs as they were; where not, they are mended for the next kernel. */
static enum pb_status check_memory(const struct pb_trial *trial) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &trial->buffer[role], *copy = &trial->copy[role];
        const char *name = pb_role_name((enum pb_role)role);
        if (buffer->base && !pb_buffer_intact(buffer)) {
            status = pb_fail(PB_PROVIDER, "wrote outside %s", name);
            pb_buffer_mend(buffer);
        }
        if (copy->base && memcmp(copy->data, buffer->data, copy->bytes) != 0) {
            if (!status) status = pb_fail(PB_PROVIDER, "changed its input %s", name);
            memcpy(buffer->data, copy->data, copy->bytes);
        }
    }
    return status;
}

/* Names the kernel and the problem in the sentence of a check that failed. */
static enum pb_status name_failure(enum pb_status status, const struct pb_kernel *kernel,
                                   const struct pb_problem *problem) {
    char sentence[1024], text[PB_TEXT_SIZE];
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "%s: %s: %s", kernel->name, sentence, pb_problem_print(problem, text));
}

/* No value of 8 bits is a signal, as NaN is: each element gets one that is wrong for it. */
static void poison_bytes(const struct pb_trial *trial) {
    const struct pb_tensor *t = &trial->args.dst;
    const struct pb_expected_tensor *expected = &trial->expected.tensor[PB_DST];
    if (t->dtype != PB_S8 && t->dtype != PB_U8) return;
    for (int64_t i = 0; i < expected->count; i++) {
        int64_t at[5];
        oracle_unravel(i, t->dims, at);
        ((uint8_t *)t->data)[oracle_offset(t, at)] = (uint8_t)((int)expected->value[i] ^ 0xff);
    }
}

/* setup, poison, run, done; the outputs and all memory are then as the kernel left them. */
static enum pb_status run_once(struct pb_trial *trial, const struct pb_kernel *kernel,
                               bool constants) {
    const struct pb_problem *problem = &trial->problem;
    void *plan = NULL;
    enum pb_status status = kernel->setup(problem, constants ? &trial->args : NULL, &plan);
    if (status) return status;
    pb_poison(problem, &trial->args);
    poison_bytes(trial);
    status = kernel->run(problem, plan, &trial->args);
    kernel->done(plan);
    return status;
}

enum pb_status pb_trial_check(struct pb_trial *trial, const struct pb_kernel *kernel,
                              bool constants) {
    enum pb_status status = run_once(trial, kernel, constants);
    if (!status) status = check_memory(trial);
    if (!status) status = pb_compare(&trial->problem, &trial->args, &trial->expected);
    return status ? name_failure(status, kernel, &trial->problem) : PB_OK;
}

enum pb_status pb_trial_keep(struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &trial->buffer[role];
        if (!pb_role_written(&trial->problem, (enum pb_role)role) || !buffer->data) continue;
        if (!trial->kept[role]) trial->kept[role] = malloc(buffer->bytes + 1);
        if (!trial->kept[role])
            return pb_fail(PB_NOMEM, "no memory for a copy of %s",
                           pb_role_name((enum pb_role)role));
        memcpy(trial->kept[role], buffer->data, buffer->bytes);
    }
    return PB_OK;
}

/* The first element of an output whose bits are not those that were kept. */
static enum pb_status compare_kept(const struct pb_trial *trial) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &trial->args.tensor[role];
        const unsigned char *now = t->data, *kept = trial->kept[role];
        if (!kept || !memcmp(now, kept, trial->buffer[role].bytes)) continue;
        size_t byte = 0;
        while (now[byte] == kept[byte]) byte++;
        return pb_fail(PB_PROVIDER,
                       "other bits with %d threads than before in %s, from element %zu of %zu in "
                       "memory",
                       pb_threads(), pb_role_name((enum pb_role)role),
                       byte / pb_dtype_size(t->dtype),
                       trial->buffer[role].bytes / pb_dtype_size(t->dtype));
    }
    return PB_OK;
}

enum pb_status pb_trial_repeat(struct pb_trial *trial, const struct pb_kernel *kernel,
                               bool constants) {
    enum pb_status status = run_once(trial, kernel, constants);
    if (!status) status = check_memory(trial);
    if (!status && compare_kept(trial)) {
        /* Wrong values say more than other bits. */
        status = pb_compare(&trial->problem, &trial->args, &trial->expected);
        if (!status) status = compare_kept(trial);
    }
    return status ? name_failure(status, kernel, &trial->problem) : PB_OK;
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
        free(trial->kept[role]);
    }
    pb_expected_free(&trial->expected);
    *trial = (struct pb_trial){0};
}
