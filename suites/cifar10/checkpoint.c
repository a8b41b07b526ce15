/* What a training goes on from. The file: a header, the run in words, the epochs done, then weights,
 * mean and square, and last the checksum of all that. Numbers are the machine's own; `order` tells
 * another byte order. */
#include "common/checksum.h"
#include "common/output_file.h"
#include "cifar10/trainer.h"
#include <errno.h>
#include <math.h>
#include <string.h>

struct header {
    char magic[8];
    uint32_t version, order;
    int64_t run_bytes, epochs, floats, steps;
    uint64_t rng;
};
static const char magic[8] = "PBTRAIN";
enum { VERSION = 2, ORDER = 0x01020304, RUN_SIZE = 2 * NET_LINE_SIZE };

/* What a run must have in common with the one that it goes on from. */
static void describe_run(const struct trainer *t, char run[RUN_SIZE]) {
    const struct trainer_settings *s = &t->settings;
    snprintf(run, RUN_SIZE, "%s; %s, %lld and %lld images; %s, %s, batch %lld, rate %g, seed %llu",
             t->spec.line, t->data.name, (long long)t->data.train.count,
             (long long)t->data.test.count, pb_layout_name(s->layout),
             s->method ? s->method : "best", (long long)s->batch, s->rate,
             (unsigned long long)s->seed);
}

/* A file, and the checksum of what was written to it or read from it so far. */
struct summed {
    FILE *stream;
    uint64_t sum;
};

/* ---- Writing --------------------------------------------------------------------------------- */

static void put(struct summed *file, const void *data, size_t size, int64_t count) {
    fwrite(data, size, (size_t)count, file->stream); /* output_file_keep sees what failed */
    file->sum = pb_checksum(file->sum, data, size * (size_t)count);
}

enum pb_status trainer_save(const struct trainer *t) {
    char run[RUN_SIZE];
    describe_run(t, run);
    const int64_t floats = net_flat_count(t->net);
    struct header header = {.version = VERSION,
                            .order = ORDER,
                            .run_bytes = (int64_t)strlen(run),
                            .epochs = t->epochs_done,
                            .floats = floats,
                            .steps = t->adam.steps,
                            .rng = t->rng.state};
    memcpy(header.magic, magic, sizeof magic);
    struct output_file out;
    enum pb_status status = output_file_open(&out, t->checkpoint);
    if (status != PB_OK) return status;
    struct summed file = {out.stream, PB_CHECKSUM};
    put(&file, &header, sizeof header, 1);
    put(&file, run, 1, header.run_bytes);
    put(&file, t->epochs, sizeof *t->epochs, header.epochs);
    put(&file, net_flat_values(t->net), sizeof(float), floats);
    put(&file, t->adam.mean.data, sizeof(float), floats);
    put(&file, t->adam.square.data, sizeof(float), floats);
    fwrite(&file.sum, sizeof file.sum, 1, out.stream);
    return output_file_keep(&out);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Reads `count` items, all of them. */
static bool take(struct summed *file, void *to, size_t size, int64_t count) {
    if (fread(to, size, (size_t)count, file->stream) != (size_t)count) return false;
    file->sum = pb_checksum(file->sum, to, size * (size_t)count);
    return true;
}

/* Reads up to the epochs. INVALID also where the file is another run's. */
static enum pb_status read_header(const struct trainer *t, struct summed *file,
                                  struct header *header) {
    const char *path = t->checkpoint;
    char run[RUN_SIZE], held[RUN_SIZE] = "";
    describe_run(t, run);
    if (!take(file, header, sizeof *header, 1) || memcmp(header->magic, magic, sizeof magic) != 0)
        return pb_fail(PB_INVALID, "%s: is no checkpoint", path);
    if (header->order != ORDER)
        return pb_fail(PB_INVALID, "%s: is a checkpoint of another byte order", path);
    if (header->version != VERSION)
        return pb_fail(PB_INVALID, "%s: is a checkpoint of version %u, not of %d", path,
                       header->version, VERSION);
    if (header->run_bytes < 0 || header->run_bytes >= RUN_SIZE ||
        !take(file, held, 1, header->run_bytes))
        return pb_fail(PB_INVALID, "%s: its header is damaged", path);
    if (strcmp(held, run) != 0)
        return pb_fail(PB_INVALID, "%s: belongs to another run (%s), not to this (%s)", path, held,
                       run);
    return PB_OK;
}

/* The steps that so many epochs make. */
static int64_t steps_of(const struct trainer *t, int64_t epochs) {
    const int64_t batch = t->settings.batch;
    return epochs * ((t->data.train.count + batch - 1) / batch);
}

static enum pb_status check_header(const struct trainer *t, const struct header *header) {
    const char *path = t->checkpoint;
    if (header->floats != net_flat_count(t->net) || header->epochs < 0)
        return pb_fail(PB_INVALID, "%s: its header is damaged", path);
    if (header->epochs > t->settings.epochs)
        return pb_fail(PB_INVALID, "%s: has %lld epochs, more than the %lld asked for", path,
                       (long long)header->epochs, (long long)t->settings.epochs);
    if (header->steps != steps_of(t, header->epochs))
        return pb_fail(PB_INVALID, "%s: says that %lld epochs took %lld steps, not %lld", path,
                       (long long)header->epochs, (long long)header->steps,
                       (long long)steps_of(t, header->epochs));
    return PB_OK;
}

/* Weights begin within 1, and a step of Adam moves one by at most (1 - beta1) / sqrt(1 - beta2),
 * which is 3.2, times the rate (Kingma and Ba, section 2.1). */
static double farthest(const struct trainer *t) {
    return 1.001 + 4 * t->settings.rate * (double)t->adam.steps;
}

/* What no training can have left, whatever the checksum says. */
static enum pb_status check_values(const struct trainer *t) {
    const float *value = net_flat_values(t->net), *mean = t->adam.mean.data;
    const float *square = t->adam.square.data;
    const double most = farthest(t);
    for (int64_t i = 0; i < t->epochs_done; i++)
        if (t->epochs[i].epoch != i + 1 || !isfinite(t->epochs[i].train_loss) ||
            !isfinite(t->epochs[i].val_loss))
            return pb_fail(PB_INVALID, "%s: what it says of epoch %lld cannot be", t->checkpoint,
                           (long long)i + 1);
    for (int64_t i = 0; i < t->adam.count; i++) {
        if (!(fabs((double)value[i]) <= most))
            return pb_fail(PB_INVALID,
                           "%s: parameter %lld is %g, where %lld steps lead no farther than %g",
                           t->checkpoint, (long long)i, (double)value[i], (long long)t->adam.steps,
                           most);
        if (!isfinite(mean[i]) || !isfinite(square[i]) || square[i] < 0)
            return pb_fail(PB_INVALID, "%s: Adam's state of parameter %lld cannot be",
                           t->checkpoint, (long long)i);
    }
    return PB_OK;
}

static enum pb_status read_checkpoint(struct trainer *t, struct summed *file) {
    const char *path = t->checkpoint;
    const int64_t floats = net_flat_count(t->net);
    struct header header;
    uint64_t sum;
    enum pb_status status = read_header(t, file, &header);
    if (status == PB_OK) status = check_header(t, &header);
    if (status != PB_OK) return status;
    if (!take(file, t->epochs, sizeof *t->epochs, header.epochs) ||
        !take(file, net_flat_values(t->net), sizeof(float), floats) ||
        !take(file, t->adam.mean.data, sizeof(float), floats) ||
        !take(file, t->adam.square.data, sizeof(float), floats) ||
        fread(&sum, sizeof sum, 1, file->stream) != 1 || fgetc(file->stream) != EOF)
        return pb_fail(PB_INVALID, "%s: is cut off, or longer than it says", path);
    if (sum != file->sum)
        return pb_fail(PB_INVALID, "%s: is damaged: its checksum is not that of what it holds",
                       path);
    t->epochs_done = header.epochs;
    t->adam.steps = header.steps;
    t->rng.state = header.rng;
    return check_values(t);
}

enum pb_status trainer_restore(struct trainer *t) {
    struct summed file = {fopen(t->checkpoint, "rb"), PB_CHECKSUM};
    if (!file.stream) return pb_fail(PB_IO, "%s: %s", t->checkpoint, strerror(errno));
    enum pb_status status = read_checkpoint(t, &file);
    fclose(file.stream);
    return status;
}

enum pb_status trainer_check_free(const struct trainer *t) {
    struct summed file = {fopen(t->checkpoint, "rb"), PB_CHECKSUM};
    if (!file.stream && (errno == ENOENT || errno == ENOTDIR)) return PB_OK;
    if (!file.stream) return pb_fail(PB_IO, "%s: %s", t->checkpoint, strerror(errno));
    struct header header;
    enum pb_status status = read_header(t, &file, &header);
    fclose(file.stream);
    if (status == PB_OK) return PB_OK;
    return pb_fail(status,
                   "a checkpoint is in the way; use --resume with its options, or choose another "
                   "--name, or give it up with --overwrite; %s",
                   pb_error());
}
