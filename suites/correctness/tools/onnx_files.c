/* Golden cases of ONNX, copied and changed in one place. */
#include "tools/onnx_files.h"
#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/poolbench-onnx-XXXXXX";

void onnx_enter_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

void onnx_leave_folder(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- Files ----------------------------------------------------------------------------------- */

uint8_t onnx_bytes[ONNX_LARGEST];

size_t onnx_read_bytes(const char *path) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size_t size = fread(onnx_bytes, 1, ONNX_LARGEST, file);
    cr_assert_lt(size, ONNX_LARGEST);
    fclose(file);
    return size;
}

void onnx_write_bytes(const char *path, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(onnx_bytes, 1, size, file) == size && fclose(file) == 0, "%s", path);
}

void onnx_copy_file(const char *from, const char *to) {
    onnx_write_bytes(to, onnx_read_bytes(from));
}

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* A golden case with all its files as `to`, and below. */
void onnx_copy_case(const char *name, const char *to) {
    static const char *const stems[] = {"input_0", "input_1", "input_2", "output_0", "output_1"};
    char from[PATH_MAX], path[PATH_MAX];
    cr_assert_eq(mkdir(to, 0700), 0);
    snprintf(from, sizeof from, "%s/%s/model.onnx", GOLDEN_DIR, name);
    snprintf(path, sizeof path, "%s/model.onnx", to);
    onnx_copy_file(from, path);
    for (int set = 0;; set++) {
        snprintf(from, sizeof from, "%s/%s/test_data_set_%d", GOLDEN_DIR, name, set);
        if (!exists(from)) break;
        snprintf(path, sizeof path, "%s/test_data_set_%d", to, set);
        cr_assert_eq(mkdir(path, 0700), 0);
        for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
            snprintf(from, sizeof from, "%s/%s/test_data_set_%d/%s.pb", GOLDEN_DIR, name, set,
                     stems[i]);
            snprintf(path, sizeof path, "%s/test_data_set_%d/%s.pb", to, set, stems[i]);
            if (exists(from)) onnx_copy_file(from, path);
        }
    }
}

/* Whether it can be read; where only the model was changed, its values are those of another. */
enum pb_status onnx_try_case(const char *directory, int set) {
    struct pb_trial trial;
    enum pb_status status = pb_onnx_trial(directory, set, PB_NCHW, &trial);
    pb_trial_end(&trial);
    return status == PB_PROVIDER ? PB_OK : status;
}

/* ---- Changes --------------------------------------------------------------------------------- */

Onnx__AttributeProto *onnx_attribute(Onnx__NodeProto *node, const char *name) {
    for (size_t i = 0; i < node->n_attribute; i++)
        if (!strcmp(node->attribute[i]->name, name)) return node->attribute[i];
    cr_assert_fail("no attribute %s", name);
    return NULL;
}

Onnx__NodeProto *onnx_node(Onnx__ModelProto *model, const char *type) {
    for (size_t i = 0; i < model->graph->n_node; i++)
        if (!strcmp(model->graph->node[i]->op_type, type)) return model->graph->node[i];
    cr_assert_fail("no node %s", type);
    return NULL;
}

/* Text that the message owns from then on. */
void onnx_set_text(char **text, const char *to) {
    free(*text);
    *text = strdup(to);
}

void onnx_drop_input(Onnx__NodeProto *n) {
    free(n->input[--n->n_input]);
}

void onnx_change_model(const char *path, void (*change)(Onnx__ModelProto *model)) {
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, onnx_read_bytes(path), onnx_bytes);
    cr_assert_not_null(model);
    change(model);
    cr_assert_lt(onnx__model_proto__get_packed_size(model), ONNX_LARGEST);
    onnx_write_bytes(path, onnx__model_proto__pack(model, onnx_bytes));
    onnx__model_proto__free_unpacked(model, NULL);
}

void onnx_change_tensor(const char *path, void (*change)(Onnx__TensorProto *tensor)) {
    Onnx__TensorProto *tensor = onnx__tensor_proto__unpack(NULL, onnx_read_bytes(path), onnx_bytes);
    cr_assert_not_null(tensor);
    change(tensor);
    onnx_write_bytes(path, onnx__tensor_proto__pack(tensor, onnx_bytes));
    onnx__tensor_proto__free_unpacked(tensor, NULL);
}
