/* poolbench report: plots and one page from what a folder holds. */
#include "recorded.h"
#include "suites.h"
#include <stdio.h>

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
               "(DIR/train/*.csv). Writes DIR/plots/*.svg and DIR/report.html, one page that needs "
               "no other file.",
};

int pb_report_main(int argc, char **argv) {
    const char *folder = NULL;
    struct pb_recorded recorded = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &folder);
    int code = EXIT_HOLDS;
    enum pb_status status = pb_recorded_load(folder, &recorded);
    if (!status && !recorded.runs && !recorded.logs) {
        fprintf(stderr, "poolbench: nothing to report in %s\n", folder);
        return EXIT_NOTHING;
    }
    if (!status) status = pb_recorded_plot(&recorded);
    if (!status) status = pb_recorded_page(&recorded);
    if (status)
        code = pb_complain(status);
    else
        printf("%s/report.html\n", folder);
    pb_recorded_free(&recorded);
    return code;
}
