#!/usr/bin/env bash
# test.sh: installs what is missing, builds, and runs every test. Example: scripts/test.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install.sh core tests plots
scripts/build.sh build -DPOOLBENCH_TESTS=ON
build/poolbench_tests
