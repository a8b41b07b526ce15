/* Writes report.html: one page, everything in it. */
#include "page.h"
#include "outfile.h"
#include "suites.h"
#include "table.h"
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

/* FOLDER/plots/NAME[ENDING].svg as a figure. */
static enum pb_status put_plot(FILE *to, const char *folder, const char *name, const char *ending) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/plots/%s%s.svg", folder, name, ending) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", folder);
    fputs("<figure>", to);
    enum pb_status status = put_file(to, path, "<svg");
    fputs("</figure>\n", to);
    return status;
}

/* One thing to know about a run; nothing where it is not recorded. */
static void put_fact(FILE *to, const char *name, const char *value) {
    if (!*value) return;
    page_element(to, "dt", name);
    page_element(to, "dd", value);
}

/* ---- Benchmarks ------------------------------------------------------------------------------ */

static const struct {
    const char *key, *name;
} machine_facts[] = {
        {"cpu", "Processor"},       {"isa", "ISA"},           {"data_caches", "Caches"},
        {"threads", "Threads"},     {"compiler", "Compiler"}, {"flags", "Flags"},
        {"blas_core", "BLAS core"}, {"commit", "Commit"},     {"date", "Date"},
};

/* "simd is 3.1 times as fast as naive (geometric mean over 12 shapes; from 1.2 to 9.0)". */
static void put_speedup(FILE *to, const struct pb_results *run, const char *fast,
                        const char *slow) {
    const struct pb_speedup speedup = pb_results_speedup(run, fast, slow);
    if (!speedup.shapes) return;
    fprintf(to,
            "<p class=\"key\"><b>%s</b> is <b>%.1f times</b> as fast as %s (geometric mean over "
            "%d shapes; from %.1f to %.1f).</p>\n",
            fast, speedup.mean, slow, speedup.shapes, speedup.low, speedup.high);
}

static void put_result(FILE *to, const struct pb_results *run, const struct pb_result *result) {
    char time[16];
    fputs("<tr>", to);
    page_element(to, "td", result->kernel);
    if (!result->count) {
        page_element(to, "td colspan=\"6\" class=\"text bad\"",
                     result->error ? result->error : "not timed");
        fputs("</tr>\n", to);
        return;
    }
    double median = pb_result_median(result), share = result->limit_seconds / median;
    const struct pb_result *naive = pb_result_best(run, result->problem, "naive");
    page_element(to, "td", pb_time_text(median, time));
    fprintf(to, "<td>%.1f %%</td><td>%.1f</td><td>%.1f</td><td%s>%.0f %%</td>",
            100 * pb_result_spread(result), result->bytes / median / 1e9,
            result->flops / median / 1e9, share > 1 ? " class=\"bad\"" : "", 100 * share);
    if (naive)
        fprintf(to, "<td>%.1f×</td>", pb_result_median(naive) / median);
    else
        fputs("<td>–</td>", to);
    fputs("</tr>\n", to);
}

static void put_results(FILE *to, const struct pb_results *run) {
    fputs("<div class=\"wide\"><table><thead><tr><th>Kernel</th><th>Median</th><th>Spread</th>"
          "<th>GB/s</th><th>GFLOP/s</th><th>Of limit</th><th>Against naive</th></tr></thead>\n",
          to);
    for (size_t i = 0; i < run->count; i++) {
        char label[PB_LABEL_SIZE];
        const struct pb_result *result = &run->item[i];
        if (i == 0 || strcmp(result->problem, result[-1].problem) != 0) {
            fputs("<tr class=\"group\"><td colspan=\"7\">", to);
            page_text(to, pb_shape_label(result->problem, label));
            fputs(" <code class=\"faint\">", to);
            page_text(to, result->problem);
            fputs("</code></td></tr>\n", to);
        }
        put_result(to, run, result);
    }
    fputs("</table></div>\n"
          "<p class=\"faint\">Every kernel was verified before it was timed. Spread: half of the "
          "distance between the quartiles of the repetitions, as a share of the median. GB/s "
          "counts every tensor once; GFLOP/s counts a multiply-add as two, and for pooling one "
          "for each element of each window. The limit is the longer of the times that memory and "
          "arithmetic need at best for what every kernel must do, measured in the same run with "
          "the widest vectors of the machine; a share above 100 % would be an error of "
          "measurement.</p>\n",
          to);
}

static enum pb_status put_run(FILE *to, const char *folder, const struct pb_results *run) {
    fputs("<h2>Kernels: ", to);
    page_text(to, run->name);
    fputs("</h2>\n", to);
    put_speedup(to, run, "simd", "naive");
    put_speedup(to, run, "simd", "im2col");
    put_speedup(to, run, "im2col", "naive");
    fputs("<dl>", to);
    for (size_t i = 0; i < sizeof machine_facts / sizeof *machine_facts; i++)
        put_fact(to, machine_facts[i].name, pb_results_context(run, machine_facts[i].key, ""));
    fputs("</dl>\n", to);
    const char *method[PB_METHODS_MOST];
    bool drawn = pb_results_methods(run, method) > 0; /* not where everything failed */
    enum pb_status status = drawn ? put_plot(to, folder, run->name, "-time") : PB_OK;
    if (!status && drawn) status = put_plot(to, folder, run->name, "-limit");
    put_results(to, run);
    return status;
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
        put_fact(to, training_facts[i].name, pb_trainlog_fact(best, training_facts[i].key, ""));
    fputs("</dl>\n", to);
}

static enum pb_status put_training(FILE *to, const struct pb_recorded *recorded) {
    fputs("<h2>Networks</h2>\n", to);
    for (size_t i = 0; i < recorded->logs; i++)
        if (pb_recorded_first_on_data(recorded, i)) put_best(to, recorded, i);
    enum pb_status status = put_plot(to, recorded->folder, "accuracy", "");
    if (!status) status = put_plot(to, recorded->folder, "tradeoff", "");
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
    snprintf(css, sizeof css, "%s/scripts/report.css", pb_source_dir);
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
        if (recorded->run[i].count) status = put_run(to, recorded->folder, &recorded->run[i]);
    if (!status && recorded->logs) status = put_training(to, recorded);
    if (!status && recorded->conformance) page_conformance(to, recorded->conformance);
    fputs("<p class=\"faint\">Written by poolbench ", to);
    page_text(to, pb_build_version);
    fputs(".</p>\n</body>\n</html>\n", to);
    return status;
}

enum pb_status pb_recorded_page(const struct pb_recorded *recorded) {
    char path[PATH_MAX];
    struct outfile file;
    if (snprintf(path, sizeof path, "%s/report.html", recorded->folder) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", recorded->folder);
    enum pb_status status = outfile_open(&file, path);
    if (status) return status;
    status = put_page(file.stream, recorded);
    if (status) outfile_drop(&file);
    return status ? status : outfile_keep(&file);
}
