/* The process that watches: it gives out the parts of a session, each to a process that times it,
 * and puts a new one in the place of one that a kernel brought down. It runs no kernel itself. */
#include "bench/gbench.h"
#include "bench/session_part.h"
#include "common/progress.h"
#include "common/sandbox.h"
#include "registry/provider.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>

static size_t board_bytes(const struct session_board *board) {
    return sizeof *board + board->room;
}

/* Room for every row, with names and counters, and for the aggregates of each benchmark. */
static struct session_board *make_board(const struct session *s) {
    const size_t row_bytes = 4096, aggregates = 5, context_bytes = 1 << 16;
    size_t rows = s->verdicts.count * ((size_t)gbench_repetitions() + aggregates);
    size_t room = rows * row_bytes + context_bytes;
    struct session_board *board = sandbox_memory(sizeof *board + room);
    if (board) board->room = room;
    return board;
}

/* ---- What came out of a part ----------------------------------------------------------------- */

/* The limits that were measured for it hold for the next, too. */
static enum pb_status take_limits(struct session *s) {
    const struct session_board *board = s->board;
    size_t count = board->buckets <= SESSION_LIMITS ? board->buckets : SESSION_LIMITS;
    struct pb_limits_bucket *copy = malloc((count + 1) * sizeof *copy);
    if (!copy) return pb_fail(PB_NOMEM, "no memory for the machine's limits");
    if (count) memcpy(copy, board->bucket, count * sizeof *copy);
    pb_limits_end(&s->limits);
    s->limits = (struct pb_limits){.threads = pb_threads(),
                                   .isa = pb_isa_detected(),
                                   .peak = board->peak,
                                   .bucket = copy,
                                   .buckets = count};
    return PB_OK;
}

static enum pb_status take_json(struct session *s) {
    json_error_t error;
    s->board->json[s->board->room - 1] = 0;
    if (!*s->board->json) return PB_OK; /* nothing is ready, or --benchmark_filter left nothing */
    json_t *part = json_loads(s->board->json, 0, &error);
    if (!part) return pb_fail(PB_INVALID, "the run's JSON: %s", error.text);
    if (!s->results) {
        s->results = part;
        return PB_OK;
    }
    int failed = json_array_extend(json_object_get(s->results, "benchmarks"),
                                   json_object_get(part, "benchmarks"));
    json_decref(part);
    return failed ? pb_fail(PB_NOMEM, "no memory for the results") : PB_OK;
}

static enum pb_status take_results(struct session *s, const struct sandbox_outcome *outcome) {
    struct session_board *board = s->board;
    board->messages[sizeof board->messages - 1] = 0;
    fprintf(stderr, "%s%s", board->messages, outcome->printed);
    if (board->status) return pb_fail(board->status, "%s", board->sentence);
    s->wrong += board->wrong;
    return take_json(s);
}

/* ---- Kernels that bring it down -------------------------------------------------------------- */

/* It is not called any more; rows that were timed before stay. */
static enum pb_status leave_out(struct session *s, size_t first, const char *sentence) {
    const struct pb_kernel *kernel = s->verdicts.item[s->board->current].kernel;
    for (size_t i = first; i < s->verdicts.count; i++) {
        struct verdict *verdict = &s->verdicts.item[i];
        if (verdict->kernel != kernel || verdict->failure) continue;
        if (!(verdict->failure = strdup(sentence)))
            return pb_fail(PB_NOMEM, "no memory for a sentence");
    }
    return PB_OK;
}

static enum pb_status take_crash(struct session *s, size_t first,
                                 const struct sandbox_outcome *outcome) {
    char words[256], text[PB_TEXT_SIZE], sentence[1024];
    size_t current = s->board->current;
    sandbox_say(outcome, words, sizeof words);
    if (outcome->ours || current < first || current >= s->verdicts.count)
        return pb_fail(PB_IO, "the process that times kernels: %s%s%s", words,
                       *outcome->printed ? ": " : "", outcome->printed);
    const struct verdict *verdict = &s->verdicts.item[current];
    snprintf(sentence, sizeof sentence, "%s: %s, while it was timed on %s", verdict->kernel->name,
             words, pb_problem_print(&s->problem[verdict->problem], text));
    fprintf(stderr, "poolbench: WRONG: %s\n", sentence);
    *(pb_kernel_provider(verdict->kernel) ? &s->crashed : &s->wrong) += 1;
    return leave_out(s, first, sentence);
}

/* ---- Parts ----------------------------------------------------------------------------------- */

static enum pb_status watch_part(struct session_part *part, struct sandbox_outcome *outcome) {
    struct session_board *board = part->session->board;
    struct sandbox box;
    char line[sizeof board->line] = "";
    board->current = SESSION_NOBODY;
    board->wrong = 0;
    *board->line = *board->messages = *board->json = 0;
    enum pb_status status = sandbox_start(&box, session_time_part, part);
    if (status) return status;
    while (!sandbox_has_ended(&box, outcome)) {
        struct pollfd ready = {.fd = box.ended, .events = POLLIN};
        poll(&ready, 1, 50);
        if (!strncmp(line, board->line, sizeof line - 1)) continue;
        memcpy(line, board->line, sizeof line - 1);
        progress_show("%s", line);
    }
    progress_clear();
    return PB_OK;
}

static enum pb_status time_part(struct session_part part) {
    struct session *s = part.session;
    struct sandbox_outcome outcome = {.end = SANDBOX_LOST};
    enum pb_status status = PB_OK;
    while (!status && outcome.end != SANDBOX_FINISHED) {
        status = watch_part(&part, &outcome);
        if (!status) status = take_limits(s);
        if (!status && outcome.end != SANDBOX_FINISHED)
            status = take_crash(s, part.first, &outcome);
    }
    return status ? status : take_results(s, &outcome);
}

/* As many problems as have room together. */
static size_t end_of_part(const struct session *s, size_t first) {
    const struct verdicts *v = &s->verdicts;
    int64_t bytes = 0;
    size_t i = first;
    while (i < v->count) {
        size_t problem = v->item[i].problem;
        bytes += session_memory_of(s, &s->problem[problem]);
        if (i > first && bytes > s->options.memory) break;
        while (i < v->count && v->item[i].problem == problem) i++;
    }
    return i;
}

/* Those of our own that failed are shown and counted; a peer's failure becomes a row. */
static void show_failures(struct session *s) {
    for (size_t i = 0; i < s->verdicts.count; i++) {
        const struct verdict *verdict = &s->verdicts.item[i];
        bool peer = pb_kernel_provider(verdict->kernel);
        s->crashed += peer && verdict->crashed;
        if (!verdict->failure || peer) continue;
        fprintf(stderr, "poolbench: WRONG: %s\n", verdict->failure);
        s->wrong++;
    }
}

enum pb_status session_run(struct session *s) {
    enum pb_status status = PB_OK;
    show_failures(s);
    if (!s->verdicts.count) return PB_OK;
    if (!(s->board = make_board(s))) return PB_NOMEM;
    for (size_t first = 0, end; !status && first < s->verdicts.count; first = end) {
        end = end_of_part(s, first);
        status = time_part((struct session_part){s, first, end});
    }
    sandbox_memory_free(s->board, board_bytes(s->board));
    s->board = NULL;
    return status;
}
