/* Holds a kernel to a known defect: reads its values, and compares. */
#include "conformance/row_checks.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Values as text -------------------------------------------------------------------------- */

struct reader {
    const char *at;
    double *value; /* NULL: only counts */
    int64_t count, most;
};

static bool put(struct reader *r, double value) {
    if (r->count == r->most) return false;
    if (r->value) r->value[r->count] = value;
    r->count++;
    return true;
}

/* x, x/y, x*n, a:b or a:b:step; false where it is none of them or there is no room. */
static bool read_item(struct reader *r) {
    char *end;
    double first = strtod(r->at, &end), step = 1;
    if (end == r->at) return false;
    if (*end == ':') {
        double last = strtod(end + 1, &end);
        if (*end == ':') step = strtod(end + 1, &end);
        for (double v = first; v <= last; v += step)
            if (!put(r, v)) return false;
    } else {
        long times = 1;
        if (*end == '/') first /= strtod(end + 1, &end);
        if (*end == '*') times = strtol(end + 1, &end, 10);
        for (long i = 0; i < times; i++)
            if (!put(r, first)) return false;
    }
    r->at = end;
    return *end == ' ' || *end == 0;
}

/* Reads `text` and repeats it until there are `count` values. */
static enum pb_status read_values(const char *text, int64_t count, double *value) {
    struct reader r = {.at = text, .value = value, .most = count};
    while (*r.at) {
        if (!read_item(&r))
            return pb_fail(PB_INVALID, "'%s' are not %lld values", text, (long long)count);
        r.at += strspn(r.at, " ");
    }
    if (r.count == 0 || count % r.count)
        return pb_fail(PB_INVALID, "'%s' do not repeat to %lld values", text, (long long)count);
    for (int64_t i = r.count; i < count; i++) value[i] = value[i - r.count];
    return PB_OK;
}

/* ---- A trial with given values --------------------------------------------------------------- */

/* Whether the oracle says what was worked out by hand, but for its own rounding in double, which is
 * a small part of the bound for f32. */
static bool same(double by_hand, double oracle, double bound) {
    if (isnan(by_hand)) return isnan(oracle);
    return by_hand == oracle || fabs(by_hand - oracle) <= ldexp(fabs(bound), -20);
}

/* Fills an input, or takes it away where a bias is not given. */
static enum pb_status give_input(struct pb_trial *trial, enum pb_role role, const char *text) {
    struct pb_tensor *t = &trial->args.tensor[role];
    int64_t count = pb_tensor_count(t);
    if (!text && role != PB_BIAS) return pb_fail(PB_INVALID, "%s is not given", pb_role_name(role));
    if (!text) {
        pb_buffer_free(&trial->buffer[role]);
        pb_buffer_free(&trial->copy[role]);
        t->data = NULL;
        return PB_OK;
    }
    double *value = malloc((size_t)(count + 1) * sizeof *value);
    if (!value) return pb_fail(PB_NOMEM, "no memory for %lld values", (long long)count);
    memset(t->data, 0, pb_tensor_bytes(t));
    enum pb_status status = read_values(text, count, value);
    for (int64_t i = 0; !status && i < count; i++) row_check_set(t, i, value[i]);
    free(value);
    return status;
}

/* Sees to it that the oracle says what was worked out by hand. */
static enum pb_status give_output(struct pb_trial *trial, enum pb_role role, const char *text) {
    struct pb_expected_tensor *expected = &trial->expected.tensor[role];
    if (!text) return PB_OK;
    double *value = malloc((size_t)(expected->count + 1) * sizeof *value);
    if (!value) return pb_fail(PB_NOMEM, "no memory for %lld values", (long long)expected->count);
    enum pb_status status = read_values(text, expected->count, value);
    for (int64_t i = 0; !status && i < expected->count; i++)
        if (!same(value[i], expected->value[i], expected->bound[i]))
            status = pb_fail(PB_INVALID, "%s[%lld] should be %.17g, the oracle says %.17g",
                             pb_role_name(role), (long long)i, value[i], expected->value[i]);
    free(value);
    return status;
}

static enum pb_status given_trial(struct pb_trial *trial, const struct pb_problem *problem,
                                  const char *const text[PB_ROLES]) {
    enum pb_status status = pb_trial_allocate(trial, problem);
    for (int role = 0; !status && role < PB_ROLES; role++)
        if (pb_role_read(problem, (enum pb_role)role))
            status = give_input(trial, (enum pb_role)role, text[role]);
    if (!status) status = pb_trial_expect(trial);
    for (int role = 0; !status && role < PB_ROLES; role++)
        if (pb_role_written(problem, (enum pb_role)role) && trial->args.tensor[role].data)
            status = give_output(trial, (enum pb_role)role, text[role]);
    return status;
}

/* ---- Holding a kernel ------------------------------------------------------------------------ */

struct holding {
    const struct pb_known_defect *defect;
    const struct pb_defect_case *now;
    const struct pb_kernel *kernel;
    struct pb_finding *finding;
};

static bool gives_values(const struct pb_defect_case *c) {
    for (int role = 0; role < PB_ROLES; role++)
        if (c->tensor[role]) return true;
    return false;
}

/* With the weights at run, then at setup. */
static void check_kernel(const struct holding *h, struct pb_trial *trial) {
    enum pb_when seen = row_check_seen(trial);
    for (int constants = 0; constants <= pb_role_read(&trial->problem, PB_WEIGHTS); constants++)
        row_check_count(h->finding, pb_trial_check(trial, h->kernel, constants), h->kernel,
                        &trial->problem, seen);
}

static enum pb_status hold(const struct pb_problem *problem, void *context) {
    const struct holding *h = context;
    int families = gives_values(h->now) ? 1 : PB_DATA_PATTERNS;
    for (int family = 0; family < families; family++) {
        struct pb_trial trial = {0};
        enum pb_status status =
                gives_values(h->now)
                        ? given_trial(&trial, problem, h->now->tensor)
                        : pb_trial_begin(&trial, problem, (enum pb_data_pattern)family, 1);
        if (!status) check_kernel(h, &trial);
        pb_trial_end(&trial);
        if (status) {
            char text[PB_TEXT_SIZE], sentence[PB_SENTENCE_SIZE];
            snprintf(sentence, sizeof sentence, "%s", pb_error());
            return pb_fail(status, "known defect %s: %s: %s", h->defect->id,
                           pb_problem_print(problem, text), sentence);
        }
    }
    return PB_OK;
}

enum pb_status row_check_defect(const struct pb_known_defect *defect,
                                const struct pb_kernel *kernel, enum pb_op op,
                                enum pb_layout layout, struct pb_finding *finding) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; !status && i < defect->count; i++) {
        const struct pb_defect_case *c = &defect->cases[i];
        struct row_check_case problems = {c->ops, c->dirs, c->descriptor};
        struct holding holding = {defect, c, kernel, finding};
        if (!c->refused) status = row_check_each(&problems, kernel, op, layout, hold, &holding);
    }
    return status;
}

enum pb_status pb_defect_refusals(const struct pb_known_defect *defect) {
    for (size_t i = 0; i < defect->count; i++) {
        const struct pb_defect_case *c = &defect->cases[i];
        struct pb_problem problem;
        char text[PB_TEXT_SIZE];
        if (!c->refused) continue;
        snprintf(text, sizeof text, "%s:%s:%s", c->ops, c->dirs, c->descriptor);
        if (pb_problem_parse(text, &problem) != PB_INVALID)
            return pb_fail(PB_INVALID, "known defect %s: %s was accepted", defect->id, text);
        if (!strstr(pb_error(), c->refused)) {
            char sentence[PB_SENTENCE_SIZE];
            snprintf(sentence, sizeof sentence, "%s", pb_error());
            return pb_fail(PB_INVALID, "known defect %s: %s: \"%s\" does not name %s", defect->id,
                           text, sentence, c->refused);
        }
    }
    return PB_OK;
}
