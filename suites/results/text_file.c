/* Reads text files through libarchive, which recognises what compressed them. */
#include "results/text_file.h"
#include "common/text_stream.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 1 << 20 };
static const char mark[] = "\xef\xbb\xbf"; /* that some editors put in front of UTF-8 */

/* What is left of the archive's one entry; `empty`: it has none. */
static enum pb_status read_all(struct archive *archive, const char *path, bool empty, char **text,
                               size_t *size) {
    size_t space = 0;
    for (*size = 0;;) {
        if (*size + STEP >= space) {
            char *grown = realloc(*text, space = 2 * space + 2 * STEP);
            if (!grown) return pb_fail(PB_NOMEM, "%s: no memory to read it", path);
            *text = grown;
        }
        la_ssize_t count = empty ? 0 : archive_read_data(archive, *text + *size, STEP);
        if (count < 0) return pb_fail(PB_IO, "%s: %s", path, archive_error_string(archive));
        if (count == 0) break;
        *size += (size_t)count;
        if (*size > TEXT_FILE_MOST) return pb_fail(PB_IO, "%s: longer than 1 GiB", path);
    }
    if (text_is_wide(*text, *size))
        return pb_fail(PB_INVALID, "%s: is UTF-16 text; save it as UTF-8", path);
    if (*size >= 3 && memcmp(*text, mark, 3) == 0) memmove(*text, *text + 3, *size -= 3);
    (*text)[*size] = '\0';
    return PB_OK;
}

enum pb_status text_file_read(const char *path, char **text, size_t *size) {
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    enum pb_status status = PB_OK;
    *text = NULL;
    if (!archive) return pb_fail(PB_NOMEM, "%s: no memory to read it", path);
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    int opened = archive_read_open_filename(archive, path, STEP);
    int next = opened == ARCHIVE_OK ? archive_read_next_header(archive, &entry) : opened;
    if (next != ARCHIVE_OK && next != ARCHIVE_EOF)
        status = pb_fail(PB_IO, "%s: %s", path, archive_error_string(archive));
    else
        status = read_all(archive, path, next == ARCHIVE_EOF, text, size);
    archive_read_free(archive);
    if (status) {
        free(*text);
        *text = NULL;
    }
    return status;
}

size_t text_file_plain_length(const char *path) {
    static const char *const endings[] = {".gz", ".xz", ".zst"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t tail = strlen(endings[i]);
        if (length > tail && strcmp(path + length - tail, endings[i]) == 0) return length - tail;
    }
    return length;
}
