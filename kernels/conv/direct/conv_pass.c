/* The passes of a convolution, forward and backward. */
#include "conv/direct/conv_pass.h"
#include "conv/conv_util.h"

static struct conv_walk forward_walk(const struct pb_axis *a) {
    return (struct conv_walk){.count = a->o,
                              .step = 1,
                              .taps = a->k,
                              .tap_step = 1,
                              .stride = a->s,
                              .shift = -a->p,
                              .spread = a->d + 1};
}

/* Input i = first + q s was read through tap k by output o = (i + p - k (d+1)) / s where that has
 * no remainder. The taps for which it has none lie s / gcd(s, d+1) apart; the last reads the first
 * o. */
static struct conv_walk phase_walk(const struct pb_axis *a, int64_t first) {
    struct conv_walk walk = {.count = conv_divide_up(a->i - first, a->s),
                             .first = first,
                             .step = a->s,
                             .stride = 1,
                             .spread = 1};
    int64_t tap = -1, next = -1;
    for (int64_t k = a->k - 1; k >= 0 && next < 0; k--) {
        if ((first + a->p - k * (a->d + 1)) % a->s) continue;
        if (tap < 0)
            tap = k;
        else
            next = k;
    }
    if (tap < 0) return walk;
    walk.tap = tap;
    walk.taps = 1;
    walk.shift = (first + a->p - tap * (a->d + 1)) / a->s;
    if (next >= 0) {
        walk.tap_step = next - tap;
        walk.taps = tap / (tap - next) + 1;
        walk.spread = (tap - next) * (a->d + 1) / a->s;
    }
    return walk;
}

static int64_t phases(const struct pb_axis *a) {
    return a->s < a->i ? a->s : a->i;
}

bool conv_passes_make(const struct pb_problem *p, struct conv_passes *passes) {
    bool forward = p->dir == PB_FWD;
    int64_t ic = p->ic / p->g, oc = p->oc / p->g;
    *passes = (struct conv_passes){
            .read_channels = forward ? ic : oc, .write_channels = forward ? oc : ic, .count = 1};
    int64_t phase[3] = {1, 1, 1};
    for (int i = 0; i < 3; i++) {
        passes->read[i] = forward ? p->axis[i].i : p->axis[i].o;
        passes->write[i] = forward ? p->axis[i].o : p->axis[i].i;
        if (!forward) phase[i] = phases(&p->axis[i]);
        passes->count *= phase[i];
    }
    passes->pass = calloc((size_t)passes->count, sizeof *passes->pass);
    if (!passes->pass) return false;
    int64_t packed = 0;
    for (int64_t n = 0; n < passes->count; n++) {
        struct conv_pass *pass = &passes->pass[n];
        int64_t first[3] = {n / phase[2] / phase[1], n / phase[2] % phase[1], n % phase[2]};
        pass->taps = 1;
        for (int i = 0; i < 3; i++) {
            pass->axis[i] = forward ? forward_walk(&p->axis[i]) : phase_walk(&p->axis[i], first[i]);
            pass->taps *= pass->axis[i].taps;
        }
        pass->packed = packed;
        packed += pass->taps;
    }
    return true;
}

void conv_passes_free(struct conv_passes *passes) {
    free(passes->pass);
    passes->pass = NULL;
}

struct conv_box conv_pass_outputs(const struct conv_pass *pass, const struct conv_box *box) {
    struct conv_box outputs;
    for (int i = 0; i < 3; i++) {
        const struct conv_walk *w = &pass->axis[i];
        int64_t first = box->first[i] - w->first, end = box->end[i] - w->first;
        outputs.first[i] = conv_divide_up(first > 0 ? first : 0, w->step);
        outputs.end[i] = conv_clamp(conv_divide_up(end > 0 ? end : 0, w->step), outputs.first[i],
                                    w->count > outputs.first[i] ? w->count : outputs.first[i]);
    }
    return outputs;
}

struct conv_box conv_passes_reads(const struct conv_passes *passes, const struct conv_box *box) {
    struct conv_box reads = {.first = {INT64_MAX, INT64_MAX, INT64_MAX},
                             .end = {INT64_MIN, INT64_MIN, INT64_MIN}};
    for (int64_t n = 0; n < passes->count; n++) {
        const struct conv_pass *pass = &passes->pass[n];
        struct conv_box outputs = conv_pass_outputs(pass, box);
        for (int i = 0; i < 3; i++) {
            const struct conv_walk *w = &pass->axis[i];
            if (!pass->taps || outputs.first[i] == outputs.end[i]) continue;
            int64_t first = outputs.first[i] * w->stride + w->shift;
            int64_t end = (outputs.end[i] - 1) * w->stride + w->shift + (w->taps - 1) * w->spread;
            if (first < reads.first[i]) reads.first[i] = first;
            if (end + 1 > reads.end[i]) reads.end[i] = end + 1;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (i < 2) {
            reads.first[i] = conv_clamp(reads.first[i], 0, passes->read[i]);
            reads.end[i] = conv_clamp(reads.end[i], reads.first[i], passes->read[i]);
        } else if (reads.end[i] < reads.first[i])
            reads.first[i] = reads.end[i] = 0;
    }
    return reads;
}
