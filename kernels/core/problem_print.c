/* Writes a problem's canonical text. */
#include "core/op_traits.h"
#include "core/problem_axis.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    char *text;
    size_t used;
};

static void put(struct writer *w, const char *key, int64_t value) {
    if (w->used >= PB_TEXT_SIZE) return; /* only of a problem that was never checked */
    w->used += (size_t)snprintf(w->text + w->used, PB_TEXT_SIZE - w->used, "%s%lld", key,
                                (long long)value);
}

/* A short decimal number that reads back as `value`; three digits keep 100 without an exponent. */
static void put_power(struct writer *w, double value) {
    char digits[32];
    for (int precision = 3; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) break;
    }
    if (w->used < PB_TEXT_SIZE)
        w->used += (size_t)snprintf(w->text + w->used, PB_TEXT_SIZE - w->used, "_pow%s", digits);
}

/* The letters of the fields that say all about an axis of the operation. */
static const char *fields_of(const struct pb_problem *p) {
    static const char *const letters[] = {
            [PB_STRIDED] = axis_field_letters,
            [PB_WHOLE] = "i",
            [PB_ADAPTIVE] = "io",
            [PB_BLOCKS] = "ik",
    };
    return letters[pb_traits_of(p)->windows];
}

static void put_axis(struct writer *w, const struct pb_axis *a, char letter, const char *fields) {
    char key[4] = {'_', 0, letter, 0};
    const char *before = key;
    for (const char *field = axis_field_letters; *field; field++) {
        key[1] = *field;
        int64_t value[] = {a->i, a->o, a->k, a->s, a->p, a->d};
        int f = (int)(field - axis_field_letters);
        if (!strchr(fields, *field) || (f == S && a->s == 1) || (f == D && a->d == 0)) continue;
        put(w, before, value[f]);
        before = key + 1; /* one '_' in front of each axis */
    }
}

static bool same_axis(const struct pb_axis *a, const struct pb_axis *b) {
    return a->i == b->i && a->o == b->o && a->k == b->k && a->s == b->s && a->p == b->p &&
           a->pr == b->pr && a->d == b->d;
}

/* A checked problem fits: 40 bytes of prefix, 4 numbers of at most 24, 18 of at most 16 (LONGEST
 * has 13 digits), `pow` and its at most 24, `crd` (neither has groups) or `ceil`, and a name. */
_Static_assert(PB_TEXT_SIZE >= 40 + 4 * 24 + 18 * 16 + 5 + 1 + PB_NAME_SIZE,
               "the canonical text fits");

const char *pb_problem_print(const struct pb_problem *p, char text[PB_TEXT_SIZE]) {
    struct writer w = {text, 0};
    w.used = (size_t)snprintf(text, PB_TEXT_SIZE, "%s:%s:%s:%s:", pb_op_name(p->op),
                              pb_dtype_name(p->dtype), pb_layout_name(p->layout),
                              pb_dir_name(p->dir));
    if (p->g != 1) put(&w, "g", p->g);
    put(&w, "mb", p->mb);
    put(&w, "ic", p->ic);
    if (pb_traits_of(p)->groups) put(&w, "oc", p->oc);
    bool cubic = p->rank == 3 && same_axis(&p->d, &p->h) && same_axis(&p->h, &p->w);
    bool square = p->rank == 2 && same_axis(&p->h, &p->w);
    const char *fields = fields_of(p);
    if (p->rank == 3) put_axis(&w, &p->d, 'd', fields);
    if (p->rank >= 2 && !cubic) put_axis(&w, &p->h, 'h', fields);
    if (!cubic && !square) put_axis(&w, &p->w, 'w', fields);
    if (pb_traits_of(p)->power && p->power != 2) put_power(&w, p->power);
    if (p->div) put(&w, "_div", p->div);
    if (w.used < PB_TEXT_SIZE)
        snprintf(text + w.used, PB_TEXT_SIZE - w.used, "%s%s%s%s", p->ceil ? "_ceil" : "",
                 p->crd ? "_crd" : "", *p->name ? "_n" : "", p->name);
    return text;
}
