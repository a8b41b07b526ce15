/* tolerance.h: how far from a test case's values the right ones may be; only the onnx*.c files
 * include it. */
#ifndef PB_ONNX_TOLERANCE_H
#define PB_ONNX_TOLERANCE_H

#include "onnx/graph.h"

struct onnx_tolerance {
    double relative, absolute;
};

/* rtol and atol of data.json, where the case has one; else those of ONNX's own runner, and none for
 * a case that this project's own script made, whose values are not rounded. */
enum pb_status onnx_tolerance_read(const struct onnx_graph *graph,
                                   struct onnx_tolerance *tolerance);
/* Whether the right value of an element may stand for that of the file, as NumPy's assert_allclose
 * has it. */
bool onnx_tolerates(const struct onnx_tolerance *tolerance, double of_file, double right);

#endif
