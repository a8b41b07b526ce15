/* gbench.h: Google Benchmark for C. Register benchmarks, then run all of them once. */
#ifndef PB_GBENCH_H
#define PB_GBENCH_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A counter of a benchmark. A rate is `value` per call, reported per second of real time. One of 0
 * is left out: Google Benchmark prints the variation of rates, which of zeros is not a number. */
struct gbench_counter {
    const char *name;
    double value;
    bool rate;
};

/* NULL, or the sentence that says why it failed, which ends that benchmark with an error. */
typedef const char *gbench_call(void *arg);

struct gbench_case {
    const char *name, *label;
    gbench_call *begin; /* before each repetition, not timed; NULL: nothing to do */
    gbench_call *call;  /* what is timed, once per iteration */
    void *arg;          /* of all */
    const struct gbench_counter *counters;
    size_t count;
    /* Before one call of each repetition, chosen at random, and after each; not timed; NULL. */
    gbench_call *check, *end;
};

/* Adds one key to the `context` of the JSON. */
void gbench_context(const char *key, const char *value);

/* Registers a benchmark; its name, label and counters are copied. */
void gbench_register(const struct gbench_case *timed);

/* Reads --benchmark_* options; false, after a message on stderr, where one is unknown or wrong.
 * By default every benchmark is repeated five times, at least 0.05 s each, and the repetitions of
 * all benchmarks are interleaved at random, so that a slow moment of the machine does not fall on
 * one of them. */
bool gbench_options(int argc, char **argv);

/* How often each benchmark is repeated. */
int gbench_repetitions(void);

/* Forgets what is registered. */
void gbench_clear(void);

/* Runs what is registered and returns the JSON, every repetition in it and owned by the caller;
 * NULL if memory ran out. */
char *gbench_run(void);

#ifdef __cplusplus
}
#endif
#endif
