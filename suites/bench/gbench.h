/* gbench.h: Google Benchmark for C. Register benchmarks, then run all of them once. */
#ifndef PB_GBENCH_H
#define PB_GBENCH_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A counter of a benchmark. A rate is `value` per call, reported per second of real time. One of 0
 * is left out: Google Benchmark tells the variation of rates, which of zeros is no number. */
struct gbench_counter {
    const char *name;
    double value;
    bool rate;
};

/* What is timed: called once per iteration. NULL, or the sentence that says why it failed, which
 * ends that benchmark with an error. */
typedef const char *gbench_call(void *arg);

/* Adds one key to the `context` of the JSON. */
void gbench_context(const char *key, const char *value);

/* Registers a benchmark; `name`, `label` and `counters` are copied. */
void gbench_register(const char *name, const char *label, gbench_call *call, void *arg,
                     const struct gbench_counter *counters, size_t count);

/* Reads --benchmark_* options; false, after a message on stderr, where one is unknown or wrong.
 * By default every benchmark is repeated five times, at least 0.05 s each, and the repetitions of
 * all benchmarks are interleaved at random, so that a slow moment of the machine does not fall on
 * one of them. */
bool gbench_options(int argc, char **argv);

/* Forgets what is registered. */
void gbench_clear(void);

/* Runs what is registered and returns the JSON, every repetition in it and owned by the caller;
 * NULL if memory ran out. With `progress`, a line on stderr says how far it is. */
char *gbench_run(bool progress);

#ifdef __cplusplus
}
#endif
#endif
