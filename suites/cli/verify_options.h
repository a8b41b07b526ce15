/* verify_options.h: what the command line of `poolbench verify` asks for. */
#ifndef VERIFY_OPTIONS_H
#define VERIFY_OPTIONS_H

#include "common/suites.h"
#include "verify/row_choice.h"
#include "verify/suite_lists.h"

struct verify_options {
    const char **text; /* problems as given; room for every argument */
    size_t texts;
    const char *batch, *op, *onnx;
    const char **glob; /* of kernels' names, each enough; room for every argument */
    struct pb_row_choice choice;
    int64_t mb, fuzz; /* problems to draw; 0: none */
    double seconds, limit;
    int family, placement, jobs;
    enum pb_suite suite;
    uint64_t seed;
    bool json, matrix, refresh;
};

/* Takes a struct verify_options, with its defaults, as its input. */
extern const struct argp verify_argp;

#endif
