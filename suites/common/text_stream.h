/* text_stream.h: text files, whatever program wrote them. */
#ifndef PB_TEXT_STREAM_H
#define PB_TEXT_STREAM_H

#include <stdio.h>

/* Opens a file for reading behind the byte order mark that some editors put in front of UTF-8.
 * NULL, with errno, where it cannot be opened. */
FILE *text_stream_open(const char *path);

#endif
