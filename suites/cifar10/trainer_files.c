/* What a run leaves behind: the CSV and the checkpoint. */
#include "common/output_file.h"
#include "common/suites.h"
#include "cifar10/trainer.h"
#include "results/trainlog.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

/* ---- Facts ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void state(struct trainer *t, const char *key,
                                                        const char *format, ...) {
    struct trainer_fact *fact = &t->facts[t->fact_count++];
    va_list args;
    fact->key = key;
    va_start(args, format);
    vsnprintf(fact->text, sizeof fact->text, format, args);
    va_end(args);
    for (char *c = fact->text; *c; c++)
        if (iscntrl((unsigned char)*c)) *c = ' '; /* a new line would be another fact */
}

void trainer_state_facts(struct trainer *t) {
    const struct trainer_settings *s = &t->settings;
    t->fact_count = 0;
    state(t, "network", "%s", t->spec.name);
    state(t, "line", "%s", t->spec.line);
    state(t, "data", "%s", t->data.name);
    state(t, "train_images", "%lld", (long long)t->data.train.count);
    state(t, "test_images", "%lld", (long long)t->data.test.count);
    state(t, "batch", "%lld", (long long)s->batch);
    state(t, "learning_rate", "%g", s->rate);
    state(t, "seed", "%llu", (unsigned long long)s->seed);
    state(t, "layout", "%s", pb_layout_name(s->layout));
    state(t, "method", "%s", s->method ? s->method : "best");
    state(t, "cpu", "%s", pb_cpu_name());
    state(t, "isa", "%s", pb_isa_name(pb_isa()));
    state(t, "threads", "%d", pb_threads());
    state(t, "blas_core", "%s", pb_blas_core());
    state(t, "compiler", "%s", pb_build_compiler);
    state(t, "flags", "%s", pb_build_flags);
    state(t, "commit", "%s", pb_build_commit);
}

/* ---- The folder ------------------------------------------------------------------------------ */

/* mkdir -p. */
static enum pb_status make_folder(const char *path) {
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", path);
    for (char *slash = part; slash; *slash = '/') {
        slash = strchr(slash + 1, '/');
        if (slash) *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return pb_fail(PB_IO, "%s: %s", part, strerror(errno));
        if (!slash) break;
    }
    return PB_OK;
}

static enum pb_status try_file(const char *path) {
    struct output_file file;
    enum pb_status status = output_file_open(&file, path);
    if (status == PB_OK) output_file_drop(&file);
    return status;
}

enum pb_status trainer_name_files(struct trainer *t) {
    const char *name = t->settings.name ? t->settings.name : t->spec.name;
    if (!*name || strchr(name, '/'))
        return pb_fail(PB_INVALID, "\"%s\" cannot be a file's name", name);
    if (snprintf(t->csv, sizeof t->csv, "%s/%s.csv", t->settings.out, name) >= PATH_MAX ||
        snprintf(t->unfinished_csv, sizeof t->unfinished_csv, "%s/%s.csv.part", t->settings.out,
                 name) >= PATH_MAX ||
        snprintf(t->checkpoint, sizeof t->checkpoint, "%s/%s.checkpoint", t->settings.out, name) >=
                PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", t->settings.out);
    return PB_OK;
}

enum pb_status trainer_prepare_files(const struct trainer *t) {
    enum pb_status status = make_folder(t->settings.out);
    if (status == PB_OK) status = try_file(t->csv);
    if (status == PB_OK) status = try_file(t->checkpoint);
    return status;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

enum pb_status trainer_write_csv(const struct trainer *t) {
    struct output_file file;
    const bool finished = t->epochs_done == t->settings.epochs;
    enum pb_status status = output_file_open(&file, finished ? t->csv : t->unfinished_csv);
    if (status != PB_OK) return status;
    for (int i = 0; i < t->fact_count; i++)
        fprintf(file.stream, "# %s: %s\n", t->facts[i].key, t->facts[i].text);
    fprintf(file.stream, "%s\n", pb_trainlog_columns);
    for (int64_t i = 0; i < t->epochs_done; i++) {
        const struct trainer_epoch *e = &t->epochs[i];
        fprintf(file.stream, "%lld,%.6f,%.6f,%.2f,%.1f,%.1f,%.3f\n", (long long)e->epoch,
                e->train_loss, e->val_loss, e->accuracy, e->train_rate, e->infer_rate, e->seconds);
    }
    return output_file_keep(&file);
}

/* ---- Checkpoint ------------------------------------------------------------------------------ */

/* The file: this header, the run in words, the epochs done, then weights, mean and square. Numbers
 * are the machine's own; `order` tells another byte order. */
struct header {
    char magic[8];
    uint32_t version, order;
    int64_t run_bytes, epochs, floats, steps;
    uint64_t rng;
};
static const char magic[8] = "PBTRAIN";
enum { VERSION = 1, ORDER = 0x01020304, RUN_SIZE = 2 * NET_LINE_SIZE };

/* What a run must have in common with the one that it goes on from. */
static void describe_run(const struct trainer *t, char run[RUN_SIZE]) {
    const struct trainer_settings *s = &t->settings;
    snprintf(run, RUN_SIZE, "%s; %s, %lld and %lld images; %s, %s, batch %lld, rate %g, seed %llu",
             t->spec.line, t->data.name, (long long)t->data.train.count,
             (long long)t->data.test.count, pb_layout_name(s->layout),
             s->method ? s->method : "best", (long long)s->batch, s->rate,
             (unsigned long long)s->seed);
}

enum pb_status trainer_save(const struct trainer *t) {
    char run[RUN_SIZE];
    describe_run(t, run);
    const size_t floats = (size_t)net_flat_count(t->net);
    struct header header = {.version = VERSION,
                            .order = ORDER,
                            .run_bytes = (int64_t)strlen(run),
                            .epochs = t->epochs_done,
                            .floats = (int64_t)floats,
                            .steps = t->adam.steps,
                            .rng = t->rng.state};
    memcpy(header.magic, magic, sizeof magic);
    struct output_file file;
    enum pb_status status = output_file_open(&file, t->checkpoint);
    if (status != PB_OK) return status;
    fwrite(&header, sizeof header, 1, file.stream);
    fwrite(run, 1, strlen(run), file.stream);
    fwrite(t->epochs, sizeof *t->epochs, (size_t)t->epochs_done, file.stream);
    fwrite(net_flat_values(t->net), sizeof(float), floats, file.stream);
    fwrite(t->adam.mean.data, sizeof(float), floats, file.stream);
    fwrite(t->adam.square.data, sizeof(float), floats, file.stream);
    return output_file_keep(&file); /* sees what could not be written */
}

/* Reads `count` items, all of them. */
static bool take(FILE *file, void *to, size_t size, int64_t count) {
    return fread(to, size, (size_t)count, file) == (size_t)count;
}

/* Reads up to the epochs. INVALID also where the file is another run's. */
static enum pb_status read_header(const struct trainer *t, FILE *file, struct header *header) {
    const char *path = t->checkpoint;
    char run[RUN_SIZE], held[RUN_SIZE] = "";
    describe_run(t, run);
    if (!take(file, header, sizeof *header, 1) || memcmp(header->magic, magic, sizeof magic) != 0)
        return pb_fail(PB_INVALID, "%s: is no checkpoint", path);
    if (header->version != VERSION || header->order != ORDER)
        return pb_fail(PB_INVALID, "%s: is a checkpoint of another version or byte order", path);
    if (header->run_bytes < 0 || header->run_bytes >= RUN_SIZE ||
        !take(file, held, 1, header->run_bytes))
        return pb_fail(PB_INVALID, "%s: its header is damaged", path);
    if (strcmp(held, run) != 0)
        return pb_fail(PB_INVALID, "%s: belongs to another run (%s), not to this (%s)", path, held,
                       run);
    return PB_OK;
}

static enum pb_status read_checkpoint(struct trainer *t, FILE *file) {
    const char *path = t->checkpoint;
    const int64_t floats = net_flat_count(t->net);
    struct header header;
    enum pb_status status = read_header(t, file, &header);
    if (status != PB_OK) return status;
    if (header.floats != floats || header.epochs < 0 || header.steps < 0)
        return pb_fail(PB_INVALID, "%s: its header is damaged", path);
    if (header.epochs > t->settings.epochs)
        return pb_fail(PB_INVALID, "%s: has %lld epochs, more than the %lld asked for", path,
                       (long long)header.epochs, (long long)t->settings.epochs);
    if (!take(file, t->epochs, sizeof *t->epochs, header.epochs) ||
        !take(file, net_flat_values(t->net), sizeof(float), floats) ||
        !take(file, t->adam.mean.data, sizeof(float), floats) ||
        !take(file, t->adam.square.data, sizeof(float), floats) || fgetc(file) != EOF)
        return pb_fail(PB_INVALID, "%s: is cut off, or longer than it says", path);
    t->epochs_done = header.epochs;
    t->adam.steps = header.steps;
    t->rng.state = header.rng;
    return PB_OK;
}

enum pb_status trainer_restore(struct trainer *t) {
    FILE *file = fopen(t->checkpoint, "rb");
    if (!file) return pb_fail(PB_IO, "%s: %s", t->checkpoint, strerror(errno));
    enum pb_status status = read_checkpoint(t, file);
    fclose(file);
    return status;
}

enum pb_status trainer_check_free(const struct trainer *t) {
    FILE *file = fopen(t->checkpoint, "rb");
    if (!file && (errno == ENOENT || errno == ENOTDIR)) return PB_OK;
    if (!file) return pb_fail(PB_IO, "%s: %s", t->checkpoint, strerror(errno));
    struct header header;
    enum pb_status status = read_header(t, file, &header);
    fclose(file);
    if (status == PB_OK) return PB_OK;
    return pb_fail(status,
                   "a checkpoint is in the way; use --resume with its options, or choose another "
                   "--name, or give it up with --overwrite; %s",
                   pb_error());
}
