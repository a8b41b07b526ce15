/* results.h: a recorded run of `bench`, read back. The schema is in results/README.md. */
#ifndef PB_RESULTS_H
#define PB_RESULTS_H

#include "poolbench.h"
#include <jansson.h>

/* One benchmark, all its repetitions. Strings belong to the file's JSON or to `name`. */
struct pb_result {
    char *name;          /* KERNEL/PROBLEM */
    char *kernel;        /* the part before the first slash */
    const char *problem; /* the part behind it */
    char *method;        /* the kernel's method or its provider; "" where the file does not say.
                          * Older files call every method of an ISA "simd" */
    char *isa;           /* "avx2"; "" of a peer, and where the file does not say */
    const char *implementation; /* a provider's own name of what it ran; "" */
    bool peer, reference;       /* of a provider; what it calls a reference */
    bool selected;              /* what the program took of ours where no kernel was named */
    const char *error;          /* why it could not be timed; else NULL */
    bool untimed;               /* error is no failure: it was skipped, its time is 0, … */
    double *seconds;            /* ascending, per call */
    size_t count;
    /* Per call, 0 where not recorded: compulsory traffic, operations, the least time that the
     * machine's limits allow; and what setup took. */
    double bytes, flops, limit_seconds, setup_us;
};

struct pb_results {
    char *path, *name; /* name: of the file, without folder and ending */
    json_t *root;
    const json_t *context;  /* an object */
    struct pb_result *item; /* by problem, fastest first */
    size_t count;
    size_t aggregates; /* entries that are means, medians and the like: they are passed over */
};

/* The file may be compressed (text_file.h). NaN and infinities are read as if they were not there. A
 * row that was skipped, or has no time but 0, has an error and no times, as has one that there are
 * only aggregates of. INVALID, naming the file, where it is not JSON or a broken benchmark file;
 * UNSUPPORTED where it is JSON of another kind; IO where it cannot be read. An empty list of
 * benchmarks is fine. */
enum pb_status pb_results_load(const char *path, struct pb_results *results);
/* The same from text; `path` is for sentences. */
enum pb_status pb_results_parse(const char *text, const char *path, struct pb_results *results);
/* The same from JSON, which becomes the results' own in any case. */
enum pb_status pb_results_read(json_t *root, const char *path, struct pb_results *results);
void pb_results_free(struct pb_results *results); /* accepts a zeroed one */

/* "run" of "a/run.json" and of "a/run.json.gz"; owned by the caller, NULL if memory ran out. */
char *pb_file_stem(const char *path);

/* A string of the context; `otherwise` where it is not there. */
const char *pb_results_context(const struct pb_results *results, const char *key,
                               const char *otherwise);
/* Whether `word` is the result's method or ISA, or "simd" and its ISA is above scalar. */
bool pb_result_is(const struct pb_result *result, const char *word);
/* Least seconds per call. */
double pb_result_least(const struct pb_result *result);
/* Median seconds per call. */
double pb_result_median(const struct pb_result *result);
/* Half of the distance between the quartiles, as a share of the median. */
double pb_result_spread(const struct pb_result *result);

#endif
