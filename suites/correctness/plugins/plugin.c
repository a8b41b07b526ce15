/* A plug-in with the defect that DEFECT names, or none; built once for each. */
#include "provider_abi.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    DEFECT_NONE,
    DEFECT_ABI,        /* another ABI's number */
    DEFECT_SIZE,       /* a struct pb_problem of another size */
    DEFECT_INCOMPLETE, /* a kernel without run */
    DEFECT_NAMELESS,   /* a kernel without a name */
    DEFECT_EMPTY,      /* no version */
    DEFECT_NAME,       /* a kernel that is not called by the provider's name */
    DEFECT_TWICE,      /* two kernels of one name */
    DEFECT_START,      /* does not start */
    DEFECT_CRASH,      /* crashes in can_do, setup or run, each in the kernel of that name */
    DEFECT_WRONG,      /* the last element is wrong where a row has 5 elements or more */
    DEFECT_HANG,       /* run does not end */
    DEFECT_TALKS,      /* run says where it writes, in the file $PLUG_SAYS or else on stderr */
    DEFECT_LOOPS,      /* can_do does not end in the kernel of that name */
};

static const struct pb_host *host;

static enum pb_status start(const struct pb_host *lent) {
    host = lent;
    return DEFECT == DEFECT_START ? host->fail(PB_PROVIDER, "plug: its licence has run out")
                                  : PB_OK;
}

static const char *version(void) {
    return "7.8";
}

static const char *implementation(const struct pb_kernel *kernel, const void *plan,
                                  bool *reference) {
    (void)kernel, (void)plan;
    *reference = true;
    return "by hand";
}

static bool is_padded(const struct pb_axis *a) {
    return a->p > 0 || (a->o - 1) * a->s >= a->i;
}

static bool windows_of_one(const struct pb_problem *p) {
    return p->op == PB_MAX && p->dir == PB_FWD && p->dtype == PB_F32 && p->rank < 3 &&
           p->h.k * p->w.k == 1 && !is_padded(&p->h) && !is_padded(&p->w);
}

static volatile bool endless = true;

static bool no_can_do(const struct pb_problem *p) {
    (void)p;
    while (DEFECT == DEFECT_LOOPS && endless) continue;
    abort();
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **plan) {
    (void)p, (void)constants;
    *plan = NULL;
    return PB_OK;
}

static enum pb_status no_setup(const struct pb_problem *p, const struct pb_args *constants,
                               void **plan) {
    (void)p, (void)constants, (void)plan;
    abort();
}

static void talk(const void *address) {
    const char *path = getenv("PLUG_SAYS");
    FILE *to = path ? fopen(path, "a") : stderr;
    if (!to) abort();
    fprintf(to, "\nplug writes to %p\n", address);
    if (path) fclose(to);
}

static void do_wrong(const struct pb_problem *p, const struct pb_tensor *y) {
    while (DEFECT == DEFECT_HANG && endless) continue;
    if (DEFECT == DEFECT_TALKS) talk(y->data);
    if (DEFECT == DEFECT_WRONG && p->w.o >= 5 && p->mb > 0)
        ((float *)y->data)[pb_offset(y, p->mb - 1, p->ic - 1, 0, p->h.o - 1, p->w.o - 1)] = 12345;
}

/* Copies windows of one element. */
static enum pb_status run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct pb_tensor *x = &args->src, *y = &args->dst;
    (void)plan;
    for (int64_t n = 0; n < p->mb; n++)
        for (int64_t c = 0; c < p->ic; c++)
            for (int64_t h = 0; h < p->h.o; h++)
                for (int64_t w = 0; w < p->w.o; w++)
                    ((float *)y->data)[pb_offset(y, n, c, 0, h, w)] =
                            ((const float *)x->data)[pb_offset(x, n, c, 0, h * p->h.s, w * p->w.s)];
    do_wrong(p, y);
    return PB_OK;
}

static enum pb_status no_run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    (void)p, (void)plan, (void)args;
    abort();
}

static void done(void *plan) {
    (void)plan;
}

/* The first `kernel_count` of them. */
static const struct pb_kernel kernels[] = {
        {DEFECT == DEFECT_NAMELESS ? NULL : "plug_max", 0, windows_of_one, setup,
         DEFECT == DEFECT_INCOMPLETE ? NULL : run, done},
        {DEFECT == DEFECT_NAME    ? "maxpool_f32_naive"
         : DEFECT == DEFECT_TWICE ? "plug_max"
                                  : "plug_run",
         0, windows_of_one, setup, no_run, done},
        {"plug_setup", 0, windows_of_one, no_setup, run, done},
        {"plug_can_do", 0, no_can_do, setup, run, done},
};

static bool is_large(const struct pb_problem *p) {
    return p->ic > 100;
}

static const struct pb_difference differences[] = {
        {"plug_m*", "max_nan", "tensorflow_125965_nan_in_every_channel", PB_WITH_SPECIAL, NULL,
         "a NaN may be lost"},
        {"plug_max", "results", NULL, PB_ALWAYS, is_large,
         "more than 100 channels are not counted"},
};

const struct pb_provider pb_provider = {
        .abi = {PB_PROVIDER_ABI + (DEFECT == DEFECT_ABI), sizeof(struct pb_provider),
                sizeof(struct pb_kernel), sizeof(struct pb_problem) - 8 * (DEFECT == DEFECT_SIZE),
                sizeof(struct pb_args)},
        .name = "plug",
        .start = start,
        .version = DEFECT == DEFECT_EMPTY ? NULL : version,
        .implementation = implementation,
        .kernels = kernels,
        .kernel_count = DEFECT == DEFECT_CRASH || DEFECT == DEFECT_LOOPS  ? 4
                        : DEFECT == DEFECT_NAME || DEFECT == DEFECT_TWICE ? 2
                                                                          : 1,
        .differences = differences,
        .difference_count = 2,
        .reads_past = 24,
};
