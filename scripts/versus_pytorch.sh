#!/usr/bin/env bash
# versus_pytorch.sh [--data DIR] [--nets LIST] [--rounds N] [--limit N] [--threads N] [--out FILE]
# Trains the named networks with poolbench and with PyTorch, one epoch each, in turns, so that a busy
# machine is busy for both; prints images per second (medians of the rounds) and their ratio, and
# writes every round to FILE (default results/local/versus_pytorch.csv). Default: gap-strided and
# gap-maxpool-early, 5 rounds of 6000 images, 2 threads, about 4 minutes.
# Example: scripts/versus_pytorch.sh --data ~/cifar-10 --rounds 3
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=data nets=gap-strided,gap-maxpool-early rounds=5 limit=6000 threads=2
out=results/local/versus_pytorch.csv
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help) sed -n '2,/^# Example/s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;;
    --data | --nets | --rounds | --limit | --threads | --out)
      [[ $# -ge 2 ]] || { echo "versus_pytorch.sh: $1 needs a value" >&2; exit 2; }
      declare "${1#--}=$2"; shift ;;
    *) echo "versus_pytorch.sh: unknown option '$1'" >&2; exit 2 ;;
  esac
  shift
done
[[ -f $data/data_batch_1.bin ]] || {
  echo "versus_pytorch.sh: $data has no data_batch_1.bin (scripts/fetch_cifar10.sh, or --data DIR)" >&2
  exit 2
}
scripts/install.sh core torch
scripts/build.sh build -DPOOLBENCH_TESTS=OFF
mkdir -p "$(dirname "$out")"
trained=$(mktemp -d)
trap 'rm -rf "$trained"' EXIT

# The columns train_images_per_second and infer_images_per_second of the last line.
rates() { tail -n 1 | cut -d, -f5,6; }
row() { echo "$1,$2,$net,$round,$3" | tee -a "$out.part"; }

options=(--limit "$limit" --epochs 1 --threads "$threads")
pytorch=$(python3 -c 'import torch; print(torch.__version__)')
{
  echo "# cpu: $(lscpu | sed -n 's/^Model name: *//p' | head -n 1)"
  echo "# threads: $threads"
  echo "# images: $limit"
  echo "# batch: 16"
  echo "# commit: $(git rev-parse --short=12 HEAD)"
  echo "who,version,network,round,train_images_per_second,infer_images_per_second"
} | tee "$out.part"
for ((round = 1; round <= rounds; round++)); do
  for net in ${nets//,/ }; do
    build/poolbench train --data "$data" --net "$net" "${options[@]}" --seed "$round" --overwrite \
      --out "$trained" >/dev/null
    row poolbench "$(build/poolbench --version | awk '{ print $2; exit }')" "$(rates <"$trained/$net.csv")"
    row pytorch "$pytorch" "$(python3 scripts/train_torch.py "$data" --net "$net" "${options[@]}" \
      --seed "$round" | rates)"
  done
done
mv "$out.part" "$out"
python3 - "$out" <<'PYTHON'
import collections, csv, statistics, sys

rates = collections.defaultdict(list)
for row in csv.DictReader(line for line in open(sys.argv[1]) if not line.startswith("#")):
    rates[row["network"], row["who"]].append(float(row["train_images_per_second"]))
for network in sorted({network for network, _ in rates}):
    ours, theirs = rates[network, "poolbench"], rates[network, "pytorch"]
    each = sorted(a / b for a, b in zip(ours, theirs))
    print(f"{network}: poolbench {statistics.median(ours):.0f}, PyTorch {statistics.median(theirs):.0f} images/s; "
          f"{statistics.median(each):.2f} times as fast ({each[0]:.2f} to {each[-1]:.2f})")
PYTHON
echo "$out"
