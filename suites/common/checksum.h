/* checksum.h: whether bytes are still those that were written. */
#ifndef PB_CHECKSUM_H
#define PB_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a in 64 bits, over several pieces: begin with PB_CHECKSUM, go on with what came out. It finds
 * damage, not malice. */
#define PB_CHECKSUM UINT64_C(14695981039346656037)
uint64_t pb_checksum(uint64_t sum, const void *data, size_t bytes);

#endif
