/* A plug-in that harms the process it is in, whenever it is called: every command that it attacks
 * ends, names it, reports the rest, and its exit status is its own. */
#include <criterion/criterion.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum command { LIST, VERIFY, BENCH, RUN, TUNE, MATRIX, COMMANDS };

/* What each is called with, and what it prints of those that do no harm. */
static const struct {
    const char *words, *rest;
} commands[COMMANDS] = {
        [LIST] = {"list max:mb1ic1ih4kh1", "maxpool_f32_naive"},
        [VERIFY] = {"verify max:mb1ic1ih4kh1 --data mixed --placement aligned --limit 1 --threads 1"
                    " --kernel 'hostile_*' --kernel maxpool_f32_naive",
                    "verify: 1 problems"},
        [BENCH] = {"bench max:mb1ic1ih4kh1 --kernel '*_naive' --threads 1"
                   " --benchmark_repetitions=2 --benchmark_min_time=0.02",
                   "\n  maxpool_f32_naive"},
        [RUN] = {"run max:mb1ic1ih4kh1 --src x.npy --dst y.npy --threads 1", ""},
        [TUNE] = {"tune max:mb1ic1ih4kh1 --threads 1", "1 problems are remembered"},
        [MATRIX] = {"verify --rule relation_scale --kernel 'hostile_*' --kernel maxpool_f32_naive "
                    "--threads 1",
                    "poolbench naive, max nchw"},
};

/* ---- Running the program --------------------------------------------------------------------- */

static char folder[] = "/tmp/poolbench-hostile-XXXXXX";

static void write_input(void) {
    unsigned char file[128 + 64];
    memset(file, ' ', 128);
    memset(file + 128, 0, 64);
    memcpy(file, "\x93NUMPY\x01\x00\x76\x00", 10);
    static const char header[] =
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 4, 4), }";
    memcpy(file + 10, header, sizeof header - 1);
    file[127] = '\n';
    FILE *to = fopen("x.npy", "wb");
    cr_assert(to && fwrite(file, 1, sizeof file, to) == sizeof file && fclose(to) == 0);
}

static void enter_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    char cache[sizeof folder + 16];
    snprintf(cache, sizeof cache, "%s/tuning.txt", folder);
    setenv("POOLBENCH_TUNING_CACHE", cache, 1);
    setenv("POOLBENCH_HOSTILE_PIDS", "pids.txt", 1);
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* a process that a kernel ends leaves much */
    write_input();
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
    (void)info, (void)type, (void)walk;
    return remove(path);
}

static void leave_folder(void) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(hostile, .init = enter_folder, .fini = leave_folder, .timeout = 600);

/* Runs a command of the shell and returns its exit status, 124 after a minute, with all that it
 * says. */
static int shell(const char *command, char *said, size_t size) {
    FILE *output = popen(command, "r");
    cr_assert_not_null(output);
    said[fread(said, 1, size - 1, output)] = 0;
    while (fgetc(output) != EOF) continue;
    int status = pclose(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The program with the plug-in, which does that. */
static int attack(const char *how, const char *words, char *said, size_t size) {
    char line[2048];
    snprintf(line, sizeof line,
             "POOLBENCH_HOSTILE=%s timeout -k 5 60 '%s' %s --provider '%s/plugins/hostile.so' 2>&1",
             how, POOLBENCH_PROGRAM, words, PLUGINS);
    return shell(line, said, size);
}

/* ---- Attacks --------------------------------------------------------------------------------- */

struct attack {
    const char *how, *says;
    unsigned on; /* the commands, as bits */
};

static void expect_attack(const struct attack *a, enum command command, const char *kernel) {
    char said[16384], words[1024];
    snprintf(words, sizeof words, "%s%s%s", commands[command].words,
             command == RUN ? " --kernel " : "", command == RUN ? kernel : "");
    int status = attack(a->how, words, said, sizeof said);
    cr_expect_eq(status, 1, "%s: %s: status %d: %s", a->how, words, status, said);
    cr_expect(strstr(said, a->says), "%s: %s: no \"%s\" in: %s", a->how, words, a->says, said);
    cr_expect(strstr(said, commands[command].rest), "%s: %s: no \"%s\" in: %s", a->how, words,
              commands[command].rest, said);
}

static void expect_all(const struct attack *attacks, size_t count, const char *kernel) {
    for (size_t i = 0; i < count; i++)
        for (int command = 0; command < COMMANDS; command++)
            if (attacks[i].on & 1u << command)
                expect_attack(&attacks[i], (enum command)command, kernel);
}

enum {
    ON_LIST = 1 << LIST,
    ON_VERIFY = 1 << VERIFY,
    ON_BENCH = 1 << BENCH,
    ON_RUN = 1 << RUN,
    ON_TUNE = 1 << TUNE,
    ON_MATRIX = 1 << MATRIX,
    ON_ALL = ON_LIST | ON_VERIFY | ON_BENCH | ON_RUN | ON_TUNE | ON_MATRIX
};

#define ALL(attacks, kernel) expect_all(attacks, sizeof(attacks) / sizeof *(attacks), kernel)
#define FILE_NAME "hostile.so: "
#define BAD "hostile_bad_naive: "

Test(hostile, does_none_where_it_is_not_asked) {
    for (int command = 0; command < COMMANDS; command++) {
        char said[16384], words[1024];
        snprintf(words, sizeof words, "%s%s", commands[command].words,
                 command == RUN ? " --kernel hostile_bad_naive" : "");
        cr_expect_eq(attack("none@never", words, said, sizeof said), 0, "%s: %s", words, said);
        cr_expect(strstr(said, commands[command].rest), "%s: %s", words, said);
        bool names = command == RUN || command == LIST || command == BENCH;
        cr_expect(!names || strstr(said, "hostile_bad_naive"), "%s: %s", words, said);
    }
}

Test(hostile, while_it_is_loaded) {
    static const struct attack attacks[] = {
            {"exit@load", FILE_NAME "ended the process while it is loaded, with exit status 0",
             ON_ALL},
            {"_exit@load", FILE_NAME "ended the process while it is loaded", ON_LIST},
            {"trap@load", FILE_NAME "crashed while it is loaded: Segmentation fault", ON_VERIFY},
            {"throw@load", FILE_NAME "crashed while it is loaded: Aborted: terminate called",
             ON_ALL},
            {"loop@load", FILE_NAME "hung while it is loaded: not done after 5 s", ON_LIST},
            {"killgroup@load", FILE_NAME "crashed while it is loaded: Killed", ON_BENCH},
    };
    ALL(attacks, "maxpool_f32_naive");
}

Test(hostile, while_it_is_started) {
    static const struct attack attacks[] = {
            {"exit@start", FILE_NAME "ended the process in start, with exit status 0", ON_ALL},
            {"trap@start", FILE_NAME "crashed in start: Segmentation fault", ON_ALL},
            {"throw@start", FILE_NAME "crashed in start: Aborted: terminate called", ON_BENCH},
            {"loop@start", FILE_NAME "hung in start: not done after 5 s", ON_BENCH},
            {"forkaway@start", FILE_NAME "left processes behind", ON_LIST | ON_BENCH},
            {"thread@start", FILE_NAME "left threads behind that go on computing", ON_LIST},
            {"_exit@version", FILE_NAME "ended the process in version", ON_LIST | ON_MATRIX},
            {"abort@version", FILE_NAME "crashed in version: Aborted", ON_TUNE},
    };
    ALL(attacks, "maxpool_f32_naive");
}

Test(hostile, in_can_do_and_setup) {
    static const struct attack attacks[] = {
            {"abort@can_do", BAD "crashed in can_do: Aborted",
             ON_LIST | ON_VERIFY | ON_BENCH | ON_RUN},
            {"exit@can_do", BAD "ended the process in can_do, with exit status 0",
             ON_LIST | ON_VERIFY | ON_BENCH | ON_RUN},
            {"throw@can_do", BAD "crashed", ON_LIST | ON_MATRIX},
            {"loop@can_do", BAD "hung in can_do", ON_LIST},
            {"fork@can_do", BAD "left processes behind", ON_LIST | ON_RUN},
            {"throw@setup", BAD "crashed in setup: Aborted", ON_VERIFY | ON_BENCH | ON_RUN},
            {"exit@setup", BAD "ended the process in setup, with exit status 0",
             ON_VERIFY | ON_BENCH | ON_RUN},
            {"_exit@setup", BAD "ended the process", ON_MATRIX},
    };
    ALL(attacks, "hostile_bad_naive");
}

Test(hostile, in_run_and_done) {
    static const struct attack attacks[] = {
            {"trap@run", BAD "crashed in run: Segmentation fault", ON_VERIFY | ON_BENCH | ON_RUN},
            {"exit@run", BAD "ended the process in run, with exit status 0",
             ON_VERIFY | ON_BENCH | ON_RUN},
            {"throw@run", BAD "crashed", ON_VERIFY | ON_MATRIX},
            {"loop@run", BAD "hung in run: not done after 1 s", ON_VERIFY},
            {"kill@run", BAD "crashed in run: Killed", ON_VERIFY | ON_RUN},
            {"killgroup@run", BAD "crashed in run: Killed", ON_VERIFY | ON_BENCH},
            {"close@run", BAD "closed descriptors that are not its own",
             ON_VERIFY | ON_BENCH | ON_RUN | ON_MATRIX},
            {"closeloop@run", BAD "hung in run: not done after 1 s", ON_VERIFY},
            {"exit@done", BAD "ended the process in done, with exit status 0",
             ON_VERIFY | ON_BENCH | ON_RUN},
            {"abort@done", BAD "crashed", ON_VERIFY | ON_MATRIX},
    };
    ALL(attacks, "hostile_bad_naive");
}

/* Where it is stopped, no processor time tells. */
Test(hostile, stopped) {
    static const struct attack attacks[] = {
            {"stop@run", BAD "hung in run: not done after 20 s", ON_VERIFY}};
    ALL(attacks, "hostile_bad_naive");
}

/* It passed, and goes wrong when it is timed. */
Test(hostile, only_while_it_is_timed) {
    static const struct attack attacks[] = {
            {"exit@timed",
             BAD "ended the process in run, with exit status 0, while it was timed on", ON_BENCH},
            {"_exit@timed", BAD "ended the process in run", ON_BENCH},
            {"trap@timed", BAD "crashed in run: Segmentation fault", ON_BENCH},
            {"throw@timed", BAD "crashed in run: Aborted, while it was timed on", ON_BENCH},
            {"loop@timed", BAD "hung in run: not done after 5 s", ON_BENCH},
            {"closeloop@timed", BAD "hung in run: not done after 5 s", ON_BENCH},
            {"killgroup@timed", BAD "crashed in run: Killed", ON_BENCH},
            {"fork@timed", BAD "left processes behind, while it was timed on", ON_BENCH},
            {"forkback@timed", BAD "left processes behind", ON_BENCH},
            {"thread@timed", BAD "left threads behind that go on computing", ON_BENCH},
            {"alarm@timed", BAD "left an alarm set", ON_BENCH},
    };
    ALL(attacks, "");
    char said[16384];
    attack("trap@timed", commands[BENCH].words, said, sizeof said);
    cr_expect(strstr(said, " WRONG: " BAD), "%s", said);
    cr_expect(strstr(said, "\n  hostile_good_naive"), "%s", said);
}

/* A plug-in that hides what it did wrong by its exit status. */
Test(hostile, the_exit_status_is_the_programs_own) {
    static const struct attack attacks[] = {
            {"_exit@exit", "hostile_bad_naive: ", ON_VERIFY},
            {"_exit@exit", "fail       hostile, max nchw", ON_MATRIX},
    };
    ALL(attacks, "");
}

/* ---- What it leaves -------------------------------------------------------------------------- */

/* Whether a process that it left is still there; then the test ends it. */
static bool some_are_left(void) {
    FILE *file = fopen("pids.txt", "r");
    bool left = false;
    int process;
    while (file && fscanf(file, "%d", &process) == 1)
        left |= kill(process, SIGKILL) == 0 || errno != ESRCH;
    if (file) fclose(file);
    return left;
}

Test(hostile, what_it_leaves_ends_and_counts_once) {
    static const struct attack attacks[] = {
            {"fork@run", BAD "left processes behind", ON_VERIFY},
            {"forkback@run", BAD "left processes behind", ON_VERIFY},
            {"forkaway@run", BAD "left processes behind", ON_VERIFY | ON_RUN | ON_BENCH},
            {"forkmany@run", BAD "left processes behind", ON_VERIFY},
            {"forkloop@done", BAD "left processes behind", ON_VERIFY},
            {"thread@run", BAD "left threads behind that go on computing", ON_VERIFY | ON_RUN},
            {"limit@run", BAD "changed a limit of the process", ON_VERIFY},
            {"alarm@run", BAD "left an alarm set", ON_VERIFY},
            {"fork@run", "left processes behind", ON_MATRIX},
    };
    ALL(attacks, "hostile_bad_naive");
    cr_expect_not(some_are_left());
    for (size_t i = 0; i < 8; i++) {
        char said[16384];
        attack(attacks[i].how, commands[VERIFY].words, said, sizeof said);
        cr_expect(strstr(said, "1 problems, 3 checks, 2 passed, 1 failed"), "%s: %s",
                  attacks[i].how, said);
    }
    cr_expect_not(some_are_left());
}

Test(hostile, output_without_end_harms_nobody) {
    char said[16384];
    cr_expect_eq(attack("flood@run", commands[VERIFY].words, said, sizeof said), 0, "%s", said);
    cr_expect_eq(attack("flood@run", commands[BENCH].words, said, sizeof said), 0, "%s", said);
}

/* ---- What the system does -------------------------------------------------------------------- */

/* As cron and many launchers start it. */
Test(hostile, a_parent_that_ignores_the_end_of_children) {
    static const int some[] = {VERIFY, BENCH, TUNE, MATRIX};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        char line[2048], said[16384];
        snprintf(line, sizeof line, "trap '' CHLD; exec timeout -k 5 60 '%s' %s 2>&1",
                 POOLBENCH_PROGRAM, commands[some[i]].words);
        int status = shell(line, said, sizeof said);
        cr_expect_eq(status, 0, "%s: %d: %s", commands[some[i]].words, status, said);
    }
}

/* No thread can be had, as under a process limit: nobody's kernel is to blame. */
Test(hostile, a_system_without_threads_is_no_kernels_failure) {
    static const char *const words[] = {
            "verify max:mb1ic1ih4kh1 --kernel '*_naive' --threads 2",
            "verify --rule max_tie --kernel maxpool_f32_naive --threads 2",
            "bench max:mb1ic1ih4kh1 --kernel '*_naive' --threads 2",
            "tune max:mb1ic1ih4kh1 --threads 2",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char line[2048], said[16384];
        snprintf(line, sizeof line, "OMP_STACKSIZE=200000G timeout -k 5 60 '%s' %s 2>&1",
                 POOLBENCH_PROGRAM, words[i]);
        int status = shell(line, said, sizeof said);
        cr_expect_eq(status, 2, "%s: %d: %s", words[i], status, said);
        cr_expect(strstr(said, "as its threads are started"), "%s: %s", words[i], said);
        cr_expect_null(strstr(said, "FAILED"), "%s: %s", words[i], said);
        cr_expect_null(strstr(said, "maxpool"), "%s: %s", words[i], said);
    }
}
