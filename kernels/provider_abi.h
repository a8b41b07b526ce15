/* provider_abi.h: what a plug-in sees and exports. */
#ifndef PB_PROVIDER_ABI_H
#define PB_PROVIDER_ABI_H

#include "poolbench.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A plug-in is a shared object whose sole export is `const struct pb_provider pb_provider`; it
 * includes this header and links nothing of this program (kernels/providers/example.c): of
 * poolbench.h it has the types and the inline functions.
 *
 * Owner: everything that a plug-in points to is its own and lives until the program ends, which
 * never unloads it; a plan lives from setup() to done(), and so does what implementation() returns.
 * Threads: one calls at a time. Loading, start(), version() and can_do() start none, because the
 * program may fork afterwards: make pools in setup(). host->threads() stays the same in a plan's
 * life.
 * Calls: start() first and once; can_do() at any time; setup() only with a problem that can_do()
 * accepts; run() any number of times; done() once. args are dense, as pb_tensor_of makes them.
 * Errors: return host->fail(status, "sentence", ...); nothing may be thrown across a call.
 * What it says of itself is checked when it is loaded (kernels/registry/provider_check.c): names are
 * letters, digits, '_', '.', '+' and '-', other text is one line of UTF-8, numbers are in range. */

/* Changes with every change of a type below or of struct pb_problem, pb_args or pb_kernel. */
enum { PB_PROVIDER_ABI = 3 };

/* What the plug-in was built with; the program refuses any that is not its own. */
struct pb_abi {
    uint32_t number, provider, kernel, problem, args; /* PB_PROVIDER_ABI, and sizes of the types */
};
#define PB_ABI                                                                                     \
    {                                                                                              \
        PB_PROVIDER_ABI, sizeof(struct pb_provider), sizeof(struct pb_kernel),                     \
                sizeof(struct pb_problem), sizeof(struct pb_args)                                  \
    }

/* What the program lends a plug-in, for as long as it runs. */
struct pb_host {
    enum pb_status (*fail)(enum pb_status status, const char *format, ...)
            __attribute__((format(printf, 2, 3)));
    int (*threads)(void);  /* pb_threads: use as many */
    unsigned (*isa)(void); /* pb_isa: use no more, where the library can be told */
};

/* When a difference shows, and what was seen of one. */
enum pb_when {
    PB_ALWAYS,
    PB_WITH_SPECIAL, /* with Inf, NaN or a subnormal number in an input */
    PB_WITH_THREADS, /* as other bits at another number of threads */
};

/* Where the library differs from the contract on purpose. verify still counts it as a failure, and
 * says that it was declared. */
struct pb_difference {
    const char *kernels;      /* a glob of the names of those that differ */
    const char *rule;         /* the id of the contract's rule: "max_nan" */
    const char *known_defect; /* the known defect that it is, by name in
                            reference/conformance/known_defects.c; or NULL */
    enum pb_when when;
    bool (*where)(const struct pb_problem *problem); /* NULL: any problem */
    const char *sentence;
};

struct pb_provider {
    struct pb_abi abi; /* = PB_ABI */
    const char *name;  /* "onednn"; each of its kernels is called NAME_… */
    enum pb_status (*start)(const struct pb_host *host);
    const char *(*version)(void); /* of the library that is loaded: "2.6.3" */
    /* The library's own name of what a plan runs, such as "jit:avx512_core", and whether that is a
     * reference implementation, which nobody should be compared with. NULL where it has none. */
    const char *(*implementation)(const struct pb_kernel *kernel, const void *plan,
                                  bool *reference);
    const struct pb_kernel *kernels;
    size_t kernel_count;
    const struct pb_difference *differences;
    size_t difference_count;
    /* Bytes behind a tensor that the library documents it may read. Buffers made after it is loaded
     * keep that many from trapping whoever reads them. At most 4096. */
    size_t reads_past;
};

/* Defined by a plug-in only. */
extern const struct pb_provider pb_provider __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif
#endif
