/* What a plug-in says of itself goes into tables, file names, JSON and globs, and steers how memory
 * is made: it is checked before anything is done with it. */
#include "core/text.h"
#include "registry/provider.h"
#include <string.h>

enum {
    NAME_MOST = 32,         /* bytes of a provider's name */
    KERNEL_NAME_MOST = 100, /* of a kernel's */
    VERSION_MOST = 100,     /* of a library's version */
    SENTENCE_MOST = 400,    /* of what is said of a difference */
    KERNELS_MOST = 4096,    /* and differences */
    READS_PAST_MOST = 4096, /* bytes; more than a page would hide what a guard page is for */
};

static const unsigned isas = PB_ISA_AVX2 | PB_ISA_AVX512 | PB_ISA_NEON;

/* ---- Text ------------------------------------------------------------------------------------ */

/* A word that a shell, a glob, a path and a table hold. */
static bool is_name(const char *text, size_t most) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_.+-";
    size_t length = strnlen(text, most + 1);
    return length && length <= most && *text != '-' && strspn(text, letters) == length;
}

static bool is_text(const char *text, size_t most) {
    return text && *text && strnlen(text, most + 1) <= most && text_is_line(text);
}

/* ---- The ABI --------------------------------------------------------------------------------- */

static enum pb_status check_abi(const char *path, const struct pb_abi *abi) {
    static const struct pb_abi own = PB_ABI;
    if (abi->number != own.number)
        return pb_fail(PB_PROVIDER, "%s is built for ABI %u of plug-ins, this program has %u", path,
                       abi->number, own.number);
    const struct {
        const char *type;
        uint32_t theirs, ours;
    } sizes[] = {
            {"provider", abi->provider, own.provider},
            {"kernel", abi->kernel, own.kernel},
            {"problem", abi->problem, own.problem},
            {"args", abi->args, own.args},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (sizes[i].theirs != sizes[i].ours)
            return pb_fail(PB_PROVIDER,
                           "%s is built with another poolbench.h: its struct pb_%s has %u bytes, "
                           "this program's %u",
                           path, sizes[i].type, sizes[i].theirs, sizes[i].ours);
    return PB_OK;
}

/* ---- Kernels --------------------------------------------------------------------------------- */

static bool in_table(const char *name) {
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (!strcmp(name, pb_kernel_at(i)->name)) return true;
    return false;
}

static enum pb_status check_kernel(const char *path, const struct pb_provider *provider,
                                   size_t position) {
    const struct pb_kernel *kernel = &provider->kernels[position];
    size_t prefix = strlen(provider->name);
    if (!kernel->name)
        return pb_fail(PB_PROVIDER, "%s: its kernel %zu has no name", path, position);
    if (!is_name(kernel->name, KERNEL_NAME_MOST))
        return pb_fail(PB_PROVIDER,
                       "%s: the name of its kernel %zu, '%.*s', is not 1 to %d letters, digits, "
                       "'_', '.', '+' or '-'",
                       path, position, KERNEL_NAME_MOST, kernel->name, KERNEL_NAME_MOST);
    if (!kernel->can_do || !kernel->setup || !kernel->run || !kernel->done)
        return pb_fail(PB_PROVIDER, "%s: its kernel %s lacks one of the four calls", path,
                       kernel->name);
    if (kernel->isa & ~isas)
        return pb_fail(PB_PROVIDER,
                       "%s: its kernel %s needs an ISA that is not known, 0x%x (known: 0x%x)", path,
                       kernel->name, kernel->isa, isas);
    if (strncmp(kernel->name, provider->name, prefix) || kernel->name[prefix] != '_')
        return pb_fail(PB_PROVIDER, "%s: its kernel %s is not called %s_…", path, kernel->name,
                       provider->name);
    for (size_t i = 0; i < position; i++)
        if (!strcmp(kernel->name, provider->kernels[i].name))
            return pb_fail(PB_PROVIDER, "%s: it has two kernels %s", path, kernel->name);
    if (in_table(kernel->name))
        return pb_fail(PB_PROVIDER, "%s: a kernel %s is loaded already", path, kernel->name);
    return PB_OK;
}

/* ---- Differences ----------------------------------------------------------------------------- */

static bool is_when(enum pb_when when) {
    switch (when) {
    case PB_ALWAYS:
    case PB_WITH_SPECIAL:
    case PB_WITH_THREADS:
        return true;
    }
    return false;
}

static enum pb_status check_difference(const char *path, const struct pb_provider *provider,
                                       size_t position) {
    const struct pb_difference *d = &provider->differences[position];
    const struct {
        const char *what, *text;
    } texts[] = {{"kernels", d->kernels},
                 {"rule", d->rule},
                 {"known_defect", d->known_defect ? d->known_defect : "none"},
                 {"sentence", d->sentence}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!is_text(texts[i].text, SENTENCE_MOST))
            return pb_fail(PB_PROVIDER,
                           "%s: `%s` of its difference %zu is not a line of 1 to %d bytes of UTF-8",
                           path, texts[i].what, position, SENTENCE_MOST);
    if (!is_when(d->when))
        return pb_fail(PB_PROVIDER, "%s: `when` of its difference %zu is %d, not 0 to %d", path,
                       position, (int)d->when, PB_WITH_THREADS);
    return PB_OK;
}

/* ---- The provider ---------------------------------------------------------------------------- */

/* Methods and ISAs are chosen by name beside providers. */
static bool is_taken(const char *name) {
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (pb_kernel_is(pb_kernel_at(i), name)) return true;
    return strcmp(name, "simd") == 0;
}

static enum pb_status check_sizes(const char *path, const struct pb_provider *provider) {
    if (!provider->kernel_count || provider->kernel_count > KERNELS_MOST)
        return pb_fail(PB_PROVIDER, "%s: says that it has %zu kernels, not 1 to %d", path,
                       provider->kernel_count, KERNELS_MOST);
    if (provider->difference_count > KERNELS_MOST)
        return pb_fail(PB_PROVIDER, "%s: says that it has %zu differences, more than %d", path,
                       provider->difference_count, KERNELS_MOST);
    if (provider->reads_past > READS_PAST_MOST)
        return pb_fail(PB_PROVIDER,
                       "%s: says that it reads %zu bytes past a tensor; at most %d can be allowed",
                       path, provider->reads_past, READS_PAST_MOST);
    return PB_OK;
}

enum pb_status provider_check(const char *path, const struct pb_provider *provider) {
    enum pb_status status = check_abi(path, &provider->abi);
    if (status) return status;
    if (!provider->name || !provider->start || !provider->version || !provider->kernels ||
        (provider->difference_count && !provider->differences))
        return pb_fail(PB_PROVIDER, "%s lacks a name, start, version, kernels or differences",
                       path);
    if (!is_name(provider->name, NAME_MOST))
        return pb_fail(PB_PROVIDER,
                       "%s: its name, '%.*s', is not 1 to %d letters, digits, '_', '.', '+' or '-'",
                       path, NAME_MOST, provider->name, NAME_MOST);
    status = check_sizes(path, provider);
    for (size_t i = 0; !status && i < provider->kernel_count; i++)
        status = check_kernel(path, provider, i);
    for (size_t i = 0; !status && i < provider->difference_count; i++)
        status = check_difference(path, provider, i);
    if (!status && is_taken(provider->name))
        status = pb_fail(PB_PROVIDER, "%s: its name, %s, is that of a method, an ISA or a provider",
                         path, provider->name);
    return status;
}

enum pb_status provider_check_version(const char *path, const struct pb_provider *provider) {
    if (is_text(provider->version(), VERSION_MOST)) return PB_OK;
    return pb_fail(PB_PROVIDER, "%s: its version is not a line of 1 to %d bytes of UTF-8", path,
                   VERSION_MOST);
}
