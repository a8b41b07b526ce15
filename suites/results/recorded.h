/* recorded.h: everything that was recorded in a folder. */
#ifndef PB_RECORDED_H
#define PB_RECORDED_H

#include "results/results.h"
#include "results/trainlog.h"
#include <jansson.h>

/* DIR/NAME.json are runs of `bench`, DIR/train/NAME.csv runs of `train`, DIR/conformance.json is
 * what `verify --matrix --json` printed. */
struct pb_recorded {
    const char *folder;
    struct pb_results *run;
    size_t runs;
    struct pb_trainlog *log;
    size_t logs;
    json_t *conformance; /* NULL: none */
};

/* Reads the folder, by name. JSON of another kind and training logs without an epoch
 * yet are passed over; a broken file is an error that
 * names it. `folder` must outlive the record. */
enum pb_status pb_recorded_load(const char *folder, struct pb_recorded *recorded);
void pb_recorded_free(struct pb_recorded *recorded); /* accepts a zeroed one */

/* The data that the networks were trained on, or "several data sets"; there is at least one log. */
const char *pb_recorded_data(const struct pb_recorded *recorded);
/* Whether no log before `i` was trained on the same data. */
bool pb_recorded_first_on_data(const struct pb_recorded *recorded, size_t i);

#endif
