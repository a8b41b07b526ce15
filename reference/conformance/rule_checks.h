/* rule_checks.h: what a rule is, and the ways to check one. */
#ifndef PB_RULE_CHECKS_H
#define PB_RULE_CHECKS_H

#include "conformance/row_checks.h"

/* A kernel that is checked against a rule on one problem. */
struct rule_trial {
    const struct row_check_rule *rule;
    const struct pb_kernel *kernel;
    struct pb_finding *finding;
    struct pb_trial trial;
};

enum { RULE_CASES = 20 };

/* What a rule leaves out is the first choice of each. */
struct row_check_rule {
    const char *id, *sentence;
    /* NULL: rule_check_values. Returns PROVIDER, with a sentence, where the rule is broken. */
    enum pb_status (*check)(struct rule_trial *trial);
    unsigned roles;                     /* that are compared, a bit for each; 0: all */
    enum pb_data_pattern pattern;       /* of the data, */
    double (*draw)(struct pb_rng *rng); /* unless this draws src (in bwd, dst) */
    struct row_check_case cases[RULE_CASES];
};

/* Allocates, fills with the rule's data and asks the oracle. */
enum pb_status rule_trial_begin(struct rule_trial *trial, const struct pb_problem *problem,
                                uint64_t seed);

/* The outputs are those expected, */
enum pb_status rule_check_values(struct rule_trial *trial);
/* with weights and indices given to setup, */
enum pb_status rule_check_constant_weights(struct rule_trial *trial);
/* without a bias, */
enum pb_status rule_check_without_bias(struct rule_trial *trial);
/* over outputs that held numbers before, which must not be added to, */
enum pb_status rule_check_over_numbers(struct rule_trial *trial);
/* four times with one plan, on two sets of data that change in place and at another address, */
enum pb_status rule_check_one_plan(struct rule_trial *trial);
/* with every buffer one element past an aligned address. */
enum pb_status rule_check_odd_address(struct rule_trial *trial);
/* The outputs have the same bits at every number of threads. */
enum pb_status rule_check_threads(struct rule_trial *trial);
/* No element of the outputs stays as it was. */
enum pb_status rule_check_written(struct rule_trial *trial);
/* What stands around the outputs and inputs stays as it was. */
enum pb_status rule_check_outside(struct rule_trial *trial);
/* The inputs stay as they were. */
enum pb_status rule_check_inputs(struct rule_trial *trial);

#endif
