#include "cli/failures.h"
#include "common/clock.h"
#include "common/json_text.h"
#include "common/plugins.h"
#include "conformance/conformance.h"
#include <stdlib.h>
#include <string.h>

/* ---- Groups ---------------------------------------------------------------------------------- */

static bool same_cause(const struct pb_failure *a, const struct pb_failure *b) {
    return a->kernel == b->kernel && a->crashed == b->crashed && a->hung == b->hung &&
           !strcmp(a->cause.rule, b->cause.rule);
}

/* Less to think about: a smaller problem, then plainer data. */
static bool smaller(const struct pb_failure *a, const struct pb_failure *b) {
    int64_t x = pb_verify_burden(&a->now.problem), y = pb_verify_burden(&b->now.problem);
    return x != y ? x < y : a->now.family < b->now.family;
}

static void join(struct failure_group *group, const struct pb_failure *failure, int64_t checks) {
    group->checks += checks;
    if (smaller(failure, &group->smallest)) group->smallest = *failure;
}

/* The group of that cause; `groups` of them are looked at. */
static struct failure_group *find(const struct failures *failures, size_t groups,
                                  const struct pb_failure *failure) {
    for (size_t i = 0; i < groups; i++)
        if (same_cause(&failures->group[i].smallest, failure)) return &failures->group[i];
    return NULL;
}

enum pb_status failures_add(struct failures *failures, const struct pb_failure *failure) {
    struct failure_group *group = find(failures, failures->groups, failure);
    if (group) {
        join(group, failure, 1);
        return PB_OK;
    }
    group = realloc(failures->group, (failures->groups + 1) * sizeof *group);
    if (!group) return pb_fail(PB_NOMEM, "no memory for one more failure");
    failures->group = group;
    group[failures->groups++] = (struct failure_group){*failure, 1};
    return PB_OK;
}

void failures_shrink(struct failures *failures, double limit, void (*show)(const char *what)) {
    static const double MOST_SECONDS_OF_ALL = 60;
    const struct pb_verify verify = {.limit = limit};
    double until = clock_seconds() + MOST_SECONDS_OF_ALL;
    size_t kept = 0;
    for (size_t i = 0; i < failures->groups; i++) {
        struct failure_group now = failures->group[i];
        show(now.smallest.kernel->name);
        if (clock_seconds() < until) pb_verify_shrink(&verify, &now.smallest);
        struct failure_group *same = find(failures, kept, &now.smallest);
        if (same)
            join(same, &now.smallest, now.checks);
        else
            failures->group[kept++] = now;
    }
    failures->groups = kept;
}

void failures_free(struct failures *failures) {
    free(failures->group);
    *failures = (struct failures){0};
}

/* ---- The command that repeats one ------------------------------------------------------------ */

/* One word of a shell's command. */
static void print_word(FILE *to, const char *word) {
    fputs(" '", to);
    for (; *word; word++) fputs(*word == '\'' ? "'\\''" : (const char[]){*word, 0}, to);
    fputc('\'', to);
}

void failures_print_case(FILE *to, const struct pb_case *now) {
    char text[PB_TEXT_SIZE];
    if (now->onnx) fputs(" --onnx", to);
    print_word(to, now->onnx ? now->onnx : pb_problem_print(&now->problem, text));
    if (!now->onnx)
        fprintf(to, " --seed %llu --data %s --placement %s", (unsigned long long)now->seed,
                pb_data_pattern_name(now->family), pb_placement_name(now->placement));
}

/* To free; NULL where there is no memory for it. */
static char *repeat_line(const struct pb_failure *failure, double limit) {
    char *line = NULL;
    size_t size;
    FILE *to = open_memstream(&line, &size);
    if (!to) return NULL;
    fputs("poolbench verify", to);
    failures_print_case(to, &failure->now);
    fputs(" --kernel", to);
    print_word(to, failure->kernel->name);
    fprintf(to, " --isa %s --threads %d", pb_isa_name(pb_isa()), failure->threads);
    if (failure->hung) fprintf(to, " --limit %.0f", limit);
    const char *plugin = plugin_path(failure->kernel);
    if (plugin) {
        fputs(" --provider", to);
        print_word(to, plugin);
    }
    return fclose(to) ? NULL : line;
}

/* ---- Printing -------------------------------------------------------------------------------- */

/* What a declared difference may be about: numbers of threads, or the data. */
static enum pb_when seen_in(const struct pb_failure *failure) {
    if (failure->threads > 1) return PB_WITH_THREADS;
    return pb_data_pattern_special(failure->now.family, &failure->now.problem) ? PB_WITH_SPECIAL
                                                                               : PB_ALWAYS;
}

/* With the address of the defect where it is a known one. */
static void print_difference(const struct pb_failure *failure, FILE *to) {
    const struct pb_difference *declared =
            failure->now.onnx || failure->crashed
                    ? NULL
                    : plugin_difference(failure->kernel, &failure->now.problem, seen_in(failure));
    if (!declared) return;
    size_t row = declared->known_defect ? pb_row_find(declared->known_defect) : pb_row_count();
    fprintf(to, "       declared: %s: %s", declared->rule, declared->sentence);
    if (row < pb_row_count())
        fprintf(to, " (as %s: %s)", declared->known_defect, pb_row_at(row).address);
    fputc('\n', to);
}

/* What a kernel that crashed or hung had to say, each line indented. */
static void print_printed(const char *printed, FILE *to) {
    while (*printed) {
        size_t length = strcspn(printed, "\n");
        if (length) fprintf(to, "       printed: %.*s\n", (int)length, printed);
        printed += length + (printed[length] != 0);
    }
}

/* The rule, and what it says. */
static void print_cause(const struct pb_failure *failure, FILE *to) {
    size_t row = pb_row_find(failure->cause.rule);
    if (!*failure->cause.rule)
        fputs(failure->hung ? "hung" : failure->crashed ? "crashed" : "gave up", to);
    else
        fputs(failure->cause.rule, to);
    if (row < pb_row_count()) fprintf(to, ": %s", pb_row_at(row).sentence);
    fputc('\n', to);
}

static void print_group(const struct failure_group *group, double limit, FILE *to) {
    const struct pb_failure *f = &group->smallest;
    char *repeat = repeat_line(f, limit), first[PB_TEXT_SIZE];
    fprintf(to, "FAILED %lld %s of %s: ", (long long)group->checks,
            group->checks == 1 ? "check" : "checks", f->kernel->name);
    print_cause(f, to);
    fprintf(to, "       smallest: %s\n", f->sentence);
    if (*f->cause.window) fprintf(to, "       window: %s\n", f->cause.window);
    fprintf(to, "       repeat: %s\n", repeat ? repeat : "no memory for the line");
    if (memcmp(&f->from.problem, &f->now.problem, sizeof f->now.problem))
        fprintf(to, "       first met: %s\n", pb_problem_print(&f->from.problem, first));
    print_printed(f->printed, to);
    print_difference(f, to);
    free(repeat);
}

void failures_print(const struct failures *failures, double limit, FILE *to) {
    for (size_t i = 0; i < failures->groups; i++) print_group(&failures->group[i], limit, to);
}

json_t *failures_json(const struct failures *failures, double limit) {
    json_t *all = json_array();
    for (size_t i = 0; i < failures->groups; i++) {
        const struct pb_failure *f = &failures->group[i].smallest;
        char *repeat = repeat_line(f, limit);
        json_array_append_new(all, json_pack("{s:s, s:s*, s:I, s:o, s:s*, s:o*, s:o*}", "kernel",
                                             f->kernel->name, "rule",
                                             *f->cause.rule ? f->cause.rule : NULL, "checks",
                                             (json_int_t)failures->group[i].checks, "error",
                                             pb_json_text(f->sentence), "window",
                                             *f->cause.window ? f->cause.window : NULL, "repeat",
                                             repeat ? pb_json_text(repeat) : NULL, "printed",
                                             *f->printed ? pb_json_text(f->printed) : NULL));
        free(repeat);
    }
    return all;
}
