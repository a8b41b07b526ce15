/* Write beside, then rename. */
#include "common/output_file.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pb_status output_file_open(struct output_file *file, const char *path) {
    struct stat at;
    file->stream = NULL;
    if (snprintf(file->path, sizeof file->path, "%s", path) >= PATH_MAX ||
        snprintf(file->part, sizeof file->part, "%s.part", path) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", path);
    /* A folder, which rename would refuse too late, or a device or pipe, which it would replace. */
    if (stat(path, &at) == 0 && !S_ISREG(at.st_mode))
        return pb_fail(PB_IO, "%s is there and is not a regular file", path);
    file->stream = fopen(file->part, "wb");
    return file->stream ? PB_OK : pb_fail(PB_IO, "%s: %s", path, strerror(errno));
}

enum pb_status output_file_keep(struct output_file *file) {
    bool whole = fflush(file->stream) == 0 && !ferror(file->stream);
    whole = fsync(fileno(file->stream)) == 0 && whole;
    whole = fclose(file->stream) == 0 && whole;
    file->stream = NULL;
    if (whole && rename(file->part, file->path) == 0) return PB_OK;
    int reason = errno;
    unlink(file->part);
    return pb_fail(PB_IO, "%s: cannot be written: %s", file->path, strerror(reason));
}

void output_file_drop(struct output_file *file) {
    if (!file->stream) return;
    fclose(file->stream);
    unlink(file->part);
    file->stream = NULL;
}
