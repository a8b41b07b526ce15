/* What the subcommands share: complaints and the options of the machine. */
#include "suites.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pb_complain(enum pb_status status) {
    fprintf(stderr, "poolbench: %s\n", pb_error());
    return status == PB_PROVIDER ? EXIT_FAILED : EXIT_USAGE;
}

enum pb_status pb_op_parse(const char *name, enum pb_op *op) {
    for (int i = 0; i < PB_OPS; i++) {
        if (strcmp(name, pb_op_name((enum pb_op)i))) continue;
        *op = (enum pb_op)i;
        return PB_OK;
    }
    return pb_fail(PB_INVALID, "unknown operation '%s' (max, avg_p, avg_np, lp, gap, gmp or conv)",
                   name);
}

static error_t parse_machine(int key, char *value, struct argp_state *state) {
    char *end;
    long threads;
    switch (key) {
    case 'I':
        if (pb_isa_limit(value)) argp_error(state, "%s", pb_error());
        return 0;
    case 't':
        threads = strtol(value, &end, 10);
        if (end == value || *end || threads < 1 || threads > 4096)
            argp_error(state, "--threads '%s' is not a number from 1 to 4096", value);
        pb_set_threads((int)threads);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option machine_options[] = {
        {"isa", 'I', "LEVEL", 0,
         "Highest ISA to use: scalar, avx2, avx512, neon or native (also $POOLBENCH_ISA)", 9},
        {"threads", 't', "N", 0, "Threads (default: every core)", 9},
        {0},
};

const struct argp pb_machine_argp = {.options = machine_options, .parser = parse_machine};
