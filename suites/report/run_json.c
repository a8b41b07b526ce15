/* A run of `bench` in the report's document. */
#include "common/json_text.h"
#include "report/labels.h"
#include "report/plots.h"
#include "report/report_json.h"
#include "results/peer_groups.h"
#include "results/queries.h"
#include <math.h>
#include <stdlib.h>

static const struct {
    const char *key, *name;
} machine_facts[] = {
        {"cpu", "Processor"},       {"isa", "ISA"},           {"data_caches", "Caches"},
        {"threads", "Threads"},     {"compiler", "Compiler"}, {"flags", "Flags"},
        {"blas_core", "BLAS core"}, {"commit", "Commit"},     {"date", "Date"},
};

static json_t *facts_json(const struct pb_results *run) {
    json_t *facts = json_array();
    for (size_t i = 0; i < sizeof machine_facts / sizeof *machine_facts; i++)
        report_add_fact(facts, machine_facts[i].name,
                        pb_results_context(run, machine_facts[i].key, ""));
    return facts;
}

static json_t *speedups_json(const struct pb_results *run) {
    static const char *const pairs[][2] = {
            {"simd", "naive"}, {"simd", "im2col"}, {"im2col", "naive"}};
    json_t *speedups = json_array();
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct pb_speedup s = pb_results_speedup(run, pairs[i][0], pairs[i][1]);
        if (s.shapes)
            json_array_append_new(speedups,
                                  json_pack("{s:s, s:s, s:o, s:o, s:o, s:i}", "fast", pairs[i][0],
                                            "slow", pairs[i][1], "mean", report_number(s.mean),
                                            "low", report_number(s.low), "high",
                                            report_number(s.high), "shapes", s.shapes));
    }
    return speedups;
}

/* ---- Beside peers ---------------------------------------------------------------------------- */

static json_t *group_json(const struct pb_group *g) {
    char label[PB_SIZES_SIZE];
    return json_pack(
            "{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "operation", pb_op_name(g->op),
            "layout", pb_layout_name(g->layout), "direction", pb_dir_name(g->dir), "shapes",
            (json_int_t)g->shapes, "mean", report_number(pb_geometric_mean(&g->ratio)), "medians",
            report_number(pb_geometric_mean(&g->medians)), "worst", report_number(g->ratio.low),
            "worst_shape", pb_json_text(pb_sizes_label(&g->worst_shape, label)), "loss",
            report_number(pb_geometric_mean(&g->lost) - 1));
}

static enum pb_status add_groups(const struct pb_results *run, json_t *json) {
    struct pb_group *groups;
    size_t count;
    json_t *list = json_array();
    enum pb_status status = pb_groups_find(run, &groups, &count);
    for (size_t i = 0; !status && i < count; i++)
        json_array_append_new(list, group_json(&groups[i]));
    json_object_set_new(json, "groups", list);
    if (!status) free(groups);
    return status;
}

/* The plots with a bar for each comparison, and the roofline. */
static enum pb_status add_peer_plots(const char *folder, const struct pb_results *run,
                                     const struct pb_peer_comparison *comparisons, size_t count,
                                     json_t *json) {
    json_t *bars = json_array(), *roofline = json_array();
    enum pb_status status = PB_OK;
    json_object_set_new(json, "peer_plots", bars);
    json_object_set_new(json, "roofline", roofline);
    for (size_t i = 0, alike; !status && i < count; i += alike) {
        char ending[64];
        alike = pb_peer_comparisons_alike(comparisons + i, count - i, false);
        plot_peers_ending(&comparisons[i].problem, ending);
        status = report_add_plot(bars, folder, run->name, ending);
    }
    if (!status && plot_has_roofline(run, comparisons, count))
        status = report_add_plot(roofline, folder, run->name, "-roofline");
    return status;
}

/* The plots with a group of bars for each shape; none where these are too many. */
static enum pb_status add_time_plots(const char *folder, const struct pb_results *run, bool peers,
                                     json_t *json) {
    json_t *plots = json_array();
    enum pb_status status = PB_OK;
    json_object_set_new(json, "time_plots", plots);
    if (!plot_has_times(run, peers)) return PB_OK;
    status = report_add_plot(plots, folder, run->name, "-time");
    return status ? status : report_add_plot(plots, folder, run->name, "-limit");
}

/* ---- Results --------------------------------------------------------------------------------- */

static json_t *time_json(double seconds) {
    char text[16];
    return json_pack("{s:f, s:s}", "seconds", seconds, "label", pb_time_text(seconds, text));
}

/* How many times as long the best peer takes; nothing of a peer. */
static enum pb_status add_best_peer(const struct pb_results *run, const struct pb_result *result,
                                    json_t *json) {
    const struct pb_result *peer = pb_result_best_peer(run, result->problem);
    struct pb_ratio r;
    if (!peer || result->peer) return PB_OK;
    enum pb_status status = pb_result_ratio(result, peer, &r);
    if (!status)
        json_object_set_new(json, "best_peer",
                            json_pack("{s:s, s:o, s:o, s:o}", "name", peer->method, "ratio",
                                      report_number(r.ratio), "low", report_number(r.low), "high",
                                      report_number(r.high)));
    return status;
}

static enum pb_status add_numbers(const struct pb_results *run, const struct pb_result *result,
                                  json_t *json) {
    double median = pb_result_median(result);
    const struct pb_result *naive = pb_result_best(run, result->problem, "naive");
    json_object_update_new(
            json, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "median", time_json(median),
                            "least", time_json(pb_result_least(result)), "spread",
                            report_number(pb_result_spread(result)), "bytes_per_second",
                            report_number(result->bytes / median), "flop_per_second",
                            report_number(result->flops / median), "share_of_limit",
                            report_number(result->limit_seconds / median), "against_naive",
                            report_number(naive ? pb_result_median(naive) / median : NAN)));
    return add_best_peer(run, result, json);
}

static enum pb_status add_result(const struct pb_results *run, const struct pb_result *result,
                                 json_t *list) {
    json_t *json =
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:n, s:n}", "kernel", result->kernel, "method",
                      result->method, "isa", result->isa, "implementation", result->implementation,
                      "reference", result->reference, "error", "best_peer");
    enum pb_status status = PB_OK;
    if (result->count)
        status = add_numbers(run, result, json);
    else
        json_object_set_new(json, "error",
                            json_string(result->error ? result->error : "not timed"));
    json_array_append_new(list, json);
    return status;
}

static enum pb_status add_results(const struct pb_results *run, json_t *json) {
    json_t *shapes = json_array(), *list = NULL;
    enum pb_status status = PB_OK;
    json_object_set_new(json, "shapes", shapes);
    for (size_t i = 0; !status && i < run->count; i++) {
        char label[PB_LABEL_SIZE];
        const struct pb_result *result = &run->item[i];
        if (pb_results_begins_shape(run, i)) {
            list = json_array();
            json_array_append_new(shapes,
                                  json_pack("{s:s, s:o, s:o}", "problem", result->problem, "label",
                                            pb_json_text(pb_shape_label(result->problem, label)),
                                            "results", list));
        }
        status = add_result(run, result, list);
    }
    return status;
}

enum pb_status report_run_json(const char *folder, const struct pb_results *run, json_t **json) {
    struct pb_peer_comparison *comparisons;
    size_t count;
    bool peers = false;
    enum pb_status status = pb_peer_comparisons_find(run, &comparisons, &count);
    if (status) return status;
    for (size_t i = 0; i < run->count; i++) peers |= run->item[i].peer;
    *json = json_pack("{s:o, s:b, s:I, s:i, s:o, s:o}", "name", pb_json_text(run->name),
                      "has_peers", peers, "results", (json_int_t)run->count, "shapes_drawn_most",
                      PLOT_SHAPES_MOST, "facts", facts_json(run), "speedups", speedups_json(run));
    status = add_groups(run, *json);
    if (!status) status = add_peer_plots(folder, run, comparisons, count, *json);
    if (!status) status = add_time_plots(folder, run, count > 0, *json);
    if (!status) status = add_results(run, *json);
    free(comparisons);
    return status;
}
