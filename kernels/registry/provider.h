/* provider.h: what the plug-ins that are loaded declare, and what the table takes from them. */
#ifndef PB_PROVIDER_H
#define PB_PROVIDER_H

#include "provider_abi.h"

/* The declared difference that covers what was seen of the kernel on this problem: one that shows
 * always, or just then. NULL where there is none. */
const struct pb_difference *pb_kernel_difference(const struct pb_kernel *kernel,
                                                 const struct pb_problem *problem,
                                                 enum pb_when seen);

size_t provider_kernel_count(void);
/* Of all plug-ins in the order of loading. */
const struct pb_kernel *provider_kernel_at(size_t position);

/* ---- Loading, step by step ------------------------------------------------------------------- */

/* Opens the file, as pb_provider_load does, and finds what it exports, which nobody checked. */
enum pb_status provider_open(const char *path, const struct pb_provider **provider);
bool provider_is_loaded(const struct pb_provider *provider);
/* What a plug-in says of itself, as far as it can be seen without calling it; PROVIDER with a
 * sentence that names the file and what is wrong. */
enum pb_status provider_check(const char *path, const struct pb_provider *provider);
/* Starts what was checked. */
enum pb_status provider_start(const char *path, const struct pb_provider *provider);
/* What version() gives once it is started; PROVIDER. */
enum pb_status provider_check_version(const char *path, const struct pb_provider *provider);
/* Puts it there; its owner is the caller. NOMEM. */
enum pb_status provider_add(const struct pb_provider *provider);

/* ---- Plug-ins whose code is elsewhere -------------------------------------------------------- */

/* A plug-in as another process, which loaded it, described it. Its kernels stand in the table, and
 * accept nothing until this process has their code: one that nobody trusts is loaded only where it
 * can do no harm. */
struct provider_declared {
    struct pb_provider provider; /* but for the calls, which are declared here */
    struct pb_kernel *kernel;    /* provider.kernels, to be changed */
    struct pb_difference *difference;
    const char *path, *version;
    const struct pb_provider *code; /* in this process; NULL: not yet */
    struct provider_declared *next;
};

/* Puts it into the table; it stays there, as the caller's, until the program ends. */
enum pb_status provider_declare(struct provider_declared *declared);
/* Stands for calls that only the code can answer: can_do, and a difference's condition. */
bool provider_accepts_nothing(const struct pb_problem *problem);
/* NULL: it is not one of these, or none of a plug-in. */
const struct provider_declared *provider_declared_of(const struct pb_provider *provider);
/* Loads and starts the plug-in of a declared kernel in this process, once: then the kernel's calls
 * are its own. Of others nothing. PROVIDER where the plug-in is not what was described. */
enum pb_status provider_load_code(const struct pb_kernel *kernel);
/* What pb_provider's implementation() is given: the kernel as the plug-in knows it. */
const struct pb_kernel *provider_code_of(const struct pb_kernel *kernel);

/* The version that its library told when it was loaded, whether or not its code is here. */
const char *provider_version(const struct pb_provider *provider);

#endif
