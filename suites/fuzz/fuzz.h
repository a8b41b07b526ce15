/* fuzz.h: what the fuzz targets share. Each target is one reader fed with anything; libFuzzer calls
 * LLVMFuzzerTestOneInput, and a crash, a sanitizer's report or an endless loop is the failure. */
#ifndef PB_FUZZ_H
#define PB_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A path that holds these bytes, for a reader of files; valid until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);
/* An empty folder of this process, made by the first call and removed at exit. */
const char *fuzz_folder(void);
/* Writes the bytes to a file of that folder. */
void fuzz_write(const char *name, const uint8_t *data, size_t size);
/* A copy that ends in 0; the caller frees it. */
char *fuzz_text(const uint8_t *data, size_t size);

#endif
