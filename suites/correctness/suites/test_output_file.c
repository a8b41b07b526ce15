/* Files that appear whole or not at all. */
#include "common/output_file.h"
#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *enter_new_folder(void) {
    static char folder[] = "/tmp/poolbench-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    return folder;
}

static void expect_line(const char *path, const char *wanted) {
    char line[64] = "";
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file, "%s", path);
    cr_expect_not_null(fgets(line, sizeof line, file));
    fclose(file);
    cr_expect_str_eq(line, wanted);
}

static int files_here(void) {
    struct dirent **entry;
    int count = scandir(".", &entry, NULL, NULL);
    for (int i = 0; i < count; i++) free(entry[i]);
    free(entry);
    return count - 2; /* . and .. */
}

static void begin_file(struct output_file *file, const char *path, const char *text) {
    cr_assert_eq(output_file_open(file, path), PB_OK, "%s", pb_error());
    fputs(text, file->stream);
}

/* The last that is kept stays, whole. */
Test(output_file, two_may_write_one_file_at_a_time) {
    char *folder = enter_new_folder();
    struct output_file a, b;
    begin_file(&a, "out", "first");
    begin_file(&b, "out", "second");
    cr_expect_str_neq(a.part, b.part);
    cr_expect_eq(output_file_keep(&b), PB_OK, "%s", pb_error());
    expect_line("out", "second");
    cr_expect_eq(output_file_keep(&a), PB_OK, "%s", pb_error());
    expect_line("out", "first");
    cr_expect_eq(files_here(), 1);
    unlink("out");
    rmdir(folder);
}

/* What nobody holds any more is removed, what is being written is not. */
Test(output_file, what_killed_runs_left_is_removed) {
    char *folder = enter_new_folder();
    struct output_file living, later;
    pid_t child = fork();
    if (!child) {
        struct output_file killed;
        if (output_file_open(&killed, "killed")) _exit(1);
        raise(SIGKILL);
    }
    int ended;
    cr_assert_eq(waitpid(child, &ended, 0), child);
    cr_assert(WIFSIGNALED(ended));
    cr_expect_eq(files_here(), 1);
    begin_file(&living, "living", "living");
    cr_expect_eq(files_here(), 1);
    begin_file(&later, "later", "later");
    cr_expect_eq(files_here(), 2);
    output_file_drop(&later);
    cr_expect_eq(output_file_keep(&living), PB_OK, "%s", pb_error());
    cr_expect_eq(files_here(), 1);
    expect_line("living", "living");
    unlink("living");
    rmdir(folder);
}

Test(output_file, links_are_followed) {
    char *folder = enter_new_folder();
    struct output_file file;
    struct stat info;
    cr_assert_eq(mkdir("a", 0700) | mkdir("b", 0700), 0);
    cr_assert_eq(symlink("a/second", "first") | symlink("../b/end", "a/second"), 0);
    for (int i = 0; i < 2; i++) { /* of a link whose end is not there yet, and of one that is */
        begin_file(&file, "first", i ? "again" : "new");
        cr_expect_eq(output_file_keep(&file), PB_OK, "%s", pb_error());
        expect_line("b/end", i ? "again" : "new");
        cr_expect(lstat("first", &info) == 0 && S_ISLNK(info.st_mode));
        cr_expect(lstat("a/second", &info) == 0 && S_ISLNK(info.st_mode));
    }
    cr_assert_eq(chmod("b/end", 0640), 0);
    begin_file(&file, "first", "mode");
    cr_expect_eq(output_file_keep(&file), PB_OK, "%s", pb_error());
    cr_expect(stat("b/end", &info) == 0 && (info.st_mode & 0777) == 0640);
    cr_assert_eq(symlink("loop", "loop"), 0);
    cr_expect_eq(output_file_open(&file, "loop"), PB_IO);
    cr_expect(strstr(pb_error(), "loop"), "%s", pb_error());
    cr_assert_eq(unlink("b/end") | unlink("a/second") | unlink("first") | unlink("loop"), 0);
    cr_expect_eq(rmdir("a") | rmdir("b") | rmdir(folder), 0, "nothing else was left");
}

Test(output_file, what_cannot_be_written_is_refused_at_once) {
    char *folder = enter_new_folder(), name[300];
    struct output_file file;
    memset(name, 'x', 256);
    name[256] = 0;
    cr_expect_eq(output_file_open(&file, name), PB_IO, "a name that is too long");
    name[255] = 0;
    begin_file(&file, name, "long");
    cr_expect_eq(output_file_keep(&file), PB_OK, "%s", pb_error());
    expect_line(name, "long");
    cr_expect_eq(output_file_open(&file, "no/such/folder"), PB_IO);
    unlink(name);
    cr_expect_eq(rmdir(folder), 0);
}

Test(output_file, a_file_appears_whole_or_not_at_all) {
    char folder[] = "/tmp/poolbench-XXXXXX", path[64], line[16] = "";
    struct output_file file;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out.json", folder);
    cr_assert_eq(output_file_open(&file, path), PB_OK, "%s", pb_error());
    fputs("good", file.stream);
    cr_expect_neq(access(path, F_OK), 0);
    cr_assert_eq(output_file_keep(&file), PB_OK, "%s", pb_error());
    cr_assert_eq(output_file_open(&file, path), PB_OK);
    fputs("partial", file.stream);
    output_file_drop(&file);
    FILE *kept = fopen(path, "r");
    cr_assert_not_null(kept);
    cr_expect_not_null(fgets(line, sizeof line, kept));
    fclose(kept);
    cr_expect_str_eq(line, "good");
    cr_expect_eq(output_file_open(&file, folder), PB_IO, "a folder is no output file");
    cr_expect_not_null(strstr(pb_error(), folder));
    unlink(path);
    cr_expect_eq(rmdir(folder), 0, "nothing else was left");
}
