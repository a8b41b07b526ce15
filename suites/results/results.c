/* Reads Google Benchmark's JSON: repetitions of one name become one result. */
#include "results/results.h"
#include "results/text_file.h"
#include "results/statistics.h"
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct pb_result *find(struct pb_results *results, const char *name) {
    /* Repetitions follow one another, so the newest is the likeliest. */
    for (size_t i = results->count; i-- > 0;)
        if (strcmp(results->item[i].name, name) == 0) return &results->item[i];
    return NULL;
}

static const char *text_of(const json_t *entry, const char *key, const char *otherwise) {
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? text : otherwise;
}

static double number_of(const json_t *entry, const char *key) {
    return json_number_value(json_object_get(entry, key));
}

/* The ISA that a label names behind the method. Older files name none, but the last word of a
 * kernel whose method is "simd" is its ISA. */
static char *isa_of(const char *kernel, const char *method, const char *label) {
    const char *last = strrchr(kernel, '_');
    if (*label) return strdup(label);
    return strdup(strcmp(method, "simd") == 0 && last ? last + 1 : "");
}

static struct pb_result *add(struct pb_results *results, const char *name, const json_t *entry) {
    struct pb_result *grown = realloc(results->item, (results->count + 1) * sizeof *grown);
    if (!grown) return NULL;
    results->item = grown;
    struct pb_result *result = &grown[results->count];
    /* The label is METHOD ISA, or PROVIDER peer IMPLEMENTATION, or PROVIDER reference
     * IMPLEMENTATION. */
    const char *slash = strchr(name, '/'), *label = text_of(entry, "label", "");
    size_t method = strcspn(label, " ");
    const char *kind = label + method + (label[method] == ' ');
    const bool reference = strncmp(kind, "reference", 9) == 0;
    const bool peer = reference || strncmp(kind, "peer", 4) == 0;
    const char *implementation = peer ? kind + strcspn(kind, " ") : "";
    *result = (struct pb_result){
            .name = strdup(name),
            .kernel = slash ? strndup(name, (size_t)(slash - name)) : strdup(name),
            .method = strndup(label, method),
            .implementation = implementation + (*implementation == ' '),
            .peer = peer,
            .reference = reference,
            .selected = json_is_true(json_object_get(entry, "selected")),
    };
    if (result->kernel && result->method)
        result->isa = isa_of(result->kernel, result->method, peer ? "" : kind);
    if (!result->name || !result->isa) {
        free(result->name);
        free(result->kernel);
        free(result->method);
        free(result->isa);
        return NULL;
    }
    result->problem = slash ? result->name + (slash - name) + 1 : "";
    results->count++;
    return result;
}

/* Seconds in one unit of `entry`; 0 where the unit is unknown. */
static double unit_of(const json_t *entry) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    const char *name = text_of(entry, "time_unit", "");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, name) == 0) return units[i].seconds;
    return 0;
}

/* A row without a time: it failed, or nothing is known of it, and why. */
static void leave_untimed(struct pb_result *result, const char *why, bool failed) {
    if (result->error && !result->untimed) return; /* a failure stays one */
    result->error = why;
    result->untimed = !failed;
}

/* Whether the entry says so itself. Google Benchmark writes the one for SkipWithError, the other
 * for SkipWithMessage. */
static bool is_skipped(struct pb_result *result, const json_t *entry) {
    if (json_is_true(json_object_get(entry, "error_occurred")))
        leave_untimed(result, text_of(entry, "error_message", "failed"), true);
    else if (json_is_true(json_object_get(entry, "skipped")))
        leave_untimed(result, text_of(entry, "skip_message", "skipped"), false);
    else
        return false;
    return true;
}

static enum pb_status append_time(struct pb_results *results, struct pb_result *result,
                                  const json_t *entry, double seconds) {
    double *grown = realloc(result->seconds, (result->count + 1) * sizeof *grown);
    if (!grown) return pb_fail(PB_NOMEM, "%s: no memory for its benchmarks", results->path);
    result->seconds = grown;
    if (result->count == 0) {
        result->bytes = number_of(entry, "bytes_per_second") * seconds;
        result->flops = number_of(entry, "flop_per_second") * seconds;
        result->limit_seconds = number_of(entry, "limit") * seconds;
        result->setup_us = number_of(entry, "setup_us");
    }
    result->seconds[result->count++] = seconds;
    return PB_OK;
}

/* A time of 0, one that is no number, and none at all leave a row untimed; others are refused. */
static enum pb_status read_time(struct pb_results *results, struct pb_result *result,
                                const json_t *entry) {
    const json_t *time = json_object_get(entry, "real_time");
    const double value = json_number_value(time), seconds = value * unit_of(entry);
    if (!time)
        leave_untimed(result, "no real_time", false);
    else if (json_is_null(time))
        leave_untimed(result, "its time is no number", false);
    else if (json_is_number(time) && value == 0)
        leave_untimed(result, "its time is 0", false);
    else if (!(seconds > 0))
        return pb_fail(PB_INVALID,
                       "%s: not a benchmark file: %s has no real_time from 0 up in ns, us, ms or s",
                       results->path, result->name);
    else
        return append_time(results, result, entry, seconds);
    return PB_OK;
}

static enum pb_status read_entry(struct pb_results *results, const json_t *entry) {
    const char *name = text_of(entry, "name", NULL);
    if (!json_is_object(entry) || !name)
        return pb_fail(PB_INVALID, "%s: not a benchmark file: an entry has no name", results->path);
    if (strcmp(text_of(entry, "run_type", "iteration"), "iteration") != 0) {
        results->aggregates++;
        return PB_OK;
    }
    struct pb_result *result = find(results, name);
    if (!result) result = add(results, name, entry);
    if (!result) return pb_fail(PB_NOMEM, "%s: no memory for its benchmarks", results->path);
    return is_skipped(result, entry) ? PB_OK : read_time(results, result, entry);
}

/* A row for what the file has only means and medians of. */
static enum pb_status read_aggregate(struct pb_results *results, const json_t *entry) {
    const char *name = text_of(entry, "run_name", NULL);
    if (strcmp(text_of(entry, "run_type", "iteration"), "iteration") == 0 || !name ||
        find(results, name))
        return PB_OK;
    struct pb_result *result = add(results, name, entry);
    if (!result) return pb_fail(PB_NOMEM, "%s: no memory for its benchmarks", results->path);
    leave_untimed(result, "aggregates only", false);
    return PB_OK;
}

/* By problem, fastest first; what could not be timed last. */
static int order(const void *left, const void *right) {
    const struct pb_result *a = left, *b = right;
    int problems = strcmp(a->problem, b->problem);
    if (problems) return problems;
    if (!a->count || !b->count) return (a->count == 0) - (b->count == 0);
    double difference = pb_result_median(a) - pb_result_median(b);
    return (difference > 0) - (difference < 0);
}

static enum pb_status read_root(struct pb_results *results) {
    const json_t *benchmarks = json_object_get(results->root, "benchmarks");
    results->context = json_object_get(results->root, "context");
    if (!json_is_array(benchmarks) || !json_is_object(results->context))
        return pb_fail(PB_UNSUPPORTED,
                       "%s: not a benchmark file: it needs an object \"context\" and an "
                       "array \"benchmarks\"",
                       results->path);
    size_t i;
    json_t *entry;
    enum pb_status status = PB_OK;
    json_array_foreach(benchmarks, i, entry) {
        if ((status = read_entry(results, entry))) return status;
    }
    json_array_foreach(benchmarks, i, entry) {
        if ((status = read_aggregate(results, entry))) return status;
    }
    for (i = 0; i < results->count; i++) /* what was wrong once ranks nowhere */
        if (results->item[i].error) results->item[i].count = 0;
    for (i = 0; i < results->count; i++)
        if (results->item[i].count) gsl_sort(results->item[i].seconds, 1, results->item[i].count);
    if (results->count) qsort(results->item, results->count, sizeof *results->item, order);
    return PB_OK;
}

enum pb_status pb_results_read(json_t *root, const char *path, struct pb_results *results) {
    *results = (struct pb_results){.path = strdup(path), .name = pb_file_stem(path), .root = root};
    enum pb_status status = results->path && results->name
                                    ? read_root(results)
                                    : pb_fail(PB_NOMEM, "%s: no memory for its name", path);
    if (status) pb_results_free(results);
    return status;
}

/* Google Benchmark and Python write numbers that JSON has not, NaN, -Infinity and their like: they
 * become null, which is at most one character longer. */
static char *without_non_finite(const char *text) {
    static const char *const words[] = {"infinity", "inf", "nan"};
    char *clean = malloc(2 * strlen(text) + 1), *to = clean;
    bool quoted = false;
    for (const char *from = text; clean && *from;) {
        const char *word = from + (*from == '-');
        size_t i = 0;
        while (i < 3 && strncasecmp(word, words[i], strlen(words[i])) != 0) i++;
        if (!quoted && i < 3) {
            memcpy(to, "null", 4);
            to += 4;
            from = word + strlen(words[i]);
            if (*from == '(') from += strcspn(from, ")\n"); /* "nan(ind)" */
            from += *from == ')';
            continue;
        }
        if (*from == '"') quoted = !quoted;
        if (quoted && *from == '\\' && from[1]) *to++ = *from++;
        *to++ = *from++;
    }
    if (clean) *to = 0;
    return clean;
}

enum pb_status pb_results_parse(const char *text, const char *path, struct pb_results *results) {
    json_error_t error;
    *results = (struct pb_results){0};
    if (!text[strspn(text, " \t\r\n")])
        return pb_fail(PB_INVALID, "%s: not JSON: the file is empty", path);
    char *clean = without_non_finite(text);
    if (!clean) return pb_fail(PB_NOMEM, "%s: no memory for its text", path);
    json_t *root = json_loads(clean, 0, &error);
    free(clean);
    if (!root)
        return pb_fail(PB_INVALID, "%s: not JSON: %s (line %d)", path, error.text, error.line);
    return pb_results_read(root, path, results);
}

enum pb_status pb_results_load(const char *path, struct pb_results *results) {
    char *text;
    size_t size;
    *results = (struct pb_results){0};
    enum pb_status status = text_file_read(path, &text, &size);
    if (status) return status;
    if (strlen(text) < size)
        status = pb_fail(PB_INVALID, "%s: not JSON: a NUL byte at byte %zu", path, strlen(text));
    else
        status = pb_results_parse(text, path, results);
    free(text);
    return status;
}

void pb_results_free(struct pb_results *results) {
    for (size_t i = 0; i < results->count; i++) {
        free(results->item[i].name);
        free(results->item[i].kernel);
        free(results->item[i].method);
        free(results->item[i].isa);
        free(results->item[i].seconds);
    }
    free(results->item);
    free(results->path);
    free(results->name);
    json_decref(results->root);
    *results = (struct pb_results){0};
}

char *pb_file_stem(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = text_file_plain_length(name);
    const char *dot = memrchr(name, '.', length);
    return strndup(name, dot ? (size_t)(dot - name) : length);
}

const char *pb_results_context(const struct pb_results *results, const char *key,
                               const char *otherwise) {
    return text_of(results->context, key, otherwise);
}

bool pb_result_is(const struct pb_result *result, const char *word) {
    const bool simd = *result->isa && strcmp(result->isa, "scalar") != 0;
    return strcmp(word, result->method) == 0 || strcmp(word, result->isa) == 0 ||
           (simd && strcmp(word, "simd") == 0);
}

double pb_result_least(const struct pb_result *result) {
    return result->seconds[0];
}

double pb_result_median(const struct pb_result *result) {
    return pb_median(result->seconds, result->count);
}

double pb_result_spread(const struct pb_result *result) {
    return pb_spread(result->seconds, result->count);
}
