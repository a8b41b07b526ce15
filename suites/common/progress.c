#include "common/progress.h"
#include "common/clock.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double PAUSE = 0.1; /* seconds between two lines, where there are many */

static bool stands;
static double shown;
static char *kept; /* for another process; NULL: none */
static size_t kept_size;

static bool on_terminal(void) {
    static int known = -1;
    if (known < 0) known = isatty(STDERR_FILENO);
    return known;
}

/* The first `columns` characters of UTF-8, each taken to be one column wide. */
static size_t cut(const char *text, size_t columns) {
    size_t bytes = 0;
    while (text[bytes]) {
        if ((text[bytes] & 0xc0) != 0x80 && columns-- == 0) break;
        bytes++;
    }
    return bytes;
}

static size_t width(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1u : 79;
}

bool progress_due(void) {
    return on_terminal() && clock_seconds() - shown >= PAUSE;
}

void progress_show(const char *format, ...) {
    char line[512];
    va_list values;
    if (!kept && !on_terminal()) return;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (kept) {
        snprintf(kept, kept_size, "%s", line);
        return;
    }
    fprintf(stderr, "\r\033[K%.*s", (int)cut(line, width()), line);
    fflush(stderr);
    stands = true;
    shown = clock_seconds();
}

void progress_keep_in(char *text, size_t size) {
    kept = text;
    kept_size = size;
}

void progress_clear(void) {
    if (stands) fputs("\r\033[K", stderr);
    stands = false;
}
