/* Reads ONNX's protobuf files. Every size is checked against the bytes that are there. */
#include "onnx_file.h"
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum pb_status read_file(const char *path, uint8_t **data, size_t *size) {
    enum pb_status status = PB_OK;
    long length = -1;
    *data = NULL;
    FILE *file = fopen(path, "rb");
    if (!file) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    if (fseek(file, 0, SEEK_END) == 0) length = ftell(file);
    if (length < 0 || length == LONG_MAX || fseek(file, 0, SEEK_SET) != 0) {
        status = pb_fail(PB_IO, "%s: not a regular file", path);
        goto cleanup;
    }
    *size = (size_t)length;
    *data = malloc(*size + 1);
    if (!*data)
        status = pb_fail(PB_NOMEM, "%s: no memory for %zu bytes", path, *size);
    else if (fread(*data, 1, *size, file) != *size)
        status = pb_fail(PB_IO, "%s: could not be read whole", path);
    if (status) {
        free(*data);
        *data = NULL;
    }
cleanup:
    fclose(file);
    return status;
}

enum pb_status onnx_read_model(const char *path, Onnx__ModelProto **model) {
    uint8_t *data;
    size_t size;
    *model = NULL;
    enum pb_status status = read_file(path, &data, &size);
    if (status) return status;
    *model = onnx__model_proto__unpack(NULL, size, data);
    free(data);
    return *model ? PB_OK : pb_fail(PB_INVALID, "%s: not an ONNX model, or cut short", path);
}

enum pb_status pb_onnx_tensor_read(const char *path, struct pb_onnx_tensor *tensor) {
    uint8_t *data;
    size_t size;
    *tensor = (struct pb_onnx_tensor){0};
    enum pb_status status = read_file(path, &data, &size);
    if (status) return status;
    Onnx__TensorProto *message = onnx__tensor_proto__unpack(NULL, size, data);
    free(data);
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

/* Raw data is little-endian. */
static void take_raw(const uint8_t *raw, struct pb_onnx_tensor *tensor) {
    for (int64_t i = 0; i < tensor->count; i++) {
        if (tensor->dtype == PB_F32) {
            uint32_t bits;
            memcpy(&bits, raw + i * 4, 4);
            bits = le32toh(bits);
            memcpy((float *)tensor->buffer.data + i, &bits, 4);
        } else {
            uint64_t bits;
            memcpy(&bits, raw + i * 8, 8);
            ((int64_t *)tensor->buffer.data)[i] = (int64_t)le64toh(bits);
        }
    }
}

enum pb_status onnx_take_tensor(const Onnx__TensorProto *message, const char *where,
                                struct pb_onnx_tensor *tensor) {
    *tensor = (struct pb_onnx_tensor){0};
    if (message->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT)
        tensor->dtype = PB_F32;
    else if (message->data_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64)
        tensor->dtype = PB_S64;
    else if (message->has_data_type && message->data_type > 0)
        return pb_fail(PB_UNSUPPORTED, "%s: ONNX data type %d, only float and int64 are supported",
                       where, (int)message->data_type);
    else
        return pb_fail(PB_INVALID, "%s: no ONNX tensor with a data type", where);
    if (message->n_external_data || message->segment)
        return pb_fail(PB_UNSUPPORTED, "%s: the data are kept outside the file", where);
    enum pb_status status = take_shape(message, where, tensor);
    if (status) return status;

    size_t bytes = (size_t)tensor->count * pb_dtype_size(tensor->dtype);
    size_t listed = tensor->dtype == PB_F32 ? message->n_float_data : message->n_int64_data;
    size_t there =
            message->has_raw_data ? message->raw_data.len : listed * pb_dtype_size(tensor->dtype);
    if (there != bytes)
        return pb_fail(PB_INVALID, "%s: holds %zu bytes of data, its shape needs %zu", where, there,
                       bytes);
    status = pb_buffer_alloc(&tensor->buffer, bytes);
    if (status || bytes == 0) return status;
    if (message->has_raw_data)
        take_raw(message->raw_data.data, tensor);
    else
        memcpy(tensor->buffer.data,
               tensor->dtype == PB_F32 ? (const void *)message->float_data : message->int64_data,
               bytes);
    return PB_OK;
}

void pb_onnx_tensor_free(struct pb_onnx_tensor *tensor) {
    pb_buffer_free(&tensor->buffer);
    *tensor = (struct pb_onnx_tensor){0};
}
