/* The program's `train`: what it refuses, what it writes, and that it can go on. */
#include "cifar10/trainer.h"
#include "common/checksum.h"
#include <criterion/criterion.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE "conv 8 k3 s4 p1 | relu | gap | linear 10"
#define NET " --net '" LINE "' --data synthetic --limit 100 "

static char folder[64];

static void make_folder(void) {
    strcpy(folder, "/tmp/poolbench.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    setenv("POOLBENCH_TUNING_CACHE", "", 1); /* not the user's own */
}

static void remove_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(train, .init = make_folder, .fini = remove_folder);

/* What the program printed on both streams; the caller frees it. */
static char *run(const char *arguments, int *status) {
    char command[2000];
    snprintf(command, sizeof command, "'%s' train %s 2>&1", POOLBENCH_PROGRAM, arguments);
    FILE *pipe = popen(command, "r");
    cr_assert_not_null(pipe);
    enum { MOST = 1 << 16 };
    char *text = calloc(1, MOST);
    cr_assert_not_null(text);
    size_t got = fread(text, 1, MOST - 1, pipe);
    text[got] = '\0';
    *status = WEXITSTATUS(pclose(pipe));
    return text;
}

static void expect_run(const char *arguments, int wanted, const char *words) {
    int status;
    char *text = run(arguments, &status);
    cr_expect_eq(status, wanted, "train %s: %d, %s", arguments, status, text);
    cr_expect_not_null(strstr(text, words), "train %s: \"%s\" has no \"%s\"", arguments, text,
                       words);
    free(text);
}

enum { MOST_TEXT = 4000 };

static void read_text(const char *path, char text[MOST_TEXT]) {
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    size_t got = fread(text, 1, MOST_TEXT - 1, file);
    text[got] = '\0';
    fclose(file);
}

/* The rows of a CSV without what differs from run to run: the first four columns. */
static void read_rows(const char *path, char rows[1000]) {
    char line[2000];
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    rows[0] = '\0';
    while (fgets(line, sizeof line, file)) {
        if (*line == '#') continue;
        char *comma = line;
        for (int i = 0; i < 4 && comma; i++) comma = strchr(comma + 1, ',');
        cr_assert_not_null(comma, "%s", line);
        *comma = '\0';
        strcat(strcat(rows, line), "\n");
    }
    fclose(file);
}

Test(train, bad_usage_and_input_give_2) {
    expect_run("", 2, "--net is missing");
    expect_run("--net gap-nothing", 2, "\"gap-nothing\"");
    expect_run("--net 'relu | linear 10'", 2, "layer 2 (linear 10) does not fit");
    expect_run("--net 'gap | linear 9'", 2, "ends in 9x1x1");
    expect_run("--net gap-strided --epochs 0", 2, "--epochs '0'");
    expect_run("--net gap-strided --batch x", 2, "--batch 'x'");
    expect_run("--net gap-strided --lr -1", 2, "--lr '-1'");
    expect_run("--net gap-strided --lr nan", 2, "--lr 'nan'");
    expect_run("--net gap-strided --layout hwc", 2, "--layout 'hwc'");
    expect_run("--net gap-strided --method best", 2, "\"best\"");
    expect_run("--net gap-strided --data nowhere", 2, "nowhere: No such file");
    expect_run("--net gap-strided --resume", 2, "--resume needs --out");
    expect_run("--net gap-strided --resume --overwrite --out .", 2, "exclude each other");
    expect_run("--net gap-strided extra", 2, "'extra'");
    expect_run(NET "--out . --name a/b", 2, "\"a/b\"");
    expect_run(NET "--out . --resume", 2, "custom.checkpoint: No such file");
}

Test(train, unwritable_folder_is_found_first) {
    FILE *file = fopen("file", "w");
    cr_assert_not_null(file);
    fclose(file);
    expect_run(NET "--out file", 2, "file/custom.csv: Not a directory");
    expect_run(NET "--out file/deeper", 2, "Not a directory");
    cr_assert_eq(mkdir("custom.csv", 0777), 0);
    expect_run(NET "--out .", 2, "custom.csv");
}

Test(train, results_say_where_they_come_from) {
    expect_run(NET "--epochs 1 --out a/b --data-name 'my copy'", 0, "my copy");
    char text[MOST_TEXT] = "";
    read_text("a/b/custom.csv", text);
    cr_expect_not_null(strstr(text, "# data: synthetic (my copy)\n"));
    cr_expect_not_null(strstr(text, "# line: conv 8 k3 s4 p1 | relu | gap | linear 10\n"));
    cr_expect_not_null(strstr(text, "# cpu: "));
    cr_expect_not_null(strstr(text, "# commit: "));
    cr_expect_not_null(strstr(text, "\n1,"));
    expect_run(NET "--epochs 1", 0, "synthetic");
    cr_expect_neq(access("a/b/custom.csv.part", F_OK), 0);
}

Test(train, a_fact_stays_one_line) {
    char text[MOST_TEXT];
    expect_run(NET "--epochs 1 --out . --data-name \"$(printf 'a\\n# seed: 9')\"", 0, "epoch 1:");
    read_text("custom.csv", text);
    cr_expect_not_null(strstr(text, "# data: synthetic (a # seed: 9)\n"), "%s", text);
    expect_run("--net \"$(printf 'gap\\n# seed: 9 | linear 10')\"", 2, "a control character");
}

Test(train, json_is_one_object) {
    int status;
    char *text = run(NET "--epochs 2 --json", &status);
    cr_assert_eq(status, 0, "%s", text);
    json_t *root = json_loads(text, 0, NULL), *epochs = json_object_get(root, "epochs");
    cr_assert_not_null(root, "%s", text);
    cr_expect_eq(json_array_size(epochs), 2);
    cr_expect_gt(json_number_value(json_object_get(json_array_get(epochs, 1), "val_loss")), 0);
    cr_expect_str_eq(json_string_value(json_object_get(json_object_get(root, "context"), "data")),
                     "synthetic");
    cr_expect_eq(json_array_size(json_object_get(root, "layers")), 4);
    json_decref(root);
    free(text);
}

/* Stopped and resumed, with other threads: the same numbers as in one go. */
Test(train, resume_changes_nothing) {
    char whole[1000], halves[1000];
    expect_run(NET "--epochs 3 --out . --name whole", 0, "epoch 3:");
    expect_run(NET "--epochs 1 --out . --name halves", 0, "epoch 1:");
    expect_run(NET "--epochs 3 --out . --name halves --resume --threads 1", 0, "epoch 3:");
    read_rows("whole.csv", whole);
    read_rows("halves.csv", halves);
    cr_expect_str_eq(halves, whole);
}

Test(train, part_of_a_run_replaces_no_whole_one) {
    const struct trainer_settings settings = {.net = LINE,
                                              .data = "synthetic",
                                              .out = ".",
                                              .layout = PB_NHWC,
                                              .epochs = 2,
                                              .batch = 16,
                                              .limit = 100,
                                              .rate = 0.01};
    char whole[MOST_TEXT], text[MOST_TEXT];
    struct trainer trainer;
    expect_run(NET "--epochs 1 --out .", 0, "epoch 1:");
    read_text("custom.csv", whole);
    cr_expect_neq(access("custom.csv.part", F_OK), 0);
    cr_assert_eq(trainer_create(&settings, &trainer), PB_OK, "%s", pb_error());
    cr_assert_eq(trainer_next(&trainer), PB_OK, "%s", pb_error());
    trainer_free(&trainer); /* with an epoch to go */
    read_text("custom.csv", text);
    cr_expect_str_eq(text, whole);
    read_text("custom.csv.part", text);
    cr_expect_not_null(strstr(text, "\n1,"), "%s", text);
    expect_run(NET "--epochs 2 --out . --resume", 0, "epoch 2:");
    read_text("custom.csv", text);
    cr_expect_not_null(strstr(text, "\n2,"), "%s", text);
    cr_expect_neq(access("custom.csv.part", F_OK), 0);
}

/* Exit 2 where another run's checkpoint is, and that checkpoint stays. */
Test(train, another_runs_checkpoint_is_not_replaced) {
    static const char *const other[] = {"--seed 1",          "--method naive",
                                        "--data-name other", "--layout nchw",
                                        "--limit 90",        "--net 'gap | linear 10'"};
    expect_run(NET "--epochs 1 --out .", 0, "epoch 1:");
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        char arguments[500];
        snprintf(arguments, sizeof arguments, NET "--epochs 1 --out . %s", other[i]);
        expect_run(arguments, 2, "custom.checkpoint: belongs to another run");
        expect_run(arguments, 2, "or choose another --name");
    }
    expect_run(NET "--epochs 2 --out . --resume", 0, "epoch 2:");
    expect_run(NET "--epochs 1 --out .", 0, "epoch 1:"); /* the same run may begin anew */
    expect_run(NET "--epochs 1 --seed 1 --out . --name other", 0, "epoch 1:");
    expect_run(NET "--epochs 1 --seed 1 --out . --overwrite", 0, "epoch 1:");
    expect_run(NET "--epochs 1 --out .", 2, "belongs to another run");
    cr_assert_eq(truncate("custom.checkpoint", 3), 0);
    expect_run(NET "--epochs 1 --seed 1 --out .", 2, "custom.checkpoint: is no checkpoint");
}

Test(train, resume_of_a_whole_run_writes_its_csv) {
    char before[1000], after[1000];
    expect_run(NET "--epochs 2 --out .", 0, "epoch 2:");
    read_rows("custom.csv", before);
    cr_assert_eq(remove("custom.csv"), 0);
    expect_run(NET "--epochs 2 --out . --resume", 0, "nothing is left to do");
    read_rows("custom.csv", after);
    cr_expect_str_eq(after, before);
}

Test(train, bad_checkpoint_is_refused) {
    struct stat info;
    expect_run(NET "--epochs 2 --out .", 0, "epoch 2:");
    expect_run(NET "--epochs 3 --seed 1 --out . --resume", 2, "belongs to another run");
    expect_run(NET "--epochs 1 --out . --resume", 2, "has 2 epochs");
    cr_assert_eq(stat("custom.checkpoint", &info), 0);
    cr_assert_eq(truncate("custom.checkpoint", info.st_size + 1), 0);
    expect_run(NET "--epochs 3 --out . --resume", 2, "cut off, or longer");
    for (off_t size = info.st_size - 1; size > 0; size /= 2) {
        cr_assert_eq(truncate("custom.checkpoint", size), 0);
        expect_run(NET "--epochs 3 --out . --resume", 2, "custom.checkpoint: ");
    }
}

/* ---- Checkpoints that say what cannot be ----------------------------------------------------- */

static unsigned char held[1 << 20];

/* Where the numbers of a checkpoint are (checkpoint.c). */
enum { VERSION_AT = 8, RUN_BYTES_AT = 16, EPOCHS_AT = 24, STEPS_AT = 40, HEADER_SIZE = 56 };

static size_t read_checkpoint(void) {
    FILE *file = fopen("custom.checkpoint", "rb");
    cr_assert_not_null(file);
    size_t size = fread(held, 1, sizeof held, file);
    fclose(file);
    return size;
}

/* With the checksum that it then has, where `sum`. */
static void write_checkpoint(size_t size, bool sum) {
    uint64_t right = pb_checksum(PB_CHECKSUM, held, size - sizeof right);
    if (sum) memcpy(held + size - sizeof right, &right, sizeof right);
    FILE *file = fopen("custom.checkpoint", "wb");
    cr_assert(file && fwrite(held, 1, size, file) == size && fclose(file) == 0);
}

static void expect_no_resume(const char *words) {
    expect_run(NET "--epochs 3 --out . --resume", 2, words);
}

Test(train, a_damaged_checkpoint_is_refused) {
    expect_run(NET "--epochs 2 --out .", 0, "epoch 2:");
    size_t size = read_checkpoint();
    int64_t run_bytes;
    memcpy(&run_bytes, held + RUN_BYTES_AT, sizeof run_bytes);
    size_t epochs = HEADER_SIZE + (size_t)run_bytes;
    size_t weights = epochs + 2 * sizeof(struct trainer_epoch);
    const size_t flips[] = {weights + 1, weights + 3, epochs + 9, size - 12, size - 1, 50};
    for (size_t i = 0; i < sizeof flips / sizeof flips[0]; i++) {
        held[flips[i]] ^= 4;
        write_checkpoint(size, false);
        expect_no_resume("custom.checkpoint: is damaged: its checksum");
        held[flips[i]] ^= 4;
    }
    write_checkpoint(size, false);
    expect_run(NET "--epochs 3 --out . --resume", 0, "epoch 3:");
}

/* Whoever made these knew how to sum them up. */
Test(train, a_checkpoint_with_values_that_cannot_be_is_refused) {
    static const float weights[] = {1e30f, -1e30f, INFINITY, NAN, 3};
    int64_t run_bytes, number;
    expect_run(NET "--epochs 2 --out .", 0, "epoch 2:");
    size_t size = read_checkpoint();
    memcpy(&run_bytes, held + RUN_BYTES_AT, sizeof run_bytes);
    size_t epochs = HEADER_SIZE + (size_t)run_bytes;
    size_t first = epochs + 2 * sizeof(struct trainer_epoch), floats = (size - 8 - first) / 12;
    float before;
    memcpy(&before, held + first, sizeof before);
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++) {
        memcpy(held + first, &weights[i], sizeof before);
        write_checkpoint(size, true);
        expect_no_resume("custom.checkpoint: parameter 0 is");
    }
    memcpy(held + first, &before, sizeof before);
    size_t square = first + 8 * floats;
    memcpy(&before, held + square, sizeof before);
    memcpy(held + square, &(float){-1}, sizeof before);
    write_checkpoint(size, true);
    expect_no_resume("Adam's state of parameter 0 cannot be");
    memcpy(held + square, &before, sizeof before);
    const int64_t steps[] = {0, -1, 13, 15, INT64_MAX};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        memcpy(held + STEPS_AT, &steps[i], sizeof number);
        write_checkpoint(size, true);
        expect_no_resume("custom.checkpoint: says that 2 epochs took");
    }
    memcpy(held + STEPS_AT, &(int64_t){14}, sizeof number); /* of 7 steps each */
    memcpy(held + epochs, &(int64_t){7}, sizeof number);
    write_checkpoint(size, true);
    expect_no_resume("custom.checkpoint: what it says of epoch 1 cannot be");
    memcpy(held + epochs, &(int64_t){1}, sizeof number);
    memcpy(held + VERSION_AT, &(uint32_t){1}, 4);
    write_checkpoint(size, true);
    expect_no_resume("custom.checkpoint: is a checkpoint of version 1, not of 2");
    memcpy(held + VERSION_AT, &(uint32_t){2}, 4);
    write_checkpoint(size, true);
    expect_run(NET "--epochs 3 --out . --resume", 0, "epoch 3:");
}

/* Exit 1 with a sentence, and what was before stays. */
Test(train, divergence_ends_the_training) {
    char before[MOST_TEXT], after[MOST_TEXT];
    expect_run(NET "--epochs 1 --lr 1e39", 1, "the training diverged in epoch 1: the loss");
    expect_run(NET "--epochs 2 --out .", 0, "epoch 2:");
    read_text("custom.csv", before);
    expect_run(NET "--epochs 2 --out . --lr 1e39 --overwrite", 1, "(learning rate 1e+39)");
    read_text("custom.csv", after);
    cr_expect_str_eq(after, before);
    expect_run(NET "--epochs 3 --out . --resume", 0, "epoch 3:");
    expect_run(NET "--epochs 1 --batch 100 --lr 1e39", 1,
               "diverged in epoch 1: the validation loss");
}

Test(train, what_is_drawn_can_be_learnt) {
    int status;
    char *text = run("--net 'conv 16 k3 s2 p1 | relu | conv 32 k3 s2 p1 | relu | gap | linear 10' "
                     "--data synthetic --limit 2000 --epochs 3 --json",
                     &status);
    cr_assert_eq(status, 0, "%s", text);
    json_t *root = json_loads(text, 0, NULL);
    json_t *last = json_array_get(json_object_get(root, "epochs"), 2);
    double accuracy = json_number_value(json_object_get(last, "accuracy"));
    cr_expect_gt(accuracy, 35, "%g %% where chance is 10 %%", accuracy);
    json_decref(root);
    free(text);
}
