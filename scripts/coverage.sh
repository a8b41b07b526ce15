#!/usr/bin/env bash
# coverage.sh [LEAST]: the lines of kernels/ and reference/ that the tests run, by file, with the
# numbers of those that they do not; fails below LEAST percent (default 98). Example:
# scripts/coverage.sh 99
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install.sh core tests plots coverage
# What checks in a process of its own ends with _exit, which writes no counters.
mkdir -p build-coverage
cat >build-coverage/counted_exit.h <<'END'
#include <unistd.h>
extern void __gcov_dump(void);
#define _exit(status) (__gcov_dump(), _exit(status))
END
scripts/build.sh build-coverage -DPOOLBENCH_TESTS=ON -DPOOLBENCH_WERROR=OFF -DCMAKE_BUILD_TYPE=Debug \
  -DCMAKE_C_FLAGS="-O1 --coverage -include '$PWD/build-coverage/counted_exit.h'" -DCMAKE_CXX_FLAGS="-O1 --coverage"
find build-coverage -name '*.gcda' -delete
export OMP_WAIT_POLICY=passive
build-coverage/poolbench_tests >build-coverage/tests.log 2>&1 || { tail -40 build-coverage/tests.log >&2; exit 1; }
gcovr --root . --filter kernels/ --filter reference/ --print-summary --fail-under-line "${1:-98}" build-coverage
