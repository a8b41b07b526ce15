/* Writes report.html: one page, everything in it. */
#include "report/page.h"
#include "common/output_file.h"
#include "common/suites.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pieces ---------------------------------------------------------------------------------- */

void page_text(FILE *to, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        default:
            fputc(*text, to);
        }
    }
}

void page_element(FILE *to, const char *tag, const char *text) {
    fprintf(to, "<%s>", tag);
    page_text(to, text);
    fprintf(to, "</%.*s>", (int)strcspn(tag, " "), tag);
}

/* Copies a file, from the first place where `start` stands. */
static enum pb_status put_file(FILE *to, const char *path, const char *start) {
    char *content = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    const char *from = getdelim(&content, &size, '\0', file) < 0 ? NULL : strstr(content, start);
    if (from) fputs(from, to);
    free(content);
    fclose(file);
    return from ? PB_OK : pb_fail(PB_IO, "%s: has no %s", path, start);
}

enum pb_status page_plot(FILE *to, const char *folder, const char *name, const char *ending) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/plots/%s%s.svg", folder, name, ending) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", folder);
    fputs("<figure>", to);
    enum pb_status status = put_file(to, path, "<svg");
    fputs("</figure>\n", to);
    return status;
}

void page_fact(FILE *to, const char *name, const char *value) {
    if (!*value) return;
    page_element(to, "dt", name);
    page_element(to, "dd", value);
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

/* A mean cross-entropy; of a run that diverged, nan. */
static void put_loss(FILE *to, double loss) {
    if (isfinite(loss))
        fprintf(to, "<td>%.3f</td>", loss);
    else
        fputs("<td>nan</td>", to);
}

static void put_log(FILE *to, const struct pb_trainlog *log) {
    const struct pb_epoch summary = pb_trainlog_summary(log);
    fputs("<tr>", to);
    page_element(to, "td", log->name);
    fprintf(to, "<td>%zu</td><td>%.2f %%</td>", log->count, summary.accuracy);
    put_loss(to, summary.train_loss);
    put_loss(to, summary.val_loss);
    fprintf(to, "<td>%.0f</td><td>%.0f</td><td>%.1f s</td>", summary.train_rate, summary.infer_rate,
            summary.seconds);
    page_element(to, "td", pb_trainlog_fact(log, "seed", "–"));
    page_element(to, "td class=\"text\"", pb_trainlog_data(log));
    fputs("<td class=\"text\">", to);
    page_element(to, "code", pb_trainlog_fact(log, "line", ""));
    fputs("</td></tr>\n", to);
}

/* The most accurate run on the data of log `first`, and how it was trained. */
static void put_best(FILE *to, const struct pb_recorded *recorded, size_t first) {
    const char *data = pb_trainlog_data(&recorded->log[first]);
    const struct pb_trainlog *best = &recorded->log[first];
    size_t runs = 0;
    for (size_t i = first; i < recorded->logs; i++) {
        const struct pb_trainlog *log = &recorded->log[i];
        if (strcmp(pb_trainlog_data(log), data) != 0) continue;
        if (pb_trainlog_summary(log).accuracy > pb_trainlog_summary(best).accuracy) best = log;
        runs++;
    }
    fputs("<p class=\"key\">Most accurate on ", to);
    page_text(to, data);
    fputs(": ", to);
    page_element(to, "b", best->name);
    fprintf(to, " with <b>%.1f %%</b> after epoch %g, of %zu runs.</p>\n<dl>",
            pb_trainlog_summary(best).accuracy, pb_trainlog_summary(best).epoch, runs);
    for (size_t i = 0; i < sizeof training_facts / sizeof *training_facts; i++)
        page_fact(to, training_facts[i].name, pb_trainlog_fact(best, training_facts[i].key, ""));
    fputs("</dl>\n", to);
}

static enum pb_status put_training(FILE *to, const struct pb_recorded *recorded) {
    fputs("<h2>Networks</h2>\n", to);
    for (size_t i = 0; i < recorded->logs; i++)
        if (pb_recorded_first_on_data(recorded, i)) put_best(to, recorded, i);
    enum pb_status status = page_plot(to, recorded->folder, "accuracy", "");
    if (!status) status = page_plot(to, recorded->folder, "tradeoff", "");
    fputs("<div class=\"wide\"><table><thead><tr><th>Run</th><th>Epochs</th><th>Accuracy</th>"
          "<th>Training loss</th><th>Validation loss</th><th>Training, images/s</th>"
          "<th>Inference, images/s</th><th>Epoch</th><th>Seed</th><th class=\"text\">Data</th>"
          "<th class=\"text\">Network</th></tr></thead>\n",
          to);
    for (size_t i = 0; i < recorded->logs; i++) put_log(to, &recorded->log[i]);
    fputs("</table></div>\n<p class=\"faint\">Accuracy and losses are the last epoch's; images per "
          "second and the time of an epoch are means over the epochs.</p>\n",
          to);
    return status;
}

/* ---- The page -------------------------------------------------------------------------------- */

static enum pb_status put_page(FILE *to, const struct pb_recorded *recorded) {
    char css[PATH_MAX];
    snprintf(css, sizeof css, "%s/scripts/plots/report.css", pb_source_dir);
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<title>poolbench report</title>\n<style>\n",
          to);
    enum pb_status status = put_file(to, css, ":root");
    if (status) return status;
    fputs("</style>\n</head>\n<body>\n<h1>poolbench report</h1>\n"
          "<p>How should a network shrink its feature maps, and which code does it fastest and "
          "right?</p>\n",
          to);
    if (recorded->logs) {
        fputs("<p class=\"data\">Networks were trained on data: ", to);
        page_text(to, pb_recorded_data(recorded));
        fputs("</p>\n", to);
    }
    for (size_t i = 0; !status && i < recorded->runs; i++)
        if (recorded->run[i].count) status = page_run(to, recorded->folder, &recorded->run[i]);
    if (!status && recorded->logs) status = put_training(to, recorded);
    if (!status && recorded->conformance) page_conformance(to, recorded->conformance);
    fputs("<p class=\"faint\">Written by poolbench ", to);
    page_text(to, pb_build_version);
    fputs(".</p>\n</body>\n</html>\n", to);
    return status;
}

enum pb_status pb_recorded_page(const struct pb_recorded *recorded) {
    char path[PATH_MAX];
    struct output_file file;
    if (snprintf(path, sizeof path, "%s/report.html", recorded->folder) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", recorded->folder);
    enum pb_status status = output_file_open(&file, path);
    if (status) return status;
    status = put_page(file.stream, recorded);
    if (status) output_file_drop(&file);
    return status ? status : output_file_keep(&file);
}
