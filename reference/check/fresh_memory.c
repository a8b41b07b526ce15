/* Memory that nobody wrote to yet holds what shows in a result. */
#include "reference.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* glibc keeps a few freed blocks of each small size for each thread and does not fill those. */
enum { STEP = 16, SMALL = 1040, KEPT = 4, STACK = 64 * 1024 };

/* The compiler takes no write for needless whose address it does not follow. */
static void fill(void *memory, unsigned char byte, size_t bytes) {
    memset(memory, byte, bytes);
    __asm__ volatile("" : : "r"(memory) : "memory");
}

static void fill_kept_blocks(unsigned char byte) {
    for (size_t size = STEP; size < SMALL; size += STEP) {
        void *block[KEPT];
        for (int i = 0; i < KEPT; i++)
            if ((block[i] = malloc(size))) fill(block[i], byte, size);
        for (int i = 0; i < KEPT; i++) free(block[i]);
    }
}

__attribute__((noinline)) static void fill_stack(unsigned char byte) {
    unsigned char below[STACK];
    fill(below, byte, sizeof below);
}

void pb_fresh_memory(int byte) {
#if defined M_PERTURB
    mallopt(M_PERTURB, byte < 0 ? 0 : byte ^ 0xff); /* it fills with the complement */
#endif
    if (byte < 0) return;
    fill_kept_blocks((unsigned char)byte);
    fill_stack((unsigned char)byte);
}
