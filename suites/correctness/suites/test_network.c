/* Networks: their lines, their shapes, their gradients, and that layout and
 * threads change nothing. */
#include "cifar10/network.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct net_shape image = {3, 32, 32};

static struct net_spec parsed(const char *line, struct net_shape in) {
    struct net_spec spec;
    cr_assert_eq(net_parse(line, in, &spec), PB_OK, "%s: %s", line, pb_error());
    return spec;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void expect_layer(const struct net_spec *spec, int i, int64_t c, int64_t h, int64_t w,
                         int64_t params, int64_t macs) {
    const struct net_layer *layer = &spec->layers[i];
    cr_expect_eq(layer->out.c, c, "%s", layer->words);
    cr_expect_eq(layer->out.h, h, "%s", layer->words);
    cr_expect_eq(layer->out.w, w, "%s", layer->words);
    cr_expect_eq(layer->params, params, "%s", layer->words);
    cr_expect_eq(layer->macs, macs, "%s", layer->words);
}

Test(netspec, gap_strided) {
    struct net_spec spec = parsed("gap-strided", image);
    cr_expect_str_eq(spec.name, "gap-strided");
    cr_expect_str_eq(spec.line,
                     "conv 64 k3 p1 | relu | conv 128 k3 s2 p1 | relu | gap | linear 10");
    cr_assert_eq(spec.count, 6);
    cr_expect_str_eq(spec.layers[2].words, "conv 128 k3 s2 p1");
    expect_layer(&spec, 0, 64, 32, 32, 3 * 3 * 3 * 64 + 64, 32 * 32 * 64 * 27);
    expect_layer(&spec, 1, 64, 32, 32, 0, 0);
    expect_layer(&spec, 2, 128, 16, 16, 73856, 16 * 16 * 128 * 64 * 9);
    expect_layer(&spec, 4, 128, 1, 1, 0, 0);
    expect_layer(&spec, 5, 10, 1, 1, 1290, 1280);
}

Test(netspec, known_networks_fit) {
    struct net_spec early = parsed("gap-maxpool-early", image);
    expect_layer(&early, 2, 64, 16, 16, 0, 0);
    expect_layer(&early, 3, 128, 16, 16, 73856, 16 * 16 * 128 * 64 * 9);
    struct net_spec late = parsed("gap-avgpool", image);
    expect_layer(&late, 2, 128, 32, 32, 73856, 32 * 32 * 128 * 64 * 9);
    expect_layer(&late, 4, 128, 16, 16, 0, 0);
    struct net_spec flat = parsed("flatten-strided", image);
    expect_layer(&flat, 4, 32768, 1, 1, 0, 0);
    expect_layer(&flat, 5, 10, 1, 1, 327690, 327680);
    int count = 0;
    for (; net_known_name(count); count++) {
        struct net_spec spec = parsed(net_known_name(count), image);
        cr_expect_str_eq(spec.line, net_known_line(count));
        cr_expect_eq(spec.layers[spec.count - 1].out.c, 10);
    }
    cr_expect_eq(count, 6);
}

Test(netspec, every_option_counts) {
    struct net_spec spec =
            parsed(" conv 6 k3x5 s2x1 p1x2 d1x0 g3|maxpool k2 |avgpool k2x1 s1 p1x0", image);
    cr_expect_str_eq(spec.name, "custom");
    /* h: (32 + 2 - 5) / 2 + 1, w: 32 + 4 - 5 + 1; one input channel in each of three groups */
    expect_layer(&spec, 0, 6, 15, 32, 6 * (15 + 1), 15 * 32 * 6 * 15);
    expect_layer(&spec, 1, 6, 7, 16, 0, 0);
    expect_layer(&spec, 2, 6, 8, 16, 0, 0);
}

static const struct {
    const char *line, *sentence;
} bad_lines[] = {
        {"", "layer 1 of the network is empty"},
        {"relu | | relu", "layer 2 of the network is empty"},
        {"relu |", "layer 2 of the network is empty"},
        {"gap-stride", "\"gap-stride\" is neither a layer"},
        {"relu | pool k2", "layer 2: \"pool\" is neither a layer"},
        {"conv k3", "layer 1: conv needs its number of outputs, not \"k3\""},
        {"conv", "layer 1: conv needs its number of outputs, not \"\""},
        {"conv 0 k3", "needs its number of outputs, not \"0\""},
        {"conv -4 k3", "needs its number of outputs, not \"-4\""},
        {"conv 99999999999999999999 k3", "needs its number of outputs"},
        {"conv 8", "layer 1: conv needs its window"},
        {"maxpool", "layer 1: maxpool needs its window"},
        {"conv 8 k", "layer 1: \"k\" needs a number"},
        {"conv 8 k3x", "\"k3x\" needs a number"},
        {"conv 8 k3x3x3", "\"k3x3x3\" needs a number"},
        {"conv 8 k-3", "\"k-3\" needs a number"},
        {"conv 8 k3 s0", "\"s0\" must be at least 1"},
        {"conv 8 k3 g1x2", "\"g1x2\" needs one number"},
        {"conv 8 k3 z1", "layer 1: conv has no \"z1\""},
        {"maxpool k2 g2", "layer 1: maxpool has no \"g2\""},
        {"relu 3", "layer 1: relu has no \"3\""},
        {"conv 8 k40", "layer 1 (conv 8 k40) does not fit its input of 3x32x32"},
        {"gap | maxpool k2", "layer 2 (maxpool k2) does not fit its input of 3x1x1"},
        {"conv 8 k40 s9", "the window kh spans 40, but with its padding ih has only 32"},
        {"conv 8 k3x33 s2", "the window kw spans 33, but with its padding iw has only 32"},
        {"conv 8 k17 d2", "the window kh spans 49"},
        {"maxpool k33", "the window kh spans 33"},
        {"avgpool k16 | avgpool k1x3", "the window kw spans 3"},
        {"maxpool k10000000000000000000", "\"k10000000000000000000\" needs a number"},
        {"conv 8 k9223372036854775807", "the window kh spans 9223372036854775807"},
        {"conv 8 k3 d9223372036854775807", "axis h overflow"},
        {"conv 8 k3 g2", "layer 1 (conv 8 k3 g2) does not fit its input of 3x32x32"},
        {"linear 10", "layer 1 (linear 10) does not fit its input of 3x32x32"},
        {"maxpool k3 p2", "padding 2 is more than half of its window of 3"},
        {"avgpool k2 p2", "padding 2 is more than half of its window of 2"},
        {"maxpool k3x2 s1 p1x2", "padding 2 is more than half of its window of 2"},
        {"maxpool k16 | maxpool k2 p1 d2", "dilation 2 steps over the whole input"},
        {"relu\nlinear 10", "a control character (number 10) after \"relu\""},
        {"relu |\tgap", "a control character (number 9) after \"relu |\""},
        {"gap | linear 10\r\n", "a control character (number 13)"},
        {"flatten | conv 8 k1", "layer 2 (conv 8 k1) does not fit its input of 3072x1x1"},
};

Test(netspec, bad_lines_name_the_layer) {
    for (size_t i = 0; i < sizeof bad_lines / sizeof bad_lines[0]; i++) {
        struct net_spec spec;
        cr_expect_eq(net_parse(bad_lines[i].line, image, &spec), PB_INVALID, "%s",
                     bad_lines[i].line);
        cr_expect_not_null(strstr(pb_error(), bad_lines[i].sentence), "%s: \"%s\", not \"%s\"",
                           bad_lines[i].line, pb_error(), bad_lines[i].sentence);
    }
}

Test(netspec, too_long_is_refused) {
    struct net_spec spec;
    char line[2000] = "relu";
    for (int i = 0; i < NET_LAYERS; i++) strcat(line, "|relu");
    cr_expect_eq(net_parse(line, image, &spec), PB_INVALID);
    memset(line, ' ', sizeof line - 1);
    cr_expect_eq(net_parse(line, image, &spec), PB_INVALID);
    snprintf(line, sizeof line, "conv 8 k3%100s", "p1");
    cr_expect_eq(net_parse(line, image, &spec), PB_INVALID);
}

/* ---- Networks -------------------------------------------------------------------------------- */

static const struct net_shape small = {2, 6, 7};
enum { BATCH = 3, CLASSES = 3, PIXELS = 2 * 6 * 7 };
static const uint8_t labels[BATCH] = {2, 0, 1};

static struct net *make_net(const char *line, enum pb_layout layout, const char *method) {
    struct net_spec spec = parsed(line, small);
    struct net *net;
    const struct net_settings settings = {layout, method, BATCH};
    cr_assert_eq(net_create(&spec, &settings, &net), PB_OK, "%s: %s", line, pb_error());
    struct pb_rng rng = {5};
    net_init(net, &rng);
    return net;
}

/* Puts the same images in, whatever the layout. A max has no ties in them. */
static void fill_input(struct net *net, int64_t mb) {
    struct pb_rng rng = {7};
    struct pb_tensor x = net_input(net, mb);
    for (int64_t n = 0; n < mb; n++)
        for (int64_t c = 0; c < small.c; c++)
            for (int64_t h = 0; h < small.h; h++)
                for (int64_t w = 0; w < small.w; w++)
                    ((float *)x.data)[pb_offset(&x, n, c, 0, h, w)] =
                            (float)(2 * pb_rng_unit(&rng) - 1);
}

static double loss_of(struct net *net, int64_t mb) {
    double loss;
    int64_t right;
    fill_input(net, mb); /* a first relu works in place */
    cr_assert_eq(net_forward(net, mb, true), PB_OK, "%s", pb_error());
    net_loss(net, mb, labels, &loss, &right);
    return loss / (double)mb;
}

static const char *const small_lines[] = {
        "flatten | linear 3",
        "conv 4 k3 p1 | relu | gap | linear 3",
        "conv 4 k3 s2 p1 | relu | flatten | relu | linear 5 | relu | linear 3",
        "conv 4 k3x1 p1x0 | conv 6 k3 p2 d1 g2 | gap | linear 3",
        "relu | conv 4 k2 | maxpool k3 s1 p1 | conv 5 k3 p1 | maxpool k2 | flatten | linear 3",
        "conv 4 k3 p1 | avgpool k3 s2 p1 | conv 4 k1 | avgpool k2 | gap | linear 3",
};
enum { LINES = sizeof small_lines / sizeof small_lines[0] };

static double slope_at(struct net *net, float *value, double step, double loss) {
    float held = *value;
    *value = (float)(held + step);
    double slope = (loss_of(net, BATCH) - loss) / ((double)*value - held);
    *value = held;
    return slope;
}

/* Differences of the loss, at some elements of every parameter. Where relu or max has a kink
 * within the step on one side, the other side's slope is the right one. */
static void check_gradients(struct net *net, const char *line) {
    const double step = 2e-3;
    double loss = loss_of(net, BATCH);
    cr_assert_eq(net_backward(net, BATCH), PB_OK, "%s", pb_error());
    for (int i = 0; i < net_param_count(net); i++) {
        const struct net_param *param = net_param_at(net, i);
        int64_t count = pb_tensor_count(&param->value);
        const float *grads = param->grad.data;
        float *values = param->value.data;
        for (int64_t k = 0; k < count; k += 1 + count / 12) {
            double up = slope_at(net, &values[k], step, loss);
            double down = slope_at(net, &values[k], -step, loss);
            double off = fmin(fabs(up - grads[k]), fabs(down - grads[k]));
            cr_expect_lt(off, 2e-3 + 0.02 * fabs(up),
                         "%s: parameter %d of layer %d%s: %g, by differences %g and %g", line,
                         (int)k, param->layer + 1, param->bias ? " (bias)" : "", grads[k], up,
                         down);
        }
    }
}

static void check_all_gradients(enum pb_layout layout, const char *method) {
    for (int i = 0; i < LINES; i++) {
        struct net *net = make_net(small_lines[i], layout, method);
        check_gradients(net, small_lines[i]);
        net_free(net);
    }
}

Test(network, gradients_nchw) {
    check_all_gradients(PB_NCHW, NULL);
}

Test(network, gradients_nhwc) {
    check_all_gradients(PB_NHWC, NULL);
}

Test(network, gradients_naive) {
    check_all_gradients(PB_NHWC, "naive");
}

static void expect_close(const float *a, const float *b, int64_t count, const char *line) {
    for (int64_t i = 0; i < count; i++)
        cr_expect_lt(fabsf(a[i] - b[i]), 1e-5f + 1e-4f * fabsf(a[i]), "%s: output %d: %g and %g",
                     line, (int)i, a[i], b[i]);
}

/* One seed, one network: flatten unrolls the same in both layouts. */
Test(network, layouts_and_methods_agree) {
    for (int i = 0; i < LINES; i++) {
        struct net *a = make_net(small_lines[i], PB_NCHW, "naive");
        struct net *b = make_net(small_lines[i], PB_NHWC, "im2col");
        cr_expect_float_eq(loss_of(a, BATCH), loss_of(b, BATCH), 1e-5, "%s", small_lines[i]);
        expect_close(net_output(a), net_output(b), BATCH * CLASSES, small_lines[i]);
        net_free(a);
        net_free(b);
    }
}

/* The last step of an epoch: fewer images, the same answers. */
Test(network, smaller_steps_agree) {
    for (int i = 0; i < LINES; i++) {
        struct net *net = make_net(small_lines[i], PB_NHWC, NULL);
        float full[BATCH * CLASSES];
        loss_of(net, BATCH);
        memcpy(full, net_output(net), sizeof full);
        loss_of(net, 1);
        expect_close(full, net_output(net), CLASSES, small_lines[i]);
        fill_input(net, BATCH);
        cr_assert_eq(net_forward(net, BATCH, false), PB_OK);
        expect_close(full, net_output(net), BATCH * CLASSES, small_lines[i]);
        net_free(net);
    }
}

Test(network, threads_change_no_bit) {
    for (int i = 0; i < LINES; i++) {
        struct net *one = make_net(small_lines[i], PB_NHWC, NULL);
        pb_set_threads(1);
        loss_of(one, BATCH);
        cr_assert_eq(net_backward(one, BATCH), PB_OK);
        struct net *three = make_net(small_lines[i], PB_NHWC, NULL);
        pb_set_threads(3);
        loss_of(three, BATCH);
        cr_assert_eq(net_backward(three, BATCH), PB_OK);
        cr_expect_eq(memcmp(net_flat_grads(one), net_flat_grads(three),
                            (size_t)net_flat_count(one) * sizeof(float)),
                     0, "%s", small_lines[i]);
        net_free(one);
        net_free(three);
    }
}

Test(network, initial_values_are_within_their_bounds) {
    struct net *net = make_net("conv 32 k3 p1 | gap | linear 200 | linear 3", PB_NHWC, NULL);
    const double bounds[] = {1 / sqrt(18), 1 / sqrt(32), 1 / sqrt(200)};
    cr_assert_eq(net_param_count(net), 6);
    for (int i = 0; i < 4; i++) {
        const struct net_param *param = net_param_at(net, i);
        const float *values = param->value.data;
        float largest = 0;
        for (int64_t k = 0; k < pb_tensor_count(&param->value); k++)
            largest = fmaxf(largest, fabsf(values[k]));
        cr_expect_leq(largest, bounds[i / 2], "%d", i);
        cr_expect_geq(largest, 0.8 * bounds[i / 2], "%d", i);
    }
    net_free(net);
}

Test(network, loss_of_known_output) {
    struct net *net = make_net("flatten | linear 3", PB_NHWC, NULL);
    memset(net_flat_values(net), 0, (size_t)net_flat_count(net) * sizeof(float));
    cr_expect_float_eq(loss_of(net, BATCH), log(3), 1e-7);
    net_free(net);
}

Test(network, what_cannot_be_made_is_refused) {
    struct net_spec spec = parsed("relu | gap", image);
    struct net *net;
    struct net_settings settings = {PB_NHWC, NULL, 4};
    cr_expect_eq(net_create(&spec, &settings, &net), PB_INVALID);
    cr_expect_not_null(strstr(pb_error(), "no parameters"));
    spec = parsed("gap | linear 10", image);
    settings.method = "fastest";
    cr_expect_eq(net_create(&spec, &settings, &net), PB_INVALID);
    cr_expect_not_null(strstr(pb_error(), "\"fastest\""));
    settings.method = "naive";
    cr_assert_eq(net_create(&spec, &settings, &net), PB_OK);
    cr_expect_eq(net_forward(net, 5, true), PB_INVALID);
    cr_expect_eq(net_forward(net, 0, true), PB_INVALID);
    net_free(net);
}
