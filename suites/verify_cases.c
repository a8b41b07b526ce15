/* Where cases come from: lists, draws, ONNX test cases. */
#include "suites.h"
#include "verify.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Lists ----------------------------------------------------------------------------------- */

static bool list_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    const struct pb_case_list *list = source;
    if (list->family >= 0 && number != list->family) return false;
    int64_t turn = (problem + number) % PB_PLACEMENTS;
    *to = (struct pb_case){
            .problem = list->problem[problem],
            .family = (enum pb_family)number,
            .placement = (enum pb_placement)(list->placement < 0 ? turn : list->placement),
            .seed = list->seed};
    return true;
}

struct pb_cases pb_cases_of_list(const struct pb_case_list *list) {
    return (struct pb_cases){
            .at = list_at, .source = list, .problems = list->count, .cases = PB_FAMILIES};
}

/* ---- Draws ----------------------------------------------------------------------------------- */

/* A draw that no kernel accepts is made again, but not for ever. */
enum { MOST_DRAWS = 1000 };

/* One that depends on all three numbers. */
static struct pb_rng rng_of(uint64_t seed, int64_t problem, int number) {
    struct pb_rng rng = {seed};
    rng.state = pb_rng_next(&rng) + (uint64_t)problem;
    rng.state = pb_rng_next(&rng) + (uint64_t)number;
    return rng;
}

static bool draw_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    const struct pb_case_draw *draw = source;
    struct pb_rng rng = rng_of(draw->seed, problem, number);
    enum pb_op op = (enum pb_op)pb_rng_below(&rng, PB_OPS);
    if (draw->op && pb_op_of_prefix(draw->op, &op)) return false;
    enum pb_dir dir = (enum pb_dir)pb_rng_below(&rng, PB_DIRS);
    *to = (struct pb_case){.family = (enum pb_family)pb_rng_below(&rng, PB_FAMILIES),
                           .placement = (enum pb_placement)pb_rng_below(&rng, PB_PLACEMENTS),
                           .seed = (uint64_t)pb_rng_below(&rng, INT32_MAX)};
    if (draw->family >= 0) to->family = (enum pb_family)draw->family;
    if (draw->placement >= 0) to->placement = (enum pb_placement)draw->placement;
    pb_problem_random(&rng, op, dir, &to->problem);
    if (draw->mb >= 0) to->problem.mb = draw->mb;
    return !pb_problem_check(&to->problem) &&
           (!draw->op || pb_prefix_matches(draw->op, &to->problem));
}

struct pb_cases pb_cases_drawn(const struct pb_case_draw *draw, int64_t problems) {
    return (struct pb_cases){
            .at = draw_at, .source = draw, .problems = problems, .cases = MOST_DRAWS, .one = true};
}

/* ---- ONNX test cases ------------------------------------------------------------------------- */

static bool is_case(const char *directory) {
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/model.onnx", directory) < (int)sizeof path &&
           access(path, R_OK) == 0;
}

/* Adds the folder if it is a test case. */
static enum pb_status add_folder(struct pb_case_folders *folders, const char *path) {
    if (!is_case(path)) return PB_OK;
    char **grown = realloc(folders->path, (size_t)(folders->count + 1) * sizeof *grown);
    if (grown) folders->path = grown;
    char *copy = grown ? strdup(path) : NULL;
    if (!copy) return pb_fail(PB_NOMEM, "no memory for a list of test cases");
    folders->path[folders->count++] = copy;
    return PB_OK;
}

enum pb_status pb_case_folders_read(const char *path, struct pb_case_folders *folders) {
    struct dirent **entry;
    *folders = (struct pb_case_folders){0};
    if (is_case(path)) return add_folder(folders, path);
    int entries = scandir(path, &entry, NULL, alphasort);
    if (entries < 0) return pb_fail(PB_IO, "%s: %s", path, strerror(errno));
    enum pb_status status = PB_OK;
    for (int i = 0; i < entries; i++) {
        char whole[PATH_MAX];
        if (!status && entry[i]->d_name[0] != '.' &&
            snprintf(whole, sizeof whole, "%s/%s", path, entry[i]->d_name) < (int)sizeof whole)
            status = add_folder(folders, whole);
        free(entry[i]);
    }
    free(entry);
    return status;
}

void pb_case_folders_free(struct pb_case_folders *folders) {
    for (int64_t i = 0; i < folders->count; i++) free(folders->path[i]);
    free(folders->path);
    *folders = (struct pb_case_folders){0};
}

static bool folder_at(const void *source, int64_t problem, int number, struct pb_case *to) {
    const struct pb_case_folders *folders = source;
    *to = (struct pb_case){.onnx = folders->path[problem],
                           .problem.layout = number ? PB_NHWC : PB_NCHW};
    return true;
}

struct pb_cases pb_cases_of_folders(const struct pb_case_folders *folders) {
    return (struct pb_cases){
            .at = folder_at, .source = folders, .problems = folders->count, .cases = 2};
}
