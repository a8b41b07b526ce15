/* Plug-ins that are declared in this process and whose code may come later. */
#include "registry/provider.h"
#include <string.h>

static struct provider_declared *first;

/* ---- Before the code is here ----------------------------------------------------------------- */

bool provider_accepts_nothing(const struct pb_problem *problem) {
    (void)problem;
    return false;
}

static enum pb_status no_setup(const struct pb_problem *problem, const struct pb_args *constants,
                               void **plan) {
    (void)problem, (void)constants;
    *plan = NULL;
    return pb_fail(PB_UNSUPPORTED, "the plug-in is not loaded in this process");
}

static enum pb_status no_run(const struct pb_problem *problem, void *plan,
                             const struct pb_args *args) {
    (void)problem, (void)plan, (void)args;
    return pb_fail(PB_UNSUPPORTED, "the plug-in is not loaded in this process");
}

static enum pb_status no_start(const struct pb_host *host) {
    (void)host;
    return PB_OK;
}

static const char *no_version(void) {
    return "";
}

enum pb_status provider_declare(struct provider_declared *declared) {
    struct pb_provider *provider = &declared->provider;
    for (size_t i = 0; i < provider->kernel_count; i++) {
        struct pb_kernel *kernel = &declared->kernel[i];
        kernel->can_do = provider_accepts_nothing;
        kernel->setup = no_setup;
        kernel->run = no_run;
        kernel->done = pb_done_nothing;
    }
    provider->start = no_start;
    provider->version = no_version;
    provider->kernels = declared->kernel;
    provider->differences = declared->difference;
    enum pb_status status = provider_add(provider);
    if (status) return status;
    declared->next = first;
    first = declared;
    return PB_OK;
}

/* ---- The code -------------------------------------------------------------------------------- */

static struct provider_declared *find(const struct pb_provider *provider) {
    struct provider_declared *declared = first;
    while (declared && &declared->provider != provider) declared = declared->next;
    return declared;
}

static bool same(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether the file still is what was described, so that everything else holds that was checked. */
static bool is_as_described(const struct pb_provider *code, const struct pb_provider *described) {
    static const struct pb_abi own = PB_ABI;
    if (memcmp(&code->abi, &own, sizeof own) || !same(code->name, described->name) ||
        code->kernel_count != described->kernel_count ||
        code->difference_count != described->difference_count || !code->start)
        return false;
    for (size_t i = 0; i < code->kernel_count; i++) {
        const struct pb_kernel *kernel = &code->kernels[i];
        if (!same(kernel->name, described->kernels[i].name) || !kernel->can_do || !kernel->setup ||
            !kernel->run || !kernel->done)
            return false;
    }
    return true;
}

static void take_calls(struct provider_declared *declared, const struct pb_provider *code) {
    for (size_t i = 0; i < code->kernel_count; i++) {
        declared->kernel[i].can_do = code->kernels[i].can_do;
        declared->kernel[i].setup = code->kernels[i].setup;
        declared->kernel[i].run = code->kernels[i].run;
        declared->kernel[i].done = code->kernels[i].done;
    }
    for (size_t i = 0; i < code->difference_count; i++)
        declared->difference[i].where = code->differences[i].where;
    declared->provider.implementation = code->implementation;
    declared->code = code;
}

enum pb_status provider_load_code(const struct pb_kernel *kernel) {
    const struct pb_provider *code, *provider = pb_kernel_provider(kernel);
    struct provider_declared *declared = find(provider);
    if (!declared || declared->code) return PB_OK;
    enum pb_status status = provider_open(declared->path, &code);
    if (status) return status;
    if (!is_as_described(code, provider))
        return pb_fail(PB_PROVIDER, "%s is another plug-in than a moment ago", declared->path);
    status = provider_start(declared->path, code);
    if (!status) take_calls(declared, code);
    return status;
}

const struct pb_kernel *provider_code_of(const struct pb_kernel *kernel) {
    const struct provider_declared *declared = find(pb_kernel_provider(kernel));
    return declared && declared->code ? &declared->code->kernels[kernel - declared->kernel]
                                      : kernel;
}

const struct provider_declared *provider_declared_of(const struct pb_provider *provider) {
    return find(provider);
}

const char *provider_version(const struct pb_provider *provider) {
    const struct provider_declared *declared = find(provider);
    return declared ? declared->version : provider->version();
}
