/* CIFAR-10 as an archive, and as a folder whose six files are the same. */
#include "cifar10/cifar10.h"
#include "fuzz/fuzz.h"
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cifar_data images = {0};
    cifar_load(fuzz_file(data, size), &images);
    cifar_free(&images);
    fuzz_write("test_batch.bin", data, size);
    for (int i = 1; i <= 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "data_batch_%d.bin", i);
        fuzz_write(name, data, size);
    }
    cifar_load(fuzz_folder(), &images);
    cifar_free(&images);
    return 0;
}
