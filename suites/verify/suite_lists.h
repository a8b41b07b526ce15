/* suite_lists.h: the lists of problems that `verify` runs where it is given none. */
#ifndef PB_SUITE_LISTS_H
#define PB_SUITE_LISTS_H

#include "common/suites.h"

enum pb_suite {
    PB_SUITE_DEFAULT, /* what every kernel is held to */
    PB_SUITE_QUICK,   /* the list by hand alone */
    PB_SUITE_LARGE,   /* what needs much memory or time, and no other */
};

struct pb_suite_list {
    const char *file;  /* in suites/shapes */
    unsigned suites;   /* that it is in: bits 1 << PB_SUITE_DEFAULT … */
    bool varied;       /* runs in every direction, and in nchw and nhwc; else as it is written */
    bool alone;        /* its problems take turns on all threads: they fill memory */
    unsigned patterns; /* of data: bits 1 << PB_MIXED …; 0: all */
    bool in_turn;      /* one pattern more, each in turn */
};

/* Every list, the last has no file. */
extern const struct pb_suite_list pb_suite_lists[];

/* The problems of a list, to free with pb_problems_free. */
enum pb_status pb_suite_list_read(const struct pb_suite_list *list, struct pb_problems *problems);

#endif
