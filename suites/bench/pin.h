/* pin.h: OpenMP's threads each on a processor of its own, so that none moves
 * between two samples. */
#ifndef PB_PIN_H
#define PB_PIN_H

#include <stddef.h>

/* Pins the team of `threads` threads to the first processors that this process may use; leaves
 * them free where there are fewer processors than threads. */
void pin_threads(int threads);
/* Lets the calling thread go anywhere again, as threads that it makes then may, and back. */
void pin_release(void);
void pin_again(void);
/* "0 1", or "free"; returns `text`. */
const char *pin_text(char *text, size_t size);

#endif
