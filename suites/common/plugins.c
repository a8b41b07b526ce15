/* Plug-ins are asked what they have in a process that they may bring down. The answer comes as
 * text, which is read like any other file: nothing that they can write is a pointer here. */
#include "common/plugins.h"
#include "common/sandbox.h"
#include "conformance/conformance.h"
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Of processor time; a large library takes a second. */
static const double LOAD_SECONDS = 5;

enum { DESCRIPTION_BYTES = 1 << 20 };

/* What the process that asks leaves in memory that both see. */
struct probe {
    const char *path;
    enum pb_status status;
    char sentence[1024];
    char description[DESCRIPTION_BYTES]; /* JSON; "": this process has its code already */
};

/* ---- In the sandbox -------------------------------------------------------------------------- */

static json_t *describe_kernels(const struct pb_provider *provider) {
    json_t *kernels = json_array();
    for (size_t i = 0; i < provider->kernel_count; i++)
        json_array_append_new(kernels, json_pack("{s:s, s:I}", "name", provider->kernels[i].name,
                                                 "isa", (json_int_t)provider->kernels[i].isa));
    return kernels;
}

static json_t *describe_differences(const struct pb_provider *provider) {
    json_t *differences = json_array();
    for (size_t i = 0; i < provider->difference_count; i++) {
        const struct pb_difference *d = &provider->differences[i];
        json_array_append_new(differences,
                              json_pack("{s:s, s:s, s:s*, s:i, s:b, s:s}", "kernels", d->kernels,
                                        "rule", d->rule, "known_defect", d->known_defect, "when",
                                        (int)d->when, "conditional", d->where != NULL, "sentence",
                                        d->sentence));
    }
    return differences;
}

/* Writes what a plug-in that was started has. */
static enum pb_status describe(struct probe *probe, const struct pb_provider *provider) {
    json_t *all =
            json_pack("{s:s, s:s, s:I, s:b, s:o, s:o}", "name", provider->name, "version",
                      provider->version(), "reads_past", (json_int_t)provider->reads_past,
                      "implementation", provider->implementation != NULL, "kernels",
                      describe_kernels(provider), "differences", describe_differences(provider));
    if (!all || json_array_size(json_object_get(all, "kernels")) != provider->kernel_count ||
        json_array_size(json_object_get(all, "differences")) != provider->difference_count)
        return pb_fail(PB_PROVIDER, "%s: what it says of itself is no text in UTF-8", probe->path);
    size_t length = json_dumpb(all, probe->description, sizeof probe->description - 1, 0);
    if (length == 0 || length >= sizeof probe->description)
        return pb_fail(PB_PROVIDER, "%s says more than %d bytes of itself", probe->path,
                       DESCRIPTION_BYTES);
    return PB_OK;
}

static enum pb_status ask(struct probe *probe) {
    const struct pb_provider *provider;
    sandbox_step("while it is loaded", LOAD_SECONDS, 1);
    enum pb_status status = provider_open(probe->path, &provider);
    if (status || provider_is_loaded(provider)) return status;
    if ((status = provider_check(probe->path, provider))) return status;
    sandbox_step("in start", LOAD_SECONDS, 1);
    status = provider_start(probe->path, provider);
    if (!status) status = pb_differences_check(provider);
    if (status) return status;
    sandbox_step("in version", LOAD_SECONDS, 1);
    status = provider_check_version(probe->path, provider);
    if (!status) status = describe(probe, provider);
    sandbox_settle();
    return status;
}

static void ask_here(void *arg) {
    struct probe *probe = arg;
    probe->status = ask(probe);
    snprintf(probe->sentence, sizeof probe->sentence, "%s", pb_error());
}

/* ---- In the process that reports ------------------------------------------------------------- */

static const char *string_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static void read_kernels(struct provider_declared *declared, const json_t *kernels) {
    size_t i;
    json_t *row;
    json_array_foreach(kernels, i, row) {
        declared->kernel[i].name = string_of(row, "name");
        declared->kernel[i].isa = (unsigned)json_integer_value(json_object_get(row, "isa"));
    }
}

static void read_differences(struct provider_declared *declared, const json_t *differences) {
    size_t i;
    json_t *row;
    json_array_foreach(differences, i, row) declared->difference[i] = (struct pb_difference){
            .kernels = string_of(row, "kernels"),
            .rule = string_of(row, "rule"),
            .known_defect = string_of(row, "known_defect"),
            .when = (enum pb_when)json_integer_value(json_object_get(row, "when")),
            .where = json_is_true(json_object_get(row, "conditional")) ? provider_accepts_nothing
                                                                       : NULL,
            .sentence = string_of(row, "sentence")};
}

/* The strings stay those of `all`, which is kept. */
static enum pb_status declare(const char *path, const json_t *all) {
    const json_t *kernels = json_object_get(all, "kernels");
    const json_t *differences = json_object_get(all, "differences");
    struct provider_declared *declared = calloc(1, sizeof *declared);
    if (declared) {
        declared->path = strdup(path);
        declared->kernel = calloc(json_array_size(kernels) + 1, sizeof *declared->kernel);
        declared->difference =
                calloc(json_array_size(differences) + 1, sizeof *declared->difference);
    }
    if (!declared || !declared->path || !declared->kernel || !declared->difference)
        return pb_fail(PB_NOMEM, "no memory for one more provider");
    declared->version = string_of(all, "version");
    declared->provider = (struct pb_provider){
            .abi = PB_ABI,
            .name = string_of(all, "name"),
            .kernel_count = json_array_size(kernels),
            .difference_count = json_array_size(differences),
            .reads_past = (size_t)json_integer_value(json_object_get(all, "reads_past"))};
    read_kernels(declared, kernels);
    read_differences(declared, differences);
    return provider_declare(declared);
}

static enum pb_status take_answer(struct probe *probe, const struct sandbox_outcome *outcome) {
    static json_t *kept;
    char words[512];
    if (outcome->end != SANDBOX_FINISHED)
        return pb_fail(outcome->ours ? PB_IO : PB_PROVIDER, "%s: %s%s%.*s", probe->path,
                       sandbox_say(outcome, words, sizeof words), *outcome->printed ? ": " : "",
                       (int)strcspn(outcome->printed, "\n"), outcome->printed);
    if (probe->status) return pb_fail(probe->status, "%s", probe->sentence);
    if (!*probe->description) return PB_OK;
    json_error_t error;
    probe->description[sizeof probe->description - 1] = 0;
    json_t *all = json_loads(probe->description, 0, &error);
    if (!all) return pb_fail(PB_PROVIDER, "%s: its description: %s", probe->path, error.text);
    if (!kept) kept = json_array();
    json_array_append_new(kept, all);
    return declare(probe->path, all);
}

static bool is_declared(const char *path) {
    char real[PATH_MAX], other[PATH_MAX];
    bool found = false;
    for (size_t i = 0; realpath(path, real) && !found && i < pb_provider_count(); i++) {
        const struct provider_declared *declared = provider_declared_of(pb_provider_at(i));
        found = declared && realpath(declared->path, other) && !strcmp(real, other);
    }
    return found;
}

enum pb_status plugin_declare(const char *path) {
    struct sandbox_outcome outcome;
    if (is_declared(path)) return PB_OK;
    struct probe *probe = sandbox_memory(sizeof *probe);
    if (!probe) return PB_NOMEM;
    probe->path = path;
    enum pb_status status = sandbox_run(ask_here, probe, &outcome);
    if (!status) status = take_answer(probe, &outcome);
    sandbox_memory_free(probe, sizeof *probe);
    return status;
}

/* ---- Later ----------------------------------------------------------------------------------- */

enum pb_status plugin_load(const struct pb_kernel *kernel) {
    if (!pb_kernel_provider(kernel)) return PB_OK;
    sandbox_step("while its plug-in is loaded", 2 * LOAD_SECONDS, 1);
    enum pb_status status = provider_load_code(kernel);
    sandbox_rest();
    return status;
}

/* A question whose answer is a position in the plug-in's list. */
struct question {
    const struct pb_kernel *kernel;
    const struct pb_problem *problem;
    enum pb_when seen;
    size_t answer; /* counted from 1; 0: none */
};

static void answer_here(void *arg) {
    struct question *question = arg;
    const struct pb_provider *provider = pb_kernel_provider(question->kernel);
    if (plugin_load(question->kernel)) return;
    sandbox_step("in a difference's condition", LOAD_SECONDS, 1);
    const struct pb_difference *found =
            pb_kernel_difference(question->kernel, question->problem, question->seen);
    if (found) question->answer = (size_t)(found - provider->differences) + 1;
}

const struct pb_difference *plugin_difference(const struct pb_kernel *kernel,
                                              const struct pb_problem *problem, enum pb_when seen) {
    const struct pb_provider *provider = pb_kernel_provider(kernel);
    const struct pb_difference *found = NULL;
    struct sandbox_outcome outcome;
    if (!provider || !provider->difference_count) return NULL;
    struct question *question = sandbox_memory(sizeof *question);
    if (!question) return NULL;
    *question = (struct question){kernel, problem, seen, 0};
    if (!sandbox_run(answer_here, question, &outcome) && outcome.end == SANDBOX_FINISHED &&
        question->answer > 0 && question->answer <= provider->difference_count)
        found = &provider->differences[question->answer - 1];
    sandbox_memory_free(question, sizeof *question);
    return found;
}

const char *plugin_path(const struct pb_kernel *kernel) {
    const struct provider_declared *declared = provider_declared_of(pb_kernel_provider(kernel));
    return declared ? declared->path : NULL;
}
