/* process_state.h: what a kernel may not change in the process that it runs in: signal mask and
 * handlers, locale, working directory, environment, descriptors; how its threads compute is in
 * float_state.h. */
#ifndef PROCESS_STATE_H
#define PROCESS_STATE_H

#include <stddef.h>

/* Notes what this process is like. */
void process_state_note(void);
/* Whether it still is: NULL, or in `text` what is not, such as "left the working directory at /, not
 * /tmp". That is given back; descriptors, which cannot be, are noted as they are. */
const char *process_state_check(char *text, size_t size);
/* What was opened since is expected to be open from now on. */
void process_state_accept_opened(void);

#endif
