/* Lists of methods, as "im2col,simd" or "!naive", that choose kernels. */
#include "common/suites.h"
#include <stdio.h>
#include <string.h>

/* One entry of a list: "simd", or "!naive" for all that are not. */
struct entry {
    const char *name;
    int length;
    bool except;
};

/* The entry at *list, and moves *list behind it; false at the end. */
static bool next_entry(const char **list, struct entry *entry) {
    const char *at = *list;
    if (!at) return false;
    entry->except = *at == '!';
    entry->name = at + entry->except;
    entry->length = (int)strcspn(entry->name, ",");
    *list = entry->name[entry->length] ? entry->name + entry->length + 1 : NULL;
    return true;
}

/* Whether the entry is the kernel's method, its ISA, or "simd" (pb_kernel_is). */
static bool names(const struct entry *entry, const struct pb_kernel *kernel) {
    char word[32];
    if (entry->length >= (int)sizeof word) return false;
    snprintf(word, sizeof word, "%.*s", entry->length, entry->name);
    return pb_kernel_is(kernel, word);
}

static bool is_known(const struct entry *entry) {
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (names(entry, pb_kernel_at(i))) return true;
    return false;
}

/* "naive, im2col, simd": each method of the table once, as far as there is room; returns `text`. */
static const char *known_methods(char *text, size_t size) {
    size_t length = 0;
    *text = 0;
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const char *method = pb_kernel_method(pb_kernel_at(i));
        bool before = false;
        for (size_t k = 0; k < i && !before; k++)
            before = strcmp(pb_kernel_method(pb_kernel_at(k)), method) == 0;
        if (before || length + strlen(method) + 3 > size) continue;
        length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", method);
    }
    return text;
}

enum pb_status pb_methods_check(const char *list) {
    struct entry entry;
    char known[256];
    while (next_entry(&list, &entry))
        if (!is_known(&entry))
            return pb_fail(PB_INVALID, "unknown method '%.*s' (expected %s)", entry.length,
                           entry.name, known_methods(known, sizeof known));
    return PB_OK;
}

bool pb_method_chosen(const char *list, const struct pb_kernel *kernel) {
    struct entry entry;
    bool wanted = false, chosen = false;
    while (next_entry(&list, &entry)) {
        if (entry.except && names(&entry, kernel)) return false;
        wanted |= !entry.except;
        chosen |= !entry.except && names(&entry, kernel);
    }
    return chosen || !wanted;
}
