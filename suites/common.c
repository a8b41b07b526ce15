/* What the subcommands share: complaints and the options of the machine. */
#include "suites.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pb_complain(enum pb_status status) {
    fprintf(stderr, "poolbench: %s\n", pb_error());
    return status == PB_PROVIDER ? EXIT_FAILED : EXIT_USAGE;
}

enum pb_status pb_op_check_prefix(const char *prefix) {
    enum pb_op op;
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(prefix, ":"), prefix);
    return pb_op_parse(name, &op);
}

int64_t pb_parse_count(struct argp_state *state, const char *option, const char *text,
                       int64_t least, int64_t most) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        argp_error(state, "--%s '%s' is not a number from %lld to %lld", option, text,
                   (long long)least, (long long)most);
    return value;
}

static error_t parse_machine(int key, char *value, struct argp_state *state) {
    switch (key) {
    case 'I':
        if (pb_isa_limit(value)) argp_error(state, "%s", pb_error());
        return 0;
    case 't':
        pb_set_threads((int)pb_parse_count(state, "threads", value, 1, 4096));
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
