/* The problem descriptor: parse, check, print. */
#include "poolbench.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const op_names[] = {"max",  "avg_p",        "avg_np",       "lp",  "gap", "gmp",
                                       "conv", "adaptive_max", "adaptive_avg", "s2d", "blur"};
static const char *const dir_names[] = {"fwd", "fwd_idx", "bwd", "bwd_w"};
static const char *const dtype_names[] = {"f32", "f16", "bf16", "s8", "u8", "s32", "s64"};
static const size_t dtype_sizes[] = {4, 2, 2, 1, 1, 4, 8};
static const char *const layout_names[] = {"nchw", "nhwc", "nChw16c"};

const char *pb_op_name(enum pb_op op) {
    return op_names[op];
}
enum pb_status pb_op_parse(const char *name, enum pb_op *op) {
    char known[256] = "";
    for (int i = 0; i < PB_OPS; i++) {
        if (!strcmp(name, op_names[i])) return *op = (enum pb_op)i, PB_OK;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", op_names[i]);
    }
    return pb_fail(PB_INVALID, "unknown operation '%s' (there are %s)", name, known);
}
const char *pb_dir_name(enum pb_dir dir) {
    return dir_names[dir];
}
const char *pb_dtype_name(enum pb_dtype dtype) {
    return dtype_names[dtype];
}
const char *pb_layout_name(enum pb_layout layout) {
    return layout_names[layout];
}
size_t pb_dtype_size(enum pb_dtype dtype) {
    return dtype_sizes[dtype];
}
bool pb_dtype_is_integer(enum pb_dtype dtype) {
    return dtype >= PB_S8;
}

_Static_assert(sizeof op_names / sizeof *op_names == PB_OPS, "every operation has a name");
_Static_assert(sizeof dir_names / sizeof *dir_names == PB_DIRS, "every direction has a name");
_Static_assert(sizeof dtype_names / sizeof *dtype_names == PB_DTYPES, "every type has a name");
_Static_assert(sizeof dtype_sizes / sizeof *dtype_sizes == PB_DTYPES, "every type has a size");
_Static_assert(sizeof layout_names / sizeof *layout_names == PB_LAYOUTS, "every layout has one");

static bool global(const struct pb_problem *p) {
    return p->op == PB_GAP || p->op == PB_GMP;
}

static bool adaptive(const struct pb_problem *p) {
    return p->op == PB_ADAPTIVE_MAX || p->op == PB_ADAPTIVE_AVG;
}

/* What its outputs may be rounded up for. */
static bool has_ceil(const struct pb_problem *p) {
    return p->op == PB_MAX || p->op == PB_AVG_P || p->op == PB_AVG_NP || p->op == PB_LP;
}

static const double LEAST_POWER = 0.01, MOST_POWER = 100; /* printed without an exponent */
static const int64_t LONGEST_FILTER = 7;                  /* of blur */

static const struct pb_axis absent_axis = {.i = 1, .o = 1, .k = 1, .s = 1};

/* ---- Parsing --------------------------------------------------------------------------------- */

/* Where the name that starts at `text` and ends before `end` stands in `names`, or -1. */
static int name_position(const char *text, const char *end, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        if (strlen(names[i]) == (size_t)(end - text) && !strncmp(text, names[i], end - text))
            return i;
    return -1;
}

/* Takes OP[:DTYPE][:LAYOUT][:DIR]: off the front; *rest is the descriptor. */
static enum pb_status parse_prefix(const char *text, struct pb_problem *p, const char **rest) {
    const char *end = strchr(text, ':');
    if (!end) return pb_fail(PB_INVALID, "problem '%s': no ':' after the operation", text);
    char op[PB_NAME_SIZE];
    snprintf(op, sizeof op, "%.*s", (int)(end - text), text);
    if (pb_op_parse(op, &p->op)) return pb_fail(PB_INVALID, "problem '%s': %s", text, pb_error());
    const char *field = end + 1;
    for (int least = 0; (end = strchr(field, ':')); field = end + 1) {
        int dtype = name_position(field, end, dtype_names, PB_DTYPES);
        int layout = name_position(field, end, layout_names, PB_LAYOUTS);
        int dir = name_position(field, end, dir_names, PB_DIRS);
        int kind = dtype >= 0 ? 1 : layout >= 0 ? 2 : dir >= 0 ? 3 : 0;
        if (!kind) {
            /* A name may hold a ':'; it follows a number, which no other field does. */
            const char *name = memchr(field, 'n', (size_t)(end - field));
            if (name && strcspn(field, "0123456789") < (size_t)(name - field)) break;
            return pb_fail(PB_INVALID, "problem '%s': '%.*s' is no data type, layout or direction",
                           text, (int)(end - field), field);
        }
        if (kind <= least)
            return pb_fail(PB_INVALID, "problem '%s': '%.*s' is out of order (op:dtype:layout:dir)",
                           text, (int)(end - field), field);
        least = kind;
        if (kind == 1) p->dtype = (enum pb_dtype)dtype;
        if (kind == 2) p->layout = (enum pb_layout)layout;
        if (kind == 3) p->dir = (enum pb_dir)dir;
    }
    *rest = field;
    return PB_OK;
}

/* The fields of an axis as written: 0 (p: -1) where the text does not give them. */
enum field { I, O, K, S, P, D, FIELDS };
static const char field_letters[] = "iokspd", axis_letters[] = "dhw";

struct written {
    int64_t axis[3][FIELDS];
};

/* The place of the key that `text` starts with, and the key's length; NULL if it starts with none.
 */
static int64_t *key_place(const char *text, struct pb_problem *p, struct written *written,
                          size_t *length) {
    *length = 2;
    if (!strncmp(text, "mb", 2)) return &p->mb;
    if (!strncmp(text, "ic", 2)) return &p->ic;
    if (p->op == PB_CONV && !strncmp(text, "oc", 2)) return &p->oc;
    if (!strncmp(text, "div", 3)) return *length = 3, &p->div;
    if (p->op == PB_CONV && text[0] == 'g') return *length = 1, &p->g;
    const char *field = strchr(field_letters, text[0]);
    const char *axis = text[1] ? strchr(axis_letters, text[1]) : NULL;
    return field && axis ? &written->axis[axis - axis_letters][field - field_letters] : NULL;
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

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* K = (k-1)(d+1)+1; false on overflow. */
static bool window_span(int64_t k, int64_t d, int64_t *span) {
    return !__builtin_add_overflow(d, 1, &d) && !__builtin_mul_overflow(k - 1, d, span) &&
           !__builtin_add_overflow(*span, 1, span);
}

/* (o-1)s - i + K - p, the trailing padding that the output implies; false on overflow. */
static bool trailing_padding(const struct pb_axis *a, int64_t *pr) {
    int64_t span;
    return window_span(a->k, a->d, &span) && !__builtin_mul_overflow(a->o - 1, a->s, pr) &&
           !__builtin_add_overflow(*pr, span, pr) && !__builtin_sub_overflow(*pr, a->i, pr) &&
           !__builtin_sub_overflow(*pr, a->p, pr);
}

/* The outputs that follow from the rest of an axis; false on overflow. Without ceil C's division
 * counts, as in benchdnn: a window that overhangs by less than a stride gives one output. With ceil
 * PyTorch's pooling_output_shape: rounded up, less a window that would start past the input and its
 * leading padding. */
static bool outputs(const struct pb_axis *a, bool ceil, int64_t *o) {
    int64_t span, room, start;
    if (!window_span(a->k, a->d, &span) || __builtin_mul_overflow(a->p, 2, &room) ||
        __builtin_add_overflow(room, a->i, &room) || __builtin_sub_overflow(room, span, &room))
        return false;
    if (!ceil) return *o = room / a->s + 1, true;
    *o = floor_div(room, a->s) + (room % a->s != 0) + 1;
    if (__builtin_mul_overflow(*o - 1, a->s, &start)) return false;
    if (start >= a->i + a->p) --*o;
    return true;
}

/* Works out what one axis leaves open. `letter` names it in a sentence. */
static enum pb_status complete_axis(const char *desc, const int64_t *w, char letter, bool ceil,
                                    struct pb_axis *a) {
    *a = (struct pb_axis){.i = w[I], .o = w[O], .k = w[K], .s = w[S], .p = w[P], .d = w[D]};
    int64_t padded;
    if (a->i < 1) return pb_fail(PB_INVALID, "descriptor '%s': i%c is missing or 0", desc, letter);
    if (a->k < 1) return pb_fail(PB_INVALID, "descriptor '%s': k%c is missing or 0", desc, letter);
    if (a->s < 1) return pb_fail(PB_INVALID, "descriptor '%s': s%c is 0", desc, letter);
    if (a->o == 0) {
        if (a->p < 0) a->p = 0;
        if (!outputs(a, ceil, &a->o)) goto overflow;
        if (a->o < 1)
            return pb_fail(PB_INVALID, "descriptor '%s': o%c would be %lld", desc, letter,
                           (long long)a->o);
    } else if (a->p < 0) {
        a->p = 0;
        if (!trailing_padding(a, &padded)) goto overflow;
        a->p = padded / 2;
        if (a->p < 0) /* input left unread, less than the padding of an axis can say */
            return pb_fail(PB_INVALID, "descriptor '%s': o%c leaves p%c = %lld", desc, letter,
                           letter, (long long)a->p);
    }
    if (ceil) {
        a->pr = a->p;
    } else if (!trailing_padding(a, &a->pr)) {
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

static enum pb_status complete_s2d(const char *desc, const int64_t *w, char letter,
                                   struct pb_axis *a) {
    if (w[I] < 1) return pb_fail(PB_INVALID, "descriptor '%s': i%c is missing or 0", desc, letter);
    if (w[K] < 1) return pb_fail(PB_INVALID, "descriptor '%s': k%c is missing or 0", desc, letter);
    *a = (struct pb_axis){.i = w[I], .o = w[I] / w[K], .k = w[K], .s = w[K]};
    bool whole = a->o * a->k == a->i && (w[O] == 0 || w[O] == a->o) &&
                 (w[S] == 1 || w[S] == a->k) && w[P] <= 0 && w[D] == 0;
    if (!whole)
        return pb_fail(PB_INVALID, "descriptor '%s': s2d cuts axis %c into whole blocks of k%c",
                       desc, letter, letter);
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

/* The channels that blocks of the input become; false on overflow. */
static bool block_channels(const struct pb_problem *p, int64_t *channels) {
    *channels = p->ic;
    for (int a = 0; a < 3; a++)
        if (__builtin_mul_overflow(*channels, p->axis[a].k, channels)) return false;
    return true;
}

/* Whether the text says that there is an axis. As benchdnn's drivers have it, a dilation alone says
 * so of a convolution and not of a pool. */
static bool says_axis(const struct pb_problem *p, const int64_t *w) {
    bool pool = p->op == PB_MAX || p->op == PB_AVG_P || p->op == PB_AVG_NP;
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
        char letter = axis_letters[a];
        enum pb_status status = global(p)     ? complete_global(desc, w, letter, &p->axis[a])
                                : adaptive(p) ? complete_adaptive(desc, w, letter, &p->axis[a])
                                : p->op == PB_S2D
                                        ? complete_s2d(desc, w, letter, &p->axis[a])
                                        : complete_axis(desc, w, letter, p->ceil, &p->axis[a]);
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
    struct pb_problem p = {.mb = 2, .g = 1};
    struct written written;
    const char *desc = text;
    for (int a = 0; a < 3; a++)
        for (int f = 0; f < FIELDS; f++) written.axis[a][f] = f == S ? 1 : f == P ? -1 : 0;
    enum pb_status status = parse_prefix(text, &p, &desc);
    p.power = p.op == PB_LP ? 2 : 0;
    if (!status) status = parse_keys(desc, &p, &written);
    if (status) return status;
    if (p.ic < 1) return pb_fail(PB_INVALID, "descriptor '%s': ic is missing or 0", desc);
    if (p.op != PB_CONV) p.oc = p.ic;
    if (p.oc < 1) return pb_fail(PB_INVALID, "descriptor '%s': oc is missing or 0", desc);
    status = complete(desc, &written, &p);
    if (!status && p.op == PB_S2D && !block_channels(&p, &p.oc))
        status = pb_fail(PB_INVALID, "descriptor '%s': the channels of the blocks overflow", desc);
    if (!status) status = pb_problem_check(&p);
    if (!status) *problem = p;
    return status;
}

/* ---- Checking -------------------------------------------------------------------------------- */

/* Of an axis with its padding: no tensor is that long, and products of two stay far from overflow's
 * edge where they are checked. */
static const int64_t LONGEST = (int64_t)1 << 40;

/* What the operation itself asks of an axis whose extents are sane. */
static enum pb_status check_axis_of(const struct pb_problem *p, const struct pb_axis *a,
                                    char letter) {
    int64_t product;
    if (global(p) && (a->k != a->i || a->o != 1 || a->s != 1 || a->p || a->d))
        return pb_fail(PB_INVALID, "a global pool takes the whole axis %c", letter);
    if (adaptive(p) && (a->k != 1 || a->s != 1 || a->p || a->d))
        return pb_fail(PB_INVALID, "adaptive windows follow from i%c and o%c", letter, letter);
    if (adaptive(p) && __builtin_mul_overflow(a->i, a->o + 1, &product))
        return pb_fail(PB_INVALID, "i%c times o%c overflows int64", letter, letter);
    if (p->op == PB_S2D && (a->s != a->k || a->i % a->k || a->o != a->i / a->k || a->p || a->d))
        return pb_fail(PB_INVALID, "s2d cuts axis %c into whole blocks of k%c", letter, letter);
    if (p->op == PB_BLUR && (a->k > LONGEST_FILTER || a->d))
        return pb_fail(PB_INVALID, "k%c = %lld: blur has dense filters of 1 to %lld taps", letter,
                       (long long)a->k, (long long)LONGEST_FILTER);
    if (p->op == PB_BLUR && (a->p >= a->i || a->pr >= a->i))
        return pb_fail(PB_INVALID, "axis %c: a padding of %lld cannot reflect an input of %lld",
                       letter, (long long)(a->p > a->pr ? a->p : a->pr), (long long)a->i);
    return PB_OK;
}

static enum pb_status check_axis(const struct pb_problem *p, int axis) {
    const struct pb_axis *a = &p->axis[axis];
    char letter = axis_letters[axis];
    int64_t pr, end;
    if (a->i < 1) return pb_fail(PB_INVALID, "i%c = %lld is below 1", letter, (long long)a->i);
    if (a->o < 1) return pb_fail(PB_INVALID, "o%c = %lld is below 1", letter, (long long)a->o);
    if (a->k < 1) return pb_fail(PB_INVALID, "k%c = %lld is below 1", letter, (long long)a->k);
    if (a->s < 1) return pb_fail(PB_INVALID, "s%c = %lld is below 1", letter, (long long)a->s);
    if (a->p < 0) return pb_fail(PB_INVALID, "p%c = %lld is negative", letter, (long long)a->p);
    if (a->d < 0) return pb_fail(PB_INVALID, "d%c = %lld is negative", letter, (long long)a->d);
    /* Bounds every position that a kernel computes, with room for sums and small multiples. */
    if (!trailing_padding(a, &pr) || __builtin_add_overflow(pr, a->p, &end) ||
        __builtin_add_overflow(end, a->i, &end) || end > LONGEST || a->i > LONGEST ||
        a->o > LONGEST || a->p > LONGEST || a->s > LONGEST || a->d > LONGEST)
        return pb_fail(PB_INVALID, "axis %c reaches beyond %lld positions", letter,
                       (long long)LONGEST);
    if (p->ceil && (!outputs(a, true, &end) || end != a->o))
        return pb_fail(PB_INVALID, "o%c = %lld is not what ceil gives", letter, (long long)a->o);
    if (a->pr != (adaptive(p) ? 0 : p->ceil ? a->p : pr))
        return pb_fail(PB_INVALID, "o%c = %lld does not follow from the other extents", letter,
                       (long long)a->o);
    if (p->rank < 3 - axis && (a->i != 1 || a->o != 1 || a->k != 1 || a->s != 1 || a->p || a->d))
        return pb_fail(PB_INVALID, "axis %c is set in a %d-D problem", letter, p->rank);
    return check_axis_of(p, a, letter);
}

/* Multiplies into *product; false on overflow. */
static bool multiply(int64_t *product, int64_t factor) {
    return !__builtin_mul_overflow(*product, factor, product);
}

enum pb_status pb_problem_check(const struct pb_problem *p) {
    if ((unsigned)p->op >= PB_OPS || (unsigned)p->dir >= PB_DIRS ||
        (unsigned)p->dtype >= PB_DTYPES || (unsigned)p->layout >= PB_LAYOUTS)
        return pb_fail(PB_INVALID, "the operation, direction, data type or layout is unknown");
    if (p->rank < 1 || p->rank > 3) return pb_fail(PB_INVALID, "rank %d is not 1 to 3", p->rank);
    if (p->mb < 0) return pb_fail(PB_INVALID, "mb = %lld is negative", (long long)p->mb);
    if (p->ic < 1) return pb_fail(PB_INVALID, "ic = %lld is below 1", (long long)p->ic);
    if (p->oc < 1) return pb_fail(PB_INVALID, "oc = %lld is below 1", (long long)p->oc);
    if (p->g < 1) return pb_fail(PB_INVALID, "g = %lld is below 1", (long long)p->g);
    if (p->ic % p->g || p->oc % p->g)
        return pb_fail(PB_INVALID, "g = %lld does not divide ic and oc", (long long)p->g);
    if (p->op != PB_CONV && p->op != PB_S2D && (p->oc != p->ic || p->g != 1))
        return pb_fail(PB_INVALID, "%s has oc = ic and no groups", op_names[p->op]);
    if (pb_dtype_is_integer(p->dtype) && p->dir != PB_FWD && p->dir != PB_FWD_IDX)
        return pb_fail(PB_INVALID, "%s has no gradient (%s)", dtype_names[p->dtype],
                       dir_names[p->dir]);
    if (p->dir == PB_FWD_IDX && !pb_has_indices(p))
        return pb_fail(PB_INVALID, "%s has no indices (fwd_idx)", op_names[p->op]);
    if (p->dir == PB_BWD_W && p->op != PB_CONV)
        return pb_fail(PB_INVALID, "%s has no weights (bwd_w)", op_names[p->op]);
    if (p->ceil && !has_ceil(p)) return pb_fail(PB_INVALID, "%s has no ceil mode", op_names[p->op]);
    if (p->div < 0 || (p->div && p->op != PB_AVG_P && p->op != PB_AVG_NP))
        return pb_fail(PB_INVALID, "div %lld: only an average has a divisor, and it is positive",
                       (long long)p->div);
    if (p->op == PB_LP ? !(p->power >= LEAST_POWER && p->power <= MOST_POWER) : p->power != 0)
        return pb_fail(PB_INVALID, "pow %g: only lp has an exponent, from %g to %g", p->power,
                       LEAST_POWER, MOST_POWER);
    if (p->crd && p->op != PB_S2D)
        return pb_fail(PB_INVALID, "crd: only s2d has a channel order, not %s", op_names[p->op]);
    /* Bytes of the largest type, channels padded to a block: nothing below can overflow then. A
     * tensor of an empty batch has strides like any other. */
    int64_t src = 8, dst = 8, weights = 8, macs = 1, channels, batch = p->mb ? p->mb : 1;
    int64_t inputs = p->op == PB_CONV ? p->ic / p->g : 1; /* channels that one output draws from */
    bool fits = !__builtin_add_overflow(p->ic, 16, &channels) && multiply(&src, channels) &&
                !__builtin_add_overflow(p->oc, 16, &channels) && multiply(&dst, channels) &&
                multiply(&src, batch) && multiply(&dst, batch) && multiply(&weights, p->oc) &&
                multiply(&weights, inputs) && multiply(&macs, batch) && multiply(&macs, p->oc) &&
                multiply(&macs, inputs);
    for (int a = 0; a < 3; a++) {
        enum pb_status status = check_axis(p, a);
        if (status) return status;
        fits = fits && multiply(&src, p->axis[a].i) && multiply(&dst, p->axis[a].o) &&
               multiply(&weights, p->axis[a].k) && multiply(&macs, p->axis[a].o) &&
               multiply(&macs, p->axis[a].k);
    }
    if (!fits) return pb_fail(PB_INVALID, "the size of a tensor or the work overflows int64");
    if (p->op == PB_S2D && (!block_channels(p, &channels) || p->oc != channels || p->g != 1))
        return pb_fail(PB_INVALID, "oc = %lld is not what the blocks of s2d give",
                       (long long)p->oc);
    return PB_OK;
}

int64_t pb_problem_macs(const struct pb_problem *p) {
    if (p->op != PB_CONV) return 0;
    return p->mb * p->oc * (p->ic / p->g) * p->d.o * p->h.o * p->w.o * p->d.k * p->h.k * p->w.k;
}

/* ---- Printing -------------------------------------------------------------------------------- */

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
    return global(p) ? "i" : adaptive(p) ? "io" : p->op == PB_S2D ? "ik" : field_letters;
}

static void put_axis(struct writer *w, const struct pb_axis *a, char letter, const char *fields) {
    char key[4] = {'_', 0, letter, 0};
    const char *before = key;
    for (const char *field = field_letters; *field; field++) {
        key[1] = *field;
        int64_t value[] = {a->i, a->o, a->k, a->s, a->p, a->d};
        int f = (int)(field - field_letters);
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
    w.used = (size_t)snprintf(text, PB_TEXT_SIZE, "%s:%s:%s:%s:", op_names[p->op],
                              dtype_names[p->dtype], layout_names[p->layout], dir_names[p->dir]);
    if (p->g != 1) put(&w, "g", p->g);
    put(&w, "mb", p->mb);
    put(&w, "ic", p->ic);
    if (p->op == PB_CONV) put(&w, "oc", p->oc);
    bool cubic = p->rank == 3 && same_axis(&p->d, &p->h) && same_axis(&p->h, &p->w);
    bool square = p->rank == 2 && same_axis(&p->h, &p->w);
    const char *fields = fields_of(p);
    if (p->rank == 3) put_axis(&w, &p->d, 'd', fields);
    if (p->rank >= 2 && !cubic) put_axis(&w, &p->h, 'h', fields);
    if (!cubic && !square) put_axis(&w, &p->w, 'w', fields);
    if (p->op == PB_LP && p->power != 2) put_power(&w, p->power);
    if (p->div) put(&w, "_div", p->div);
    if (w.used < PB_TEXT_SIZE)
        snprintf(text + w.used, PB_TEXT_SIZE - w.used, "%s%s%s%s", p->ceil ? "_ceil" : "",
                 p->crd ? "_crd" : "", *p->name ? "_n" : "", p->name);
    return text;
}
