#include "tools/check_row.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the two processes share. */
struct outcome {
    struct pb_finding finding;
    enum pb_status status;
    char sentence[PB_SENTENCE_SIZE];
};

static void judge(struct outcome *outcome, size_t row, const struct pb_kernel *kernel) {
    for (int op = 0; op < PB_OPS && !outcome->status; op++)
        for (int layout = 0; layout < PB_LAYOUTS && !outcome->status; layout++)
            outcome->status = pb_row_check(row, kernel, (enum pb_op)op, (enum pb_layout)layout,
                                           &outcome->finding);
    snprintf(outcome->sentence, sizeof outcome->sentence, "%s", pb_error());
}

struct pb_finding check_row(size_t row, const struct pb_kernel *kernel) {
    struct outcome *outcome =
            mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int how;
    cr_assert_neq(outcome, MAP_FAILED);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        judge(outcome, row, kernel);
        _exit(0);
    }
    cr_assert_eq(waitpid(child, &how, 0), child);
    if (!WIFEXITED(how) || WEXITSTATUS(how)) { /* a sanitizer ends the process itself */
        outcome->finding.verdict = PB_ROW_FAIL;
        snprintf(outcome->finding.sentence, sizeof outcome->finding.sentence, "%s: crashed: %s",
                 kernel->name, WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : "it was ended");
    } else {
        cr_assert_eq(outcome->status, PB_OK, "%s", outcome->sentence);
    }
    struct pb_finding finding = outcome->finding;
    munmap(outcome, sizeof *outcome);
    return finding;
}

size_t every_wrong_count(void) {
    return (size_t)(wrong_kernel_count + wrong_downsampler_count + wrong_integer_count);
}

const struct wrong_kernel *every_wrong_at(size_t position) {
    size_t kernels = (size_t)wrong_kernel_count, more = (size_t)wrong_downsampler_count;
    if (position < kernels) return &wrong_kernels[position];
    position -= kernels;
    return position < more ? &wrong_downsamplers[position] : &wrong_integers[position - more];
}

static void free_numbers(struct criterion_test_params *params) {
    cr_free(params->params);
}

struct criterion_test_params numbers(size_t count) {
    int *number = cr_malloc(count * sizeof *number);
    for (size_t i = 0; i < count; i++) number[i] = (int)i;
    return cr_make_param_array(int, number, count, free_numbers);
}
