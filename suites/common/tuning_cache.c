/* The tuning cache: whose it is, and its lines. */
#include "common/tuning_cache.h"
#include "common/text_stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *tuning_cache_path(char path[PATH_MAX]) {
    const char *own = getenv("POOLBENCH_TUNING_CACHE"), *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int length = own               ? snprintf(path, PATH_MAX, "%s", own)
                 : cache && *cache ? snprintf(path, PATH_MAX, "%s/poolbench/tuning.txt", cache)
                 : home ? snprintf(path, PATH_MAX, "%s/.cache/poolbench/tuning.txt", home)
                        : 0;
    if (length <= 0 || length >= PATH_MAX) *path = 0;
    return path;
}

/* FNV-1a over the names of our kernels. */
const char *tuning_cache_owner(char line[TUNING_CACHE_LINE]) {
    uint32_t kernels = 2166136261u;
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        if (pb_kernel_provider(pb_kernel_at(i))) continue;
        for (const char *c = pb_kernel_at(i)->name; *c; c++)
            kernels = (kernels ^ (unsigned char)*c) * 16777619u;
    }
    snprintf(line, TUNING_CACHE_LINE, "poolbench tuning 1, kernels %08x, on %s", kernels,
             pb_cpu_name());
    return line;
}

static const struct pb_kernel *own_kernel(const char *name) {
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (!pb_kernel_provider(pb_kernel_at(i)) && !strcmp(pb_kernel_at(i)->name, name))
            return pb_kernel_at(i);
    return NULL;
}

bool tuning_cache_next(FILE *file, char line[TUNING_CACHE_LINE]) {
    bool whole = true, fits;
    do { /* the rest of a line that does not fit is no line */
        if (!fgets(line, TUNING_CACHE_LINE, file)) return false;
        fits = whole;
        whole = strchr(line, '\n') || feof(file);
    } while (!fits || !whole);
    return true;
}

bool tuning_cache_read(char *line, struct tuning_entry *choice) {
    char *rest = line, *end;
    line[strcspn(line, "\n")] = 0;
    const char *threads = strsep(&rest, " ");
    choice->isa = strsep(&rest, " ");
    choice->kernel = strsep(&rest, " ");
    choice->problem = rest;
    if (!choice->isa || !choice->kernel || !choice->problem) return false;
    long count = strtol(threads, &end, 10);
    choice->threads = count < INT_MAX ? (int)count : 0;
    return *end == 0 && count > 0 && count < INT_MAX;
}

bool tuning_cache_apply(const struct tuning_entry *choice) {
    return choice->threads == pb_threads() && !strcmp(choice->isa, pb_isa_name(pb_isa()));
}

static void prefer(const struct tuning_entry *choice) {
    struct pb_problem problem;
    const struct pb_kernel *kernel = own_kernel(choice->kernel);
    if (kernel && tuning_cache_apply(choice) &&
        pb_problem_parse(choice->problem, &problem) == PB_OK)
        pb_prefer(&problem, kernel);
}

FILE *tuning_cache_open(const char *path) {
    char owner[TUNING_CACHE_LINE], line[TUNING_CACHE_LINE];
    FILE *file;
    if (!*path) return NULL;
    const enum pb_status status = text_stream_open(path, &file);
    if (status) {
        if (status != PB_IO || errno != ENOENT) fprintf(stderr, "poolbench: %s\n", pb_error());
        return NULL;
    }
    tuning_cache_owner(owner);
    if (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (!strcmp(line, owner)) return file;
    }
    fprintf(stderr,
            "poolbench: %s is ignored: it is of another machine or other kernels (poolbench tune "
            "makes a new one)\n",
            path);
    fclose(file);
    return NULL;
}

void tuning_cache_load(void) {
    char path[PATH_MAX], line[TUNING_CACHE_LINE];
    FILE *file = tuning_cache_open(tuning_cache_path(path));
    while (file && tuning_cache_next(file, line)) {
        struct tuning_entry choice;
        if (tuning_cache_read(line, &choice)) prefer(&choice);
    }
    if (file) fclose(file);
}
