/* The reader of ONNX test cases: data sets, trees of folders, files that are none. */
#include "tools/onnx_files.h"
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(onnx_folders, .init = onnx_enter_folder, .fini = onnx_leave_folder, .timeout = 120);

/* ---- Data sets and folders ------------------------------------------------------------------- */

Test(onnx_folders, every_data_set_is_read) {
    const char *directory = GOLDEN_DIR "/graph_sets";
    struct pb_onnx_cases cases = {0};
    cr_expect_eq(pb_onnx_sets(directory), 2);
    cr_expect_eq(onnx_try_case(directory, 0), PB_OK, "%s", pb_error());
    cr_expect_eq(onnx_try_case(directory, 1), PB_OK, "%s", pb_error());
    cr_expect_eq(onnx_try_case(directory, 2), PB_IO);
    cr_assert_eq(pb_onnx_cases_read(directory, &cases), PB_OK, "%s", pb_error());
    cr_assert_eq(cases.count, 2);
    for (int set = 0; set < 2; set++) {
        cr_expect_str_eq(cases.item[set].directory, directory);
        cr_expect_eq(cases.item[set].set, set);
    }
    pb_onnx_cases_free(&cases);
}

static void relu(Onnx__ModelProto *m) {
    onnx_set_text(&m->graph->node[0]->op_type, "Relu");
}

Test(onnx_folders, trees_of_folders_are_walked_by_name) {
    static const char *const found[] = {"a", "b/c", "b/d/e", "z"};
    struct pb_onnx_cases cases = {0};
    cr_assert_eq(mkdir("tree", 0700) | mkdir("tree/b", 0700) | mkdir("tree/b/d", 0700), 0);
    cr_assert_eq(symlink(GOLDEN_DIR "/max_1d", "tree/z"), 0);
    cr_assert_eq(symlink("..", "tree/b/up"), 0);
    onnx_copy_case("max_1d", "tree/b/d/e");
    onnx_copy_case("max_1d", "tree/b/c");
    onnx_copy_case("max_1d", "tree/a");
    onnx_copy_case("max_1d", "tree/b/other");
    onnx_change_model("tree/b/other/model.onnx", relu);
    cr_assert_eq(pb_onnx_cases_read("tree", &cases), PB_OK, "%s", pb_error());
    cr_expect_eq(cases.others, 1);
    cr_assert_eq(cases.count, sizeof found / sizeof found[0]);
    for (size_t i = 0; i < cases.count; i++) {
        char path[64];
        snprintf(path, sizeof path, "tree/%s", found[i]);
        cr_expect_str_eq(cases.item[i].directory, path);
    }
    pb_onnx_cases_free(&cases);
}

Test(onnx_folders, what_is_no_file_is_named) {
    onnx_copy_case("max_1d", "case");
    cr_assert_eq(remove("case/test_data_set_0/input_0.pb"), 0);
    cr_assert_eq(mkdir("case/test_data_set_0/input_0.pb", 0700), 0);
    cr_expect_eq(onnx_try_case("case", 0), PB_IO);
    cr_expect_str_eq(pb_error(), "case/test_data_set_0/input_0.pb: not a regular file");
}

/* A file of the system's that says it has a page and gives a line. */
Test(onnx_folders, a_file_that_ends_early_is_named) {
    static const char online[] = "/sys/devices/system/cpu/online";
    struct stat info;
    if (stat(online, &info) || info.st_size < 4096) cr_skip_test("%s is not as on Linux", online);
    onnx_copy_case("max_1d", "case");
    cr_assert_eq(remove("case/model.onnx"), 0);
    cr_assert_eq(symlink(online, "case/model.onnx"), 0);
    cr_expect_eq(onnx_try_case("case", 0), PB_IO);
    cr_expect_str_eq(pb_error(), "case/model.onnx: could not be read whole");
}

/* The model's path just fits the system, those of the tensors do not. */
Test(onnx_folders, paths_that_are_too_long_are_refused) {
    char path[2 * PATH_MAX] = "";
    onnx_copy_case("max_1d", "case");
    size_t longest = PATH_MAX - sizeof "./case/model.onnx";
    while (strlen(path) < longest) strcat(path, "./");
    strcat(path, "case");
    cr_expect_eq(onnx_try_case(path, 0), PB_IO);
    cr_expect_str_eq(pb_error(), "a test case's path of 4082 characters is too long");
    memset(path, '/', PATH_MAX);
    cr_expect_eq(onnx_try_case(path, 0), PB_IO);
    cr_expect_str_eq(pb_error(), "a test case's path of 4096 characters is too long");
}

Test(onnx_folders, what_cannot_be_walked_is_named) {
    struct pb_onnx_cases cases = {0};
    cr_expect_eq(pb_onnx_cases_read("absent", &cases), PB_IO);
    cr_expect(strstr(pb_error(), "absent"), "%s", pb_error());
    onnx_copy_case("max_1d", "case");
    cr_expect_eq(pb_onnx_cases_read("case/model.onnx", &cases), PB_IO);
    cr_expect(strstr(pb_error(), "case/model.onnx"), "%s", pb_error());
    cr_expect_eq(cases.count, 0);
    pb_onnx_cases_free(&cases);
}

/* What cannot be read becomes a case whose trial says why, and the others are found. */
Test(onnx_folders, broken_cases_are_found_with_the_others) {
    static const struct {
        const char *folder;
        enum pb_status status;
        const char *sentence;
    } rows[] = {
            {"a", PB_OK, ""},
            {"cut", PB_INVALID, "tree/cut/model.onnx: not an ONNX model, or cut short"},
            {"empty", PB_INVALID, "tree/empty/model.onnx: is empty"},
            {"fifo", PB_IO, "tree/fifo/model.onnx: not a regular file"},
            {"gone", PB_IO, "tree/gone/model.onnx: No such file or directory"},
            {"lfs", PB_INVALID, "tree/lfs/model.onnx: is a Git LFS pointer"},
            {"nodata", PB_UNSUPPORTED, "tree/nodata: a model of MaxPool without data"},
            {"tensor", PB_INVALID, "tree/tensor/test_data_set_0/input_0.pb: is a Git LFS pointer"},
            {"z", PB_OK, ""},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    static const char pointer[] = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n";
    struct pb_onnx_cases cases = {0};
    cr_assert_eq(mkdir("tree", 0700), 0);
    for (size_t i = 0; i < ROWS; i++) {
        char path[64];
        snprintf(path, sizeof path, "tree/%s", rows[i].folder);
        onnx_copy_case("max_1d", path);
    }
    cr_assert_eq(truncate("tree/cut/model.onnx", 30), 0);
    cr_assert_eq(truncate("tree/empty/model.onnx", 0), 0);
    cr_assert_eq(unlink("tree/fifo/model.onnx") | mkfifo("tree/fifo/model.onnx", 0600), 0);
    cr_assert_eq(unlink("tree/gone/model.onnx") | symlink("annex", "tree/gone/model.onnx"), 0);
    cr_assert_eq(rename("tree/nodata/test_data_set_0", "tree/nodata/data"), 0);
    memcpy(onnx_bytes, pointer, sizeof pointer);
    onnx_write_bytes("tree/lfs/model.onnx", sizeof pointer - 1);
    onnx_write_bytes("tree/tensor/test_data_set_0/input_0.pb", sizeof pointer - 1);
    cr_assert_eq(pb_onnx_cases_read("tree", &cases), PB_OK, "%s", pb_error());
    cr_assert_eq(cases.count, ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        cr_expect_eq(onnx_try_case(cases.item[i].directory, cases.item[i].set), rows[i].status,
                     "%s: %s", rows[i].folder, pb_error());
        if (rows[i].status)
            cr_expect(strstr(pb_error(), rows[i].sentence), "%s: %s", rows[i].folder, pb_error());
    }
    pb_onnx_cases_free(&cases);
}

/* ---- Depth ----------------------------------------------------------------------------------- */

/* Makes what `bytes` ends with a field of that number; returns where it begins. */
static size_t wrap(size_t begin, unsigned field) {
    uint8_t length[5];
    size_t rest = ONNX_LARGEST - begin, used = 0;
    do length[used++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    while (rest >>= 7);
    begin -= used;
    memcpy(onnx_bytes + begin, length, used);
    onnx_bytes[--begin] = (uint8_t)(field << 3 | 2);
    return begin;
}

/* A model of graphs in attributes in nodes in graphs, that many messages deep. */
static void write_nested(const char *path, int deep) {
    enum { GRAPH = 7, NODE = 1, ATTRIBUTE = 5, SUBGRAPH = 6 };
    static const unsigned fields[] = {NODE, ATTRIBUTE, SUBGRAPH};
    size_t begin = ONNX_LARGEST;
    for (int level = deep - 3; level >= 0; level--) begin = wrap(begin, fields[level % 3]);
    begin = wrap(begin, GRAPH);
    memmove(onnx_bytes, onnx_bytes + begin, ONNX_LARGEST - begin);
    onnx_write_bytes(path, ONNX_LARGEST - begin);
}

/* protobuf-c would need a stack as deep as the model. */
Test(onnx_folders, a_model_nested_too_deep_is_refused) {
    onnx_copy_case("max_1d", "case");
    write_nested("case/model.onnx", 100);
    cr_expect_eq(onnx_try_case("case", 0), PB_UNSUPPORTED);
    cr_expect(strstr(pb_error(), "no operator that pools"), "%s", pb_error());
    static const int deep[] = {101, 3000, 15000};
    for (size_t i = 0; i < sizeof deep / sizeof deep[0]; i++) {
        write_nested("case/model.onnx", deep[i]);
        cr_expect_eq(onnx_try_case("case", 0), PB_INVALID);
        cr_expect_str_eq(pb_error(), "case/model.onnx: messages are nested deeper than 100");
    }
}
