/* case.h: one data set of a test case as it was read; only the onnx*.c files include it. */
#ifndef PB_ONNX_CASE_H
#define PB_ONNX_CASE_H

#include "onnx/tolerance.h"

struct onnx_case {
    struct onnx_graph graph;
    struct pb_onnx_tensor input[ONNX_SLOTS], output[ONNX_SLOTS];
    /* The same by role; NULL where the node has none. */
    struct pb_onnx_tensor *given[PB_ROLES], *wanted[PB_ROLES];
    int set;
    struct onnx_tolerance tolerance;
    bool column_major; /* how indices count the positions of a channel */
};

/* Makes the problem of the node's attributes and the tensors' shapes. Sets column_major. */
enum pb_status onnx_problem(struct onnx_case *c, enum pb_layout layout, struct pb_problem *p);

#endif
