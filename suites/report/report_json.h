/* report_json.h: everything that a report shows, as one JSON document for
 * scripts/report/report.html.j2. Numbers are in base units (seconds, bytes, shares of 1); where the
 * unit depends on the number, as for times, a label is beside them. A number that is none is null.
 */
#ifndef PB_REPORT_JSON_H
#define PB_REPORT_JSON_H

#include "results/recorded.h"

/* In *document, owned by the caller. The plots of the folder, which must be there, are in it. */
enum pb_status pb_report_json(const struct pb_recorded *recorded, json_t **document);

/* ---- Its parts ------------------------------------------------------------------------------- */

/* A run of `bench`: machine, comparisons with peers, plots, every result. */
enum pb_status report_run_json(const char *folder, const struct pb_results *run, json_t **json);
/* A recorded conformance matrix: rows by kind, each with a mark for every implementation. */
json_t *report_conformance_json(const json_t *matrix);

/* null where the number is not finite. */
json_t *report_number(double number);
/* Appends {"name", "value"}; nothing where the value is "". */
void report_add_fact(json_t *facts, const char *name, const char *value);
/* Appends the SVG of FOLDER/plots/NAME[ENDING].svg. */
enum pb_status report_add_plot(json_t *plots, const char *folder, const char *name,
                               const char *ending);

#endif
