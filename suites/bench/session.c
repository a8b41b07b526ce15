/* Verifies kernels and times them together, as many problems at a time as memory allows. */
#include "session.h"
#include "gbench.h"
#include "machine.h"
#include "pin.h"
#include "work.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A cold session goes round over copies that fill the last-level cache three times, so that a
 * buffer is gone when its turn comes again, and nothing has to be flushed. What setup makes of
 * constants, such as packed weights, belongs to a plan; there is one for each copy, up to this
 * many. */
enum { CACHES = 3, PLANS_MOST = 64 };

struct session_work {
    struct pb_trial trial;
    struct pb_args *args;      /* of each copy; the first is the trial's own */
    struct pb_buffer *buffers; /* PB_ROLES of each copy but the first */
    size_t copies;
};

struct session_entry {
    const struct pb_kernel *kernel;
    const struct session_work *work;
    void *plan[PLANS_MOST];
    size_t plans, turn;
    char *error; /* why it is not timed; NULL */
};

/* ---- Buffers --------------------------------------------------------------------------------- */

static int64_t bytes_of(const struct pb_problem *problem) {
    int64_t bytes = 0;
    for (int role = 0; role < PB_ROLES; role++) {
        if (!pb_role_used(problem, (enum pb_role)role)) continue;
        struct pb_tensor tensor = pb_tensor_of(problem, (enum pb_role)role, NULL);
        bytes += (int64_t)pb_tensor_bytes(&tensor);
    }
    return bytes;
}

static size_t copies_of(const struct session *session, const struct pb_problem *problem) {
    const struct pb_caches caches = pb_caches();
    int64_t last = caches.l3 ? caches.l3 : caches.l2 ? caches.l2 : 32 << 20;
    int64_t bytes = bytes_of(problem);
    if (!session->options.cold || bytes == 0) return 1;
    return (size_t)(CACHES * last / bytes + 2);
}

static int64_t memory_of(const struct session *session, const struct pb_problem *problem) {
    return bytes_of(problem) * (int64_t)copies_of(session, problem);
}

int64_t session_memory(void) {
    return (int64_t)sysconf(_SC_PHYS_PAGES) / 4 * sysconf(_SC_PAGESIZE);
}

static bool has_room(const struct session *session, const struct pb_problem *problem) {
    return session->bytes + memory_of(session, problem) <= session->options.memory;
}

/* One more copy of the trial's buffers, inputs and all. */
static enum pb_status copy_buffers(struct session_work *work, size_t copy) {
    enum pb_status status = PB_OK;
    struct pb_args *args = &work->args[copy];
    *args = work->trial.args;
    for (int role = 0; !status && role < PB_ROLES; role++) {
        struct pb_buffer *buffer = &work->buffers[copy * PB_ROLES + (size_t)role];
        const struct pb_buffer *own = &work->trial.buffer[role];
        if (!own->data) continue;
        status = pb_buffer_alloc(buffer, own->bytes);
        if (status) break;
        memcpy(buffer->data, own->data, own->bytes);
        args->tensor[role].data = buffer->data;
    }
    return status;
}

static void work_free(struct session_work *work) {
    if (!work) return;
    for (size_t i = 0; work->buffers && i < work->copies * PB_ROLES; i++)
        pb_buffer_free(&work->buffers[i]);
    free(work->buffers);
    free(work->args);
    pb_trial_end(&work->trial);
    free(work);
}

/* ---- Entries --------------------------------------------------------------------------------- */

static const char *run_entry(void *arg) {
    struct session_entry *entry = arg;
    if (entry->error) return entry->error;
    const struct session_work *work = entry->work;
    size_t copy = entry->turn;
    entry->turn = copy + 1 < work->copies ? copy + 1 : 0;
    enum pb_status status = entry->kernel->run(&work->trial.problem,
                                               entry->plan[copy % entry->plans], &work->args[copy]);
    return status ? pb_error() : NULL;
}

static void entry_free(struct session_entry *entry) {
    for (size_t i = 0; i < entry->plans; i++) entry->kernel->done(entry->plan[i]);
    free(entry->error);
    free(entry);
}

/* Makes the plans; `setup` is how long the first took. */
static enum pb_status set_up(struct session_entry *entry, double *setup) {
    const struct pb_problem *problem = &entry->work->trial.problem;
    bool constants = pb_has_constants(problem);
    size_t plans = constants ? entry->work->copies : 1;
    enum pb_status status = PB_OK;
    if (plans > PLANS_MOST) plans = PLANS_MOST;
    pin_release(); /* a library that makes threads of its own makes them free to go anywhere */
    for (size_t i = 0; !status && i < plans; i++) {
        double start = omp_get_wtime();
        status = entry->kernel->setup(problem, constants ? &entry->work->args[i] : NULL,
                                      &entry->plan[i]);
        if (i == 0) *setup = omp_get_wtime() - start;
        if (!status) entry->plans++;
    }
    pin_again();
    return status;
}

static enum pb_status make_ready(struct session_entry *entry, double limit_seconds) {
    const struct pb_problem *problem = &entry->work->trial.problem;
    char text[PB_TEXT_SIZE], name[PB_TEXT_SIZE + 128], label[256];
    double setup = 0;
    bool reference = false;
    enum pb_status status = set_up(entry, &setup);
    if (status) return status;
    const char *implementation =
            pb_kernel_implementation(entry->kernel, entry->plan[0], &reference);
    if (reference)
        fprintf(stderr, "poolbench: %s runs a reference implementation (%s) of %s\n",
                entry->kernel->name, implementation, pb_problem_print(problem, text));
    snprintf(name, sizeof name, "%s/%s", entry->kernel->name, pb_problem_print(problem, text));
    snprintf(label, sizeof label, "%s%s%s%s", pb_kernel_method(entry->kernel),
             !pb_kernel_provider(entry->kernel) ? ""
             : reference                        ? " reference"
                                                : " peer",
             *implementation ? " " : "", implementation);
    const struct gbench_counter counters[] = {
            {"bytes_per_second", pb_problem_bytes(problem), true},
            {"flop_per_second", pb_problem_flops(problem), true},
            {"limit", limit_seconds, true},
            {"setup_us", setup * 1e6, false},
    };
    gbench_register(name, label, run_entry, entry, counters, sizeof counters / sizeof *counters);
    return PB_OK;
}

/* A peer that is wrong stands in the results with what was wrong. */
static enum pb_status record_error(struct session_entry *entry) {
    char text[PB_TEXT_SIZE], name[PB_TEXT_SIZE + 128], label[256];
    entry->error = strdup(pb_error());
    if (!entry->error) return pb_fail(PB_NOMEM, "no memory for a sentence");
    pb_problem_print(&entry->work->trial.problem, text);
    snprintf(name, sizeof name, "%s/%s", entry->kernel->name, text);
    snprintf(label, sizeof label, "%s peer", pb_kernel_method(entry->kernel));
    gbench_register(name, label, run_entry, entry, NULL, 0);
    return PB_OK;
}

static enum pb_status add_kernel(struct session *s, struct session_work *work,
                                 const struct pb_kernel *kernel, double limit_seconds) {
    struct session_entry **grown = realloc(s->entry, (s->entries + 1) * sizeof *grown);
    struct session_entry *entry = calloc(1, sizeof *entry);
    if (grown) s->entry = grown;
    if (!grown || !entry) {
        free(entry);
        return pb_fail(PB_NOMEM, "no memory for one more benchmark");
    }
    *entry = (struct session_entry){.kernel = kernel, .work = work};
    enum pb_status status =
            pb_trial_check(&work->trial, kernel, pb_has_constants(&work->trial.problem));
    if (!status) status = make_ready(entry, limit_seconds);
    if (status && status != PB_NOMEM && pb_kernel_provider(kernel)) status = record_error(entry);
    if (!status) {
        s->entry[s->entries++] = entry;
        return PB_OK;
    }
    entry_free(entry);
    if (status == PB_NOMEM) return status;
    fprintf(stderr, "%spoolbench: skipped: %s\n", s->options.progress ? "\r\033[K" : "",
            pb_error());
    s->wrong++;
    return PB_OK;
}

static bool is_asked(const struct session *s, const struct pb_kernel *kernel,
                     const struct pb_problem *problem) {
    return !(s->options.own && pb_kernel_provider(kernel)) &&
           pb_kernel_runs(kernel, problem, s->options.glob);
}

static enum pb_status add_problem(struct session *s, const struct pb_problem *problem) {
    const struct pb_traffic least = pb_least_traffic(problem);
    double limit_seconds = 0;
    struct session_work **grown = realloc(s->work, (s->works + 1) * sizeof *grown);
    struct session_work *work = calloc(1, sizeof *work);
    if (grown) s->work = grown;
    if (!grown || !work) {
        free(work);
        return pb_fail(PB_NOMEM, "no memory for one more problem");
    }
    s->work[s->works++] = work;
    s->bytes += memory_of(s, problem);
    work->copies = copies_of(s, problem);
    work->args = calloc(work->copies, sizeof *work->args);
    work->buffers = calloc(work->copies * PB_ROLES, sizeof *work->buffers);
    if (!work->args || !work->buffers) return pb_fail(PB_NOMEM, "no memory for copies of buffers");
    enum pb_status status = pb_trial_begin(&work->trial, problem, PB_MIXED, 1);
    work->args[0] = work->trial.args;
    for (size_t copy = 1; !status && copy < work->copies; copy++) status = copy_buffers(work, copy);
    if (!status)
        status = pb_roof_seconds(&s->roof, least.read, least.written, pb_least_flops(problem),
                                 s->options.cold, &limit_seconds);
    for (size_t k = 0; !status && k < pb_kernel_count(); k++)
        if (is_asked(s, pb_kernel_at(k), problem))
            status = add_kernel(s, work, pb_kernel_at(k), limit_seconds);
    pb_expected_free(&work->trial.expected); /* several times the size of the tensors */
    return status;
}

enum pb_status session_work_through(struct session *s, const struct pb_problem *problem,
                                    size_t position, size_t count) {
    char text[PB_TEXT_SIZE];
    enum pb_status status = PB_OK;
    pb_problem_print(problem, text);
    bool any = false;
    for (size_t k = 0; !any && k < pb_kernel_count(); k++)
        any = is_asked(s, pb_kernel_at(k), problem);
    if (!any) return PB_OK;
    if (!has_room(s, problem)) status = session_time(s);
    if (status) return status;
    if (!has_room(s, problem)) {
        fprintf(stderr, "poolbench: left out, beyond --memory: %s\n", text);
        return PB_OK;
    }
    if (s->options.progress)
        fprintf(stderr, "\r\033[Kverifying %zu of %zu  %.60s", position + 1, count, text);
    return add_problem(s, problem);
}

/* ---- The session ----------------------------------------------------------------------------- */

static void add_context(const struct session *s) {
    char pinned[256];
    pb_machine_describe(gbench_context);
    gbench_context("cache", s->options.cold ? "cold" : "warm");
    gbench_context("pinned", pin_text(pinned, sizeof pinned));
}

enum pb_status session_begin(struct session *s, const struct session_options *options) {
    *s = (struct session){.options = *options};
    pin_threads(pb_threads());
    add_context(s);
    /* Whatever --isa says: OpenBLAS does not obey it, and the machine's limit is the machine's. */
    return pb_roof_begin(&s->roof, pb_threads(), pb_isa_detected());
}

static void clear(struct session *s) {
    gbench_clear();
    for (size_t i = 0; i < s->entries; i++) entry_free(s->entry[i]);
    for (size_t i = 0; i < s->works; i++) work_free(s->work[i]);
    s->entries = s->works = 0;
    s->bytes = 0;
}

enum pb_status session_time(struct session *s) {
    json_error_t error;
    if (s->options.progress) fprintf(stderr, "\r\033[K");
    char *text = s->entries ? gbench_run(s->options.progress) : NULL;
    json_t *part = text && *text ? json_loads(text, 0, &error) : NULL;
    bool empty = !text || !*text; /* nothing is ready, or --benchmark_filter left nothing of it */
    free(text);
    clear(s);
    if (!part) return empty ? PB_OK : pb_fail(PB_INVALID, "the run's JSON: %s", error.text);
    if (!s->results) {
        s->results = part;
        return PB_OK;
    }
    int failed = json_array_extend(json_object_get(s->results, "benchmarks"),
                                   json_object_get(part, "benchmarks"));
    json_decref(part);
    return failed ? pb_fail(PB_NOMEM, "no memory for the results") : PB_OK;
}

void session_end(struct session *s) {
    clear(s);
    free(s->entry);
    free(s->work);
    json_decref(s->results);
    pb_roof_end(&s->roof);
    *s = (struct session){0};
}
