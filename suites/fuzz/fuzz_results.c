/* Recorded results: what can be read can be compared with itself and summed up beside peers. */
#include "fuzz/fuzz.h"
#include "results/peer_groups.h"
#include "results/regressions.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    struct pb_results results = {0};
    struct pb_changes changes = {0};
    if (!pb_results_parse(text, "fuzz.json", &results) &&
        !pb_changes_find(&results, &results, 0.05, &changes)) {
        if (changes.verdicts[PB_SLOWER] || changes.verdicts[PB_FASTER]) abort();
        pb_changes_free(&changes);
    }
    struct pb_group *groups = NULL;
    size_t count;
    if (results.count && !pb_groups_find(&results, &groups, &count)) free(groups);
    pb_results_free(&results);
    free(text);
    return 0;
}
