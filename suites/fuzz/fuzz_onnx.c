/* ONNX test cases: a header of five 16-bit lengths cuts the rest into model, three inputs and two
 * outputs. */
#include "fuzz/fuzz.h"
#include "reference.h"
#include <sys/stat.h>
#include <limits.h>
#include <stdio.h>

enum { FILES = 6, HEADER = 2 * (FILES - 1) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[FILES] = {
            "model.onnx",
            "test_data_set_0/input_0.pb",
            "test_data_set_0/input_1.pb",
            "test_data_set_0/input_2.pb",
            "test_data_set_0/output_0.pb",
            "test_data_set_0/output_1.pb",
    };
    char path[PATH_MAX];
    struct pb_trial trial = {0};
    struct pb_onnx_tensor tensor = {0};
    if (size < HEADER) return 0;
    snprintf(path, sizeof path, "%s/test_data_set_0", fuzz_folder());
    mkdir(path, 0700);
    const uint8_t *rest = data + HEADER;
    size_t left = size - HEADER;
    for (int i = 0; i < FILES; i++) {
        size_t length = i == FILES - 1 ? left : data[2 * i] | (size_t)data[2 * i + 1] << 8;
        if (length > left) length = left;
        fuzz_write(names[i], rest, length);
        rest += length;
        left -= length;
    }
    pb_onnx_trial(fuzz_folder(), 0, data[0] % 2 ? PB_NHWC : PB_NCHW, &trial);
    pb_trial_end(&trial);
    pb_onnx_tensor_read(fuzz_file(data + HEADER, size - HEADER), &tensor);
    pb_onnx_tensor_free(&tensor);
    return 0;
}
