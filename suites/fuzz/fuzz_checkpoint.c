/* The checkpoint of a training, as it is and with the checksum that its bytes have. What is taken
 * must be fit to go on from. */
#include "cifar10/trainer.h"
#include "common/checksum.h"
#include "fuzz/fuzz.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The corpus: poolbench train --net 'gap | linear 10' --data synthetic --limit 32
 * --epochs N --out DIR, with 0 < N < 4. */
static void begin(struct trainer *t) {
    static const struct trainer_settings settings = {.net = "gap | linear 10",
                                                     .data = "synthetic",
                                                     .layout = PB_NHWC,
                                                     .epochs = 3,
                                                     .batch = 16,
                                                     .limit = 32,
                                                     .rate = 0.01};
    if (trainer_create(&settings, t) != PB_OK) abort();
}

static void restore(struct trainer *t, const uint8_t *data, size_t size) {
    snprintf(t->checkpoint, sizeof t->checkpoint, "%s", fuzz_file(data, size));
    if (trainer_restore(t) != PB_OK) return;
    if (t->epochs_done > t->settings.epochs) abort();
    for (int64_t i = 0; i < net_flat_count(t->net); i++)
        if (!isfinite(net_flat_values(t->net)[i])) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct trainer trainer;
    uint64_t sum;
    if (!trainer.net) begin(&trainer);
    restore(&trainer, data, size);
    if (size < sizeof sum) return 0;
    uint8_t *summed = malloc(size);
    if (!summed) return 0;
    sum = pb_checksum(PB_CHECKSUM, data, size - sizeof sum);
    memcpy(summed, data, size);
    memcpy(summed + size - sizeof sum, &sum, sizeof sum);
    restore(&trainer, summed, size);
    free(summed);
    return 0;
}
