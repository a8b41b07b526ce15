/* failures.h: what `poolbench verify` found wrong, grouped by cause. */
#ifndef FAILURES_H
#define FAILURES_H

#include "verify/verification.h"
#include <jansson.h>
#include <stdio.h>

/* What one kernel does wrong for one cause. */
struct failure_group {
    struct pb_failure smallest;
    int64_t checks; /* that failed so */
};

struct failures {
    struct failure_group *group;
    size_t groups;
};

/* Adds one to its group. NOMEM where there is no memory for a new one. */
enum pb_status failures_add(struct failures *failures, const struct pb_failure *failure);
/* Shrinks the smallest case of each group, for at most a minute in all, and joins groups whose
 * smallest cases have one cause. Calls show(arg) now and then. */
void failures_shrink(struct failures *failures, double limit, void (*show)(const char *what));
/* One line for each cause, the smallest case, its window's values, the command that repeats it.
 * `limit` is what a hang's command names. */
void failures_print(const struct failures *failures, double limit, FILE *to);
/* A case as the options of `verify` name it, each behind a space. */
void failures_print_case(FILE *to, const struct pb_case *now);
json_t *failures_json(const struct failures *failures, double limit);
void failures_free(struct failures *failures); /* accepts a zeroed one */

#endif
