/* The checksum of Fowler, Noll and Vo. */
#include "common/checksum.h"

uint64_t pb_checksum(uint64_t sum, const void *data, size_t bytes) {
    for (const unsigned char *c = data, *end = c + bytes; c < end; c++)
        sum = (sum ^ *c) * UINT64_C(1099511628211);
    return sum;
}
