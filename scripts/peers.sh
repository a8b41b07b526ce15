#!/usr/bin/env bash
# peers.sh [--quick] [--threads N] [--mb LIST] [--out DIR]
# Ours beside oneDNN, XNNPACK, libtorch and ONNX Runtime: installs them, builds the plug-ins, holds
# each to the contract, times the shrinking layers of well-known networks (suites/shapes/models.txt),
# and writes DIR (default results/local/peers): bench.json, table.txt, conformance.json, plots,
# report.html.
# It takes under 30 minutes with minibatches 1 and 16, more with --mb 1,16,128.
# --quick takes under 3: a short list, one minibatch, forward, fewer repetitions.
# Example: scripts/peers.sh --threads 1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=results/local/peers threads=1
list=suites/shapes/models.txt batches=1,16 dirs=fwd,bwd,bwd_w repetitions=9 min_time=0.005
while [[ $# -gt 0 ]]; do
  case $1 in
    --quick) list=suites/shapes/short.txt batches=1 dirs=fwd min_time=0.004 ;;
    --threads | --mb | --out)
      [[ $# -ge 2 ]] || { echo "peers.sh: $1 needs a value" >&2; exit 2; }
      case $1 in --threads) threads=$2 ;; --mb) batches=$2 ;; --out) out=$2 ;; esac
      shift ;;
    -h | --help) sed -n '2,/^# Example/s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "peers.sh: unknown option '$1'" >&2; exit 2 ;;
  esac
  shift
done
mkdir -p "$out"
step() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }

step "install and build"
scripts/install.sh core plots peers
scripts/build.sh build -DPOOLBENCH_TESTS=OFF

step "hold every implementation to the contract"
# status 1: not what reference/conformance/conformance.csv says, which the report shows; no end of the comparison
OMP_WAIT_POLICY=passive build/poolbench verify --matrix --peers --json >"$out/conformance.json" ||
  [[ $? == 1 ]]

# All but the naive kernels. Many short repetitions: what disturbs a
# shared machine lasts longer than one, and the least times of two runs agree where their medians
# do not. Two layers of U-Net are too large at minibatch 16, which is said.
step "time"
build/poolbench bench --peers --threads "$threads" --batch "$list" --mb "$batches" --dir "$dirs" \
  --layout nchw,nhwc --method '!naive' --memory 1600 --out "$out/bench.json" \
  "--benchmark_repetitions=$repetitions" "--benchmark_min_time=$min_time" | tee "$out/table.txt"

step "report"
build/poolbench report "$out"
step "done: $out/table.txt, $out/report.html"
