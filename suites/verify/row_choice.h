/* row_choice.h: which rows of the conformance matrix are asked, of which kernels. */
#ifndef PB_ROW_CHOICE_H
#define PB_ROW_CHOICE_H

#include "conformance/conformance.h"

/* A zeroed one chooses everything. */
struct pb_row_choice {
    bool *row;               /* by position, pb_row_count() of them; NULL: every row */
    const char *const *glob; /* of the kernels' names, each enough; none: every kernel */
    size_t globs;
};

/* Adds the rows of a list "max_tie,relation_box". INVALID, and nothing is added, for an id that no
 * row has; the sentence names those that are near. */
enum pb_status pb_row_choice_add(struct pb_row_choice *choice, const char *ids);
void pb_row_choice_free(struct pb_row_choice *choice); /* accepts a zeroed one */

bool pb_row_chosen(const struct pb_row_choice *choice, size_t row);
/* Whether its name matches, and this machine can run it. */
bool pb_kernel_chosen(const struct pb_row_choice *choice, const struct pb_kernel *kernel);

#endif
