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
static uint32_t poison_float(uint64_t drawn, bool plausible) {
    uint32_t bits = (uint32_t)drawn;
    if (!plausible) return (bits & 0x803fffffu) | 0x7f800001u;
    return (bits & 0x807fffffu) | (0x79u + (uint32_t)(drawn >> 32 & 7)) << 23;
}

/* A negative number or a position near the start. */
static uint64_t poison_index(uint64_t drawn, bool plausible) {
    return plausible ? drawn & 0xffff : drawn | UINT64_C(1) << 63;
}

static void poison_tensor(const struct pb_tensor *t, struct pb_rng *rng, int run) {
    const bool plausible = run % 2;
    const size_t size = pb_dtype_size(t->dtype), bytes = pb_tensor_bytes(t);
    for (size_t at = 0; at < bytes;) {
        uint64_t drawn = pb_rng_next(rng);
        unsigned char word[8];
        size_t count = bytes - at < 8 ? bytes - at : 8;
        if (t->dtype == PB_F32) {
            uint32_t bits = poison_float(drawn, plausible);
            memcpy(word, &bits, count = sizeof bits);
        } else if (t->dtype == PB_S64) {
            uint64_t bits = poison_index(drawn, plausible);
            memcpy(word, &bits, sizeof bits);
        } else {
            memcpy(word, &drawn, sizeof word);
            for (size_t i = 0; size == 1 && i < sizeof word; i++)
                word[i] = (unsigned char)(word[i] + 85 * run);
        }
        memcpy((unsigned char *)t->data + at, word, count);
        at += count;
    }
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
