/* trainer.h: trains a network on a data set, one epoch at a time, and writes down how it went. */
#ifndef TRAINER_H
#define TRAINER_H

#include "cifar10/adam.h"
#include "cifar10/cifar10.h"
#include "cifar10/network.h"
#include <limits.h>
#include <stdio.h>

struct trainer_progress {
    int64_t epoch, epochs, done, images; /* images seen in this epoch, of how many */
    double loss, rate;                   /* mean so far; images per second */
};

struct trainer_settings {
    const char *net;       /* a known name or a line */
    const char *name;      /* of the files; NULL: the network's */
    const char *data;      /* as cifar_find takes it */
    const char *data_name; /* in results, NULL: its own; "synthetic" stays in it */
    const char *out;       /* folder for results, made if it is missing; NULL: no files */
    const char *method;    /* NULL: the best kernels */
    enum pb_layout layout;
    int64_t epochs, batch, limit; /* limit: the most images of each set; 0: all */
    double rate;
    uint64_t seed;
    bool resume;                                       /* go on from the checkpoint in `out` */
    bool overwrite;                                    /* that checkpoint may be another run's */
    void (*progress)(const struct trainer_progress *); /* now and then; may be NULL */
};

struct trainer_epoch {
    int64_t epoch;
    double train_loss, val_loss, accuracy; /* accuracy in percent */
    double train_rate, infer_rate;         /* images per second */
    double seconds;                        /* training and validation */
};

/* One thing to know about a run, in words without control characters. */
struct trainer_fact {
    const char *key;
    char text[NET_LINE_SIZE];
};
enum { TRAINER_FACTS = 20 };

struct trainer {
    struct trainer_settings settings;
    struct net_spec spec;
    struct cifar_data data;
    struct net *net;
    struct adam adam;
    struct pb_rng rng;
    int64_t *order;
    uint8_t *labels; /* of one step, as are the records */
    const uint8_t **records;
    struct trainer_epoch *epochs; /* those done */
    int64_t epochs_done;
    char csv[PATH_MAX], unfinished_csv[PATH_MAX], checkpoint[PATH_MAX];
    struct trainer_fact facts[TRAINER_FACTS];
    int fact_count;
};

/* Loads the data, builds and initialises the network, and finds out whether results can be written;
 * when resuming restores the network and writes the CSV again. INVALID where another run's
 * checkpoint is in the way. Strings in `settings` must outlive the trainer. */
enum pb_status trainer_create(const struct trainer_settings *settings, struct trainer *trainer);
void trainer_free(struct trainer *trainer); /* accepts a zeroed one */

/* Trains and validates the next epoch, then writes the checkpoint and the CSV. PROVIDER where the
 * training diverged: the files are as after the epoch before. */
enum pb_status trainer_next(struct trainer *trainer);

/* The mean loss over one step of `mb` images; the step is made with the network's gradients. Puts
 * together forward, loss, backward and Adam, for the trainer and for whoever checks it. */
enum pb_status trainer_step(struct net *net, struct adam *adam, int64_t mb, const uint8_t *labels,
                            double *loss);
/* Fills the network's input with the images of these records, from -1 to 1, and their labels. */
void trainer_load(struct net *net, const uint8_t *const *records, int64_t mb, uint8_t *labels);

/* ---- Files (trainer_files.c) ----------------------------------------------------------------- */

/* The network, the data, the machine and the build, in words. */
void trainer_state_facts(struct trainer *trainer);
/* Finds the files' paths; makes nothing yet. */
enum pb_status trainer_name_files(struct trainer *trainer);
/* Makes the folder and tries both files. */
enum pb_status trainer_prepare_files(const struct trainer *trainer);
/* Facts as comments, then a row per epoch done: NAME.csv after the last epoch, NAME.csv.part before
 * that, so that part of a run never replaces a whole one. */
enum pb_status trainer_write_csv(const struct trainer *trainer);

/* ---- Going on (checkpoint.c) ----------------------------------------------------------------- */

/* INVALID where a checkpoint of another run is in the way. */
enum pb_status trainer_check_free(const struct trainer *trainer);
/* Weights, Adam's state, the generator's and the epochs done, with a checksum. A checkpoint of
 * another run or version, one that is damaged, cut off or longer than it says, and one with values
 * that no training leads to, is INVALID; the trainer is then only good to be freed. */
enum pb_status trainer_save(const struct trainer *trainer);
enum pb_status trainer_restore(struct trainer *trainer);

#endif
