/* How we stand beside other libraries: a table of groups, then the plots. */
#include "results/peer_groups.h"
#include "report/page.h"
#include "report/plots.h"
#include "report/labels.h"
#include <stdlib.h>

static void put_group(FILE *to, const struct pb_group *group) {
    char label[PB_SIZES_SIZE];
    double mean = pb_geometric_mean(&group->ratio);
    fputs("<tr>", to);
    page_element(to, "td", pb_op_name(group->op));
    page_element(to, "td class=\"text\"", pb_layout_name(group->layout));
    page_element(to, "td class=\"text\"", pb_dir_name(group->dir));
    fprintf(to, "<td>%zu</td><td%s>%.2f×</td><td class=\"faint\">%.2f×</td><td%s>%.2f×</td>",
            group->shapes, mean < 1 ? " class=\"bad\"" : "", mean,
            pb_geometric_mean(&group->medians), group->ratio.low < 1 ? " class=\"bad\"" : "",
            group->ratio.low);
    page_element(to, "td class=\"text\"", pb_sizes_label(&group->worst_shape, label));
    fprintf(to, "<td>%.1f %%</td></tr>\n", 100 * (pb_geometric_mean(&group->lost) - 1));
}

enum pb_status page_groups(FILE *to, const struct pb_results *run) {
    struct pb_group *groups;
    size_t count;
    enum pb_status status = pb_groups_find(run, &groups, &count);
    if (status) return status;
    if (!count) goto cleanup;
    fputs("<div class=\"wide\"><table><thead><tr><th>Operation</th><th class=\"text\">Layout</th>"
          "<th "
          "class=\"text\">Direction</th><th>Shapes</th><th>Mean</th><th>Medians</th><th>Worst</th>"
          "<th class=\"text\">Worst shape</th><th>Loss</th></tr></thead>\n",
          to);
    for (size_t i = 0; i < count; i++) put_group(to, &groups[i]);
    fputs("</table></div>\n<p class=\"faint\">Least time of the best peer / least time of ours: "
          "above 1 ours is faster. Ours is the kernel that is selected where none is named; the "
          "best peer is the fastest of any other library, reference implementations aside. Mean: "
          "geometric. Medians: the same of the median times, which a busy machine moves more. "
          "Loss: how much longer what is selected takes than the fastest of ours.</p>\n",
          to);
cleanup:
    free(groups);
    return PB_OK;
}

static enum pb_status put_bars(FILE *to, const char *folder, const struct pb_results *run,
                               const struct pb_peer_comparison *comparisons, size_t count) {
    enum pb_status status = PB_OK;
    for (size_t i = 0, alike; !status && i < count; i += alike) {
        char ending[64];
        alike = pb_peer_comparisons_alike(comparisons + i, count - i, false);
        plot_peers_ending(&comparisons[i].problem, ending);
        status = page_plot(to, folder, run->name, ending);
    }
    return status;
}

static enum pb_status put_roofline(FILE *to, const char *folder, const struct pb_results *run) {
    enum pb_status status = page_plot(to, folder, run->name, "-roofline");
    fputs("<p class=\"faint\">A point for what is selected of ours and one for the best peer of "
          "each shape. Operations and traffic are the least that any kernel gets by with, as for "
          "the limit, so GFLOP/s can be fewer than in the table. The limits are the best that was "
          "measured in the same run for working sets that lie there; where no shape's tensors do, "
          "there is none. Backward pooling has no points: it need not compute, only move.</p>\n",
          to);
    return status;
}

enum pb_status page_peers(FILE *to, const char *folder, const struct pb_results *run,
                          const struct pb_peer_comparison *comparisons, size_t count) {
    if (!count) return PB_OK;
    fputs("<h3>Beside other libraries</h3>\n", to);
    enum pb_status status = put_bars(to, folder, run, comparisons, count);
    if (!status && plot_has_roofline(run, comparisons, count))
        status = put_roofline(to, folder, run);
    return status;
}
