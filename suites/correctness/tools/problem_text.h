/* problem_text.h: what the text of a problem means. What is not so fails the test. */
#ifndef PB_PROBLEM_TEXT_H
#define PB_PROBLEM_TEXT_H

#include "poolbench.h"

struct pb_problem problem_of(const char *text);
/* Refused with a sentence that names `field`, and nothing written. */
void expect_problem_refused(const char *text, const char *field);

/* The axis that `text` gives, by its name. */
void expect_axis(const char *text, const char *name, struct pb_axis got, struct pb_axis want);

#define ABSENT                                                                                     \
    { 1, 1, 1, 1, 0, 0, 0 }
struct geometry {
    const char *text;
    int rank;
    struct pb_axis d, h, w; /* i, o, k, s, p, pr, d */
};

void expect_geometry(const struct geometry *rows, size_t count);

#define EXPECT_GEOMETRY(...)                                                                       \
    do {                                                                                           \
        static const struct geometry rows[] = {__VA_ARGS__};                                       \
        expect_geometry(rows, sizeof rows / sizeof rows[0]);                                       \
    } while (0)

#endif
