/* Which kernel runs a problem: the one that was preferred, as measured; else the first in the table
 * that the model does not take to be slower than one further down; else the first. */
#include "poolbench.h"
#include <stdlib.h>
#include <string.h>

/* ---- The model ------------------------------------------------------------------------------- *
 *
 * The table's order is that of most problems. Where sizes, layout or caches turn it round, by
 * `poolbench bench` over the layers of models.txt (AMD Zen 4), a row says so. */

static int64_t taps(const struct pb_problem *p) {
    return p->d.k * p->h.k * p->w.k;
}

static int64_t l2(void) {
    const int64_t size = pb_caches().l2;
    return size ? size : 1 << 20;
}

/* A channel whose last elements do not fill a vector pays for a masked one, and there are few
 * others to share the cost. */
static bool channels_end_amid_a_vector(const struct pb_problem *p) {
    const int64_t plane = p->d.i * p->h.i * p->w.i;
    return plane < 256 && plane % 16 != 0;
}

/* Strided rows of a large image are gathered into columns once, not for each block of channels. */
static bool picks_from_a_large_image(const struct pb_problem *p) {
    const int64_t image = p->ic * p->d.i * p->h.i * p->w.i * (int64_t)sizeof(float);
    return taps(p) == 1 && p->d.s * p->h.s * p->w.s > 1 && image > l2();
}

/* With so few products in a sum, packing the input outweighs them. */
static bool conv_forward(const struct pb_problem *p) {
    return p->g == 1 && (p->ic * taps(p) < 64 || picks_from_a_large_image(p));
}

static bool conv_data(const struct pb_problem *p) {
    return p->g == 1 && picks_from_a_large_image(p);
}

/* Weights that do not stay in the cache are gone over once for every few positions; where these
 * are few, a product of matrices that blocks for it is better. */
static bool conv_large_weights(const struct pb_problem *p) {
    const int64_t weights = p->oc * p->ic * taps(p) * (int64_t)sizeof(float);
    const int64_t positions = p->mb * p->d.o * p->h.o * p->w.o;
    return p->g == 1 && weights > l2() && positions < 128;
}

static bool conv_weights_of_one_tap(const struct pb_problem *p) {
    return p->g == 1 && taps(p) == 1;
}

enum { X86 = PB_ISA_AVX2 | PB_ISA_AVX512 };
enum { NCHW = 1 << PB_NCHW, NHWC = 1 << PB_NHWC };

/* A row is about kernels of that method that need one of those ISAs, on those problems. */
static const struct {
    enum pb_op op;
    enum pb_dir dir;
    const char *method;
    unsigned isas, layouts;
    bool (*slow)(const struct pb_problem *p);
} model[] = {
        {PB_GAP, PB_FWD, "direct", PB_ISA_AVX512, NCHW, channels_end_amid_a_vector},
        {PB_CONV, PB_FWD, "direct", X86, NCHW, conv_forward},
        {PB_CONV, PB_BWD, "direct", X86, NCHW, conv_data},
        {PB_CONV, PB_BWD_W, "direct", X86, NCHW | NHWC, conv_large_weights},
        {PB_CONV, PB_BWD_W, "direct", X86, NCHW, conv_weights_of_one_tap},
};

static bool is_slow(const struct pb_kernel *kernel, const struct pb_problem *p) {
    const char *method = pb_kernel_method(kernel);
    for (size_t i = 0; i < sizeof model / sizeof model[0]; i++)
        if (model[i].op == p->op && model[i].dir == p->dir && (model[i].isas & kernel->isa) &&
            (model[i].layouts & 1u << p->layout) && strcmp(model[i].method, method) == 0 &&
            model[i].slow(p))
            return true;
    return false;
}

/* ---- What was measured ----------------------------------------------------------------------- */

/* What pb_prefer was told. */
static struct preference {
    char *text; /* the problem, without its name */
    const struct pb_kernel *kernel;
} * preferences;
static size_t preference_count;

static const char *nameless(const struct pb_problem *problem, char text[PB_TEXT_SIZE]) {
    struct pb_problem own = *problem;
    *own.name = 0;
    return pb_problem_print(&own, text);
}

static struct preference *preference_of(const struct pb_problem *problem) {
    char text[PB_TEXT_SIZE];
    if (preference_count) nameless(problem, text);
    for (size_t i = 0; i < preference_count; i++)
        if (!strcmp(preferences[i].text, text)) return &preferences[i];
    return NULL;
}

enum pb_status pb_prefer(const struct pb_problem *problem, const struct pb_kernel *kernel) {
    struct preference *known = preference_of(problem);
    char text[PB_TEXT_SIZE];
    if (known) return known->kernel = kernel, PB_OK;
    struct preference *grown = realloc(preferences, (preference_count + 1) * sizeof *grown);
    char *copy = strdup(nameless(problem, text));
    if (grown) preferences = grown;
    if (!grown || !copy) {
        free(copy);
        return pb_fail(PB_NOMEM, "no memory for one more preference");
    }
    preferences[preference_count++] = (struct preference){copy, kernel};
    return PB_OK;
}

/* ---- Selection ------------------------------------------------------------------------------- */

/* Of two that the model does not tell apart the first in the table. A reference is better than
 * nothing, never than a kernel that is slow for its kind. */
const struct pb_kernel *pb_select(const struct pb_problem *problem, const char *glob) {
    const size_t count = pb_kernel_count();
    const struct preference *known = preference_of(problem);
    const struct pb_kernel *slow = NULL;
    if (known && pb_kernel_runs(known->kernel, problem, glob)) return known->kernel;
    for (size_t i = 0; i < count; i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        if (!glob && pb_kernel_provider(kernel)) break;
        if (!pb_kernel_runs(kernel, problem, glob)) continue;
        bool reference = strcmp(pb_kernel_method(kernel), "naive") == 0;
        if (slow && reference) break;
        if (!is_slow(kernel, problem)) return kernel;
        if (!slow) slow = kernel;
    }
    if (slow) return slow;
    char text[PB_TEXT_SIZE];
    pb_fail(PB_UNSUPPORTED, "no kernel%s%s accepts %s with ISA %s", glob ? " matching " : "",
            glob ? glob : "", pb_problem_print(problem, text), pb_isa_name(pb_isa()));
    return NULL;
}
