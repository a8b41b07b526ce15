/* poolbench report: plots and one page from what a folder holds. */
#include "report/html.h"
#include "common/suites.h"
#include "report/plots.h"
#include "results/queries.h"
#include "results/recorded_conformance.h"
#include <stdio.h>
#include <string.h>

static error_t parse(int key, char *value, struct argp_state *state) {
    const char **folder = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        if (*folder) argp_error(state, "one folder, not also '%s'", value);
        *folder = value;
        return 0;
    case ARGP_KEY_END:
        if (!*folder) argp_error(state, "a folder of results is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
        .parser = parse,
        .args_doc = "DIR",
        .doc = "Draws what DIR holds: runs of poolbench bench (DIR/*.json) and of poolbench train "
               "(DIR/train/*.csv), and what poolbench verify --matrix --json printed "
               "(DIR/conformance.json). Writes DIR/plots/*.svg and DIR/report.html, one page that "
               "needs no other file, and prints a summary.\v"
               "Exit status: 0 written, 2 a file is broken or cannot be written, 3 DIR has none of "
               "them.",
};

/* Whether both logs are of one network on the same data. */
static bool alike(const struct pb_trainlog *a, const struct pb_trainlog *b) {
    return strcmp(pb_trainlog_fact(a, "network", a->name),
                  pb_trainlog_fact(b, "network", b->name)) == 0 &&
           strcmp(pb_trainlog_data(a), pb_trainlog_data(b)) == 0;
}

/* The most accurate run of the network of log `first`; nothing where a log before it was one. */
static void print_network(const struct pb_recorded *recorded, size_t first) {
    const struct pb_trainlog *log = recorded->log, *best = &log[first];
    for (size_t i = 0; i < first; i++)
        if (alike(&log[i], best)) return;
    for (size_t i = first + 1; i < recorded->logs; i++)
        if (alike(&log[i], best) &&
            pb_trainlog_summary(&log[i]).accuracy > pb_trainlog_summary(best).accuracy)
            best = &log[i];
    const struct pb_epoch summary = pb_trainlog_summary(best);
    printf("%-16s %6.2f %% after epoch %g, trains %.0f images/s (data: %s)\n",
           pb_trainlog_fact(best, "network", best->name), summary.accuracy, summary.epoch,
           summary.train_rate, pb_trainlog_data(best));
}

static void print_speedup(const struct pb_results *run, const char *slow) {
    const struct pb_speedup speedup = pb_results_speedup(run, "simd", slow);
    if (speedup.shapes)
        printf("%s: simd is %.1f times as fast as %s (geometric mean over %d shapes)\n", run->name,
               speedup.mean, slow, speedup.shapes);
}

/* " fails: threads, relation_box;", the rows of an implementation with that verdict; false where
 * there are none. */
static bool print_rows(const json_t *conformance, const char *implementation,
                       enum pb_row_verdict verdict, const char *words) {
    bool any = false;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(conformance, "rows"), i, row) {
        const char *id = pb_recorded_text(row, "id");
        if (pb_recorded_worst(conformance, implementation, id) != verdict) continue;
        printf("%s %s", any ? "," : words, id);
        any = true;
    }
    if (any) putchar(';');
    return any;
}

/* What each implementation does not pass of the contract, by its row. */
static void print_conformance(const json_t *conformance) {
    size_t i;
    json_t *it;
    json_array_foreach(json_object_get(conformance, "implementations"), i, it) {
        const char *name = pb_recorded_text(it, "name");
        const char *version = pb_recorded_text(it, "version");
        printf("%s%s%s", name, *version ? " " : "", version);
        bool less = print_rows(conformance, name, PB_ROW_FAIL, " fails");
        less |= print_rows(conformance, name, PB_ROW_DEVIATION, " deviates, as documented, in");
        puts(less ? " passes the rest of the contract" : " passes every row of the contract");
    }
}

static void print_summary(const struct pb_recorded *recorded) {
    if (recorded->conformance) print_conformance(recorded->conformance);
    for (size_t i = 0; i < recorded->logs; i++) print_network(recorded, i);
    for (size_t i = 0; i < recorded->runs; i++) {
        print_speedup(&recorded->run[i], "im2col");
        print_speedup(&recorded->run[i], "naive");
    }
    printf("%s/report.html\n", recorded->folder);
}

int pb_report_main(int argc, char **argv) {
    const char *folder = NULL;
    struct pb_recorded recorded = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &folder);
    int code = EXIT_PASSED;
    enum pb_status status = pb_recorded_load(folder, &recorded);
    size_t rows = recorded.logs + (recorded.conformance != NULL);
    for (size_t i = 0; i < recorded.runs; i++) rows += recorded.run[i].count;
    if (!status && !rows) {
        fprintf(stderr, "poolbench: %s has no benchmark and no epoch of a training to report\n",
                folder);
        code = EXIT_NOTHING;
        goto cleanup;
    }
    if (!status) status = pb_recorded_plot(&recorded);
    if (!status) status = pb_recorded_page(&recorded);
    if (status)
        code = pb_complain(status);
    else
        print_summary(&recorded);
cleanup:
    pb_recorded_free(&recorded);
    return code;
}
