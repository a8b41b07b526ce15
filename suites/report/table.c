/* A run as a table. Results are sorted by problem, then by time. */
#include "report/table.h"
#include "results/regressions.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

/* Where a method stands in a plot, slowest first. */
static int method_rank(const char *method) {
    return strcmp(method, "naive") == 0    ? 0
           : strcmp(method, "im2col") == 0 ? 1
           : strcmp(method, "simd") == 0   ? 3 /* of older files */
                                           : 2;
}

size_t pb_results_methods(const struct pb_results *results, const char *method[PB_METHODS_MOST]) {
    size_t count = 0;
    for (size_t i = 0; i < results->count && count < PB_METHODS_MOST; i++) {
        const char *own = results->item[i].method;
        size_t at = 0, found = 0;
        while (found < count && strcmp(method[found], own) != 0) found++;
        if (found < count || !results->item[i].count || !*own) continue;
        while (at < count && method_rank(method[at]) <= method_rank(own)) at++;
        memmove(method + at + 1, method + at, (count - at) * sizeof *method);
        method[at] = own;
        count++;
    }
    return count;
}

const char *pb_shape_label(const char *problem, char label[PB_LABEL_SIZE]) {
    struct pb_problem p;
    if (pb_problem_parse(problem, &p) || !*p.name)
        snprintf(label, PB_LABEL_SIZE, "%.*s", PB_LABEL_SIZE - 1, problem);
    else
        snprintf(label, PB_LABEL_SIZE, "%s  %s%s%s %s", p.name, pb_op_name(p.op),
                 p.dir == PB_FWD ? "" : " ", p.dir == PB_FWD ? "" : pb_dir_name(p.dir),
                 pb_layout_name(p.layout));
    for (char *c = label; *c; c++)
        if (strchr("\"\\", *c) || iscntrl((unsigned char)*c))
            *c = ' '; /* quotes that benchdnn's names have, and what gnuplot takes for its own */
    return label;
}

const char *pb_sizes_label(const struct pb_problem *problem, char label[PB_SIZES_SIZE]) {
    char text[PB_TEXT_SIZE];
    const char *descriptor = pb_problem_print(problem, text);
    bool usual = problem->dtype == PB_F32;
    const char *dtype = usual ? "" : pb_dtype_name(problem->dtype), *space = usual ? "" : " ";
    for (int field = 0; field < 4; field++) descriptor += strcspn(descriptor, ":") + 1;
    if (!*problem->name) {
        snprintf(label, PB_SIZES_SIZE, "%s%s%s", dtype, space, descriptor);
        return label;
    }
    int used = snprintf(label, PB_SIZES_SIZE, "%s%s%s  %lld×%lld", dtype, space, problem->name,
                        (long long)problem->mb, (long long)problem->ic);
    for (int i = 3 - problem->rank; i < 3; i++)
        used += snprintf(label + used, (size_t)(PB_SIZES_SIZE - used), "×%lld",
                         (long long)problem->axis[i].i);
    return label;
}

const char *pb_time_text(double seconds, char text[16]) {
    static const struct {
        double size;
        const char *name;
    } units[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}};
    size_t i = 0;
    while (i < 3 && seconds < units[i].size) i++;
    double value = seconds / units[i].size;
    snprintf(text, 16, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[i].name);
    return text;
}

const struct pb_result *pb_result_best(const struct pb_results *results, const char *problem,
                                       const char *method) {
    for (size_t i = 0; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (result->count && pb_result_is(result, method) && strcmp(result->problem, problem) == 0)
            return result;
    }
    return NULL;
}

struct pb_speedup pb_results_speedup(const struct pb_results *results, const char *fast,
                                     const char *slow) {
    struct pb_speedup speedup = {.low = INFINITY};
    double sum = 0;
    for (size_t i = 0; i < results->count; i++) {
        const char *problem = results->item[i].problem;
        const struct pb_result *better = pb_result_best(results, problem, fast);
        const struct pb_result *worse = pb_result_best(results, problem, slow);
        bool seen = i && strcmp(problem, results->item[i - 1].problem) == 0;
        if (!better || !worse || seen) continue;
        double ratio = pb_result_median(worse) / pb_result_median(better);
        sum += log(ratio);
        speedup.low = fmin(speedup.low, ratio);
        speedup.high = fmax(speedup.high, ratio);
        speedup.shapes++;
    }
    if (speedup.shapes) speedup.mean = exp(sum / speedup.shapes);
    return speedup;
}

size_t pb_results_shapes(const struct pb_results *results) {
    size_t shapes = 0;
    for (size_t i = 0; i < results->count; i++)
        shapes += i == 0 || strcmp(results->item[i].problem, results->item[i - 1].problem) != 0;
    return shapes;
}

const struct pb_result *pb_result_best_peer(const struct pb_results *results, const char *problem) {
    for (size_t i = 0; i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (result->count && result->peer && !result->reference &&
            strcmp(result->problem, problem) == 0)
            return result;
    }
    return NULL;
}

/* How many times as long the best peer takes, with the 95 % interval. */
static enum pb_status print_peer(const struct pb_result *peer, const struct pb_result *own,
                                 FILE *to) {
    double low, high;
    enum pb_status status = pb_ratio_interval(own, peer, &low, &high);
    if (!status)
        fprintf(to, "  %5.2fx [%4.2f, %4.2f] %s", pb_result_median(peer) / pb_result_median(own),
                low, high, peer->method);
    return status;
}

/* *above: whether the share of the limit says that something was measured wrongly. */
static enum pb_status print_row(const struct pb_results *results, const struct pb_result *result,
                                int width, FILE *to, bool *above) {
    char median_text[16], least_text[16];
    enum pb_status status = PB_OK;
    if (!result->count) {
        fprintf(to, "  %-*s %-9s %-6s  %s\n", width, result->kernel, result->method, result->isa,
                result->error ? result->error : "not timed");
        return PB_OK;
    }
    double median = pb_result_median(result), share = result->limit_seconds / median;
    const struct pb_result *naive = pb_result_best(results, result->problem, "naive");
    const struct pb_result *peer = pb_result_best_peer(results, result->problem);
    fprintf(to, "  %-*s %-9s %-6s %9s %9s  %5.1f %% %8.1f %9.1f %7.0f %%%c", width, result->kernel,
            result->method, result->isa, pb_time_text(median, median_text),
            pb_time_text(result->seconds[0], least_text), 100 * pb_result_spread(result),
            result->bytes / median / 1e9, result->flops / median / 1e9, 100 * share,
            share > 1 ? '!' : ' ');
    if (naive)
        fprintf(to, " %7.1fx", pb_result_median(naive) / median);
    else
        fprintf(to, "         ");
    if (peer && !result->peer) status = print_peer(peer, result, to);
    if (*result->implementation)
        fprintf(to, "  %s%s", result->implementation, result->reference ? " (a reference)" : "");
    fputc('\n', to);
    *above |= share > 1;
    return status;
}

enum pb_status pb_results_print(const struct pb_results *results, FILE *to) {
    int width = 0;
    bool above = false, peers = false;
    enum pb_status status = PB_OK;
    for (size_t i = 0; i < results->count; i++) {
        int length = (int)strlen(results->item[i].kernel);
        if (length > width) width = length;
        peers |= results->item[i].peer;
    }
    fprintf(to, "  %-*s %-9s %-6s %9s %9s   spread     GB/s   GFLOP/s  of limit  vs naive%s\n",
            width, "", "method", "isa", "median", "minimum",
            peers ? "  best peer / it [95 %]" : "");
    for (size_t i = 0; !status && i < results->count; i++) {
        const struct pb_result *result = &results->item[i];
        if (i == 0 || strcmp(result->problem, result[-1].problem) != 0)
            fprintf(to, "%s\n", result->problem);
        status = print_row(results, result, width, to, &above);
    }
    if (above)
        fprintf(to, "! above the machine's limit: an error of measurement (is the machine busy?), "
                    "not a success\n");
    return status;
}
