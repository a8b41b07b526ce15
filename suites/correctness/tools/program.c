#include "tools/program.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/poolbench-cli-XXXXXX";

void program_enter_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    setenv("POOLBENCH_TUNING_CACHE", "", 1); /* not the user's own */
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

void program_leave_folder(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- Running the program --------------------------------------------------------------------- */

void program_read_back(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file);
    text[fread(text, 1, size - 1, file)] = 0;
    fclose(file);
}

void program_run(struct program_outcome *outcome, const char *const *words) {
    extern char **environ;
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_t files;
    pid_t child;
    int status;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "stdout.txt", flags, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "stderr.txt", flags, 0600);
    cr_assert_eq(posix_spawn(&child, words[0], &files, NULL, (char *const *)words, environ), 0);
    posix_spawn_file_actions_destroy(&files);
    cr_assert_eq(waitpid(child, &status, 0), child);
    outcome->status = WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED;
    program_read_back("stdout.txt", outcome->out, sizeof outcome->out);
    program_read_back("stderr.txt", outcome->err, sizeof outcome->err);
}

/* One sentence: a single line that holds `thing`, with at most argp's pointer to
 * --help below it. */
static bool one_sentence(const char *err, const char *thing) {
    const char *end = strchr(err, '\n'), *found = strstr(err, thing);
    return end && found && found < end && (end[1] == 0 || !strncmp(end + 1, "Try `", 5));
}

void program_expect(int status, const char *thing, const char *const *words) {
    struct program_outcome o;
    program_run(&o, words);
    cr_expect_eq(o.status, status, "%s %s: status %d, not %d: %s%s", words[1] ? words[1] : "",
                 words[1] && words[2] ? words[2] : "", o.status, status, o.out, o.err);
    if (status == PASSED)
        cr_expect(strstr(o.out, thing), "no \"%s\" in: %s", thing, o.out);
    else
        cr_expect(one_sentence(o.err, thing), "not one sentence with \"%s\": %s", thing, o.err);
}

void program_write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "%s", path);
}

void program_write_text(const char *path, const char *text) {
    program_write_file(path, text, strlen(text));
}
