/* NumPy files: the first byte picks the tensor that is asked for. */
#include "fuzz/fuzz.h"
#include "common/suites.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pb_problem problem;
    struct pb_buffer buffer;
    if (size < 1 || pb_problem_parse("max:nhwc:fwd_idx:mb2ic3ih4kh2sh2", &problem)) return 0;
    enum pb_role role = data[0] % 2 ? PB_INDICES : PB_SRC;
    struct pb_tensor tensor = pb_tensor_of(&problem, role, NULL);
    if (pb_buffer_alloc(&buffer, pb_tensor_bytes(&tensor))) return 0;
    tensor.data = buffer.data;
    pb_npy_read(fuzz_file(data + 1, size - 1), &tensor, problem.rank);
    pb_buffer_free(&buffer);
    return 0;
}
