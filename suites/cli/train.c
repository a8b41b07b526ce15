/* poolbench train: trains and evaluates a network on CIFAR-10. */
#include "common/progress.h"
#include "common/tuning_cache.h"
#include "common/suites.h"
#include "cifar10/trainer.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct trainer_settings settings;
    bool json;
};

enum {
    KEY_NAME = 256,
    KEY_DATA_NAME,
    KEY_METHOD,
    KEY_LAYOUT,
    KEY_LIMIT,
    KEY_RESUME,
    KEY_OVERWRITE,
    KEY_JSON
};

static const struct argp_option option_table[] = {
        {"net", 'n', "NAME|SPEC", 0, "Network: a known name, or a line of layers (see below)", 1},
        {"data", 'd', "DIR|FILE", 0,
         "CIFAR-10's binary files, or its archive, or \"synthetic\" (default: $POOLBENCH_DATA, "
         "else ./data, else the built-in synthetic set)",
         1},
        {"data-name", KEY_DATA_NAME, "TEXT", 0,
         "What results call the data; a synthetic set stays \"synthetic (TEXT)\"", 1},
        {"limit", KEY_LIMIT, "N", 0, "Use only the first N images of each set", 1},
        {"epochs", 'e', "N", 0, "Epochs in all (default 4)", 2},
        {"batch", 'b', "N", 0, "Images per step (default 16)", 2},
        {"lr", 'r', "RATE", 0, "Adam's learning rate (default 0.01)", 2},
        {"seed", 's', "N", 0, "Of the initial weights and the shuffling (default 0)", 2},
        {"method", KEY_METHOD, "METHOD", 0,
         "A method or ISA, such as naive, im2col, direct, avx2 or simd (any ISA), where a kernel "
         "of it accepts the layer (default: the best)",
         3},
        {"layout", KEY_LAYOUT, "LAYOUT", 0, "nchw or nhwc (default nhwc)", 3},
        {"out", 'o', "DIR", 0,
         "Write DIR/NAME.checkpoint and DIR/NAME.csv.part after every epoch, and DIR/NAME.csv "
         "after the last",
         4},
        {"name", KEY_NAME, "NAME", 0, "Of these files (default: the network's)", 4},
        {"resume", KEY_RESUME, NULL, 0, "Go on from the checkpoint in DIR", 4},
        {"overwrite", KEY_OVERWRITE, NULL, 0, "Replace the checkpoint of a run with other options",
         4},
        {"json", KEY_JSON, NULL, 0, "Print one JSON object at the end instead of lines", 4},
        {0},
};

static double parse_rate(struct argp_state *state, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value) || value <= 0)
        argp_error(state, "--lr '%s' is not a positive number", text);
    return value;
}

static enum pb_layout parse_layout(struct argp_state *state, const char *text) {
    if (strcmp(text, "nchw") != 0 && strcmp(text, "nhwc") != 0)
        argp_error(state, "--layout '%s' is neither nchw nor nhwc", text);
    return strcmp(text, "nchw") == 0 ? PB_NCHW : PB_NHWC;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct options *options = state->input;
    struct trainer_settings *s = &options->settings;
    switch (key) {
    case 'n':
        s->net = text;
        return 0;
    case 'd':
        s->data = text;
        return 0;
    case 'o':
        s->out = text;
        return 0;
    case 'e':
        s->epochs = pb_parse_count(state, "epochs", text, 1, INT32_MAX);
        return 0;
    case 'b':
        s->batch = pb_parse_count(state, "batch", text, 1, INT32_MAX);
        return 0;
    case 's':
        s->seed = (uint64_t)pb_parse_count(state, "seed", text, 0, INT32_MAX);
        return 0;
    case 'r':
        s->rate = parse_rate(state, text);
        return 0;
    case KEY_NAME:
        s->name = text;
        return 0;
    case KEY_DATA_NAME:
        s->data_name = text;
        return 0;
    case KEY_METHOD:
        s->method = text;
        return 0;
    case KEY_LAYOUT:
        s->layout = parse_layout(state, text);
        return 0;
    case KEY_LIMIT:
        s->limit = pb_parse_count(state, "limit", text, 1, INT32_MAX);
        return 0;
    case KEY_RESUME:
        s->resume = true;
        return 0;
    case KEY_OVERWRITE:
        s->overwrite = true;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "'%s' is not expected here", text);
        return 0;
    case ARGP_KEY_END:
        if (!s->net) argp_error(state, "--net is missing");
        if (s->resume && !s->out) argp_error(state, "--resume needs --out");
        if (s->resume && s->overwrite)
            argp_error(state, "--resume and --overwrite exclude each other");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Puts the table of known networks at the end of --help. */
static char *help_filter(int key, const char *text, void *input) {
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) return (char *)text;
    char *help = NULL;
    size_t size;
    FILE *stream = open_memstream(&help, &size);
    if (!stream) return (char *)text;
    fprintf(stream, "Known networks:\n");
    for (int i = 0; net_known_name(i); i++)
        fprintf(stream, "  %-18s %s\n", net_known_name(i), net_known_line(i));
    fprintf(stream, "\n%s", text);
    fclose(stream);
    return help;
}

static const struct argp_child children[] = {{&pb_machine_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
        .options = option_table,
        .parser = parse_option,
        .doc = "Trains and evaluates a network on CIFAR-10, every layer run by kernels of the "
               "registry.\v"
               "A line has the layers conv N kK [sS] [pP] [dD] [gG], maxpool kK [sS] [pP] [dD], "
               "avgpool kK [sS] [pP], gap, relu, flatten and linear N, with | between them.\n\n"
               "Example:\n  poolbench train --net gap-strided --epochs 4 --out results/local/train",
        .children = children,
        .help_filter = help_filter,
};

/* ---- For people ------------------------------------------------------------------------------ */

static void show_progress(const struct trainer_progress *p) {
    progress_show("epoch %lld/%lld  %lld/%lld images  loss %.4f  %.0f images/s",
                  (long long)p->epoch, (long long)p->epochs, (long long)p->done,
                  (long long)p->images, p->loss, p->rate);
}

static const enum pb_dir dirs[] = {PB_FWD, PB_FWD_IDX, PB_BWD, PB_BWD_W};
enum { DIRS = sizeof dirs / sizeof dirs[0] };

static void print_network(const struct trainer *t) {
    int64_t params = 0, macs = 0;
    printf("%s on %s: %lld training and %lld validation images\n", t->spec.name, t->data.name,
           (long long)t->data.train.count, (long long)t->data.test.count);
    printf("%-24s %12s %12s %14s  kernels\n", "layer", "output", "parameters", "multiply-adds");
    for (int i = 0; i < t->spec.count; i++) {
        const struct net_layer *layer = &t->spec.layers[i];
        char out[64];
        snprintf(out, sizeof out, "%lldx%lldx%lld", (long long)layer->out.c,
                 (long long)layer->out.h, (long long)layer->out.w);
        printf("%-24s %12s %12lld %14lld ", layer->words, out, (long long)layer->params,
               (long long)layer->macs);
        for (int d = 0; d < DIRS; d++) {
            const char *kernel = net_kernel_name(t->net, i, dirs[d]);
            if (kernel) printf(" %s", kernel);
        }
        printf("\n");
        params += layer->params;
        macs += layer->macs;
    }
    printf("%-24s %12s %12lld %14lld\n", "total", "", (long long)params, (long long)macs);
    fflush(stdout);
}

static void print_epoch(const struct trainer_epoch *e) {
    printf("epoch %lld: training loss %.4f, validation loss %.4f, accuracy %.2f %%, "
           "training %.0f images/s, inference %.0f images/s, %.1f s\n",
           (long long)e->epoch, e->train_loss, e->val_loss, e->accuracy, e->train_rate,
           e->infer_rate, e->seconds);
    fflush(stdout);
}

/* ---- For machines ---------------------------------------------------------------------------- */

/* JSON has no NaN: a loss that is none becomes null. */
static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *layers_json(const struct trainer *t) {
    json_t *layers = json_array();
    for (int i = 0; i < t->spec.count; i++) {
        const struct net_layer *layer = &t->spec.layers[i];
        json_t *kernels = json_object();
        for (int d = 0; d < DIRS; d++) {
            const char *kernel = net_kernel_name(t->net, i, dirs[d]);
            if (kernel) json_object_set_new(kernels, pb_dir_name(dirs[d]), json_string(kernel));
        }
        json_array_append_new(layers, json_pack("{s:s, s:[I,I,I], s:I, s:I, s:o}", "layer",
                                                layer->words, "output", (json_int_t)layer->out.c,
                                                (json_int_t)layer->out.h, (json_int_t)layer->out.w,
                                                "parameters", (json_int_t)layer->params, "macs",
                                                (json_int_t)layer->macs, "kernels", kernels));
    }
    return layers;
}

static json_t *epochs_json(const struct trainer *t) {
    json_t *epochs = json_array();
    for (int64_t i = 0; i < t->epochs_done; i++) {
        const struct trainer_epoch *e = &t->epochs[i];
        json_array_append_new(epochs,
                              json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "epoch",
                                        (json_int_t)e->epoch, "train_loss", number(e->train_loss),
                                        "val_loss", number(e->val_loss), "accuracy",
                                        number(e->accuracy), "train_images_per_second",
                                        number(e->train_rate), "infer_images_per_second",
                                        number(e->infer_rate), "seconds", number(e->seconds)));
    }
    return epochs;
}

static enum pb_status print_json(const struct trainer *t) {
    json_t *context = json_object(), *root = json_object();
    for (int i = 0; i < t->fact_count; i++)
        json_object_set_new(context, t->facts[i].key, json_string(t->facts[i].text));
    json_object_set_new(root, "context", context);
    json_object_set_new(root, "layers", layers_json(t));
    json_object_set_new(root, "epochs", epochs_json(t));
    int failed = json_dumpf(root, stdout, JSON_INDENT(2));
    json_decref(root);
    if (failed || printf("\n") < 0) return pb_fail(PB_IO, "the JSON could not be printed");
    return PB_OK;
}

int pb_train_main(int argc, char **argv) {
    struct options options = {
            .settings = {.layout = PB_NHWC, .epochs = 4, .batch = 16, .rate = 0.01}};
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    options.settings.progress = show_progress;
    tuning_cache_load();
    struct trainer trainer;
    enum pb_status status = trainer_create(&options.settings, &trainer);
    if (status != PB_OK) return pb_complain(status);
    if (*net_note(trainer.net)) fprintf(stderr, "poolbench train: %s\n", net_note(trainer.net));
    if (!options.json) print_network(&trainer);
    for (int64_t i = 0; i < trainer.epochs_done && !options.json; i++)
        print_epoch(&trainer.epochs[i]);
    if (trainer.epochs_done == options.settings.epochs)
        fprintf(stderr, "poolbench train: all %lld epochs were done, nothing is left to do\n",
                (long long)trainer.epochs_done);
    while (status == PB_OK && trainer.epochs_done < options.settings.epochs) {
        status = trainer_next(&trainer);
        progress_clear();
        if (status == PB_OK && !options.json) print_epoch(&trainer.epochs[trainer.epochs_done - 1]);
    }
    if (status == PB_OK && options.json) status = print_json(&trainer);
    trainer_free(&trainer);
    return status == PB_OK ? EXIT_PASSED : pb_complain(status);
}
