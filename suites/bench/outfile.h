/* outfile.h: an output file that appears under its name only when it is complete. */
#ifndef PB_OUTFILE_H
#define PB_OUTFILE_H

#include "poolbench.h"
#include <stdio.h>

struct pb_outfile {
    FILE *file; /* write here */
    char *path, *beside;
};

/* Opens PATH.part; IO, naming the file, where it cannot be written. */
enum pb_status pb_outfile_open(struct pb_outfile *out, const char *path);
/* Closes it and gives it its name; where that fails, what had the name before stays. */
enum pb_status pb_outfile_commit(struct pb_outfile *out);
/* Drops what was not committed; accepts a zeroed one and a committed one. */
void pb_outfile_close(struct pb_outfile *out);

#endif
