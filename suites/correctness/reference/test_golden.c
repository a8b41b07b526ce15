/* Every golden directory, in both layouts, against the oracle and against every kernel. */
#include "reference.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME = 128, MOST = 1024 };

struct golden {
    char name[NAME];
    int layout;
};

static void free_params(struct criterion_test_params *params) {
    cr_free(params->params);
}

/* The directories that hold a model, once per layout. */
ParameterizedTestParameters(golden, holds) {
    struct golden *list = cr_malloc(MOST * sizeof *list);
    size_t count = 0;
    DIR *folder = opendir(GOLDEN_DIR);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s/model.onnx", GOLDEN_DIR, entry->d_name);
        if (access(path, F_OK) || strlen(entry->d_name) >= NAME) continue;
        for (int layout = PB_NCHW; layout <= PB_NHWC && count < MOST; layout++, count++) {
            snprintf(list[count].name, NAME, "%s", entry->d_name);
            list[count].layout = layout;
        }
    }
    if (folder) closedir(folder);
    return cr_make_param_array(struct golden, list, count, free_params);
}

/* Puts the file's values where a kernel would write, and compares them with the oracle's. */
static void hold_oracle(struct pb_trial *trial) {
    struct pb_expected oracle;
    cr_assert_eq(pb_oracle(&trial->problem, &trial->args, &oracle), PB_OK, "%s", pb_error());
    for (int role = 0; role < PB_ROLES; role++) {
        struct pb_tensor *t = &trial->args.tensor[role];
        const struct pb_expected_tensor *file = &trial->expected.tensor[role];
        for (int64_t i = 0; i < file->count; i++) {
            int64_t at[5], rest = i;
            for (int axis = 4; axis >= 0; axis--) {
                at[axis] = rest % t->dims[axis];
                rest /= t->dims[axis];
            }
            int64_t offset = pb_offset(t, at[0], at[1], at[2], at[3], at[4]);
            if (t->dtype == PB_S64)
                ((int64_t *)t->data)[offset] = (int64_t)file->value[i];
            else if (pb_dtype_size(t->dtype) == 1)
                ((uint8_t *)t->data)[offset] = (uint8_t)(int)file->value[i];
            else
                ((float *)t->data)[offset] = (float)file->value[i];
        }
    }
    cr_expect_eq(pb_compare(&trial->problem, &trial->args, &oracle), PB_OK, "the oracle: %s",
                 pb_error());
    pb_expected_free(&oracle);
}

static void hold_set(const char *path, int set, enum pb_layout layout) {
    struct pb_trial trial;
    cr_assert_eq(pb_onnx_trial(path, set, layout, &trial), PB_OK, "%s", pb_error());
    hold_oracle(&trial);
    for (size_t i = 0; i < pb_kernel_count(); i++) {
        const struct pb_kernel *kernel = pb_kernel_at(i);
        if (!pb_kernel_runs(kernel, &trial.problem, NULL)) continue;
        cr_expect_eq(pb_trial_check(&trial, kernel, false), PB_OK, "%s", pb_error());
        cr_expect_eq(pb_trial_check(&trial, kernel, true), PB_OK, "%s", pb_error());
    }
    pb_trial_end(&trial);
}

ParameterizedTest(struct golden *golden, golden, holds) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, golden->name);
    int sets = pb_onnx_sets(path);
    cr_assert_gt(sets, 0);
    for (int set = 0; set < sets; set++) hold_set(path, set, (enum pb_layout)golden->layout);
}

Test(golden, are_there) {
    static const char *const some[] = {"max_k2s2",
                                       "max_idx_nan",
                                       "max_bwd_ties",
                                       "avg_p_ceil",
                                       "avg_np_bwd_3d",
                                       "gap_2d",
                                       "conv_k3s2p1",
                                       "conv_bwd_groups",
                                       "conv_bwd_w_1d",
                                       "s2d_crd_k2",
                                       "blur_bwd_k7s1p3",
                                       "max_idx_s8",
                                       "max_idx_last_window",
                                       "graph_sets",
                                       "max_idx_column_major_3d",
                                       "lp_fraction",
                                       "lp_bwd_below_1",
                                       "adaptive_max_nan",
                                       "adaptive_avg_bwd_above"};
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s/model.onnx", GOLDEN_DIR, some[i]);
        cr_expect_eq(access(path, R_OK), 0, "%s is missing", path);
    }
}

/* ---- Damaged files --------------------------------------------------------------------------- */

static const char *const parts[] = {"model.onnx", "test_data_set_0/input_0.pb",
                                    "test_data_set_0/input_1.pb", "test_data_set_0/input_2.pb",
                                    "test_data_set_0/output_0.pb"};
enum { PARTS = sizeof parts / sizeof parts[0], LARGEST = 1 << 16 };

struct part {
    unsigned char data[LARGEST];
    size_t size;
};

static void read_part(const char *folder, const char *name, struct part *part) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    part->size = fread(part->data, 1, LARGEST, file);
    cr_assert_lt(part->size, LARGEST);
    fclose(file);
}

static void write_part(const char *folder, const char *name, const unsigned char *data,
                       size_t size) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(data, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

/* Reads the damaged case. Whatever it says, it says it with a sentence and does not crash. */
static enum pb_status try_case(const char *folder) {
    struct pb_trial trial;
    enum pb_status status = pb_onnx_trial(folder, 0, PB_NCHW, &trial);
    if (status == PB_OK)
        pb_trial_end(&trial);
    else
        cr_expect(strstr(pb_error(), folder) || status == PB_INVALID, "%s", pb_error());
    return status;
}

Test(golden, damaged_files_are_refused, .timeout = 300) {
    static struct part part[PARTS];
    char folder[] = "/tmp/poolbench_golden_XXXXXX", path[PATH_MAX];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/test_data_set_0", folder);
    cr_assert_eq(mkdir(path, 0700), 0);
    for (int i = 0; i < PARTS; i++) {
        read_part(GOLDEN_DIR "/conv_depthwise", parts[i], &part[i]);
        write_part(folder, parts[i], part[i].data, part[i].size);
    }
    cr_expect_eq(try_case(folder), PB_OK, "%s", pb_error());
    for (int i = 0; i < PARTS; i++) {
        for (size_t size = 0; size < part[i].size; size++) {
            write_part(folder, parts[i], part[i].data, size);
            enum pb_status status = try_case(folder);
            if (i > 0) cr_expect_neq(status, PB_OK, "%s cut to %zu bytes", parts[i], size);
        }
        for (size_t at = 0; at < part[i].size && at < 400; at++) {
            part[i].data[at] ^= 0xff;
            write_part(folder, parts[i], part[i].data, part[i].size);
            try_case(folder);
            part[i].data[at] ^= 0xff;
        }
        write_part(folder, parts[i], part[i].data, part[i].size);
    }
    for (int i = 0; i < PARTS; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
        cr_expect_eq(unlink(path), 0);
        cr_expect_eq(try_case(folder), PB_IO, "%s is gone", parts[i]);
        write_part(folder, parts[i], part[i].data, part[i].size);
    }
    for (int i = 0; i < PARTS; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, parts[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/test_data_set_0", folder);
    rmdir(path);
    rmdir(folder);
}

Test(golden, a_tensor_file_is_read) {
    struct pb_onnx_tensor tensor;
    enum pb_status status =
            pb_onnx_tensor_read(GOLDEN_DIR "/trace_gap_strided/conv1.weight.pb", &tensor);
    cr_assert_eq(status, PB_OK, "%s", pb_error());
    cr_expect_eq(tensor.dtype, PB_F32);
    cr_expect_eq(tensor.rank, 4);
    cr_expect_eq(tensor.count, 64 * 3 * 3 * 3);
    cr_expect_eq(tensor.dims[0], 64);
    cr_expect_eq(tensor.dims[1], 3);
    for (int64_t i = 0; i < tensor.count; i++) /* PyTorch draws from +-1 / sqrt(27) */
        cr_expect_leq(fabs(((const float *)tensor.buffer.data)[i]), 0.1925);
    pb_onnx_tensor_free(&tensor);
    cr_expect_eq(pb_onnx_tensor_read(GOLDEN_DIR "/none.pb", &tensor), PB_IO);
    cr_expect(strstr(pb_error(), "none.pb"), "%s", pb_error());
}
