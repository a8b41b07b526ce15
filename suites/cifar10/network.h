/* network.h: networks from one line, every layer run by kernels of the registry. */
#ifndef NETWORK_H
#define NETWORK_H

#include "reference.h"

/* ---- The line -------------------------------------------------------------------------------- */

/*   layer | layer | …
 *
 *   conv N kK [sS] [pP] [dD] [gG]     N channels, window K, stride S, padding P, dilation D (from
 *                                     0), G groups; always with a bias
 *   maxpool kK [sS] [pP] [dD]         the stride defaults to the window, as in PyTorch
 *   avgpool kK [sS] [pP]              padding counts, as in PyTorch
 *   gap                               the average over each channel
 *   relu | flatten | linear N
 *
 * K, S, P and D may be two numbers, height first: k3x5. */

enum net_kind { NET_CONV, NET_POOL, NET_RELU, NET_FLATTEN, NET_LINEAR };

struct net_shape {
    int64_t c, h, w;
};

enum { NET_LAYERS = 64, NET_LINE_SIZE = 1024, NET_WORDS_SIZE = 64 };

struct net_layer {
    enum net_kind kind;
    char words[NET_WORDS_SIZE]; /* as in the line */
    struct net_shape in, out;
    /* Where kind is neither relu nor flatten: what it computes, for one image, forward, nchw. A
     * linear layer is a convolution whose window and input are 1 x 1. */
    struct pb_problem problem;
    /* The extents of one output's weights. A linear layer's is the shape that flatten unrolled, so
     * that its weights mean the same in every layout. */
    struct net_shape window;
    int64_t params, macs; /* macs: multiply-adds of one image, forward */
};

struct net_spec {
    const char *name; /* of the table of known networks, or "custom" */
    char line[NET_LINE_SIZE];
    int count;
    struct net_layer layers[NET_LAYERS];
};

/* Reads a line, or the name of a known network. INVALID names the layer and why it does not fit. */
enum pb_status net_parse(const char *text, struct net_shape in, struct net_spec *spec);
/* The known networks; NULL past the last. */
const char *net_known_name(int i);
const char *net_known_line(int i);

/* ---- The network ----------------------------------------------------------------------------- */

/* One parameter tensor: views over the network's values and gradients, in the network's layout, of
 * logical dimensions o, c, d, h, w (bias: o only). */
struct net_param {
    int layer;
    bool bias;
    struct pb_tensor value, grad;
};

struct net_settings {
    enum pb_layout layout; /* nchw or nhwc */
    const char *method;    /* as pb_kernel_is has it; NULL: the best of the registry */
    int64_t batch;         /* the most images in a step */
};

struct net;

enum pb_status net_create(const struct net_spec *spec, const struct net_settings *settings,
                          struct net **net);
void net_free(struct net *net); /* accepts NULL */

/* Draws weights and biases as PyTorch's defaults do: uniform within 1 / sqrt(fan in). The same seed
 * gives the same network in every layout. */
void net_init(struct net *net, struct pb_rng *rng);

/* The input of the next step: mb images in the network's layout. */
struct pb_tensor net_input(const struct net *net, int64_t mb);
/* Runs the first mb images of the input. With `training` keeps what net_backward needs. */
enum pb_status net_forward(struct net *net, int64_t mb, bool training);
/* The last layer's output of the step: image i's values are at i times their number. */
const float *net_output(const struct net *net);
/* Softmax and cross-entropy of the output: the sum of the images' losses and how many are right.
 * Makes the gradient of the mean loss for net_backward. */
void net_loss(struct net *net, int64_t mb, const uint8_t *labels, double *loss, int64_t *right);
/* Writes every parameter's gradient. After net_forward with `training`, and net_loss. */
enum pb_status net_backward(struct net *net, int64_t mb);

/* Parameters in the order of the layers, weights before bias. */
int net_param_count(const struct net *net);
const struct net_param *net_param_at(const struct net *net, int i);
/* All parameters, and all gradients, as one array each: what an optimiser walks over. Some elements
 * between two tensors belong to neither; they stay 0 in both. */
int64_t net_flat_count(const struct net *net);
float *net_flat_values(const struct net *net);
const float *net_flat_grads(const struct net *net);

/* The name of the kernel that a layer runs in a direction with a full batch; NULL where none. */
const char *net_kernel_name(const struct net *net, int layer, enum pb_dir dir);
/* Where another method than the one asked for had to be taken: a sentence; else "". */
const char *net_note(const struct net *net);

#endif
