/* conv_pass.h: both data directions of a convolution as the same thing. A pass is a correlation: it
 * writes a regular grid of outputs, each of them a sum over the same taps of what is read. Forward
 * is one pass. The gradient of the input is one pass per phase of the stride: the inputs with the
 * same position modulo the stride are reached through the same taps. */
#ifndef PB_CONV_PASS_H
#define PB_CONV_PASS_H

#include "poolbench.h"

/* One axis of a pass. Output o of 0 … count-1 lies at first + o step of what is written. Through
 * tap j of 0 … taps-1, whose weights are those of window position tap + j tap_step, it reads
 * position o stride + shift + j spread (spread > 0) of what is read, if there is one. */
struct conv_walk {
    int64_t count, first, step;
    int64_t taps, tap, tap_step;
    int64_t stride, shift, spread;
};

struct conv_pass {
    struct conv_walk axis[3];
    int64_t taps;   /* of all axes */
    int64_t packed; /* taps of the passes before this one: its place in the packed weights */
};

/* A rectangle of positions [first, end) by axis. */
struct conv_box {
    int64_t first[3], end[3];
};

/* Channels count within a group. */
struct conv_passes {
    int64_t read_channels, write_channels;
    int64_t read[3], write[3]; /* extents */
    int64_t count;
    struct conv_pass *pass;
};

/* For PB_FWD and PB_BWD; false if there is no memory. */
bool conv_passes_make(const struct pb_problem *problem, struct conv_passes *passes);
void conv_passes_free(struct conv_passes *passes);

/* The outputs [first, end) of a pass that lie in the box, by axis; the box may be empty then. */
struct conv_box conv_pass_outputs(const struct conv_pass *pass, const struct conv_box *box);
/* The box that all passes read to write `box`: in d and h clipped to what there is, in w with the
 * padding. */
struct conv_box conv_passes_reads(const struct conv_passes *passes, const struct conv_box *box);

#endif
