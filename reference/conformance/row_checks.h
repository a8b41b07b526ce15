/* row_checks.h: what rules, laws and exhibits share; nobody else includes it but their tests. */
#ifndef PB_JUDGING_H
#define PB_JUDGING_H

#include "conformance/conformance.h"

/* Counts one check of a kernel. PB_OK keeps; PROVIDER and a kernel's own failure break, or differ
 * where that is declared for what was seen, with the sentence of pb_error(). */
void judging_count(struct pb_finding *finding, enum pb_status status,
                   const struct pb_kernel *kernel, const struct pb_problem *problem,
                   enum pb_when seen);
/* What a declared difference may be about, as its inputs are. */
enum pb_when judging_seen(const struct pb_trial *trial);

/* setup, run, done: nothing is filled before nor looked at after. */
enum pb_status judging_run(const struct pb_kernel *kernel, const struct pb_problem *problem,
                           const struct pb_args *constants, const struct pb_args *args);

/* Element `flat` in logical order, of any type that tensors have: where it is, and its value. */
void *judging_place(const struct pb_tensor *tensor, int64_t flat);
double judging_get(const struct pb_tensor *tensor, int64_t flat);
void judging_set(const struct pb_tensor *tensor, int64_t flat, double value);

/* Whether the list of words has the word; NULL lists nothing. */
bool judging_lists(const char *words, const char *word);

/* What a row is decided by: problems of the operations ("max", of another type "max:s8") and
 * directions that are listed. */
struct judging_case {
    const char *ops, *dirs, *descriptor;
};

/* Calls `hold` with every problem of the case that is of that operation and layout and that the
 * kernel accepts; directions that it has not are passed over. INVALID where it is no problem. */
enum pb_status judging_each(const struct judging_case *from, const struct pb_kernel *kernel,
                            enum pb_op op, enum pb_layout layout,
                            enum pb_status (*hold)(const struct pb_problem *problem, void *context),
                            void *context);

/* The rows of each kind. */
size_t judging_rule_count(void);
const char *judging_rule_id(size_t rule);
const char *judging_rule_sentence(size_t rule);
enum pb_status judging_rule(size_t rule, const struct pb_kernel *kernel, enum pb_op op,
                            enum pb_layout layout, struct pb_finding *finding);
enum pb_status judging_exhibit(const struct pb_exhibit *exhibit, const struct pb_kernel *kernel,
                               enum pb_op op, enum pb_layout layout, struct pb_finding *finding);
enum pb_status judging_law(const struct pb_law *law, const struct pb_kernel *kernel, enum pb_op op,
                           enum pb_layout layout, struct pb_finding *finding);

#endif
