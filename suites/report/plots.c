/* Writes the data of the plots and has gnuplot draw them. */
#include "report/plots.h"
#include "common/suites.h"
#include "report/labels.h"
#include "report/program.h"
#include "results/queries.h"
#include "results/statistics.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Runs gnuplot in the folder of the plots. */
static enum pb_status run_gnuplot(const char *plots, char *const argv[], const char *name) {
    int outcome;
    enum pb_status status = program_run(&(struct program){.argv = argv, .folder = plots}, &outcome);
    if (!status && outcome) return pb_fail(PB_IO, "gnuplot could not draw %s/%s.svg", plots, name);
    return status;
}

/* Has gnuplot write into a file that is open already, named from the root on. */
static enum pb_status draw_into(const char *plots, const struct plot *plot, const char *file) {
    char script[PLOT_PATH], style[PLOT_PATH], data[PLOT_PATH], part[PLOT_PATH], title[PLOT_TITLE];
    char gnuplot[] = "gnuplot", option[] = "-c", series[PLOT_PATH];
    char number[PLOT_NUMBERS][32];
    snprintf(script, PLOT_PATH, "%s/scripts/plots/%s.gp", pb_source_dir, plot->script);
    snprintf(style, PLOT_PATH, "%s/scripts/plots/style.gp", pb_source_dir);
    /* The names of files begin with "./": gnuplot takes a first '<' or '|' for a command. */
    snprintf(data, PLOT_PATH, "./%s.dat", plot->data);
    snprintf(part, PLOT_PATH, "%s", file);
    snprintf(title, sizeof title, "%s", plot->title);
    snprintf(series, PLOT_PATH, "%s", plot->series);
    for (int i = 0; i < PLOT_NUMBERS; i++) /* gnuplot takes no exponent in an argument */
        snprintf(number[i], sizeof number[i], "%.9f", plot->number[i]);
    char *const argv[] = {gnuplot, option,    script,    style,     data,      part, series,
                          title,   number[0], number[1], number[2], number[3], NULL};
    return run_gnuplot(plots, argv, plot->name);
}

enum pb_status plot_draw(const char *plots, const struct plot *plot) {
    char path[PLOT_PATH], part[PATH_MAX];
    struct output_file file;
    snprintf(path, PLOT_PATH, "%s/%s.svg", plots, plot->name);
    enum pb_status status = output_file_open(&file, path);
    if (status) return status;
    status = realpath(file.part, part) ? draw_into(plots, plot, part)
                                       : pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    if (!status) return output_file_keep(&file);
    output_file_drop(&file);
    return status;
}

enum pb_status plot_open(struct output_file *file, const char *plots, const char *name) {
    char path[PLOT_PATH];
    snprintf(path, PLOT_PATH, "%s/%s.dat", plots, name);
    return output_file_open(file, path);
}

/* Whether gnuplot takes it for something other than a part of a field. */
static bool is_special(char c) {
    return c == '"' || c == '\\' || iscntrl((unsigned char)c);
}

void plot_text(FILE *to, const char *text) {
    for (; *text; text++) fputc(is_special(*text) ? ' ' : *text, to);
}

void plot_words(char words[PLOT_WORDS], const char *const *name, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(words);
        snprintf(words + used, PLOT_WORDS - used, "%.60s ", name[i]);
        for (char *c = words + used; *c; c++)
            if (is_special(*c) || *c == '\'') *c = '_';
    }
}

/* ---- Benchmarks ------------------------------------------------------------------------------ */

/* What the two plots of a run need to know about their axes. */
struct extent {
    double rows;                    /* a bar is one high, and shapes are a bit apart */
    double fastest, slowest, share; /* seconds, seconds, the largest share of the limit */
};
static const double GAP = 0.9;

static void write_bar(FILE *to, double y, const struct pb_result *result, struct extent *extent) {
    char text[16];
    double median = pb_result_median(result), share = result->limit_seconds / median;
    double low = pb_quantile(result->seconds, result->count, 0.25);
    double high = pb_quantile(result->seconds, result->count, 0.75);
    fprintf(to, "%g\t%.6g\t%.6g\t%.6g\t%s\t%.6g\n", y, median, low, high,
            pb_time_text(median, text), share);
    extent->fastest = fmin(extent->fastest, low);
    extent->slowest = fmax(extent->slowest, high);
    extent->share = fmax(extent->share, share);
}

/* Block 0: the labels of the shapes; block m: the bars of method m. A shape has a bar for the
 * fastest kernel of each method that it has. */
static void write_block(const struct pb_results *run, const char *const *method, size_t methods,
                        size_t block, struct extent *extent, FILE *to) {
    char label[PB_LABEL_SIZE];
    extent->rows = GAP;
    if (block) plot_text(to, method[block - 1]);
    if (block) fputc('\n', to);
    for (size_t i = 0; i < run->count; i++) {
        const char *problem = run->item[i].problem;
        double bars = 0;
        if (!pb_results_begins_shape(run, i)) continue;
        for (size_t m = 1; m <= methods; m++) {
            const struct pb_result *best = pb_result_best(run, problem, method[m - 1]);
            if (best && m == block) write_bar(to, extent->rows + bars + 0.5, best, extent);
            if (best) bars++;
        }
        if (bars > 0 && block == 0)
            fprintf(to, "%g\t%s\n", extent->rows + bars / 2, pb_shape_label(problem, label));
        if (bars > 0) extent->rows += bars + GAP;
    }
    fputs("\n\n", to);
}

const char *plot_title(const struct pb_results *run, const char *what, char title[PLOT_TITLE]) {
    snprintf(title, PLOT_TITLE, "%s: %.256s, %.64s, threads: %.64s", what,
             pb_results_context(run, "cpu", "CPU ?"), pb_results_context(run, "isa", "ISA ?"),
             pb_results_context(run, "threads", "?"));
    return title;
}

bool plot_has_times(const struct pb_results *run, bool peers) {
    const char *method[PB_METHODS_MOST];
    if (peers && pb_results_shapes(run) > PLOT_SHAPES_MOST) return false;
    return pb_results_methods(run, method) > 0;
}

static enum pb_status plot_times(const char *plots, const struct pb_results *run) {
    struct output_file file;
    struct extent extent = {.fastest = INFINITY};
    char time_name[PLOT_PATH], limit_name[PLOT_PATH], title[PLOT_TITLE], names[PLOT_WORDS] = "";
    const char *method[PB_METHODS_MOST];
    size_t methods = pb_results_methods(run, method);
    plot_words(names, method, methods);
    enum pb_status status = plot_open(&file, plots, run->name);
    if (status) return status;
    for (size_t block = 0; block <= methods; block++)
        write_block(run, method, methods, block, &extent, file.stream);
    if ((status = output_file_keep(&file))) return status;
    snprintf(time_name, sizeof time_name, "%s-time", run->name);
    snprintf(limit_name, sizeof limit_name, "%s-limit", run->name);
    status = plot_draw(
            plots,
            &(struct plot){.script = "time",
                           .data = run->name,
                           .name = time_name,
                           .title = plot_title(run, "Time by method", title),
                           .series = names,
                           .number = {extent.rows, pow(10, floor(log10(extent.fastest / 1.5))),
                                      6 * extent.slowest /* the text needs room */}});
    if (status) return status;
    return plot_draw(plots,
                     &(struct plot){.script = "limit",
                                    .data = run->name,
                                    .name = limit_name,
                                    .title = plot_title(run, "Share of the machine's limit", title),
                                    .series = names,
                                    .number = {extent.rows, 0, 1.1 * fmax(1, extent.share)}});
}

static enum pb_status plot_run(const char *plots, const struct pb_results *run) {
    struct pb_peer_comparison *comparisons;
    size_t count, alike;
    enum pb_status status = pb_peer_comparisons_find(run, &comparisons, &count);
    if (status) return status;
    for (size_t i = 0; !status && i < count; i += alike) {
        alike = pb_peer_comparisons_alike(comparisons + i, count - i, false);
        status = plot_peers(plots, run, comparisons + i, alike);
    }
    if (!status && plot_has_roofline(run, comparisons, count))
        status = plot_roofline(plots, run, comparisons, count);
    free(comparisons);
    return status || !plot_has_times(run, count > 0) ? status : plot_times(plots, run);
}

/* ---- Training -------------------------------------------------------------------------------- */

static enum pb_status plot_training(const char *plots, const struct pb_recorded *recorded) {
    struct output_file accuracy, tradeoff;
    const char *data = pb_recorded_data(recorded);
    char title[512], runs[32];
    double last = 1, low = 100, high = 0; /* epoch; accuracies in percent */
    enum pb_status status = plot_open(&accuracy, plots, "accuracy");
    if (status) return status;
    if ((status = plot_open(&tradeoff, plots, "tradeoff"))) {
        output_file_drop(&accuracy);
        return status;
    }
    for (size_t i = 0; i < recorded->logs; i++) {
        const struct pb_trainlog *log = &recorded->log[i];
        const struct pb_epoch summary = pb_trainlog_summary(log);
        last = fmax(last, summary.epoch);
        fprintf(accuracy.stream, "%s\n", log->name);
        for (size_t e = 0; e < log->count; e++) {
            fprintf(accuracy.stream, "%g\t%g\n", log->epoch[e].epoch, log->epoch[e].accuracy);
            low = fmin(low, log->epoch[e].accuracy);
            high = fmax(high, log->epoch[e].accuracy);
        }
        fputs("\n\n", accuracy.stream);
        fprintf(tradeoff.stream, "%s\n%g\t%g\t%g\n\n\n", log->name, summary.accuracy,
                summary.train_rate, summary.infer_rate);
    }
    status = output_file_keep(&accuracy);
    if (status)
        output_file_drop(&tradeoff);
    else
        status = output_file_keep(&tradeoff);
    snprintf(runs, sizeof runs, "%zu", recorded->logs);
    snprintf(title, sizeof title, "Accuracy by epoch (data: %s)", data);
    if (!status)
        status = plot_draw(plots, &(struct plot){.script = "accuracy",
                                                 .data = "accuracy",
                                                 .name = "accuracy",
                                                 .title = title,
                                                 .series = runs,
                                                 .number = {last, low - 1, high + 1}});
    snprintf(title, sizeof title, "Accuracy after the last epoch against speed (data: %s)", data);
    if (!status)
        status = plot_draw(plots, &(struct plot){.script = "tradeoff",
                                                 .data = "tradeoff",
                                                 .name = "tradeoff",
                                                 .title = title,
                                                 .series = runs,
                                                 .number = {last, low - 1, high + 1}});
    return status;
}

enum pb_status pb_recorded_plot(const struct pb_recorded *recorded) {
    char plots[PATH_MAX];
    if (snprintf(plots, sizeof plots, "%s/plots", recorded->folder) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", recorded->folder);
    if (mkdir(plots, 0777) != 0 && errno != EEXIST)
        return pb_fail(PB_IO, "%s: %s", plots, strerror(errno));
    enum pb_status status = PB_OK;
    for (size_t i = 0; !status && i < recorded->runs; i++)
        status = plot_run(plots, &recorded->run[i]);
    return status || !recorded->logs ? status : plot_training(plots, recorded);
}
