/* The line of a network. */
#include "fuzz/fuzz.h"
#include "cifar10/network.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    struct net_spec spec;
    net_parse(text, (struct net_shape){3, 32, 32}, &spec);
    free(text);
    return 0;
}
