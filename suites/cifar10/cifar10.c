/* Reading CIFAR-10's binary format, from a folder or straight from the official archive. */
#include "cifar10/cifar10.h"
#include "cifar10/other_data.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARTS = 6, TEST_PART = 5 };
static const char *const part_name[PARTS] = {"data_batch_1.bin", "data_batch_2.bin",
                                             "data_batch_3.bin", "data_batch_4.bin",
                                             "data_batch_5.bin", "test_batch.bin"};
static const char subfolder[] = "cifar-10-batches-bin";
static const char archive_name[] = "cifar-10-binary.tar.gz";

/* The generator's defaults. */
enum { SYNTHETIC_SEED = 10, SYNTHETIC_TRAIN = 5000, SYNTHETIC_TEST = 1000 };

/* Up to `size` bytes from a source; fewer at its end, less than 0 on an error. */
typedef int64_t read_bytes(void *source, uint8_t *to, size_t size);

static int64_t read_from_file(void *source, uint8_t *to, size_t size) {
    size_t got = fread(to, 1, size, source);
    return ferror((FILE *)source) ? -1 : (int64_t)got;
}

static int64_t read_from_archive(void *source, uint8_t *to, size_t size) {
    return archive_read_data(source, to, size);
}

/* Reads one whole file of records into an empty part. */
static enum pb_status read_part(struct cifar_set *part, const char *name, read_bytes *read,
                                void *source) {
    const size_t most = (size_t)CIFAR_FILE_RECORDS * CIFAR_RECORD;
    uint8_t *bytes = malloc(most + 1); /* one more, to see a file that goes on */
    if (!bytes) return pb_fail(PB_NOMEM, "%s: no memory for its records", name);
    int64_t got = read(source, bytes, most + 1);
    enum pb_status status = PB_OK;
    if (got < 0)
        status = pb_fail(PB_IO, "%s: cannot be read", name);
    else if (got == 0)
        status = pb_fail(PB_INVALID, "%s: empty, with no record in it", name);
    else if ((size_t)got > most)
        status = pb_fail(PB_INVALID, "%s: goes on after record %d, the most a file may hold", name,
                         CIFAR_FILE_RECORDS);
    else if (got % CIFAR_RECORD != 0)
        status = pb_fail(PB_INVALID, "%s: ends within record %lld, after %lld of its %d bytes",
                         name, (long long)(got / CIFAR_RECORD + 1), (long long)(got % CIFAR_RECORD),
                         CIFAR_RECORD);
    part->count = got / CIFAR_RECORD;
    for (int64_t i = 0; i < part->count && status == PB_OK; i++)
        if (bytes[i * CIFAR_RECORD] >= CIFAR_CLASSES)
            status = pb_fail(PB_INVALID, "%s: record %lld has label %d; labels are 0 to %d", name,
                             (long long)(i + 1), bytes[i * CIFAR_RECORD], CIFAR_CLASSES - 1);
    if (status == PB_OK) {
        uint8_t *fitted = realloc(bytes, (size_t)got);
        part->records = fitted ? fitted : bytes;
    } else {
        free(bytes);
    }
    return status;
}

static enum pb_status read_folder(const char *folder, struct cifar_set parts[PARTS]) {
    enum pb_status status = PB_OK;
    for (int i = 0; i < PARTS && status == PB_OK; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, part_name[i]);
        FILE *file = fopen(path, "rb");
        if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
        status = read_part(&parts[i], path, read_from_file, file);
        fclose(file);
    }
    return status;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What is there instead, in a sentence. */
static enum pb_status refuse_other(const char *path, const char *what, const char *name) {
    return pb_fail(PB_INVALID, "%s: is %s (%s); CIFAR-10's binary version is needed, %s", path,
                   what, name, archive_name);
}

/* Why libarchive cannot go on; that a download was cut off first of all. */
static enum pb_status refuse_archive(const char *path, struct archive *archive) {
    const char *why = archive_error_string(archive);
    if (!why) why = "cannot be read";
    /* libarchive's words for it, and liblzma's. */
    const bool cut = strcasestr(why, "truncated") || strcasestr(why, "unexpected end") ||
                     strcasestr(why, "no progress");
    return pb_fail(PB_IO, "%s: %s%s", path, cut ? "ends early, it was cut off: " : "", why);
}

/* The archive holds the parts in an order of its own, among other files. */
static enum pb_status read_archive(const char *path, struct cifar_set parts[PARTS]) {
    const char *own = base_name(path), *other = other_data_of_name(own);
    if (other) return refuse_other(path, other, own);
    struct archive *archive = archive_read_new();
    if (!archive) return pb_fail(PB_NOMEM, "%s: no memory to read it", path);
    archive_read_support_filter_all(archive);
    archive_read_support_format_tar(archive);
    enum pb_status status = PB_OK;
    struct archive_entry *entry;
    int next = archive_read_open_filename(archive, path, 1 << 16);
    while (!next && !(next = archive_read_next_header(archive, &entry))) {
        const char *member = archive_entry_pathname(entry);
        const char *base = member ? base_name(member) : "";
        for (int i = 0; i < PARTS && !status; i++) {
            if (strcmp(base, part_name[i]) != 0 || parts[i].records) continue;
            char name[PATH_MAX];
            snprintf(name, sizeof name, "%s:%s", path, member);
            status = read_part(&parts[i], name, read_from_archive, archive);
            if (status == PB_IO) status = refuse_archive(path, archive);
        }
        other = other_data_of_name(member ? member : "");
        if (!status && other) status = refuse_other(path, other, member);
        if (status) break;
    }
    if (!status && next != ARCHIVE_EOF) status = refuse_archive(path, archive);
    for (int i = 0; i < PARTS && !status; i++)
        if (!parts[i].records) status = pb_fail(PB_INVALID, "%s: holds no %s", path, part_name[i]);
    archive_read_free(archive);
    return status;
}

/* One set out of the parts from `first` up to but not including `end`. */
static enum pb_status join(const struct cifar_set *parts, int first, int end,
                           struct cifar_set *set) {
    int64_t count = 0;
    for (int i = first; i < end; i++) count += parts[i].count;
    set->records = malloc((size_t)count * CIFAR_RECORD);
    if (!set->records) return pb_fail(PB_NOMEM, "no memory for %lld images", (long long)count);
    for (int i = first; i < end; i++) {
        memcpy(set->records + set->count * CIFAR_RECORD, parts[i].records,
               (size_t)parts[i].count * CIFAR_RECORD);
        set->count += parts[i].count;
    }
    return PB_OK;
}

/* What a folder holds: the name, within it, of the first of these; NULL without any. */
static const char *find_within(const char *folder) {
    const char *const known[] = {part_name[0], subfolder, archive_name};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, known[i]);
        if (access(path, F_OK) == 0) return known[i];
    }
    return NULL;
}

static enum pb_status read_parts(const char *path, struct cifar_set parts[PARTS]) {
    struct stat info;
    if (stat(path, &info) != 0) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    if (!S_ISDIR(info.st_mode)) {
        if (S_ISREG(info.st_mode) && info.st_size == 0)
            return pb_fail(PB_INVALID, "%s: the file is empty", path);
        for (int i = 0; i < PARTS; i++)
            if (!strcmp(base_name(path), part_name[i]))
                return pb_fail(PB_INVALID, "%s: is one of six files: give their folder", path);
        return read_archive(path, parts);
    }
    const char *held = find_within(path), *name;
    const char *other = held ? NULL : other_data_in_folder(path, &name);
    if (other) return refuse_other(path, other, name);
    if (!held)
        return pb_fail(PB_INVALID, "%s: holds no %s, no %s and no %s", path, part_name[0],
                       subfolder, archive_name);
    if (held == part_name[0]) return read_folder(path, parts);
    char inner[PATH_MAX];
    snprintf(inner, sizeof inner, "%s/%s", path, held);
    return held == subfolder ? read_folder(inner, parts) : read_archive(inner, parts);
}

enum pb_status cifar_load(const char *path, struct cifar_data *data) {
    struct cifar_set parts[PARTS] = {{0}};
    *data = (struct cifar_data){.name = "CIFAR-10"};
    enum pb_status status = read_parts(path, parts);
    if (status == PB_OK) status = join(parts, 0, TEST_PART, &data->train);
    if (status == PB_OK) status = join(parts, TEST_PART, PARTS, &data->test);
    for (int i = 0; i < PARTS; i++) free(parts[i].records);
    if (status != PB_OK) cifar_free(data);
    return status;
}

enum pb_status cifar_find(const char *path, struct cifar_data *data) {
    const char *variable = getenv("POOLBENCH_DATA");
    if (!path && variable && *variable) path = variable;
    if (!path && find_within("data")) path = "data";
    if (path && strcmp(path, "synthetic") != 0) return cifar_load(path, data);
    return cifar_synthetic(SYNTHETIC_SEED, SYNTHETIC_TRAIN, SYNTHETIC_TEST, data);
}

void cifar_free(struct cifar_data *data) {
    free(data->train.records);
    free(data->test.records);
    *data = (struct cifar_data){0};
}
