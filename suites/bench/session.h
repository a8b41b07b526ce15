/* session.h: kernels on problems, each verified and then timed beside the others. */
#ifndef SESSION_H
#define SESSION_H

#include "outfile.h"
#include "reference.h"
#include "roof.h"
#include <jansson.h>

struct session_options {
    const char *glob; /* of kernels; NULL: all */
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
    size_t wrong;    /* kernels that did not hold or could not be set up; each was shown */
    json_t *results; /* Google Benchmark's JSON of all of them; NULL before the first */
};

/* Pins the threads, measures the peak rate. */
enum pb_status session_begin(struct session *session, const struct session_options *options);
/* Whether the buffers of `problem` fit beside those that wait. */
bool session_has_room(const struct session *session, const struct pb_problem *problem);
/* Verifies every kernel that accepts the problem and gets those that hold ready. One that does not
 * is shown and counted. */
enum pb_status session_add(struct session *session, const struct pb_problem *problem);
/* Times what is ready, interleaved, adds it to the results and gives the buffers back. */
enum pb_status session_time(struct session *session);
void session_end(struct session *session); /* accepts a zeroed one */

#endif
