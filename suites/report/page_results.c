/* The results of a run as a table, a group of rows for each problem. */
#include "report/page.h"
#include "report/plots.h"
#include "report/labels.h"
#include "results/queries.h"
#include <stdlib.h>
#include <string.h>

/* With peers the table is wider and longer: what they have is a column of its own. */
struct columns {
    bool peers;
    int count; /* behind the kernel's name */
};

static void put_name(FILE *to, const struct pb_result *result) {
    fputs("<td>", to);
    page_text(to, result->kernel);
    if (*result->implementation) {
        fputs(" <span class=\"faint\">", to);
        page_text(to, result->implementation);
        fputs("</span>", to);
    }
    if (result->reference)
        fputs(" <span class=\"deviation\" title=\"what the library itself calls a reference "
              "implementation: nobody should be compared with it\">reference</span>",
              to);
    fputs("</td>", to);
}

/* How many times as long the best peer takes, with the 95 % interval; a dash for peers. */
static enum pb_status put_ratio(FILE *to, const struct pb_results *run,
                                const struct pb_result *result) {
    const struct pb_result *peer = pb_result_best_peer(run, result->problem);
    struct pb_ratio r;
    if (!peer || result->peer) {
        fputs("<td>–</td>", to);
        return PB_OK;
    }
    enum pb_status status = pb_result_ratio(result, peer, &r);
    if (status) return status;
    fprintf(to, "<td>%.2f× <span class=\"faint\">[%.2f, %.2f] ", r.ratio, r.low, r.high);
    page_text(to, peer->method);
    fputs("</span></td>", to);
    return PB_OK;
}

static enum pb_status put_numbers(FILE *to, const struct pb_results *run,
                                  const struct pb_result *result, const struct columns *columns) {
    char text[16];
    double median = pb_result_median(result), share = result->limit_seconds / median;
    const struct pb_result *naive = pb_result_best(run, result->problem, "naive");
    enum pb_status status = PB_OK;
    page_element(to, "td", pb_time_text(median, text));
    if (columns->peers) page_element(to, "td", pb_time_text(result->seconds[0], text));
    if (columns->peers) status = put_ratio(to, run, result);
    fprintf(to, "<td>%.1f %%</td><td>%.1f</td><td>%.1f</td><td%s>%.0f %%</td>",
            100 * pb_result_spread(result), result->bytes / median / 1e9,
            result->flops / median / 1e9, share > 1 ? " class=\"bad\"" : "", 100 * share);
    if (naive)
        fprintf(to, "<td>%.1f×</td>", pb_result_median(naive) / median);
    else
        fputs("<td>–</td>", to);
    return status;
}

static enum pb_status put_result(FILE *to, const struct pb_results *run,
                                 const struct pb_result *result, const struct columns *columns) {
    char tag[64];
    enum pb_status status = PB_OK;
    fputs("<tr>", to);
    put_name(to, result);
    snprintf(tag, sizeof tag, "td colspan=\"%d\" class=\"text bad\"", columns->count);
    if (result->count)
        status = put_numbers(to, run, result, columns);
    else
        page_element(to, tag, result->error ? result->error : "not timed");
    fputs("</tr>\n", to);
    return status;
}

static void put_problem(FILE *to, const char *problem, const struct columns *columns) {
    char label[PB_LABEL_SIZE];
    fprintf(to, "<tr class=\"group\"><td colspan=\"%d\">", columns->count + 1);
    page_text(to, pb_shape_label(problem, label));
    fputs(" <code class=\"faint\">", to);
    page_text(to, problem);
    fputs("</code></td></tr>\n", to);
}

static enum pb_status put_table(FILE *to, const struct pb_results *run,
                                const struct columns *columns) {
    enum pb_status status = PB_OK;
    fprintf(to,
            "<div class=\"wide\"><table><thead><tr><th>Kernel</th><th>Median</th>%s<th>Spread</th>"
            "<th>GB/s</th><th>GFLOP/s</th><th>Of limit</th><th>Against naive</th></tr></thead>\n",
            columns->peers ? "<th>Minimum</th><th>Best peer / it [95 %]</th>" : "");
    for (size_t i = 0; !status && i < run->count; i++) {
        const struct pb_result *result = &run->item[i];
        if (i == 0 || strcmp(result->problem, result[-1].problem) != 0)
            put_problem(to, result->problem, columns);
        status = put_result(to, run, result, columns);
    }
    fputs("</table></div>\n", to);
    return status;
}

enum pb_status page_results(FILE *to, const struct pb_results *run) {
    struct columns columns = {.count = 6};
    size_t shapes = pb_results_shapes(run);
    for (size_t i = 0; i < run->count; i++) columns.peers |= run->item[i].peer;
    if (columns.peers) columns.count += 2;
    bool folded = columns.peers && shapes > PLOT_SHAPES_MOST;
    if (folded)
        fprintf(to, "<details><summary>All %zu results on %zu shapes</summary>\n", run->count,
                shapes);
    enum pb_status status = put_table(to, run, &columns);
    if (folded) fputs("</details>\n", to);
    fputs("<p class=\"faint\">Every kernel was verified before it was timed. Spread: half of the "
          "distance between the quartiles of the repetitions, as a share of the median. GB/s "
          "counts every tensor once; GFLOP/s counts a multiply-add as two, and for pooling one "
          "for each element of each window. The limit is the longer of the times that memory and "
          "arithmetic need at best for what every kernel must do, measured in the same run with "
          "the widest vectors of the machine; a share above 100 % would be an error of "
          "measurement.</p>\n",
          to);
    return status;
}
