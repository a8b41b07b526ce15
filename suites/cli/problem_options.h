/* problem_options.h: which problems a command line asks for: those that it names, those of a batch
 * file or a default list, in the minibatches, layouts and directions that it wants. */
#ifndef PROBLEM_OPTIONS_H
#define PROBLEM_OPTIONS_H

#include "common/suites.h"

struct problem_options {
    const char **text; /* room for every argument, made by problem_options_begin */
    size_t texts;
    const char *batch, *op;
    struct pb_variants variants;
};

/* Takes PROBLEM…, --batch, --op, --mb, --layout and --dir; give it as a child, with a struct
 * problem_options as its input. */
extern const struct argp problem_options_argp;

enum pb_status problem_options_begin(struct problem_options *wanted, int argc);
/* The problems; without any on the command line those of suites/shapes/LIST. */
enum pb_status problem_options_problems(const struct problem_options *wanted, const char *list,
                                        struct pb_problems *problems);
void problem_options_end(struct problem_options *wanted); /* accepts a zeroed one */

#endif
