/* conv_tile.h: the one inner loop of the SIMD convolutions: a tile of up to TILE_ROWS rows by
 * TILE_VECTORS vectors of channels that stays in registers while products are added to it. The size
 * leaves room for one vector row of the second factor and one broadcast in 32 vector registers, or,
 * at half the width, in 16. */
#ifndef PB_CONV_TILE_H
#define PB_CONV_TILE_H

#include "conv/conv_util.h"
#include "simd/simd.h"
#include <stdbool.h>

#define TILE_VECTORS (SIMD_REGISTERS < 32 ? 2 : 4)
enum { TILE_ROWS = 6 };

/* to[m][c] = start[c] + sum over runs r and k < length of from[r][m][k from_step] by[r][k][c], or,
 * depthwise, of from[r][m][k from_step + c] by[r][k][c]. Where `more`, what was in to[m][c] is the
 * start. */
struct conv_tile {
    const float *const *from;  /* [run][TILE_ROWS] */
    int64_t offset, from_step; /* offset: added to each `from` */
    int64_t runs, length;
    const float *by; /* moves on by by_step for each k, and by by_skip more after each run */
    int64_t by_step, by_skip;
    bool more;
    const float *start;
    float *const *to;
    int64_t column; /* added to each `to` */
    int64_t last;   /* channels to write in the last vector */
    bool depthwise;
};

#define conv_tile_add SIMD_KERNEL(conv_tile_add)
/* rows in 1 … TILE_ROWS, vectors in 1 … TILE_VECTORS. Adds up to SUM_BLOCK products one after the
 * other, starting from 0; sums of such blocks and the start are added to each other. */
void conv_tile_add(int64_t rows, int64_t vectors, const struct conv_tile *tile);

/* Channels in blocks of at most a tile's width, as equal as vectors allow. */
struct conv_block {
    int64_t first;   /* channel */
    int64_t vectors; /* 1 … TILE_VECTORS */
    int64_t last;    /* channels in the last vector */
};

static inline int64_t conv_block_count(int64_t channels) {
    return conv_divide_up(conv_divide_up(channels, VL), TILE_VECTORS);
}

static inline struct conv_block conv_block(int64_t channels, int64_t position) {
    int64_t vectors = conv_divide_up(channels, VL), blocks = conv_block_count(channels);
    int64_t first = position * vectors / blocks, end = (position + 1) * vectors / blocks;
    return (struct conv_block){first * VL, end - first,
                               end * VL <= channels ? VL : channels - (end - 1) * VL};
}

/* `count` rows in tiles, as equal as can be: the first row of tile `position`. */
static inline int64_t conv_tile_count(int64_t count) {
    return conv_divide_up(count, TILE_ROWS);
}

static inline int64_t conv_tile_first(int64_t count, int64_t position) {
    return position * count / conv_tile_count(count);
}

#endif
