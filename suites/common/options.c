/* What the subcommands share: complaints and the options of the machine. */
#include "common/suites.h"
#include "common/plugins.h"
#include "core/names.h"
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pb_complain(enum pb_status status) {
    fprintf(stderr, "poolbench: %s\n", pb_error());
    return status == PB_PROVIDER ? EXIT_FAILED : EXIT_USAGE;
}

static bool is_word(const char *text, size_t length, const char *word) {
    return strlen(word) == length && !strncmp(text, word, length);
}

enum pb_status pb_op_of_prefix(const char *prefix, enum pb_op *op) {
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(prefix, ":"), prefix);
    return pb_op_parse(name, op);
}

enum pb_status pb_op_check_prefix(const char *prefix) {
    enum pb_op op;
    enum pb_status status = pb_op_of_prefix(prefix, &op);
    for (const char *field = strchr(prefix, ':'); field && !status; field = strchr(field, ':')) {
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(field + 1, ":"), field + 1);
        status = name_check(1u << NAME_DTYPE | 1u << NAME_LAYOUT | 1u << NAME_DIR, word);
        field++;
    }
    return status;
}

bool pb_prefix_matches(const char *prefix, const struct pb_problem *problem) {
    const char *const names[] = {pb_op_name(problem->op), pb_dtype_name(problem->dtype),
                                 pb_layout_name(problem->layout), pb_dir_name(problem->dir)};
    for (const char *field = prefix; field; field = strchr(field, ':')) {
        field += *field == ':';
        bool has = false;
        for (int i = 0; i < 4; i++) has |= is_word(field, strcspn(field, ":"), names[i]);
        if (!has) return false;
    }
    return true;
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

/* ---- The machine and the providers ----------------------------------------------------------- */

int pb_providers_refused;

/* One that cannot be loaded, or declares what is no rule, is shown; the rest goes on. */
static void load_provider(const char *path) {
    if (!plugin_declare(path)) return;
    pb_complain(PB_PROVIDER);
    pb_providers_refused++;
}

/* All that stand in the directory providers/ beside the program. */
static void load_peers(void) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    char *name = strrchr(path, '/');
    size_t room = name ? (size_t)(path + sizeof path - name) : 0;
    glob_t found = {0};
    if (!name || snprintf(name, room, "/providers/*.so") >= (int)room ||
        glob(path, 0, NULL, &found)) {
        fprintf(stderr, "poolbench: --peers: no provider is built: no %s\n", path);
        pb_providers_refused++;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) load_provider(found.gl_pathv[i]);
    globfree(&found);
}

enum { OPT_PROVIDER = 0x1000, OPT_PEERS }; /* above what subcommands use */

static error_t parse_machine(int key, char *value, struct argp_state *state) {
    switch (key) {
    case 'I':
        if (pb_isa_limit(value)) argp_error(state, "%s", pb_error());
        return 0;
    case 't':
        pb_set_threads((int)pb_parse_count(state, "threads", value, 1, 4096));
        return 0;
    case OPT_PROVIDER:
        if (access(value, R_OK)) argp_error(state, "--provider %s: %s", value, strerror(errno));
        load_provider(value);
        return 0;
    case OPT_PEERS:
        load_peers();
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option machine_options[] = {
        {"isa", 'I', "LEVEL", 0,
         "Highest ISA to use: scalar, avx2, avx512, neon or native (also $POOLBENCH_ISA)", 9},
        {"threads", 't', "N", 0, "Threads (default: every core)", 9},
        {"provider", OPT_PROVIDER, "SO", 0,
         "Also the kernels of this plug-in (give it again for another)", 9},
        {"peers", OPT_PEERS, NULL, 0, "Also the kernels of every plug-in built with the program",
         9},
        {0},
};

const struct argp pb_machine_argp = {.options = machine_options, .parser = parse_machine};
