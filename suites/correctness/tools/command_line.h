/* command_line.h: the program as a user calls it, in an empty folder of the test's own. */
#ifndef PB_COMMAND_LINE_H
#define PB_COMMAND_LINE_H

#include <stddef.h>

enum { PASSED = 0, FAILED = 1, USAGE = 2, NOTHING = 3, SIGNALLED = -1 };

/* Before and after each test: the folder to be in, and its end. */
void command_enter_folder(void);
void command_leave_folder(void);

struct command_outcome {
    int status; /* of exit, or SIGNALLED */
    char out[8192], err[4096];
};

/* Words of a command line, the program's path first, NULL last. */
void command_run(struct command_outcome *outcome, const char *const *words);

/* The exit status, and `thing` in the output, or in the one sentence of a complaint. */
void command_expect(int status, const char *thing, const char *const *words);

/* EXPECT(status, what the output or the complaint must hold, words of the command line…) */
#define EXPECT(status, thing, ...)                                                                 \
    command_expect(status, thing, (const char *const[]){POOLBENCH_PROGRAM, __VA_ARGS__, NULL})

void command_write_file(const char *path, const void *bytes, size_t size);
void command_write_text(const char *path, const char *text);
/* Of a file, at most `size` - 1 bytes and a 0. */
void command_read_back(const char *path, char *text, size_t size);

#endif
