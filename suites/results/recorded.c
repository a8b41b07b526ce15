/* Reads a folder of recorded runs. */
#include "results/recorded.h"
#include "results/recorded_conformance.h"
#include "results/text_file.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Also where the file is compressed: NAME.json.gz ends with .json. */
static bool ends_with(const char *name, const char *ending) {
    size_t length = text_file_plain_length(name), tail = strlen(ending);
    return length > tail && strncmp(name + length - tail, ending, tail) == 0;
}

static enum pb_status add_run(struct pb_recorded *recorded, const char *path) {
    struct pb_results *grown = realloc(recorded->run, (recorded->runs + 1) * sizeof *grown);
    if (!grown) return pb_fail(PB_NOMEM, "%s: no memory for it", path);
    recorded->run = grown;
    enum pb_status status = pb_results_load(path, &grown[recorded->runs]);
    if (status == PB_UNSUPPORTED) return PB_OK;
    if (status) return status;
    const char *name = grown[recorded->runs++].name;
    for (size_t i = 0; i + 1 < recorded->runs; i++)
        if (strcmp(grown[i].name, name) == 0)
            return pb_fail(PB_INVALID, "%s: another file of the folder is the run '%s' too", path,
                           name);
    return PB_OK;
}

static enum pb_status add_log(struct pb_recorded *recorded, const char *path) {
    struct pb_trainlog *grown = realloc(recorded->log, (recorded->logs + 1) * sizeof *grown);
    if (!grown) return pb_fail(PB_NOMEM, "%s: no memory for it", path);
    recorded->log = grown;
    enum pb_status status = pb_trainlog_load(path, &grown[recorded->logs]);
    if (status == PB_UNSUPPORTED) return PB_OK;
    if (!status) recorded->logs++;
    return status;
}

/* Gives every file of the folder with that ending to `add`, by name. */
static enum pb_status each_file(const char *folder, const char *ending,
                                enum pb_status (*add)(struct pb_recorded *, const char *),
                                struct pb_recorded *recorded) {
    struct dirent **entry;
    enum pb_status status = PB_OK;
    int count = scandir(folder, &entry, NULL, alphasort);
    if (count < 0) return pb_fail(PB_IO, "%s: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        const char *name = entry[i]->d_name;
        if (!status && *name != '.' && ends_with(name, ending)) {
            if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
                status = pb_fail(PB_IO, "%s/%s: the path is too long", folder, name);
            else
                status = add(recorded, path);
        }
        free(entry[i]);
    }
    free(entry);
    return status;
}

enum pb_status pb_recorded_load(const char *folder, struct pb_recorded *recorded) {
    char train[PATH_MAX], conformance[PATH_MAX];
    *recorded = (struct pb_recorded){.folder = folder};
    if (snprintf(conformance, sizeof conformance, "%s/conformance.json", folder) >= PATH_MAX ||
        snprintf(train, sizeof train, "%s/train", folder) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", folder);
    enum pb_status status = each_file(folder, ".json", add_run, recorded);
    if (!status && access(train, F_OK) == 0) status = each_file(train, ".csv", add_log, recorded);
    if (!status) status = pb_recorded_conformance_load(conformance, &recorded->conformance);
    if (status) pb_recorded_free(recorded);
    return status;
}

bool pb_recorded_first_on_data(const struct pb_recorded *recorded, size_t i) {
    const char *data = pb_trainlog_data(&recorded->log[i]);
    for (size_t j = 0; j < i; j++)
        if (strcmp(pb_trainlog_data(&recorded->log[j]), data) == 0) return false;
    return true;
}

const char *pb_recorded_data(const struct pb_recorded *recorded) {
    for (size_t i = 1; i < recorded->logs; i++)
        if (pb_recorded_first_on_data(recorded, i)) return "several data sets";
    return pb_trainlog_data(&recorded->log[0]);
}

void pb_recorded_free(struct pb_recorded *recorded) {
    for (size_t i = 0; i < recorded->runs; i++) pb_results_free(&recorded->run[i]);
    for (size_t i = 0; i < recorded->logs; i++) pb_trainlog_free(&recorded->log[i]);
    json_decref(recorded->conformance);
    free(recorded->run);
    free(recorded->log);
    *recorded = (struct pb_recorded){0};
}
