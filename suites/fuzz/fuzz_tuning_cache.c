/* The tuning cache, whole where the first byte is even, else what follows its first line. */
#include "common/tuning_cache.h"
#include "fuzz/fuzz.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char owner[TUNING_CACHE_LINE + 1], line[TUNING_CACHE_LINE];
    if (size < 1) return 0;
    strcat(strcpy(owner, tuning_cache_owner(line)), "\n");
    size_t lead = data[0] % 2 ? strlen(owner) : 0;
    uint8_t *text = malloc(lead + size);
    if (!text) return 0;
    memcpy(text, owner, lead);
    memcpy(text + lead, data + 1, size - 1);
    FILE *file = tuning_cache_open(fuzz_file(text, lead + size - 1));
    while (file && tuning_cache_next(file, line)) {
        struct tuning_entry choice;
        struct pb_problem problem;
        if (!tuning_cache_read(line, &choice)) continue;
        if (choice.threads < 1) abort();
        tuning_cache_apply(&choice);
        if (pb_problem_parse(choice.problem, &problem) == PB_OK) pb_select(&problem, NULL);
    }
    if (file) fclose(file);
    free(text);
    return 0;
}
