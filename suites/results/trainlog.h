/* trainlog.h: the CSV of a training run, read back. */
#ifndef PB_TRAINLOG_H
#define PB_TRAINLOG_H

#include "poolbench.h"
#include <jansson.h>

/* The CSV's line of column names. */
extern const char pb_trainlog_columns[];
enum { PB_EPOCH_COLUMNS = 7 };

struct pb_epoch {
    union {
        struct {
            double epoch, train_loss, val_loss, accuracy; /* accuracy in percent */
            double train_rate, infer_rate;                /* images per second */
            double seconds;
        };
        double column[PB_EPOCH_COLUMNS]; /* in the file's order */
    };
};

struct pb_trainlog {
    char *name;    /* of the file, without .csv */
    json_t *facts; /* what its "# key: value" lines say: network, line, data, cpu, … */
    struct pb_epoch *epoch;
    size_t count; /* at least 1 */
};

/* INVALID, naming file and line, for what the trainer did not write; UNSUPPORTED where it has no
 * epoch yet. Losses may be nan or infinite: a run that diverged. */
enum pb_status pb_trainlog_load(const char *path, struct pb_trainlog *log);
void pb_trainlog_free(struct pb_trainlog *log); /* accepts a zeroed one */

const char *pb_trainlog_fact(const struct pb_trainlog *log, const char *key, const char *otherwise);
/* The name of the data; "not recorded" where there is none. */
const char *pb_trainlog_data(const struct pb_trainlog *log);
/* The last epoch's accuracy, and the means of rates and seconds over the epochs. */
struct pb_epoch pb_trainlog_summary(const struct pb_trainlog *log);

#endif
