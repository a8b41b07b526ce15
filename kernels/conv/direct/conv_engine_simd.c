/* The engine of both data directions. A task is a band of rows of what is written. For each pass it
 * lists where every pixel's taps read, so that the inner loop has no branch: padding is a pointer
 * to zeros (the indirect convolution of XNNPACK). Then it multiplies, tile of pixels by block of
 * channels, with the packed weights. */
#include "conv/direct/conv_engine.h"
#include "conv/direct/conv_pass.h"
#include "conv/direct/conv_tile.h"
#include "conv/direct/conv_view.h"
#include <omp.h>
#include <string.h>

enum {
    BAND_PIXELS = 64,    /* of a pass, roughly: many tiles, yet reads that stay in cache */
    FEWEST_TASKS = 16,   /* rather fewer pixels in a band than fewer tasks */
    FEWEST_CHANNELS = 16 /* with fewer, reads are copied, so that taps along w are one run */
};

struct engine {
    struct conv_passes passes;
    bool copy_read, copy_written;
    bool depthwise;        /* every channel is its own group, all are done as one */
    int64_t groups, depth; /* depth: channels read by one that is written */
    bool constant;         /* weights and bias were packed by setup */
    int64_t taps;          /* of all passes */
    int64_t channels;      /* written, in whole vectors */
    int64_t pixel;         /* floats from pixel to pixel in a copy of what is read */
    int64_t rows, bands;   /* of a task; tasks of one d */
    float *weights, *bias; /* packed, by group; no bias is zeros */
    float *zeros;          /* what padding reads */
    int threads;
    int64_t view_size, copy_size, list_size, line_count, pixels; /* of one thread's part of: */
    float *view, *copy;  /* copies of what is read and of what is written */
    const float **list;  /* [tile][run][row of the tile]: where it reads */
    const float **lines; /* [tap in d and h]: where the row at hand reads */
    float **to;          /* [pixel]: where it is written */
};

/* Taps that lie side by side in what is read, joined where that is a copy. */
struct runs {
    int64_t along_w, count;
    int64_t length; /* floats */
};

struct task {
    struct conv_box box; /* what is written */
    struct conv_view view;
    float *written;        /* pixel `origin` of the image's group, or of its copy */
    int64_t origin, pixel; /* counted over d, h and w; floats from pixel to pixel */
    const float **list, **lines;
    float **to;
};

static struct runs runs_of(const struct engine *e, const struct conv_pass *pass) {
    const struct conv_walk *w = &pass->axis[2];
    if (!pass->taps) return (struct runs){0};
    int64_t joined = e->copy_read && !e->depthwise && w->spread == 1 ? w->taps : 1,
            along_w = w->taps / joined;
    return (struct runs){along_w, pass->taps / joined, joined * e->depth};
}

/* ---- setup ----------------------------------------------------------------------------------- */

/* Where the weights of one tap and block begin. */
static float *packed_weights(const struct engine *e, const struct conv_pass *pass, int64_t g,
                             int64_t tap, const struct conv_block *block) {
    int64_t matrices = (g * e->taps + pass->packed) * e->channels + block->first * pass->taps +
                       tap * block->vectors * VL;
    return e->weights + matrices * e->depth;
}

/* One tap and block: [channel read][channel written]. */
static void pack_block(const struct engine *e, const struct pb_problem *p,
                       const struct pb_tensor *weights, const struct conv_pass *pass, int64_t g,
                       int64_t tap, const struct conv_block *block) {
    const struct conv_walk *walk = pass->axis;
    int64_t t[3] = {tap / walk[2].taps / walk[1].taps, tap / walk[2].taps % walk[1].taps,
                    tap % walk[2].taps};
    bool forward = p->dir == PB_FWD;
    int64_t read_stride = weights->strides[forward ? 1 : 0];
    int64_t written_stride = weights->strides[forward || e->depthwise ? 0 : 1];
    int64_t width = block->vectors * VL, count = width - VL + block->last;
    const float *from = (const float *)weights->data + g * (p->oc / p->g) * weights->strides[0] +
                        block->first * written_stride;
    for (int i = 0; i < 3; i++)
        from += (walk[i].tap + t[i] * walk[i].tap_step) * weights->strides[2 + i];
    float *to = packed_weights(e, pass, g, tap, block);
    for (int64_t c = 0; c < e->depth; c++, from += read_stride, to += width) {
        for (int64_t i = 0; i < count; i++) to[i] = from[i * written_stride];
        for (int64_t i = count; i < width; i++) to[i] = 0;
    }
}

/* Called by every thread of a team. */
static void pack(const struct engine *e, const struct pb_problem *p, const struct pb_args *args) {
    int64_t written = e->passes.write_channels, blocks = conv_block_count(written);
    const float *bias = p->dir == PB_FWD ? args->bias.data : NULL;
    size_t bytes = (size_t)written * sizeof *bias;
#pragma omp for nowait
    for (int64_t g = 0; g < e->groups; g++) {
        if (bias)
            memcpy(e->bias + g * e->channels, bias + g * written, bytes);
        else /* the run before may have had one */
            memset(e->bias + g * e->channels, 0, bytes);
    }
    for (int64_t n = 0; n < e->passes.count; n++) {
        const struct conv_pass *pass = &e->passes.pass[n];
#pragma omp for collapse(3) nowait
        for (int64_t g = 0; g < e->groups; g++)
            for (int64_t tap = 0; tap < pass->taps; tap++)
                for (int64_t i = 0; i < blocks; i++) {
                    struct conv_block block = conv_block(written, i);
                    pack_block(e, p, &args->weights, pass, g, tap, &block);
                }
    }
#pragma omp barrier
}

static struct conv_box band_box(const struct engine *e, int64_t d, int64_t band) {
    const int64_t *extent = e->passes.write;
    int64_t first = band * e->rows;
    return (struct conv_box){{d, first, 0},
                             {d + 1, conv_clamp(first + e->rows, 0, extent[1]), extent[2]}};
}

static void cut_bands(struct engine *e, const struct pb_problem *p) {
    const int64_t *extent = e->passes.write;
    const struct conv_walk *walk = e->passes.pass[0].axis;
    int64_t pixels = BAND_PIXELS * walk[1].step * walk[2].step;
    int64_t tasks = p->mb * e->groups * extent[0], wanted = FEWEST_TASKS / (tasks > 0 ? tasks : 1);
    e->rows = conv_clamp(pixels / extent[2], walk[1].step, extent[1]);
    e->rows = conv_clamp(e->rows, 1, conv_divide_up(extent[1], wanted > 0 ? wanted : 1));
    e->bands = conv_divide_up(extent[1], e->rows);
}

static void measure_task(struct engine *e, const struct pb_problem *p) {
    const int64_t *extent = e->passes.write;
    if (e->copy_read)
        for (int64_t d = 0; d < extent[0]; d++)
            for (int64_t i = 0; i < e->bands; i++) {
                struct conv_box box = band_box(e, d, i),
                                reads = conv_passes_reads(&e->passes, &box);
                int64_t size = conv_view_size(&reads, e->pixel);
                if (size > e->view_size) e->view_size = size;
            }
    if (e->copy_written) e->copy_size = e->rows * extent[2] * e->channels;
    for (int64_t n = 0; n < e->passes.count; n++) {
        const struct conv_pass *pass = &e->passes.pass[n];
        int64_t pixels = conv_divide_up(e->rows, pass->axis[1].step) * pass->axis[2].count;
        int64_t size = conv_tile_count(pixels) * TILE_ROWS * runs_of(e, pass).count;
        if (pixels > e->pixels) e->pixels = pixels;
        if (size > e->list_size) e->list_size = size;
    }
    e->view_size = conv_lines(e->view_size);
    e->copy_size = conv_lines(e->copy_size);
    e->list_size = conv_lines(e->list_size);
    e->pixels = conv_lines(e->pixels);
    e->line_count = conv_lines(p->d.k * p->h.k);
}

static bool allocate(struct engine *e, const struct pb_problem *p) {
    int64_t zeros = e->pixel * p->w.k;
    e->weights = conv_floats(e->groups * e->taps * e->channels * e->depth);
    e->bias = conv_floats(e->groups * e->channels);
    e->zeros = conv_floats(zeros);
    e->view = conv_floats(e->threads * e->view_size);
    e->copy = conv_floats(e->threads * e->copy_size);
    e->list = calloc((size_t)(e->threads * e->list_size) + 1, sizeof *e->list);
    e->lines = calloc((size_t)(e->threads * e->line_count), sizeof *e->lines);
    e->to = calloc((size_t)(e->threads * e->pixels) + 1, sizeof *e->to);
    if (!e->weights || !e->bias || !e->zeros || !e->view || !e->copy || !e->list || !e->lines ||
        !e->to)
        return false;
    memset(e->bias, 0, (size_t)(e->groups * e->channels) * sizeof *e->bias);
    memset(e->zeros, 0, (size_t)zeros * sizeof *e->zeros);
    return true;
}

enum pb_status conv_engine_setup(const struct pb_problem *p, const struct pb_args *constants,
                                 void **plan) {
    struct engine *e = calloc(1, sizeof *e);
    if (!e || !conv_passes_make(p, &e->passes)) goto no_memory;
    e->groups = p->g;
    e->depthwise = p->g > 1 && p->ic == p->g && p->oc == p->g;
    e->depth = e->passes.read_channels;
    if (e->depthwise) {
        e->groups = 1;
        e->passes.read_channels = e->passes.write_channels = p->g;
    }
    bool few = e->depthwise ? p->g % VL != 0 : e->depth < FEWEST_CHANNELS && p->w.k > 1;
    e->copy_read = p->layout == PB_NCHW || few;
    e->copy_written = p->layout == PB_NCHW;
    e->taps = p->d.k * p->h.k * p->w.k;
    e->channels = conv_divide_up(e->passes.write_channels, VL) * VL;
    e->pixel = e->depthwise ? e->channels : e->depth;
    e->threads = pb_threads();
    cut_bands(e, p);
    measure_task(e, p);
    if (!allocate(e, p)) goto no_memory;
    if (constants) {
        e->constant = true;
#pragma omp parallel
        pack(e, p, constants);
    }
    *plan = e;
    return PB_OK;
no_memory:
    conv_engine_done(e);
    return pb_fail(PB_NOMEM, "no memory for the plan of a convolution");
}

void conv_engine_done(void *plan) {
    struct engine *e = plan;
    if (!e) return;
    conv_passes_free(&e->passes);
    free(e->weights);
    free(e->bias);
    free(e->zeros);
    free(e->view);
    free(e->copy);
    free(e->list);
    free(e->lines);
    free(e->to);
    free(e);
}

/* ---- run ------------------------------------------------------------------------------------- */

/* Where the taps in d and h of the output row (d, h) read: position 0 in w, or NULL for padding. */
static void list_lines(const struct task *task, const struct conv_walk *walk, int64_t d, int64_t h,
                       const float **lines) {
    const struct conv_view *view = &task->view;
    for (int64_t td = 0; td < walk[0].taps; td++) {
        int64_t id = d * walk[0].stride + walk[0].shift + td * walk[0].spread;
        bool inside_d = id >= view->box.first[0] && id < view->box.end[0];
        for (int64_t th = 0; th < walk[1].taps; th++) {
            int64_t ih = h * walk[1].stride + walk[1].shift + th * walk[1].spread;
            bool inside = inside_d && ih >= view->box.first[1] && ih < view->box.end[1];
            *lines++ = inside ? conv_view_at(view, id, ih, 0) : NULL;
        }
    }
}

/* Where the runs of one pixel read, given its lines and its first tap's position in w:
 * list[run][0]. */
static void list_pixel(const struct engine *e, const struct task *task, const float **lines,
                       int64_t line_count, int64_t along_w, int64_t w, int64_t spread,
                       const float **list) {
    const int64_t first = task->view.box.first[2], end = task->view.box.end[2];
    const int64_t pixel = task->view.stride[2];
    for (int64_t line = 0; line < line_count; line++) {
        int64_t iw = w;
        for (int64_t i = 0; i < along_w; i++, iw += spread, list += TILE_ROWS) {
            bool inside = lines[line] && iw >= first && iw < end;
            *list = inside ? lines[line] + iw * pixel : e->zeros;
        }
    }
}

/* Lists what the pass's pixels in the box read and where they are written; returns their number. */
static int64_t list_pass(const struct engine *e, const struct task *task,
                         const struct conv_pass *pass, const struct runs *runs) {
    const struct conv_walk *walk = pass->axis, *w = &walk[2];
    const int64_t *extent = e->passes.write;
    struct conv_box out = conv_pass_outputs(pass, &task->box);
    int64_t pixels = 1, i = 0, tile = 0, first = 0, next = 0;
    for (int a = 0; a < 3; a++) pixels *= out.end[a] - out.first[a];
    for (int64_t d = out.first[0]; d < out.end[0]; d++)
        for (int64_t h = out.first[1]; h < out.end[1]; h++) {
            int64_t row = (walk[0].first + d * walk[0].step) * extent[1] + walk[1].first +
                          h * walk[1].step;
            float *to = task->written + (row * extent[2] + w->first - task->origin) * task->pixel;
            list_lines(task, walk, d, h, task->lines);
            for (int64_t at = out.first[2]; at < out.end[2]; at++, i++) {
                if (i == next) {
                    first = i;
                    next = conv_tile_first(pixels, ++tile);
                }
                list_pixel(e, task, task->lines, walk[0].taps * walk[1].taps, runs->along_w,
                           at * w->stride + w->shift, w->spread,
                           task->list + (tile - 1) * runs->count * TILE_ROWS + i - first);
                task->to[i] = to + at * w->step * task->pixel;
            }
        }
    return pixels;
}

static void run_pass(const struct engine *e, const struct task *task, const struct conv_pass *pass,
                     int64_t g) {
    struct runs runs = runs_of(e, pass);
    int64_t pixels = list_pass(e, task, pass, &runs), written = e->passes.write_channels;
    for (int64_t b = 0; b < conv_block_count(written); b++) {
        struct conv_block block = conv_block(written, b);
        struct conv_tile tile = {.offset = e->depthwise ? block.first : 0,
                                 .from_step = 1,
                                 .runs = runs.count,
                                 .length = runs.length,
                                 .by = packed_weights(e, pass, g, 0, &block),
                                 .by_step = block.vectors * VL,
                                 .start = e->bias + g * e->channels + block.first,
                                 .column = block.first,
                                 .last = e->copy_written ? VL : block.last,
                                 .depthwise = e->depthwise};
        for (int64_t i = 0; i < conv_tile_count(pixels); i++) {
            int64_t first = conv_tile_first(pixels, i);
            tile.from = task->list + i * runs.count * TILE_ROWS;
            tile.to = task->to + first;
            conv_tile_add(conv_tile_first(pixels, i + 1) - first, block.vectors, &tile);
        }
    }
}

static void run_task(const struct engine *e, const struct pb_problem *p, const float *read,
                     float *written, int64_t g, const struct conv_box *box) {
    const struct conv_passes *passes = &e->passes;
    int64_t thread = omp_get_thread_num(), channels = passes->write_channels * e->groups;
    struct task task = {.box = *box,
                        .written = written + g * passes->write_channels,
                        .pixel = channels,
                        .list = e->list + thread * e->list_size,
                        .lines = e->lines + thread * e->line_count,
                        .to = e->to + thread * e->pixels};
    struct conv_image image = {.data = read,
                               .layout = p->layout,
                               .extent = {passes->read[0], passes->read[1], passes->read[2]},
                               .channels = passes->read_channels * e->groups,
                               .channel = g * passes->read_channels,
                               .count = passes->read_channels};
    if (e->copy_read) {
        struct conv_box reads = conv_passes_reads(passes, box);
        task.view = conv_view_copy(&image, &reads, e->pixel, e->view + thread * e->view_size);
    } else
        task.view = conv_view_direct(&image);
    const int64_t *extent = passes->write;
    int64_t origin = (box->first[0] * extent[1] + box->first[1]) * extent[2];
    if (e->copy_written) {
        task.written = e->copy + thread * e->copy_size;
        task.origin = origin;
        task.pixel = e->channels;
    }
    for (int64_t i = 0; i < passes->count; i++) run_pass(e, &task, &passes->pass[i], g);
    if (e->copy_written) {
        int64_t plane = extent[0] * extent[1] * extent[2];
        conv_transpose(task.written, e->channels, (box->end[1] - box->first[1]) * extent[2],
                       passes->write_channels,
                       written + g * passes->write_channels * plane + origin, plane);
    }
}

enum pb_status conv_engine_run(const struct pb_problem *p, void *plan, const struct pb_args *args) {
    const struct engine *e = plan;
    const struct pb_tensor *from = p->dir == PB_FWD ? &args->src : &args->dst;
    const struct pb_tensor *to = p->dir == PB_FWD ? &args->dst : &args->src;
    const float *read = from->data;
    float *written = to->data;
    int threads = pb_threads() < e->threads ? pb_threads() : e->threads;
#pragma omp parallel num_threads(threads)
    {
        if (!e->constant) pack(e, p, args);
#pragma omp for collapse(4) schedule(dynamic)
        for (int64_t n = 0; n < p->mb; n++)
            for (int64_t g = 0; g < e->groups; g++)
                for (int64_t d = 0; d < e->passes.write[0]; d++)
                    for (int64_t i = 0; i < e->bands; i++) {
                        struct conv_box box = band_box(e, d, i);
                        run_task(e, p, read + n * from->strides[0], written + n * to->strides[0], g,
                                 &box);
                    }
    }
    return PB_OK;
}
