/* Memory of tensors: where data stands, guard bytes, and closed pages on both sides. */
#include "poolbench.h"
#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static const size_t sizes[] = {0, 4, 60, 64, 68, 1000, 4092, 4096, 70000};
enum { SIZES = sizeof sizes / sizeof sizes[0], ELEMENT = 4 };

static struct pb_buffer made(size_t bytes, enum pb_placement placement) {
    struct pb_buffer buffer;
    cr_assert_eq(pb_buffer_alloc_at(&buffer, bytes, placement, ELEMENT), PB_OK, "%s", pb_error());
    return buffer;
}

static size_t page(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

Test(buffer, stands_where_it_is_asked_to) {
    for (int i = 0; i < SIZES; i++)
        for (int placement = 0; placement < PB_PLACEMENTS; placement++) {
            struct pb_buffer buffer = made(sizes[i], (enum pb_placement)placement);
            uintptr_t data = (uintptr_t)buffer.data, end = data + sizes[i];
            cr_expect_eq(buffer.bytes, sizes[i]);
            if (placement == PB_ALIGNED) cr_expect(data % 64 == 0 && -end % page() < 64);
            if (placement == PB_FIRST) cr_expect_eq(data % page(), 0);
            if (placement == PB_LAST && sizes[i]) cr_expect_eq(end % page(), 0);
            if (placement == PB_ODD) cr_expect_eq(data % 64, ELEMENT);
            pb_buffer_free(&buffer);
        }
}

Test(buffer, is_aligned_unless_told_otherwise) {
    struct pb_buffer buffer;
    cr_assert_eq(pb_buffer_alloc(&buffer, 1000), PB_OK);
    cr_expect_eq((uintptr_t)buffer.data % 64, 0);
    pb_buffer_free(&buffer);
}

/* All of it is the caller's, and nothing else. */
Test(buffer, is_intact_until_one_bit_beside_it_changes) {
    for (int i = 0; i < SIZES; i++)
        for (int placement = 0; placement < PB_PLACEMENTS; placement++) {
            struct pb_buffer buffer = made(sizes[i], (enum pb_placement)placement);
            unsigned char *data = buffer.data, *end = data + sizes[i];
            memset(data, 0xff, sizes[i]);
            memset(data, 0, sizes[i]);
            cr_expect(pb_buffer_intact(&buffer), "%zu bytes", sizes[i]);
            size_t before = (uintptr_t)data % page(), after = -(uintptr_t)end % page();
            for (size_t byte = 0; byte < before + after; byte++) {
                unsigned char *at = byte < before ? data - 1 - byte : end + (byte - before);
                *at ^= byte % 2 ? 1 : 0x80;
                cr_expect(!pb_buffer_intact(&buffer), "byte %zu beside %zu", byte, sizes[i]);
                *at ^= byte % 2 ? 1 : 0x80;
            }
            cr_expect(pb_buffer_intact(&buffer));
            if (before) data[-1] = 0;
            pb_buffer_mend(&buffer);
            cr_expect(pb_buffer_intact(&buffer));
            pb_buffer_free(&buffer);
        }
}

static unsigned char touch(const struct pb_buffer *buffer, int64_t at) {
    signal(SIGSEGV, SIG_DFL); /* not a sanitizer's */
    return ((volatile unsigned char *)buffer->data)[at];
}

Test(buffer, traps_before_the_first, .signal = SIGSEGV) {
    struct pb_buffer buffer = made(4096, PB_FIRST);
    touch(&buffer, 0);
    touch(&buffer, 4095);
    touch(&buffer, -1);
}

Test(buffer, traps_behind_the_last, .signal = SIGSEGV) {
    struct pb_buffer buffer = made(1000, PB_LAST);
    touch(&buffer, -1);
    touch(&buffer, 999);
    touch(&buffer, 1000);
}

Test(buffer, traps_far_behind, .signal = SIGSEGV) {
    struct pb_buffer buffer = made(1000, PB_ALIGNED);
    touch(&buffer, 1023);
    touch(&buffer, 1000 + (1 << 16));
}

Test(buffer, traps_far_before, .signal = SIGSEGV) {
    struct pb_buffer buffer = made(1000, PB_ODD);
    touch(&buffer, -1);
    touch(&buffer, -(1 << 16));
}

Test(buffer, that_was_freed_is_zeroed) {
    struct pb_buffer buffer = made(1000, PB_ALIGNED);
    pb_buffer_free(&buffer);
    cr_expect(!buffer.data && !buffer.base && buffer.bytes == 0 && buffer.mapped == 0);
}

Test(buffer, too_large_is_refused) {
    struct pb_buffer buffer;
    cr_expect_eq(pb_buffer_alloc(&buffer, SIZE_MAX), PB_NOMEM);
    cr_expect_eq(pb_buffer_alloc(&buffer, PTRDIFF_MAX / 2), PB_NOMEM);
    cr_expect_str_not_empty(pb_error());
    pb_buffer_free(&buffer); /* a failed one is zeroed */
    pb_buffer_free(&buffer);
}

/* A huge page needs an aligned place; data and guards stand as ever. */
Test(buffer, begins_where_a_huge_page_may) {
    pb_buffers_on_huge_pages(true);
    for (int placement = 0; placement < PB_PLACEMENTS; placement++) {
        const size_t huge = 2 << 20, bytes = 3 * huge + 4;
        struct pb_buffer buffer = made(bytes, (enum pb_placement)placement);
        unsigned char *data = buffer.data, *open = (unsigned char *)buffer.base + (1 << 16);
        cr_expect_eq((uintptr_t)open % huge, 0);
        cr_expect(data >= open && data < open + page());
        memset(data, 0, bytes);
        cr_expect(pb_buffer_intact(&buffer));
        pb_buffer_free(&buffer);
    }
    pb_buffers_on_huge_pages(false);
}
