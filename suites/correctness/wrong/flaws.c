/* The kernel of a flaw, and flaws of size: code that counts in 8 or 16 bits, has room for so many,
 * or leaves a tail. */
#include "wrong/flaws.h"
#include "core/op_traits.h"
#include "wrong/wrong_tools.h"
#include <float.h>

/* ---- The kernel ------------------------------------------------------------------------------ */

static const struct flaw *chosen;

/* Whether a list of words holds one. */
static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length])) return true;
    return false;
}

bool flaw_takes(const struct flaw *flaw, const struct pb_problem *p) {
    return flaw->dirs >> p->dir & 1 && has_word(flaw->ops, pb_op_name(p->op)) &&
           (p->dtype == PB_F32 || !flaw->f32_only) && pb_select(p, "*_naive");
}

bool flaw_shows(const struct flaw *flaw, const struct pb_problem *p) {
    return flaw->size ? flaw->size(p) > flaw->above : flaw->shows(p);
}

static bool can_do(const struct pb_problem *p) {
    return flaw_takes(chosen, p);
}

/* Off by a hundredth, or by one. */
static void spoil_last(const struct pb_tensor *t) {
    int64_t at[5], count = pb_tensor_count(t);
    for (int axis = 0; axis < 5; axis++) at[axis] = t->dims[axis] - 1;
    if (count == 0) return;
    int64_t last = offset(t, at);
    if (t->dtype == PB_F32) {
        float *x = (float *)t->data + last;
        *x += *x == 0 || !(*x <= FLT_MAX && *x >= -FLT_MAX) ? 1.0f - *x : 0.01f * *x;
    } else {
        ((unsigned char *)t->data)[last] ^= 1;
    }
}

static enum pb_status run_flawed(const struct pb_problem *p, void *plan,
                                 const struct pb_args *args) {
    (void)plan;
    bool shows = flaw_shows(chosen, p);
    if (shows && chosen->run) return chosen->run(p, args);
    enum pb_status status = right(p, args);
    if (!status && shows) spoil_last(output(p, args));
    return status;
}

struct pb_kernel flaw_kernel(const struct flaw *flaw) {
    chosen = flaw;
    return (struct pb_kernel){.name = flaw->name,
                              .can_do = can_do,
                              .setup = pb_setup_nothing,
                              .run = run_flawed,
                              .done = pb_done_nothing};
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

static int64_t batch(const struct pb_problem *p) {
    return p->mb;
}

static int64_t input_channels(const struct pb_problem *p) {
    return p->ic / p->g;
}

static int64_t output_channels(const struct pb_problem *p) {
    return p->oc / p->g;
}

static int64_t groups(const struct pb_problem *p) {
    return p->g;
}

static int64_t width(const struct pb_problem *p) {
    return p->w.i;
}

static int64_t height(const struct pb_problem *p) {
    return p->h.i;
}

static int64_t depth(const struct pb_problem *p) {
    return p->d.i;
}

static int64_t output_width(const struct pb_problem *p) {
    return p->w.o;
}

static int64_t stride(const struct pb_problem *p) {
    return p->w.o > 1 ? p->w.s : 1;
}

static int64_t padding(const struct pb_problem *p) {
    return p->w.p;
}

static int64_t dilation(const struct pb_problem *p) {
    return p->w.k > 1 ? p->w.d + 1 : 1;
}

static int64_t taps(const struct pb_problem *p) {
    return p->d.k * p->h.k * p->w.k;
}

static int64_t row_taps(const struct pb_problem *p) {
    return p->w.k;
}

static int64_t column_taps(const struct pb_problem *p) {
    return p->h.k;
}

#define POOLS "max avg_p avg_np lp"
#define STRIDED POOLS " conv"
#define ALL STRIDED " blur s2d gap gmp adaptive_max adaptive_avg"
#define ROW(of, operations, limit, where)                                                          \
    {                                                                                              \
        .name = "wrong_" #of "_above_" #limit, .ops = operations, .dirs = EVERY_DIR, .size = of,   \
        .above = limit, .record = where                                                            \
    }

const struct flaw size_flaws[] = {
        ROW(batch, ALL, 255, NULL),
        ROW(batch, ALL, 4096, NULL),
        ROW(batch, ALL, 65535, NULL),
        ROW(input_channels, ALL, 256, NULL),
        ROW(input_channels, ALL, 1024, NULL),
        ROW(input_channels, ALL, 32767, NULL),
        ROW(input_channels, ALL, 65535, NULL),
        ROW(output_channels, "conv s2d", 256, NULL),
        ROW(output_channels, "conv s2d", 65535, NULL),
        ROW(groups, "conv", 256, NULL),
        ROW(groups, "conv", 65535, NULL),
        ROW(width, ALL, 255, NULL),
        ROW(width, ALL, 512, NULL),
        ROW(width, ALL, 2048, "opencv/opencv#15996"),
        ROW(width, ALL, 16384, NULL),
        ROW(width, ALL, 32767, NULL),
        ROW(width, ALL, 65535, "uxlfoundation/oneDNN#2386"),
        ROW(height, ALL, 255, NULL),
        ROW(height, ALL, 32767, NULL),
        ROW(height, ALL, 65535, NULL),
        ROW(depth, ALL, 255, NULL),
        ROW(depth, ALL, 65535, NULL),
        ROW(output_width, STRIDED " s2d adaptive_max adaptive_avg", 8192, NULL),
        ROW(stride, STRIDED, 255, NULL),
        ROW(stride, STRIDED, 65535, NULL),
        ROW(padding, STRIDED, 255, NULL),
        ROW(padding, STRIDED, 65535, NULL),
        ROW(dilation, STRIDED, 255, NULL),
        ROW(dilation, STRIDED, 65535, NULL),
        ROW(taps, STRIDED " s2d gap gmp", 64, "FlagOpen/FlagGems#4924"),
        ROW(taps, STRIDED " s2d gap gmp", 255, "uxlfoundation/oneDNN#2386"),
        ROW(taps, STRIDED " s2d gap gmp", 65535, "uxlfoundation/oneDNN#2386"),
        ROW(row_taps, STRIDED " s2d", 1024, NULL),
        ROW(column_taps, STRIDED " s2d", 127, NULL),
        ROW(column_taps, STRIDED " s2d", 32767, NULL),
};
const int size_flaw_count = sizeof size_flaws / sizeof size_flaws[0];
