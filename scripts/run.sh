#!/usr/bin/env bash
# run.sh [--quick|--full] [--data DIR|FILE] [--data-name TEXT] [--out DIR]
# The whole pipeline: installs what is missing, builds, verifies every kernel, benchmarks, trains
# and compares the networks, draws the plots, and writes DIR (default results/local) with
# report.html. Defaults take under 10 minutes on two cores, --quick under 2, --full hours.
# Data: --data, else $POOLBENCH_DATA, else data/ (scripts/fetch_cifar10.sh), else a synthetic set.
# Example: scripts/run.sh --quick
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
shapes=short repetitions=5 min_time=0.05 epochs=2 limit=6000 suite=()
out=$root/results/local
data=${POOLBENCH_DATA:-}
train_options=(--overwrite)
usage() { sed -n '2,/^set/s/^# //p' "${BASH_SOURCE[0]}"; }
while [[ $# -gt 0 ]]; do
  case $1 in
    --quick) shapes=quick repetitions=5 min_time=0.01 epochs=2 limit=500 suite=(--quick) ;;
    --full) shapes=short repetitions=9 min_time=0.2 epochs=4 limit= ;;
    --data | --data-name | --out)
      [[ $# -ge 2 ]] || { echo "run.sh: $1 needs a value" >&2; exit 2; }
      case $1 in
        --data) data=$2 ;;
        --out) out=$(realpath -m -- "$2") ;;
        *) train_options+=("$1" "$2") ;;
      esac
      shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "run.sh: unknown option '$1'" >&2; usage >&2; exit 2 ;;
  esac
  shift
done
[[ -z $limit ]] || train_options+=(--limit "$limit")
if [[ -n $data ]]; then
  [[ $data == synthetic || -e $data ]] || { echo "run.sh: $data: no such file or folder" >&2; exit 2; }
  [[ $data == synthetic ]] || data=$(realpath -- "$data")
  train_options+=(--data "$data")
fi
mkdir -p "$out/train" || { echo "run.sh: $out cannot be made" >&2; exit 2; }

poolbench=$root/build/poolbench
step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }
cd "$root"

step "install and build"
scripts/install.sh core plots
scripts/build.sh build -DPOOLBENCH_TESTS=OFF

step "verify every kernel"
export OMP_WAIT_POLICY=passive # threads that wait must not hold a core
"$poolbench" verify "${suite[@]}"
"$poolbench" verify --matrix --json >"$out/conformance.json"
unset OMP_WAIT_POLICY

step "benchmark"
"$poolbench" bench --batch "suites/shapes/$shapes.txt" --out "$out/bench.json" \
  "--benchmark_repetitions=$repetitions" "--benchmark_min_time=$min_time"

step "train"
for net in gap-strided gap-maxpool-early gap-avgpool-early flatten-strided gap-maxpool gap-avgpool; do
  "$poolbench" train --net "$net" --epochs "$epochs" --out "$out/train" "${train_options[@]}"
done

step "report"
"$poolbench" report "$out"
step "done: open $out/report.html"
