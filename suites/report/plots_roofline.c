/* The roofline: how fast each shape is computed, by how much it computes for a byte of traffic.
 * Traffic and operations are the least that any kernel gets by with, as in the limit: so no point
 * can be above the limit of the level of memory that its tensors lie in. */
#include "report/plots.h"
#include "roofline/limits.h"
#include "roofline/work.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What the run recorded; 0 where it did not. */
static double recorded(const struct pb_results *run, const char *key) {
    double value = strtod(pb_results_context(run, key, ""), NULL);
    return isfinite(value) && value > 0 ? value : 0;
}

/* Operations per byte; 0 where nothing is computed. */
static double intensity_of(const struct pb_problem *problem) {
    const struct pb_traffic least = pb_least_traffic(problem);
    double bytes = least.read + least.written;
    return bytes > 0 ? pb_least_flops(problem) / bytes : 0;
}

static double rate_of(const struct pb_result *result, const struct pb_problem *problem) {
    return pb_least_flops(problem) / pb_result_least(result);
}

bool plot_has_roofline(const struct pb_results *run, const struct pb_peer_comparison *comparisons,
                       size_t count) {
    bool any = false;
    for (size_t i = 0; !any && i < count; i++) any = intensity_of(&comparisons[i].problem) > 0;
    return any && recorded(run, "roof_peak") > 0;
}

/* The ends of the axes: operations per byte, and per second. */
struct extent {
    double left, right, bottom, top;
};

static struct extent extent_of(const struct pb_peer_comparison *comparisons, size_t count,
                               double peak) {
    struct extent e = {INFINITY, 0, peak, peak};
    for (size_t i = 0; i < count; i++) {
        const struct pb_peer_comparison *c = &comparisons[i];
        double ours = rate_of(c->ours, &c->problem), peer = rate_of(c->peer, &c->problem);
        e.left = fmin(e.left, intensity_of(&c->problem));
        e.right = fmax(e.right, intensity_of(&c->problem));
        e.bottom = fmin(e.bottom, fmin(ours, peer));
        e.top = fmax(e.top, fmax(ours, peer));
    }
    return (struct extent){e.left / 1.5, e.right * 1.5, e.bottom / 1.5, e.top * 1.5};
}

/* A block per limit, its name and two points; the peak is the last. Returns how many. */
static int write_limits(const struct pb_results *run, double peak, struct extent *extent,
                        FILE *to) {
    static const char *const names[PB_LEVELS] = {"L1", "L2", "L3", "memory"};
    double first = INFINITY; /* where the peak begins */
    int limits = 1;
    for (int level = 0; level < PB_LEVELS; level++) {
        char key[32];
        snprintf(key, sizeof key, "roof_%s", pb_level_name((enum pb_level)level));
        double bandwidth = recorded(run, key);
        if (bandwidth == 0) continue;
        fprintf(to, "%s: %.3g GB/s\n%.6g\t%.6g\n%.6g\t%.6g\n\n\n", names[level], bandwidth / 1e9,
                extent->left, extent->left * bandwidth / 1e9, peak / bandwidth, peak / 1e9);
        first = fmin(first, peak / bandwidth);
        extent->right = fmax(extent->right, 1.5 * peak / bandwidth);
        limits++;
    }
    fprintf(to, "peak: %.3g GFLOP/s\n%.6g\t%.6g\n%.6g\t%.6g\n", peak / 1e9,
            isfinite(first) ? first : extent->left, peak / 1e9, extent->right, peak / 1e9);
    return limits;
}

/* A block: a name, and a point for each comparison that `peer` was the best peer of; with NULL, for
 * each of ours. */
static void write_points(const char *peer, const struct pb_peer_comparison *comparisons,
                         size_t count, FILE *to) {
    fputs("\n\n", to);
    plot_text(to, peer ? peer : "ours");
    fputc('\n', to);
    for (size_t i = 0; i < count; i++) {
        const struct pb_peer_comparison *c = &comparisons[i];
        if (peer && strcmp(c->peer->method, peer) != 0) continue;
        fprintf(to, "%.6g\t%.6g\n", intensity_of(&c->problem),
                rate_of(peer ? c->peer : c->ours, &c->problem) / 1e9);
    }
}

static enum pb_status draw_points(const char *plots, const struct pb_results *run,
                                  const struct pb_peer_comparison *comparisons, size_t count) {
    const char *peer[PB_PEERS_MOST];
    char name[PLOT_PATH], title[PLOT_TITLE], series[PLOT_WORDS];
    double peak = recorded(run, "roof_peak");
    struct extent extent = extent_of(comparisons, count, peak);
    struct output_file file;
    snprintf(name, sizeof name, "%s-roofline", run->name);
    enum pb_status status = plot_open(&file, plots, name);
    if (status) return status;
    size_t peers = pb_peer_comparisons_peers(comparisons, count, peer);
    int limits = write_limits(run, peak, &extent, file.stream);
    write_points(NULL, comparisons, count, file.stream);
    for (size_t i = 0; i < peers; i++) write_points(peer[i], comparisons, count, file.stream);
    if ((status = output_file_keep(&file))) return status;
    snprintf(series, sizeof series, "%d ", limits);
    plot_words(series, peer, peers);
    return plot_draw(plots, &(struct plot){.script = "roofline",
                                           .data = name,
                                           .name = name,
                                           .title = plot_title(run, "Roofline", title),
                                           .series = series,
                                           .number = {extent.left, extent.right, extent.bottom,
                                                      extent.top}});
}

enum pb_status plot_roofline(const char *plots, const struct pb_results *run,
                             const struct pb_peer_comparison *comparisons, size_t count) {
    size_t kept = 0;
    struct pb_peer_comparison *computing = malloc(count * sizeof *computing);
    if (!computing) return pb_fail(PB_NOMEM, "no memory for %zu points", count);
    for (size_t i = 0; i < count; i++) /* where nothing is computed, nothing is per second */
        if (intensity_of(&comparisons[i].problem) > 0) computing[kept++] = comparisons[i];
    enum pb_status status = draw_points(plots, run, computing, kept);
    free(computing);
    return status;
}
