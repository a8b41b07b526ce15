/* Bars of the ratio of the best peer's time to ours, a plot for each operation and direction. */
#include "report/plots.h"
#include "report/labels.h"
#include "results/statistics.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A bar is one row high. Above a layout's bars is room for a line that says whose they are. */
static const double HEAD = 1.2, GAP = 0.6;

struct bar {
    const struct pb_peer_comparison *comparison;
    double y, low, high; /* the row's middle; the interval of the ratio */
};

const char *plot_peers_ending(const struct pb_problem *problem, char ending[64]) {
    snprintf(ending, 64, "-peers-%s-%s", pb_op_name(problem->op), pb_dir_name(problem->dir));
    return ending;
}

/* Places the bars; *rows is how many rows there are. */
static enum pb_status place_bars(const struct pb_peer_comparison *comparisons, size_t count,
                                 struct bar *bars, double *rows) {
    enum pb_status status = PB_OK;
    *rows = 0;
    for (size_t i = 0; !status && i < count; i++) {
        struct bar *bar = &bars[i];
        if (i == 0 || comparisons[i].problem.layout != comparisons[i - 1].problem.layout)
            *rows += GAP + HEAD;
        *bar = (struct bar){.comparison = &comparisons[i], .y = *rows + 0.5};
        *rows += 1;
        const struct pb_result *ours = bar->comparison->ours, *peer = bar->comparison->peer;
        status = pb_ratio_interval(ours->seconds, ours->count, peer->seconds, peer->count,
                                   &bar->low, &bar->high);
    }
    *rows += GAP;
    return status;
}

/* A layout's row: where it is, what it says, the mean and the rows that it is of. */
static void write_groups(const struct pb_peer_comparison *comparisons, size_t count,
                         const struct bar *bars, FILE *to) {
    for (size_t i = 0, alike; i < count; i += alike) {
        alike = pb_peer_comparisons_alike(comparisons + i, count - i, true);
        double mean = pb_peer_comparisons_mean(comparisons + i, alike);
        fprintf(to, "%g\t%s: geometric mean %.2f× over %zu shape%s\t%.6g\t%g\t%g\n",
                bars[i].y - HEAD, pb_layout_name(comparisons[i].problem.layout), mean, alike,
                alike == 1 ? "" : "s", mean, bars[i].y - 0.5, bars[i + alike - 1].y + 0.5);
    }
}

static void write_peer(const char *peer, const struct bar *bars, size_t count, FILE *to) {
    fputs("\n\n", to);
    plot_text(to, peer);
    fputc('\n', to);
    for (size_t i = 0; i < count; i++) {
        double ratio = bars[i].comparison->ratio;
        if (strcmp(bars[i].comparison->peer->method, peer) != 0) continue;
        fprintf(to, "%g\t%.6g\t%.6g\t%.6g\t%.*f×\n", bars[i].y, ratio, bars[i].low, bars[i].high,
                ratio < 9.995   ? 2
                : ratio < 99.95 ? 1
                                : 0,
                ratio);
    }
}

/* Block 0: the labels of the shapes; 1: the rows of the layouts; then one for each peer that was
 * the best somewhere. */
static void write_data(const struct pb_peer_comparison *comparisons, size_t count,
                       const struct bar *bars, const char *const *peer, size_t peers, FILE *to) {
    char label[PB_SIZES_SIZE];
    for (size_t i = 0; i < count; i++) {
        fprintf(to, "%g\t", bars[i].y);
        plot_text(to, pb_sizes_label(&comparisons[i].problem, label));
        fputc('\n', to);
    }
    fputs("\n\n", to);
    write_groups(comparisons, count, bars, to);
    for (size_t i = 0; i < peers; i++) write_peer(peer[i], bars, count, to);
}

/* The ends of the axis, and how long the longest label is. */
struct extent {
    double low, high;
    size_t letters;
};

static struct extent extent_of(const struct bar *bars, size_t count) {
    struct extent e = {0.5, 2, 0}; /* a ratio near 1 shall look so */
    char label[PB_SIZES_SIZE];
    for (size_t i = 0; i < count; i++) {
        size_t letters = strlen(pb_sizes_label(&bars[i].comparison->problem, label));
        e.low = fmin(e.low, fmin(bars[i].low, bars[i].comparison->ratio));
        e.high = fmax(e.high, fmax(bars[i].high, bars[i].comparison->ratio));
        if (letters > e.letters) e.letters = letters;
    }
    double room = pow(e.high / e.low, 0.12); /* for the text */
    return (struct extent){e.low / room, e.high * room, e.letters};
}

static enum pb_status draw_bars(const char *plots, const struct pb_results *run,
                                const struct bar *bars, size_t count, double rows) {
    const struct pb_problem *problem = &bars->comparison->problem;
    const char *peer[PB_PEERS_MOST];
    char name[PLOT_PATH], ending[64], what[128], title[PLOT_TITLE], series[PLOT_WORDS] = "";
    const struct extent extent = extent_of(bars, count);
    struct output_file file;
    size_t peers = pb_peer_comparisons_peers(bars->comparison, count, peer);
    plot_words(series, peer, peers);
    snprintf(name, sizeof name, "%s%s", run->name, plot_peers_ending(problem, ending));
    enum pb_status status = plot_open(&file, plots, name);
    if (status) return status;
    write_data(bars->comparison, count, bars, peer, peers, file.stream);
    if ((status = output_file_keep(&file))) return status;
    snprintf(what, sizeof what, "%s %s against the best peer", pb_op_name(problem->op),
             pb_dir_name(problem->dir));
    return plot_draw(plots, &(struct plot){.script = "peers",
                                           .data = name,
                                           .name = name,
                                           .title = plot_title(run, what, title),
                                           .series = series,
                                           .number = {rows, extent.low, extent.high,
                                                      (double)extent.letters}});
}

enum pb_status plot_peers(const char *plots, const struct pb_results *run,
                          const struct pb_peer_comparison *comparisons, size_t count) {
    double rows;
    struct bar *bars = malloc(count * sizeof *bars);
    if (!bars) return pb_fail(PB_NOMEM, "no memory for %zu bars", count);
    enum pb_status status = place_bars(comparisons, count, bars, &rows);
    if (!status) status = draw_bars(plots, run, bars, count, rows);
    free(bars);
    return status;
}
