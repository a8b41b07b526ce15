#!/usr/bin/env bash
# test.sh [OPTION…]
# Installs what is missing, builds, and runs every test. Options go to the tests' runner, Criterion,
# such as --filter 'SUITE/*' and --list. CC and CXX choose the compilers of a new build folder.
# Example: scripts/test.sh --filter 'kernels/*'
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,/^set/s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install.sh core tests plots
scripts/build.sh build -DPOOLBENCH_TESTS=ON
build/poolbench_tests "$@"
