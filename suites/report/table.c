/* A run as tables. Results are sorted by problem, then by time. */
#include "report/table.h"
#include "report/labels.h"
#include "results/peer_groups.h"
#include "results/queries.h"
#include "results/statistics.h"
#include <stdlib.h>
#include <string.h>

/* How many times as long the best peer takes, with the 95 % interval. */
static enum pb_status print_peer(const struct pb_result *peer, const struct pb_result *own,
                                 FILE *to) {
    struct pb_ratio r;
    enum pb_status status = pb_result_ratio(own, peer, &r);
    if (!status) fprintf(to, "  %5.2fx [%4.2f, %4.2f] %s", r.ratio, r.low, r.high, peer->method);
    return status;
}

/* *above: whether the share of the limit says that something was measured wrongly. */
static enum pb_status print_row(const struct pb_results *results, const struct pb_result *result,
                                int width, FILE *to, bool *above) {
    char median_text[16], least_text[16];
    enum pb_status status = PB_OK;
    if (!result->count) {
        fprintf(to, "  %-*s %-9s %-6s  %s%s\n", width, result->kernel, result->method, result->isa,
                result->error ? "WRONG: " : "", result->error ? result->error : "not timed");
        return PB_OK;
    }
    double median = pb_result_median(result), share = result->limit_seconds / median;
    const struct pb_result *naive = pb_result_best(results, result->problem, "naive");
    const struct pb_result *peer = pb_result_best_peer(results, result->problem);
    fprintf(to, "  %-*s %-9s %-6s %9s %9s  %5.1f %% %8.1f %9.1f %7.0f %%%c", width, result->kernel,
            result->method, result->isa, pb_time_text(median, median_text),
            pb_time_text(result->seconds[0], least_text), 100 * pb_result_spread(result),
            result->bytes / median / 1e9, result->flops / median / 1e9, 100 * share,
            share > 1 ? '!' : ' ');
    if (naive)
        fprintf(to, " %7.1fx", pb_result_median(naive) / median);
    else
        fprintf(to, "         ");
    if (peer && !result->peer) status = print_peer(peer, result, to);
    if (*result->implementation)
        fprintf(to, "  %s%s", result->implementation, result->reference ? " (a reference)" : "");
    fputc('\n', to);
    *above |= share > 1;
    return status;
}

enum pb_status pb_results_print(const struct pb_results *results, FILE *to) {
    int width = 0;
    bool above = false, peers = false;
    enum pb_status status = PB_OK;
    for (size_t i = 0; i < results->count; i++) {
        int length = (int)strlen(results->item[i].kernel);
        if (length > width) width = length;
        peers |= results->item[i].peer;
    }
    fprintf(to, "  %-*s %-9s %-6s %9s %9s   spread     GB/s   GFLOP/s  of limit  vs naive%s\n",
            width, "", "method", "isa", "median", "minimum",
            peers ? "  best peer / it [95 %]" : "");
    for (size_t i = 0; !status && i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (pb_results_begins_shape(results, i)) fprintf(to, "%s\n", result->problem);
        status = print_row(results, result, width, to, &above);
    }
    if (above)
        fprintf(to, "! above the machine's limit: an error of measurement (is the machine busy?), "
                    "not a success\n");
    return status;
}

/* ---- Beside peers ---------------------------------------------------------------------------- */

static void print_group(const struct pb_group *g, FILE *to) {
    char label[PB_SIZES_SIZE];
    fprintf(to, "  %-13s %-8s %-9s %7zu %6.2f %10.2f %6.2f %14.1f %%  %s\n", pb_op_name(g->op),
            pb_layout_name(g->layout), pb_dir_name(g->dir), g->shapes, pb_geometric_mean(&g->ratio),
            pb_geometric_mean(&g->medians), g->ratio.low, 100 * (pb_geometric_mean(&g->lost) - 1),
            pb_sizes_label(&g->worst_shape, label));
}

static void add_group(struct pb_geometric_mean *all, const struct pb_geometric_mean *one) {
    pb_geometric_mean_add(all, pb_geometric_mean(one), one->weight);
}

enum pb_status pb_groups_print(const struct pb_results *results, FILE *to) {
    struct pb_group *groups;
    size_t count;
    enum pb_status status = pb_groups_find(results, &groups, &count);
    if (status) return status;
    struct pb_geometric_mean ratio = {0}, medians = {0}, lost = {0};
    if (count)
        fprintf(to, "\nbest peer / what is selected of ours, of least times (above 1: ours is "
                    "faster)\n"
                    "  operation     layout   direction  shapes   mean  (medians)  worst  "
                    "selection loses  worst shape\n");
    for (size_t i = 0; i < count; i++) {
        const struct pb_group *g = &groups[i];
        print_group(g, to);
        add_group(&ratio, &g->ratio);
        add_group(&medians, &g->medians);
        add_group(&lost, &g->lost);
    }
    if (count > 1)
        fprintf(to, "  %-32s %7.0f %6.2f %10.2f %21.1f %%\n", "all", ratio.weight,
                pb_geometric_mean(&ratio), pb_geometric_mean(&medians),
                100 * (pb_geometric_mean(&lost) - 1));
    free(groups);
    return PB_OK;
}
