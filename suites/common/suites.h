/* suites.h: what the subcommands share. */
#ifndef PB_SUITES_H
#define PB_SUITES_H

#include "poolbench.h"
#include "reference.h"
#include <argp.h>

/* Exit statuses of the program. */
enum { EXIT_PASSED = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_NOTHING = 3 };

/* What this program was built from and with: "0.1.0 (COMMIT)", the commit ("-dirty" where the tree
 * had changes), compiler, flags, and the source tree, where shape lists and plot scripts are. */
extern const char *const pb_build_version;
extern const char *const pb_build_commit;
extern const char *const pb_build_compiler;
extern const char *const pb_build_flags;
extern const char *const pb_source_dir;

/* One per subcommand; argv[0] is "poolbench SUB". Returns an exit status. */
int pb_list_main(int argc, char **argv);
int pb_verify_main(int argc, char **argv);
int pb_run_main(int argc, char **argv);
int pb_bench_main(int argc, char **argv);
int pb_tune_main(int argc, char **argv);
int pb_roofline_main(int argc, char **argv);
int pb_train_main(int argc, char **argv);
int pb_compare_main(int argc, char **argv);
int pb_report_main(int argc, char **argv);

/* Prints "poolbench: SENTENCE" with pb_error() and returns the exit status that belongs to it. */
int pb_complain(enum pb_status status);

/* Options that every subcommand which runs kernels has: --isa, --threads, --provider, --peers. Give
 * it as a child. */
extern const struct argp pb_machine_argp;
/* Plug-ins that were asked for and not loaded, each shown with a sentence: then nothing holds. */
extern int pb_providers_refused;
/* Lines of batch files that were refused, each shown with a sentence: the rest was run. */
extern int pb_lines_refused;

/* Reads an option's whole number; anything but one from least to most ends the program with a
 * sentence and exit status 2. */
int64_t pb_parse_count(struct argp_state *state, const char *option, const char *text,
                       int64_t least, int64_t most);

/* --op's value: an operation, with the fields that may follow it, as in "max:f32:nhwc". They become
 * part of each problem, or restrict a suite to those that have them. INVALID names what is unknown.
 */
enum pb_status pb_op_check_prefix(const char *prefix);
enum pb_status pb_op_of_prefix(const char *prefix, enum pb_op *op);
bool pb_prefix_matches(const char *prefix, const struct pb_problem *problem);

/* A list of methods, as "im2col,simd": kernels of these; "!naive": all but those; NULL: all. Check it
 * when the plug-ins are loaded, whose names are methods, too; INVALID names the methods there are. */
enum pb_status pb_methods_check(const char *list);
bool pb_method_chosen(const char *list, const struct pb_kernel *kernel);

/* ---- Problem lists --------------------------------------------------------------------------- */

struct pb_problems {
    struct pb_problem *item;
    size_t count;
};

enum pb_status pb_problems_append(struct pb_problems *problems, const struct pb_problem *problem);
/* Appends one problem. `op`, if not NULL, makes `text` a bare descriptor of that operation (or a
 * prefix of fields and a descriptor); mb >= 0 replaces its minibatch. */
enum pb_status pb_problems_add(struct pb_problems *problems, const char *text, const char *op,
                               int64_t mb);
/* Appends every word of a batch file: a problem, or with `op` a bare descriptor; comments (#),
 * blank and continued lines as in benchdnn's files, and lines of oneDNN's log (log_line.h). Options
 * are those of benchdnn's pool and conv drivers (batch_options.h). Those that say what to compute
 * do so in every combination and go before `op`'s fields; --pool, --conv and other drivers say
 * whose descriptors follow, --match picks, --reset forgets, --batch=FILE is followed beside the
 * file. What is not done here (other types, layouts, attributes, drivers) is left out and counted
 * by reason, options that steer benchdnn alone are ignored and counted, and a line that is wrong is
 * refused and shown with file, line and cause (pb_lines_refused); all that on stderr. `mb` >= 0
 * goes before all. IO or NOMEM where the file cannot be read. */
enum pb_status pb_problems_read(struct pb_problems *problems, const char *path, const char *op,
                                int64_t mb);

/* What else to make of each problem; nothing of a kind that is empty. */
enum { PB_VARIANTS_BATCHES = 8 };
struct pb_variants {
    int64_t batch[PB_VARIANTS_BATCHES];
    int batches;
    unsigned layouts, dirs; /* bits 1 << PB_NCHW … */
};
/* Read "1,16", "nchw,nhwc", "fwd,bwd"; INVALID names what is none. */
enum pb_status pb_variants_batches(struct pb_variants *variants, const char *list);
enum pb_status pb_variants_layouts(struct pb_variants *variants, const char *list);
enum pb_status pb_variants_dirs(struct pb_variants *variants, const char *list);
/* Replaces every problem by its variants; one that the operation does not have is left out. */
enum pb_status pb_problems_vary(struct pb_problems *problems, const struct pb_variants *variants);

/* The whole suite: every line of a correctness list in every direction of its operation and in
 * nchw and nhwc. */
enum pb_status pb_problems_suite(struct pb_problems *problems, const char *path);
void pb_problems_free(struct pb_problems *problems);

/* ---- NumPy files (format versions 1.0 and 2.0; C order) -------------------------------------- */

/* Reads `path` into `data`: it must hold exactly the tensor's elements, in the shape that the
 * tensor has in memory (its axes in the layout's order, absent ones left out or 1). */
enum pb_status pb_npy_read(const char *path, const struct pb_tensor *tensor, int rank);
/* Writes beside and renames. */
enum pb_status pb_npy_write(const char *path, const struct pb_tensor *tensor, int rank);

#endif
