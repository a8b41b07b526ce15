#include "tools/check_row.h"
#include "common/sandbox.h"
#include <stdio.h>

/* What one process asks and the other finds. */
struct judgement {
    size_t row;
    const struct pb_kernel *kernel;
    struct pb_finding finding;
    enum pb_status status;
    char sentence[PB_SENTENCE_SIZE];
};

static void judge(void *arg) {
    struct judgement *j = arg;
    sandbox_step(NULL, 30, pb_threads());
    for (int op = 0; op < PB_OPS && !j->status; op++)
        for (int layout = 0; layout < PB_LAYOUTS && !j->status; layout++)
            j->status = pb_row_check(j->row, j->kernel, (enum pb_op)op, (enum pb_layout)layout,
                                     &j->finding);
    snprintf(j->sentence, sizeof j->sentence, "%s", pb_error());
}

struct pb_finding check_row(size_t row, const struct pb_kernel *kernel) {
    struct judgement *j = sandbox_memory(sizeof *j);
    struct sandbox_outcome outcome;
    char words[256];
    cr_assert_not_null(j, "%s", pb_error());
    *j = (struct judgement){.row = row, .kernel = kernel};
    cr_assert_eq(sandbox_run(judge, j, &outcome), PB_OK, "%s", pb_error());
    if (outcome.end == SANDBOX_FINISHED) {
        cr_assert_eq(j->status, PB_OK, "%s", j->sentence);
    } else {
        j->finding.verdict = PB_ROW_FAIL;
        snprintf(j->finding.sentence, sizeof j->finding.sentence, "%s: %s", kernel->name,
                 sandbox_say(&outcome, words, sizeof words));
    }
    struct pb_finding finding = j->finding;
    sandbox_memory_free(j, sizeof *j);
    return finding;
}

size_t every_wrong_count(void) {
    return (size_t)(wrong_kernel_count + wrong_downsampler_count + wrong_integer_count +
                    wrong_sum_count);
}

const struct wrong_kernel *every_wrong_at(size_t position) {
    size_t kernels = (size_t)wrong_kernel_count, more = (size_t)wrong_downsampler_count;
    size_t integers = (size_t)wrong_integer_count;
    if (position < kernels) return &wrong_kernels[position];
    position -= kernels;
    if (position < more) return &wrong_downsamplers[position];
    position -= more;
    return position < integers ? &wrong_integers[position] : &wrong_sums[position - integers];
}

static void free_numbers(struct criterion_test_params *params) {
    cr_free(params->params);
}

struct criterion_test_params numbers(size_t count) {
    int *number = cr_malloc(count * sizeof *number);
    for (size_t i = 0; i < count; i++) number[i] = (int)i;
    return cr_make_param_array(int, number, count, free_numbers);
}
