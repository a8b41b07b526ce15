/* cifar10.h: labelled images in CIFAR-10's binary format, from disk or made here. */
#ifndef CIFAR10_H
#define CIFAR10_H

#include "poolbench.h"

enum {
    CIFAR_CLASSES = 10,
    CIFAR_CHANNELS = 3,
    CIFAR_SIDE = 32,
    CIFAR_PLANE = CIFAR_SIDE * CIFAR_SIDE,
    CIFAR_PIXELS = CIFAR_CHANNELS * CIFAR_PLANE,
    CIFAR_RECORD = 1 + CIFAR_PIXELS, /* a label byte, then the planes red, green, blue */
    CIFAR_FILE_RECORDS = 10000,      /* the most that one file may hold */
    CIFAR_NAME_SIZE = 128
};

/* `count` records, one after the other. */
struct cifar_set {
    uint8_t *records;
    int64_t count;
};

/* Owned by the caller; cifar_free releases it. */
struct cifar_data {
    char name[CIFAR_NAME_SIZE]; /* what every result made with it is labelled with */
    struct cifar_set train, test;
};

static inline const uint8_t *cifar_record(const struct cifar_set *set, int64_t i) {
    return set->records + i * CIFAR_RECORD;
}

/* Reads data_batch_1.bin … data_batch_5.bin and test_batch.bin from a folder, from its subfolder
 * cifar-10-batches-bin, or from the official archive cifar-10-binary.tar.gz (named itself, or by
 * the folder it is in). A file may hold any whole number of records up to 10,000. IO or INVALID
 * with a sentence that names the file, and the record where there is one; or the data set that it
 * is instead (CIFAR-100, the Python version and their like). */
enum pb_status cifar_load(const char *path, struct cifar_data *data);

/* A labelled set of drawn shapes and textures, the same for the same seed on every machine. Label
 * i % 10 is at record i; colours, places, sizes and noise are random and tell nothing of it. */
enum pb_status cifar_synthetic(uint64_t seed, int64_t train, int64_t test, struct cifar_data *data);

/* The data at hand: `path` ("synthetic" asks for the generator); if it is NULL $POOLBENCH_DATA;
 * without that ./data if it holds CIFAR-10; else the generator. */
enum pb_status cifar_find(const char *path, struct cifar_data *data);

void cifar_free(struct cifar_data *data); /* accepts a zeroed one */

#endif
