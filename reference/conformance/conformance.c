/* The rows, and what checking a kernel against one of them has in common. */
#include "conformance/row_checks.h"
#include "oracle/oracle.h"
#include <stdio.h>
#include <string.h>

/* ---- Rows ------------------------------------------------------------------------------------ */

const char *pb_row_kind_name(enum pb_row_kind kind) {
    static const char *const names[] = {"rule", "relation", "known defect"};
    return names[kind];
}

size_t pb_row_count(void) {
    return row_check_rule_count() + pb_relation_count + pb_known_defect_count;
}

struct pb_row pb_row_at(size_t position) {
    if (position < row_check_rule_count())
        return (struct pb_row){.kind = PB_ROW_RULE,
                               .id = row_check_rule_id(position),
                               .sentence = row_check_rule_sentence(position)};
    position -= row_check_rule_count();
    if (position < pb_relation_count)
        return (struct pb_row){.kind = PB_ROW_RELATION,
                               .id = pb_relations[position].id,
                               .sentence = pb_relations[position].sentence,
                               .source = pb_relations[position].source};
    const struct pb_known_defect *defect = &pb_known_defects[position - pb_relation_count];
    return (struct pb_row){.kind = PB_ROW_DEFECT,
                           .id = defect->id,
                           .sentence = defect->defect,
                           .address = defect->address,
                           .outside = defect->outside};
}

size_t pb_row_find(const char *id) {
    size_t row = 0;
    while (row < pb_row_count() && strcmp(pb_row_at(row).id, id) != 0) row++;
    return row;
}

enum pb_status pb_row_check(size_t row, const struct pb_kernel *kernel, enum pb_op op,
                            enum pb_layout layout, struct pb_finding *finding) {
    if (row < row_check_rule_count()) return row_check_rule(row, kernel, op, layout, finding);
    row -= row_check_rule_count();
    if (row < pb_relation_count)
        return row_check_relation(&pb_relations[row], kernel, op, layout, finding);
    row -= pb_relation_count;
    return row_check_defect(&pb_known_defects[row], kernel, op, layout, finding);
}

static bool is_row(const char *id, enum pb_row_kind kind) {
    size_t row = id ? pb_row_find(id) : pb_row_count();
    return row < pb_row_count() && pb_row_at(row).kind == kind;
}

enum pb_status pb_differences_check(const struct pb_provider *provider) {
    for (size_t i = 0; i < provider->difference_count; i++) {
        const struct pb_difference *d = &provider->differences[i];
        if (!is_row(d->rule, PB_ROW_RULE))
            return pb_fail(PB_PROVIDER, "%s declares a difference from '%s', which is no rule",
                           provider->name, d->rule ? d->rule : "");
        if (d->known_defect && !is_row(d->known_defect, PB_ROW_DEFECT))
            return pb_fail(PB_PROVIDER,
                           "%s declares a difference as '%s', which is no known defect",
                           provider->name, d->known_defect);
    }
    return PB_OK;
}

/* ---- Findings -------------------------------------------------------------------------------- */

const char *pb_row_verdict_name(enum pb_row_verdict verdict) {
    static const char *const names[] = {"not tested", "pass", "deviation", "fail"};
    return names[verdict];
}

void row_check_count(struct pb_finding *finding, enum pb_status status,
                     const struct pb_kernel *kernel, const struct pb_problem *problem,
                     enum pb_when seen) {
    const struct pb_difference *declared =
            status ? pb_kernel_difference(kernel, problem, seen) : NULL;
    enum pb_row_verdict verdict = !status ? PB_ROW_PASS : declared ? PB_ROW_DEVIATION : PB_ROW_FAIL;
    finding->checks++;
    if (verdict <= finding->verdict) return;
    finding->verdict = verdict;
    *finding->sentence = 0;
    if (declared)
        snprintf(finding->sentence, sizeof finding->sentence, "declared (%s): %s. %s",
                 declared->rule, declared->sentence, pb_error());
    else if (status)
        snprintf(finding->sentence, sizeof finding->sentence, "%s", pb_error());
}

enum pb_when row_check_seen(const struct pb_trial *trial) {
    return pb_trial_special(trial) ? PB_WITH_SPECIAL : PB_ALWAYS;
}

enum pb_status row_check_run(const struct pb_kernel *kernel, const struct pb_problem *problem,
                             const struct pb_args *constants, const struct pb_args *args) {
    void *plan = NULL;
    enum pb_status status = kernel->setup(problem, constants, &plan);
    if (!status) {
        status = kernel->run(problem, plan, args);
        kernel->done(plan);
    }
    return status;
}

/* ---- Elements -------------------------------------------------------------------------------- */

void *row_check_place(const struct pb_tensor *tensor, int64_t flat) {
    int64_t at[5];
    oracle_unravel(flat, tensor->dims, at);
    return (char *)tensor->data + oracle_offset(tensor, at) * (int64_t)pb_dtype_size(tensor->dtype);
}

double row_check_get(const struct pb_tensor *tensor, int64_t flat) {
    const void *from = row_check_place(tensor, flat);
    switch (tensor->dtype) {
    case PB_S8:
        return *(const int8_t *)from;
    case PB_U8:
        return *(const uint8_t *)from;
    case PB_S64:
        return (double)*(const int64_t *)from;
    default:
        return *(const float *)from;
    }
}

void row_check_set(const struct pb_tensor *tensor, int64_t flat, double value) {
    void *to = row_check_place(tensor, flat);
    switch (tensor->dtype) {
    case PB_S8:
        *(int8_t *)to = (int8_t)value;
        break;
    case PB_U8:
        *(uint8_t *)to = (uint8_t)value;
        break;
    case PB_S64:
        *(int64_t *)to = (int64_t)value;
        break;
    default:
        *(float *)to = (float)value;
    }
}

/* ---- Problems -------------------------------------------------------------------------------- */

bool row_check_lists(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; at && *at; at += strspn(at, " ")) {
        size_t next = strcspn(at, " ");
        if (next == length && strncmp(at, word, length) == 0) return true;
        at += next;
    }
    return false;
}

enum pb_status row_check_each(const struct row_check_case *from, const struct pb_kernel *kernel,
                              enum pb_op op, enum pb_layout layout,
                              enum pb_status (*hold)(const struct pb_problem *problem,
                                                     void *context),
                              void *context) {
    enum pb_status status = PB_OK;
    for (int dtype = 0; dtype < PB_DTYPES && !status; dtype++)
        for (int dir = 0; dir < PB_DIRS && !status; dir++) {
            const char *type = pb_dtype_name((enum pb_dtype)dtype);
            char text[PB_TEXT_SIZE], word[PB_NAME_SIZE];
            struct pb_problem problem = {0};
            snprintf(word, sizeof word, "%s%s%s", pb_op_name(op), dtype == PB_F32 ? "" : ":",
                     dtype == PB_F32 ? "" : type);
            if (!row_check_lists(from->ops, word) ||
                !row_check_lists(from->dirs, pb_dir_name((enum pb_dir)dir)))
                continue;
            snprintf(text, sizeof text, "%s:%s:%s:%s", pb_op_name(op), type, pb_layout_name(layout),
                     from->descriptor);
            status = pb_problem_parse(text, &problem);
            problem.dir = (enum pb_dir)dir;
            if (status || pb_problem_check(&problem)) continue; /* a direction that op has not */
            if ((kernel->isa & ~pb_isa()) == 0 && kernel->can_do(&problem))
                status = hold(&problem, context);
        }
    return status;
}
