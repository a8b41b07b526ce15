/* The runs of one plan, each of which must be right by itself. */
#include "check/plan_runs.h"
#include "oracle/oracle.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All that a kernel is given. It may look around: nothing of the trial stands beside it. */
struct call {
    struct pb_problem problem;
    struct pb_args args, constants;
};

/* Fresh memory of a check and of its repetitions: as f32 huge, above and below 0; as a position
 * none; as a byte in the middle and at the top. */
enum { FRESH = 0x7f, FRESH_AGAIN = 0xfe, ZEROS = 0, NO_MORE = -1 };

/* ---- Inputs ---------------------------------------------------------------------------------- */

/* Whose tensor the kernel finds in a run in the memory, or on the data, of `of`: what setup was
 * given stays. */
static struct pb_trial *home(const struct plan_runs *r, struct pb_trial *of, int role) {
    bool constant = role == PB_WEIGHTS || role == PB_BIAS || role == PB_INDICES;
    return r->constants && constant ? r->trial : of;
}

static void load(const struct plan_runs *r, struct pb_trial *in, struct pb_trial *data) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *to = &home(r, in, role)->buffer[role];
        const struct pb_buffer *from = &home(r, data, role)->copy[role];
        if (to->data && from->data) memcpy(to->data, from->data, from->bytes);
    }
}

/* Guards and inputs as they were; where not, they are mended for the next kernel. */
static enum pb_status check_memory(const struct plan_runs *r, struct pb_trial *in,
                                   struct pb_trial *data) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_buffer *buffer = &home(r, in, role)->buffer[role];
        const struct pb_buffer *copy = &home(r, data, role)->copy[role];
        const char *name = pb_role_name((enum pb_role)role);
        if (buffer->base && !pb_buffer_intact(buffer)) {
            status = pb_fail(PB_PROVIDER, "wrote outside %s", name);
            pb_buffer_mend(buffer);
        }
        if (buffer->base && copy->base && memcmp(copy->data, buffer->data, copy->bytes) != 0) {
            if (!status) status = pb_fail(PB_PROVIDER, "changed its input %s", name);
            memcpy(buffer->data, copy->data, copy->bytes);
        }
    }
    return status;
}

/* ---- Outputs --------------------------------------------------------------------------------- */

static enum pb_status keep(struct pb_trial *trial) {
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

/* Whether an element of a tensor's memory only fills up a block of channels. */
static bool fills_block(const struct pb_tensor *t, size_t element) {
    int64_t within = (int64_t)element % (t->strides[0] ? t->strides[0] : 1);
    return t->layout == PB_NCHW16C && within / t->strides[1] * 16 + within % 16 >= t->dims[1];
}

/* The first element of an output in the memory of `in` whose bits are not those that were kept. */
static enum pb_status compare_kept(const struct pb_trial *trial, const struct pb_trial *in,
                                   const char *when) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &in->args.tensor[role];
        const unsigned char *now = t->data, *kept = trial->kept[role];
        size_t bytes = trial->buffer[role].bytes, size = pb_dtype_size(t->dtype);
        if (!kept || !now || !memcmp(now, kept, bytes)) continue;
        for (size_t at = 0; at < bytes; at += size)
            if (memcmp(now + at, kept + at, size) && !fills_block(t, at / size))
                return pb_fail(PB_PROVIDER, "other bits%s in %s, from element %zu of %zu in memory",
                               when, pb_role_name((enum pb_role)role), at / size, bytes / size);
    }
    return PB_OK;
}

/* Of the first data in the memory of `in`. Wrong values say more than other bits. */
static enum pb_status same_bits(const struct plan_runs *r, const struct pb_trial *in,
                                const char *when) {
    const struct pb_trial *trial = r->trial;
    if (!compare_kept(trial, in, when)) return PB_OK;
    enum pb_status status = pb_compare(&trial->problem, &in->args, &trial->expected);
    return status ? status : compare_kept(trial, in, when);
}

/* ---- Runs ------------------------------------------------------------------------------------ */

static struct call *call_of(const struct plan_runs *r) {
    return r->trial->call.data;
}

static enum pb_status begin(struct plan_runs *r, int fresh) {
    struct pb_trial *trial = r->trial;
    enum pb_status status = PB_OK;
    if (!trial->call.data) status = pb_buffer_alloc(&trial->call, sizeof(struct call));
    if (status) return status;
    r->seed = pb_random_seed();
    *call_of(r) = (struct call){trial->problem, trial->args, trial->args};
    pb_fresh_memory(fresh);
    status = r->kernel->setup(&call_of(r)->problem, r->constants ? &call_of(r)->constants : NULL,
                              &r->plan);
    r->set_up = !status;
    return status;
}

enum pb_status plan_runs_begin(struct plan_runs *r) {
    return begin(r, FRESH);
}

enum pb_status plan_runs_unseen(struct plan_runs *r) {
    r->runs++;
    return r->kernel->run(&call_of(r)->problem, r->plan, &call_of(r)->args);
}

/* One run in the memory of `in` on the data of `data`. */
static enum pb_status run_in(struct plan_runs *r, struct pb_trial *in, struct pb_trial *data) {
    struct call *call = call_of(r);
    load(r, in, data);
    for (int role = 0; role < PB_ROLES; role++)
        call->args.tensor[role] = home(r, in, role)->args.tensor[role];
    pb_poison_anew(&r->trial->problem, &in->args, r->seed, r->runs++);
    enum pb_status status = r->kernel->run(&call->problem, r->plan, &call->args);
    return status ? status : check_memory(r, in, data);
}

enum pb_status plan_runs_end(struct plan_runs *r, enum pb_status status) {
    char sentence[1024], text[PB_TEXT_SIZE];
    if (status) snprintf(sentence, sizeof sentence, "%s", pb_error());
    if (r->set_up) r->kernel->done(r->plan);
    pb_fresh_memory(NO_MORE);
    load(r, r->trial, r->trial);
    if (!status) return PB_OK;
    return pb_fail(status, "%s: %s: %s", r->kernel->name, sentence,
                   pb_problem_print(&r->trial->problem, text));
}

/* Says which run it was. */
static enum pb_status blame_state(const struct plan_runs *r, enum pb_status status,
                                  const char *what) {
    char sentence[768];
    if (status != PB_PROVIDER) return status;
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "state: run %d of a plan, %s: %s", r->runs, what, sentence);
}

/* ---- The steps, as pb_trial_check has them --------------------------------------------------- */

static enum pb_status run_and_compare(struct plan_runs *r, struct pb_trial *in,
                                      struct pb_trial *data, const struct pb_expected *expected) {
    enum pb_status status = run_in(r, in, data);
    return status ? status : pb_compare(&r->trial->problem, &in->args, expected);
}

/* Whether the first run of another plan is wrong, too. The sentence stays. */
static bool another_fails(const struct plan_runs *r, int fresh, struct pb_trial *in,
                          struct pb_trial *data, const struct pb_expected *expected) {
    struct plan_runs another = {.trial = r->trial, .kernel = r->kernel, .constants = r->constants};
    char sentence[1024];
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    enum pb_status status = begin(&another, fresh);
    if (!status) status = run_and_compare(&another, in, data, expected);
    if (another.set_up) r->kernel->done(another.plan);
    pb_fail(PB_PROVIDER, "%s", sentence);
    return status != PB_OK;
}

/* A run that is wrong by itself; unless it is right where fresh memory is zero. */
static enum pb_status run_first(struct plan_runs *r) {
    struct pb_trial *trial = r->trial;
    char sentence[768];
    enum pb_status status = run_and_compare(r, trial, trial, &trial->expected);
    if (!status) return keep(trial);
    if (status != PB_PROVIDER || another_fails(r, ZEROS, trial, trial, &trial->expected))
        return status;
    snprintf(sentence, sizeof sentence, "%s", pb_error());
    return pb_fail(status, "state: reads memory that was never written: %s", sentence);
}

enum pb_status plan_runs_again(struct plan_runs *r) {
    enum pb_status status = run_in(r, r->trial, r->trial);
    if (!status) status = same_bits(r, r->trial, "");
    return blame_state(r, status, "with the data of the first in the same memory");
}

static enum pb_status mix(struct plan_runs *r) {
    struct pb_trial *trial = r->trial;
    struct pb_args args;
    if (trial->is_mixed) return PB_OK;
    load(r, trial->other, trial->other);
    for (int role = 0; role < PB_ROLES; role++)
        args.tensor[role] = home(r, trial->other, role)->args.tensor[role];
    enum pb_status status = pb_oracle(&trial->problem, &args, &trial->mixed);
    trial->is_mixed = !status;
    return status;
}

static enum pb_status run_other_data(struct plan_runs *r) {
    struct pb_trial *trial = r->trial, *other = trial->other;
    if (!other || (r->constants && !trial->with_constants)) return PB_OK;
    const struct pb_expected *expected = r->constants ? &trial->mixed : &other->expected;
    enum pb_status status = r->constants ? mix(r) : PB_OK;
    if (!status) status = run_and_compare(r, trial, other, expected);
    /* What only this data shows, whatever ran before, is no matter of state. */
    if (status != PB_PROVIDER || another_fails(r, FRESH, trial, other, expected)) return status;
    return blame_state(r, status, "with other data in the same memory");
}

static enum pb_status run_elsewhere(struct plan_runs *r) {
    struct pb_trial *trial = r->trial, *other = trial->other;
    if (!other) return plan_runs_again(r);
    load(r, trial, other);
    enum pb_status status = run_in(r, other, trial);
    if (!status) status = same_bits(r, other, "");
    if (status != PB_PROVIDER || another_fails(r, FRESH, other, trial, &trial->expected))
        return status;
    return blame_state(r, status, "with the data of the first in other memory");
}

enum pb_status pb_trial_check(struct pb_trial *trial, const struct pb_kernel *kernel,
                              bool constants) {
    struct plan_runs r = {.trial = trial, .kernel = kernel, .constants = constants};
    enum pb_status status = plan_runs_begin(&r);
    if (!status) status = run_first(&r);
    if (!status) status = plan_runs_again(&r);
    if (!status) status = run_other_data(&r);
    if (!status) status = run_elsewhere(&r);
    return plan_runs_end(&r, status);
}

static enum pb_status run_with_threads(struct plan_runs *r) {
    char when[64];
    snprintf(when, sizeof when, " with %d threads than before", pb_threads());
    enum pb_status status = run_in(r, r->trial, r->trial);
    return status ? status : same_bits(r, r->trial, when);
}

enum pb_status pb_trial_repeat(struct pb_trial *trial, const struct pb_kernel *kernel,
                               bool constants) {
    struct plan_runs r = {.trial = trial, .kernel = kernel, .constants = constants};
    enum pb_status status = begin(&r, FRESH_AGAIN);
    if (!status) status = run_with_threads(&r);
    if (!status) status = plan_runs_again(&r);
    if (!status) status = run_elsewhere(&r);
    return plan_runs_end(&r, status);
}
