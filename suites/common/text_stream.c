/* Opens text. */
#include "common/text_stream.h"

FILE *text_stream_open(const char *path) {
    static const int mark[] = {0xef, 0xbb, 0xbf};
    FILE *file = fopen(path, "r");
    int seen = 0, c = 0;
    if (!file) return NULL;
    while (seen < 3 && (c = getc(file)) == mark[seen]) seen++;
    if (seen == 3) return file;
    if (c != EOF) ungetc(c, file);
    while (seen--) ungetc(mark[seen], file); /* no mark after all */
    return file;
}
