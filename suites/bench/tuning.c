/* What `tune` measured goes into the tuning cache. */
#include "bench/tuning.h"
#include "common/tuning_cache.h"
#include "common/output_file.h"
#include "results/statistics.h"
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static enum pb_status make_folder(const char *path) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    dirname(folder);
    for (char *slash = folder; (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        mkdir(folder, 0777);
        *slash = '/';
    }
    if (mkdir(folder, 0777) && errno != EEXIST)
        return pb_fail(PB_IO, "%s: %s", folder, strerror(errno));
    return PB_OK;
}

/* The text that a problem has without its name; "" where it is none. */
static const char *nameless(const char *text, char own[PB_TEXT_SIZE]) {
    struct pb_problem problem;
    *own = 0;
    if (pb_problem_parse(text, &problem)) return own;
    *problem.name = 0;
    return pb_problem_print(&problem, own);
}

/* The fastest of our own for the problem of `first`, the fastest of all. */
static const struct pb_result *fastest_own(const struct pb_results *results, size_t first) {
    for (size_t i = first; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (strcmp(result->problem, results->item[first].problem)) break;
        if (result->count && !result->peer) return result;
    }
    return NULL;
}

static const struct pb_result *result_of(const struct pb_results *results, const char *problem,
                                         const char *kernel) {
    for (size_t i = 0; i < results->count; i++)
        if (!strcmp(results->item[i].problem, problem) && !strcmp(results->item[i].kernel, kernel))
            return results->item[i].count ? &results->item[i] : NULL;
    return NULL;
}

/* Whether one of the first `count` results is of that problem. */
static bool measured(const struct pb_results *results, size_t count, const char *text) {
    char own[PB_TEXT_SIZE];
    for (size_t i = 0; i < count; i++)
        if (!strcmp(nameless(results->item[i].problem, own), text)) return true;
    return false;
}

/* What the file says of other problems, or for another number of threads or ISA. */
static void copy_others(const struct pb_results *results, const char *path, FILE *to) {
    char line[TUNING_CACHE_LINE], whole[TUNING_CACHE_LINE];
    FILE *from = tuning_cache_open(path);
    while (from && tuning_cache_next(from, line)) {
        struct tuning_entry choice;
        strcpy(whole, line);
        if (!tuning_cache_read(line, &choice)) continue;
        if (!tuning_cache_apply(&choice) || !measured(results, results->count, choice.problem))
            fputs(whole, to);
    }
    if (from) fclose(from);
}

/* Writes the choice of each problem and adds up what pb_select's own would lose. */
static void write_choices(const struct pb_results *results, FILE *to, double *lost,
                          size_t *shapes) {
    struct pb_geometric_mean ratios = {0};
    for (size_t i = 0; i < results->count; i++) {
        struct pb_problem problem;
        char own[PB_TEXT_SIZE];
        const char *text = results->item[i].problem;
        const struct pb_result *best = fastest_own(results, i);
        if (!best || pb_problem_parse(text, &problem) || measured(results, i, nameless(text, own)))
            continue;
        fprintf(to, "%d %s %s %s\n", pb_threads(), pb_isa_name(pb_isa()), best->kernel, own);
        const struct pb_kernel *selected = pb_select(&problem, NULL);
        const struct pb_result *taken = selected ? result_of(results, text, selected->name) : NULL;
        if (!taken) continue;
        pb_geometric_mean_add(&ratios, pb_result_median(taken) / pb_result_median(best), 1);
    }
    *lost = pb_geometric_mean(&ratios);
    *shapes = (size_t)ratios.weight;
}

enum pb_status pb_tuning_cache_update(const struct pb_results *results, double *lost,
                                      size_t *shapes) {
    char path[PATH_MAX], owner[TUNING_CACHE_LINE];
    struct output_file out = {0};
    enum pb_status status = PB_OK;
    if (!*tuning_cache_path(path))
        return pb_fail(PB_IO, "no place for the tuning cache: set POOLBENCH_TUNING_CACHE or HOME");
    status = make_folder(path);
    if (!status) status = output_file_open(&out, path);
    if (status) return status;
    fprintf(out.stream, "%s\n", tuning_cache_owner(owner));
    write_choices(results, out.stream, lost, shapes);
    copy_others(results, path, out.stream);
    status = output_file_keep(&out);
    output_file_drop(&out);
    return status;
}
