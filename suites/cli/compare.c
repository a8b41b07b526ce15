/* poolbench compare: the regression gate over two files of `bench --out`. */
#include "results/regressions.h"
#include "common/suites.h"
#include "report/labels.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *path[2];
    int paths;
    double min_effect;
    bool json;
};

static error_t parse(int key, char *value, struct argp_state *state) {
    struct options *o = state->input;
    char *end;
    switch (key) {
    case 'e':
        o->min_effect = strtod(value, &end) / 100;
        if (end == value || (*end && strcmp(end, "%") != 0) || !(o->min_effect >= 0) ||
            isinf(o->min_effect))
            argp_error(state, "--min-effect '%s' is not a percentage from 0 up", value);
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->paths == 2) argp_error(state, "two files, not also '%s'", value);
        o->path[o->paths++] = value;
        return 0;
    case ARGP_KEY_END:
        if (o->paths < 2) argp_error(state, "two files are needed, BASE.json and HEAD.json");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
        {"min-effect", 'e', "PERCENT", 0,
         "Changes that may be no more than this are the same (default 5)", 0},
        {"json", 'j', NULL, 0, "Print JSON", 0},
        {0},
};
static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "BASE.json HEAD.json",
        .doc = "Compares two files of poolbench bench --out, benchmark by benchmark, over all "
               "repetitions: the ratio of the medians (above 1: HEAD is slower) with its 95 % "
               "interval, and the p of a Mann-Whitney U test. A benchmark is slower where p is "
               "below 0.05 and the whole interval is above 1 + --min-effect; faster is the mirror "
               "image; not judged where times are missing or too few. Files of any program that "
               "uses Google Benchmark will do.\v"
               "Exit status: 0 nothing is slower; 1 something is slower, is timed in BASE and "
               "missing or failed in HEAD, or has too few repetitions to be judged while its least "
               "time is more than 1.5 times as long; 2 a file cannot be used; 3 nothing could be "
               "judged: no benchmark in common, or no times or too few of each.",
};

static void warn(void *arg, const char *key, const char *base, const char *head) {
    json_t *warnings = arg;
    fprintf(stderr, "poolbench: warning: %s differs: %s and %s\n", key, base, head);
    json_array_append_new(warnings,
                          json_pack("{s:s, s:s, s:s}", "key", key, "base", base, "head", head));
}

/* Where the kernel's name ends and, behind a slash, the problem begins. */
static int kernel_length(const char *name) {
    return (int)strcspn(name, "/");
}

static void print_row(const struct pb_change *c, int width) {
    char base[16] = "-", head[16] = "-", verdict[192];
    if (c->base > 0) pb_time_text(c->base, base);
    if (c->head > 0) pb_time_text(c->head, head);
    printf("  %-*.*s %9s %9s  ", width, kernel_length(c->name), c->name, base, head);
    if (c->ratio > 0)
        printf("%5.3f  %5.3f to %5.3f  %6.4f", c->ratio, c->low, c->high, c->p);
    else
        printf("%29s", "");
    printf("  %s\n", pb_change_verdict(c, verdict));
}

static void print_table(const struct pb_changes *changes) {
    int width = 0;
    const char *problem = "";
    for (size_t i = 0; i < changes->count; i++) {
        int length = kernel_length(changes->item[i].name);
        if (length > width) width = length;
    }
    printf("  %-*s      base      head  ratio    95 %% interval       p  verdict\n", width, "");
    for (size_t i = 0; i < changes->count; i++) {
        const struct pb_change *c = &changes->item[i];
        const char *own = c->name + kernel_length(c->name);
        if (strcmp(own, problem) != 0) printf("%s\n", *own ? own + 1 : "");
        problem = own;
        print_row(c, width);
    }
    printf("%zu compared:", changes->common);
    for (int v = 0; v < PB_VERDICTS; v++)
        printf("%s %zu %s", v ? "," : "", changes->verdicts[v],
               pb_verdict_name((enum pb_verdict)v));
    putchar('\n');
}

static void print_json(const struct options *o, const struct pb_results *base,
                       const struct pb_results *head, const struct pb_changes *changes,
                       json_t *warnings) {
    json_t *list = json_array();
    for (size_t i = 0; i < changes->count; i++) {
        const struct pb_change *c = &changes->item[i];
        char verdict[192];
        json_t *row =
                json_pack("{s:s, s:s}", "name", c->name, "verdict", pb_change_verdict(c, verdict));
        if (*c->why) json_object_set_new(row, "why", json_string(c->why));
        if (c->base > 0) json_object_set_new(row, "base_seconds", json_real(c->base));
        if (c->head > 0) json_object_set_new(row, "head_seconds", json_real(c->head));
        if (c->ratio > 0)
            json_object_update_new(row, json_pack("{s:f, s:f, s:f, s:f}", "ratio", c->ratio, "low",
                                                  c->low, "high", c->high, "p", c->p));
        json_array_append_new(list, row);
    }
    json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:f, s:O, s:o}", "base", o->path[0], "head",
                            o->path[1], "base_build", pb_build_kind(base), "head_build",
                            pb_build_kind(head), "min_effect", o->min_effect, "context_differences",
                            warnings, "benchmarks", list);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

/* Where a file comes from. */
static void say_origin(const char *which, const struct pb_results *results) {
    printf("%s: %s, %s, build %s\n", which,
           pb_results_context(results, "host_name", "no host name"),
           pb_results_context(results, "cpu", "processor not recorded"), pb_build_kind(results));
}

static void say_aggregates(const struct pb_results *results) {
    size_t timed = 0;
    for (size_t i = 0; i < results->count; i++) timed += results->item[i].count > 0;
    if (results->aggregates && !timed)
        fprintf(stderr,
                "poolbench: %s has aggregates only; every repetition is needed (without "
                "--benchmark_report_aggregates_only)\n",
                results->path);
}

/* A sentence for each row that decides, and for those that nothing can be said of. */
static void explain(const struct pb_changes *changes) {
    const size_t open = changes->verdicts[PB_NOT_JUDGED];
    for (size_t i = 0; i < changes->count; i++) {
        const struct pb_change *c = &changes->item[i];
        char verdict[192];
        if (c->verdict == PB_MISSING || c->verdict == PB_BROKEN || c->suspect)
            fprintf(stderr, "poolbench: %s: %s\n", pb_change_verdict(c, verdict), c->name);
    }
    if (changes->few)
        fprintf(stderr, "poolbench: %s%zu of %zu have too few repetitions to show any difference\n",
                changes->few < changes->common ? "warning: " : "nothing was judged: ", changes->few,
                changes->common);
    if (open > changes->few)
        fprintf(stderr, "poolbench: warning: %zu are not judged, without times\n",
                open - changes->few);
}

/* The gate's exit status. */
static int judge(const struct pb_changes *changes) {
    const size_t *of = changes->verdicts;
    explain(changes);
    if (of[PB_SLOWER] + of[PB_MISSING] + of[PB_BROKEN] + changes->suspects) return EXIT_FAILED;
    return changes->few == changes->common ? EXIT_NOTHING : EXIT_PASSED;
}

int pb_compare_main(int argc, char **argv) {
    struct options o = {.min_effect = 0.05};
    struct pb_results base = {0}, head = {0};
    struct pb_changes changes = {0};
    json_t *warnings = json_array();
    int code = EXIT_PASSED;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    enum pb_status status = pb_results_load(o.path[0], &base);
    if (!status) status = pb_results_load(o.path[1], &head);
    if (!status) status = pb_changes_find(&base, &head, o.min_effect, &changes);
    if (status) {
        code = pb_complain(status);
        goto cleanup;
    }
    pb_context_differences(&base, &head, warn, warnings);
    say_aggregates(&base);
    say_aggregates(&head);
    if (o.json) {
        print_json(&o, &base, &head, &changes, warnings);
    } else if (changes.both) {
        say_origin("base", &base);
        say_origin("head", &head);
        print_table(&changes);
    }
    if (changes.both) {
        code = judge(&changes);
    } else {
        fprintf(stderr, "poolbench: %s and %s have no benchmark in common\n", o.path[0], o.path[1]);
        code = EXIT_NOTHING;
    }
cleanup:
    pb_changes_free(&changes);
    pb_results_free(&head);
    pb_results_free(&base);
    json_decref(warnings);
    return code;
}
