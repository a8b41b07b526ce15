/* A plug-in that says something of itself that cannot be, named by UNTRUE; built once for each. */
#include "provider_abi.h"
#include <stdlib.h>

enum {
    UNTRUE_READS_PAST,  /* more than a page */
    UNTRUE_READS_ALL,   /* as much as a size can say */
    UNTRUE_GLOB,        /* a difference without kernels */
    UNTRUE_RULE,        /* a difference without a rule */
    UNTRUE_SENTENCE,    /* one whose sentence has two lines */
    UNTRUE_WHEN,        /* a difference that shows at a time that there is not */
    UNTRUE_DIFFERENCES, /* more differences than it can have */
    UNTRUE_VERSION,     /* a version of NULL */
    UNTRUE_ESCAPE,      /* a version with a terminal's escape */
    UNTRUE_NAME,        /* a name that leaves the folder */
    UNTRUE_METHOD,      /* the name of a method */
    UNTRUE_EMPTY,       /* an empty name */
    UNTRUE_KERNEL,      /* a kernel whose name has a '/' */
    UNTRUE_LINE,        /* a kernel whose name has two lines */
    UNTRUE_LATIN,       /* a kernel whose name is no UTF-8 */
    UNTRUE_GLOBBED,     /* a kernel whose name is a glob */
    UNTRUE_LONG,        /* a kernel whose name is too long */
    UNTRUE_CAN_DO,      /* a kernel without can_do */
    UNTRUE_SETUP,       /* a kernel without setup */
    UNTRUE_DONE,        /* a kernel without done */
    UNTRUE_ISA,         /* a kernel for an unknown ISA */
    UNTRUE_KERNELS,     /* more kernels than it has */
    UNTRUE_NONE,        /* no kernels */
};

#define IS(what) (UNTRUE == UNTRUE_##what)

static enum pb_status start(const struct pb_host *host) {
    (void)host;
    if (!IS(VERSION) && !IS(ESCAPE)) abort(); /* what can be seen before is refused before */
    return PB_OK;
}

static const char *version(void) {
    return IS(VERSION) ? NULL : IS(ESCAPE) ? "1\033[2J" : "1";
}

static bool can_do(const struct pb_problem *problem) {
    (void)problem;
    return false;
}

static enum pb_status setup(const struct pb_problem *problem, const struct pb_args *constants,
                            void **plan) {
    (void)problem, (void)constants, (void)plan;
    abort();
}

static enum pb_status run(const struct pb_problem *problem, void *plan,
                          const struct pb_args *args) {
    (void)problem, (void)plan, (void)args;
    abort();
}

static void done(void *plan) {
    (void)plan;
}

#define TEN "0123456789"

static const struct pb_kernel kernels[] = {{
        .name = IS(KERNEL)    ? "untrue_a/b"
                : IS(LINE)    ? "untrue_a\nb"
                : IS(LATIN)   ? "untrue_\xe4"
                : IS(GLOBBED) ? "untrue_*"
                : IS(METHOD)  ? "naive_x"
                : IS(EMPTY)   ? "_x"
                : IS(LONG)    ? "untrue_" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
                              : "untrue_x",
        .isa = IS(ISA) ? 1u << 30 : 0,
        .can_do = IS(CAN_DO) ? NULL : can_do,
        .setup = IS(SETUP) ? NULL : setup,
        .run = run,
        .done = IS(DONE) ? NULL : done,
}};

static const struct pb_difference differences[] = {{
        .kernels = IS(GLOB) ? NULL : "untrue_*",
        .rule = IS(RULE) ? NULL : "max_nan",
        .when = IS(WHEN) ? (enum pb_when)7 : PB_ALWAYS,
        .sentence = IS(SENTENCE) ? "a NaN\nis lost" : "a NaN is lost",
}};

const struct pb_provider pb_provider = {
        .abi = PB_ABI,
        .name = IS(NAME)     ? "../untrue"
                : IS(METHOD) ? "naive"
                : IS(EMPTY)  ? ""
                             : "untrue",
        .start = start,
        .version = version,
        .kernels = kernels,
        .kernel_count = IS(KERNELS) ? SIZE_MAX
                        : IS(NONE)  ? 0
                                    : 1,
        .differences = differences,
        .difference_count = IS(DIFFERENCES) ? SIZE_MAX : 1,
        .reads_past = IS(READS_PAST)  ? 4097
                      : IS(READS_ALL) ? SIZE_MAX
                                      : 0,
};
