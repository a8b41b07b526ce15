/* tuning_cache.h: the kernel that was fastest for a problem, measured on this machine and
 * remembered in a small text file: a line that says whose it is, then a line a problem, THREADS ISA
 * KERNEL PROBLEM */
#ifndef TUNING_CACHE_H
#define TUNING_CACHE_H

#include "poolbench.h"
#include <limits.h>
#include <stdio.h>

/* $POOLBENCH_TUNING_CACHE, else poolbench/tuning.txt in $XDG_CACHE_HOME or ~/.cache; "" where none
 * of them is set. */
const char *tuning_cache_path(char path[PATH_MAX]);

/* Makes pb_select prefer what the file says for this thread count and ISA. A file of another
 * machine, of a program with other kernels, or one that cannot be read, is ignored with a word on
 * stderr; one that is not there, without. */
void tuning_cache_load(void);

enum { TUNING_CACHE_LINE = PB_TEXT_SIZE + 256 };

/* The first line of a file that is ours: the machine, and the kernels that were to choose from. */
const char *tuning_cache_owner(char line[TUNING_CACHE_LINE]);
/* Opens the file where it is ours and passes its first line; NULL, after a word where it is not. */
FILE *tuning_cache_open(const char *path);

/* The next line, with its end; lines that are longer than any of ours are passed over. */
bool tuning_cache_next(FILE *file, char line[TUNING_CACHE_LINE]);

/* A line, cut apart in place. */
struct tuning_entry {
    int threads;
    const char *isa, *kernel, *problem;
};
bool tuning_cache_read(char *line, struct tuning_entry *choice); /* false where it is none */
/* Whether it is of this thread count and ISA. */
bool tuning_cache_apply(const struct tuning_entry *choice);

#endif
