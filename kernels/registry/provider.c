/* Other libraries as plug-ins: load, check the ABI, append to the table. */
#include "registry/provider.h"
#include <dlfcn.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct pb_provider **loaded;
static size_t count;

static const struct pb_host host = {.fail = pb_fail, .threads = pb_threads, .isa = pb_isa};

/* ---- The table ------------------------------------------------------------------------------- */

size_t pb_provider_count(void) {
    return count;
}

const struct pb_provider *pb_provider_at(size_t position) {
    return loaded[position];
}

size_t provider_kernel_count(void) {
    size_t kernels = 0;
    for (size_t i = 0; i < count; i++) kernels += loaded[i]->kernel_count;
    return kernels;
}

const struct pb_kernel *provider_kernel_at(size_t position) {
    size_t i = 0;
    for (; position >= loaded[i]->kernel_count; i++) position -= loaded[i]->kernel_count;
    return &loaded[i]->kernels[position];
}

const struct pb_provider *pb_kernel_provider(const struct pb_kernel *kernel) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < loaded[i]->kernel_count; k++)
            if (kernel == &loaded[i]->kernels[k]) return loaded[i];
    return NULL;
}

const char *pb_kernel_implementation(const struct pb_kernel *kernel, const void *plan,
                                     bool *reference) {
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    *reference = false;
    if (!provider || !provider->implementation) return "";
    return provider->implementation(provider_code_of(kernel), plan, reference);
}

const struct pb_difference *pb_kernel_difference(const struct pb_kernel *kernel,
                                                 const struct pb_problem *problem,
                                                 enum pb_when seen) {
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    for (size_t i = 0; provider && i < provider->difference_count; i++) {
        const struct pb_difference *d = &provider->differences[i];
        if (fnmatch(d->kernels, kernel->name, 0) == 0 &&
            (d->when == PB_ALWAYS || d->when == seen) && (!d->where || d->where(problem)))
            return d;
    }
    return NULL;
}

/* ---- Checks ---------------------------------------------------------------------------------- */

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
    if (!kernel->can_do || !kernel->setup || !kernel->run || !kernel->done)
        return pb_fail(PB_PROVIDER, "%s: its kernel %s lacks one of the four calls", path,
                       kernel->name);
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

enum pb_status provider_check(const char *path, const struct pb_provider *provider) {
    enum pb_status status = check_abi(path, &provider->abi);
    if (status) return status;
    if (!provider->name || !provider->start || !provider->version || !provider->kernels ||
        (provider->difference_count && !provider->differences))
        return pb_fail(PB_PROVIDER, "%s lacks a name, start, version, kernels or differences",
                       path);
    for (size_t k = 0; !status && k < provider->kernel_count; k++)
        status = check_kernel(path, provider, k);
    return status;
}

/* ---- Loading --------------------------------------------------------------------------------- */

bool provider_is_loaded(const struct pb_provider *provider) {
    for (size_t i = 0; i < count; i++)
        if (loaded[i] == provider) return true;
    return false;
}

enum pb_status provider_add(const struct pb_provider *provider) {
    const struct pb_provider **more = realloc(loaded, (count + 1) * sizeof *loaded);
    if (!more) return pb_fail(PB_NOMEM, "no memory for one more provider");
    loaded = more;
    loaded[count++] = provider;
    pb_buffers_read_past(provider->reads_past);
    return PB_OK;
}

enum pb_status provider_open(const char *path, const struct pb_provider **provider) {
    char here[PATH_MAX];
    /* dlopen looks for a bare name among the system's libraries. */
    int length = snprintf(here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
    if (length >= (int)sizeof here)
        return pb_fail(PB_IO, "a plug-in's path of %zu characters is too long", strlen(path));
    void *handle = dlopen(here, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        bool names_it = !strncmp(reason, here, (size_t)length);
        return pb_fail(PB_IO, "%s%s%s", names_it ? "" : path, names_it ? "" : ": ", reason);
    }
    *provider = dlsym(handle, "pb_provider");
    if (*provider) return PB_OK;
    dlclose(handle);
    return pb_fail(PB_PROVIDER, "%s exports no pb_provider: it is no plug-in of poolbench", path);
}

enum pb_status provider_start(const char *path, const struct pb_provider *provider) {
    enum pb_status status = provider->start(&host);
    return status ? pb_fail(status, "%s: %s", path, pb_error()) : PB_OK;
}

enum pb_status pb_provider_load(const char *path) {
    const struct pb_provider *provider;
    enum pb_status status = provider_open(path, &provider);
    if (status || provider_is_loaded(provider)) return status;
    status = provider_check(path, provider);
    if (!status) status = provider_start(path, provider);
    return status ? status : provider_add(provider);
}
