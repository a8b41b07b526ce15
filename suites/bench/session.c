/* Times kernels that passed, interleaved, in a process that any of them may bring down: all of
 * this but the session's beginning and end runs there (session_parts.c). */
#include "bench/gbench.h"
#include "bench/session_part.h"
#include "bench/spot_check.h"
#include "common/machine.h"
#include "common/plugins.h"
#include "common/progress.h"
#include "common/sandbox.h"
#include "bench/pin.h"
#include "roofline/work.h"
#include "verify/verification.h"
#include <omp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A cold session goes round over copies that fill the last-level cache three times, so that a
 * buffer is gone when its turn comes again, and nothing has to be flushed. A warm one stays on a
 * copy for a repetition and takes the next for the next: where buffers and scratch happen to lie
 * makes a kernel faster or slower by more than it differs from another (Mytkowicz et al., Producing
 * wrong data without doing anything obviously wrong, ASPLOS 2009), so the repetitions of one run
 * are drawn over several places, as many as fill the cache that often and have room.
 *
 * Each copy has a plan of its own, up to this many, with its scratch and what setup makes of
 * constants, such as packed weights. */
enum { CACHES = 3, PLACES = 8, PLANS_MOST = 64 };

struct session_work {
    struct pb_problem problem;
    struct pb_args *args;      /* of each copy */
    struct pb_buffer *buffers; /* PB_ROLES of each copy */
    size_t copies;
    struct spot_check spot;
};

struct session_entry {
    const struct pb_kernel *kernel;
    struct session_work *work;
    size_t number;   /* of its verdict */
    uint64_t digest; /* of the outputs that were right when it was checked */
    void *plan[PLANS_MOST];
    size_t plans, turn;
    size_t begun; /* repetitions */
    bool cold;    /* each call takes another copy */
    char *error;  /* why it is not timed; NULL */
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

static int64_t last_cache(void) {
    const struct pb_caches caches = pb_caches();
    return caches.l3 ? caches.l3 : caches.l2 ? caches.l2 : 32 << 20;
}

static size_t copies_of(const struct session *session, const struct pb_problem *problem) {
    int64_t bytes = bytes_of(problem);
    if (bytes == 0) return 1;
    int64_t fill = CACHES * last_cache() / bytes;
    if (session->options.cold) return (size_t)fill + 2;
    int64_t places = session->options.memory / bytes;
    if (places > fill) places = fill;
    return places > PLACES ? PLACES : places > 1 ? (size_t)places : 1;
}

int64_t session_memory_of(const struct session *session, const struct pb_problem *problem) {
    return bytes_of(problem) * (int64_t)copies_of(session, problem);
}

int64_t session_memory(void) {
    return (int64_t)sysconf(_SC_PHYS_PAGES) / 4 * sysconf(_SC_PAGESIZE);
}

static bool has_room(const struct session *session, const struct pb_problem *problem) {
    return session->bytes + session_memory_of(session, problem) <= session->options.memory;
}

static enum pb_status allocate(struct session_work *work, size_t copy) {
    enum pb_status status = PB_OK;
    for (int role = 0; !status && role < PB_ROLES; role++) {
        struct pb_tensor *t = &work->args[copy].tensor[role];
        struct pb_buffer *buffer = &work->buffers[copy * PB_ROLES + (size_t)role];
        if (!pb_role_used(&work->problem, (enum pb_role)role)) continue;
        *t = pb_tensor_of(&work->problem, (enum pb_role)role, NULL);
        status = pb_buffer_alloc(buffer, pb_tensor_bytes(t));
        t->data = buffer->data;
    }
    return status;
}

/* Copies of the buffers, each with the inputs on which kernels were verified; outputs
 * are touched, so that no page comes while something is timed. */
static enum pb_status make_buffers(struct session_work *work) {
    enum pb_status status = PB_OK;
    for (size_t copy = 0; !status && copy < work->copies; copy++) {
        status = allocate(work, copy);
        if (!status) pb_poison(&work->problem, &work->args[copy]);
        if (!status && copy == 0) status = pb_fill(&work->problem, &work->args[0], PB_MIXED, 1);
        for (int role = 0; !status && copy && role < PB_ROLES; role++)
            if (work->buffers[role].data && !pb_role_written(&work->problem, (enum pb_role)role))
                memcpy(work->args[copy].tensor[role].data, work->args[0].tensor[role].data,
                       work->buffers[role].bytes);
    }
    if (!status) spot_check_begin(&work->spot, &work->problem, &work->args[0]);
    return status;
}

static void work_free(struct session_work *work) {
    for (size_t i = 0; work->buffers && i < work->copies * PB_ROLES; i++)
        pb_buffer_free(&work->buffers[i]);
    spot_check_end(&work->spot);
    free(work->buffers);
    free(work->args);
    free(work);
}

/* ---- Whose doing it is ----------------------------------------------------------------------- */

static struct session_board *board; /* of the process that times; NULL in its parent */

/* No kernel is called from now on; the last has left nothing that would disturb another. */
static void leave(void) {
    if (board->current != SESSION_NOBODY) sandbox_settle();
    board->current = SESSION_NOBODY;
}

/* The entry's kernel is called from now on. */
static void enter(const struct session_entry *entry, const char *call) {
    const double limit = 5; /* seconds, of a kernel that passed just now; see pb_call_seconds() */
    leave();
    board->current = entry->number;
    sandbox_step(call, pb_call_seconds(limit, &entry->work->problem), pb_threads());
}

/* For the parent to show. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    size_t used = strlen(board->messages);
    va_list values;
    va_start(values, format);
    vsnprintf(board->messages + used, sizeof board->messages - used, format, values);
    va_end(values);
}

/* ---- Entries --------------------------------------------------------------------------------- */

static const char *run_here(void *arg) {
    const struct session_entry *entry = arg;
    const struct session_work *work = entry->work;
    size_t copy = entry->turn;
    enum pb_status status =
            entry->kernel->run(&work->problem, entry->plan[copy % entry->plans], &work->args[copy]);
    sandbox_alive();
    return status ? pb_error() : NULL;
}

static void take_next_copy(struct session_entry *entry) {
    if (++entry->turn == entry->work->copies) entry->turn = 0;
}

/* No timed call is the first of its plan, which meets memory that was never touched, nor the first
 * after others had the caches. What no cache holds needs only the former. */
static const char *begin_warm(void *arg) {
    struct session_entry *entry = arg;
    enter(entry, "in run");
    spot_check_note_process();
    take_next_copy(entry);
    bool first = entry->begun++ < entry->work->copies;
    return first || bytes_of(&entry->work->problem) <= last_cache() ? run_here(entry) : NULL;
}

static const char *begin_cold(void *arg) {
    struct session_entry *entry = arg;
    const char *error = NULL;
    enter(entry, "in run");
    spot_check_note_process();
    bool first = entry->begun++ == 0;
    for (size_t i = 0; first && !error && i < entry->work->copies; i++) {
        take_next_copy(entry);
        error = run_here(entry);
    }
    return error;
}

static const char *run_next(void *arg) {
    take_next_copy(arg);
    return run_here(arg);
}

/* Outside the clock: a call over poisoned outputs must give what is right; another gives the caches
 * back what the look took. */
static const char *check_call(void *arg) {
    struct session_entry *entry = arg;
    struct spot_check *spot = &entry->work->spot;
    const struct pb_args *args = &entry->work->args[entry->turn];
    spot_check_poison(spot, args);
    const char *error = run_here(entry);
    if (!error && spot_check_outputs(spot, args, entry->digest)) error = pb_error();
    return error ? error : run_here(entry);
}

/* The inputs of the copy that a warm repetition stayed on, or of all. */
static const char *check_repetition(void *arg) {
    const struct session_entry *entry = arg;
    const struct session_work *work = entry->work;
    enum pb_status status = spot_check_process();
    for (size_t copy = 0; !status && copy < work->copies; copy++)
        if (entry->cold || copy == entry->turn)
            status = spot_check_inputs(&work->spot, &work->args[copy]);
    return status ? pb_error() : NULL;
}

static const char *say_error(void *arg) {
    return ((const struct session_entry *)arg)->error;
}

static void entry_free(struct session_entry *entry) {
    enter(entry, "in done");
    for (size_t i = 0; i < entry->plans; i++) entry->kernel->done(entry->plan[i]);
    leave();
    free(entry->error);
    free(entry);
}

/* Makes the plans; `setup` is how long the first took. */
static enum pb_status set_up(struct session_entry *entry, double *setup) {
    const struct pb_problem *problem = &entry->work->problem;
    bool constants = pb_has_constants(problem);
    size_t plans = entry->work->copies < PLANS_MOST ? entry->work->copies : PLANS_MOST;
    enter(entry, "in setup");
    enum pb_status status = plugin_load(entry->kernel);
    enter(entry, "in setup");
    pin_release(); /* a library that makes threads of its own makes them free to go anywhere */
    for (size_t i = 0; !status && i < plans; i++) {
        double start = omp_get_wtime();
        status = entry->kernel->setup(problem, constants ? &entry->work->args[i] : NULL,
                                      &entry->plan[i]);
        if (i == 0) *setup = omp_get_wtime() - start;
        if (!status) entry->plans++;
    }
    pin_again();
    leave();
    return status;
}

static enum pb_status make_ready(struct session_entry *entry, bool cold, double limit_seconds) {
    const struct pb_problem *problem = &entry->work->problem;
    char text[PB_TEXT_SIZE], name[PB_TEXT_SIZE + 128], label[256];
    const char *method = pb_kernel_method(entry->kernel);
    double setup = 0;
    bool reference = false;
    enum pb_status status = set_up(entry, &setup);
    if (status) return status;
    enter(entry, "in implementation");
    const char *implementation =
            pb_kernel_implementation(entry->kernel, entry->plan[0], &reference);
    leave();
    if (reference)
        say("poolbench: %s runs a reference implementation (%s) of %s\n", entry->kernel->name,
            implementation, pb_problem_print(problem, text));
    snprintf(name, sizeof name, "%s/%s", entry->kernel->name, pb_problem_print(problem, text));
    if (pb_kernel_provider(entry->kernel))
        snprintf(label, sizeof label, "%s %s%s%s", method, reference ? "reference" : "peer",
                 *implementation ? " " : "", implementation);
    else
        snprintf(label, sizeof label, "%s %s", method, pb_kernel_isa_name(entry->kernel));
    const struct gbench_counter counters[] = {
            {"bytes_per_second", pb_problem_bytes(problem), true},
            {"flop_per_second", pb_problem_flops(problem), true},
            {"limit", limit_seconds, true},
            {"setup_us", setup * 1e6, false},
    };
    gbench_register(&(struct gbench_case){.name = name,
                                          .label = label,
                                          .begin = cold ? begin_cold : begin_warm,
                                          .call = cold ? run_next : run_here,
                                          .check = check_call,
                                          .end = check_repetition,
                                          .arg = entry,
                                          .counters = counters,
                                          .count = sizeof counters / sizeof *counters});
    return PB_OK;
}

/* A peer that is wrong is in the results with what was wrong. */
static enum pb_status record_error(struct session_entry *entry, const char *sentence) {
    char text[PB_TEXT_SIZE], name[PB_TEXT_SIZE + 128], label[256];
    entry->error = strdup(sentence);
    if (!entry->error) return pb_fail(PB_NOMEM, "no memory for a sentence");
    pb_problem_print(&entry->work->problem, text);
    snprintf(name, sizeof name, "%s/%s", entry->kernel->name, text);
    snprintf(label, sizeof label, "%s peer", pb_kernel_method(entry->kernel));
    gbench_register(
            &(struct gbench_case){.name = name, .label = label, .call = say_error, .arg = entry});
    return PB_OK;
}

/* One of our own that cannot be set up is shown and counted. */
static enum pb_status take_error(struct session_entry *entry, const char *sentence) {
    if (pb_kernel_provider(entry->kernel)) return record_error(entry, sentence);
    say("poolbench: WRONG: %s\n", sentence);
    board->wrong++;
    return PB_OK;
}

static enum pb_status add_entry(struct session *s, struct session_work *work,
                                const struct verdict *verdict, double limit_seconds) {
    struct session_entry **grown = realloc(s->entry, (s->entries + 1) * sizeof *grown);
    struct session_entry *entry = calloc(1, sizeof *entry);
    if (grown) s->entry = grown;
    if (!grown || !entry) {
        free(entry);
        return pb_fail(PB_NOMEM, "no memory for one more benchmark");
    }
    *entry = (struct session_entry){.kernel = verdict->kernel,
                                    .work = work,
                                    .number = (size_t)(verdict - s->verdicts.item),
                                    .digest = verdict->digest,
                                    .cold = s->options.cold};
    s->entry[s->entries++] = entry;
    bool own = !pb_kernel_provider(entry->kernel);
    if (verdict->failure) return own ? PB_OK : record_error(entry, verdict->failure);
    enum pb_status status = make_ready(entry, s->options.cold, limit_seconds);
    return status && (!own || status != PB_NOMEM) ? take_error(entry, pb_error()) : status;
}

static enum pb_status add_work(struct session *s, const struct pb_problem *problem,
                               struct session_work **added) {
    struct session_work **grown = realloc(s->work, (s->works + 1) * sizeof *grown);
    struct session_work *work = calloc(1, sizeof *work);
    if (grown) s->work = grown;
    if (!grown || !work) {
        free(work);
        return pb_fail(PB_NOMEM, "no memory for one more problem");
    }
    s->work[s->works++] = *added = work;
    s->bytes += session_memory_of(s, problem);
    work->problem = *problem;
    work->copies = copies_of(s, problem);
    work->args = calloc(work->copies, sizeof *work->args);
    work->buffers = calloc(work->copies * PB_ROLES, sizeof *work->buffers);
    if (!work->args || !work->buffers) return pb_fail(PB_NOMEM, "no memory for copies of buffers");
    return make_buffers(work);
}

/* Gets the kernels of the verdicts, all of one problem, ready to be timed. */
static enum pb_status add_problem(struct session *s, const struct verdict *verdict, size_t count) {
    const struct pb_problem *problem = &s->problem[verdict->problem];
    const struct pb_traffic least = pb_least_traffic(problem);
    struct session_work *work = NULL;
    double limit_seconds;
    enum pb_status status = add_work(s, problem, &work);
    if (!status)
        status = pb_limits_seconds(&s->limits, least.read, least.written, pb_least_flops(problem),
                                   s->options.cold, &limit_seconds);
    for (size_t i = 0; !status && i < count; i++)
        status = add_entry(s, work, &verdict[i], limit_seconds);
    return status;
}

/* ---- The session ----------------------------------------------------------------------------- */

/* Records which pages the memory of this process has now. */
static void add_pages(const struct session *s) {
    char line[256], text[64] = "small";
    long kib = 0;
    FILE *file = s->options.huge ? fopen("/proc/self/smaps_rollup", "r") : NULL;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "AnonHugePages: %ld kB", &kib) == 1) break;
    if (file) fclose(file);
    if (s->options.huge)
        snprintf(text, sizeof text, "huge: %ld of %lld MiB of buffers", kib >> 10,
                 (long long)(s->bytes >> 20));
    gbench_context("pages", text);
}

static void add_context(const struct session *s) {
    char pinned[256];
    pb_machine_describe(gbench_context);
    gbench_context("cache", s->options.cold ? "cold" : "warm");
    gbench_context("pinned", pin_text(pinned, sizeof pinned));
    for (size_t i = 0; i < pb_provider_count(); i++) {
        char key[128];
        snprintf(key, sizeof key, "provider %s", pb_provider_at(i)->name);
        gbench_context(key, provider_version(pb_provider_at(i)));
    }
}

/* Takes the problems whose buffers fit. */
static enum pb_status take_problems(struct session *s, const struct pb_problem *problems,
                                    size_t count) {
    char text[PB_TEXT_SIZE];
    size_t taken = 0;
    s->problem = malloc((count + 1) * sizeof *s->problem);
    if (!s->problem) return pb_fail(PB_NOMEM, "no memory for %zu problems", count);
    for (size_t i = 0; i < count; i++)
        if (has_room(s, &problems[i]))
            s->problem[taken++] = problems[i];
        else
            fprintf(stderr, "poolbench: left out, beyond --memory: %s\n",
                    pb_problem_print(&problems[i], text));
    return verdicts_find(s->problem, taken, &s->options, &s->verdicts);
}

enum pb_status session_begin(struct session *s, const struct session_options *options,
                             const struct pb_problem *problems, size_t count) {
    *s = (struct session){.options = *options};
    return take_problems(s, problems, count);
}

static void clear(struct session *s) {
    gbench_clear();
    for (size_t i = 0; i < s->entries; i++) entry_free(s->entry[i]);
    for (size_t i = 0; i < s->works; i++) work_free(s->work[i]);
    free(s->entry);
    free(s->work);
}

void session_end(struct session *s) {
    free(s->problem);
    verdicts_free(&s->verdicts);
    json_decref(s->results);
    pb_limits_end(&s->limits);
    *s = (struct session){0};
}

/* ---- A part of it, in a process of its own --------------------------------------------------- */

/* Whatever --isa says: OpenBLAS does not obey it, and the machine's limit is the machine's. */
static enum pb_status begin_part(struct session *s) {
    pb_buffers_on_huge_pages(s->options.huge);
    sandbox_start_threads(pb_threads());
    pin_threads(pb_threads());
    add_context(s);
    if (s->limits.peak > 0) return PB_OK; /* of an earlier part */
    return pb_limits_begin(&s->limits, pb_threads(), pb_isa_detected());
}

static void keep_limits(const struct session *s) {
    board->peak = s->limits.peak;
    board->buckets = s->limits.buckets < SESSION_LIMITS ? s->limits.buckets : SESSION_LIMITS;
    if (board->buckets)
        memcpy(board->bucket, s->limits.bucket, board->buckets * sizeof *board->bucket);
}

/* Gets ready what has a verdict in the part. */
static enum pb_status add_part(const struct session_part *part) {
    struct session *s = part->session;
    const struct verdicts *v = &s->verdicts;
    enum pb_status status = PB_OK;
    for (size_t i = part->first, next; !status && i < part->end; i = next) {
        for (next = i + 1; next < part->end && v->item[next].problem == v->item[i].problem;) next++;
        status = add_problem(s, &v->item[i], next - i);
    }
    keep_limits(s);
    return status;
}

static enum pb_status time_ready(struct session *s) {
    add_pages(s);
    char *text = s->entries ? gbench_run() : NULL;
    leave();
    enum pb_status status = PB_OK;
    if (text && strlen(text) >= board->room)
        status = pb_fail(PB_NOMEM, "the results take more than %zu bytes", board->room);
    else if (text)
        strcpy(board->json, text);
    free(text);
    return status;
}

void session_time_part(void *arg) {
    const struct session_part *part = arg;
    struct session *s = part->session;
    board = s->board;
    progress_keep_in(board->line, sizeof board->line);
    enum pb_status status = begin_part(s);
    if (!status) status = add_part(part);
    if (!status) status = time_ready(s);
    snprintf(board->sentence, sizeof board->sentence, "%s", pb_error());
    clear(s);
    board->status = status;
}
