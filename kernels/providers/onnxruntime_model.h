/* onnxruntime_model.h: a problem as ONNX says it, a model of one node. */
#ifndef ONNXRUNTIME_MODEL_H
#define ONNXRUNTIME_MODEL_H

#include "poolbench.h"

/* What the model calls the tensors of the roles. */
extern const char *const onnx_tensor_names[PB_ROLES];

/* A tensor's shape in ONNX, n and c or o and i before the problem's spatial axes; a bias has one
 * axis. Returns the number of axes. */
size_t onnx_shape(const struct pb_problem *p, enum pb_role role, int64_t dims[5]);

/* Whether one node computes the problem, of those that ONNX Runtime takes. */
bool onnx_can_say(const struct pb_problem *p);
/* Whether that node is GlobalLpPool, not LpPool. */
bool onnx_is_global_lp(const struct pb_problem *p);
/* Whether `ceil` leaves out a last window that ONNX's formula has: one that starts in padding. */
bool onnx_drops_window(const struct pb_problem *p);
/* Whether an average's divisor is of padding that the model gives another axis or side. */
bool onnx_misplaces_padding(const struct pb_problem *p);

/* The model's bytes, to be freed; NULL without memory for them. Constants become part of it, and a
 * bias that they lack is left out; without them weights and bias are inputs. */
uint8_t *onnx_model(const struct pb_problem *p, const struct pb_args *constants, size_t *bytes);

#endif
