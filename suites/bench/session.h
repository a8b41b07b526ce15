/* session.h: kernels on problems, each verified and then timed beside the others. */
#ifndef SESSION_H
#define SESSION_H

#include "outfile.h"
#include "reference.h"
#include "roof.h"
#include <jansson.h>

struct session_options {
    const char *glob; /* of kernels; NULL: all */
    bool own;         /* none of a provider */
    bool cold;        /* each call works on buffers that no cache holds any more */
    bool progress;
    int64_t memory; /* bytes that the buffers timed together may take */
};

/* One kernel on one problem's buffers, ready to be timed. */
struct session_entry;
/* One problem: its trial, and in a cold session copies of its buffers. */
struct session_work;

struct session {
    struct session_options options;
    struct pb_roof roof;
    struct session_work **work;
    struct session_entry **entry;
    size_t works, entries;
    int64_t bytes;   /* of the buffers that wait to be timed */
    size_t wrong;    /* of our own that did not hold or could not be set up; each was shown */
    json_t *results; /* Google Benchmark's JSON of all of them; NULL before the first */
};

/* Pins the threads, measures the peak rate. */
enum pb_status session_begin(struct session *session, const struct session_options *options);
/* Verifies every kernel that accepts the problem, which is number `position` of `count`, and gets
 * those that hold ready; where its buffers do not fit beside those that wait, times these first,
 * and where they do not fit at all leaves it out with a word. One of our own that does not hold is
 * shown and counted, a peer's recorded as an error. */
enum pb_status session_work_through(struct session *session, const struct pb_problem *problem,
                                    size_t position, size_t count);
/* Times what is ready, interleaved, adds it to the results and gives the buffers back. */
enum pb_status session_time(struct session *session);
void session_end(struct session *session); /* accepts a zeroed one */

/* What the buffers may take by default: a quarter of the machine's memory, in bytes. */
int64_t session_memory(void);

#endif
