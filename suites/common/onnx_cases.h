/* onnx_cases.h: the ONNX test cases that a folder holds. */
#ifndef PB_ONNX_CASES_H
#define PB_ONNX_CASES_H

#include "reference.h"

/* What of them is ours, one item a data set, by path; also what cannot be read, of which
 * pb_onnx_trial says why. The rest only counted. Zeroed to begin. */
struct pb_onnx_cases {
    struct pb_onnx_case {
        char *directory;
        int set;
    } * item;
    size_t count;
    int64_t others; /* cases of operators that do not pool, convolve or downsample */
};

/* Finds every test case (a directory with model.onnx) in `directory`, or that directory itself, at
 * any depth. Reads the models only. IO, with the path, where `directory` itself cannot be read; the
 * caller frees in any case. */
enum pb_status pb_onnx_cases_read(const char *directory, struct pb_onnx_cases *cases);
void pb_onnx_cases_free(struct pb_onnx_cases *cases);

#endif
