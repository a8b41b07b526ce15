/* Other libraries as plug-ins: load, have them checked, append to the table. */
#include "registry/provider.h"
#include <dlfcn.h>
#include <fnmatch.h>
#include <limits.h>
#include <link.h>
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
    const char *name = provider->implementation(kernel, plan, reference);
    return name ? name : "";
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

/* ---- Loading --------------------------------------------------------------------------------- */

static bool is_loaded(const struct pb_provider *provider) {
    for (size_t i = 0; i < count; i++)
        if (loaded[i] == provider) return true;
    return false;
}

/* Starts a provider that was checked and keeps it. */
static enum pb_status keep(const char *path, const struct pb_provider *provider) {
    const struct pb_provider **more = realloc(loaded, (count + 1) * sizeof *loaded);
    if (!more) return pb_fail(PB_NOMEM, "no memory for one more provider");
    loaded = more;
    enum pb_status status = provider->start(&host);
    if (status) return pb_fail(status, "%s: %s", path, pb_error());
    status = provider_check_version(path, provider);
    if (status) return status;
    loaded[count++] = provider;
    pb_buffers_read_past(provider->reads_past);
    return PB_OK;
}

/* What the plug-in exports, if it is data and large enough; NULL. Its ABI can be looked at then. */
static const struct pb_provider *find(void *handle) {
    const ElfW(Sym) *symbol = NULL;
    Dl_info file;
    const struct pb_provider *provider = dlsym(handle, "pb_provider");
    if (!provider || !dladdr1(provider, &file, (void **)&symbol, RTLD_DL_SYMENT)) return NULL;
    if (!symbol || ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT) return NULL;
    return symbol->st_size >= sizeof provider->abi ? provider : NULL;
}

enum pb_status pb_provider_load(const char *path) {
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
    const struct pb_provider *provider = find(handle);
    enum pb_status status = PB_OK;
    if (!provider) {
        status = pb_fail(PB_PROVIDER, "%s exports no pb_provider: it is no plug-in of poolbench",
                         path);
    } else if (!is_loaded(provider)) {
        status = provider_check(path, provider);
        if (!status) status = keep(path, provider);
    }
    if (status) dlclose(handle);
    return status;
}
