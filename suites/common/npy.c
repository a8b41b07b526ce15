/* NumPy's .npy files, format versions 1.0 and 2.0 (numpy/lib/format.py), in C order. */
#include "common/suites.h"
#include "common/output_file.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "\x93NUMPY";
enum { MAGIC = 6, HEADER_MOST = 1 << 16 };

static const char *descr_of(enum pb_dtype dtype) {
    static const char *const descr[PB_DTYPES] = {
            [PB_F32] = "<f4", [PB_S64] = "<i8", [PB_S8] = "|i1", [PB_U8] = "|u1"};
    return descr[dtype];
}

/* The tensor's extents as they lie in memory, absent axes left out; returns how many. */
static int memory_shape(const struct pb_tensor *t, int rank, int64_t shape[5]) {
    static const int first[] = {0, 1, 2, 3, 4}, last[] = {0, 2, 3, 4, 1};
    const int *order = t->layout == PB_NHWC ? last : first;
    int n = 0;
    for (int i = 0; i < 5; i++) {
        int axis = order[i];
        if (axis >= 2 && axis < 5 - rank) continue;
        shape[n++] = t->dims[axis];
    }
    return n;
}

/* The value that follows 'KEY': in the header's dictionary; NULL if it has none. */
static const char *value_of(const char *header, const char *key) {
    const char *at = strstr(header, key);
    if (!at || !(at = strchr(at + strlen(key), ':'))) return NULL;
    return at + 1 + strspn(at + 1, " ");
}

/* Extents of "(2, 3, 4)", ones left out, against those wanted, ones left out. */
static bool same_shape(const char *text, const int64_t *shape, int n) {
    if (*text++ != '(') return false;
    int at = 0;
    while (*text && *text != ')') {
        char *end;
        long long extent = strtoll(text, &end, 10);
        if (end == text) return false;
        while (at < n && shape[at] == 1) at++;
        if (extent != 1 && (at == n || shape[at++] != extent)) return false;
        text = end + strspn(end, ", ");
    }
    while (at < n && shape[at] == 1) at++;
    return *text == ')' && at == n;
}

static enum pb_status read_header(FILE *file, const char *path, char *header) {
    unsigned char lead[MAGIC + 2 + 4];
    size_t size;
    if (fread(lead, 1, MAGIC + 4, file) != MAGIC + 4 || memcmp(lead, magic, MAGIC))
        return pb_fail(PB_INVALID, "%s is not a NumPy file", path);
    size = lead[8] | (size_t)lead[9] << 8;
    if (lead[6] == 2) {
        if (fread(lead + 10, 1, 2, file) != 2) return pb_fail(PB_INVALID, "%s ends early", path);
        size |= (size_t)lead[10] << 16 | (size_t)lead[11] << 24;
    } else if (lead[6] != 1) {
        return pb_fail(PB_INVALID, "%s: NumPy format version %d is not 1 or 2", path, lead[6]);
    }
    if (size >= HEADER_MOST || fread(header, 1, size, file) != size)
        return pb_fail(PB_INVALID, "%s: its header is too long or ends early", path);
    header[size] = 0;
    return PB_OK;
}

enum pb_status pb_npy_read(const char *path, const struct pb_tensor *tensor, int rank) {
    static char header[HEADER_MOST];
    const char *want = descr_of(tensor->dtype);
    int64_t shape[5];
    int n = memory_shape(tensor, rank, shape);
    size_t bytes = pb_tensor_bytes(tensor);
    if (!want || tensor->layout == PB_NCHW16C)
        return pb_fail(PB_UNSUPPORTED, "%s: only f32, s64, s8 and u8 in nchw or nhwc", path);
    FILE *file = fopen(path, "rb");
    if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    enum pb_status status = read_header(file, path, header);
    if (!status) {
        const char *descr = value_of(header, "'descr'"),
                   *order = value_of(header, "'fortran_order'");
        const char *extents = value_of(header, "'shape'");
        if (!descr || !order || !extents) {
            status =
                    pb_fail(PB_INVALID, "%s: its header lacks descr, fortran_order or shape", path);
        } else if (strncmp(descr + 1, want, 3)) {
            status = pb_fail(PB_INVALID, "%s: its type is %.5s, not '%s'", path, descr, want);
        } else if (strncmp(order, "False", 5)) {
            status = pb_fail(PB_INVALID, "%s is in Fortran order", path);
        } else if (!same_shape(extents, shape, n)) {
            char text[160] = "";
            for (int i = 0, used = 0; i < n; i++)
                used += snprintf(text + used, sizeof text - (size_t)used, "%s%lld", i ? ", " : "",
                                 (long long)shape[i]);
            status = pb_fail(PB_INVALID, "%s: its shape is %.*s), not (%s)", path,
                             (int)strcspn(extents, ")"), extents, text);
        } else if (fread(tensor->data, 1, bytes, file) != bytes) {
            status = pb_fail(PB_INVALID, "%s ends early: %zu bytes of data wanted", path, bytes);
        } else if (fgetc(file) != EOF) {
            status = pb_fail(PB_INVALID, "%s holds more than its shape says", path);
        }
    }
    fclose(file);
    return status;
}

enum pb_status pb_npy_write(const char *path, const struct pb_tensor *tensor, int rank) {
    char header[512];
    int64_t shape[5];
    int n = memory_shape(tensor, rank, shape);
    size_t bytes = pb_tensor_bytes(tensor), used, whole;
    const char *descr = descr_of(tensor->dtype);
    if (!descr || tensor->layout == PB_NCHW16C)
        return pb_fail(PB_UNSUPPORTED, "%s: only f32, s64, s8 and u8 in nchw or nhwc", path);
    used = (size_t)snprintf(header, sizeof header,
                            "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (int i = 0; i < n; i++)
        used += (size_t)snprintf(header + used, sizeof header - used, "%lld,%s",
                                 (long long)shape[i], i + 1 < n ? " " : "");
    used += (size_t)snprintf(header + used, sizeof header - used, "), }");
    whole = (MAGIC + 4 + used + 1 + 63) / 64 * 64; /* data starts on 64 bytes */
    while (MAGIC + 4 + used + 1 < whole) header[used++] = ' ';
    header[used++] = '\n';
    struct output_file file;
    enum pb_status status = output_file_open(&file, path);
    if (status) return status;
    const unsigned char version[4] = {1, 0, (unsigned char)used, (unsigned char)(used >> 8)};
    fwrite(magic, 1, MAGIC, file.stream);
    fwrite(version, 1, sizeof version, file.stream);
    fwrite(header, 1, used, file.stream);
    fwrite(tensor->data, 1, bytes, file.stream);
    return output_file_keep(&file); /* sees a write that failed */
}
