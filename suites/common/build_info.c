/* What this program was built from and with. */
#include "common/suites.h"
#include "commit.h"

const char *const pb_build_version = POOLBENCH_VERSION " (" POOLBENCH_COMMIT ")";
const char *const pb_build_commit = POOLBENCH_COMMIT;
const char *const pb_build_compiler = POOLBENCH_COMPILER;
const char *const pb_build_flags = POOLBENCH_FLAGS;
const char *const pb_source_dir = POOLBENCH_SOURCE_DIR;
