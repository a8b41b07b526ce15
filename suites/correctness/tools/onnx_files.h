/* onnx_files.h: golden cases of ONNX, copied into a folder of the test's own and changed there. What
 * fails fails the test. */
#ifndef PB_ONNX_FILES_H
#define PB_ONNX_FILES_H

#include "onnx.pb-c.h"
#include "common/onnx_cases.h"

/* Before and after each test: an empty folder to be in, and its end. */
void onnx_enter_folder(void);
void onnx_leave_folder(void);

/* The file that was read last, or what is written next. */
enum { ONNX_LARGEST = 1 << 16 };
extern uint8_t onnx_bytes[ONNX_LARGEST];
size_t onnx_read_bytes(const char *path);
void onnx_write_bytes(const char *path, size_t size);

void onnx_copy_file(const char *from, const char *to);
/* A golden case with all its files as `to`, and below. */
void onnx_copy_case(const char *name, const char *to);
/* Whether it can be read; where only the model was changed, its values are those of another. */
enum pb_status onnx_try_case(const char *directory, int set);

/* The file read, changed and written back. */
void onnx_change_model(const char *path, void (*change)(Onnx__ModelProto *model));
void onnx_change_tensor(const char *path, void (*change)(Onnx__TensorProto *tensor));
Onnx__AttributeProto *onnx_attribute(Onnx__NodeProto *node, const char *name);
Onnx__NodeProto *onnx_node(Onnx__ModelProto *model, const char *type);
/* Text that the message owns from then on. */
void onnx_set_text(char **text, const char *to);
void onnx_drop_input(Onnx__NodeProto *node);

#endif
