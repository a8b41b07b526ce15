/* Finds ONNX test cases in a tree of folders. */
#include "common/onnx_cases.h"
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

static enum pb_status add(struct pb_onnx_cases *cases, const char *directory, int set) {
    struct pb_onnx_case *item = realloc(cases->item, (cases->count + 1) * sizeof *item);
    if (item) cases->item = item;
    char *copy = strdup(directory);
    if (!item || !copy) {
        free(copy);
        return pb_fail(PB_NOMEM, "%s: no memory for its test cases", directory);
    }
    item[cases->count++] = (struct pb_onnx_case){copy, set};
    return PB_OK;
}

/* What cannot be read, or has no data, becomes an item too: the trial says why. */
static enum pb_status add_case(struct pb_onnx_cases *cases, const char *directory) {
    bool ours;
    int sets = pb_onnx_sets(directory);
    if (pb_onnx_is_ours(directory, &ours)) return add(cases, directory, 0);
    cases->others += !ours;
    if (!ours) return PB_OK;
    enum pb_status status = sets ? PB_OK : add(cases, directory, 0);
    for (int set = 0; !status && set < sets; set++) status = add(cases, directory, set);
    return status;
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* A folder that cannot be looked into: the whole tree, or one of many. */
static enum pb_status cannot_enter(struct pb_onnx_cases *cases, const FTSENT *entry) {
    return entry->fts_level == 0
                   ? pb_fail(PB_IO, "%s: %s", entry->fts_path, strerror(entry->fts_errno))
                   : add(cases, entry->fts_path, 0);
}

/* One entry of the walk; below a case there is nothing to look for. */
static enum pb_status visit(struct pb_onnx_cases *cases, FTS *walk, FTSENT *entry) {
    switch (entry->fts_info) {
    case FTS_D:
        if (!pb_onnx_is_case(entry->fts_path)) return PB_OK;
        fts_set(walk, entry, FTS_SKIP);
        return add_case(cases, entry->fts_path);
    case FTS_F:
        return entry->fts_level == 0 ? pb_fail(PB_IO, "%s: %s", entry->fts_path, strerror(ENOTDIR))
                                     : PB_OK;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return cannot_enter(cases, entry);
    default:
        return PB_OK;
    }
}

enum pb_status pb_onnx_cases_read(const char *directory, struct pb_onnx_cases *cases) {
    char *const roots[] = {(char *)directory, NULL};
    enum pb_status status = PB_OK;
    FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    if (!walk) return pb_fail(PB_IO, "%s: %s", directory, strerror(errno));
    FTSENT *entry;
    while (!status && (entry = fts_read(walk))) status = visit(cases, walk, entry);
    fts_close(walk);
    return status;
}

void pb_onnx_cases_free(struct pb_onnx_cases *cases) {
    for (size_t i = 0; i < cases->count; i++) free(cases->item[i].directory);
    free(cases->item);
    *cases = (struct pb_onnx_cases){0};
}
