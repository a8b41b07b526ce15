/* program.h: the program as a user calls it, in an empty folder of the test's own. */
#ifndef PB_PROGRAM_H
#define PB_PROGRAM_H

#include <stddef.h>

enum { PASSED = 0, FAILED = 1, USAGE = 2, NOTHING = 3, SIGNALLED = -1 };

/* Before and after each test: the folder to be in, and its end. */
void program_enter_folder(void);
void program_leave_folder(void);

struct program_outcome {
    int status; /* of exit, or SIGNALLED */
    char out[8192], err[4096];
};

/* Words of a command line, the program's path first, NULL last. */
void program_run(struct program_outcome *outcome, const char *const *words);

/* The exit status, and `thing` in the output, or in the one sentence of a complaint. */
void program_expect(int status, const char *thing, const char *const *words);

/* EXPECT(status, what the output or the complaint must hold, words of the command line…) */
#define EXPECT(status, thing, ...)                                                                 \
    program_expect(status, thing, (const char *const[]){POOLBENCH_PROGRAM, __VA_ARGS__, NULL})

void program_write_file(const char *path, const void *bytes, size_t size);
void program_write_text(const char *path, const char *text);
/* Of a file, at most `size` - 1 bytes and a 0. */
void program_read_back(const char *path, char *text, size_t size);

#endif
