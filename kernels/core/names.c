/* Names of operations, directions, types and layouts, and what was meant by one that is none. */
#include "core/names.h"
#include "core/op_traits.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const dir_names[] = {"fwd", "fwd_idx", "bwd", "bwd_w"};
static const char *const dtype_names[] = {"f32", "f16", "bf16", "s8", "u8", "s32", "s64"};
static const size_t dtype_sizes[] = {4, 2, 2, 1, 1, 4, 8};
static const char *const layout_names[] = {"nchw", "nhwc", "nChw16c"};

_Static_assert(sizeof dir_names / sizeof *dir_names == PB_DIRS, "every direction has a name");
_Static_assert(sizeof dtype_names / sizeof *dtype_names == PB_DTYPES, "every type has a name");
_Static_assert(sizeof dtype_sizes / sizeof *dtype_sizes == PB_DTYPES, "every type has a size");
_Static_assert(sizeof layout_names / sizeof *layout_names == PB_LAYOUTS, "every layout has one");

const char *pb_op_name(enum pb_op op) {
    return pb_op_traits(op)->name;
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

/* ---- Kinds of names -------------------------------------------------------------------------- */

static const struct {
    const char *what;
    int count;
} kinds[] = {
        [NAME_OP] = {"operation", PB_OPS},
        [NAME_DTYPE] = {"data type", PB_DTYPES},
        [NAME_LAYOUT] = {"layout", PB_LAYOUTS},
        [NAME_DIR] = {"direction", PB_DIRS},
};

static const char *name_of(enum name_kind kind, int value) {
    return kind == NAME_OP      ? pb_op_name((enum pb_op)value)
           : kind == NAME_DTYPE ? dtype_names[value]
           : kind == NAME_DIR   ? dir_names[value]
                                : layout_names[value];
}

int name_value(enum name_kind kind, const char *text, size_t length) {
    for (int i = 0; i < kinds[kind].count; i++)
        if (strlen(name_of(kind, i)) == length && strncmp(name_of(kind, i), text, length) == 0)
            return i;
    return -1;
}

/* ---- What was meant -------------------------------------------------------------------------- */

enum { LONGEST_NAME = 24, FAR = LONGEST_NAME };

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Optimal string alignment. */
int name_distance(const char *a, const char *b) {
    const size_t n = strlen(a), m = strlen(b);
    int cost[LONGEST_NAME + 1][LONGEST_NAME + 1];
    if (n > LONGEST_NAME || m > LONGEST_NAME) return FAR;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = (int)(i + j);
                continue;
            }
            const bool same = strncasecmp(a + i - 1, b + j - 1, 1) == 0;
            const bool swapped = i > 1 && j > 1 && strncasecmp(a + i - 1, b + j - 2, 1) == 0 &&
                                 strncasecmp(a + i - 2, b + j - 1, 1) == 0;
            cost[i][j] =
                    least(cost[i - 1][j - 1] + !same, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (swapped) cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[n][m];
}

static size_t common_start(const char *a, const char *b) {
    size_t length = 0;
    while (a[length] && a[length] == b[length]) length++;
    return length;
}

/* The nearest name of a kind, at most two edits away and with something of the text left; of those
 * as near the one that begins like it for longest. -1 if there is none. */
static int nearest(enum name_kind kind, const char *text, int *distance) {
    int best = -1;
    *distance = least(3, (int)strlen(text));
    for (int i = 0; i < kinds[kind].count; i++) {
        const char *name = name_of(kind, i);
        const int own = name_distance(text, name);
        const bool better = own < *distance ||
                            (own == *distance && best >= 0 &&
                             common_start(text, name) > common_start(text, name_of(kind, best)));
        if (!better || own >= (int)strlen(name)) continue;
        best = i;
        *distance = own;
    }
    return best;
}

/* Appends "nchw, nhwc or nChw16c". */
static void list_names(enum name_kind kind, char *text, size_t size) {
    for (int i = 0; i < kinds[kind].count; i++) {
        const size_t used = strlen(text);
        const char *between = i == 0 ? "" : i == kinds[kind].count - 1 ? " or " : ", ";
        snprintf(text + used, size - used, "%s%s", between, name_of(kind, i));
    }
}

/* INVALID, with what was expected and what the text is nearly. */
static enum pb_status refuse(unsigned allowed, const char *text) {
    char expected[512] = "", what[96] = "";
    int distance = 3, meant = -1;
    enum name_kind kind = NAME_OP;
    for (int k = 0; k < NAME_KINDS; k++) {
        int own;
        const int found = allowed & 1u << k ? nearest((enum name_kind)k, text, &own) : -1;
        if (found < 0 || own >= distance) continue;
        meant = found;
        distance = own;
        kind = (enum name_kind)k;
    }
    if (meant >= 0) allowed = 1u << kind; /* what it is meant for is known then */
    for (int k = 0; k < NAME_KINDS; k++) {
        if (!(allowed & 1u << k)) continue;
        const size_t used = strlen(what), listed = strlen(expected);
        const bool last = allowed >> (k + 1) == 0;
        snprintf(what + used, sizeof what - used, "%s%s",
                 used == 0 ? ""
                 : last    ? " or "
                           : ", ",
                 kinds[k].what);
        snprintf(expected + listed, sizeof expected - listed, "%s", listed ? "; " : "");
        list_names((enum name_kind)k, expected, sizeof expected);
    }
    return pb_fail(PB_INVALID, "unknown %s '%s' (expected %s)%s%s%s", what, text, expected,
                   meant < 0 ? "" : "; did you mean '", meant < 0 ? "" : name_of(kind, meant),
                   meant < 0 ? "" : "'?");
}

enum pb_status name_check(unsigned allowed, const char *text) {
    for (int k = 0; k < NAME_KINDS; k++)
        if (allowed & 1u << k && name_value((enum name_kind)k, text, strlen(text)) >= 0)
            return PB_OK;
    return refuse(allowed, text);
}

enum pb_status pb_op_parse(const char *name, enum pb_op *op) {
    enum pb_status status = name_check(1u << NAME_OP, name);
    if (!status) *op = (enum pb_op)name_value(NAME_OP, name, strlen(name));
    return status;
}
