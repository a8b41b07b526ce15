/* progress.h: how far a long run is, on standard error: on a terminal one line that is rewritten in
 * place; in a log nothing. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a line would be seen and the last is old enough; for those who could show thousands. */
bool progress_due(void);
/* Shows this line instead of the last, cut to the terminal's width. */
void progress_show(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Takes the line away, if one stands; call it before anything else is printed to a terminal. */
void progress_clear(void);

#ifdef __cplusplus
}
#endif
#endif
