/* relations.h: what the files of relations share; nobody else includes it. */
#ifndef PB_RELATIONS_H
#define PB_RELATIONS_H

#include "conformance/row_checks.h"

/* The tensors of one run in logical order, and how far each output may be off. The arrays are NULL
 * where the problem has no such tensor; a bias may be taken away. */
struct relation_tensors {
    struct pb_problem problem;
    struct pb_tensor shape[PB_ROLES];
    double *value[PB_ROLES], *bound[PB_ROLES];
    int64_t count[PB_ROLES];
};

void relation_forget(struct relation_tensors *t);
/* Zeroes. After a failure call relation_forget. */
enum pb_status relation_make(struct relation_tensors *t, const struct pb_problem *problem);
/* The same without a bias, so that a convolution is linear. */
enum pb_status relation_make_linear(struct relation_tensors *t, const struct pb_problem *problem);
bool relation_accepts(const struct pb_kernel *kernel, const struct pb_problem *problem);
const struct pb_kernel *relation_naive(const struct pb_problem *problem);
/* Runs the kernel on the inputs in `t` and keeps its outputs there. UNSUPPORTED where the kernel
 * does not accept the problem. */
enum pb_status relation_run(const struct pb_kernel *kernel, struct relation_tensors *t);
bool relation_is_adaptive(const struct pb_problem *p);
/* Whole numbers from -A to A: A at most 3 for weights, else so that sums stay far below 2^24. */
void relation_draw(struct relation_tensors *t, enum pb_role role, struct pb_rng *rng);
/* The indices that the naive kernel finds in whole numbers, few enough to tie where `ties`. */
enum pb_status relation_draw_indices(struct relation_tensors *t, bool ties, struct pb_rng *rng,
                                     struct relation_tensors *forward);
/* Draws everything that the problem reads. */
enum pb_status relation_draw_inputs(struct relation_tensors *t, struct pb_rng *rng);
/* 0 … count - 1 in random order (inside-out shuffle, Knuth, TAOCP 2, 3.4.2). */
void relation_draw_permutation(double *value, int64_t count, struct pb_rng *rng);
void relation_copy_input(struct relation_tensors *to, const struct relation_tensors *from,
                         enum pb_role role);
/* The tensor that the operation is linear in, and its first output. */
enum pb_role relation_variable(const struct pb_problem *p);
enum pb_role relation_result(const struct pb_problem *p);
/* OK where the two are as near as the bound; else says which element of what is not. */
enum pb_status relation_agree(const char *what, int64_t element, double a, double b, double bound);
/* Every output of two runs on problems of the same shapes. */
enum pb_status relation_agree_all(const struct relation_tensors *a,
                                  const struct relation_tensors *b);

/* ---- Maxima ---------------------------------------------------------------------------------- */

/* The least of each window, from each input to the windows that hold it. */
enum pb_status relation_check_minimum(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng);
/* K(x or y) = K(x) or K(y), where or takes the larger of each pair. */
enum pb_status relation_check_join(const struct pb_kernel *kernel, struct pb_problem p,
                                   struct pb_rng *rng);
/* Every value raised by 1000: every result too, at the same positions. */
enum pb_status relation_check_offset(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng);
/* Where values tie the first gives the index: as if each were raised by less than the distance
 * between two values, the more the earlier it stands. */
enum pb_status relation_check_first(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng);
/* The value at the index; -Inf where there is none. */
double relation_picked(const struct relation_tensors *t, const double *src, int64_t output,
                       double index);
enum pb_status relation_check_picked(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng);

/* ---- Linear operations and gradients --------------------------------------------------------- */

/* K(4 x) = 4 K(x), to the bit: scaling by a power of two commutes with every rounding (but not with
 * a power, of lp). */
enum pb_status relation_check_scale(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng);
/* K(2 x - y) = 2 K(x) - K(y). */
enum pb_status relation_check_linear(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng);
/* <fwd(x), y> = <x, bwd(y)>, and = <w, bwd_w(x, y)>, of the kernel and the naive one of the other
 * direction. */
enum pb_status relation_check_adjoint(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng);
enum pb_status relation_check_difference(const struct pb_kernel *kernel, struct pb_problem p,
                                         struct pb_rng *rng);

/* ---- Operations that are each other ---------------------------------------------------------- */

/* gap and gmp are avg and max with a window as large as the input, and adaptive with one output. */
enum pb_status relation_check_whole(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng);
/* avg_p with divisor 1 is a convolution of each channel with ones. */
enum pb_status relation_check_box(const struct pb_kernel *kernel, struct pb_problem p,
                                  struct pb_rng *rng);
/* A convolution with a window of 1 is a product of matrices. */
enum pb_status relation_check_product(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng);
/* Each group is a convolution of its own. */
enum pb_status relation_check_groups(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng);

/* ---- Symmetries ------------------------------------------------------------------------------ */

/* The naive kernel in the other layout, also where there are NaN and ties, and for lp values whose
 * powers overflow and windows of zeros. */
enum pb_status relation_check_layouts(const struct pb_kernel *kernel, struct pb_problem p,
                                      struct pb_rng *rng);
/* Channels, and those of weights, in the opposite order. */
enum pb_status relation_check_channels(const struct pb_kernel *kernel, struct pb_problem p,
                                       struct pb_rng *rng);
/* Images in the opposite order; the gradient of weights, a sum over them, stays. */
enum pb_status relation_check_batch(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng);
/* The mirror image, with leading and trailing padding swapped. Values differ, so that no tie has
 * another first. */
enum pb_status relation_check_mirror(const struct pb_kernel *kernel, struct pb_problem p,
                                     struct pb_rng *rng);
/* Input moved by the stride along one axis: windows that lie inside give what their neighbours
 * gave. */
enum pb_status relation_check_shift(const struct pb_kernel *kernel, struct pb_problem p,
                                    struct pb_rng *rng);

/* ---- What a relation covers ------------------------------------------------------------------ */

bool relation_forward(const struct pb_problem *p);
bool relation_max_forward(const struct pb_problem *p);
bool relation_max_indices(const struct pb_problem *p);

#endif
