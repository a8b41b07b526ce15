/* Data: CIFAR-10 from folders and archives, good and bad, and the set that is drawn. */
#include "cifar10/cifar10.h"
#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 6 };
static const char *const file_names[FILES] = {"data_batch_1.bin", "data_batch_2.bin",
                                              "data_batch_3.bin", "data_batch_4.bin",
                                              "data_batch_5.bin", "test_batch.bin"};
static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/poolbench.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(cifar10, .init = make_folder, .fini = remove_folder);

static const char *within(const char *name) {
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* `size` bytes of records: record r of file f has label (f + r) % 10 and pixels of f. */
static uint8_t *make_records(int file, size_t size) {
    uint8_t *bytes = malloc(size + 1);
    cr_assert_not_null(bytes);
    memset(bytes, file, size);
    for (size_t r = 0; r * CIFAR_RECORD < size; r++)
        bytes[r * CIFAR_RECORD] = (uint8_t)(((size_t)file + r) % 10);
    return bytes;
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

/* Files of 1, 2, … 6 records. */
static void write_good_files(const char *under) {
    for (int f = 0; f < FILES; f++) {
        size_t size = (size_t)(f + 1) * CIFAR_RECORD;
        uint8_t *bytes = make_records(f, size);
        char path[PATH_MAX + 32];
        snprintf(path, sizeof path, "%s/%s", under, file_names[f]);
        write_file(path, bytes, size);
        free(bytes);
    }
}

static void expect_good(const struct cifar_data *data) {
    cr_assert_eq(data->train.count, 1 + 2 + 3 + 4 + 5);
    cr_assert_eq(data->test.count, 6);
    cr_expect_str_eq(data->name, "CIFAR-10");
    int64_t at = 0;
    for (int f = 0; f < FILES; f++)
        for (int r = 0; r <= f; r++) {
            const uint8_t *record =
                    f < 5 ? cifar_record(&data->train, at++) : cifar_record(&data->test, r);
            cr_expect_eq(record[0], (f + r) % 10, "file %d record %d", f, r);
            cr_expect_eq(record[CIFAR_PIXELS], f, "file %d record %d", f, r);
        }
}

static void expect_loads(const char *path) {
    struct cifar_data data;
    cr_assert_eq(cifar_load(path, &data), PB_OK, "%s", pb_error());
    expect_good(&data);
    cifar_free(&data);
}

/* The sentence must hold both words. */
static void expect_refused(const char *path, const char *file, const char *reason) {
    struct cifar_data data;
    enum pb_status status = cifar_load(path, &data);
    cr_expect(status == PB_INVALID || status == PB_IO, "%s is read", path);
    cr_expect_not_null(strstr(pb_error(), file), "\"%s\" does not name %s", pb_error(), file);
    cr_expect_not_null(strstr(pb_error(), reason), "\"%s\" does not say %s", pb_error(), reason);
    cr_expect_null(data.train.records);
    cr_expect_null(data.test.records);
}

Test(cifar10, folder_and_subfolder_are_read) {
    char sub[PATH_MAX];
    write_good_files(folder);
    expect_loads(folder);
    strcpy(sub, within("outer"));
    cr_assert_eq(mkdir(sub, 0777), 0);
    strcpy(sub, within("outer/cifar-10-batches-bin"));
    cr_assert_eq(mkdir(sub, 0777), 0);
    write_good_files(sub);
    expect_loads(within("outer"));
}

/* As the official one: in a folder, in an order of its own, with other files between. */
static void write_archive(const char *path, int skip) {
    static const int order[] = {3, 0, -1, 5, 4, 2, 1};
    struct archive *archive = archive_write_new();
    archive_write_add_filter_gzip(archive);
    archive_write_set_format_ustar(archive);
    cr_assert_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        int f = order[i];
        if (f == skip) continue;
        size_t size = f < 0 ? 17 : (size_t)(f + 1) * CIFAR_RECORD;
        uint8_t *bytes = make_records(f < 0 ? 0 : f, size);
        char name[128];
        snprintf(name, sizeof name, "cifar-10-batches-bin/%s",
                 f < 0 ? "batches.meta.txt" : file_names[f]);
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, name);
        archive_entry_set_size(entry, (int64_t)size);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK);
        cr_assert_eq(archive_write_data(archive, bytes, size), (la_ssize_t)size);
        archive_entry_free(entry);
        free(bytes);
    }
    cr_assert_eq(archive_write_free(archive), ARCHIVE_OK);
}

Test(cifar10, archive_is_read_without_unpacking) {
    write_archive(within("cifar-10-binary.tar.gz"), FILES);
    expect_loads(within("cifar-10-binary.tar.gz"));
    expect_loads(folder);
}

Test(cifar10, bad_archive_is_refused) {
    char path[PATH_MAX];
    strcpy(path, within("a.tar.gz"));
    write_archive(path, 4);
    expect_refused(path, "a.tar.gz", "holds no data_batch_5.bin");
    write_archive(path, FILES);
    struct stat info;
    cr_assert_eq(stat(path, &info), 0);
    cr_assert_eq(truncate(path, info.st_size / 2), 0);
    expect_refused(path, "a.tar.gz", "ends early, it was cut off: truncated gzip input");
    write_file(path, "no archive", 10);
    expect_refused(path, "a.tar.gz", "Unrecognized archive format");
    write_file(path, "", 0);
    expect_refused(path, "a.tar.gz", "is empty");
}

/* Records that do not compress, so that whatever is cut off is missing from the data. */
static void write_noise_archive(const char *path, int filter) {
    const size_t size = 100 * CIFAR_RECORD;
    uint8_t *bytes = malloc(size);
    uint32_t state = 1;
    struct archive *archive = archive_write_new();
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = i % CIFAR_RECORD ? (uint8_t)(state >> 24) : 0;
    }
    archive_write_add_filter(archive, filter);
    archive_write_set_format_ustar(archive);
    cr_assert_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (int f = 0; f < FILES; f++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, file_names[f]);
        archive_entry_set_size(entry, (int64_t)size);
        archive_entry_set_filetype(entry, AE_IFREG);
        cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK);
        cr_assert_eq(archive_write_data(archive, bytes, size), (la_ssize_t)size);
        archive_entry_free(entry);
    }
    cr_assert_eq(archive_write_free(archive), ARCHIVE_OK);
    free(bytes);
}

Test(cifar10, an_archive_that_was_cut_off_says_so) {
    static const int filters[] = {ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2,
                                  ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD};
    static const int shares[] = {1, 3, 5, 7, 9};
    char path[PATH_MAX];
    struct stat info;
    strcpy(path, within("a.tar"));
    for (size_t f = 0; f < sizeof filters / sizeof *filters; f++)
        for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
            write_noise_archive(path, filters[f]);
            cr_assert_eq(stat(path, &info), 0);
            cr_assert_eq(truncate(path, info.st_size * shares[i] / 10), 0);
            expect_refused(path, "a.tar", "ends early, it was cut off");
        }
}

/* Their names are enough: nothing of theirs is read. */
Test(cifar10, other_data_sets_are_named) {
    static const struct {
        const char *name, *what;
    } others[] = {
            {"data_batch_1", "CIFAR-10's Python version (data_batch_1)"},
            {"cifar-10-batches-py", "CIFAR-10's Python version"},
            {"cifar-10-python.tar.gz", "CIFAR-10's Python version"},
            {"data_batch_1.mat", "CIFAR-10's MATLAB version"},
            {"train.bin", "CIFAR-100's binary version"},
            {"cifar-100-binary.tar.gz", "CIFAR-100's binary version"},
            {"cifar-100-python", "CIFAR-100's Python version"},
            {"train-images-idx3-ubyte.gz", "MNIST"},
            {"train_32x32.mat", "SVHN"},
            {"stl10_binary", "STL-10"},
    };
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        strcpy(path, within(others[i].name));
        write_file(path, "x", 1);
        expect_refused(folder, folder, others[i].what);
        expect_refused(path, path, others[i].what);
        cr_assert_eq(remove(path), 0);
    }
    write_file(within("train"), "x", 1);
    write_file(within("test"), "x", 1);
    write_file(within("meta"), "x", 1);
    expect_refused(folder, folder, "CIFAR-100's Python version (meta)");
    write_file(within("data_batch_1.bin"), "x", 1);
    expect_refused(within("data_batch_1.bin"), "data_batch_1.bin", "give their folder");
}

/* Whatever the archive itself is called. */
Test(cifar10, other_data_sets_are_named_in_an_archive) {
    static const char *const members[] = {"cifar-10-batches-py/data_batch_1",
                                          "cifar-100-python/train", "cifar-100-binary/train.bin"};
    static const char *const names[] = {"CIFAR-10's Python", "CIFAR-100's Python",
                                        "CIFAR-100's binary"};
    char path[PATH_MAX];
    strcpy(path, within("data.tar.gz"));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        struct archive *archive = archive_write_new();
        struct archive_entry *entry = archive_entry_new();
        archive_write_add_filter_gzip(archive);
        archive_write_set_format_ustar(archive);
        cr_assert_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
        archive_entry_set_pathname(entry, members[i]);
        archive_entry_set_size(entry, 1);
        archive_entry_set_filetype(entry, AE_IFREG);
        cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK);
        cr_assert_eq(archive_write_data(archive, "x", 1), 1);
        archive_entry_free(entry);
        cr_assert_eq(archive_write_free(archive), ARCHIVE_OK);
        expect_refused(path, "data.tar.gz", names[i]);
    }
}

Test(cifar10, bad_file_is_refused) {
    char path[PATH_MAX];
    write_good_files(folder);
    strcpy(path, within(file_names[2]));
    const size_t most = (size_t)CIFAR_FILE_RECORDS * CIFAR_RECORD;
    uint8_t *bytes = make_records(2, most + CIFAR_RECORD);

    write_file(path, bytes, 2 * CIFAR_RECORD + 100);
    expect_refused(folder, "data_batch_3.bin", "within record 3");
    write_file(path, bytes, CIFAR_RECORD - 1);
    expect_refused(folder, "data_batch_3.bin", "within record 1");
    write_file(path, bytes, most + CIFAR_RECORD);
    expect_refused(folder, "data_batch_3.bin", "after record 10000");
    write_file(path, bytes, most + 1);
    expect_refused(folder, "data_batch_3.bin", "after record 10000");
    write_file(path, bytes, 0);
    expect_refused(folder, "data_batch_3.bin", "empty");
    bytes[CIFAR_RECORD] = 10;
    write_file(path, bytes, 3 * CIFAR_RECORD);
    expect_refused(folder, "data_batch_3.bin", "record 2 has label 10");
    cr_assert_eq(remove(path), 0);
    expect_refused(folder, "data_batch_3.bin", "No such file");
    cr_assert_eq(mkdir(path, 0777), 0);
    expect_refused(folder, "data_batch_3.bin", "cannot be read");
    free(bytes);
}

Test(cifar10, full_file_is_read) {
    write_good_files(folder);
    const size_t most = (size_t)CIFAR_FILE_RECORDS * CIFAR_RECORD;
    uint8_t *bytes = make_records(0, most);
    write_file(within(file_names[0]), bytes, most);
    struct cifar_data data;
    cr_assert_eq(cifar_load(folder, &data), PB_OK, "%s", pb_error());
    cr_expect_eq(data.train.count, CIFAR_FILE_RECORDS + 2 + 3 + 4 + 5);
    cifar_free(&data);
    free(bytes);
}

Test(cifar10, nothing_to_read_is_refused) {
    expect_refused(folder, folder, "holds no data_batch_1.bin");
    expect_refused(within("missing"), "missing", "No such file");
}

Test(cifar10, data_is_looked_for_in_order) {
    struct cifar_data data;
    cr_assert_eq(chdir(folder), 0);
    unsetenv("POOLBENCH_DATA");
    cr_assert_eq(cifar_find(NULL, &data), PB_OK);
    cr_expect_str_eq(data.name, "synthetic", "with no data at all");
    cifar_free(&data);
    cr_assert_eq(mkdir("data", 0777), 0);
    write_good_files("data");
    cr_assert_eq(cifar_find(NULL, &data), PB_OK);
    expect_good(&data);
    cifar_free(&data);
    setenv("POOLBENCH_DATA", "nowhere", 1);
    cr_expect_eq(cifar_find(NULL, &data), PB_IO, "a variable that is wrong is not passed over");
    cr_assert_eq(cifar_find("data", &data), PB_OK, "what is asked for comes first");
    expect_good(&data);
    cifar_free(&data);
    cr_assert_eq(cifar_find("synthetic", &data), PB_OK);
    cr_expect_str_eq(data.name, "synthetic");
    cifar_free(&data);
}

Test(synthetic, same_seed_same_bytes) {
    struct cifar_data a, b, other;
    cr_assert_eq(cifar_synthetic(1, 30, 20, &a), PB_OK);
    cr_assert_eq(cifar_synthetic(1, 30, 20, &b), PB_OK);
    cr_assert_eq(cifar_synthetic(2, 30, 20, &other), PB_OK);
    cr_expect_eq(memcmp(a.train.records, b.train.records, 30 * CIFAR_RECORD), 0);
    cr_expect_eq(memcmp(a.test.records, b.test.records, 20 * CIFAR_RECORD), 0);
    cr_expect_neq(memcmp(a.train.records, other.train.records, 30 * CIFAR_RECORD), 0);
    cr_expect_neq(memcmp(a.train.records, a.test.records, 20 * CIFAR_RECORD), 0);
    for (int i = 0; i < 30; i++) cr_expect_eq(cifar_record(&a.train, i)[0], i % 10);
    cifar_free(&a);
    cifar_free(&b);
    cifar_free(&other);
}

/* What colour alone can say of an image: mean and mean square of each channel. */
enum { STATISTICS = 2 * CIFAR_CHANNELS };
static void statistics(const uint8_t *record, double s[STATISTICS]) {
    for (int c = 0; c < CIFAR_CHANNELS; c++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < CIFAR_PLANE; i++) {
            double v = record[1 + c * CIFAR_PLANE + i] / 255.0;
            sum += v;
            squares += v * v;
        }
        double mean = sum / CIFAR_PLANE;
        s[2 * c] = mean;
        s[2 * c + 1] = squares / CIFAR_PLANE - mean * mean;
    }
}

/* The nearest of the training set by colour must be little better than chance (10 %). */
Test(synthetic, colours_do_not_tell_the_class) {
    enum { TRAIN = 1000, TESTED = 500 };
    static double known[TRAIN][STATISTICS];
    struct cifar_data data;
    cr_assert_eq(cifar_synthetic(3, TRAIN, TESTED, &data), PB_OK);
    for (int i = 0; i < TRAIN; i++) statistics(cifar_record(&data.train, i), known[i]);
    int right = 0;
    for (int i = 0; i < TESTED; i++) {
        double s[STATISTICS], least = INFINITY;
        int nearest = 0;
        statistics(cifar_record(&data.test, i), s);
        for (int k = 0; k < TRAIN; k++) {
            double distance = 0;
            for (int j = 0; j < STATISTICS; j++)
                distance += (s[j] - known[k][j]) * (s[j] - known[k][j]);
            if (distance < least) least = distance, nearest = k;
        }
        right += cifar_record(&data.train, nearest)[0] == cifar_record(&data.test, i)[0];
    }
    cr_expect_lt(right, TESTED / 4, "%d of %d by colour", right, TESTED);
    cifar_free(&data);
}
