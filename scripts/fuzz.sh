#!/usr/bin/env bash
# fuzz.sh [SECONDS [READER…]]: feeds every reader (suites/fuzz) with libFuzzer for that long each
# (default 60). What a run finds stays in build-fuzz/found. Example: scripts/fuzz.sh 600 onnx npy
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
readers=("${@:2}")
if [[ ${#readers[@]} -eq 0 ]]; then
  for source in suites/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    [[ $name == fuzz_files ]] || readers+=("${name#fuzz_}")
  done
fi
CC=clang CXX=clang++ scripts/build.sh build-fuzz -DPOOLBENCH_FUZZ=ON -DPOOLBENCH_TESTS=OFF \
  -DPOOLBENCH_SANITIZE=address,undefined

fuzz() {
  local found=build-fuzz/found/$1 log=build-fuzz/$1.log
  mkdir -p "$found"
  if build-fuzz/fuzz_"$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=20000 \
    -artifact_prefix="$found/" "$found" suites/fuzz/corpus/"$1" >"$log" 2>&1; then
    echo "fuzz $1: $(grep -o 'Done.*' "$log")"
  else
    tail -40 "$log" >&2
    echo "fuzz $1: FAILED; repeat with build-fuzz/fuzz_$1 and the file it names" >&2
    return 1
  fi
}
export -f fuzz
export seconds
printf '%s\n' "${readers[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}'
