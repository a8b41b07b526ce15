/* kernel_process.h: the process that runs kernels for one that checks them. */
#ifndef PB_VERIFY_KERNEL_PROCESS_H
#define PB_VERIFY_KERNEL_PROCESS_H

#include "verify/mailbox.h"

/* Answers requests until it is ended, in a sandbox; any of them may bring it down. */
void kernel_process_work(const struct pb_verify *verify, struct mailbox *mail);

/* The most threads that a kernel is run with. */
int kernel_process_threads(const struct pb_verify *verify);

#endif
