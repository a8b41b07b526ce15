/* Reads the trainer's CSV: facts as comments, a line of column names, a row per epoch. */
#include "results/trainlog.h"
#include "common/json_text.h"
#include "core/text.h"
#include "common/text_stream.h"
#include "results/results.h"
#include <errno.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char pb_trainlog_columns[] = "epoch,train_loss,val_loss,accuracy,train_images_per_second,"
                                   "infer_images_per_second,seconds";

static void read_fact(struct pb_trainlog *log, char *line) {
    char *key = line + strspn(line, "# "), *colon = strstr(key, ": ");
    if (!colon) return;
    *colon = '\0';
    json_object_set_new(log->facts, text_make_valid(key), pb_json_text(colon + 2));
}

/* Whether the epoch is one that there can be; losses may be anything. */
static bool is_epoch(const struct pb_epoch *e) {
    static const double most = 1e15; /* images a second, and seconds */
    return e->epoch >= 1 && e->epoch <= INT32_MAX && e->accuracy >= 0 && e->accuracy <= 100 &&
           e->train_rate >= 0 && e->train_rate <= most && e->infer_rate >= 0 &&
           e->infer_rate <= most && e->seconds >= 0 && e->seconds <= most;
}

/* Whether the line is PB_EPOCH_COLUMNS numbers of an epoch. */
static bool read_row(char *line, struct pb_epoch *epoch) {
    char *rest = line, *field, *end;
    for (int i = 0; i < PB_EPOCH_COLUMNS; i++) {
        field = strsep(&rest, ",");
        if (!field) return false;
        epoch->column[i] = strtod(field, &end);
        if (end == field || *end) return false;
    }
    return !rest && is_epoch(epoch);
}

static enum pb_status read_lines(struct pb_trainlog *log, const char *path, FILE *file) {
    char *line = NULL;
    size_t size = 0;
    bool has_header = false;
    enum pb_status status = PB_OK;
    for (int number = 1; !status && text_stream_line(file, &line, &size) >= 0; number++) {
        if (*line == '#') {
            read_fact(log, line);
        } else if (!has_header) {
            has_header = strcmp(line, pb_trainlog_columns) == 0;
            if (!has_header)
                status = pb_fail(PB_INVALID, "%s:%d: not a training log: its columns are not %s",
                                 path, number, pb_trainlog_columns);
        } else {
            struct pb_epoch *grown = realloc(log->epoch, (log->count + 1) * sizeof *grown);
            if (!grown) {
                status = pb_fail(PB_NOMEM, "%s: no memory for its epochs", path);
                break;
            }
            log->epoch = grown;
            if (!read_row(line, &grown[log->count++]))
                status = pb_fail(PB_INVALID, "%s:%d: not a row of %d numbers of an epoch", path,
                                 number, PB_EPOCH_COLUMNS);
        }
    }
    if (!status && !feof(file)) status = pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    if (!status && !log->count)
        status = has_header ? pb_fail(PB_UNSUPPORTED, "%s: has no epochs", path)
                            : pb_fail(PB_INVALID, "%s: not a training log: it is empty", path);
    free(line);
    return status;
}

enum pb_status pb_trainlog_load(const char *path, struct pb_trainlog *log) {
    *log = (struct pb_trainlog){.facts = json_object()};
    FILE *file;
    enum pb_status status = text_stream_open(path, &file);
    log->name = pb_file_stem(path);
    if (!status && !log->name) status = pb_fail(PB_NOMEM, "%s: no memory for its name", path);
    if (!status) status = read_lines(log, path, file);
    if (file) fclose(file);
    if (status) pb_trainlog_free(log);
    return status;
}

void pb_trainlog_free(struct pb_trainlog *log) {
    free(log->name);
    free(log->epoch);
    json_decref(log->facts);
    *log = (struct pb_trainlog){0};
}

const char *pb_trainlog_fact(const struct pb_trainlog *log, const char *key,
                             const char *otherwise) {
    const char *text = json_string_value(json_object_get(log->facts, key));
    return text ? text : otherwise;
}

const char *pb_trainlog_data(const struct pb_trainlog *log) {
    return pb_trainlog_fact(log, "data", "not recorded");
}

struct pb_epoch pb_trainlog_summary(const struct pb_trainlog *log) {
    struct pb_epoch summary = log->epoch[log->count - 1];
    summary.train_rate = gsl_stats_mean(&log->epoch->train_rate, PB_EPOCH_COLUMNS, log->count);
    summary.infer_rate = gsl_stats_mean(&log->epoch->infer_rate, PB_EPOCH_COLUMNS, log->count);
    summary.seconds = gsl_stats_mean(&log->epoch->seconds, PB_EPOCH_COLUMNS, log->count);
    return summary;
}
