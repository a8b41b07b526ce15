/* A mailbox: a futex says whose turn it is. */
#include "verify/mailbox.h"
#include "common/sandbox.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* ---- Memory ---------------------------------------------------------------------------------- */

static size_t bytes_of(size_t kernels) {
    return sizeof(struct mailbox) + kernels;
}

struct mailbox *mailbox_new(size_t kernels) {
    struct mailbox *mail = sandbox_memory(bytes_of(kernels));
    if (!mail) return NULL;
    /* A trial fits half of the machine's memory, and most of it is not here. */
    mail->room = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) / 2;
    mail->data = mmap(NULL, mail->room, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mail->data == MAP_FAILED) {
        pb_fail(PB_NOMEM, "no %zu bytes of addresses to share with other processes: %s", mail->room,
                strerror(errno));
        sandbox_memory_free(mail, bytes_of(kernels));
        return NULL;
    }
    mail->called = MAIL_NOBODY;
    return mail;
}

void mailbox_free(struct mailbox *mail, size_t kernels) {
    if (mail) munmap(mail->data, mail->room);
    sandbox_memory_free(mail, bytes_of(kernels));
}

void mailbox_forget(struct mailbox *mail, size_t bytes) {
    madvise(mail->data, bytes, MADV_REMOVE);
}

/* ---- Turns ----------------------------------------------------------------------------------- */

static void wake(_Atomic uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* While it is `value`, or for a while. */
static void sleep_on(_Atomic uint32_t *word, uint32_t value) {
    const struct timespec while_ = {.tv_sec = 1};
    syscall(SYS_futex, word, FUTEX_WAIT, value, &while_, NULL, 0);
}

bool mailbox_ask(struct mailbox *mail) {
    uint32_t number = mail->asked + 1, answered;
    mail->asked = number;
    wake(&mail->asked);
    while ((answered = mail->answered) != number) sleep_on(&mail->answered, answered);
    return mail->lost != number;
}

uint32_t mailbox_take(struct mailbox *mail) {
    uint32_t number;
    while ((number = mail->asked) == mail->answered) sleep_on(&mail->asked, number);
    mail->begun = number;
    return number;
}

void mailbox_answer(struct mailbox *mail, uint32_t number) {
    mail->answered = number;
    wake(&mail->answered);
}

bool mailbox_is_begun(const struct mailbox *mail) {
    return mail->begun == mail->asked && mail->answered != mail->asked;
}

void mailbox_lose(struct mailbox *mail, size_t kernel) {
    mail->died = kernel;
    mail->lost = mail->asked;
    mailbox_answer(mail, mail->asked);
}
