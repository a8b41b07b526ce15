/* Write beside, then rename. */
#include "common/output_file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char parts[] = ".*.poolbench-??????";

static enum pb_status path_too_long(const char *path) {
    return pb_fail(PB_IO, "a path of %zu characters is too long: %.80s…", strlen(path), path);
}

static enum pb_status failed(const char *path) {
    return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
}

/* ---- Names ----------------------------------------------------------------------------------- */

/* How much of a path is its folder, with the last '/'. */
static int folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash + 1 - path) : 0;
}

/* Where a file of that path ends up; what a link names need not be there yet. */
static enum pb_status follow_links(const char *path, char end[PATH_MAX]) {
    enum { LINKS = 40 }; /* as Linux */
    char target[PATH_MAX], next[2 * PATH_MAX];
    if (snprintf(end, PATH_MAX, "%s", path) >= PATH_MAX) return path_too_long(path);
    for (int links = 0; links < LINKS; links++) {
        ssize_t length = readlink(end, target, sizeof target - 1);
        if (length < 0) return PB_OK; /* no link; what else is wrong will show */
        target[length] = 0;
        int folder = *target == '/' ? 0 : folder_length(end);
        if (snprintf(next, sizeof next, "%.*s%s", folder, end, target) >= PATH_MAX)
            return path_too_long(next);
        strcpy(end, next);
    }
    errno = ELOOP;
    return failed(path);
}

static enum pb_status name_part(const char *path, char part[PATH_MAX]) {
    unsigned number = 0;
    int folder = folder_length(path);
    /* Without so many random bytes the name is taken more often, and another is tried. */
    if (getrandom(&number, 3, GRND_NONBLOCK) < 0) number = (unsigned)getpid() & 0xFFFFFF;
    int length = snprintf(part, PATH_MAX, "%.*s.%.200s.poolbench-%06x", folder, path, path + folder,
                          number);
    return length < PATH_MAX ? PB_OK : path_too_long(path);
}

/* ---- What killed programs left --------------------------------------------------------------- */

static bool is_unused(int file) {
    struct stat info;
    return fstat(file, &info) == 0 && S_ISREG(info.st_mode) && flock(file, LOCK_EX | LOCK_NB) == 0;
}

static void remove_unused(const char *path) {
    char folder[PATH_MAX];
    int length = folder_length(path);
    snprintf(folder, sizeof folder, "%.*s", length ? length : 1, length ? path : ".");
    DIR *list = opendir(folder);
    const struct dirent *entry;
    while (list && (entry = readdir(list))) {
        if (fnmatch(parts, entry->d_name, FNM_PERIOD) != 0) continue;
        int file =
                openat(dirfd(list), entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (file < 0) continue;
        if (is_unused(file)) unlinkat(dirfd(list), entry->d_name, 0);
        close(file);
    }
    if (list) closedir(list);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Locked, unless the file system has no locks, where no other program takes it for unused either.
 * False where one did, between the two calls. */
static bool lock(int file) {
    struct stat info;
    if (flock(file, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) return false;
    return fstat(file, &info) == 0 && info.st_nlink > 0;
}

/* -1 with a sentence. */
static int create_part(struct output_file *file) {
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        if (name_part(file->path, file->part)) return -1;
        int part = open(file->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (part < 0 && errno == EEXIST) continue;
        if (part < 0) return failed(file->path), -1;
        if (lock(part)) return part;
        close(part);
    }
    return failed(file->path), -1;
}

enum pb_status output_file_open(struct output_file *file, const char *path) {
    struct stat at;
    *file = (struct output_file){0};
    enum pb_status status = follow_links(path, file->path);
    if (status) return status;
    bool there = stat(file->path, &at) == 0;
    if (!there && errno != ENOENT) return failed(path);
    /* A folder, which rename would refuse too late, or a device or pipe, which it would replace. */
    if (there && !S_ISREG(at.st_mode))
        return pb_fail(PB_IO, "%s is there and is not a regular file", path);
    remove_unused(file->path);
    int part = create_part(file);
    if (part < 0) return PB_IO;
    if (there) fchmod(part, at.st_mode & 0777); /* else as the umask has it */
    file->stream = fdopen(part, "wb");
    if (file->stream) return PB_OK;
    status = failed(path);
    close(part);
    unlink(file->part);
    return status;
}

enum pb_status output_file_keep(struct output_file *file) {
    bool whole = !ferror(file->stream) && fflush(file->stream) == 0 &&
                 fsync(fileno(file->stream)) == 0 && rename(file->part, file->path) == 0;
    int reason = errno;
    if (!whole) unlink(file->part);
    fclose(file->stream); /* last, with the lock; all is written */
    file->stream = NULL;
    if (whole) return PB_OK;
    return pb_fail(PB_IO, "%s: cannot be written: %s", file->path, strerror(reason));
}

void output_file_drop(struct output_file *file) {
    if (!file->stream) return;
    unlink(file->part);
    fclose(file->stream);
    file->stream = NULL;
}
