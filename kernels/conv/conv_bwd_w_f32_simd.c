/* Gradient of a convolution's weights with SIMD, nchw and nhwc: tiles of taps by output channels,
 * summed over pixels. The pixels are dealt into chunks, as many as the problem says; each has its
 * own sum, and these are added in order. */
#include "conv/direct/conv_tile.h"
#include "conv/direct/conv_view.h"
#include "window/window.h"
#include <omp.h>
#include <string.h>

enum {
    BAND_PIXELS = 64,      /* whose gradients of one block of channels stay in L1 */
    COPY_FLOATS = 1 << 16, /* of a copied band: larger than BAND_PIXELS, as bands overlap */
    FEWEST_CHANNELS = 16,  /* with fewer, src is copied, so that taps along w are one run */
    CHUNK_PIXELS = 512,    /* worth a sum of its own */
    MOST_CHUNKS = 16,
    PARTIAL_FLOATS = 1 << 24 /* of all sums, where one sum is not larger */
};

struct plan {
    bool copy_src, copy_dst;
    bool depthwise; /* every channel is its own group, all are done as one */
    int64_t groups;
    int64_t inputs, outputs; /* channels of a group that one weight joins, and that are written */
    int64_t pixel;           /* floats from pixel to pixel in a copy of src */
    int64_t taps;            /* kd kh kw inputs: the rows of a sum; one more holds the bias */
    int64_t channels;        /* outputs, in whole vectors */
    int64_t rows, bands;     /* of dst in one task's step; steps of one d */
    int64_t chunks, parts;   /* sums; tasks by block of channels where nothing is copied */
    int threads;
    int64_t src_size, dst_size, list_size; /* of one thread's */
    float *src, *dst;
    const float **list;
    float *zeros;
    float *sums; /* [chunk][group][block][tap or bias][channel of the block] */
};

/* One band of dst rows, of one image and group. */
struct band {
    int64_t d, first, end; /* rows h */
    struct conv_view src;
    const float *dst; /* pixel (d, first, 0) */
    int64_t pixel;    /* floats from pixel to pixel in dst */
    const float **list;
};

/* ---- setup ----------------------------------------------------------------------------------- */

/* What a band reads: in d and h clipped to src, in w with the padding. */
static struct conv_box band_reads(const struct pb_problem *p, int64_t d, int64_t first,
                                  int64_t end) {
    const int64_t from[3] = {d, first, 0}, to[3] = {d + 1, end, p->w.o};
    struct conv_box box;
    for (int i = 0; i < 3; i++) {
        const struct pb_axis *a = &p->axis[i];
        box.first[i] = window_at(a, from[i], 0);
        box.end[i] = window_at(a, to[i] - 1, a->k - 1) + 1;
        if (i == 2) break;
        box.first[i] = conv_clamp(box.first[i], 0, a->i);
        box.end[i] = conv_clamp(box.end[i], box.first[i], a->i);
    }
    return box;
}

static bool allocate(struct plan *plan) {
    plan->src = conv_floats(plan->threads * plan->src_size);
    plan->dst = conv_floats(plan->threads * plan->dst_size);
    plan->list = calloc((size_t)(plan->threads * plan->list_size), sizeof *plan->list);
    plan->zeros = conv_floats(TILE_VECTORS * VL);
    plan->sums = conv_floats(plan->chunks * plan->groups * (plan->taps + 1) * plan->channels);
    if (!plan->src || !plan->dst || !plan->list || !plan->zeros || !plan->sums) return false;
    memset(plan->zeros, 0, TILE_VECTORS * VL * sizeof *plan->zeros);
    return true;
}

static void done(void *data) {
    struct plan *plan = data;
    if (!plan) return;
    free(plan->src);
    free(plan->dst);
    free(plan->list);
    free(plan->zeros);
    free(plan->sums);
    free(plan);
}

static enum pb_status setup(const struct pb_problem *p, const struct pb_args *constants,
                            void **result) {
    (void)constants;
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) return pb_fail(PB_NOMEM, "no memory for the plan of a convolution");
    plan->inputs = p->ic / p->g;
    plan->depthwise = p->g > 1 && p->ic == p->g && p->oc == p->g;
    plan->groups = plan->depthwise ? 1 : p->g;
    plan->outputs = p->oc / plan->groups;
    plan->taps = plan->inputs * p->d.k * p->h.k * p->w.k;
    plan->channels = conv_divide_up(plan->outputs, VL) * VL;
    plan->pixel = plan->depthwise ? plan->channels : plan->inputs;
    plan->copy_src = plan->depthwise || p->layout == PB_NCHW ||
                     (plan->inputs < FEWEST_CHANNELS && p->w.k > 1);
    plan->copy_dst = p->layout == PB_NCHW || plan->outputs % VL;
    plan->parts = plan->copy_src || plan->copy_dst ? 1 : conv_block_count(plan->outputs);
    plan->threads = pb_threads();
    int64_t row = p->w.i * p->h.s * plan->pixel + p->w.o * plan->channels;
    plan->rows = plan->copy_src ? COPY_FLOATS / row : BAND_PIXELS / p->w.o;
    plan->rows = conv_clamp(plan->rows, 1, p->h.o);
    plan->bands = conv_divide_up(p->h.o, plan->rows);
    int64_t sum = plan->groups * (plan->taps + 1) * plan->channels;
    plan->chunks = conv_clamp(p->mb * p->d.o * p->h.o * p->w.o / CHUNK_PIXELS, 1, MOST_CHUNKS);
    plan->chunks = conv_clamp(plan->chunks, 1, conv_clamp(PARTIAL_FLOATS / sum, 1, MOST_CHUNKS));
    int64_t steps = p->mb * p->d.o * plan->bands;
    plan->chunks = conv_clamp(plan->chunks, 1, steps > 0 ? steps : 1);
    if (plan->copy_src)
        for (int64_t d = 0; d < p->d.o; d++)
            for (int64_t h = 0; h < p->h.o; h += plan->rows) {
                struct conv_box box = band_reads(p, d, h, conv_clamp(h + plan->rows, 0, p->h.o));
                int64_t size = conv_lines(conv_view_size(&box, plan->pixel));
                if (size > plan->src_size) plan->src_size = size;
            }
    if (plan->copy_dst) plan->dst_size = conv_lines(plan->rows * p->w.o * plan->channels);
    plan->list_size = conv_lines(plan->rows * TILE_ROWS);
    if (!allocate(plan)) {
        done(plan);
        return pb_fail(PB_NOMEM, "no memory for the plan of a convolution");
    }
    *result = plan;
    return PB_OK;
}

/* ---- run ------------------------------------------------------------------------------------- */

/* Adds to `count` taps that lie side by side in src from tap (kd, kh, kw) on. */
static void add_run(const struct pb_problem *p, const struct plan *plan, const struct band *band,
                    const struct conv_block *block, int64_t kd, int64_t kh, int64_t kw,
                    int64_t count, bool fresh, float *sum) {
    const struct conv_view *src = &band->src;
    int64_t width = block->vectors * VL, id = window_at(&p->d, band->d, kd);
    const struct window_range read = window_outputs(&p->h, kh, src->box.first[1], src->box.end[1]);
    struct window_range w = {0, p->w.o};
    if (!plan->copy_src) w = window_outputs(&p->w, kw, src->box.first[2], src->box.end[2]);
    const int64_t h0 = conv_clamp(read.first, band->first, band->end);
    int64_t h1 = conv_clamp(read.end, h0, band->end);
    if (id < src->box.first[0] || id >= src->box.end[0] || w.first == w.end) h1 = h0;
    if (h1 == h0 && !fresh) return;
    struct conv_tile tile = {
            .from = band->list,
            .from_step = p->w.s * src->stride[2],
            .runs = h1 - h0,
            .length = w.end - w.first,
            .by = band->dst + ((h0 - band->first) * p->w.o + w.first) * band->pixel + block->first,
            .by_step = band->pixel,
            .by_skip = (p->w.o - (w.end - w.first)) * band->pixel,
            .more = !fresh,
            .start = plan->zeros,
            .last = VL,
            .depthwise = plan->depthwise};
    int64_t start = plan->depthwise ? block->first : 0,
            step = plan->depthwise ? (p->w.d + 1) * plan->pixel : 1;
    for (int64_t i = 0; i < conv_tile_count(count); i++) {
        int64_t first = conv_tile_first(count, i), rows = conv_tile_first(count, i + 1) - first;
        float *to[TILE_ROWS];
        for (int64_t m = 0; m < rows; m++) to[m] = sum + (first + m) * width;
        for (int64_t h = h0; h < h1; h++) {
            const float *from =
                    conv_view_at(src, id, window_at(&p->h, h, kh), window_at(&p->w, w.first, kw)) +
                    start + first * step;
            for (int64_t m = 0; m < rows; m++)
                band->list[(h - h0) * TILE_ROWS + m] = from + m * step;
        }
        tile.to = to;
        conv_tile_add(rows, block->vectors, &tile);
    }
}

static void add_bias(const struct pb_problem *p, const struct band *band,
                     const struct conv_block *block, bool fresh, float *sum) {
    const int64_t pixels = (band->end - band->first) * p->w.o;
    for (int64_t v = 0; v < block->vectors; v++) {
        const float *from = band->dst + block->first + v * VL;
        vf total = fresh ? v_set1(0) : v_load(sum + v * VL);
        for (int64_t first = 0; first < pixels; first += SUM_BLOCK) {
            const int64_t end = conv_clamp(first + SUM_BLOCK, 0, pixels);
            vf part = v_set1(0);
            for (int64_t i = first; i < end; i++)
                part = v_add(part, v_load(from + i * band->pixel));
            total = v_add(total, part);
        }
        v_store(sum + v * VL, total);
    }
}

static void add_block(const struct pb_problem *p, const struct plan *plan, const struct band *band,
                      int64_t position, bool fresh, float *sum) {
    struct conv_block block = conv_block(plan->outputs, position);
    int64_t joined = plan->depthwise || (plan->copy_src && p->w.d == 0) ? p->w.k : 1,
            count = joined * plan->inputs;
    sum += block.first * (plan->taps + 1);
    for (int64_t kd = 0; kd < p->d.k; kd++)
        for (int64_t kh = 0; kh < p->h.k; kh++)
            for (int64_t kw = 0; kw < p->w.k; kw += joined) {
                add_run(p, plan, band, &block, kd, kh, kw, count, fresh, sum);
                sum += count * block.vectors * VL;
            }
    add_bias(p, band, &block, fresh, sum);
}

/* Adds the rows [first, end) of dst, a few at a time so that they stay in L1. */
static void add_band(const struct pb_problem *p, const struct plan *plan, struct band *band,
                     int64_t part, bool fresh, float *sum) {
    int64_t blocks = conv_block_count(plan->outputs), end = band->end;
    int64_t rows = conv_clamp(BAND_PIXELS / p->w.o, 1, plan->rows);
    for (; band->first < end; band->first = band->end) {
        band->end = conv_clamp(band->first + rows, 0, end);
        for (int64_t b = part * blocks / plan->parts; b < (part + 1) * blocks / plan->parts; b++)
            add_block(p, plan, band, b, fresh, sum);
        band->dst += (band->end - band->first) * p->w.o * band->pixel;
        fresh = false;
    }
}

static struct conv_view view_src(const struct pb_problem *p, const struct plan *plan,
                                 const struct pb_args *args, int64_t n, int64_t g,
                                 const struct conv_box *box) {
    struct conv_image image = {.data = (const float *)args->src.data + n * args->src.strides[0],
                               .layout = p->layout,
                               .extent = {p->d.i, p->h.i, p->w.i},
                               .channels = p->ic,
                               .channel = g * plan->inputs,
                               .count = plan->depthwise ? p->g : plan->inputs};
    if (!plan->copy_src) return conv_view_direct(&image);
    float *memory = plan->src + omp_get_thread_num() * plan->src_size;
    return conv_view_copy(&image, box, plan->pixel, memory);
}

static struct conv_view view_dst(const struct pb_problem *p, const struct plan *plan,
                                 const struct pb_args *args, int64_t n, int64_t g,
                                 const struct conv_box *box) {
    struct conv_image image = {.data = (const float *)args->dst.data + n * args->dst.strides[0],
                               .layout = p->layout,
                               .extent = {p->d.o, p->h.o, p->w.o},
                               .channels = p->oc,
                               .channel = g * plan->outputs,
                               .count = plan->outputs};
    if (!plan->copy_dst) return conv_view_direct(&image);
    float *memory = plan->dst + omp_get_thread_num() * plan->dst_size;
    return conv_view_copy(&image, box, plan->channels, memory);
}

/* The sum of one chunk, group and part of the blocks. */
static void sum_chunk(const struct pb_problem *p, const struct plan *plan,
                      const struct pb_args *args, int64_t chunk, int64_t g, int64_t part) {
    int64_t size = (plan->taps + 1) * plan->channels, steps = p->mb * p->d.o * plan->bands;
    float *sum = plan->sums + (chunk * plan->groups + g) * size;
    int64_t first = chunk * steps / plan->chunks, end = (chunk + 1) * steps / plan->chunks;
    if (first == end) memset(sum, 0, (size_t)size * sizeof *sum);
    for (int64_t i = first; i < end; i++) {
        int64_t n = i / plan->bands / p->d.o, d = i / plan->bands % p->d.o;
        int64_t row = i % plan->bands * plan->rows;
        struct band band = {.d = d,
                            .first = row,
                            .end = conv_clamp(row + plan->rows, 0, p->h.o),
                            .list = plan->list + omp_get_thread_num() * plan->list_size};
        struct conv_box reads = band_reads(p, d, band.first, band.end);
        struct conv_box box = {{d, band.first, 0}, {d + 1, band.end, p->w.o}};
        struct conv_view dst = view_dst(p, plan, args, n, g, &box);
        band.src = view_src(p, plan, args, n, g, &reads);
        band.dst = conv_view_at(&dst, d, band.first, 0);
        band.pixel = dst.stride[2];
        add_band(p, plan, &band, part, i == first, sum);
    }
}

/* Adds the chunks' sums of one row (a tap or the bias) of a block. */
static void add_chunks(const struct plan *plan, int64_t g, const struct conv_block *block,
                       int64_t row, float *total) {
    int64_t size = (plan->taps + 1) * plan->channels;
    const float *sum =
            plan->sums + g * size + block->first * (plan->taps + 1) + row * block->vectors * VL;
    for (int64_t v = 0; v < block->vectors; v++, sum += VL) {
        vf x = v_load(sum);
        for (int64_t chunk = 1; chunk < plan->chunks; chunk++)
            x = v_add(x, v_load(sum + chunk * plan->groups * size));
        v_store(total + v * VL, x);
    }
}

/* Writes up to VL taps of one block: they are added with the channels last, and turned. */
static void write_taps(const struct pb_problem *p, const struct plan *plan,
                       const struct pb_args *args, int64_t g, const struct conv_block *block,
                       int64_t tap) {
    float total[VL][TILE_VECTORS * VL];
    float *weights = (float *)args->weights.data + (g * plan->outputs + block->first) * plan->taps;
    int64_t count = conv_clamp(plan->taps - tap, 0, VL), at[VL];
    int64_t channels = (block->vectors - 1) * VL + block->last;
    for (int64_t i = 0; i < count; i++) {
        int64_t channel = (tap + i) % plan->inputs, position = (tap + i) / plan->inputs;
        at[i] = p->layout == PB_NHWC ? tap + i : channel * (plan->taps / plan->inputs) + position;
        add_chunks(plan, g, block, tap + i, total[i]);
    }
    for (int64_t c = 0; c < channels; c++)
        for (int64_t i = 0; i < count; i++) weights[c * plan->taps + at[i]] = total[i][c];
}

static void write_bias(const struct plan *plan, const struct pb_args *args, int64_t g,
                       const struct conv_block *block) {
    float total[TILE_VECTORS * VL];
    float *bias = (float *)args->bias.data + g * plan->outputs + block->first;
    add_chunks(plan, g, block, plan->taps, total);
    memcpy(bias, total, (size_t)((block->vectors - 1) * VL + block->last) * sizeof *bias);
}

static bool can_do(const struct pb_problem *p) {
    return p->op == PB_CONV && window_close(p) && p->dir == PB_BWD_W && p->dtype == PB_F32 &&
           (p->layout == PB_NCHW || p->layout == PB_NHWC);
}

static enum pb_status run(const struct pb_problem *p, void *data, const struct pb_args *args) {
    const struct plan *plan = data;
    int64_t blocks = conv_block_count(plan->outputs);
    int threads = pb_threads() < plan->threads ? pb_threads() : plan->threads;
#pragma omp parallel num_threads(threads)
    {
#pragma omp for collapse(3) schedule(dynamic)
        for (int64_t chunk = 0; chunk < plan->chunks; chunk++)
            for (int64_t g = 0; g < plan->groups; g++)
                for (int64_t part = 0; part < plan->parts; part++)
                    sum_chunk(p, plan, args, chunk, g, part);
#pragma omp for collapse(3) schedule(dynamic)
        for (int64_t g = 0; g < plan->groups; g++)
            for (int64_t b = 0; b < blocks; b++)
                for (int64_t tap = 0; tap < plan->taps; tap += VL) {
                    struct conv_block block = conv_block(plan->outputs, b);
                    write_taps(p, plan, args, g, &block, tap);
                    if (tap == 0 && args->bias.data) write_bias(plan, args, g, &block);
                }
    }
    return PB_OK;
}

const struct pb_kernel SIMD_KERNEL(conv_bwd_w_f32) = {
        .name = SIMD_NAME(conv_bwd_w_f32),
        .method = "direct",
        .isa = SIMD_BITS,
        .can_do = can_do,
        .setup = setup,
        .run = run,
        .done = done,
};
