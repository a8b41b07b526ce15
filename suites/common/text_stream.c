/* Opens text, and reads its lines. */
#include "common/text_stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1 << 26 }; /* a device may go on without end */
static const char mark[] = "\xef\xbb\xbf";

bool text_is_wide(const char *text, size_t size) {
    return size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

enum pb_status text_stream_open(const char *path, FILE **file) {
    char begin[3];
    *file = fopen(path, "r");
    if (!*file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    enum pb_status status = PB_OK;
    size_t seen = fread(begin, 1, sizeof begin, *file);
    if (ferror(*file))
        status = pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    else if (text_is_wide(begin, seen))
        status = pb_fail(PB_INVALID, "%s: is UTF-16 text; save it as UTF-8", path);
    else if (seen < 3 || memcmp(begin, mark, 3) != 0)
        while (seen) ungetc((unsigned char)begin[--seen], *file); /* no mark after all */
    if (status) {
        const int error = errno;
        fclose(*file);
        *file = NULL;
        errno = error;
    }
    return status;
}

/* Room for one more character and the end. */
static bool make_room(char **line, size_t *size, size_t length) {
    if (length + 2 <= *size) return true;
    if (length >= LONGEST) {
        errno = EFBIG;
        return false;
    }
    const size_t wanted = 2 * length + 128;
    char *grown = realloc(*line, wanted);
    if (!grown) return false;
    *line = grown;
    *size = wanted;
    return true;
}

ssize_t text_stream_line(FILE *file, char **line, size_t *size) {
    size_t length = 0;
    int c = getc(file);
    if (c == EOF) return -1;
    for (; c != EOF && c != '\n' && c != '\r'; c = getc(file)) {
        if (!make_room(line, size, length)) return -1;
        (*line)[length++] = (char)c;
        if (length == 3 && memcmp(*line, mark, 3) == 0) length = 0;
    }
    if (c == '\r' && (c = getc(file)) != '\n' && c != EOF) ungetc(c, file);
    if (!make_room(line, size, length)) return -1;
    (*line)[length] = 0;
    return (ssize_t)length;
}
