/* Writes beside, then renames, so that a partial output never replaces a good one. */
#include "outfile.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pb_status pb_outfile_open(struct pb_outfile *out, const char *path) {
    struct stat at;
    *out = (struct pb_outfile){.path = strdup(path)};
    if (!out->path || asprintf(&out->beside, "%s.part", path) < 0) {
        free(out->path);
        *out = (struct pb_outfile){0};
        return pb_fail(PB_NOMEM, "%s: no memory for its name", path);
    }
    /* rename would find out too, but only when the work is done */
    if (stat(path, &at) == 0 && S_ISDIR(at.st_mode)) errno = EISDIR;
    else out->file = fopen(out->beside, "w");
    if (out->file) return PB_OK;
    enum pb_status status = pb_fail(PB_IO, "cannot write %s: %s", path, strerror(errno));
    pb_outfile_close(out);
    return status;
}

enum pb_status pb_outfile_commit(struct pb_outfile *out) {
    bool bad = ferror(out->file) != 0;
    bad |= fclose(out->file) != 0;
    out->file = NULL;
    enum pb_status status = PB_OK;
    if (bad || rename(out->beside, out->path) != 0) {
        status = pb_fail(PB_IO, "cannot write %s: %s", out->path, strerror(errno));
        unlink(out->beside);
    }
    pb_outfile_close(out);
    return status;
}

void pb_outfile_close(struct pb_outfile *out) {
    if (out->file) {
        fclose(out->file);
        unlink(out->beside);
    }
    free(out->path);
    free(out->beside);
    *out = (struct pb_outfile){0};
}
