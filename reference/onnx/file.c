/* Reads ONNX's protobuf files. Every size is checked against the bytes that are there. */
#include "onnx/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A stand-in that a clone without git-lfs has. */
static bool is_lfs_pointer(const uint8_t *data, size_t size) {
    static const char lead[] = "version https://git-lfs.github.com/spec/";
    return size >= sizeof lead - 1 && memcmp(data, lead, sizeof lead - 1) == 0;
}

static enum pb_status read_open_file(int file, const char *path, uint8_t **data, size_t *size) {
    struct stat info;
    if (fstat(file, &info) || !S_ISREG(info.st_mode))
        return pb_fail(PB_IO, "%s: not a regular file", path);
    if (info.st_size == 0) return pb_fail(PB_INVALID, "%s: is empty", path);
    if (info.st_size > INT32_MAX) /* protobuf's own limit */
        return pb_fail(PB_INVALID, "%s: is larger than 2 GiB", path);
    *size = (size_t)info.st_size;
    *data = malloc(*size);
    if (!*data) return pb_fail(PB_NOMEM, "%s: no memory for %zu bytes", path, *size);
    size_t got = 0;
    for (ssize_t part; got < *size && (part = read(file, *data + got, *size - got)) > 0;)
        got += (size_t)part;
    if (got < *size) return pb_fail(PB_IO, "%s: could not be read whole", path);
    if (is_lfs_pointer(*data, *size))
        return pb_fail(PB_INVALID, "%s: is a Git LFS pointer, not the file itself (git lfs pull)",
                       path);
    return PB_OK;
}

/* *data is the caller's to free, also after a failure. */
static enum pb_status read_file(const char *path, uint8_t **data, size_t *size) {
    *data = NULL;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* of a pipe nobody writes to, too */
    if (file < 0) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    enum pb_status status = read_open_file(file, path, data, size);
    close(file);
    return status;
}

enum pb_status onnx_read_model(const char *path, Onnx__ModelProto **model) {
    uint8_t *data;
    size_t size;
    *model = NULL;
    enum pb_status status = read_file(path, &data, &size);
    if (!status)
        status = onnx_check_wire(path, "model", &onnx__model_proto__descriptor, data, size);
    if (!status) *model = onnx__model_proto__unpack(NULL, size, data);
    free(data);
    if (status) return status;
    return *model ? PB_OK : pb_fail(PB_INVALID, "%s: not an ONNX model, or cut short", path);
}

enum pb_status pb_onnx_tensor_read(const char *path, struct pb_onnx_tensor *tensor) {
    uint8_t *data;
    size_t size;
    *tensor = (struct pb_onnx_tensor){0};
    Onnx__TensorProto *message = NULL;
    enum pb_status status = read_file(path, &data, &size);
    if (!status)
        status = onnx_check_wire(path, "tensor", &onnx__tensor_proto__descriptor, data, size);
    if (!status) message = onnx__tensor_proto__unpack(NULL, size, data);
    free(data);
    if (status) return status;
    if (!message) return pb_fail(PB_INVALID, "%s: not an ONNX tensor, or cut short", path);
    status = onnx_take_tensor(message, path, tensor);
    onnx__tensor_proto__free_unpacked(message, NULL);
    return status;
}

static enum pb_status take_shape(const Onnx__TensorProto *message, const char *where,
                                 struct pb_onnx_tensor *tensor) {
    if (message->n_dims > PB_ONNX_RANK)
        return pb_fail(PB_UNSUPPORTED, "%s: %zu axes, at most %d are supported", where,
                       message->n_dims, PB_ONNX_RANK);
    tensor->rank = (int)message->n_dims;
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        tensor->dims[i] = message->dims[i];
        if (tensor->dims[i] < 0 ||
            __builtin_mul_overflow(tensor->count, tensor->dims[i], &tensor->count) ||
            tensor->count > INT64_MAX / 16)
            return pb_fail(PB_INVALID, "%s: axis %d has extent %lld", where, i,
                           (long long)tensor->dims[i]);
    }
    return PB_OK;
}

/* ---- Data ------------------------------------------------------------------------------------ */

/* Which of ONNX's types is read as which of ours. */
static const struct {
    int32_t onnx;
    enum pb_dtype dtype;
} types[] = {
        {ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, PB_F32},
        {ONNX__TENSOR_PROTO__DATA_TYPE__INT64, PB_S64},
        {ONNX__TENSOR_PROTO__DATA_TYPE__INT8, PB_S8},
        {ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, PB_U8},
};

static enum pb_status take_type(const Onnx__TensorProto *message, const char *where,
                                enum pb_dtype *dtype) {
    if (!message->has_data_type || message->data_type <= 0)
        return pb_fail(PB_INVALID, "%s: no ONNX tensor with a data type", where);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (message->data_type == types[i].onnx) return *dtype = types[i].dtype, PB_OK;
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(
            &onnx__tensor_proto__data_type__descriptor, message->data_type);
    return pb_fail(PB_UNSUPPORTED, "%s: ONNX data type %d (%s), not FLOAT, INT64, INT8 or UINT8",
                   where, (int)message->data_type, known ? known->name : "unknown");
}

/* Raw data is little-endian, whatever this machine is. */
static void take_raw(const uint8_t *raw, size_t bytes, struct pb_onnx_tensor *tensor) {
    size_t last = pb_dtype_size(tensor->dtype) - 1;
    uint8_t *to = tensor->buffer.data;
    for (size_t i = 0; i < bytes; i++)
        to[__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? i ^ last : i] = raw[i];
}

/* Bytes are listed as int32. */
static enum pb_status take_listed_bytes(const Onnx__TensorProto *message, const char *where,
                                        struct pb_onnx_tensor *tensor) {
    int least = tensor->dtype == PB_S8 ? INT8_MIN : 0;
    int most = tensor->dtype == PB_S8 ? INT8_MAX : UINT8_MAX;
    for (size_t i = 0; i < message->n_int32_data; i++) {
        int32_t value = message->int32_data[i];
        if (value < least || value > most)
            return pb_fail(PB_INVALID, "%s: element %zu is %d, no %s", where, i, (int)value,
                           pb_dtype_name(tensor->dtype));
        ((uint8_t *)tensor->buffer.data)[i] = (uint8_t)value;
    }
    return PB_OK;
}

static size_t listed_elements(const Onnx__TensorProto *message, enum pb_dtype dtype) {
    return dtype == PB_F32   ? message->n_float_data
           : dtype == PB_S64 ? message->n_int64_data
                             : message->n_int32_data;
}

enum pb_status onnx_take_tensor(const Onnx__TensorProto *message, const char *where,
                                struct pb_onnx_tensor *tensor) {
    *tensor = (struct pb_onnx_tensor){0};
    enum pb_status status = take_type(message, where, &tensor->dtype);
    if (status) return status;
    if (message->n_external_data || message->segment)
        return pb_fail(PB_UNSUPPORTED, "%s: the data are kept outside the file", where);
    status = take_shape(message, where, tensor);
    if (status) return status;

    size_t size = pb_dtype_size(tensor->dtype), bytes = (size_t)tensor->count * size;
    size_t there = message->has_raw_data ? message->raw_data.len
                                         : listed_elements(message, tensor->dtype) * size;
    if (there != bytes)
        return pb_fail(PB_INVALID, "%s: holds %zu bytes of data, its shape needs %zu", where, there,
                       bytes);
    status = pb_buffer_alloc(&tensor->buffer, bytes);
    if (status || bytes == 0) return status;
    if (message->has_raw_data)
        take_raw(message->raw_data.data, bytes, tensor);
    else if (size == 1)
        status = take_listed_bytes(message, where, tensor);
    else
        memcpy(tensor->buffer.data,
               tensor->dtype == PB_F32 ? (const void *)message->float_data : message->int64_data,
               bytes);
    return status;
}

void pb_onnx_tensor_free(struct pb_onnx_tensor *tensor) {
    pb_buffer_free(&tensor->buffer);
    *tensor = (struct pb_onnx_tensor){0};
}
