/* s8.h: the vocabulary of elem.h for signed bytes. */
#ifndef PB_ELEM_S8_H
#define PB_ELEM_S8_H

#include <stdint.h>

#define ELEM_DTYPE PB_S8
enum { ELEM_LEAST = INT8_MIN, ELEM_MOST = INT8_MAX };
typedef int8_t elem;

#include "elem/integer.h"

#endif
