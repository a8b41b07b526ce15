/* text_stream.h: text files, whatever program wrote them. */
#ifndef PB_TEXT_STREAM_H
#define PB_TEXT_STREAM_H

#include "poolbench.h"
#include <stdio.h>
#include <sys/types.h>

/* Opens a file for reading behind the byte order mark that some editors put in front of UTF-8. IO,
 * with errno, where it cannot be read; INVALID where it is UTF-16, as Windows' shell writes it. */
enum pb_status text_stream_open(const char *path, FILE **file);

/* Whether a text that begins so is UTF-16 or UTF-32. */
bool text_is_wide(const char *text, size_t size);

/* Reads a line as getline does, without its end, which is LF, CR LF or CR. Its length; -1 at the
 * end of the file (feof), else, with errno, where it cannot be read or has no end. A byte order mark
 * in front of it is skipped: files that were joined have them inside. */
ssize_t text_stream_line(FILE *file, char **line, size_t *size);

#endif
