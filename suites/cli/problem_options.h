/* problem_options.h: which problems a command line asks for: those that it names, those of a batch
 * file or a default list, in the minibatches, layouts and directions that it wants. */
#ifndef ASKED_H
#define ASKED_H

#include "common/suites.h"

struct asked {
    const char **text; /* room for every argument, made by asked_begin */
    size_t texts;
    const char *batch, *op;
    struct pb_variants variants;
};

/* Takes PROBLEM…, --batch, --op, --mb, --layout and --dir; give it as a child, with a struct asked
 * as its input. */
extern const struct argp asked_argp;

enum pb_status asked_begin(struct asked *asked, int argc);
/* The problems; without any on the command line those of suites/shapes/LIST. */
enum pb_status asked_problems(const struct asked *asked, const char *list,
                              struct pb_problems *problems);
void asked_end(struct asked *asked); /* accepts a zeroed one */

#endif
