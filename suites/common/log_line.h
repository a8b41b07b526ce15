/* log_line.h: a line of the log that oneDNN writes with ONEDNN_VERBOSE set, from 1.x
 * (dnnl_verbose,exec,…) to 3.12 (onednn_verbose,v1,primitive,exec,…). */
#ifndef PB_LOG_LINE_H
#define PB_LOG_LINE_H

#include "poolbench.h"

enum log_kind {
    LOG_NONE,   /* no line of such a log */
    LOG_NOTE,   /* says nothing of a problem: the versions, a template, an attempt that failed */
    LOG_OTHER,  /* of a primitive that is not done here */
    LOG_PROBLEM /* a pool, a convolution, or a problem whose primitive the line does not name */
};

/* As benchdnn's options would say it; "" where the line does not. */
struct log_line {
    enum log_kind kind;
    char *text; /* the line's own copy; the rest points into it */
    const char *primitive, *alg, *dir, *desc, *attributes;
    char types[64], src_tag[32], dst_tag[32];
};

/* Where such a line begins in `line`; NULL: it does not. Before a comment only. */
const char *log_line_begins(const char *line);
/* NOMEM; INVALID, with a sentence, for a line of a pool or convolution that has no problem. */
enum pb_status log_line_read(const char *line, struct log_line *log);
void log_line_free(struct log_line *log); /* accepts a zeroed one */

#endif
