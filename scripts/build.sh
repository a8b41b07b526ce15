#!/usr/bin/env bash
# build.sh [DIR] [CMAKE-OPTION…]: configures and builds into DIR (default: build).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dir=${1:-build}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake -S . -B "$dir" -G Ninja "${@:2}" && cmake --build "$dir"; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
