/* Why a check failed: which rule of the contract decides the first element that is wrong. What is
 * seen in its window is told before what the problem as a whole has, as every element has that. */
#include "oracle/oracle.h"
#include "core/op_traits.h"
#include <stdio.h>
#include <string.h>

/* ---- The window of an element ---------------------------------------------------------------- */

/* What stands in it, as far as rules ask. */
struct window {
    int64_t inside, padding, nan, infinite, subnormal, equal, large;
    double largest;
    char *text;
    size_t room;
};

enum { MOST_TAPS = 4096, BEYOND_CANCELLING = 1000000 };

static void print(struct window *w, const char *word) {
    size_t length = strlen(word);
    if (w->room <= length + 6) { /* room for " …" */
        if (w->room > 6) snprintf(w->text, w->room, " …");
        w->room = 0;
        return;
    }
    snprintf(w->text, w->room, "%s%s", w->room == sizeof((struct pb_cause){0}.window) ? "" : " ",
             word);
    length = strlen(w->text);
    w->text += length;
    w->room -= length;
}

static void see(struct window *w, double x) {
    char word[32];
    snprintf(word, sizeof word, "%.6g", x);
    print(w, word);
    w->inside++;
    w->nan += isnan(x);
    w->infinite += isinf(x);
    w->subnormal += x != 0 && fabs(x) < FLT_MIN;
    w->large += fabs(x) > BEYOND_CANCELLING;
    w->equal = x == w->largest ? w->equal + 1 : x > w->largest ? 1 : w->equal;
    if (x > w->largest) w->largest = x;
}

/* The taps of output `o` along an axis: how many, and where the first stands. */
static int64_t taps_along(const struct pb_problem *p, const struct pb_axis *a, int64_t o,
                          int64_t *start) {
    *start = oracle_position(a, o, 0);
    if (!pb_is_adaptive(p)) return a->k;
    *start = o * a->i / a->o;
    return ((o + 1) * a->i + a->o - 1) / a->o - *start;
}

/* Of a convolution the window in the first channel of its group. */
static void look_forward(const struct pb_trial *trial, const int64_t at[5], struct window *w) {
    const struct pb_problem *p = &trial->problem;
    int64_t start[3], taps[3], all = 1, in[5] = {at[0], at[1]};
    if (pb_traits_of(p)->reduction == PB_PRODUCTS) in[1] = at[1] / (p->oc / p->g) * (p->ic / p->g);
    for (int a = 0; a < 3; a++) all *= taps[a] = taps_along(p, &p->axis[a], at[2 + a], &start[a]);
    for (int64_t tap = 0; tap < all && tap < MOST_TAPS; tap++) {
        int64_t k[3] = {tap / taps[2] / taps[1], tap / taps[2] % taps[1], tap % taps[2]};
        bool inside = true;
        for (int a = 0; a < 3; a++) {
            in[2 + a] = start[a] + k[a] * (p->axis[a].d + 1);
            inside = inside && in[2 + a] >= 0 && in[2 + a] < p->axis[a].i;
        }
        w->padding += !inside;
        if (inside)
            see(w, oracle_element(&trial->args.src, in));
        else
            print(w, ".");
    }
}

/* Whether the window of output `o` holds position i. */
static bool holds(const struct pb_problem *p, const struct pb_axis *a, int64_t o, int64_t i) {
    int64_t start, taps = taps_along(p, a, o, &start), distance = i - start;
    return distance >= 0 && distance % (a->d + 1) == 0 && distance / (a->d + 1) < taps;
}

/* The gradients that reach an input position. */
static void look_back(const struct pb_trial *trial, const int64_t in[5], struct window *w) {
    const struct pb_problem *p = &trial->problem;
    int64_t count = p->d.o * p->h.o * p->w.o, at[5] = {in[0], in[1]};
    if (pb_traits_of(p)->reduction == PB_PRODUCTS) at[1] = in[1] / (p->ic / p->g) * (p->oc / p->g);
    for (int64_t o = 0; o < count && o < MOST_TAPS; o++) {
        at[2] = o / p->w.o / p->h.o;
        at[3] = o / p->w.o % p->h.o;
        at[4] = o % p->w.o;
        if (holds(p, &p->d, at[2], in[2]) && holds(p, &p->h, at[3], in[3]) &&
            holds(p, &p->w, at[4], in[4]))
            see(w, oracle_element(&trial->args.dst, at));
    }
}

static void look(const struct pb_trial *trial, const struct pb_mismatch *m, struct window *w) {
    if (trial->problem.op == PB_S2D || trial->problem.dir == PB_BWD_W) return;
    if (pb_is_forward(&trial->problem))
        look_forward(trial, m->at, w);
    else
        look_back(trial, m->at, w);
}

/* ---- Rules ----------------------------------------------------------------------------------- */

/* What a sentence alone says. */
static const char *rule_of_sentence(const char *sentence) {
    static const struct {
        const char *words, *rule;
    } rows[] = {
            {"wrote outside", "written_inside"},  {"changed its input", "inputs_unchanged"},
            {"process_state: ", "process_state"}, {": state: ", "state"},
            {"other bits with", "threads"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strstr(sentence, rows[i].words)) return rows[i].rule;
    return NULL;
}

/* What the problem has that a plain one has not. */
static const char *rule_of_problem(const struct pb_problem *p) {
    bool dilated = false, uneven = false, differ = false;
    const struct pb_axis *last = &p->w;
    if (pb_is_adaptive(p)) return "adaptive_windows";
    for (int axis = 3 - p->rank; axis < 3; axis++) {
        const struct pb_axis *a = &p->axis[axis];
        dilated |= a->d > 0;
        uneven |= a->p != a->pr && !pb_is_global(p);
        differ |= a->k != last->k || a->s != last->s || a->p != last->p || a->d != last->d;
    }
    if (dilated) return "dilation";
    if (p->g > 1) return "groups";
    if (uneven) return "one_sided_padding";
    return differ && !pb_is_global(p) ? "axes" : "results";
}

static const char *rule_of_max(const struct pb_problem *p, const struct pb_mismatch *m,
                               const struct window *w) {
    bool index = m->role == PB_INDICES;
    if (w->inside == 0) return index ? "max_empty_index" : "max_empty_window";
    if (pb_dtype_is_integer(p->dtype)) return "integer_max";
    if (w->nan) return index && w->nan > 1 ? "max_nan_tie" : "max_nan";
    if (index && w->equal > 1) return isinf(w->largest) ? "max_infinite_tie" : "max_tie";
    if (index) return "indices";
    if (isinf(w->largest) && w->largest < 0) return "max_lowest";
    if (w->padding && m->got > m->value) return "max_padding";
    if (w->subnormal) return "subnormals";
    return rule_of_problem(p);
}

/* Whether the window reaches past what is declared as padding. */
static bool overhangs(const struct pb_problem *p, const int64_t at[5]) {
    for (int a = 0; a < 3; a++) {
        const struct pb_axis *x = &p->axis[a];
        if (p->ceil && oracle_position(x, at[2 + a], x->k - 1) >= x->i + x->pr) return true;
    }
    return false;
}

static const char *rule_of_average(const struct pb_problem *p, const struct pb_mismatch *m,
                                   const struct window *w) {
    if (w->inside == 0) return "average_empty_window";
    if (w->nan + w->infinite) return "sum_nan";
    if (p->div) return "divisor_override";
    if (overhangs(p, m->at)) return "ceil_overhang";
    if (w->padding && p->op == PB_AVG_P) return "avg_p_divisor";
    if (w->padding && p->op == PB_AVG_NP) return "avg_np_divisor";
    if (pb_dtype_is_integer(p->dtype))
        return m->value == oracle_lowest(p->dtype) || m->value == oracle_highest(p->dtype)
                       ? "integer_saturation"
                       : "integer_average";
    if (w->large) return "cancellation";
    if (w->subnormal) return "subnormals";
    return rule_of_problem(p);
}

static const char *rule_of_other_sum(const struct pb_problem *p, const struct window *w) {
    if (p->op == PB_LP) {
        if (w->inside == 0) return "average_empty_window";
        return w->large ? "lp_range" : "lp";
    }
    if (w->nan + w->infinite) return "sum_nan";
    if (p->op == PB_BLUR) return w->padding ? "blur_reflects" : "results";
    if (w->large) return "cancellation";
    if (w->subnormal) return "subnormals";
    return w->padding && p->op == PB_CONV ? "conv_padding" : rule_of_problem(p);
}

static const char *rule_of_gradient(const struct pb_problem *p, const struct pb_mismatch *m,
                                    const struct window *w) {
    if (p->op == PB_LP) return "lp_gradient";
    if (pb_has_indices(p)) return "max_gradient";
    if (p->dir == PB_BWD && w->inside == 0) return "gradients_written";
    if (w->nan + w->infinite || (p->dir == PB_BWD_W && isnan(m->value))) return "sum_nan";
    if (p->div) return "divisor_override";
    if (p->ceil) return "ceil_overhang";
    if (p->op == PB_AVG_P && (p->d.p | p->h.p | p->w.p)) return "avg_p_divisor";
    if (p->op == PB_AVG_NP && (p->d.p | p->h.p | p->w.p)) return "avg_np_divisor";
    if (w->large) return "cancellation";
    if (w->subnormal) return "subnormals";
    const char *rule = rule_of_problem(p);
    return w->inside > 1 && !strcmp(rule, "results") && p->dir == PB_BWD ? "gradients_overlap"
                                                                         : rule;
}

static const char *rule_of_element(const struct pb_problem *p, const struct pb_mismatch *m,
                                   const struct window *w) {
    if (m->unwritten) return "written_fully";
    if (p->op == PB_S2D) return "s2d_order";
    if (!pb_is_forward(p)) return rule_of_gradient(p, m, w);
    if (pb_has_indices(p)) return rule_of_max(p, m, w);
    if (pb_traits_of(p)->reduction == PB_AVERAGE) return rule_of_average(p, m, w);
    return rule_of_other_sum(p, w);
}

void pb_trial_cause(const struct pb_trial *trial, const char *sentence, struct pb_cause *cause) {
    const char *rule = rule_of_sentence(sentence);
    struct window w = {.largest = -INFINITY, .text = cause->window, .room = sizeof cause->window};
    struct pb_mismatch m;
    *cause = (struct pb_cause){0};
    if (!rule && pb_mismatch(&trial->problem, &trial->args, &trial->expected, &m)) {
        look(trial, &m, &w);
        rule = rule_of_element(&trial->problem, &m, &w);
    }
    snprintf(cause->rule, sizeof cause->rule, "%s", rule ? rule : "");
}
