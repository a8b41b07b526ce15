/* check_row.h: what tests of rows share: kernels that are wrong on purpose, and one held
 * to a row. */
#ifndef CHECK_ROW_H
#define CHECK_ROW_H

#include "conformance/conformance.h"
#include "wrong/wrong_kernels.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* Holds a kernel to a row in every operation and layout, in a process of its own: one that crashes,
 * as those may that write where they must not, breaks the row. Call it before this process has run
 * a kernel. */
struct pb_finding check_row(size_t row, const struct pb_kernel *kernel);

/* Every wrong kernel, whatever its operation. */
size_t every_wrong_count(void);
const struct wrong_kernel *every_wrong_at(size_t position);

/* Parameters 0 … count - 1 of a parameterised test. */
struct criterion_test_params numbers(size_t count);

#endif
