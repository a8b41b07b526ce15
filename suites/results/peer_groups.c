/* How we stand beside the best peer, by operation, layout and direction. */
#include "results/peer_groups.h"
#include "results/peer_comparison.h"
#include "report/table.h"
#include <math.h>
#include <stdlib.h>

static struct pb_group *group_of(struct pb_group *groups, size_t *count,
                                 const struct pb_problem *p) {
    for (size_t i = 0; i < *count; i++)
        if (groups[i].op == p->op && groups[i].layout == p->layout && groups[i].dir == p->dir)
            return &groups[i];
    groups[*count] = (struct pb_group){p->op, p->layout, p->dir, .worst = INFINITY};
    return &groups[(*count)++];
}

/* Sums of logarithms until all is seen. */
static void count_in(struct pb_group *group, const struct pb_peer_comparison *c) {
    group->shapes++;
    group->mean += log(c->ratio);
    group->medians += log(c->medians);
    group->lost += log(pb_result_least(c->ours) / pb_result_least(c->fastest));
    if (c->ratio >= group->worst) return;
    group->worst = c->ratio;
    group->worst_shape = c->problem;
}

static int by_kind(const void *left, const void *right) {
    const struct pb_group *a = left, *b = right;
    if (a->op != b->op) return (int)a->op - (int)b->op;
    if (a->layout != b->layout) return (int)a->layout - (int)b->layout;
    return (int)a->dir - (int)b->dir;
}

enum pb_status pb_groups_find(const struct pb_results *results, struct pb_group **groups,
                              size_t *count) {
    struct pb_peer_comparison *comparisons;
    size_t all;
    *count = 0;
    *groups = NULL;
    enum pb_status status = pb_peer_comparisons_find(results, &comparisons, &all);
    if (status) return status;
    *groups = calloc((size_t)PB_OPS * PB_LAYOUTS * PB_DIRS, sizeof **groups);
    if (!*groups) status = pb_fail(PB_NOMEM, "no memory for a summary");
    for (size_t i = 0; !status && i < all; i++)
        count_in(group_of(*groups, count, &comparisons[i].problem), &comparisons[i]);
    free(comparisons);
    for (size_t i = 0; i < *count; i++) {
        struct pb_group *group = &(*groups)[i];
        group->mean = exp(group->mean / (double)group->shapes);
        group->medians = exp(group->medians / (double)group->shapes);
        group->lost = exp(group->lost / (double)group->shapes);
    }
    if (*count) qsort(*groups, *count, sizeof **groups, by_kind);
    return status;
}

enum pb_status pb_groups_print(const struct pb_results *results, FILE *to) {
    struct pb_group *groups;
    size_t count;
    enum pb_status status = pb_groups_find(results, &groups, &count);
    if (status) return status;
    size_t shapes = 0;
    double mean = 0, medians = 0, lost = 0;
    if (count)
        fprintf(to, "\nbest peer / what is selected of ours, of least times (above 1: ours is "
                    "faster)\n"
                    "  operation     layout   direction  shapes   mean  (medians)  worst  "
                    "selection loses  worst shape\n");
    for (size_t i = 0; i < count; i++) {
        const struct pb_group *g = &groups[i];
        char label[PB_SIZES_SIZE];
        fprintf(to, "  %-13s %-8s %-9s %7zu %6.2f %10.2f %6.2f %14.1f %%  %s\n", pb_op_name(g->op),
                pb_layout_name(g->layout), pb_dir_name(g->dir), g->shapes, g->mean, g->medians,
                g->worst, 100 * (g->lost - 1), pb_sizes_label(&g->worst_shape, label));
        shapes += g->shapes;
        mean += log(g->mean) * (double)g->shapes;
        medians += log(g->medians) * (double)g->shapes;
        lost += log(g->lost) * (double)g->shapes;
    }
    if (count > 1)
        fprintf(to, "  %-32s %7zu %6.2f %10.2f %21.1f %%\n", "all", shapes,
                exp(mean / (double)shapes), exp(medians / (double)shapes),
                100 * (exp(lost / (double)shapes) - 1));
    free(groups);
    return PB_OK;
}
