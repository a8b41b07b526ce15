/* How we stand beside the best peer, by operation, layout and direction. */
#include "groups.h"
#include "table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What was timed of one problem, whose results stand together, fastest first. */
struct contest {
    const struct pb_result *peer, *ours, *fastest; /* NULL: none */
};

static struct contest contest_of(const struct pb_results *results, size_t first,
                                 const struct pb_problem *problem) {
    struct contest c = {0};
    const struct pb_kernel *selected = pb_select(problem, NULL);
    for (size_t i = first; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (strcmp(result->problem, results->item[first].problem) != 0) break;
        if (!result->count) continue;
        if (result->peer && !result->reference && !c.peer) c.peer = result;
        if (!result->peer && !c.fastest) c.fastest = result;
        if (selected && strcmp(result->kernel, selected->name) == 0) c.ours = result;
    }
    return c;
}

static struct pb_group *group_of(struct pb_group *groups, size_t *count,
                                 const struct pb_problem *p) {
    for (size_t i = 0; i < *count; i++)
        if (groups[i].op == p->op && groups[i].layout == p->layout && groups[i].dir == p->dir)
            return &groups[i];
    groups[*count] = (struct pb_group){p->op, p->layout, p->dir, .worst = INFINITY};
    return &groups[(*count)++];
}

/* Sums of logarithms until all is seen. */
static void count_in(struct pb_group *group, const struct contest *c) {
    double ratio = pb_result_median(c->peer) / pb_result_median(c->ours);
    group->shapes++;
    group->mean += log(ratio);
    group->lost += log(pb_result_median(c->ours) / pb_result_median(c->fastest));
    if (ratio >= group->worst) return;
    group->worst = ratio;
    group->worst_shape = c->ours->problem;
}

static int by_kind(const void *left, const void *right) {
    const struct pb_group *a = left, *b = right;
    if (a->op != b->op) return (int)a->op - (int)b->op;
    if (a->layout != b->layout) return (int)a->layout - (int)b->layout;
    return (int)a->dir - (int)b->dir;
}

enum pb_status pb_groups_find(const struct pb_results *results, struct pb_group **groups,
                              size_t *count) {
    *count = 0;
    *groups = calloc((size_t)PB_OPS * PB_LAYOUTS * PB_DIRS, sizeof **groups);
    if (!*groups) return pb_fail(PB_NOMEM, "no memory for a summary");
    for (size_t i = 0; i < results->count; i++) {
        struct pb_problem problem;
        const char *text = results->item[i].problem;
        if ((i && strcmp(text, results->item[i - 1].problem) == 0) ||
            pb_problem_parse(text, &problem))
            continue;
        struct contest c = contest_of(results, i, &problem);
        if (c.peer && c.ours) count_in(group_of(*groups, count, &problem), &c);
    }
    for (size_t i = 0; i < *count; i++) {
        struct pb_group *group = &(*groups)[i];
        group->mean = exp(group->mean / (double)group->shapes);
        group->lost = exp(group->lost / (double)group->shapes);
    }
    qsort(*groups, *count, sizeof **groups, by_kind);
    return PB_OK;
}

enum pb_status pb_groups_print(const struct pb_results *results, FILE *to) {
    struct pb_group *groups;
    size_t count;
    enum pb_status status = pb_groups_find(results, &groups, &count);
    if (status) return status;
    if (count)
        fprintf(to, "\nbest peer / what is selected of ours (above 1: ours is faster)\n"
                    "  operation     layout   direction  shapes   mean  worst  selection loses  "
                    "worst shape\n");
    for (size_t i = 0; i < count; i++) {
        const struct pb_group *g = &groups[i];
        char label[PB_LABEL_SIZE];
        fprintf(to, "  %-13s %-8s %-9s %7zu %6.2f %6.2f %14.1f %%  %s\n", pb_op_name(g->op),
                pb_layout_name(g->layout), pb_dir_name(g->dir), g->shapes, g->mean, g->worst,
                100 * (g->lost - 1), pb_shape_label(g->worst_shape, label));
    }
    free(groups);
    return PB_OK;
}
