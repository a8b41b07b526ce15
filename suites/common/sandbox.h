/* sandbox.h: runs code that may do anything in a process of its own, and says what became of it.
 *
 * The process, a copy of this one, is the leader of a group that ends with it, dies with its
 * parent, reads nothing, and what it prints is kept from this one's output. It may crash, end
 * itself, hang, flood its output or close every descriptor: whoever waits for it goes on. What it
 * found it leaves in memory that both see. What it leaves of processes ends with it, wherever they
 * went; a copy of it, that its work made, ends where it comes back here.
 *
 * A process with OpenMP's threads cannot be copied: start a sandbox before this process has run a
 * kernel or the oracle. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "reference.h"
#include <sys/types.h>

/* A kernel that brought down so many processes is not run any more, whoever runs it. */
enum { SANDBOX_CRASHES = 3 };

enum sandbox_end {
    SANDBOX_FINISHED, /* its work was done */
    SANDBOX_CRASHED,  /* a signal ended it */
    SANDBOX_HUNG,     /* a step took longer than it may, and the process was killed */
    SANDBOX_EXITED,   /* it ended itself before its work was done, or not with status 0 after it */
    SANDBOX_LEFT,     /* it was ended for what it left behind, see sandbox_settle() */
    SANDBOX_LOST,     /* the system does not say what became of it */
};

/* Where an access trapped. */
struct sandbox_fault {
    bool trapped;
    const void *address;
    bool write, read; /* neither: this processor does not say */
    bool near;        /* a tensor of the trial, on the side and so far from its end as follows */
    bool before;      /* it, else behind it */
    enum pb_role role;
    int64_t bytes;
};

struct sandbox_outcome {
    enum sandbox_end end;
    const char *where;  /* the step that it was in, such as "in setup"; NULL: between steps */
    const char *left;   /* what it left behind; NULL */
    bool ours;          /* that step was sandbox_step_of_ours() */
    int number;         /* of the signal, the exit status or errno */
    bool waited;        /* hung without taking the processor */
    double limit;       /* seconds of it, or by the clock, after which it was killed */
    bool returned;      /* its work was done: what followed was none of it */
    char printed[2048]; /* the start of what it printed; what is not ASCII is replaced */
    struct sandbox_fault fault;
};

struct sandbox_shared;

/* One process, as its parent holds it; a zeroed one is none. `process` and `ended` may be read. */
struct sandbox {
    pid_t process; /* 0: none */
    int ended;     /* a descriptor that poll() finds readable when it has; -1 where there is none */
    int output;
    bool killed, waited;
    struct sandbox_shared *shared;
    int64_t step, calls; /* how far it was when it was last seen to get on */
    double since, used;  /* when that was, and what processor time it had taken by then */
    double seen, spent;  /* when it was last looked at, and its processor time then */
    double idle;         /* seconds since `since` that it slept */
};

/* ---- The parent's side ----------------------------------------------------------------------- */

/* Memory that this process shares with those that it starts, all 0; NULL, with a sentence, where
 * there is none. */
void *sandbox_memory(size_t bytes);
void sandbox_memory_free(void *memory, size_t bytes); /* accepts NULL */

/* Starts work(arg) in a process of its own, which ends when that returns. NOMEM or IO where none
 * can be had. A SIGCHLD that this process ignores, as whoever started it may have left it, is set
 * to its default: else nobody could tell how a child ended. */
enum pb_status sandbox_start(struct sandbox *box, void (*work)(void *arg), void *arg);

/* Whether it has ended, and how; then the box is empty. Does not wait. One that hangs is killed
 * here, so call it at least a few times a second. */
bool sandbox_has_ended(struct sandbox *box, struct sandbox_outcome *outcome);
/* Waits for that. */
void sandbox_wait(struct sandbox *box, struct sandbox_outcome *outcome);
/* Starts and waits. */
enum pb_status sandbox_run(void (*work)(void *arg), void *arg, struct sandbox_outcome *outcome);
/* Ends it, whatever it does; accepts an empty one. */
void sandbox_stop(struct sandbox *box);

/* What became of it, as words that follow a name and a colon:
 *   crashed in run: Segmentation fault, reading 4 bytes behind the end of src
 *   hung in can_do: not done after 2 s of processor time
 *   ended the process in setup, with exit status 3
 *   left processes behind */
const char *sandbox_say(const struct sandbox_outcome *outcome, char *text, size_t size);

/* ---- The work's side ------------------------------------------------------------------------- */

/* A step begins: until the next or sandbox_rest(), `seconds` of processor time on each of `threads`
 * are the limit, which other processes take nothing away of; and it may sleep 20 times as long, for
 * half a minute at most. Outside of steps there is none. `where`, which stays the caller's, says
 * what it is, or is NULL. */
void sandbox_step(const char *where, double seconds, int threads);
void sandbox_rest(void);
/* A step without a limit in which no foreign code is called: where it fails, the system is at fault
 * (no thread, no memory), or what ran in this process before. */
void sandbox_step_of_ours(const char *where);
/* Starts so many of OpenMP's threads, as such a step: a system that has none to give ends the
 * process here, in no kernel's name. */
void sandbox_start_threads(int threads);
/* The step goes on well: its limit begins anew. Costs next to nothing, so that it may be timed. */
void sandbox_alive(void);

/* What ran is over, and the step with it: ends this process where it left processes, threads that
 * go on computing, other limits of the process, an alarm, or no standard descriptors. */
void sandbox_settle(void);

/* The trial whose tensors an access that traps is told beside; NULL: none. */
void sandbox_trial(const struct pb_trial *trial);

/* Forgets what was printed so far: it was by something else. */
void sandbox_forget_output(void);

#endif
