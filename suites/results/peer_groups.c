/* How we compare with the best peer, by operation, layout and direction. */
#include "results/peer_groups.h"
#include "results/peer_comparison.h"
#include <stdlib.h>

static struct pb_group *group_of(struct pb_group *groups, size_t *count,
                                 const struct pb_problem *p) {
    for (size_t i = 0; i < *count; i++)
        if (groups[i].op == p->op && groups[i].layout == p->layout && groups[i].dir == p->dir)
            return &groups[i];
    groups[*count] = (struct pb_group){.op = p->op, .layout = p->layout, .dir = p->dir};
    return &groups[(*count)++];
}

static void count_in(struct pb_group *group, const struct pb_peer_comparison *c) {
    double lost = pb_result_least(c->ours) / pb_result_least(c->fastest);
    if (!group->shapes++ || c->ratio < group->ratio.low) group->worst_shape = c->problem;
    pb_geometric_mean_add(&group->ratio, c->ratio, 1);
    pb_geometric_mean_add(&group->medians, c->medians, 1);
    pb_geometric_mean_add(&group->lost, lost, 1);
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
    if (*count) qsort(*groups, *count, sizeof **groups, by_kind);
    return status;
}
