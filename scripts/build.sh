#!/usr/bin/env bash
# build.sh [DIR] [CMAKE-OPTION…]
# Configures and builds into DIR (default: build), with Ninja or what DIR was configured with before.
# Quiet where it works: only a compiler's warnings are shown.
# Example: CC=clang CXX=clang++ scripts/build.sh build-clang -DPOOLBENCH_WERROR=ON
set -euo pipefail
case ${1:-} in
  -h | --help) sed -n '2,/^set/s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
  -*) echo "build.sh: the folder comes first: build.sh DIR $*" >&2; exit 2 ;;
esac
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dir=${1:-build}
generator=(-G Ninja)
if [[ -f $dir/CMakeCache.txt ]]; then
  generator=() # CMake refuses another one than that of the folder
  has=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$dir/CMakeCache.txt")
  [[ -z ${CC:-} || ${CC##*/} == "${has##*/}" ]] || # and keeps its compiler, whatever CC says
    { echo "build.sh: $dir is built with $has; for CC=$CC remove $dir or name another folder" >&2; exit 2; }
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake -S . -B "$dir" "${generator[@]}" "${@:2}" && cmake --build "$dir" --parallel "$(nproc)"; } >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
grep -A 3 'warning:' "$log" >&2 || true
