/* The control bits of floating-point arithmetic; the flags of what happened are nobody's. */
#include "common/float_state.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#if defined __x86_64__
#include <immintrin.h>
#else
#include <fenv.h>
#endif

struct control {
    uint64_t bits; /* of SSE; of all else */
    uint16_t x87;
};

static struct control noted;

#if defined __x86_64__
static const char register_name[] = "MXCSR";
enum { FLAGS = 0x3f, ROUNDS = 0x6000, TRAPS = 0x1f80, FLUSHES = 0x8040 };

static struct control read_control(void) {
    struct control now = {.bits = _mm_getcsr() & ~(unsigned)FLAGS};
    __asm__ volatile("fnstcw %0" : "=m"(now.x87));
    return now;
}

static void write_control(struct control to) {
    _mm_setcsr((unsigned)to.bits);
    __asm__ volatile("fldcw %0" : : "m"(to.x87));
}
#elif defined __aarch64__
static const char register_name[] = "FPCR";
enum { ROUNDS = 0xc00000, TRAPS = 0x9f00, FLUSHES = 0x1080000 };

static struct control read_control(void) {
    struct control now = {0};
    __asm__ volatile("mrs %0, fpcr" : "=r"(now.bits));
    return now;
}

static void write_control(struct control to) {
    __asm__ volatile("msr fpcr, %0" : : "r"(to.bits));
}
#else
static const char register_name[] = "the rounding mode";
enum { ROUNDS = ~0, TRAPS = 0, FLUSHES = 0 };

static struct control read_control(void) {
    return (struct control){.bits = (uint64_t)fegetround()};
}

static void write_control(struct control to) {
    fesetround((int)to.bits);
}
#endif

void float_state_note(void) {
    noted = read_control();
}

static void describe(struct control now, char *text, size_t size) {
    uint64_t changed = now.bits ^ noted.bits;
    if (!changed)
        snprintf(text, size, "left the x87 control word at %#x, not %#x", now.x87, noted.x87);
    else
        snprintf(text, size, "left %s at %#llx, not %#llx (%s)", register_name,
                 (unsigned long long)now.bits, (unsigned long long)noted.bits,
                 changed & FLUSHES  ? "flushing to 0"
                 : changed & ROUNDS ? "rounding"
                 : changed & TRAPS  ? "traps"
                                    : "another mode");
}

const char *float_state_check(char *text, size_t size) {
    struct control now = read_control();
    if (now.bits == noted.bits && now.x87 == noted.x87) return NULL;
    write_control(noted);
    describe(now, text, size);
    return text;
}

const char *float_state_check_team(int threads, char *text, size_t size) {
    bool changed = false;
#pragma omp parallel num_threads(threads)
    {
        char own[128];
        if (float_state_check(own, sizeof own)) {
#pragma omp critical
            {
                snprintf(text, size, "%s", own);
                changed = true;
            }
        }
    }
    return changed ? text : NULL;
}
