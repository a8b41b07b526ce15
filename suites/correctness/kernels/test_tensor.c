/* Tensors: shapes and offsets in every layout. */
#include "poolbench.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pb_problem parsed(const char *text) {
    struct pb_problem problem;
    cr_assert_eq(pb_problem_parse(text, &problem), PB_OK, "%s", pb_error());
    return problem;
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

static void expect_dims(const struct pb_tensor *t, const int64_t want[5]) {
    cr_expect_arr_eq(t->dims, want, sizeof t->dims, "%d: %d %d %d %d %d", t->layout,
                     (int)t->dims[0], (int)t->dims[1], (int)t->dims[2], (int)t->dims[3],
                     (int)t->dims[4]);
}

static void expect_strides(const struct pb_tensor *t, const int64_t want[5]) {
    cr_expect_arr_eq(t->strides, want, sizeof t->strides, "%d: %d %d %d %d %d", t->layout,
                     (int)t->strides[0], (int)t->strides[1], (int)t->strides[2], (int)t->strides[3],
                     (int)t->strides[4]);
}

Test(tensor, nchw) {
    struct pb_problem p = parsed("max:nchw:fwd_idx:mb2ic17id3ih4iw5kd2kh2kw3");
    float data[1];
    struct pb_tensor t = pb_tensor_of(&p, PB_SRC, data);
    cr_expect_eq(t.data, data);
    cr_expect(t.dtype == PB_F32 && t.layout == PB_NCHW);
    expect_dims(&t, (const int64_t[]){2, 17, 3, 4, 5});
    expect_strides(&t, (const int64_t[]){1020, 60, 20, 5, 1});
    cr_expect_eq(pb_offset(&t, 1, 16, 2, 3, 4), 2039);
    cr_expect_eq(pb_offset(&t, 0, 1, 0, 0, 0), 60);
    cr_expect_eq(pb_tensor_count(&t), 2040);
    cr_expect_eq(pb_tensor_bytes(&t), 8160);
    t = pb_tensor_of(&p, PB_DST, NULL);
    expect_dims(&t, (const int64_t[]){2, 17, 2, 3, 3});
    expect_strides(&t, (const int64_t[]){306, 18, 9, 3, 1});
    t = pb_tensor_of(&p, PB_INDICES, NULL);
    cr_expect_eq(t.dtype, PB_S64);
    expect_dims(&t, (const int64_t[]){2, 17, 2, 3, 3});
    cr_expect_eq(pb_tensor_bytes(&t), 612 * 8);
}

Test(tensor, nhwc) {
    struct pb_problem p = parsed("max:nhwc:mb2ic17id3ih4iw5kd2kh2kw3");
    struct pb_tensor t = pb_tensor_of(&p, PB_SRC, NULL);
    cr_expect_null(t.data);
    expect_dims(&t, (const int64_t[]){2, 17, 3, 4, 5});
    expect_strides(&t, (const int64_t[]){1020, 1, 340, 85, 17});
    cr_expect_eq(pb_offset(&t, 1, 16, 2, 3, 4), 2039);
    cr_expect_eq(pb_offset(&t, 0, 0, 0, 0, 1), 17);
    cr_expect_eq(pb_tensor_bytes(&t), 8160);
}

/* 17 channels take two blocks of 16; the caller sees 17. */
Test(tensor, nChw16c) {
    struct pb_problem p = parsed("max:nChw16c:mb2ic17ih4iw5kh2kw3");
    struct pb_tensor t = pb_tensor_of(&p, PB_SRC, NULL);
    expect_dims(&t, (const int64_t[]){2, 17, 1, 4, 5});
    expect_strides(&t, (const int64_t[]){640, 320, 320, 80, 16});
    cr_expect_eq(pb_offset(&t, 0, 15, 0, 0, 0), 15);
    cr_expect_eq(pb_offset(&t, 0, 16, 0, 0, 0), 320);
    cr_expect_eq(pb_offset(&t, 0, 3, 0, 0, 1), 19);
    cr_expect_eq(pb_offset(&t, 1, 16, 0, 3, 4), 640 + 320 + 240 + 64);
    cr_expect_eq(pb_tensor_count(&t), 680);
    cr_expect_eq(pb_tensor_bytes(&t), 2 * 32 * 20 * 4);
}

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Every element has a place of its own, inside the storage. */
Test(tensor, offsets_are_distinct_and_inside) {
    static const int channels[] = {1, 15, 16, 17, 33};
    for (int layout = 0; layout < PB_LAYOUTS; layout++)
        for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
            char text[PB_TEXT_SIZE];
            snprintf(text, sizeof text, "max:%s:mb2ic%did2ih3iw5kd1kh1kw1",
                     pb_layout_name((enum pb_layout)layout), channels[i]);
            struct pb_problem p = parsed(text);
            struct pb_tensor t = pb_tensor_of(&p, PB_SRC, NULL);
            int64_t count = pb_tensor_count(&t), used = 0;
            int64_t *place = malloc((size_t)count * sizeof *place);
            cr_assert_not_null(place);
            for (int64_t n = 0; n < 2; n++)
                for (int64_t c = 0; c < channels[i]; c++)
                    for (int64_t d = 0; d < 2; d++)
                        for (int64_t h = 0; h < 3; h++)
                            for (int64_t w = 0; w < 5; w++)
                                place[used++] = pb_offset(&t, n, c, d, h, w);
            cr_assert_eq(used, count);
            qsort(place, (size_t)count, sizeof *place, by_value);
            cr_expect_geq(place[0], 0);
            cr_expect_lt(place[count - 1] * 4, (int64_t)pb_tensor_bytes(&t), "%s", text);
            for (int64_t k = 1; k < count; k++) cr_expect_lt(place[k - 1], place[k], "%s", text);
            free(place);
        }
}

Test(tensor, weights_and_bias) {
    struct pb_problem p = parsed("conv:nchw:g2mb1ic34oc6id3ih4iw5kd1kh2kw3");
    struct pb_tensor t = pb_tensor_of(&p, PB_WEIGHTS, NULL);
    expect_dims(&t, (const int64_t[]){6, 17, 1, 2, 3});
    expect_strides(&t, (const int64_t[]){102, 6, 6, 3, 1});
    p.layout = PB_NCHW16C; /* weights stay o, i, d, h, w: nothing blocked */
    t = pb_tensor_of(&p, PB_WEIGHTS, NULL);
    expect_dims(&t, (const int64_t[]){6, 17, 1, 2, 3});
    cr_expect_eq(pb_offset(&t, 5, 16, 0, 1, 2), 611);
    cr_expect_eq(pb_tensor_bytes(&t), 612 * 4);
    p.layout = PB_NHWC; /* o, d, h, w, i */
    t = pb_tensor_of(&p, PB_WEIGHTS, NULL);
    expect_dims(&t, (const int64_t[]){6, 17, 1, 2, 3});
    expect_strides(&t, (const int64_t[]){102, 1, 102, 51, 17});
    for (int layout = 0; layout < PB_LAYOUTS; layout++) {
        p.layout = (enum pb_layout)layout;
        t = pb_tensor_of(&p, PB_BIAS, NULL);
        cr_expect_eq(pb_tensor_count(&t), 6);
        cr_expect_eq(pb_tensor_bytes(&t), 24);
        cr_expect_eq(pb_offset(&t, 5, 0, 0, 0, 0), 5);
        t = pb_tensor_of(&p, PB_DST, NULL);
        cr_expect_eq(t.dims[1], 6);
    }
}

Test(tensor, zero_batch_has_no_elements) {
    for (int layout = 0; layout < PB_LAYOUTS; layout++) {
        struct pb_problem p = parsed("conv:mb0ic3oc4ih5kh2");
        p.layout = (enum pb_layout)layout;
        struct pb_tensor t = pb_tensor_of(&p, PB_SRC, NULL);
        cr_expect_eq(pb_tensor_count(&t), 0);
        cr_expect_eq(pb_tensor_bytes(&t), 0);
        t = pb_tensor_of(&p, PB_WEIGHTS, NULL);
        cr_expect_eq(pb_tensor_count(&t), 48);
    }
}

Test(tensor, bytes_follow_the_data_type) {
    static const size_t bytes[PB_DTYPES] = {4, 2, 2, 1, 1, 4, 8};
    struct pb_problem p = parsed("max:mb2ic3ih4kh2");
    for (int dtype = 0; dtype < PB_DTYPES; dtype++) {
        p.dtype = (enum pb_dtype)dtype;
        struct pb_tensor t = pb_tensor_of(&p, PB_SRC, NULL);
        cr_expect_eq(pb_tensor_bytes(&t), 96 * bytes[dtype]);
        cr_expect_eq(pb_dtype_size((enum pb_dtype)dtype), bytes[dtype]);
    }
}

/* A batch of 0 hides no overflow: its tensors have strides all the same. */
Test(tensor, shapes_that_overflow_never_come_to_be) {
    static const char *const texts[] = {
            "max:mb4294967296ic2147483648iw1kw1",
            "max:mb0ic536870912iw1099511627776kw1",
            "conv:g4294967296mb0ic4294967296oc4294967296iw4294967296kw1",
            "conv:mb0ic4294967296oc4294967296iw2kw2",
            "max:nChw16c:mb1ic9223372036854775807iw1kw1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct pb_problem p;
        cr_expect_eq(pb_problem_parse(texts[i], &p), PB_INVALID, "%s", texts[i]);
    }
}

/* ---- Roles ----------------------------------------------------------------------------------- */

/* One letter a role, src dst weights bias indices input: r read, w written, - not used. */
Test(tensor, roles) {
    static const struct {
        const char *text, *roles;
    } rows[] = {
            {"max:fwd:ic3ih4kh2", "rw----"},
            {"max:fwd_idx:ic3ih4kh2", "rw--w-"},
            {"max:bwd:ic3ih4kh2", "wr--r-"},
            {"avg_p:fwd:ic3ih4kh2", "rw----"},
            {"avg_np:bwd:ic3ih4kh2", "wr----"},
            {"gap:fwd:ic3ih4", "rw----"},
            {"gap:bwd:ic3ih4", "wr----"},
            {"conv:fwd:ic3oc3ih4kh2", "rwrr--"},
            {"conv:bwd:ic3oc3ih4kh2", "wrr---"},
            {"conv:bwd_w:ic3oc3ih4kh2", "rrww--"},
            {"lp:fwd:ic3ih4kh2", "rw----"},
            {"lp:bwd:ic3ih4kh2", "wr---r"},
            {"gmp:bwd:ic3ih4", "wr--r-"},
            {"adaptive_max:fwd_idx:ic3ih4oh3", "rw--w-"},
            {"adaptive_max:bwd:ic3ih4oh3", "wr--r-"},
            {"adaptive_avg:bwd:ic3ih4oh3", "wr----"},
            {"s2d:bwd:ic3ih4kh2", "wr----"},
            {"blur:fwd:ic3ih4kh2", "rw----"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_problem p = parsed(rows[i].text);
        for (int role = 0; role < PB_ROLES; role++) {
            bool used = pb_role_used(&p, (enum pb_role)role);
            bool written = pb_role_written(&p, (enum pb_role)role);
            char got = !used ? '-' : written ? 'w' : 'r';
            cr_expect(got == rows[i].roles[role] && (used || !written), "%s: %s is %c",
                      rows[i].text, pb_role_name((enum pb_role)role), got);
        }
    }
}
