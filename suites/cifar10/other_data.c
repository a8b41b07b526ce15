/* Names of the files of data sets that are often taken for CIFAR-10's binary version. */
#include "cifar10/other_data.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char python[] = "CIFAR-10's Python version", matlab[] = "CIFAR-10's MATLAB version",
                  hundred[] = "CIFAR-100's binary version",
                  hundred_python[] = "CIFAR-100's Python version",
                  hundred_matlab[] = "CIFAR-100's MATLAB version", mnist[] = "MNIST",
                  svhn[] = "SVHN", stl[] = "STL-10", tiny[] = "Tiny ImageNet";

static const struct {
    const char *name, *what;
} known[] = {
        {"cifar-10-python.tar.gz", python},
        {"cifar-10-batches-py", python},
        {"data_batch_1", python},
        {"batches.meta", python},
        {"cifar-10-matlab.tar.gz", matlab},
        {"cifar-10-batches-mat", matlab},
        {"data_batch_1.mat", matlab},
        {"cifar-100-binary.tar.gz", hundred},
        {"cifar-100-binary", hundred},
        {"train.bin", hundred},
        {"fine_label_names.txt", hundred},
        {"cifar-100-python.tar.gz", hundred_python},
        {"cifar-100-python", hundred_python},
        {"cifar-100-matlab.tar.gz", hundred_matlab},
        {"cifar-100-matlab", hundred_matlab},
        {"train-images-idx3-ubyte", mnist},
        {"train-images-idx3-ubyte.gz", mnist},
        {"train-images.idx3-ubyte", mnist},
        {"train_32x32.mat", svhn},
        {"stl10_binary.tar.gz", stl},
        {"stl10_binary", stl},
        {"train_X.bin", stl},
        {"tiny-imagenet-200.zip", tiny},
        {"tiny-imagenet-200", tiny},
};
enum { KNOWN = sizeof known / sizeof *known };

const char *other_data_of_name(const char *name) {
    while (*name) {
        const size_t length = strcspn(name, "/");
        for (int i = 0; i < KNOWN; i++)
            if (strlen(known[i].name) == length && !strncmp(known[i].name, name, length))
                return known[i].what;
        name += length + (name[length] == '/');
    }
    return NULL;
}

/* CIFAR-100's Python version has no name of its own in it: a pickle each called train, test and
 * meta. */
static int has(const char *folder, const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

const char *other_data_in_folder(const char *folder, const char **name) {
    for (int i = 0; i < KNOWN; i++) {
        *name = known[i].name;
        if (has(folder, *name)) return known[i].what;
    }
    *name = "meta";
    return has(folder, "meta") && has(folder, "train") && has(folder, "test") ? hundred_python
                                                                              : NULL;
}
