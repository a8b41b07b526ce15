/* provider.h: what the plug-ins that are loaded declare, and what the table takes from them. */
#ifndef PB_PROVIDER_H
#define PB_PROVIDER_H

#include "provider_abi.h"

/* The declared difference that covers what was seen of the kernel on this problem: one that shows
 * always, or just then. NULL where there is none. */
const struct pb_difference *pb_kernel_difference(const struct pb_kernel *kernel,
                                                 const struct pb_problem *problem,
                                                 enum pb_when seen);

/* What a plug-in says of itself, as far as it can be seen without calling it, and what its version()
 * gives once it is started; PROVIDER with a sentence that names the file and what is wrong. */
enum pb_status provider_check(const char *path, const struct pb_provider *provider);
enum pb_status provider_check_version(const char *path, const struct pb_provider *provider);

size_t provider_kernel_count(void);
/* Of all plug-ins in the order of loading. */
const struct pb_kernel *provider_kernel_at(size_t position);

#endif
