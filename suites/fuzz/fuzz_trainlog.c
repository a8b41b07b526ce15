/* The CSV of a training. */
#include "fuzz/fuzz.h"
#include "results/trainlog.h"
#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pb_trainlog log = {0};
    if (pb_trainlog_load(fuzz_file(data, size), &log) == PB_OK) {
        const struct pb_epoch summary = pb_trainlog_summary(&log);
        if (!log.count || !(summary.accuracy <= 100) || !isfinite(summary.epoch)) abort();
        pb_trainlog_fact(&log, "network", pb_trainlog_data(&log));
    }
    pb_trainlog_free(&log);
    return 0;
}
