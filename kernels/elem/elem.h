/* elem.h: the vocabulary that typed kernels are written in. The build compiles such a file once per
 * type of its row in CMakeLists.txt, with ELEM_TYPE the type's name and ELEM_HEADER naming the
 * header of that type, which defines:
 *
 *   ELEM_DTYPE                the type's enum pb_dtype
 *   elem                      an element in memory
 *   elem_acc                  what elements are compared in; holds each exactly
 *   elem_sum                  what many are summed in one after the other: so wide that their number
 *                             does not tell in the result
 *   elem_widen(x)             an element as elem_acc
 *   elem_narrow(a)            elem_acc as an element: to the nearest (ties to even), saturated
 *   elem_average(sum, n)      elem_sum over n as an element; n > 0
 *   elem_lowest()             what no element is below: the identity of a maximum
 *   elem_is_nan(a)            whether elem_acc a is NaN; false where the type has none
 *
 * There is no type by default: without its header a file does not compile. */
#ifndef PB_ELEM_H
#define PB_ELEM_H

#include "poolbench.h"
#include ELEM_HEADER

#define ELEM_PASTE_(a, b, c) a##_##b##_##c
#define ELEM_PASTE(a, b, c) ELEM_PASTE_(a, b, c)
#define ELEM_STRING_(a) #a
#define ELEM_STRING(a) ELEM_STRING_(a)
/* The symbol and the text of a kernel's name: ELEM_KERNEL(maxpool, naive) is maxpool_s8_naive in
 * the build for s8. */
#define ELEM_KERNEL(family, algorithm) ELEM_PASTE(family, ELEM_TYPE, algorithm)
#define ELEM_NAME(family, algorithm) ELEM_STRING(ELEM_KERNEL(family, algorithm))

#endif
