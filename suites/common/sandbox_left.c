/* What foreign code leaves behind when its call is over: processes, threads that go on computing,
 * limits and alarms that would end this process in the hands of another, descriptors that are gone. */
#include "common/clock.h"
#include "common/sandbox_shared.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char state_of(pid_t process, const char *thread) {
    char path[64], state = 'R';
    snprintf(path, sizeof path, "/proc/%d/task/%.16s/stat", (int)process, thread);
    FILE *file = fopen(path, "re");
    if (!file) return 'X'; /* it has ended */
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 'R';
    fclose(file);
    return state;
}

bool sandbox_wants_to_run(pid_t process, pid_t except) {
    char path[64];
    bool wants = false;
    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *tasks = opendir(path);
    if (!tasks) return false; /* what cannot be seen counts as asleep */
    for (const struct dirent *task; !wants && (task = readdir(tasks));) {
        if (*task->d_name == '.' || atoi(task->d_name) == except) continue;
        char state = state_of(process, task->d_name);
        wants = state == 'R' || state == 'D';
    }
    closedir(tasks);
    return wants;
}

/* ---- In the process that works --------------------------------------------------------------- */

static struct rlimit limits[RLIM_NLIMITS];
static int most_threads;
static unsigned descriptors;

/* Threads of this process; 0 where that is not known. */
static int count_threads(void) {
    struct stat tasks;
    return stat("/proc/self/task", &tasks) ? 0 : (int)tasks.st_nlink - 2;
}

static double clock_of(clockid_t id) {
    struct timespec t;
    return clock_gettime(id, &t) ? 0 : (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double time_of_others(void) {
    return clock_of(CLOCK_PROCESS_CPUTIME_ID) - clock_of(CLOCK_THREAD_CPUTIME_ID);
}

/* Whether threads that are new go on computing, each for more than a second of processor time.
 * Those of a pool come to rest within milliseconds, and are known from then on. */
static bool threads_compute(void) {
    const double by_the_clock = 20;
    int now = count_threads(), fresh = now - most_threads;
    if (fresh <= 0) return false;
    most_threads = now;
    double begun = time_of_others(), spent = begun, until = clock_seconds() + by_the_clock;
    for (int quiet = 0; quiet < 3 && clock_seconds() < until;) {
        usleep(1000);
        double later = time_of_others();
        bool busy = later - spent > 1e-4 || sandbox_wants_to_run(getpid(), gettid());
        quiet = busy ? 0 : quiet + 1;
        spent = later;
        if (spent - begun > fresh) return true;
    }
    return false;
}

static bool limits_changed(void) {
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        struct rlimit now;
        if (getrlimit((unsigned)i, &now) == 0 && memcmp(&now, &limits[i], sizeof now)) return true;
    }
    return false;
}

static bool alarm_is_set(void) {
    static const int timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
    for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
        struct itimerval now;
        if (getitimer(timers[i], &now) == 0 && (now.it_value.tv_sec || now.it_value.tv_usec))
            return true;
    }
    return false;
}

/* Which of the standard descriptors are open, as bits. */
static unsigned find_descriptors(void) {
    unsigned open = 0;
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
        open |= (fcntl(file, F_GETFD) >= 0) << file;
    return open;
}

void sandbox_left_begin(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans stay below this process */
    for (int i = 0; i < RLIM_NLIMITS; i++) getrlimit((unsigned)i, &limits[i]);
    most_threads = count_threads();
    descriptors = find_descriptors();
}

const char *sandbox_left_find(void) {
    if (waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD) return "left processes behind";
    if (threads_compute()) return "left threads behind that go on computing";
    if (limits_changed()) return "changed a limit of the process";
    if (alarm_is_set()) return "left an alarm set";
    if (find_descriptors() != descriptors) return "closed descriptors that are not its own";
    return NULL;
}

/* ---- In its parent --------------------------------------------------------------------------- */

void sandbox_left_adopt(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static bool is_one_of(pid_t process, const pid_t *boxes, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (boxes[i] == process) return true;
    return false;
}

/* Kills every child but those; returns how many there were. */
static int kill_children(const pid_t *boxes, size_t count) {
    char path[64];
    int found = 0, process;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%d", &process) == 1) {
        if (is_one_of(process, boxes, count)) continue;
        found++;
        kill(process, SIGKILL);
        waitpid(process, NULL, WNOHANG | __WALL);
    }
    if (file) fclose(file);
    return found;
}

/* Their own children become this process's when they end. */
void sandbox_left_end(const pid_t *boxes, size_t count) {
    for (int tries = 0; tries < 1000 && kill_children(boxes, count); tries++) usleep(1000);
}
