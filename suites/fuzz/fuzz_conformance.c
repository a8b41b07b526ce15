/* A recorded conformance matrix, into the report's document. */
#include "fuzz/fuzz.h"
#include "report/report_json.h"
#include "results/recorded_conformance.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *matrix = NULL;
    if (pb_recorded_conformance_load(fuzz_file(data, size), &matrix) == PB_OK && matrix) {
        json_t *document = report_conformance_json(matrix);
        char *text = json_dumps(document, 0);
        if (!text) abort();
        free(text);
        json_decref(document);
    }
    json_decref(matrix);
    return 0;
}
