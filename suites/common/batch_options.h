/* batch_options.h: the options of benchdnn's pool and conv drivers, those of oneDNN 2.6 to 3.12.
 * Each is honoured, or asks for something that is not done here, or steers benchdnn alone. */
#ifndef PB_BATCH_OPTIONS_H
#define PB_BATCH_OPTIONS_H

#include "poolbench.h"

/* What options say whose values are lists; a descriptor stands for every combination. */
enum batch_list {
    BATCH_ALG,
    BATCH_TYPES,
    BATCH_BIAS,
    BATCH_TAG,
    BATCH_SRC_TAG,
    BATCH_WEIGHTS_TAG,
    BATCH_DST_TAG,
    BATCH_DIR,
    BATCH_MB,
    /* Of these only what changes nothing can be done. */
    BATCH_ATTRIBUTES,
    BATCH_POST_OPS = BATCH_ATTRIBUTES,
    BATCH_SCALES,
    BATCH_OUTPUT_SCALES,
    BATCH_ZERO_POINTS,
    BATCH_REDUCTIONS,
    BATCH_DROPOUT,
    BATCH_ROUNDING,
    BATCH_MATH,
    BATCH_ACCUMULATION,
    BATCH_OTHER_ATTRIBUTES,
    BATCH_STRIDES,
    BATCH_LISTS
};

enum batch_kind {
    BATCH_LIST,   /* its values are of `list` */
    BATCH_MATCH,  /* picks descriptors */
    BATCH_FILE,   /* is followed */
    BATCH_RESET,  /* forgets what was given */
    BATCH_STEERS, /* steers benchdnn alone: ignored */
    BATCH_POOL,   /* these say whose descriptors follow */
    BATCH_CONV,
    BATCH_DRIVER,
};

struct batch_option {
    const char *name;
    enum batch_kind kind;
    enum batch_list list;
    bool bare; /* has no value */
};

/* The option of that word, as "--dt=f32", and its value ("" of a bare one). INVALID names what is
 * none, lacks its value or has one. */
enum pb_status batch_option_find(const char *word, const struct batch_option **option,
                                 const char **value);

/* What one value of a list is here: an enum pb_op, pb_dtype, pb_layout or pb_dir, a number; or one
 * of these. */
enum {
    BATCH_LEFT_OUT = -2, /* not done here */
    BATCH_UNKNOWN = -3,  /* no value of that option */
    BATCH_ANY_TAG = PB_LAYOUTS,
    BATCH_TRAINING = PB_DIRS, /* fwd_idx of what has indices */
};
int64_t batch_value(enum batch_list list, const char *text);
/* The values that the list takes, for a sentence; "" where they are too many. */
const char *batch_expected(enum batch_list list);

/* A tag's value holds more than the layout: the rank that it is of, 0 for any; of weights also
 * whether they have groups. */
static inline enum pb_layout batch_tag_layout(int64_t value) {
    return (enum pb_layout)(value & 0xff);
}
static inline int batch_tag_rank(int64_t value) {
    return (int)(value >> 8 & 0xff);
}
/* Whether weights with that tag lie as those of the problem do. */
bool batch_weights_fit(int64_t value, const struct pb_problem *problem);

#endif
