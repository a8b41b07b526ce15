/* mailbox.h: memory through which the process that checks has another run kernels.
 *
 * What is right lies in the process that checks; no kernel runs there. What kernels run in, they may
 * read and write as they like: it holds their inputs and what they made of them. So whoever checks
 * keeps what it asked for to itself, and takes from here only what may be anything. */
#ifndef PB_VERIFY_MAILBOX_H
#define PB_VERIFY_MAILBOX_H

#include "verify/verification.h"
#include <stdatomic.h>
#include <sys/types.h>

#define MAIL_NOBODY SIZE_MAX
enum { MAIL_PLANS = 2 };

struct mailbox {
    /* Numbers of requests: the last that was made, begun, and answered or lost with the process. */
    _Atomic uint32_t asked, begun, answered, lost;
    size_t died; /* the kernel that the lost one died of */

    /* A request: what plans of a kernel leave, as many as `plans`, each by so many threads. */
    bool next; /* of the first kernel from there on that accepts the problem */
    size_t kernel;
    int plans, threads[MAIL_PLANS];
    struct pb_plan_task task[MAIL_PLANS];
    bool last; /* of this kernel and case: whether the process is as it was is looked at */
    struct pb_problem problem;
    enum pb_placement placement[2]; /* of a trial and the other */
    int64_t trial;                  /* another number where the data is other data */
    double allowed;                 /* seconds that each thread may take for one call */
    bool with_other;
    size_t place[2][PB_ROLES]; /* of inputs in `data`, or of what the runs leave; 0: no tensor */

    /* Its answer. */
    size_t found;          /* the kernel that these are of; beyond all: none accepts the problem */
    _Atomic size_t called; /* the kernel that was called last by this process, or MAIL_NOBODY, */
    _Atomic int by;        /* and by how many threads */
    bool accepts, no_memory; /* it takes the problem; there is none for the trial */
    enum pb_status status; /* not OK: it cannot be called, or did not leave the process as it was */
    char sentence[1024];
    int done; /* plans, the last of which may have failed */
    struct pb_plan_left left[MAIL_PLANS];

    size_t room; /* bytes of `data` */
    unsigned char *data;
    _Atomic unsigned char skip[]; /* kernels that are not called any more */
};

/* Memory of the system's that is taken when it is written to; NULL with a sentence. */
struct mailbox *mailbox_new(size_t kernels);
void mailbox_free(struct mailbox *mail,
                  size_t kernels); /* accepts NULL; this process's view of it */

/* The process that checks: makes a request, and waits until it is answered; false where it is lost,
 * as the process that had begun it has died. */
bool mailbox_ask(struct mailbox *mail);
/* Gives back the memory behind so many bytes of data. */
void mailbox_forget(struct mailbox *mail, size_t bytes);

/* The process that runs kernels: waits for a request, whose number it returns, and answers it. */
uint32_t mailbox_take(struct mailbox *mail);
void mailbox_answer(struct mailbox *mail, uint32_t number);

/* The process that watches: whether the one that died had begun a request and not answered it. */
bool mailbox_is_begun(const struct mailbox *mail);
/* Tells the one that waits for it, and which kernel's doing it was. */
void mailbox_lose(struct mailbox *mail, size_t kernel);

#endif
