/* ONNX test cases: one data set of a model becomes a trial. */
#include "oracle/oracle.h"
#include "onnx/case.h"
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Reading --------------------------------------------------------------------------------- */

static enum pb_status read_tensors(struct onnx_case *c, int set) {
    const struct onnx_graph *g = &c->graph;
    enum pb_status status = PB_OK;
    for (size_t i = 0; i < g->node->n_input && !status; i++) {
        const char *name = onnx_text(g->node->input[i]);
        int role = g->meaning->input[i];
        if (!*name) continue;
        if (role == ONNX_NO_ROLE) return pb_fail(PB_INVALID, "%s: input '%s'", g->directory, name);
        status = onnx_graph_input(g, set, name, &c->input[i]);
        c->given[role] = &c->input[i];
    }
    for (size_t i = 0; i < g->node->n_output && !status; i++) {
        const char *name = onnx_text(g->node->output[i]);
        int role = g->meaning->output[i];
        if (!*name) continue;
        if (role == ONNX_NO_ROLE) return pb_fail(PB_INVALID, "%s: output '%s'", g->directory, name);
        status = onnx_graph_output(g, set, name, &c->output[i]);
        c->wanted[role] = &c->output[i];
    }
    return status;
}

/* Not so where a path is too long, of which its reader tells. */
static bool lacks_data(const char *directory) {
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/test_data_set_0", directory) < PATH_MAX &&
           access(path, F_OK) != 0;
}

static enum pb_status read_case(struct onnx_case *c, const char *directory, int set) {
    enum pb_status status = onnx_graph_read(directory, &c->graph);
    if (status) return status;
    c->set = set;
    if (!c->graph.meaning)
        return pb_fail(PB_UNSUPPORTED, "%s: no operator that pools, convolves or downsamples",
                       directory);
    if (lacks_data(directory))
        return pb_fail(PB_UNSUPPORTED, "%s: a model of %s without data: no test_data_set_0",
                       directory, c->graph.meaning->type);
    status = onnx_tolerance_read(&c->graph, &c->tolerance);
    return status ? status : read_tensors(c, set);
}

static void free_case(struct onnx_case *c) {
    for (int i = 0; i < ONNX_SLOTS; i++) {
        pb_onnx_tensor_free(&c->input[i]);
        pb_onnx_tensor_free(&c->output[i]);
    }
    onnx_graph_free(&c->graph);
}

/* ---- The trial ------------------------------------------------------------------------------- */

static bool same_shape(const struct pb_onnx_tensor *file, const struct pb_tensor *t,
                       enum pb_role role, int rank) {
    if (file->dtype != t->dtype || file->dims[0] != t->dims[0]) return false;
    if (role == PB_BIAS) return file->rank == 1;
    bool same = file->rank == rank + 2 && file->dims[1] == t->dims[1];
    for (int axis = 0; same && axis < rank; axis++)
        same = file->dims[2 + axis] == t->dims[5 - rank + axis];
    return same;
}

/* An index of the file counts over n and c too, and in column-major order the first axis fastest;
 * -1 if it lies in another channel. */
static int64_t index_in_channel(const struct onnx_case *c, const struct pb_problem *p, int64_t flat,
                                int64_t index) {
    int64_t spatial = p->d.i * p->h.i * p->w.i, channel = flat / (p->d.o * p->h.o * p->w.o);
    if (index < channel * spatial || index >= (channel + 1) * spatial) return -1;
    int64_t at = index - channel * spatial;
    if (!c->column_major) return at;
    int64_t d = at % p->d.i, h = at / p->d.i % p->h.i, w = at / p->d.i / p->h.i;
    return (d * p->h.i + h) * p->w.i + w;
}

/* An element of a file as the trial has it; double holds every value of these types, and every
 * index that memory has room for. */
static double element(const struct onnx_case *c, const struct pb_problem *p,
                      const struct pb_onnx_tensor *file, int64_t i) {
    switch (file->dtype) {
    case PB_S64:
        return (double)index_in_channel(c, p, i, ((const int64_t *)file->buffer.data)[i]);
    case PB_S8:
        return ((const int8_t *)file->buffer.data)[i];
    case PB_U8:
        return ((const uint8_t *)file->buffer.data)[i];
    default:
        return (double)((const float *)file->buffer.data)[i];
    }
}

static void copy_input(const struct onnx_case *c, const struct pb_problem *p,
                       const struct pb_onnx_tensor *file, struct pb_tensor *t) {
    for (int64_t i = 0; i < file->count; i++) {
        int64_t at[5];
        oracle_unravel(i, t->dims, at);
        int64_t offset = oracle_offset(t, at);
        double value = element(c, p, file, i);
        if (t->dtype == PB_S64)
            ((int64_t *)t->data)[offset] = (int64_t)value;
        else if (t->dtype == PB_F32)
            ((float *)t->data)[offset] = (float)value;
        else
            ((uint8_t *)t->data)[offset] = (uint8_t)(int)value;
    }
}

/* Cases that some release of ONNX publishes with wrong results. */
static const struct {
    const char *name, *reason;
} published_wrong[] = {
        {"test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True",
         "published wrong: ONNX 1.17 divides by taps beyond the padding too; mended in 1.20"},
};

static const char *why_wrong(const struct onnx_case *c) {
    const char *slash = strrchr(c->graph.directory, '/');
    const char *name = slash ? slash + 1 : c->graph.directory;
    for (size_t i = 0; i < sizeof published_wrong / sizeof *published_wrong; i++)
        if (strcmp(published_wrong[i].name, name) == 0) return published_wrong[i].reason;
    return NULL;
}

/* An element whose value in the file is not what the oracle has. */
static enum pb_status dispute(const struct onnx_case *c, const struct pb_trial *trial,
                              enum pb_role role, int64_t element, double of_file, double right) {
    int64_t at[5];
    const char *reason = why_wrong(c), *directory = c->graph.directory;
    if (reason) return pb_fail(PB_UNSUPPORTED, "%s: %s", directory, reason);
    oracle_unravel(element, trial->args.tensor[role].dims, at);
    return pb_fail(PB_PROVIDER,
                   "%s: the file and the oracle dispute: %s[%lld, %lld, %lld, %lld, %lld] is %.9g "
                   "in the file of data set %d, and by the definition %.9g",
                   directory, pb_role_name(role), (long long)at[0], (long long)at[1],
                   (long long)at[2], (long long)at[3], (long long)at[4], of_file, c->set, right);
}

/* Whether two computations of an element may have given these values, each within the bound. */
static bool agree(double of_file, double right, double bound) {
    if (isnan(of_file) || isnan(right)) return (isnan(of_file) && isnan(right)) || bound < 0;
    if (isinf(of_file) || isinf(right)) return of_file == right || bound < 0;
    return fabs(of_file - right) <= 2 * fabs(bound);
}

/* Expects the file's values where they are as exact as the oracle's. Where they have fewer digits,
 * but as many as ONNX's own runner asks for, the oracle's stay. */
static enum pb_status take_output(const struct onnx_case *c, struct pb_trial *trial,
                                  enum pb_role role) {
    const struct pb_onnx_tensor *file = c->wanted[role];
    struct pb_expected_tensor *expected = &trial->expected.tensor[role];
    for (int64_t i = 0; i < file->count; i++) {
        double value = element(c, &trial->problem, file, i), right = expected->value[i];
        if (agree(value, right, expected->bound[i])) {
            expected->value[i] = value;
            expected->bound[i] *= 2;
        } else if (file->dtype != PB_F32 || !onnx_tolerates(&c->tolerance, value, right)) {
            return dispute(c, trial, role, i, value, right);
        }
    }
    return PB_OK;
}

/* A convolution may go without bias; every other tensor must be in the files, in the right shape.
 */
static enum pb_status check_tensors(const struct onnx_case *c, struct pb_trial *trial) {
    const char *directory = c->graph.directory;
    for (int role = 0; role < PB_ROLES; role++) {
        struct pb_tensor *t = &trial->args.tensor[role];
        if (!pb_role_used(&trial->problem, role)) continue;
        const struct pb_onnx_tensor *file =
                pb_role_written(&trial->problem, role) ? c->wanted[role] : c->given[role];
        if (!file && role == PB_BIAS) {
            pb_buffer_free(&trial->buffer[role]);
            pb_buffer_free(&trial->copy[role]);
            t->data = NULL;
        } else if (!file) {
            return pb_fail(PB_INVALID, "%s: %s is missing", directory, pb_role_name(role));
        } else if (!same_shape(file, t, role, trial->problem.rank)) {
            return pb_fail(PB_INVALID, "%s: %s has another type or shape than the model implies",
                           directory, pb_role_name(role));
        }
    }
    return PB_OK;
}

/* Puts the case before a sentence that only knows the problem. */
static enum pb_status name_case(const struct onnx_case *c, enum pb_status status) {
    return pb_fail(status, "%s: %s", c->graph.directory, pb_error());
}

static enum pb_status make_trial(struct onnx_case *c, enum pb_layout layout,
                                 struct pb_trial *trial) {
    struct pb_problem problem;
    enum pb_status status = onnx_problem(c, layout, &problem);
    if (status) return status;
    status = pb_trial_fits(&problem);
    if (!status) status = pb_trial_allocate(trial, &problem);
    if (status) return name_case(c, status);
    status = check_tensors(c, trial);
    if (status) return status;
    for (int role = 0; role < PB_ROLES; role++)
        if (pb_role_read(&problem, (enum pb_role)role) && trial->args.tensor[role].data) {
            memset(trial->buffer[role].data, 0, trial->buffer[role].bytes);
            copy_input(c, &problem, c->given[role], &trial->args.tensor[role]);
        }
    status = pb_trial_expect(trial);
    if (status) return name_case(c, status);
    for (int role = 0; role < PB_ROLES && !status; role++)
        if (trial->expected.tensor[role].count) status = take_output(c, trial, role);
    return status;
}

enum pb_status pb_onnx_trial(const char *directory, int set, enum pb_layout layout,
                             struct pb_trial *trial) {
    struct onnx_case c = {0};
    *trial = (struct pb_trial){0};
    enum pb_status status = read_case(&c, directory, set);
    if (!status) status = make_trial(&c, layout, trial);
    if (status) pb_trial_end(trial);
    free_case(&c);
    return status;
}

/* ---- What a folder holds --------------------------------------------------------------------- */

bool pb_onnx_is_case(const char *directory) {
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/model.onnx", directory) < (int)sizeof path &&
           faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int pb_onnx_sets(const char *directory) {
    char path[PATH_MAX];
    int set = 0;
    while (snprintf(path, sizeof path, "%s/test_data_set_%d", directory, set) < (int)sizeof path &&
           access(path, F_OK) == 0)
        set++;
    return set;
}

enum pb_status pb_onnx_is_ours(const char *directory, bool *ours) {
    struct onnx_graph graph;
    enum pb_status status = onnx_graph_read(directory, &graph);
    *ours = graph.meaning != NULL;
    onnx_graph_free(&graph);
    return status == PB_UNSUPPORTED ? PB_OK : status;
}
