/* Ours against the best peer. */
#include "results/peer_comparison.h"
#include "results/statistics.h"
#include <stdlib.h>
#include <string.h>

/* Whether the run says what was selected, which runs of version 0.1 do not. */
static bool says_selected(const struct pb_results *results) {
    bool any = false;
    for (size_t i = 0; !any && i < results->count; i++) any = results->item[i].selected;
    return any;
}

/* The faster of two; NULL: none. */
static const struct pb_result *faster(const struct pb_result *a, const struct pb_result *b) {
    return !a || pb_result_least(b) < pb_result_least(a) ? b : a;
}

/* Of the problem whose results begin at `first`; members are NULL where nothing of that kind was
 * timed. `selected` is a kernel's name; NULL: the results say it. */
static struct pb_peer_comparison comparison_of(const struct pb_results *results, size_t first,
                                               const struct pb_problem *problem,
                                               const char *selected) {
    struct pb_peer_comparison c = {.problem = *problem};
    for (size_t i = first; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (strcmp(result->problem, results->item[first].problem) != 0) break;
        if (!result->count) continue;
        if (result->peer && !result->reference) c.peer = faster(c.peer, result);
        if (result->peer) continue; /* also where a file says that it was selected */
        c.fastest = faster(c.fastest, result);
        if (selected ? strcmp(result->kernel, selected) == 0 : result->selected) c.ours = result;
    }
    return c;
}

static const char *select_here(const struct pb_problem *problem) {
    const struct pb_kernel *kernel = pb_select(problem, NULL);
    return kernel ? kernel->name : "";
}

static int by_kind_and_ratio(const void *left, const void *right) {
    const struct pb_peer_comparison *a = left, *b = right;
    const struct pb_problem *p = &a->problem, *q = &b->problem;
    if (p->op != q->op) return (int)p->op - (int)q->op;
    if (p->dir != q->dir) return (int)p->dir - (int)q->dir;
    if (p->layout != q->layout) return (int)p->layout - (int)q->layout;
    if (a->ratio != b->ratio) return a->ratio < b->ratio ? -1 : 1;
    return strcmp(a->ours->problem, b->ours->problem);
}

enum pb_status pb_peer_comparisons_find(const struct pb_results *results,
                                        struct pb_peer_comparison **comparisons, size_t *count) {
    bool said = says_selected(results);
    *count = 0;
    *comparisons = calloc(results->count + 1, sizeof **comparisons);
    if (!*comparisons) return pb_fail(PB_NOMEM, "no memory to compare with peers");
    for (size_t i = 0; i < results->count; i++) {
        struct pb_problem problem;
        const char *text = results->item[i].problem;
        if ((i && strcmp(text, results->item[i - 1].problem) == 0) ||
            pb_problem_parse(text, &problem))
            continue;
        struct pb_peer_comparison c =
                comparison_of(results, i, &problem, said ? NULL : select_here(&problem));
        if (!c.peer || !c.ours) continue;
        c.ratio = pb_result_least(c.peer) / pb_result_least(c.ours);
        c.medians = pb_result_median(c.peer) / pb_result_median(c.ours);
        (*comparisons)[(*count)++] = c;
    }
    qsort(*comparisons, *count, sizeof **comparisons, by_kind_and_ratio);
    return PB_OK;
}

size_t pb_peer_comparisons_alike(const struct pb_peer_comparison *comparisons, size_t count,
                                 bool layout) {
    const struct pb_problem *first = &comparisons->problem;
    size_t alike = 1;
    while (alike < count && comparisons[alike].problem.op == first->op &&
           comparisons[alike].problem.dir == first->dir &&
           (!layout || comparisons[alike].problem.layout == first->layout))
        alike++;
    return alike;
}

double pb_peer_comparisons_mean(const struct pb_peer_comparison *comparisons, size_t count) {
    struct pb_geometric_mean mean = {0};
    for (size_t i = 0; i < count; i++) pb_geometric_mean_add(&mean, comparisons[i].ratio, 1);
    return pb_geometric_mean(&mean);
}

size_t pb_peer_comparisons_peers(const struct pb_peer_comparison *comparisons, size_t count,
                                 const char *peer[PB_PEERS_MOST]) {
    size_t peers = 0;
    for (size_t i = 0; i < count && peers < PB_PEERS_MOST; i++) {
        const char *name = comparisons[i].peer->method;
        size_t at = 0;
        while (at < peers && strcmp(peer[at], name) < 0) at++;
        if (at < peers && strcmp(peer[at], name) == 0) continue;
        memmove(peer + at + 1, peer + at, (peers - at) * sizeof *peer);
        peer[at] = name;
        peers++;
    }
    return peers;
}
