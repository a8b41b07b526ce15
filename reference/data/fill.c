/* Test data: seeded, the same logical values in every layout. */
#include "oracle/oracle.h"
#include "core/op_traits.h"
#include <string.h>

int64_t pb_rng_below(struct pb_rng *rng, int64_t bound) {
    uint64_t n = (uint64_t)bound, most = UINT64_MAX - UINT64_MAX % n, draw;
    do draw = pb_rng_next(rng);
    while (draw >= most);
    return (int64_t)(draw % n);
}

double pb_rng_unit(struct pb_rng *rng) {
    return ldexp((double)(pb_rng_next(rng) >> 11), -53);
}

const char *pb_data_pattern_name(enum pb_data_pattern family) {
    static const char *const names[] = {"mixed", "negative", "ties",      "sparse", "special",
                                        "lane",  "infinite", "subnormal", "cancel", "huge"};
    return names[family];
}

/* How many elements one output draws from: special values come once in as many, so that some
 * outputs see none and some see several. */
static int64_t rarity(const struct pb_problem *p) {
    int64_t taps = p->d.k * p->h.k * p->w.k;
    if (pb_is_adaptive(p))
        for (int a = 0; a < 3; a++) taps *= (p->axis[a].i - 1) / p->axis[a].o + 1;
    if (pb_traits_of(p)->groups) taps *= p->dir == PB_BWD ? p->oc / p->g : p->ic / p->g;
    if (p->dir == PB_BWD_W) taps = p->mb * p->d.o * p->h.o * p->w.o;
    return taps < 4 ? 4 : taps;
}

/* Of up to that many bits. */
static float subnormal(struct pb_rng *rng, int bits) {
    return ldexpf((float)(1 + pb_rng_below(rng, (1 << bits) - 1)), -149);
}

static float special(struct pb_rng *rng) {
    switch (pb_rng_below(rng, 4)) {
    case 0:
        return NAN;
    case 1:
        return INFINITY;
    case 2:
        return -INFINITY;
    default:
        return subnormal(rng, 10);
    }
}

/* From half the largest up: two of them overflow. */
static float huge(struct pb_rng *rng) {
    return (float)(FLT_MAX * (1 + pb_rng_unit(rng)) / 2);
}

static float either_sign(float x, struct pb_rng *rng) {
    return pb_rng_below(rng, 2) ? x : -x;
}

/* About four nonzero terms in each sum, 1/2 to 1 in magnitude. */
static float sparse(int64_t rare, struct pb_rng *rng) {
    if (pb_rng_below(rng, rare) >= 4) return 0;
    return either_sign((float)((1 + pb_rng_unit(rng)) / 2), rng);
}

/* In a long sum all alike: then the roundings of a running sum all go one way. Never so for a max,
 * whose index would always be the first. */
static float negative(const struct pb_problem *p, int64_t rare, struct pb_rng *rng) {
    enum { LONG_SUM = 1 << 15 };
    bool alike = rare > LONG_SUM && !pb_has_indices(p);
    return alike ? -1.1f : (float)(pb_rng_unit(rng) - 2);
}

static bool ties_with_infinity(const struct pb_problem *p) {
    return pb_has_indices(p) && p->dir != PB_BWD;
}

bool pb_data_pattern_special(enum pb_data_pattern family, const struct pb_problem *problem) {
    return (family >= PB_SPECIAL && family <= PB_SUBNORMAL) ||
           (family == PB_TIES && ties_with_infinity(problem));
}

static float draw(const struct pb_problem *p, enum pb_data_pattern family, int64_t rare,
                  struct pb_rng *rng) {
    if (family == PB_NEGATIVE) return negative(p, rare, rng);
    if (family == PB_TIES) {
        int64_t i = pb_rng_below(rng, 5);
        return ties_with_infinity(p) && i == 0 ? -INFINITY : (float)(i - 2);
    }
    if (family == PB_SPARSE) return sparse(rare, rng);
    if (family == PB_SPECIAL && pb_rng_below(rng, rare) == 0) return special(rng);
    if (family == PB_INFINITE && pb_rng_below(rng, rare) == 0)
        return pb_rng_below(rng, 2) ? INFINITY : -INFINITY;
    if (family == PB_SUBNORMAL) return either_sign(subnormal(rng, FLT_MANT_DIG - 1), rng);
    if (family == PB_CANCEL && pb_rng_below(rng, 4) == 0) return either_sign(1e30f, rng);
    if (family == PB_HUGE && pb_rng_below(rng, 2) == 0) return either_sign(huge(rng), rng);
    return (float)(2 * pb_rng_unit(rng) - 1);
}

/* The same families in whole numbers: those of u8 that are negative if taken for s8, ties with the
 * lowest among them, sums beyond 8 bits, and all the lowest but for a few of the highest. */
static int draw_integer(enum pb_dtype dtype, enum pb_data_pattern family, int64_t rare,
                        struct pb_rng *rng) {
    int lowest = dtype == PB_S8 ? INT8_MIN : 0, highest = dtype == PB_S8 ? INT8_MAX : UINT8_MAX;
    switch (family) {
    case PB_NEGATIVE:
        return (dtype == PB_S8 ? INT8_MIN : INT8_MAX + 1) + (int)pb_rng_below(rng, 128);
    case PB_TIES: {
        int i = (int)pb_rng_below(rng, 5);
        return i == 0 ? lowest : dtype == PB_S8 ? i - 2 : i;
    }
    case PB_SPARSE:
        return pb_rng_below(rng, rare) >= 4 ? 0 : pb_rng_below(rng, 2) ? highest : lowest;
    case PB_SPECIAL:
        return pb_rng_below(rng, rare) ? lowest : highest;
    default:
        if (pb_rng_below(rng, 8) == 0) return pb_rng_below(rng, 2) ? highest : lowest;
        return lowest + (int)pb_rng_below(rng, 256);
    }
}

static void store_integer(const struct pb_tensor *t, int64_t offset, int value) {
    if (t->dtype == PB_S8)
        ((int8_t *)t->data)[offset] = (int8_t)value;
    else
        ((uint8_t *)t->data)[offset] = (uint8_t)value;
}

/* Of a convolution only one factor gets special values, the one that methods pad with zeros:
 * whether a zero of the padding times Inf counts is not for the contract to say. */
static bool takes_special(const struct pb_problem *p, enum pb_role role) {
    return !pb_traits_of(p)->groups || role == (p->dir == PB_BWD ? PB_DST : PB_SRC);
}

static void fill_tensor(const struct pb_problem *p, const struct pb_tensor *t, enum pb_role role,
                        enum pb_data_pattern family, uint64_t seed) {
    struct pb_rng rng = {seed * PB_ROLES + role};
    int64_t count = pb_tensor_count(t), rare = rarity(p), at[5] = {0};
    if (family >= PB_SPARSE && !takes_special(p, role)) family = PB_MIXED;
    memset(t->data, 0, pb_tensor_bytes(t));
    for (int64_t i = 0; i < count; i++, oracle_step(t->dims, at)) {
        bool end = at[2] + at[3] + at[4] == 0 ||
                   (at[2] == t->dims[2] - 1 && at[3] == t->dims[3] - 1 && at[4] == t->dims[4] - 1);
        if (pb_dtype_is_integer(t->dtype))
            store_integer(t, oracle_offset(t, at), draw_integer(t->dtype, family, rare, &rng));
        else
            ((float *)t->data)[oracle_offset(t, at)] =
                    family == PB_SPARSE && end ? 1 : draw(p, family, rare, &rng);
    }
    if (family != PB_LANE || t->dtype != PB_F32 || count == 0) return;
    oracle_unravel(pb_rng_below(&rng, count), t->dims, at);
    ((float *)t->data)[oracle_offset(t, at)] = NAN;
}

/* The indices that a forward pass over input of that family gives. */
static enum pb_status fill_indices(const struct pb_problem *problem, const struct pb_tensor *to,
                                   enum pb_data_pattern family, uint64_t seed) {
    struct pb_problem forward = *problem;
    struct pb_buffer src = {0}, dst = {0};
    struct pb_expected expected = {0};
    struct pb_args args = {0};
    forward.dir = PB_FWD_IDX;
    args.src = pb_tensor_of(&forward, PB_SRC, NULL);
    args.dst = pb_tensor_of(&forward, PB_DST, NULL);
    args.indices = *to;
    enum pb_status status = pb_buffer_alloc(&src, pb_tensor_bytes(&args.src));
    if (!status) status = pb_buffer_alloc(&dst, pb_tensor_bytes(&args.dst));
    if (status) goto cleanup;
    args.src.data = src.data;
    args.dst.data = dst.data;
    fill_tensor(&forward, &args.src, PB_SRC, family, seed);
    status = pb_oracle(&forward, &args, &expected);
    if (status) goto cleanup;
    memset(to->data, 0, pb_tensor_bytes(to));
    int64_t at[5] = {0};
    for (int64_t i = 0; i < expected.tensor[PB_INDICES].count; i++, oracle_step(to->dims, at))
        ((int64_t *)to->data)[oracle_offset(to, at)] =
                (int64_t)expected.tensor[PB_INDICES].value[i];
cleanup:
    pb_expected_free(&expected);
    pb_buffer_free(&src);
    pb_buffer_free(&dst);
    return status;
}

enum pb_status pb_fill(const struct pb_problem *problem, const struct pb_args *args,
                       enum pb_data_pattern family, uint64_t seed) {
    enum pb_status status = PB_OK;
    for (int role = 0; role < PB_ROLES && !status; role++) {
        const struct pb_tensor *t = &args->tensor[role];
        if (!t->data || !pb_role_used(problem, role) || pb_role_written(problem, role)) continue;
        if (role == PB_INDICES)
            status = fill_indices(problem, t, family, seed);
        else if (t->dtype == PB_F32 || t->dtype == PB_S8 || t->dtype == PB_U8)
            fill_tensor(problem, t, role, family, seed);
        else
            status = pb_fail(PB_UNSUPPORTED, "no test data of type %s", pb_dtype_name(t->dtype));
    }
    return status;
}

void pb_poison(const struct pb_problem *problem, const struct pb_args *args) {
    static const uint32_t signalling_nan = ORACLE_POISON;
    static const int64_t no_position = INT64_MIN;
    for (int role = 0; role < PB_ROLES; role++) {
        const struct pb_tensor *t = &args->tensor[role];
        if (!t->data || !pb_role_written(problem, role)) continue;
        const void *pattern = t->dtype == PB_S64 ? (const void *)&no_position : &signalling_nan;
        size_t size = pb_dtype_size(t->dtype), bytes = pb_tensor_bytes(t);
        for (size_t at = 0; at < bytes; at += size) memcpy((char *)t->data + at, pattern, size);
    }
}
