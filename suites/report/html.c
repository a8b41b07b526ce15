/* Has Python and Jinja2 write the page: scripts/report/page.py takes the report's JSON document. */
#include "report/html.h"
#include "common/output_file.h"
#include "common/suites.h"
#include "report/program.h"
#include "report/report_json.h"
#include <errno.h>
#include <string.h>

enum { NO_JINJA = 3 }; /* exit status of page.py */

/* Debian's packages are for the first, whatever else is first on PATH. */
static const char *const pythons[] = {"/usr/bin/python3", "python3"};

/* The document in a file that has no name. */
static enum pb_status spool(const json_t *document, FILE **file) {
    *file = tmpfile();
    if (*file && json_dumpf(document, *file, JSON_COMPACT) == 0 && fflush(*file) == 0) return PB_OK;
    enum pb_status status =
            pb_fail(PB_IO, "a temporary file cannot be written: %s", strerror(errno));
    if (*file) fclose(*file);
    return status;
}

static enum pb_status run_script(const char *folder, FILE *document, FILE *page) {
    char script[PATH_MAX], python[32];
    int outcome = NO_JINJA;
    snprintf(script, sizeof script, "%s/scripts/report/page.py", pb_source_dir);
    char *const argv[] = {python, script, NULL};
    const struct program program = {.argv = argv, .input = document, .output = page};
    for (size_t i = 0; outcome == NO_JINJA && i < sizeof pythons / sizeof *pythons; i++) {
        snprintf(python, sizeof python, "%s", pythons[i]);
        rewind(document);
        if (program_run(&program, &outcome)) outcome = NO_JINJA; /* nor is Python there */
    }
    if (outcome == NO_JINJA)
        return pb_fail(PB_IO,
                       "%s/report.html needs Jinja2 for Python 3: install the Debian package "
                       "python3-jinja2; the plots are in %s/plots",
                       folder, folder);
    return outcome ? pb_fail(PB_IO, "%s failed with exit status %d", script, outcome) : PB_OK;
}

static enum pb_status write_page(const char *folder, FILE *document) {
    char path[PATH_MAX];
    struct output_file page;
    if (snprintf(path, sizeof path, "%s/report.html", folder) >= PATH_MAX)
        return pb_fail(PB_IO, "%s: the path is too long", folder);
    enum pb_status status = output_file_open(&page, path);
    if (status) return status;
    status = run_script(folder, document, page.stream);
    if (status) output_file_drop(&page);
    return status ? status : output_file_keep(&page);
}

enum pb_status pb_recorded_page(const struct pb_recorded *recorded) {
    json_t *document = NULL;
    FILE *file = NULL;
    enum pb_status status = pb_report_json(recorded, &document);
    if (!status) status = spool(document, &file);
    json_decref(document);
    if (status) return status;
    status = write_page(recorded->folder, file);
    fclose(file);
    return status;
}
