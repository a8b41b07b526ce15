/* recorded.h: everything that was recorded in a folder, and the plots and the page made of it. */
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

/* Draws folder/plots/: RUN-time.svg and RUN-limit.svg of every run, accuracy.svg and tradeoff.svg
 * of the training runs; of runs with peers RUN-peers-OP-DIR.svg and RUN-roofline.svg, and the first
 * two only for few shapes. Their data stays beside them. Needs gnuplot. */
enum pb_status pb_recorded_plot(const struct pb_recorded *recorded);
/* Writes folder/report.html, one page that needs no other file, with the plots in it. */
enum pb_status pb_recorded_page(const struct pb_recorded *recorded);

#endif
