#!/usr/bin/env bash
# install.sh GROUP…
# Installs the Debian packages of each group that are missing, and says which. Debian 12, 13, testing.
#   core   building and running the program      tests  its tests
#   plots  drawing the report                    data   fetching CIFAR-10
#   clang  the other compiler, with its OpenMP and sanitizers
#   ci     what only a CI does: clang, NEON under qemu
#   lint   what reads the sources: format, shell, Python
#   rooms  what makes the bare Debians of clean_room.sh
#   peers  the libraries of the plug-ins (libtorch brings 300 packages)
#   coverage  counting the lines that the tests run
#   torch     golden tensors, and the check against PyTorch
# Example: scripts/install.sh core tests
set -euo pipefail

# One table for every release. "a|b": the first that the release has. "a?": only where it has it.
declare -A group=(
  [core]="gcc g++ cmake ninja-build pkg-config git libopenblas-openmp-dev libprotobuf-c-dev
          protobuf-c-compiler libonnx-dev libjansson-dev libbenchmark-dev libarchive-dev libgsl-dev"
  [tests]="libcriterion-dev libonnx-testdata"
  [plots]="gnuplot-nox python3-jinja2"
  [data]="curl ca-certificates"
  [coverage]="gcovr"
  [peers]="libdnnl-dev libxnnpack-dev libpthreadpool-dev libtorch-dev libonnxruntime-dev?"
  [torch]="python3-torch python3-onnx python3-numpy"
  [clang]="clang libomp-dev libclang-rt-dev"
  [lint]="clang-format clang-tidy shellcheck flake8"
  [rooms]="mmdebstrap|debootstrap"
  [ci]="xz-utils libjpeg62-turbo-dev|libjpeg-dev clang-format qemu-user gcc-aarch64-linux-gnu
        libc6-dev-arm64-cross libopenblas-openmp-dev:arm64 libprotobuf-c-dev:arm64 libjansson-dev:arm64"
)
group[ci]+=" ${group[clang]}"

usage() { sed -n '2,/^set/s/^# //p' "${BASH_SOURCE[0]}"; }
die() {
  echo "install.sh: $*" >&2
  exit 2
}
installed() { [[ $(dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null) == *'ok installed'* ]]; }
# What apt would install: nothing where it does not know the package.
known() { [[ $(apt-cache policy "$1" 2>/dev/null) =~ "Candidate: "[^\(] ]]; }

[[ $# -gt 0 ]] || { usage >&2; exit 2; }
wanted=()
for name in "$@"; do
  case $name in -h | --help) usage; exit 0 ;; esac
  [[ -n ${group[$name]:-} ]] ||
    die "no group '$name' (expected $(printf '%s\n' "${!group[@]}" | sort | paste -sd ' '))"
  wanted+=("$name")
done
command -v apt-get >/dev/null || die "no apt-get here; README.md says what the program needs"

# Each missing entry of the table with its group; `needed` where something not optional is.
missing=() needed=false
for name in "${wanted[@]}"; do
  for entry in ${group[$name]}; do
    for package in ${entry//[|?]/ }; do installed "$package" && continue 2; done
    [[ $entry != *\? ]] || known "${entry%\?}" || { missing+=("$name $entry"); continue; }
    missing+=("$name $entry")
    needed=true
  done
done
$needed || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || die "not root and no sudo; install: ${missing[*]#* }"
  as_root=(sudo)
fi
[[ " ${missing[*]} " != *:arm64* ]] || "${as_root[@]}" dpkg --add-architecture arm64
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=1)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${apt[@]}" -o APT::Update::Error-Mode=any update >"$log" 2>&1 && fresh=true || fresh=false
stale() { $fresh || { grep '^[EW]: ' "$log" | head -3; echo "apt's lists could not be brought up to date: is there a network?"; } >&2; }

packages=() unknown=()
for line in "${missing[@]}"; do
  entry=${line#* }
  for package in ${entry//[|?]/ }; do
    if known "$package"; then packages+=("$package"); continue 2; fi
  done
  [[ $entry == *\? ]] || unknown+=("${entry//|/ or } (group ${line%% *})")
done
if [[ ${#unknown[@]} -gt 0 ]]; then
  stale
  die "apt knows no package $(printf '%s, ' "${unknown[@]}" | sed 's/, $//')"
fi
echo "installing: ${packages[*]}" >&2
if ! "${apt[@]}" install --no-install-recommends "${packages[@]}" >"$log" 2>&1; then
  grep '^E: ' "$log" | head -5 >&2 || tail -n 5 "$log" >&2
  left=()
  for package in "${packages[@]}"; do installed "$package" || left+=("$package"); done
  die "could not install ${left[*]:-all}"
fi
