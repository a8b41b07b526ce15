/* What outputs hold before a run: nothing that a kernel could foresee, or make a result of. */
#include "reference.h"
#include <string.h>
#include <sys/random.h>
#include <time.h>

uint64_t pb_random_seed(void) {
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed) return seed;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec;
}

/* A signalling NaN, or a number between 2^-6 and 4 of either sign. */
static uint32_t poison_float(uint32_t drawn, bool plausible) {
    if (!plausible) return (drawn & 0x803fffffu) | 0x7f800001u;
    return (drawn & 0x807fffffu) | (0x79u + (drawn >> 23 & 7)) << 23;
}

/* A negative number or a position near the start. */
static uint64_t poison_index(uint64_t drawn, bool plausible) {
    return plausible ? drawn & 0xffff : drawn | UINT64_C(1) << 63;
}

/* Eight bytes of a tensor, in the run of that number. */
static uint64_t poison_word(enum pb_dtype dtype, uint64_t drawn, int run) {
    const bool plausible = run % 2;
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    if (dtype == PB_F32)
        return (uint64_t)poison_float((uint32_t)(drawn >> 32), plausible) << 32 |
               poison_float((uint32_t)drawn, plausible);
    if (dtype == PB_S64) return poison_index(drawn, plausible);
    if (pb_dtype_size(dtype) > 1) return drawn;
    const uint64_t more = 0x0101010101010101u * (unsigned char)(85 * run); /* to each byte */
    return ((drawn & low) + (more & low)) ^ ((drawn ^ more) & ~low);
}

static void poison_tensor(const struct pb_tensor *t, struct pb_rng *rng, int run) {
    const size_t bytes = pb_tensor_bytes(t);
    unsigned char *data = t->data;
    size_t at = 0;
    for (uint64_t word; at + sizeof word <= bytes; at += sizeof word) {
        word = poison_word(t->dtype, pb_rng_next(rng), run);
        memcpy(data + at, &word, sizeof word);
    }
    const uint64_t last = poison_word(t->dtype, pb_rng_next(rng), run);
    memcpy(data + at, &last, bytes - at);
}

void pb_poison_anew(const struct pb_problem *problem, const struct pb_args *args, uint64_t seed,
                    int run) {
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &args->tensor[role];
        struct pb_rng rng = {seed + (uint64_t)role};
        if (!t->data || !pb_role_written(problem, (enum pb_role)role)) continue;
        /* Bytes are told apart by the number of the run, the rest by its kind. */
        if (pb_dtype_size(t->dtype) > 1) rng.state = pb_rng_next(&rng) + (uint64_t)run;
        poison_tensor(t, &rng, run);
    }
}
