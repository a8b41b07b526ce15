/* verification.h: holds kernels to the contract in processes of their own, so that one that
 * crashes, hangs or ends the process is a failure like any other, and the rest goes on. */
#ifndef PB_VERIFY_H
#define PB_VERIFY_H

#include "common/onnx_cases.h"

/* ---- What to check --------------------------------------------------------------------------- */

/* One problem on one kind of data. */
struct pb_case {
    struct pb_problem problem;
    enum pb_data_pattern family;
    enum pb_placement placement;
    uint64_t seed;
    const char *onnx; /* not NULL: an ONNX test case instead, in problem.layout */
    int onnx_set;
};

/* Where cases come from. `at` gives the same case for the same numbers in every process; false
 * where there is none. */
struct pb_cases {
    bool (*at)(const void *source, int64_t problem, int number, struct pb_case *to);
    const void *source;
    int64_t problems; /* numbered from 0 */
    int cases;        /* of each problem at most */
    bool one;         /* a problem ends with its first case that a kernel accepts */
};

/* What was not held, and how to see it again. */
struct pb_failure {
    struct pb_case now, from; /* the smallest case found to fail; where it was first met */
    int64_t problem;          /* its number in the source */
    const struct pb_kernel *kernel;
    int threads;    /* its results at one thread were right, or this is 1 */
    bool constants; /* weights were given to setup */
    bool crashed, hung;
    struct pb_cause cause;
    char sentence[1024]; /* names kernel, defect and problem */
    char printed[2048];  /* what the kernel that crashed or hung printed */
};

struct pb_tally {
    int64_t problems;        /* that at least one kernel accepted */
    int64_t problems_failed; /* where at least one kernel failed */
    int64_t checks, failed, skipped;
    int64_t refused; /* ONNX test cases whose files could not be read */
};

struct pb_verify {
    const struct pb_kernel *const *kernel;
    size_t kernels;
    struct pb_cases cases;
    const int *threads; /* numbers of threads, the first held to the oracle, the rest to its bits */
    int thread_counts;
    int workers;    /* processes side by side */
    double limit;   /* seconds that each thread of a call may take, see sandbox_step(); large
                     * problems get more */
    double seconds; /* after which no further problem is begun; 0: none */
    bool as_timed;  /* give weights and indices to setup only, as bench does; else to run too */
    bool often;     /* run every plan PB_MANY_RUNS times but of large problems; else some */
    int64_t enough; /* failures, after which the run ends; 0: never */
    /* Called in this process, one at a time; each may be NULL. */
    void (*failed)(void *arg, const struct pb_failure *failure);
    void (*passed)(void *arg, int64_t problem, const struct pb_kernel *kernel,
                   uint64_t digest); /* by each check; of its outputs, see pb_digest_outputs */
    void (*skipped)(void *arg, const char *what, const char *reason);
    /* An ONNX test case that cannot be read, or whose values the oracle disputes (counted as
     * failed). */
    void (*refused)(void *arg, const struct pb_case *now, const char *sentence);
    void (*progress)(void *arg, const struct pb_tally *so_far, const char *problem);
    void *arg;
};

/* ---- Checking -------------------------------------------------------------------------------- */

/* Checks every kernel on every case that it accepts, asked (can_do) in a process of its own too.
 * Adds to *tally. A kernel that crashed three times is not run any more. PB_OK also where kernels
 * failed; else why the rest could not be checked, such as NOMEM for a problem's tensors. Call it
 * before this process has run any kernel or the oracle: a process with OpenMP's threads cannot be
 * copied. */
enum pb_status pb_verify_run(const struct pb_verify *verify, struct pb_tally *tally);

/* Seconds that each thread may take for one call: `limit`, and more for a large problem; a slow one
 * does ten million multiply-adds in a second. */
double pb_call_seconds(double limit, const struct pb_problem *problem);

/* Replaces failure->now (and its sentence and threads) by the smallest case found that fails in the
 * same way, within a bounded number of tries; one that hung and an ONNX test case stay. */
void pb_verify_shrink(const struct pb_verify *verify, struct pb_failure *failure);
/* How much of a problem there is to think about: less is smaller. */
int64_t pb_verify_burden(const struct pb_problem *problem);

/* ---- Sources of cases ------------------------------------------------------------------------ */

/* Every problem of a list on data of every family, of some, or of one. Placements take turns, or
 * one. */
struct pb_case_list {
    const struct pb_problem *problem;
    int64_t count;
    int family, placement; /* -1: those of `patterns`; in turn */
    uint64_t seed;
    unsigned patterns; /* bits 1 << PB_MIXED …; 0: all */
    bool in_turn;      /* each problem has one more, in turn */
};
struct pb_cases pb_cases_of_list(const struct pb_case_list *list);

/* Random problems, each with family, placement and seed drawn too. */
struct pb_case_draw {
    uint64_t seed;
    const char *op; /* NULL: any; else as --op has it, with or without further fields */
    int64_t mb;     /* -1: drawn */
    int family, placement;
};
struct pb_cases pb_cases_drawn(const struct pb_case_draw *draw, int64_t problems);

/* ONNX test cases, each in channels-first and channels-last. */
struct pb_cases pb_cases_of_onnx(const struct pb_onnx_cases *cases);

#endif
