/* Starts a program and waits for it. */
#include "report/program.h"
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum pb_status program_run(const struct program *program, int *outcome) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    int ended = 0;
    posix_spawn_file_actions_init(&actions);
    if (program->folder) posix_spawn_file_actions_addchdir_np(&actions, program->folder);
    if (program->input)
        posix_spawn_file_actions_adddup2(&actions, fileno(program->input), STDIN_FILENO);
    if (program->output)
        posix_spawn_file_actions_adddup2(&actions, fileno(program->output), STDOUT_FILENO);
    int error = posix_spawnp(&child, program->argv[0], &actions, NULL, program->argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error) return pb_fail(PB_IO, "%s cannot be run: %s", program->argv[0], strerror(error));
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR) continue;
    *outcome = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    return PB_OK;
}
