/* text.h: text that comes from outside, made fit to be written: into JSON, a line, a terminal. */
#ifndef PB_TEXT_H
#define PB_TEXT_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Replaces in place every byte that is no part of a UTF-8 character by '?'. Returns the text. */
char *text_make_valid(char *text);
/* That, and every control character by a space. */
char *text_make_line(char *text);
/* Whether neither is needed. */
bool text_is_line(const char *text);

#ifdef __cplusplus
}
#endif
#endif
