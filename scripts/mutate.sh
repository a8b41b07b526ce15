#!/usr/bin/env bash
# mutate.sh [--sample N] [--seed S] [--files GLOB] [--jobs J] [--resume] [--only ID] [--again JSON]
# Puts small faults into copies of the kernels and the oracle, one at a time, and runs the tests:
# which faults survive? Status 1 where under 95 % of those that change behaviour are killed. All of
# them take hours; --resume goes on where a run was stopped. Example: scripts/mutate.sh --sample 300
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/install.sh core tests
exec python3 scripts/mutate/mutate.py "$@"
