/* The golden trace: PyTorch's initial weights and batches give PyTorch's losses. */
#include "reference.h"
#include "cifar10/trainer.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char trace[] = GOLDEN_DIR "/trace_gap_strided";
enum { STEPS = 20, BATCH = 16 };

static struct pb_onnx_tensor read_tensor(const char *name) {
    char path[PATH_MAX];
    struct pb_onnx_tensor tensor;
    snprintf(path, sizeof path, "%s/%s.pb", trace, name);
    cr_assert_eq(pb_onnx_tensor_read(path, &tensor), PB_OK, "%s", pb_error());
    return tensor;
}

/* From PyTorch's order o, c, h, w into the network's. */
static void set_param(const struct net_param *param, const char *name) {
    struct pb_onnx_tensor given = read_tensor(name);
    const struct pb_tensor *t = &param->value;
    const float *from = given.buffer.data;
    float *to = t->data;
    cr_assert_eq(given.count, pb_tensor_count(t), "%s", name);
    for (int64_t o = 0; o < t->dims[0]; o++)
        for (int64_t c = 0; c < t->dims[1]; c++)
            for (int64_t h = 0; h < t->dims[3]; h++)
                for (int64_t w = 0; w < t->dims[4]; w++) to[pb_offset(t, o, c, 0, h, w)] = *from++;
    pb_onnx_tensor_free(&given);
}

static uint8_t *read_batches(void) {
    const size_t size = (size_t)STEPS * BATCH * CIFAR_RECORD;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/batches.bin", trace);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    uint8_t *bytes = malloc(size);
    cr_assert_not_null(bytes);
    cr_assert_eq(fread(bytes, 1, size, file), size);
    fclose(file);
    return bytes;
}

/* Follows the first `steps` of the trace. */
static void follow(const char *method, enum pb_layout layout, int steps) {
    static const char *const names[] = {"conv1.weight", "conv1.bias",    "conv2.weight",
                                        "conv2.bias",   "linear.weight", "linear.bias"};
    enum { NAMES = sizeof names / sizeof names[0] };
    const struct net_shape image = {CIFAR_CHANNELS, CIFAR_SIDE, CIFAR_SIDE};
    const struct net_settings settings = {layout, method, BATCH};
    struct net_spec spec;
    struct net *net;
    struct adam adam;
    cr_assert_eq(net_parse("gap-strided", image, &spec), PB_OK, "%s", pb_error());
    cr_assert_eq(net_create(&spec, &settings, &net), PB_OK, "%s", pb_error());
    cr_assert_eq(adam_create(0.01, net_flat_count(net), &adam), PB_OK);
    cr_assert_eq(net_param_count(net), NAMES);
    for (int i = 0; i < NAMES; i++) set_param(net_param_at(net, i), names[i]);
    struct pb_onnx_tensor losses = read_tensor("losses");
    cr_assert_eq(losses.count, STEPS);
    uint8_t *batches = read_batches();
    for (int step = 0; step < steps; step++) {
        const uint8_t *records[BATCH];
        uint8_t labels[BATCH];
        for (int i = 0; i < BATCH; i++)
            records[i] = batches + (size_t)(step * BATCH + i) * CIFAR_RECORD;
        trainer_load(net, records, BATCH, labels);
        double loss, wanted = ((const float *)losses.buffer.data)[step];
        cr_assert_eq(trainer_step(net, &adam, BATCH, labels, &loss), PB_OK, "%s", pb_error());
        cr_expect_leq(fabs(loss - wanted), 1e-4 * fabs(wanted), "step %d: %.7f, PyTorch %.7f",
                      step + 1, loss, wanted);
    }
    free(batches);
    pb_onnx_tensor_free(&losses);
    adam_free(&adam);
    net_free(net);
}

Test(trace, naive_nhwc) {
    follow("naive", PB_NHWC, 3); /* slow, and the code of both layouts is one */
}

Test(trace, naive_nchw) {
    follow("naive", PB_NCHW, STEPS);
}

Test(trace, im2col_nhwc) {
    follow("im2col", PB_NHWC, STEPS);
}

Test(trace, im2col_nchw) {
    follow("im2col", PB_NCHW, STEPS);
}

Test(trace, simd_nhwc) {
    follow("simd", PB_NHWC, STEPS);
}

Test(trace, simd_nchw) {
    follow("simd", PB_NCHW, STEPS);
}
