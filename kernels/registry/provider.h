/* provider.h: what the table takes from the plug-ins that are loaded. */
#ifndef PB_PROVIDER_H
#define PB_PROVIDER_H

#include "poolbench.h"

size_t provider_kernel_count(void);
/* Of all plug-ins in the order of loading. */
const struct pb_kernel *provider_kernel_at(size_t position);
/* The most of their reads_past. */
size_t provider_reads_past(void);

#endif
