/* float_state.h: how this thread, and those of OpenMP, compute: rounding, traps, flushing to 0. */
#ifndef FLOAT_STATE_H
#define FLOAT_STATE_H

#include <stddef.h>

/* Notes it for this thread; later calls compare with this and give it back. */
void float_state_note(void);
/* Whether it is as noted in this thread: NULL, or what was found, such as "left MXCSR at 0x9fc0,
 * not 0x1f80 (flushes to 0)", in `text`. */
const char *float_state_check(char *text, size_t size);
/* The same in so many of OpenMP's threads. */
const char *float_state_check_team(int threads, char *text, size_t size);

#endif
