/* How sanitizers treat the tests. LeakSanitizer looks at the processes that run tests, not at the
 * one that only starts them: it holds nothing of ours, and Criterion 2.4.1 itself loses some bytes
 * there now and then. */
#include <stdlib.h>

/* Asked by LeakSanitizer (sanitizer/lsan_interface.h) when a process ends; boxfort marks those that
 * run a test with this variable. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) {
    return getenv("BXFI_MAP") == NULL;
}

/* Asked by AddressSanitizer as it starts: more memory than there is is refused, as everywhere. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}
