/* Memory of a tensor between guards: bytes of a known value up to the ends of its pages, then pages
 * that nobody may touch. */
#include "poolbench.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* An access that misses by less than CLOSED bytes traps. They cost address space, not memory. */
enum { ALIGNMENT = 64, GUARD_BYTE = 0xA5, CLOSED = 1 << 16, HUGE_PAGE = 2 << 20 };

static const char *const placement_names[] = {"aligned", "first", "last", "odd"};

const char *pb_placement_name(enum pb_placement placement) {
    return placement_names[placement];
}

static size_t round_up(size_t bytes, size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

/* Bytes of the open pages, and where in them data begins. */
struct place {
    size_t open, data;
};

static size_t read_past;

void pb_buffers_read_past(size_t bytes) {
    if (bytes > read_past) read_past = bytes;
}

static struct place place_of(size_t bytes, enum pb_placement placement, size_t element) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t lead = placement == PB_ODD ? element : 0;
    size_t tail = placement == PB_LAST ? bytes + read_past
                                       : round_up(bytes + lead + read_past, ALIGNMENT);
    size_t open = round_up(tail ? tail : 1, page);
    return (struct place){open, placement == PB_FIRST ? 0 : open - tail + lead};
}

static bool huge_pages;

void pb_buffers_on_huge_pages(bool on) {
    huge_pages = on;
}

/* Closed pages, `open` bytes at whose start a huge page may begin, closed pages. */
static unsigned char *reserve(size_t open) {
    size_t mapped = open + 2 * CLOSED, spare = huge_pages ? HUGE_PAGE : 0;
    unsigned char *base = mmap(NULL, mapped + spare, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    size_t lead = spare ? -(uintptr_t)(base + CLOSED) % HUGE_PAGE : 0;
    if (lead) munmap(base, lead);
    if (spare > lead) munmap(base + lead + mapped, spare - lead);
    base += lead;
    if (mprotect(base + CLOSED, open, PROT_READ | PROT_WRITE)) {
        munmap(base, mapped);
        return NULL;
    }
    if (huge_pages) madvise(base + CLOSED, open, MADV_HUGEPAGE); /* advice: small ones do too */
    return base;
}

enum pb_status pb_buffer_alloc_at(struct pb_buffer *buffer, size_t bytes,
                                  enum pb_placement placement, size_t element) {
    *buffer = (struct pb_buffer){0};
    if (bytes > PTRDIFF_MAX / 2)
        return pb_fail(PB_NOMEM, "no memory for a buffer of %zu bytes", bytes);
    struct place place = place_of(bytes, placement, element);
    unsigned char *base = reserve(place.open);
    if (!base)
        return pb_fail(PB_NOMEM, "no memory for a buffer of %zu bytes: %s", bytes, strerror(errno));
    *buffer = (struct pb_buffer){.data = base + CLOSED + place.data,
                                 .bytes = bytes,
                                 .base = base,
                                 .mapped = place.open + 2 * CLOSED};
    pb_buffer_mend(buffer);
    return PB_OK;
}

enum pb_status pb_buffer_alloc(struct pb_buffer *buffer, size_t bytes) {
    return pb_buffer_alloc_at(buffer, bytes, PB_ALIGNED, 1);
}

/* The guard bytes in front of data and behind it. */
struct guards {
    unsigned char *before, *after;
    size_t bytes_before, bytes_after;
};

static struct guards guards_of(const struct pb_buffer *buffer) {
    unsigned char *data = buffer->data, *open = (unsigned char *)buffer->base + CLOSED;
    unsigned char *end = open + buffer->mapped - 2 * CLOSED, *after = data + buffer->bytes;
    return (struct guards){open, after, (size_t)(data - open), (size_t)(end - after)};
}

void pb_buffer_mend(const struct pb_buffer *buffer) {
    struct guards guards = guards_of(buffer);
    memset(guards.before, GUARD_BYTE, guards.bytes_before);
    memset(guards.after, GUARD_BYTE, guards.bytes_after);
}

static bool filled(const unsigned char *from, size_t bytes) {
    unsigned char differs = 0;
    for (size_t i = 0; i < bytes; i++) differs |= from[i] ^ GUARD_BYTE;
    return !differs;
}

bool pb_buffer_intact(const struct pb_buffer *buffer) {
    struct guards guards = guards_of(buffer);
    return filled(guards.before, guards.bytes_before) && filled(guards.after, guards.bytes_after);
}

void pb_buffer_free(struct pb_buffer *buffer) {
    if (buffer->base) munmap(buffer->base, buffer->mapped);
    *buffer = (struct pb_buffer){0};
}
