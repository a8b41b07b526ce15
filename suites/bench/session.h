/* session.h: kernels on problems, each verified and then timed beside the others. */
#ifndef PB_SESSION_H
#define PB_SESSION_H

#include "bench/checked.h"
#include "reference.h"
#include "roofline/limits.h"
#include <jansson.h>

struct session_options {
    const char *glob;    /* of kernels; NULL: all */
    const char *methods; /* as pb_method_chosen takes them */
    bool own;            /* none of a provider */
    bool cold;           /* each call works on buffers that no cache holds any more */
    bool huge;           /* transparent huge pages under the tensors */
    int64_t memory;      /* bytes that the buffers timed together may take */
};

/* One kernel on one problem's buffers, ready to be timed. */
struct session_entry;
/* One problem: its buffers, in a cold session several times. */
struct session_work;

struct session {
    struct session_options options;
    struct pb_problem *problem; /* that fit, and the outcome of each kernel on them */
    struct verdicts verdicts;
    struct pb_limits limits;
    struct session_work **work;
    struct session_entry **entry;
    size_t works, entries;
    int64_t bytes;  /* of the buffers that wait to be timed */
    size_t wrong;   /* of our own that failed or could not be set up; each was shown */
    size_t crashed; /* of peers' that crashed, hung or ended the process, checked or timed */
    struct session_board *board; /* session_part.h; NULL: nothing is timed now */
    json_t *results;             /* Google Benchmark's JSON of all of them; NULL before the first */
};

/* Verifies every kernel that accepts one of the problems; a problem whose buffers do not fit is
 * left out with a message. */
enum pb_status session_begin(struct session *session, const struct session_options *options,
                             const struct pb_problem *problems, size_t count);
/* Times those that passed, interleaved, as many problems together as have room, in a process of its
 * own with pinned threads, which measures the machine's limits, too. One of our own that failed or
 * cannot be set up is shown and counted, a peer's is recorded as an error. One that brings the
 * process down is shown, and the problems of that time are timed again without it. Call it before
 * this process has started any thread. */
enum pb_status session_run(struct session *session);
void session_end(struct session *session); /* accepts a zeroed one */

/* What the buffers may take by default: a quarter of the machine's memory, in bytes. */
int64_t session_memory(void);

#endif
