/* The inner loop of the SIMD convolutions, unrolled for each size of the tile. */
#include "conv/direct/conv_tile.h"
#include "window/window.h"

/* gcc must unroll the loops over a tile before it decides where the sums live, or they live in
 * memory; clang decides later, and does worse when told. */
#if defined __clang__
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE void add(const int rows, const int vectors, const bool depthwise,
                const struct conv_tile *t) {
    vf sum[TILE_ROWS][TILE_VECTORS];
    UNROLL for (int m = 0; m < rows; m++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            sum[m][v] = v_set1(0);
        }
    }
    const float *by = t->by;
    for (int64_t run = 0; run < t->runs; run++, by += t->by_skip) {
        const float *const *list = t->from + run * TILE_ROWS, *from[TILE_ROWS];
        UNROLL for (int m = 0; m < rows; m++) {
            from[m] = list[m] + t->offset;
        }
        const int64_t end = t->length * t->from_step;
        for (int64_t k = 0; k < end; k += t->from_step, by += t->by_step) {
            vf w[TILE_VECTORS];
            UNROLL for (int v = 0; v < vectors; v++) {
                w[v] = v_load(by + v * VL);
            }
            UNROLL for (int m = 0; m < rows; m++) {
                vf x = v_set1(depthwise ? 0 : from[m][k]);
                UNROLL for (int v = 0; v < vectors; v++) {
                    if (depthwise) x = v_load(from[m] + k + v * VL);
                    sum[m][v] = v_fma(x, w[v], sum[m][v]);
                }
            }
        }
    }
    UNROLL for (int m = 0; m < rows; m++) {
        float *to = t->to[m] + t->column;
        const float *start = t->more ? to : t->start;
        const int last = vectors - 1;
        UNROLL for (int v = 0; v < last; v++) {
            v_store(to + v * VL, v_add(v_load(start + v * VL), sum[m][v]));
        }
        const vf before = v_load_n(start + last * VL, t->last, 0);
        v_store_n(to + last * VL, v_add(before, sum[m][last]), t->last);
    }
}

INLINE void add_rows(int64_t rows, const int vectors, const bool depthwise,
                     const struct conv_tile *t) {
    switch (rows) {
    case 1:
        add(1, vectors, depthwise, t);
        break;
    case 2:
        add(2, vectors, depthwise, t);
        break;
    case 3:
        add(3, vectors, depthwise, t);
        break;
    case 4:
        add(4, vectors, depthwise, t);
        break;
    case 5:
        add(5, vectors, depthwise, t);
        break;
    default:
        add(6, vectors, depthwise, t);
        break;
    }
}

INLINE void add_vectors(int64_t rows, int64_t vectors, const bool depthwise,
                        const struct conv_tile *t) {
    switch (vectors) {
    case 1:
        add_rows(rows, 1, depthwise, t);
        break;
#if TILE_VECTORS > 2
    case 2:
        add_rows(rows, 2, depthwise, t);
        break;
    case 3:
        add_rows(rows, 3, depthwise, t);
        break;
#endif
    default:
        add_rows(rows, TILE_VECTORS, depthwise, t);
        break;
    }
}

static void add_block(int64_t rows, int64_t vectors, const struct conv_tile *t) {
    if (t->depthwise)
        add_vectors(rows, vectors, true, t);
    else
        add_vectors(rows, vectors, false, t);
}

void conv_tile_add(int64_t rows, int64_t vectors, const struct conv_tile *t) {
    if (t->runs * t->length <= SUM_BLOCK) {
        add_block(rows, vectors, t);
        return;
    }
    /* whole runs, or parts of one */
    const int64_t together = t->length < SUM_BLOCK ? SUM_BLOCK / t->length : 1;
    for (int64_t run = 0; run < t->runs; run += together)
        for (int64_t k = 0; k < t->length; k += SUM_BLOCK) {
            struct conv_tile block = *t;
            block.from += run * TILE_ROWS;
            block.offset += k * t->from_step;
            block.by += run * (t->length * t->by_step + t->by_skip) + k * t->by_step;
            block.runs = conv_clamp(t->runs - run, 0, together);
            block.length = conv_clamp(t->length - k, 0, SUM_BLOCK);
            block.more = t->more || run + k > 0;
            add_block(rows, vectors, &block);
        }
}
