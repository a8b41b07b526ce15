/* text_file.h: a text file, read whole; what gzip, xz or zstd compressed is read as what it was,
 * a byte order mark in front is skipped. */
#ifndef PB_TEXT_FILE_H
#define PB_TEXT_FILE_H

#include "poolbench.h"

/* A text that is longer is refused, so that a small file cannot fill the memory. */
enum { TEXT_FILE_MOST = 1 << 30 };

/* *text, which the caller frees, ends with a NUL that *size bytes stand before. IO, with a sentence
 * that names the file, where it cannot be read, ends early or is too long; NOMEM. */
enum pb_status text_file_read(const char *path, char **text, size_t *size);

/* The length of `path` without the ending of a compressed file (.gz, .xz, .zst). */
size_t text_file_plain_length(const char *path);

#endif
