/* labels.h: problems and times in words, for tables and plots. */
#ifndef PB_LABELS_H
#define PB_LABELS_H

#include "poolbench.h"

enum { PB_LABEL_SIZE = 128 };
/* A problem in words for a plot: "cifar:pool1 max nchw" where it has a name, else its text. */
const char *pb_shape_label(const char *problem, char label[PB_LABEL_SIZE]);

enum { PB_SIZES_SIZE = PB_TEXT_SIZE + 128 };
/* Where operation, layout and direction are known: "vgg16:pool1  1×64×224×224", minibatch, channels
 * and the input's extents; what has no name goes by its descriptor. */
const char *pb_sizes_label(const struct pb_problem *problem, char label[PB_SIZES_SIZE]);

/* "12.3 ns", "4.56 us", … : three digits and a unit. */
const char *pb_time_text(double seconds, char text[16]);

#endif
