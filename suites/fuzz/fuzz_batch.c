/* Batch files of problems. */
#include "fuzz/fuzz.h"
#include "common/suites.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pb_problems problems = {0};
    pb_problems_read(&problems, fuzz_file(data, size), size % 2 ? "max" : NULL, -1);
    pb_problems_free(&problems);
    return 0;
}
