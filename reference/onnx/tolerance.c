/* How exact a test case's values are meant to be: what ONNX's own runner allows
 * (onnx/backend/test/loader), unless the case says otherwise. */
#include "onnx/tolerance.h"
#include "onnx/file.h"
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct onnx_tolerance of_the_runner = {.relative = 1e-3, .absolute = 1e-7};

/* OK also where there is no such key. */
static enum pb_status read_number(const char *path, const json_t *json, const char *key,
                                  double *to) {
    const json_t *number = json_object_get(json, key);
    if (number && !(json_number_value(number) >= 0 && json_is_number(number)))
        return pb_fail(PB_INVALID, "%s: %s is no number from 0 on", path, key);
    if (number) *to = json_number_value(number);
    return PB_OK;
}

enum pb_status onnx_tolerance_read(const struct onnx_graph *graph,
                                   struct onnx_tolerance *tolerance) {
    char path[PATH_MAX];
    json_error_t error;
    bool ours = strcmp(onnx_text(graph->model->producer_name), "poolbench") == 0;
    *tolerance = ours ? (struct onnx_tolerance){0} : of_the_runner;
    if (snprintf(path, sizeof path, "%s/data.json", graph->directory) >= PATH_MAX ||
        access(path, F_OK))
        return PB_OK;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!json) return pb_fail(PB_INVALID, "%s:%d: %s", path, error.line, error.text);
    enum pb_status status =
            json_is_object(json) ? PB_OK : pb_fail(PB_INVALID, "%s: is no JSON object", path);
    if (!status) status = read_number(path, json, "rtol", &tolerance->relative);
    if (!status) status = read_number(path, json, "atol", &tolerance->absolute);
    json_decref(json);
    return status;
}

bool onnx_tolerates(const struct onnx_tolerance *tolerance, double of_file, double right) {
    if (isnan(of_file) || isnan(right)) return isnan(of_file) && isnan(right);
    if (isinf(of_file) || isinf(right)) return of_file == right;
    return fabs(right - of_file) <= tolerance->absolute + tolerance->relative * fabs(of_file);
}
