/* The sentence of the last failure, one per thread. */
#include "poolbench.h"
#include "core/text.h"
#include <stdarg.h>
#include <stdio.h>

static _Thread_local char sentence[1024];

enum pb_status pb_fail(enum pb_status status, const char *format, ...) {
    /* Formatted beside, so that a sentence may quote the one before it. */
    char fresh[sizeof sentence];
    va_list values;
    va_start(values, format);
    vsnprintf(fresh, sizeof fresh, format, values);
    va_end(values);
    text_make_line(fresh); /* it may quote a file, a library or an argument, or be cut short */
    for (size_t i = 0; i < sizeof fresh; i++)
        if (!(sentence[i] = fresh[i])) break;
    return status;
}

const char *pb_error(void) {
    return sentence;
}
