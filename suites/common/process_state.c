/* What foreign code may leave changed in a process. */
#include "common/process_state.h"
#include "poolbench.h"
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIGNALS = 65, FILES = 64 };

/* The C library's own flag, which it shows of actions that it has set. */
enum { RESTORER = 0x04000000 };

struct file {
    bool open;
    dev_t device;
    ino_t number;
};

static struct {
    sigset_t mask;
    struct sigaction action[SIGNALS];
    char locale[512], folder[PATH_MAX];
    char **variable; /* ends with NULL */
    struct file file[FILES];
} noted;

/* ---- What is found --------------------------------------------------------------------------- */

struct finding {
    char *text;
    size_t size;
    bool any; /* the first is told */
};

static void find(struct finding *found, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void find(struct finding *found, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (!found->any) vsnprintf(found->text, found->size, format, arguments);
    va_end(arguments);
    found->any = true;
}

/* ---- Signals --------------------------------------------------------------------------------- */

static void note_signals(void) {
    sigprocmask(SIG_SETMASK, NULL, &noted.mask);
    for (int i = 1; i < SIGNALS; i++) sigaction(i, NULL, &noted.action[i]);
}

/* Flags of an action without a function say nothing. */
static bool same_action(const struct sigaction *a, const struct sigaction *b) {
    const bool none = a->sa_handler == SIG_DFL || a->sa_handler == SIG_IGN;
    if (a->sa_handler != b->sa_handler) return false;
    return none || !((a->sa_flags ^ b->sa_flags) & ~RESTORER);
}

static void check_signals(struct finding *found) {
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int i = 1; i < SIGNALS; i++) {
        struct sigaction now, *was = &noted.action[i];
        if (sigismember(&mask, i) != sigismember(&noted.mask, i)) {
            find(found, "left signal %d %s", i,
                 sigismember(&mask, i) == 1 ? "blocked" : "unblocked");
            sigprocmask(SIG_SETMASK, &noted.mask, NULL);
        }
        if (sigaction(i, NULL, &now)) continue; /* one that the C library keeps for itself */
        if (same_action(&now, was)) continue;
        find(found, "left another handler of signal %d", i);
        sigaction(i, was, NULL);
    }
}

/* ---- Locale and working directory ------------------------------------------------------------ */

static void read_folder(char folder[PATH_MAX]) {
    if (!getcwd(folder, PATH_MAX)) snprintf(folder, PATH_MAX, "nowhere");
}

static void note_place(void) {
    snprintf(noted.locale, sizeof noted.locale, "%s", setlocale(LC_ALL, NULL));
    read_folder(noted.folder);
}

static void check_place(struct finding *found) {
    char folder[PATH_MAX];
    const char *locale = setlocale(LC_ALL, NULL);
    read_folder(folder);
    if (strncmp(locale, noted.locale, sizeof noted.locale - 1)) {
        find(found, "left the locale at %s, not %s", locale, noted.locale);
        setlocale(LC_ALL, noted.locale);
    }
    if (strcmp(folder, noted.folder)) {
        find(found, "left the working directory at %s, not %s", folder, noted.folder);
        if (chdir(noted.folder)) read_folder(noted.folder); /* it is gone */
    }
}

/* ---- Environment ----------------------------------------------------------------------------- */

static void note_environment(void) {
    size_t count = 0;
    for (size_t i = 0; noted.variable && noted.variable[i]; i++) free(noted.variable[i]);
    free(noted.variable);
    while (environ && environ[count]) count++;
    noted.variable = calloc(count + 1, sizeof *noted.variable);
    for (size_t i = 0; noted.variable && i < count; i++) noted.variable[i] = strdup(environ[i]);
}

/* The first that is not as it was, new or gone; NULL: none. */
static const char *changed_variable(void) {
    size_t i = 0;
    char **now = environ ? environ : (char *[]){NULL};
    while (now[i] && noted.variable[i] && !strcmp(now[i], noted.variable[i])) i++;
    return now[i] ? now[i] : noted.variable[i];
}

static void set_variable(char *variable) {
    char *equals = strchr(variable, '=');
    if (!equals) return;
    *equals = 0;
    setenv(variable, equals + 1, 1);
    *equals = '=';
}

static void check_environment(struct finding *found) {
    const char *changed = noted.variable ? changed_variable() : NULL;
    if (!changed) return;
    find(found, "left the environment changed, at %.*s", (int)strcspn(changed, "="), changed);
    clearenv();
    for (size_t i = 0; noted.variable[i]; i++) set_variable(noted.variable[i]);
}

/* ---- Descriptors ----------------------------------------------------------------------------- */

static struct file file_of(int descriptor) {
    struct stat status;
    if (fstat(descriptor, &status)) return (struct file){0};
    return (struct file){true, status.st_dev, status.st_ino};
}

static void note_files(void) {
    for (int i = 0; i < FILES; i++) noted.file[i] = file_of(i);
}

static void check_files(struct finding *found) {
    for (int i = 0; i < FILES; i++) {
        const struct file now = file_of(i), was = noted.file[i];
        if (now.open != was.open)
            find(found, "left descriptor %d %s", i, now.open ? "open" : "closed");
        else if (now.open && (now.device != was.device || now.number != was.number))
            find(found, "left another file at descriptor %d", i);
        noted.file[i] = now;
    }
}

void process_state_accept_opened(void) {
    for (int i = 0; i < FILES; i++)
        if (!noted.file[i].open) noted.file[i] = file_of(i);
}

/* ---- All of it ------------------------------------------------------------------------------- */

void process_state_note(void) {
    note_signals();
    note_place();
    note_environment();
    note_files();
}

const char *process_state_check(char *text, size_t size) {
    struct finding found = {text, size, false};
    check_signals(&found);
    check_place(&found);
    check_environment(&found);
    check_files(&found);
    return found.any ? text : NULL;
}
