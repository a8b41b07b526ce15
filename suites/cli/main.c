/* poolbench: one program, one table of subcommands. */
#include "common/suites.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
        {"list", pb_list_main, "kernels that this machine can run"},
        {"verify", pb_verify_main, "check kernels against the contract"},
        {"run", pb_run_main, "one kernel on NumPy files"},
#ifdef POOLBENCH_TOOLS
        {"bench", pb_bench_main, "verify, then time kernels side by side"},
        {"tune", pb_tune_main, "measure and remember the fastest kernels"},
        {"roofline", pb_roofline_main, "measure the machine's limits"},
        {"train", pb_train_main, "train and evaluate a CIFAR-10 network"},
        {"compare", pb_compare_main, "what changed beyond noise between two results"},
        {"report", pb_report_main, "plots and one page from recorded results"},
#endif
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void usage(FILE *to) {
    fprintf(to, "Usage: poolbench COMMAND [ARGUMENT…]\n"
                "How should a network shrink its feature maps, and which code does it best?\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].summary);
    fprintf(to, "\nExample: poolbench verify 'max:f32:nhwc:fwd:mb2ic64ih32kh2sh2'\n"
                "Each command has --help. Exit status: 0 passed, 1 something failed or regressed,\n"
                "2 bad usage or input, 3 nothing matched.\n");
}

/* verify runs teams of several sizes in several processes, more threads than there are cores.
 * Threads that spin while they wait, as OpenMP's do by default, would take the time of those that
 * work, eighty times over. OpenMP reads its environment when it is loaded, hence the new start. */
static void fit(int argc, char **argv) {
    bool wait = argc > 1 && !strcmp(argv[1], "verify") && !getenv("OMP_WAIT_POLICY") &&
                !setenv("OMP_WAIT_POLICY", "passive", 0);
    char program[PATH_MAX];
    pb_blas_fit(argv);
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (!wait || length < 0) return;
    program[length] = 0;
    execv(program, argv); /* on failure, as in an emulator: run on, slower */
}

/* A file that is opened while one of them is closed would get its number, and what is printed. */
static void open_standard_descriptors(void) {
    int file;
    do file = open("/dev/null", O_RDWR);
    while (file >= 0 && file <= STDERR_FILENO);
    if (file >= 0) close(file);
}

int main(int argc, char **argv) {
    open_standard_descriptors();
    fit(argc, argv);
    signal(SIGCHLD, SIG_DFL); /* whoever started it may have left it ignored */
    argp_err_exit_status = EXIT_USAGE;
    setvbuf(stdout, NULL, _IOLBF, 0); /* so that a log shows how far a long run is */
    const char *isa = getenv("POOLBENCH_ISA");
    if (isa && pb_isa_limit(isa)) return pb_complain(PB_INVALID);
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help") || !strcmp(argv[1], "-?")) {
        usage(stdout);
        return EXIT_PASSED;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("poolbench %s\n", pb_build_version);
        return EXIT_PASSED;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name)) continue;
        char name[64];
        snprintf(name, sizeof name, "poolbench %s", commands[i].name);
        argv[1] = name;
        int status = commands[i].run(argc - 1, argv + 1);
        if (status == EXIT_PASSED && pb_providers_refused) status = EXIT_FAILED;
        if (fflush(stdout) == 0 && !ferror(stdout)) return status;
        fprintf(stderr, "poolbench: cannot write to standard output: %s\n", strerror(errno));
        return EXIT_USAGE;
    }
    fprintf(stderr, "poolbench: unknown command '%s'; poolbench --help lists them\n", argv[1]);
    return EXIT_USAGE;
}
