/* Reads a problem's text. */
#include "core/names.h"
#include "core/op_traits.h"
#include "core/problem_axis.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pb_axis absent_axis = {.i = 1, .o = 1, .k = 1, .s = 1};

/* The sentence for a word of the prefix that names nothing of those kinds. */
static enum pb_status refuse_word(const char *text, const char *word, const char *end,
                                  unsigned kinds) {
    char copy[PB_NAME_SIZE];
    snprintf(copy, sizeof copy, "%.*s", (int)(end - word), word);
    name_check(kinds, copy);
    return pb_fail(PB_INVALID, "problem '%s': %s", text, pb_error());
}

/* Takes OP[:DTYPE][:LAYOUT][:DIR]: off the front; *rest is the descriptor. */
static enum pb_status parse_prefix(const char *text, struct pb_problem *p, const char **rest) {
    const char *end = strchr(text, ':');
    if (!end) return pb_fail(PB_INVALID, "problem '%s': no ':' after the operation", text);
    int value = name_value(NAME_OP, text, (size_t)(end - text));
    if (value < 0) return refuse_word(text, text, end, 1u << NAME_OP);
    p->op = (enum pb_op)value;
    const char *field = end + 1;
    for (int least = NAME_DTYPE; (end = strchr(field, ':')); field = end + 1) {
        int kind = NAME_DTYPE;
        while (kind < NAME_KINDS &&
               (value = name_value((enum name_kind)kind, field, (size_t)(end - field))) < 0)
            kind++;
        if (kind == NAME_KINDS) {
            /* A name may hold a ':'; it follows a number, which no other field does. */
            const char *name = memchr(field, 'n', (size_t)(end - field));
            if (name && strcspn(field, "0123456789") < (size_t)(name - field)) break;
            return refuse_word(text, field, end,
                               1u << NAME_DTYPE | 1u << NAME_LAYOUT | 1u << NAME_DIR);
        }
        if (kind < least)
            return pb_fail(PB_INVALID, "problem '%s': '%.*s' is out of order (op:dtype:layout:dir)",
                           text, (int)(end - field), field);
        least = kind + 1;
        if (kind == NAME_DTYPE) p->dtype = (enum pb_dtype)value;
        if (kind == NAME_LAYOUT) p->layout = (enum pb_layout)value;
        if (kind == NAME_DIR) p->dir = (enum pb_dir)value;
    }
    *rest = field;
    return PB_OK;
}

/* The fields of an axis as written: 0 (p: -1) where the text does not give them. */
struct written {
    int64_t axis[3][AXIS_FIELDS];
};

/* The place of the key that `text` starts with, and the key's length; NULL if it starts with none.
 */
static int64_t *key_place(const char *text, struct pb_problem *p, struct written *written,
                          size_t *length) {
    *length = 2;
    if (!strncmp(text, "mb", 2)) return &p->mb;
    if (!strncmp(text, "ic", 2)) return &p->ic;
    if (pb_traits_of(p)->groups && !strncmp(text, "oc", 2)) return &p->oc;
    if (!strncmp(text, "div", 3)) return *length = 3, &p->div;
    if (pb_traits_of(p)->groups && text[0] == 'g') return *length = 1, &p->g;
    const char *field = strchr(axis_field_letters, text[0]);
    const char *axis = text[1] ? strchr(axis_letters, text[1]) : NULL;
    return field && axis ? &written->axis[axis - axis_letters][field - axis_field_letters] : NULL;
}

/* Digits, or digits with a point among them or in front; nothing else that strtod would take. */
static bool parse_decimal(const char *text, double *value, size_t *length) {
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits), fraction = 0;
    *length = whole;
    if (text[whole] == '.') {
        fraction = strspn(text + whole + 1, digits);
        *length += 1 + fraction;
    }
    *value = strtod(text, NULL);
    return whole + fraction > 0;
}

static enum pb_status parse_keys(const char *desc, struct pb_problem *p, struct written *written) {
    const char *s = desc;
    while (*s) {
        size_t length;
        int64_t *place;
        if (*s == 'n') {
            if (strlen(s + 1) >= PB_NAME_SIZE)
                return pb_fail(PB_INVALID, "descriptor '%s': the name is longer than %d characters",
                               desc, PB_NAME_SIZE - 1);
            for (const char *c = s + 1; *c; c++)
                if (iscntrl((unsigned char)*c))
                    return pb_fail(PB_INVALID, "descriptor: the name has a control character");
            strcpy(p->name, s + 1);
            return PB_OK;
        }
        if (!strncmp(s, "ceil", 4)) {
            p->ceil = true;
            s += 4;
        } else if (!strncmp(s, "crd", 3)) {
            p->crd = true;
            s += 3;
        } else if (!strncmp(s, "pow", 3)) {
            if (!parse_decimal(s + 3, &p->power, &length))
                return pb_fail(PB_INVALID, "descriptor '%s': no decimal number after 'pow'", desc);
            if (p->power == 0) return pb_fail(PB_INVALID, "descriptor '%s': pow is 0", desc);
            s += 3 + length;
        } else if ((place = key_place(s, p, written, &length))) {
            char *end;
            const char *digits = s + length;
            errno = 0;
            *place = strtoll(digits, &end, 10);
            if (end == digits || isspace((unsigned char)*digits))
                return pb_fail(PB_INVALID, "descriptor '%s': no number after '%.*s'", desc,
                               (int)length, s);
            if (errno == ERANGE)
                return pb_fail(PB_INVALID, "descriptor '%s': '%.*s' is out of range", desc,
                               (int)(end - s), s);
            if (*place < 0)
                return pb_fail(PB_INVALID, "descriptor '%s': '%.*s' is negative", desc, (int)length,
                               s);
            s = end;
        } else {
            return pb_fail(PB_INVALID, "descriptor '%s': unknown key at '%s'", desc, s);
        }
        if (*s == '_') s++;
    }
    return PB_OK;
}

/* Works out what one axis leaves open. `letter` names it in a sentence. */
static enum pb_status complete_axis(const char *desc, const int64_t *w, char letter, bool ceil,
                                    struct pb_axis *a) {
    *a = (struct pb_axis){.i = w[I], .o = w[O], .k = w[K], .s = w[S], .p = w[P], .d = w[D]};
    int64_t padded, room;
    if (a->i < 1) return pb_fail(PB_INVALID, "descriptor '%s': i%c is missing or 0", desc, letter);
    if (a->k < 1) return pb_fail(PB_INVALID, "descriptor '%s': k%c is missing or 0", desc, letter);
    if (a->s < 1) return pb_fail(PB_INVALID, "descriptor '%s': s%c is 0", desc, letter);
    if (a->o == 0) {
        if (a->p < 0) a->p = 0;
        if (!axis_room(a, &room) || !axis_outputs(a, ceil, &a->o)) goto overflow;
        if (room < 0)
            return pb_fail(PB_INVALID,
                           "descriptor '%s': the window k%c spans %lld, but with its padding i%c "
                           "has only %lld; no o%c follows",
                           desc, letter, (long long)(a->i + 2 * a->p - room), letter,
                           (long long)(a->i + 2 * a->p), letter);
    } else if (a->p < 0) {
        a->p = 0;
        if (!axis_trailing(a, &padded)) goto overflow;
        a->p = padded / 2;
        if (a->p < 0) /* input left unread, less than the padding of an axis can say */
            return pb_fail(PB_INVALID, "descriptor '%s': o%c leaves p%c = %lld", desc, letter,
                           letter, (long long)a->p);
    }
    if (ceil) {
        a->pr = a->p;
    } else if (!axis_trailing(a, &a->pr)) {
        goto overflow;
    }
    return PB_OK;
overflow:
    return pb_fail(PB_INVALID, "descriptor '%s': the extents of axis %c overflow", desc, letter);
}

static enum pb_status complete_adaptive(const char *desc, const int64_t *w, char letter,
                                        struct pb_axis *a) {
    if (w[I] < 1) return pb_fail(PB_INVALID, "descriptor '%s': i%c is missing or 0", desc, letter);
    if (w[O] < 1) return pb_fail(PB_INVALID, "descriptor '%s': o%c is missing or 0", desc, letter);
    if (w[K] || w[S] != 1 || w[P] > 0 || w[D])
        return pb_fail(PB_INVALID, "descriptor '%s': adaptive windows follow from i%c and o%c",
                       desc, letter, letter);
    *a = (struct pb_axis){.i = w[I], .o = w[O], .k = 1, .s = 1};
    return PB_OK;
}

static enum pb_status complete_blocks(const char *desc, const struct pb_problem *p,
                                      const int64_t *w, char letter, struct pb_axis *a) {
    if (w[I] < 1) return pb_fail(PB_INVALID, "descriptor '%s': i%c is missing or 0", desc, letter);
    if (w[K] < 1) return pb_fail(PB_INVALID, "descriptor '%s': k%c is missing or 0", desc, letter);
    *a = (struct pb_axis){.i = w[I], .o = w[I] / w[K], .k = w[K], .s = w[K]};
    bool whole = a->o * a->k == a->i && (w[O] == 0 || w[O] == a->o) &&
                 (w[S] == 1 || w[S] == a->k) && w[P] <= 0 && w[D] == 0;
    if (!whole)
        return pb_fail(PB_INVALID, "descriptor '%s': %s cuts axis %c into whole blocks of k%c",
                       desc, pb_op_name(p->op), letter, letter);
    return PB_OK;
}

static enum pb_status complete_global(const char *desc, const int64_t *w, char letter,
                                      struct pb_axis *a) {
    if (w[I] < 1) return pb_fail(PB_INVALID, "descriptor '%s': i%c is missing or 0", desc, letter);
    bool plain = (w[O] == 0 || w[O] == 1) && (w[K] == 0 || w[K] == w[I]) && w[S] == 1 &&
                 w[P] <= 0 && w[D] == 0;
    if (!plain)
        return pb_fail(PB_INVALID, "descriptor '%s': a global pool takes the whole axis %c", desc,
                       letter);
    *a = (struct pb_axis){.i = w[I], .o = 1, .k = w[I], .s = 1};
    return PB_OK;
}

static enum pb_status complete_any(const char *desc, const struct pb_problem *p, const int64_t *w,
                                   char letter, struct pb_axis *a) {
    switch (pb_traits_of(p)->windows) {
    case PB_WHOLE:
        return complete_global(desc, w, letter, a);
    case PB_ADAPTIVE:
        return complete_adaptive(desc, w, letter, a);
    case PB_BLOCKS:
        return complete_blocks(desc, p, w, letter, a);
    default: /* PB_STRIDED */
        return complete_axis(desc, w, letter, p->ceil, a);
    }
}

/* Whether the text says that there is an axis. As benchdnn's drivers have it, a dilation alone says
 * so of a convolution and not of a pool. */
static bool says_axis(const struct pb_problem *p, const int64_t *w) {
    const struct pb_op_traits *traits = pb_traits_of(p);
    bool pool = traits->windows == PB_STRIDED &&
                (traits->reduction == PB_LARGEST || traits->reduction == PB_AVERAGE);
    return (w[I] | w[O] | w[K]) != 0 || w[S] != 1 || w[P] > 0 || (w[D] && !pool);
}

/* Which axes are there, and what they hold. Rank and copies as benchdnn's sanitize_desc, which
 * passes over the dilation of an axis of which nothing else is said; here it must be the copy's. */
static enum pb_status complete(const char *desc, const struct written *written,
                               struct pb_problem *p) {
    bool present[3];
    for (int a = 0; a < 3; a++) {
        const int64_t *w = written->axis[a];
        present[a] = says_axis(p, w);
        p->axis[a] = absent_axis;
        if (!present[a]) continue;
        enum pb_status status = complete_any(desc, p, w, axis_letters[a], &p->axis[a]);
        if (status) return status;
    }
    p->rank = present[0] ? 3 : present[1] ? 2 : present[2] ? 1 : 0;
    if (p->rank == 0) return pb_fail(PB_INVALID, "descriptor '%s': no spatial axis (iw, kw)", desc);
    if (p->rank == 3 && present[1] != present[2])
        return pb_fail(PB_INVALID, "descriptor '%s': give both h and w beside d, or neither", desc);
    if (p->rank == 3 && !present[1]) p->h = p->w = p->d;
    if (p->rank == 2 && !present[2]) p->w = p->h;
    for (int a = 0; a < 3; a++)
        if (!present[a] && written->axis[a][D] && written->axis[a][D] != p->axis[a].d)
            return pb_fail(PB_INVALID, "descriptor '%s': d%c is given, the rest of axis %c is not",
                           desc, axis_letters[a], axis_letters[a]);
    return PB_OK;
}

enum pb_status pb_problem_parse(const char *text, struct pb_problem *problem) {
    struct pb_problem p = {.mb = 2, .g = 1, .div = -1};
    struct written written;
    const char *desc = text;
    for (int a = 0; a < 3; a++)
        for (int f = 0; f < AXIS_FIELDS; f++) written.axis[a][f] = f == S ? 1 : f == P ? -1 : 0;
    enum pb_status status = parse_prefix(text, &p, &desc);
    p.power = pb_traits_of(&p)->power ? 2 : 0;
    if (!status) status = parse_keys(desc, &p, &written);
    if (status) return status;
    if (p.div == 0) return pb_fail(PB_INVALID, "descriptor '%s': div is 0", desc);
    if (p.div < 0) p.div = 0; /* not given */
    if (p.ic < 1) return pb_fail(PB_INVALID, "descriptor '%s': ic is missing or 0", desc);
    if (!pb_traits_of(&p)->groups) p.oc = p.ic;
    if (p.oc < 1) return pb_fail(PB_INVALID, "descriptor '%s': oc is missing or 0", desc);
    status = complete(desc, &written, &p);
    if (!status && pb_traits_of(&p)->windows == PB_BLOCKS && !axis_block_channels(&p, &p.oc))
        status = pb_fail(PB_INVALID, "descriptor '%s': the channels of the blocks overflow", desc);
    if (!status) status = pb_problem_check(&p);
    if (!status) *problem = p;
    return status;
}
