/* Which lists there are. The list by hand runs on every pattern of data, the generated ones on some:
 * plain values; negative ones, which move every mean; special ones, which in 8 bits are the only
 * ones that are so rare that a long window's maximum may stand anywhere. */
#include "verify/suite_lists.h"
#include <limits.h>
#include <stdio.h>

enum {
    QUICK = 1 << PB_SUITE_QUICK,
    DEFAULT = 1 << PB_SUITE_DEFAULT,
    LARGE = 1 << PB_SUITE_LARGE,
    PLAIN = 1 << PB_MIXED,
    NEGATIVE = 1 << PB_NEGATIVE,
    SPECIAL = 1 << PB_SPECIAL,
};

const struct pb_suite_list pb_suite_lists[] = {
        {.file = "basic.txt", .suites = QUICK | DEFAULT, .varied = true},
        {.file = "covering.txt", .suites = DEFAULT, .patterns = PLAIN | SPECIAL, .in_turn = true},
        {.file = "sizes.txt", .suites = DEFAULT, .varied = true, .patterns = NEGATIVE},
        {.file = "sizes_integer.txt",
         .suites = DEFAULT,
         .varied = true,
         .patterns = NEGATIVE | SPECIAL},
        {.file = "large.txt", .suites = LARGE, .varied = true, .alone = true, .patterns = PLAIN},
        {0},
};

enum pb_status pb_suite_list_read(const struct pb_suite_list *list, struct pb_problems *problems) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/suites/shapes/%s", pb_source_dir, list->file);
    return list->varied ? pb_problems_suite(problems, path)
                        : pb_problems_read(problems, path, NULL, -1);
}
