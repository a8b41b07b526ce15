/* plugins.h: plug-ins, whose code never runs in the process that reports: it is loaded only in
 * sandboxes, and what it says of itself is all that this process has of it. */
#ifndef PLUGINS_H
#define PLUGINS_H

#include "registry/provider.h"

/* Loads and starts the plug-in in a sandbox, checks what it says of itself, and declares its
 * kernels in this process; one that is declared already is left alone. As pb_provider_load, and
 * PROVIDER where it crashes, hangs or ends its process. */
enum pb_status plugin_declare(const char *path);

/* The work's side of a sandbox: has the kernel's plug-in loaded, as a step of its own, before the
 * kernel is called. Of our own nothing is to do. */
enum pb_status plugin_load(const struct pb_kernel *kernel);

/* The parent's side of pb_kernel_difference: asks in a sandbox where only the code knows. */
const struct pb_difference *plugin_difference(const struct pb_kernel *kernel,
                                              const struct pb_problem *problem, enum pb_when seen);

/* The file that a kernel's plug-in was declared from; NULL of our own. */
const char *plugin_path(const struct pb_kernel *kernel);

#endif
