/* conformance.h: what a kernel passes and what it fails, row by row: the rules of the contract, the
 * metamorphic relations, and the known defects (that real libraries had). */
#ifndef PB_CONFORMANCE_H
#define PB_CONFORMANCE_H

#include "reference.h"

/* ---- Verdicts -------------------------------------------------------------------------------- */

enum pb_row_verdict {
    PB_ROW_UNTESTED, /* the kernel accepts nothing that would decide it */
    PB_ROW_PASS,
    PB_ROW_DEVIATION, /* fails it where its provider declares a difference */
    PB_ROW_FAIL,
};
enum { PB_SENTENCE_SIZE = 1024 };
const char *pb_row_verdict_name(enum pb_row_verdict verdict); /* "pass", … */

/* What came out of checking a kernel against a row. Start with a zeroed one. */
struct pb_finding {
    enum pb_row_verdict verdict;     /* the worst, as they stand above */
    int64_t checks;                  /* that were made, one for each problem and set of data */
    char sentence[PB_SENTENCE_SIZE]; /* of the first check with that verdict, and its problem */
};

/* ---- Rows ------------------------------------------------------------------------------------ */

enum pb_row_kind { PB_ROW_RULE, PB_ROW_RELATION, PB_ROW_DEFECT, PB_ROW_KINDS };
const char *pb_row_kind_name(enum pb_row_kind kind);

struct pb_row {
    enum pb_row_kind kind;
    const char *id;       /* words joined by _, never used twice */
    const char *sentence; /* what is right; of a known defect, what went wrong */
    const char *source;   /* of a relation: where it comes from, or how it follows */
    const char *address;  /* of a known defect: where it is on record, as owner/repo#number */
    const char *outside;  /* why no kernel can show it here, and where it is checked; else NULL */
};

/* Every row: rules, then relations, then known defects. */
size_t pb_row_count(void);
struct pb_row pb_row_at(size_t position);
/* The row called `id`; pb_row_count() where there is none. */
size_t pb_row_find(const char *id);

/* Checks one kernel against one row, on the problems of one operation and layout that it accepts,
 * and adds what came out to *finding. A status that the kernel returns is a failure of it. Another
 * status than OK is our own failure, such as NOMEM, or INVALID where a known defect contradicts the
 * oracle. */
enum pb_status pb_row_check(size_t row, const struct pb_kernel *kernel, enum pb_op op,
                            enum pb_layout layout, struct pb_finding *finding);

/* Whether each difference that a plug-in declares names a rule, and a known defect or none:
 * PROVIDER, with a sentence, for an id that is neither. */
enum pb_status pb_differences_check(const struct pb_provider *provider);

/* ---- Metamorphic relations ------------------------------------------------------------------- */

/* A relation says what a kernel's results have to do with each other, or with those of the naive
 * kernel on another problem, without saying what they are. */
struct pb_relation {
    const char *id, *sentence;
    const char *source; /* where it comes from, or how it follows */
    /* Whether it says anything about problems of that operation and direction. */
    bool (*covers)(const struct pb_problem *problem);
    bool nonfinite; /* whether inputs hold NaN */
    /* Checks the kernel against it. May change the problem into one of the same operation,
     * direction and layout that shows more. PROVIDER, with a sentence, where the results are not so
     * related; UNSUPPORTED where the kernel or the naive one does not accept what it needs. */
    enum pb_status (*check)(const struct pb_kernel *kernel, struct pb_problem problem,
                            struct pb_rng *rng);
};
extern const struct pb_relation pb_relations[];
extern const size_t pb_relation_count;

/* ---- Known defects --------------------------------------------------------------------------- */

/* Problems that show a defect, and what is right. `ops` and `dirs` are lists of names, an operation
 * of another type than f32 as "max:s8"; each is checked in each direction, and in every layout. */
struct pb_defect_case {
    const char *ops, *dirs, *descriptor;
    /* Values of the tensors, in logical order (n, c, d, h, w): inputs where the problem reads the
     * role, right results by hand where it writes it. Numbers (-1, 2.5, nan, -inf, 14/9), ranges
     * (0:41, 4:494:10) and repeats (7*109); the whole is repeated until the tensor is full. NULL:
     * not given; the oracle alone says what is right. Where all are NULL, data of every family is
     * drawn. */
    const char *tensor[PB_ROLES];
    const char *refused; /* the problem must be refused with a sentence that has this word */
};

struct pb_known_defect {
    const char *id, *address;
    const char *defect;  /* what came out */
    const char *outside; /* as in pb_row */
    const struct pb_defect_case *cases;
    size_t count;
};
extern const struct pb_known_defect pb_known_defects[];
extern const size_t pb_known_defect_count;

/* Whether every problem of the known defect that must be refused is: INVALID with a sentence where
 * one is not. No kernel has a part in it. */
enum pb_status pb_defect_refusals(const struct pb_known_defect *defect);

#endif
