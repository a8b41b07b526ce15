/* The ways to check a rule. */
#include "conformance/rule_checks.h"
#include <stdlib.h>
#include <string.h>

static bool written(const struct rule_trial *c, int role) {
    return pb_role_written(&c->trial.problem, (enum pb_role)role) &&
           c->trial.args.tensor[role].data;
}

enum pb_status rule_trial_begin(struct rule_trial *c, const struct pb_problem *problem,
                                uint64_t seed) {
    struct pb_rng rng = {seed};
    int drawn = problem->dir == PB_BWD ? PB_DST : PB_SRC;
    enum pb_status status = pb_trial_allocate(&c->trial, problem);
    if (!status) status = pb_fill(problem, &c->trial.args, c->rule->pattern, seed);
    if (status) return status;
    const struct pb_tensor *t = &c->trial.args.tensor[drawn];
    for (int64_t i = 0; c->rule->draw && i < pb_tensor_count(t); i++)
        row_check_set(t, i, c->rule->draw(&rng));
    return pb_trial_expect(&c->trial);
}

/* Compares the roles that the rule names. */
static enum pb_status compare(const struct rule_trial *c, const struct pb_args *args) {
    struct pb_args seen = *args;
    unsigned roles = c->rule->roles ? c->rule->roles : ~0u;
    for (int role = 0; role < PB_ROLES; role++)
        if (!(roles & 1u << role)) seen.tensor[role].data = NULL;
    return pb_compare(&c->trial.problem, &seen, &c->trial.expected);
}

static enum pb_status run_and_compare(struct rule_trial *c, const struct pb_args *constants) {
    const struct pb_args *args = &c->trial.args;
    pb_poison(&c->trial.problem, args);
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem, constants, args);
    return status ? status : compare(c, args);
}

enum pb_status rule_check_values(struct rule_trial *c) {
    return run_and_compare(c, NULL);
}

enum pb_status rule_check_constant_weights(struct rule_trial *c) {
    return run_and_compare(c, &c->trial.args);
}

enum pb_status rule_check_without_bias(struct rule_trial *c) {
    c->trial.args.bias.data = NULL;
    pb_expected_free(&c->trial.expected);
    enum pb_status status = pb_oracle(&c->trial.problem, &c->trial.args, &c->trial.expected);
    return status ? status : run_and_compare(c, NULL);
}

enum pb_status rule_check_over_numbers(struct rule_trial *c) {
    const struct pb_args *args = &c->trial.args;
    for (int role = 0; role < PB_ROLES; role++)
        for (int64_t i = 0; written(c, role) && i < pb_tensor_count(&args->tensor[role]); i++)
            row_check_set(&args->tensor[role], i, 3);
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem, NULL, args);
    return status ? status : compare(c, args);
}

/* Makes the inputs of `to` those of `from`. */
static void load(struct rule_trial *to, const struct rule_trial *from) {
    for (int role = 0; role < PB_ROLES; role++)
        if (from->trial.copy[role].data)
            memcpy(to->trial.args.tensor[role].data, from->trial.copy[role].data,
                   from->trial.copy[role].bytes);
}

/* Twice on the first data, on the second in the same memory, and on the second in its own. */
enum pb_status rule_check_one_plan(struct rule_trial *c) {
    const struct pb_problem *problem = &c->trial.problem;
    struct rule_trial other = *c;
    struct {
        struct rule_trial *memory, *data;
    } const run[] = {{c, c}, {c, c}, {c, &other}, {&other, &other}};
    void *plan = NULL;
    enum pb_status status = rule_trial_begin(&other, problem, 2);
    if (!status) status = c->kernel->setup(problem, NULL, &plan);
    for (size_t i = 0; i < sizeof run / sizeof *run && !status; i++) {
        const struct pb_args *args = &run[i].memory->trial.args;
        load(run[i].memory, run[i].data);
        if (i == 3) load(c, c);
        pb_poison(problem, args);
        status = c->kernel->run(problem, plan, args);
        if (!status) status = compare(run[i].data, args);
    }
    c->kernel->done(plan);
    pb_trial_end(&other.trial);
    return status;
}

enum pb_status rule_check_odd_address(struct rule_trial *c) {
    struct pb_args moved = c->trial.args;
    struct pb_buffer buffer[PB_ROLES] = {0};
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES && !status; role++) {
        struct pb_tensor *t = &moved.tensor[role];
        size_t bytes = pb_tensor_bytes(t), step = pb_dtype_size(t->dtype);
        if (!t->data) continue;
        status = pb_buffer_alloc(&buffer[role], bytes + step);
        if (status) break;
        t->data = (char *)buffer[role].data + step;
        memcpy(t->data, c->trial.args.tensor[role].data, bytes);
    }
    if (!status) {
        pb_poison(&c->trial.problem, &moved);
        status = row_check_run(c->kernel, &c->trial.problem, NULL, &moved);
    }
    if (!status) status = compare(c, &moved);
    for (int role = 0; role < PB_ROLES; role++) pb_buffer_free(&buffer[role]);
    return status;
}

/* The bytes of every output, one after the other, after a run over `before` in each; to free. */
static unsigned char *outputs(struct rule_trial *c, int before, size_t *bytes,
                              enum pb_status *status) {
    const struct pb_args *args = &c->trial.args;
    *bytes = 0;
    for (int role = 0; role < PB_ROLES; role++)
        if (written(c, role)) {
            memset(args->tensor[role].data, before, c->trial.buffer[role].bytes);
            *bytes += c->trial.buffer[role].bytes;
        }
    unsigned char *all = malloc(*bytes + 1), *at = all;
    if (!all) {
        *status = pb_fail(PB_NOMEM, "no memory for %zu bytes of outputs", *bytes);
        return NULL;
    }
    *status = row_check_run(c->kernel, &c->trial.problem, NULL, args);
    for (int role = 0; role < PB_ROLES; role++)
        if (written(c, role)) {
            memcpy(at, args->tensor[role].data, c->trial.buffer[role].bytes);
            at += c->trial.buffer[role].bytes;
        }
    return all;
}

enum pb_status rule_check_threads(struct rule_trial *c) {
    enum { MOST = 5 };
    int before = pb_threads();
    size_t bytes;
    enum pb_status status;
    pb_set_threads(1);
    unsigned char *one = outputs(c, 0x5a, &bytes, &status);
    for (int threads = 2; threads <= MOST && !status; threads++) {
        pb_set_threads(threads);
        unsigned char *more = outputs(c, 0x5a, &bytes, &status);
        if (!status && memcmp(one, more, bytes) != 0)
            status = pb_fail(PB_PROVIDER, "1 and %d threads give different bits", threads);
        free(more);
    }
    pb_set_threads(before);
    free(one);
    return status;
}

/* An element is unwritten where two runs leave two different contents as they were. */
enum pb_status rule_check_written(struct rule_trial *c) {
    size_t bytes;
    enum pb_status status;
    unsigned char *a = outputs(c, 0x5a, &bytes, &status), *b = NULL;
    if (!status) b = outputs(c, 0xa5, &bytes, &status);
    const unsigned char *a_at = a, *b_at = b;
    for (int role = 0; role < PB_ROLES && !status; role++) {
        const struct pb_tensor *t = &c->trial.args.tensor[role];
        size_t size = pb_dtype_size(t->dtype);
        if (!written(c, role)) continue;
        for (int64_t i = 0; i < pb_tensor_count(t) && !status; i++) {
            struct pb_tensor of_a = *t, of_b = *t;
            unsigned char pattern[2][8];
            memset(pattern[0], 0x5a, size);
            memset(pattern[1], 0xa5, size);
            of_a.data = (void *)a_at;
            of_b.data = (void *)b_at;
            if (memcmp(row_check_place(&of_a, i), pattern[0], size) == 0 &&
                memcmp(row_check_place(&of_b, i), pattern[1], size) == 0)
                status = pb_fail(PB_PROVIDER, "left element %lld of %s unwritten", (long long)i,
                                 pb_role_name((enum pb_role)role));
        }
        a_at += c->trial.buffer[role].bytes;
        b_at += c->trial.buffer[role].bytes;
    }
    free(a);
    free(b);
    return status;
}

enum pb_status rule_check_outside(struct rule_trial *c) {
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem, NULL, &c->trial.args);
    for (int role = 0; role < PB_ROLES && !status; role++)
        if (c->trial.buffer[role].base && !pb_buffer_intact(&c->trial.buffer[role]))
            status = pb_fail(PB_PROVIDER, "wrote outside %s", pb_role_name((enum pb_role)role));
    return status;
}

enum pb_status rule_check_inputs(struct rule_trial *c) {
    enum pb_status status = row_check_run(c->kernel, &c->trial.problem, NULL, &c->trial.args);
    for (int role = 0; role < PB_ROLES && !status; role++) {
        const struct pb_buffer *copy = &c->trial.copy[role];
        if (copy->base && memcmp(copy->data, c->trial.buffer[role].data, copy->bytes) != 0)
            status = pb_fail(PB_PROVIDER, "changed its input %s", pb_role_name((enum pb_role)role));
    }
    return status;
}
