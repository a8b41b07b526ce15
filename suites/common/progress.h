/* progress.h: how far a long run is, on standard error: on a terminal one line that is rewritten in
 * place; in a log nothing. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a line would be seen and the last is old enough; for those who could show thousands. */
bool progress_due(void);
/* Shows this line instead of the last, cut to the terminal's width. */
void progress_show(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Leaves lines in `text`, for another process to show, and shows none here. */
void progress_keep_in(char *text, size_t size);
/* Takes the line away, if one stands; call it before anything else is printed to a terminal. */
void progress_clear(void);

#ifdef __cplusplus
}
#endif
#endif
