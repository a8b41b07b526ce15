/* session_part.h: what the process that times a part of a session and the one that watches it
 * share; for session.c and session_parts.c. */
#ifndef PB_SESSION_PART_H
#define PB_SESSION_PART_H

#include "bench/session.h"
#include <stdint.h>

enum { SESSION_LIMITS = 256 }; /* working sets of which limits are kept from part to part */
#define SESSION_NOBODY SIZE_MAX

/* Memory of both. The results are text, which the one that watches reads like a file. */
struct session_board {
    size_t current; /* verdict whose kernel is called now, or SESSION_NOBODY */
    enum pb_status status;
    char sentence[1024];
    size_t wrong;         /* kernels of our own that could not be set up */
    char line[256];       /* how far it is */
    char messages[65536]; /* to be shown when it has ended */
    double peak;          /* of the limits, with their buckets */
    size_t buckets;
    struct pb_limits_bucket bucket[SESSION_LIMITS];
    size_t room; /* of json */
    char json[];
};

/* Problems that are timed together: a stretch of the verdicts. */
struct session_part {
    struct session *session;
    size_t first, end;
};

/* The work of a sandbox: times a part and leaves what came out on the board. */
void session_time_part(void *part);

/* Bytes of a problem's buffers, all copies together. */
int64_t session_memory_of(const struct session *session, const struct pb_problem *problem);

#endif
