/* u8.h: the vocabulary of elem.h for unsigned bytes. */
#ifndef PB_ELEM_U8_H
#define PB_ELEM_U8_H

#include <stdint.h>

#define ELEM_DTYPE PB_U8
enum { ELEM_LEAST = 0, ELEM_MOST = UINT8_MAX };
typedef uint8_t elem;

#include "elem/integer.h"

#endif
