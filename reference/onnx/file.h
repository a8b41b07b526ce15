/* file.h: ONNX's files on disk; only the onnx*.c files include it. */
#ifndef PB_ONNX_FILE_H
#define PB_ONNX_FILE_H

#include "reference.h"
#include "onnx.pb-c.h"

/* Reads a model; *model is the caller's, for onnx__model_proto__free_unpacked(model, NULL). */
enum pb_status onnx_read_model(const char *path, Onnx__ModelProto **model);

/* Takes a tensor out of a message. `where` names its place in sentences. */
enum pb_status onnx_take_tensor(const Onnx__TensorProto *message, const char *where,
                                struct pb_onnx_tensor *tensor);

/* protobuf-c leaves a string that is not in the file NULL. */
static inline const char *onnx_text(const char *s) {
    return s ? s : "";
}

#endif
