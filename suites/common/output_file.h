/* output_file.h: a file that appears whole or not at all. */
#ifndef PB_OUTPUT_FILE_H
#define PB_OUTPUT_FILE_H

#include "poolbench.h"
#include <limits.h>
#include <stdio.h>

/* Until it is kept it is beside its place, as .NAME.poolbench-XXXXXX, and locked (flock). The last
 * of several programs that write one file at a time replaces what the others kept, never part of
 * it. */
struct output_file {
    FILE *stream;
    char path[PATH_MAX]; /* links followed */
    char part[PATH_MAX];
};

/* Removes what programs that were killed have left in that folder. IO with a sentence that names
 * the file, also where something other than a file has its name. */
enum pb_status output_file_open(struct output_file *file, const char *path);
/* Renames it to its path, in place of what was there, if all of it could be written. */
enum pb_status output_file_keep(struct output_file *file);
/* Leaves what is at the path as it was; accepts a zeroed one and one that was kept. */
void output_file_drop(struct output_file *file);

#endif
