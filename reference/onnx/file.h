/* file.h: ONNX's files on disk; only the onnx*.c files include it. */
#ifndef PB_ONNX_FILE_H
#define PB_ONNX_FILE_H

#include "reference.h"
#include "onnx.pb-c.h"

/* Reads a model; *model is the caller's, for onnx__model_proto__free_unpacked(model, NULL). */
enum pb_status onnx_read_model(const char *path, Onnx__ModelProto **model);

/* INVALID, with a sentence, for bytes that are no message of that type, or one that is nested too
 * deep or of too many parts to be unpacked. `what` is "model" or "tensor". */
enum pb_status onnx_check_wire(const char *path, const char *what,
                               const ProtobufCMessageDescriptor *type, const uint8_t *data,
                               size_t size);

/* Takes a tensor out of a message. `where` names its place in sentences. */
enum pb_status onnx_take_tensor(const Onnx__TensorProto *message, const char *where,
                                struct pb_onnx_tensor *tensor);

/* protobuf-c leaves a string that is not in the file NULL. */
static inline const char *onnx_text(const char *s) {
    return s ? s : "";
}

#endif
