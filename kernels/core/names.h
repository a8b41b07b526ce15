/* names.h: the words of a problem's prefix. */
#ifndef PB_NAMES_H
#define PB_NAMES_H

#include "poolbench.h"

/* In the order of the prefix. */
enum name_kind { NAME_OP, NAME_DTYPE, NAME_LAYOUT, NAME_DIR, NAME_KINDS };

/* Which value of the kind the first `length` characters name; -1 if none. */
int name_value(enum name_kind kind, const char *text, size_t length);
/* Insertions, deletions, replacements and swaps of neighbours that make one of the other, capitals
 * aside; many where one is longer than any name. */
int name_distance(const char *a, const char *b);
/* Whether the text names something of the kinds in `allowed` (their bits). INVALID with a sentence
 * if not: what was expected, and which of it the text is nearly. */
enum pb_status name_check(unsigned allowed, const char *text);

#endif
