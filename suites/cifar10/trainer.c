/* The training loop. */
#include "cifar10/trainer.h"
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* ---- One step -------------------------------------------------------------------------------- */

void trainer_load(struct net *net, const uint8_t *const *records, int64_t mb, uint8_t *labels) {
    float scaled[256]; /* ToTensor, then Normalize with mean and deviation 0.5 */
    for (int i = 0; i < 256; i++) scaled[i] = ((float)i / 255.0f - 0.5f) / 0.5f;
    const struct pb_tensor input = net_input(net, mb);
    float *x = input.data;
#pragma omp parallel for schedule(static)
    for (int64_t n = 0; n < mb; n++) {
        const uint8_t *pixels = records[n] + 1;
        labels[n] = records[n][0];
        for (int64_t c = 0; c < CIFAR_CHANNELS; c++) {
            float *plane = x + n * input.strides[0] + c * input.strides[1];
            for (int64_t i = 0; i < CIFAR_PLANE; i++) /* rows follow each other in every layout */
                plane[i * input.strides[4]] = scaled[pixels[c * CIFAR_PLANE + i]];
        }
    }
}

enum pb_status trainer_step(struct net *net, struct adam *adam, int64_t mb, const uint8_t *labels,
                            double *loss) {
    int64_t right;
    enum pb_status status = net_forward(net, mb, true);
    if (status != PB_OK) return status;
    net_loss(net, mb, labels, loss, &right);
    *loss /= (double)mb;
    status = net_backward(net, mb);
    if (status == PB_OK) adam_step(adam, net_flat_values(net), net_flat_grads(net));
    return status;
}

/* Fills the input with the images order[0 … mb - 1] of a set. */
static void load_images(struct trainer *t, const struct cifar_set *set, const int64_t *order,
                        int64_t mb) {
    const uint8_t **records = t->records;
    for (int64_t n = 0; n < mb; n++) records[n] = cifar_record(set, order[n]);
    trainer_load(t->net, records, mb, t->labels);
}

/* ---- One epoch ------------------------------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static void in_order(int64_t *order, int64_t count) {
    for (int64_t i = 0; i < count; i++) order[i] = i;
}

/* Fisher and Yates. */
static void shuffle(int64_t *order, int64_t count, struct pb_rng *rng) {
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = pb_rng_below(rng, i + 1), held = order[i];
        order[i] = order[j];
        order[j] = held;
    }
}

/* A loss or a weight that is no number stays so, whatever is trained on. */
static enum pb_status diverged(const struct trainer *t, const struct trainer_epoch *epoch,
                               const char *what, double value) {
    return pb_fail(PB_PROVIDER, "the training diverged in epoch %lld: %s is %g (learning rate %g)",
                   (long long)epoch->epoch, what, value, t->settings.rate);
}

static enum pb_status train(struct trainer *t, struct trainer_epoch *epoch) {
    enum { REPORTS_PER_SECOND = 5 };
    const int64_t count = t->data.train.count;
    in_order(t->order, count);
    shuffle(t->order, count, &t->rng);
    double sum = 0, begin = omp_get_wtime(), reported = begin;
    for (int64_t done = 0; done < count;) {
        int64_t mb = least(t->settings.batch, count - done);
        double loss;
        load_images(t, &t->data.train, t->order + done, mb);
        enum pb_status status = trainer_step(t->net, &t->adam, mb, t->labels, &loss);
        if (status != PB_OK) return status;
        if (!isfinite(loss)) return diverged(t, epoch, "the loss of a step", loss);
        sum += loss * (double)mb;
        done += mb;
        double now = omp_get_wtime();
        if (t->settings.progress && (now - reported) * REPORTS_PER_SECOND >= 1) {
            reported = now;
            t->settings.progress(&(struct trainer_progress){epoch->epoch, t->settings.epochs, done,
                                                            count, sum / (double)done,
                                                            (double)done / (now - begin)});
        }
    }
    epoch->seconds = omp_get_wtime() - begin;
    epoch->train_loss = sum / (double)count;
    epoch->train_rate = (double)count / epoch->seconds;
    return PB_OK;
}

static enum pb_status validate(struct trainer *t, struct trainer_epoch *epoch) {
    const int64_t count = t->data.test.count;
    int64_t right = 0;
    double sum = 0, begin = omp_get_wtime();
    in_order(t->order, count);
    for (int64_t done = 0; done < count;) {
        int64_t mb = least(t->settings.batch, count - done), step_right;
        double loss;
        load_images(t, &t->data.test, t->order + done, mb);
        enum pb_status status = net_forward(t->net, mb, false);
        if (status != PB_OK) return status;
        net_loss(t->net, mb, t->labels, &loss, &step_right);
        sum += loss;
        right += step_right;
        done += mb;
    }
    double seconds = omp_get_wtime() - begin;
    epoch->seconds += seconds;
    epoch->val_loss = sum / (double)count;
    epoch->accuracy = 100 * (double)right / (double)count;
    epoch->infer_rate = (double)count / seconds;
    return isfinite(sum) ? PB_OK : diverged(t, epoch, "the validation loss", epoch->val_loss);
}

/* A weight of a channel that no image reaches shows in no loss. */
static enum pb_status check_weights(const struct trainer *t, const struct trainer_epoch *epoch) {
    const float *value = net_flat_values(t->net);
    for (int64_t i = 0; i < net_flat_count(t->net); i++)
        if (!isfinite(value[i])) return diverged(t, epoch, "a weight", (double)value[i]);
    return PB_OK;
}

enum pb_status trainer_next(struct trainer *t) {
    struct trainer_epoch *epoch = &t->epochs[t->epochs_done];
    *epoch = (struct trainer_epoch){.epoch = t->epochs_done + 1};
    enum pb_status status = train(t, epoch);
    if (status == PB_OK) status = validate(t, epoch);
    if (status == PB_OK) status = check_weights(t, epoch);
    if (status != PB_OK) return status;
    t->epochs_done++;
    if (!t->settings.out) return PB_OK;
    status = trainer_save(t);
    return status == PB_OK ? trainer_write_csv(t) : status;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static enum pb_status load_data(struct trainer *t) {
    enum pb_status status = cifar_find(t->settings.data, &t->data);
    if (status != PB_OK) return status;
    struct cifar_set *sets[] = {&t->data.train, &t->data.test};
    for (int i = 0; i < 2; i++)
        if (t->settings.limit) sets[i]->count = least(sets[i]->count, t->settings.limit);
    const char *name = t->settings.data_name;
    const bool drawn = strcmp(t->data.name, "synthetic") == 0;
    if (name && snprintf(t->data.name, sizeof t->data.name, drawn ? "synthetic (%s)" : "%s",
                         name) >= CIFAR_NAME_SIZE)
        return pb_fail(PB_INVALID, "the data's name has more than %d characters",
                       CIFAR_NAME_SIZE - 1);
    return PB_OK;
}

static enum pb_status parse_network(struct trainer *t) {
    const struct net_shape image = {CIFAR_CHANNELS, CIFAR_SIDE, CIFAR_SIDE};
    enum pb_status status = net_parse(t->settings.net, image, &t->spec);
    if (status != PB_OK) return status;
    const struct net_shape out = t->spec.layers[t->spec.count - 1].out;
    if (out.c != CIFAR_CLASSES || out.h != 1 || out.w != 1)
        return pb_fail(PB_INVALID, "the network ends in %lldx%lldx%lld, not in %d classes",
                       (long long)out.c, (long long)out.h, (long long)out.w, CIFAR_CLASSES);
    return PB_OK;
}

static enum pb_status build_network(struct trainer *t) {
    const struct net_settings settings = {t->settings.layout, t->settings.method,
                                          t->settings.batch};
    enum pb_status status = net_create(&t->spec, &settings, &t->net);
    if (status != PB_OK) return status;
    net_init(t->net, &t->rng);
    return adam_create(t->settings.rate, net_flat_count(t->net), &t->adam);
}

static enum pb_status allocate(struct trainer *t) {
    int64_t images = most(t->data.train.count, t->data.test.count);
    t->settings.batch = least(t->settings.batch, images);
    t->order = calloc((size_t)images, sizeof *t->order);
    t->labels = calloc((size_t)t->settings.batch, sizeof *t->labels);
    t->records = calloc((size_t)t->settings.batch, sizeof *t->records);
    t->epochs = calloc((size_t)t->settings.epochs, sizeof *t->epochs);
    if (!t->order || !t->labels || !t->records || !t->epochs)
        return pb_fail(PB_NOMEM, "no memory for %lld epochs of %lld images",
                       (long long)t->settings.epochs, (long long)images);
    return PB_OK;
}

enum pb_status trainer_create(const struct trainer_settings *settings, struct trainer *t) {
    *t = (struct trainer){.settings = *settings, .rng = {settings->seed}};
    enum pb_status status = parse_network(t);
    if (status == PB_OK && settings->out) status = trainer_name_files(t);
    if (status == PB_OK) status = load_data(t);
    if (status == PB_OK) status = allocate(t);
    if (status == PB_OK) status = build_network(t);
    if (status == PB_OK) trainer_state_facts(t);
    if (status == PB_OK && settings->resume)
        status = trainer_restore(t);
    else if (status == PB_OK && settings->out && !settings->overwrite)
        status = trainer_check_free(t);
    if (status == PB_OK && settings->out) status = trainer_prepare_files(t);
    if (status == PB_OK && settings->resume) status = trainer_write_csv(t);
    if (status != PB_OK) trainer_free(t);
    return status;
}

void trainer_free(struct trainer *t) {
    net_free(t->net);
    adam_free(&t->adam);
    cifar_free(&t->data);
    free(t->order);
    free(t->labels);
    free(t->records);
    free(t->epochs);
    *t = (struct trainer){0};
}
