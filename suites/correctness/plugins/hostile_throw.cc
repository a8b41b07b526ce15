/* An exception of C++, as a library throws it. */
#include "hostile.h"
#include <stdexcept>

void hostile_throw(void) {
    throw std::runtime_error("no such operator");
}
