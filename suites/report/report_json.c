/* Gathers a folder of recorded runs in one JSON document. */
#include "report/report_json.h"
#include "common/json_text.h"
#include "common/suites.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pieces ---------------------------------------------------------------------------------- */

json_t *report_number(double number) {
    return isfinite(number) ? json_real(number) : json_null();
}

void report_add_fact(json_t *facts, const char *name, const char *value) {
    if (*value)
        json_array_append_new(facts,
                              json_pack("{s:s, s:o}", "name", name, "value", pb_json_text(value)));
}

enum pb_status report_add_plot(json_t *plots, const char *folder, const char *name,
                               const char *ending) {
    char path[PATH_MAX], *content = NULL;
    size_t size = 0;
    if (snprintf(path, sizeof path, "%s/plots/%s%s.svg", folder, name, ending) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", folder);
    FILE *file = fopen(path, "r");
    if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    const char *svg = getdelim(&content, &size, '\0', file) < 0 ? NULL : strstr(content, "<svg");
    if (svg) json_array_append_new(plots, pb_json_text(svg)); /* without the XML declaration */
    free(content);
    fclose(file);
    return svg ? PB_OK : pb_fail(PB_IO, "%s: has no <svg", path);
}

/* ---- Training -------------------------------------------------------------------------------- */

static const struct {
    const char *key, *name;
} training_facts[] = {
        {"data", "Data"},
        {"train_images", "Training images"},
        {"test_images", "Test images"},
        {"batch", "Batch"},
        {"learning_rate", "Learning rate"},
        {"method", "Method"},
        {"layout", "Layout"},
        {"cpu", "Processor"},
        {"isa", "ISA"},
        {"threads", "Threads"},
        {"blas_core", "BLAS core"},
        {"compiler", "Compiler"},
        {"flags", "Flags"},
        {"commit", "Commit"},
};

static json_t *log_json(const struct pb_trainlog *log) {
    const struct pb_epoch s = pb_trainlog_summary(log);
    return json_pack("{s:o, s:I, s:f, s:o, s:o, s:f, s:f, s:f, s:s, s:s, s:s}", "name",
                     pb_json_text(log->name), "epochs", (json_int_t)log->count, "accuracy",
                     s.accuracy, "train_loss", report_number(s.train_loss), "val_loss",
                     report_number(s.val_loss), "train_rate", s.train_rate, "infer_rate",
                     s.infer_rate, "epoch_seconds", s.seconds, "seed",
                     pb_trainlog_fact(log, "seed", ""), "data", pb_trainlog_data(log), "network",
                     pb_trainlog_fact(log, "line", ""));
}

/* The most accurate run on the data of log `first`, and how it was trained. */
static json_t *best_json(const struct pb_recorded *recorded, size_t first) {
    const char *data = pb_trainlog_data(&recorded->log[first]);
    const struct pb_trainlog *best = &recorded->log[first];
    json_t *facts = json_array();
    size_t runs = 0;
    for (size_t i = first; i < recorded->logs; i++) {
        const struct pb_trainlog *log = &recorded->log[i];
        if (strcmp(pb_trainlog_data(log), data) != 0) continue;
        if (pb_trainlog_summary(log).accuracy > pb_trainlog_summary(best).accuracy) best = log;
        runs++;
    }
    for (size_t i = 0; i < sizeof training_facts / sizeof *training_facts; i++)
        report_add_fact(facts, training_facts[i].name,
                        pb_trainlog_fact(best, training_facts[i].key, ""));
    const struct pb_epoch summary = pb_trainlog_summary(best);
    return json_pack("{s:s, s:o, s:f, s:f, s:I, s:o}", "data", data, "name",
                     pb_json_text(best->name), "accuracy", summary.accuracy, "epoch", summary.epoch,
                     "runs", (json_int_t)runs, "facts", facts);
}

static enum pb_status training_json(const struct pb_recorded *recorded, json_t **json) {
    json_t *best = json_array(), *plots = json_array(), *logs = json_array();
    enum pb_status status = report_add_plot(plots, recorded->folder, "accuracy", "");
    if (!status) status = report_add_plot(plots, recorded->folder, "tradeoff", "");
    for (size_t i = 0; i < recorded->logs; i++) {
        if (pb_recorded_first_on_data(recorded, i))
            json_array_append_new(best, best_json(recorded, i));
        json_array_append_new(logs, log_json(&recorded->log[i]));
    }
    *json = json_pack("{s:s, s:o, s:o, s:o}", "data", pb_recorded_data(recorded), "best", best,
                      "plots", plots, "logs", logs);
    return status;
}

/* ---- The document ---------------------------------------------------------------------------- */

enum pb_status pb_report_json(const struct pb_recorded *recorded, json_t **document) {
    json_t *runs = json_array(), *training = json_null(), *conformance = json_null();
    enum pb_status status = PB_OK;
    for (size_t i = 0; !status && i < recorded->runs; i++) {
        json_t *run = NULL;
        if (!recorded->run[i].count) continue;
        status = report_run_json(recorded->folder, &recorded->run[i], &run);
        json_array_append_new(runs, run);
    }
    if (!status && recorded->logs) status = training_json(recorded, &training);
    if (!status && recorded->conformance)
        conformance = report_conformance_json(recorded->conformance);
    *document = json_pack("{s:s, s:o, s:o, s:o}", "version", pb_build_version, "runs", runs,
                          "training", training, "conformance", conformance);
    if (!status && !*document) status = pb_fail(PB_NOMEM, "no memory for the report");
    if (!status) return PB_OK;
    json_decref(*document);
    *document = NULL;
    return status;
}
