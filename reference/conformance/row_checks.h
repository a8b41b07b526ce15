/* row_checks.h: what rules, relations and known defects share; nobody else includes it but their
 * tests. */
#ifndef PB_ROW_CHECKS_H
#define PB_ROW_CHECKS_H

#include "conformance/conformance.h"
#include "registry/provider.h"

/* Counts one check of a kernel. PB_OK keeps; PROVIDER and a kernel's own failure break, or differ
 * where that is declared for what was seen, with the sentence of pb_error(). */
void row_check_count(struct pb_finding *finding, enum pb_status status,
                     const struct pb_kernel *kernel, const struct pb_problem *problem,
                     enum pb_when seen);
/* What a declared difference may be about, as its inputs are. */
enum pb_when row_check_seen(const struct pb_trial *trial);

/* setup, run, done: nothing is filled before nor looked at after. */
enum pb_status row_check_run(const struct pb_kernel *kernel, const struct pb_problem *problem,
                             const struct pb_args *constants, const struct pb_args *args);

/* Element `flat` in logical order, of any type that tensors have: where it is, and its value. */
void *row_check_place(const struct pb_tensor *tensor, int64_t flat);
double row_check_get(const struct pb_tensor *tensor, int64_t flat);
void row_check_set(const struct pb_tensor *tensor, int64_t flat, double value);

/* Whether the list of words has the word; NULL lists nothing. */
bool row_check_lists(const char *words, const char *word);

/* What a row is decided by: problems of the operations ("max", of another type "max:s8") and
 * directions that are listed. */
struct row_check_case {
    const char *ops, *dirs, *descriptor;
};

/* Calls `hold` with every problem of the case that is of that operation and layout and that the
 * kernel accepts; directions that it has not are passed over. INVALID where it is no problem. */
enum pb_status row_check_each(const struct row_check_case *from, const struct pb_kernel *kernel,
                              enum pb_op op, enum pb_layout layout,
                              enum pb_status (*hold)(const struct pb_problem *problem,
                                                     void *context),
                              void *context);

/* The rows of each kind. */
size_t row_check_rule_count(void);
const char *row_check_rule_id(size_t rule);
const char *row_check_rule_sentence(size_t rule);
enum pb_status row_check_rule(size_t rule, const struct pb_kernel *kernel, enum pb_op op,
                              enum pb_layout layout, struct pb_finding *finding);
enum pb_status row_check_defect(const struct pb_known_defect *defect,
                                const struct pb_kernel *kernel, enum pb_op op,
                                enum pb_layout layout, struct pb_finding *finding);
enum pb_status row_check_relation(const struct pb_relation *relation,
                                  const struct pb_kernel *kernel, enum pb_op op,
                                  enum pb_layout layout, struct pb_finding *finding);

#endif
