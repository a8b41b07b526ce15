/* What a run leaves behind for readers: the CSV; and where its files are. */
#include "common/output_file.h"
#include "common/suites.h"
#include "cifar10/trainer.h"
#include "core/text.h"
#include "results/trainlog.h"
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Facts ----------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void state(struct trainer *t, const char *key,
                                                        const char *format, ...) {
    struct trainer_fact *fact = &t->facts[t->fact_count++];
    va_list args;
    fact->key = key;
    va_start(args, format);
    vsnprintf(fact->text, sizeof fact->text, format, args);
    va_end(args);
    text_make_line(fact->text); /* a new line would be another fact */
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
    status = output_file_keep(&file);
    if (finished && status == PB_OK) unlink(t->unfinished_csv); /* where there was one */
    return status;
}
